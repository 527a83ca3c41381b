"""What stands at the door: headers on every answer, cookies and HSTS behind TLS, and a proxy only from this machine."""

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask_openapi3 import OpenAPI
from sqlalchemy import select

from hall.errors import SettingsError
from hall.settings import load_settings
from hall.words import Role
from server.app import create_app
from server.auth import create_token
from server.doorway import HEADERS
from server.tables.queue import tickets
from tests.parts import ROOT, ServerProcess, new_database
from tests.server.trial import SetClock, Trial, open_trial_store

PROXIED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAPI]:
    store = open_trial_store(new_database(tmp_path_factory.mktemp("doorway") / "hall.sqlite3"), SetClock())
    Trial.found(store, SetClock()).issue()
    yield create_app(store, secret_key="for tests", always_open=True, public_url=None)
    store.engine.dispose()


def open_paths(app: OpenAPI) -> list[str]:
    """Every address that a browser may ask; what is to be filled in is there where it can be, and once is not."""
    store = app.extensions["hallcall"].store
    code = store.read(lambda connection: connection.scalars(select(tickets.c.track_code)).one())
    paths = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    there = [path.replace("<code>", code).replace("<window>", "w1").replace("<language>", "en") for path in paths]
    return [re.sub("<[^>]+>", "none", path) for path in (*there, *(path for path in paths if "<" in path), "/nowhere")]


def test_every_answer_bears_the_headers_and_no_page_runs_a_script_of_its_own(app: OpenAPI) -> None:
    client = app.test_client()
    for path in open_paths(app):
        if path.startswith("/socket.io"):
            continue
        answer = client.get(path)
        assert answer.status_code < 500, path
        for name in HEADERS:
            assert name in answer.headers, (path, name)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy, (path, policy)
        assert all(f"{name} '" in policy for name in ("base-uri", "form-action", "frame-ancestors")), (path, policy)
        if answer.mimetype == "text/html":
            inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.text)
            assert {kind.split('"')[1] for kind in inline} <= {"importmap", "application/json"}, path
            assert not re.search(r"<[^>]+ on[a-z]+=|<[^>]+ style=|<style|javascript:", answer.text), path
        if path.startswith("/api/") and path != "/api/v1/docs":
            assert answer.headers["Cache-Control"] == "no-store", path


def test_behind_tls_the_browser_is_told_to_stay_with_it(app: OpenAPI) -> None:
    plain, secured = app.test_client().get("/api/v1/halls"), app.test_client().get("/api/v1/halls", headers=PROXIED)
    assert "Strict-Transport-Security" not in plain.headers
    assert int(secured.headers["Strict-Transport-Security"].split("=")[1]) >= 31_536_000


def test_a_proxy_is_believed_from_this_machine_alone(app: OpenAPI) -> None:
    """A stranger cannot choose the address by which it is counted; visitors behind nginx each have their own."""
    codes = []
    for place in range(60):
        headers = {**PROXIED, "X-Forwarded-For": f"203.0.113.{place}"}
        near = app.test_client().get("/api/v1/track/no-such-code", headers=headers)
        away = app.test_client().get(
            "/api/v1/track/no-such-code", headers=headers, environ_overrides={"REMOTE_ADDR": "198.51.100.9"}
        )
        codes.append((near.status_code, away.status_code))
    assert {near for near, _ in codes} == {404}
    assert codes[0][1] == 404 and codes[-1][1] == 429


