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

from hall.errors import SettingsError
from hall.settings import load_settings
from server.app import create_app
from server.doorway import HEADERS
from server.opening import migrate
from tests.parts import ROOT, ServerProcess
from tests.server.trial import SetClock, Trial, open_trial_store

PROXIED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAPI]:
    url = f"sqlite:///{tmp_path_factory.mktemp('doorway')}/hall.sqlite3"
    migrate(url)
    store = open_trial_store(url, SetClock())
    Trial.found(store, SetClock())
    yield create_app(store, secret_key="for tests", always_open=True, public_url=None)
    store.engine.dispose()


def open_paths(app: OpenAPI) -> list[str]:
    """Every address without anything to fill in that a browser may ask."""
    return [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]


def test_every_answer_bears_the_headers_and_no_page_runs_a_script_of_its_own(app: OpenAPI) -> None:
    client = app.test_client()
    for path in open_paths(app):
        if path.startswith("/socket.io"):
            continue
        answer = client.get(path)
        for name in HEADERS:
            assert name in answer.headers, (path, name)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy, (path, policy)
        if answer.mimetype == "text/html":
            inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.text)
            assert {kind.split('"')[1] for kind in inline} <= {"importmap", "application/json"}, path
            assert not re.search(r"<[^>]+ on[a-z]+=|javascript:", answer.text), path
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
    made = ServerProcess(tmp_path, config=with_tls(tmp_path, certificate, key))
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
