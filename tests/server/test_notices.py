"""Notices to visitors, sent by a real server to real HTTP gateways, a WeChat account and a push service of our own."""

import base64
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from hall.settings import WebPush
from server.channels import PushService
from server.notices import Notices
from server.tables.journal import access_log
from server.tables.visitors import subscriptions
from tests.server.served import Home, Served
from tests.server.test_http import is_refused
from tests.server.test_sockets import wait_for
from tests.server.test_track import code_of
from tests.server.trial import Trial

SECRETS = {"HALLCALL_SMS_SECRET": "sms-secret", "HALLCALL_WECHAT_SECRET": "wechat-secret"}


class Gateway(ThreadingHTTPServer):
    """Everything that is asked of it, and what it is told to answer: {path: [(status, JSON), the last for good]}."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[dict[str, Any]] = []
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.open = threading.Event()
        self.open.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def at(self, path: str) -> list[dict[str, Any]]:
        return [one for one in self.asked if one["path"] == path]

    def texts(self, address: str) -> list[str]:
        return [one["json"]["text"] for one in self.at("/sms") if one["json"]["to"] == address]


class Answering(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body, parts = self.rfile.read(int(self.headers.get("Content-Length", 0))), urlsplit(self.path)
        kept = {"path": parts.path, "query": parse_qs(parts.query), "headers": dict(self.headers), "body": body}
        kept["json"] = json.loads(body) if body[:1] == b"{" else None
        self.server.asked.append(kept)
        self.server.open.wait(30)
        answers = self.server.answers.get(parts.path, [(200, {})])
        status, said = answers.pop(0) if len(answers) > 1 else answers[0]
        sent = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    running = Gateway()
    yield running
    running.open.set()
    running.shutdown()
    running.server_close()


@pytest.fixture(scope="module")
def noticing(tmp_path_factory: pytest.TempPathFactory, gateway: Gateway) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, secret in SECRETS.items():
            monkeypatch.setenv(name, secret)
        served = Served(tmp_path_factory.mktemp("notices"), halls=40)
    config = served.process.config
    written = yaml.safe_load(config.read_text(encoding="utf-8"))
    written["server"] = {"public_url": "https://hall.example"}
    written["notices"] = {
        "sms": {"url": f"{gateway.url}/sms", "headers": {"Authorization": "Bearer {secret}"}},
        "webhook": {
            "url": f"{gateway.url}/hook",
            "send": "form",
            "body": {"who": "{address}", "what": "{kind} {number}"},
        },
        "wechat": {"app_id": "wx1", "template_id": "t1", "api": gateway.url},
        "web_push": {"contact": "mailto:hall@example.org", "services": [gateway.url]},
    }
    config.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    with served:
        yield served


@pytest.fixture
def hall(noticing: Served, gateway: Gateway) -> Home:
    gateway.asked.clear()
    gateway.answers.clear()
    gateway.answers["/cgi-bin/stable_token"] = [(200, {"access_token": "token-1", "expires_in": 7200})]
    gateway.answers["/cgi-bin/message/template/send"] = [(200, {"errcode": 0})]
    return noticing.home()


def subscribe(home: Home, ticket: dict[str, Any], channel: str, address: Any) -> Any:
    body = {"channel": channel, "address": address}
    return home.ask("POST", f"/api/v1/track/{code_of(home, ticket)}/subscribe", body=body)


def with_sms(home: Home, count: int, **more: Any) -> list[dict[str, Any]]:
    tickets = [home.issue(**more) for _ in range(count)]
    for place, ticket in enumerate(tickets):
        said = subscribe(home, ticket, "sms", f"1380000000{place}")
        assert said.json() == {"subscription": {"channel": "sms", "on": True}}, said.text
    return tickets


def failures(home: Home) -> list[str]:
    wanted = select(access_log.c.detail).where(access_log.c.hall_id == home.hall, access_log.c.what == "notice_failed")
    return home.served.store.read(lambda connection: list(connection.execute(wanted).scalars()))


def test_the_called_and_the_next_three_are_told_and_nobody_else(hall: Home, gateway: Gateway) -> None:
    with_sms(hall, 5)
    wait_for(lambda: len(gateway.at("/sms")) >= 3)
    hall.act("w1", "open")
    hall.act("w1", "call-next")
    wait_for(lambda: len(gateway.at("/sms")) >= 5)
    assert gateway.texts("13800000000")[-1] == "试验大厅：A001已叫号，请到1号窗口办理。"
    assert sorted(gateway.texts("13800000003")) == ["试验大厅：A004前面还有2人，请回到一楼等候。"]
    assert gateway.texts("13800000004") == [] and len(gateway.texts("13800000000")) == 2
    assert gateway.asked[0]["headers"]["Authorization"] == "Bearer sms-secret"


def test_a_notice_speaks_the_language_of_its_ticket(hall: Home, gateway: Gateway) -> None:
    with_sms(hall, 1, language="en")
    hall.act("w1", "open")
    hall.act("w1", "call-next")
    wait_for(lambda: any("is called" in text for text in gateway.texts("13800000000")))
    assert gateway.texts("13800000000")[-1] == "Trial hall: A001 is called. Please go to Window 1."


def test_a_recall_tells_nobody_twice(hall: Home, gateway: Gateway) -> None:
    with_sms(hall, 1)
    hall.act("w1", "open")
    hall.act("w1", "call-next")
    called = "试验大厅：A001已叫号，请到1号窗口办理。"
    wait_for(lambda: called in gateway.texts("13800000000"))
    hall.act("w1", "recall")
    other = hall.issue()
    subscribe(hall, other, "webhook", "user-7")
    hall.act("w1", "call-next", finish="completed")
    wait_for(lambda: any(b"called" in one["body"] for one in gateway.at("/hook")))
    assert [text for text in gateway.texts("13800000000") if "已叫号" in text] == [
        "试验大厅：A001已叫号，请到1号窗口办理。"
    ]


def test_a_webhook_gets_what_its_settings_say(hall: Home, gateway: Gateway) -> None:
    subscribe(hall, hall.issue(), "webhook", "user&7")
    wait_for(lambda: gateway.at("/hook"))
    assert parse_qs(gateway.at("/hook")[0]["body"].decode()) == {"who": ["user&7"], "what": ["soon A001"]}


def test_a_follower_of_the_wechat_account_gets_its_template(hall: Home, gateway: Gateway) -> None:
    expired = [(200, {"errcode": 40001, "errmsg": "expired"}), (200, {"errcode": 0})]
    gateway.answers["/cgi-bin/message/template/send"] = expired
    ticket = hall.issue()
    subscribe(hall, ticket, "wechat", "openid_0123456789")
    wait_for(lambda: len(gateway.at("/cgi-bin/message/template/send")) == 2, 20)
    token, message = gateway.at("/cgi-bin/stable_token")[-1]["json"], gateway.at("/cgi-bin/message/template/send")[-1]
    assert token == {"grant_type": "client_credential", "appid": "wx1", "secret": "wechat-secret"}
    assert message["query"] == {"access_token": ["token-1"]} and message["json"]["touser"] == "openid_0123456789"
    assert message["json"]["data"]["character_string2"] == {"value": "A001"}
    assert message["json"]["url"] == f"https://hall.example/t/{code_of(hall, ticket)}"
    assert "试验大厅".encode() in message["body"]


class Browser:
    """The keys of a browser that subscribed, and how it opens what comes (RFC 8291)."""

    def __init__(self, endpoint: str) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
        self.endpoint = endpoint

    @property
    def point(self) -> bytes:
        return point_of(self.key.public_key())

    @property
    def address(self) -> str:
        return json.dumps({"endpoint": self.endpoint, "keys": {"p256dh": text(self.point), "auth": text(self.auth)}})

    def opened(self, body: bytes) -> dict[str, Any]:
        salt, size, sender = body[:16], body[20], body[21 : 21 + body[20]]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = derived(shared, self.auth, b"WebPush: info\0" + self.point + sender, 32)
        key = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, body[21 + size :], None)
        assert plain[-1:] == b"\x02"  # the last record
        return dict(json.loads(plain[:-1]))


def derived(secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=size, salt=salt, info=info).derive(secret)


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def raw(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def test_a_browser_can_open_what_is_pushed_and_its_service_knows_who_pushed(hall: Home, gateway: Gateway) -> None:
    browser = Browser(f"{gateway.url}/push/abc")
    gateway.answers["/push/abc"] = [(201, {})]
    ticket = hall.issue(language="en")
    assert subscribe(hall, ticket, "webpush", browser.address).status_code == 200
    wait_for(lambda: gateway.at("/push/abc"))
    pushed = gateway.at("/push/abc")[0]
    told = browser.opened(pushed["body"])
    assert told["title"] == "A001" and told["text"].startswith("Trial hall: 0 people ahead of A001")
    assert told["url"].endswith(code_of(hall, ticket))
    assert (pushed["headers"]["Content-Encoding"], pushed["headers"]["Urgency"]) == ("aes128gcm", "high")
    signed_by, claims = verified(pushed["headers"]["Authorization"])
    assert claims["aud"] == gateway.url and claims["sub"] == "mailto:hall@example.org"
    assert f'"{signed_by}"' in hall.ask("GET", f"/t/{code_of(hall, ticket)}").text


def test_nobody_leads_the_server_anywhere_but_to_a_push_service(tmp_path: Path) -> None:
    push = PushService(WebPush(contact="mailto:hall@example.org"), tmp_path / "key.pem")
    assert push.takes(Browser("https://fcm.googleapis.com/fcm/send/abc").address)
    elsewhere = (
        "https://evil.example/", "http://fcm.googleapis.com/", "https://fcm.googleapis.com:8443/",
        "https://evil.example\\@fcm.googleapis.com/", "https://fcm.googleapis.com@evil.example/",
        "https://evil.example#@fcm.googleapis.com", "https://evil.example/.push.services.mozilla.com",
        "https://fcm.googleapis.com.evil.example/", "https://[", "https://x:99999/", "file:///etc/passwd", "",
    )  # fmt: skip
    for endpoint in elsewhere:
        assert not push.takes(Browser(endpoint).address), endpoint
    whole = json.loads(Browser("").address)
    for address in ("null", "[]", '{"keys": {}}', json.dumps({**whole, "endpoint": 1})):
        assert not push.takes(address), address


def verified(authorization: str) -> tuple[str, dict[str, Any]]:
    """The key and the claims of a VAPID header whose signature holds (RFC 8292)."""
    kind, _, rest = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    header, claims, signature = parts["t"].split(".")
    r, s = (int.from_bytes(half, "big") for half in (raw(signature)[:32], raw(signature)[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
    key.verify(encode_dss_signature(r, s), f"{header}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert kind == "vapid" and json.loads(raw(header)) == {"typ": "JWT", "alg": "ES256"}
    return parts["k"], dict(json.loads(raw(claims)))


def test_a_browser_that_is_gone_is_forgotten(hall: Home, gateway: Gateway) -> None:
    gateway.answers["/push/gone"] = [(410, {})]
    subscribe(hall, hall.issue(), "webpush", Browser(f"{gateway.url}/push/gone").address)
    kept = select(subscriptions).where(subscriptions.c.hall_id == hall.hall)
    wait_for(lambda: failures(hall))
    assert hall.served.store.read(lambda connection: connection.execute(kept).all()) == []


def test_what_fails_for_a_moment_is_tried_again(hall: Home, gateway: Gateway) -> None:
    gateway.answers["/sms"] = [(503, {}), (200, {})]
    with_sms(hall, 1)
    wait_for(lambda: len(gateway.at("/sms")) == 2, 20)
    assert failures(hall) == []


def test_what_fails_for_good_is_in_the_access_log_without_the_address(hall: Home, gateway: Gateway) -> None:
    gateway.answers["/sms"] = [(400, {})]
    with_sms(hall, 1)
    wait_for(lambda: failures(hall))
    assert failures(hall) == ["sms soon A001: HTTP 400"] and len(gateway.at("/sms")) == 1


def test_a_gateway_that_hangs_holds_up_no_call(hall: Home, gateway: Gateway) -> None:
    gateway.open.clear()
    try:
        with_sms(hall, 3)
        wait_for(lambda: gateway.at("/sms"))
        hall.act("w1", "open")
        for _ in range(3):
            assert hall.act("w1", "call-next", finish="completed").status_code == 200
    finally:
        gateway.open.set()


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("sms", "mother"),
        ("sms", "138' OR 1=1"),
        ("wechat", "a b"),
        ("webpush", "https://fcm.googleapis.com/x"),
        ("webpush", "{}"),
        ("webpush", "[1]"),
        ("webpush", Browser("http://127.0.0.1:1/inside").address),
        ("webpush", Browser("https://fcm.googleapis.com@127.0.0.1/x").address),
        ("webpush", '{"endpoint": 5, "keys": {"p256dh": "AAAA", "auth": "AAAA"}}'),
    ],
)
def test_an_address_that_is_none_of_the_channels_is_refused(hall: Home, channel: str, address: str) -> None:
    is_refused(subscribe(hall, hall.issue(), channel, address), 422, "bad_body")


def test_a_subscription_can_be_taken_back(hall: Home, gateway: Gateway) -> None:
    first, second = hall.issue(), hall.issue()
    gateway.open.clear()
    subscribe(hall, first, "sms", "13800000000")
    assert subscribe(hall, first, "sms", None).json() == {"subscription": {"channel": "sms", "on": False}}
    gateway.open.set()
    subscribe(hall, second, "sms", "13800000001")
    hall.act("w1", "open")
    hall.act("w1", "call-next")
    hall.act("w1", "call-next", finish="completed")
    wait_for(lambda: any("已叫号" in one for one in gateway.texts("13800000001")))
    assert not [one for one in gateway.texts("13800000000") if "已叫号" in one]


def test_where_no_channel_is_switched_on_there_is_none(home: Home) -> None:
    is_refused(subscribe(home, home.issue(), "sms", "13800000000"), 404, "not_found")
    assert "快到时通知我" not in home.ask("GET", f"/t/{code_of(home, home.issue())}").text


def test_addresses_are_erased_when_the_day_ends(trial: Trial, tmp_path: Path) -> None:
    push = PushService(WebPush(contact="mailto:a@b.cn"), tmp_path / "key.pem")
    notices = Notices(trial.store, {"webpush": push})
    row = trial.ticket(trial.issue()["id"])
    browser = Browser("https://fcm.googleapis.com/x")
    notices.subscribe(row, "webpush", browser.address)
    kept = partial(_kept, trial)
    assert len(kept()) == 1
    trial.clock.set("2026-11-24T09:00:00+08:00")
    trial.issue()
    assert kept() == []


def _kept(trial: Trial) -> list[Any]:
    wanted = select(subscriptions).where(subscriptions.c.hall_id == trial.hall)
    return trial.store.read(lambda connection: list(connection.execute(wanted)))


def test_the_halls_push_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    first = PushService(WebPush(contact="mailto:a@b.cn"), file).public_key
    assert PushService(WebPush(contact="mailto:a@b.cn"), file).public_key == first
    assert file.stat().st_mode & 0o077 == 0