def test_another_site_is_allowed_nothing(app: OpenAPI) -> None:
    client = app.test_client()
    for path in ("/api/v1/halls", "/socket.io/?EIO=4&transport=polling"):
        answer = client.get(path, headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers, path
    assert (
        client.get("/socket.io/?EIO=4&transport=polling", headers={"Origin": "https://evil.example"}).status_code == 400
    )


def test_another_sites_page_writes_nothing_in_any_visitors_name(app: OpenAPI) -> None:
    """By our own page's form a browser calls the origin `null`, for the page keeps its address to itself."""
    forms = [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert {"/remote", "/t/<code>/<act>", "/t/<code>/rating", "/c/<code>/rating", "/api/v1/sign-in"} <= set(forms)
    away = (
        {"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:9", "Sec-Fetch-Site": "same-site"},
    )  # fmt: skip
    for path in (re.sub("<[^>]+>", "none", form) for form in forms):
        for headers in away:
            answer = app.test_client().post(path, data={"line": "tax"}, headers=headers)
            assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "csrf"), path
    ours: list[dict[str, str]] = [
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {"Origin": "null"}, {},
    ]  # fmt: skip
    assert app.test_client().post("/remote", data={"line": "\0", "request_id": "\0"}).status_code == 200
    for headers in ours:
        assert app.test_client().post("/c/none/rating", data={"level": "5"}, headers=headers).status_code == 404


def test_behind_tls_a_cookie_is_this_hosts_alone(app: OpenAPI) -> None:
    store = app.extensions["hallcall"].store
    hall = app.extensions["hallcall"].halls[0]
    token = store.write(lambda one: create_token(one, hall, Role.DESK, None, None, SetClock().now()))
    client = app.test_client()
    given = client.post("/api/v1/session", json={"token": token}, headers=PROXIED).headers["Set-Cookie"]
    assert given.startswith("__Host-hallcall=") and "; Secure" in given and "; Path=/" in given
    assert "Domain" not in given
    secret = given.split("=", 1)[1].split(";")[0]
    for name, status in (("__Host-hallcall", 200), ("hallcall", 401)):  # the latter anybody near could have planted
        stranger = app.test_client(use_cookies=False)
        answer = stranger.get("/api/v1/session", headers={**PROXIED, "Cookie": f"{name}={secret}"})
        assert answer.status_code == status


def test_what_anyone_in_between_may_keep_bears_nobodys_session(app: OpenAPI) -> None:
    store, hall = app.extensions["hallcall"].store, app.extensions["hallcall"].halls[0]
    token = store.write(lambda one: create_token(one, hall, Role.SUPERVISOR, None, None, SetClock().now()))
    person = app.test_client()
    assert "Set-Cookie" in person.post("/api/v1/session", json={"token": token}).headers
    kept = [answer for path in open_paths(app) if (answer := person.get(path)).cache_control.public]
    assert len(kept) >= 3, "the hall's own pages"
    for answer in kept:
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers["Vary"]


def test_nothing_leads_elsewhere_by_the_host_that_is_named_or_out_of_a_folder(app: OpenAPI) -> None:
    client = app.test_client()
    for path in ("/", "//hall", "/pages//caller/x", "/hall/", "//evil.example/..", "/sign-in"):
        asked = {"environ_overrides": {"PATH_INFO": path}, "query_string": {"to": "//evil.example/"}}
        answer = client.get("/", headers={"Host": "evil.example"}, **asked)
        assert "evil.example" not in answer.headers.get("Location", "") and "//evil" not in answer.text, path
    for room in ("/web/modules/", "/web/packages/", "/pages/caller/", "/pages/public/", "/texts/en/"):
        for name in (
            "%00",
            "a" * 3000,
            "../__init__.py",
            "%2e%2e%2f__init__.py",
            f"{'a' * 3000}.json",
            "unknown.json",
            "__init__.py",
            "/etc/passwd",
            "a%0d%0ab",
        ):
            assert client.get(room + name).status_code == 404, (room, name)


def own_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "hall.pem", folder / "hall.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(*kind))
    return certificate, secret


def with_tls(folder: Path, certificate: Path, key: Path) -> Path:
    written = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    written["server"]["tls"] = {"certificate": str(certificate), "key": str(key)}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    return path


def test_with_a_certificate_the_server_speaks_tls_itself(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path)
    made = ServerProcess(tmp_path, clock="real", config=with_tls(tmp_path, certificate, key))
    made.url = f"https://localhost:{made.port}"
    token = made.token("supervisor")

    def ask(method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, f"{made.url}{path}", verify=str(certificate), timeout=10, **more)

    def answers() -> bool:
        with contextlib.suppress(requests.RequestException):
            return ask("GET", "/readyz").status_code == 200
        return False

    try:
        made.start(answers)
        assert ask("GET", "/board").headers["Strict-Transport-Security"]
        cookie = ask("POST", "/api/v1/session", json={"token": token}).headers["Set-Cookie"]
        assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
        with pytest.raises(requests.RequestException):
            requests.get(made.url.replace("https", "http"), timeout=10)
        assert token not in made.said()
    finally:
        made.stop()


def test_a_certificate_that_is_not_there_is_named_by_its_place(tmp_path: Path) -> None:
    config = with_tls(tmp_path, tmp_path / "none.pem", tmp_path / "none.key")
    with pytest.raises(SettingsError, match=r"server\.tls\.certificate"):
        load_settings(config, {})
