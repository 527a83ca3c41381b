"""The ways a notice leaves the house, each by HTTP: a gateway of the hall's (webhook, SMS), WeChat, Web Push."""

import base64
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from urllib3.util import parse_url

from hall.settings import Gateway, Notices, WebPush, WeChat

SECONDS = 5
TTL_SECONDS = 300


@dataclass(frozen=True)
class Notice:
    """What one visitor is told, in the ticket's language."""

    kind: str  # soon or called
    hall: str
    number: str
    window: str
    zone: str
    ahead: int
    text: str
    url: str


class NotSent(Exception):
    """`again`: trying once more may help. `gone`: nobody is at that address any more."""

    def __init__(self, words: str, again: bool = False, gone: bool = False) -> None:
        super().__init__(words)
        self.again = again
        self.gone = gone


class Channel(Protocol):
    def takes(self, address: str) -> bool:
        """Whether an address could be one of this channel's."""

    def send(self, address: str, notice: Notice) -> None:
        """Raises NotSent."""


def open_channels(settings: Notices, data_dir: Path, environment: Mapping[str, str] = os.environ) -> dict[str, Channel]:
    """The channels that are switched on; their secrets come from the environment."""
    channels: dict[str, Channel] = {}
    if settings.webhook:
        channels["webhook"] = HttpGateway(
            settings.webhook, environment.get("HALLCALL_WEBHOOK_SECRET", ""), r"\S{1,200}"
        )
    if settings.sms:
        channels["sms"] = HttpGateway(settings.sms, environment.get("HALLCALL_SMS_SECRET", ""), r"\+?\d{5,15}")
    if settings.wechat:
        channels["wechat"] = WeChatAccount(settings.wechat, environment.get("HALLCALL_WECHAT_SECRET", ""))
    if settings.web_push:
        channels["webpush"] = PushService(settings.web_push, data_dir / "web-push-key.pem")
    return channels


def _ask(method: str, url: str, **more: Any) -> requests.Response:
    """Never follows a redirect: an address must not lead the server elsewhere."""
    try:
        answer = requests.request(method, url, timeout=SECONDS, allow_redirects=False, **more)
    except requests.RequestException as error:
        raise NotSent(type(error).__name__, again=True) from None
    if answer.status_code >= 300:
        raise NotSent(
            f"HTTP {answer.status_code}",
            again=answer.status_code >= 500 or answer.status_code == 429,
            gone=answer.status_code in (404, 410),
        )
    return answer


class HttpGateway:
    """A gateway that takes one request a notice, as its settings say."""

    def __init__(self, settings: Gateway, secret: str, form: str) -> None:
        self.settings = settings
        self.secret = secret
        self.form = re.compile(form)

    def takes(self, address: str) -> bool:
        return self.form.fullmatch(address) is not None

    def send(self, address: str, notice: Notice) -> None:
        values = {**asdict(notice), "address": address, "secret": self.secret}
        headers = {name: text.format(**values) for name, text in self.settings.headers.items()}
        body = {name: text.format(**values) for name, text in self.settings.body.items()}
        way = {"json": "json", "form": "data", "query": "params"}[self.settings.send]
        try:
            _ask("GET" if way == "params" else "POST", self.settings.url, headers=headers, **{way: body})
        except NotSent as error:
            raise NotSent(str(error), error.again) from None  # a gateway's 404 says nothing of the address


class WeChatAccount:
    """Template messages of an official account to a follower's openid."""

    EXPIRED = (40001, 40014, 42001)
    GONE = (40003, 43004)  # no such openid; does not follow the account

    def __init__(self, settings: WeChat, secret: str) -> None:
        self.settings = settings
        self.secret = secret
        self._token, self._until = "", 0.0

    def takes(self, address: str) -> bool:
        return re.fullmatch(r"[A-Za-z0-9_-]{10,64}", address) is not None

    def send(self, address: str, notice: Notice) -> None:
        data = {name: {"value": text.format(**asdict(notice))} for name, text in self.settings.data.items()}
        message = {"touser": address, "template_id": self.settings.template_id, "url": notice.url, "data": data}
        code = self._post("/cgi-bin/message/template/send", {"access_token": self._access()}, message)["errcode"]
        if code in self.EXPIRED:
            self._until = 0.0
        if code:
            raise NotSent(f"WeChat errcode {code}", again=code in self.EXPIRED or code == -1, gone=code in self.GONE)

    def _access(self) -> str:
        if time.monotonic() >= self._until:
            asked = {"grant_type": "client_credential", "appid": self.settings.app_id, "secret": self.secret}
            said = self._post("/cgi-bin/stable_token", {}, asked)
            if "access_token" not in said:
                raise NotSent(f"WeChat errcode {said.get('errcode')}", again=said.get("errcode") == -1)
            self._token, self._until = said["access_token"], time.monotonic() + said.get("expires_in", 7200) - 300
        return self._token

    def _post(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        # As UTF-8, not \u escapes: WeChat shows those as they stand.
        sent = json.dumps(body, ensure_ascii=False).encode()
        answer = _ask("POST", self.settings.api + path, params=query, data=sent)
        try:
            return {"errcode": 0, **answer.json()}
        except ValueError:
            raise NotSent("WeChat answered no JSON", again=True) from None


class PushService:
    """Web Push: RFC 8030, sealed for the browser alone (RFC 8291), signed with the hall's own key (RFC 8292)."""

    def __init__(self, settings: WebPush, key_file: Path) -> None:
        self.settings = settings
        self._key = _own_key(key_file)

    @property
    def public_key(self) -> str:
        """What browsers subscribe with."""
        return _text(_point(self._key.public_key()))

    def takes(self, address: str) -> bool:
        """A whole subscription of a browser, at a push service that is allowed: nobody leads the server elsewhere."""
        try:
            endpoint, browser, auth = _subscription(address)
            origin = _origin(endpoint)
        except (ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm):
            return False
        allowed = any(fnmatchcase(origin, service) for service in self.settings.services)
        return allowed and len(auth) == 16 and browser.curve.name == "secp256r1"

    def send(self, address: str, notice: Notice) -> None:
        endpoint, browser, auth = _subscription(address)
        told = json.dumps({"title": notice.number, "text": notice.text, "url": notice.url}, ensure_ascii=False)
        headers = {
            "Authorization": f"vapid t={self._signed(_origin(endpoint))}, k={self.public_key}",
            "Content-Encoding": "aes128gcm",
            "TTL": str(TTL_SECONDS),
            "Urgency": "high",
        }
        _ask("POST", endpoint, headers=headers, data=sealed(told.encode(), browser, auth))

    def _signed(self, audience: str) -> str:
        claims = {"aud": audience, "exp": int(time.time()) + 12 * 3600, "sub": self.settings.contact}
        parts = [_text(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims)]
        signature = self._key.sign(".".join(parts).encode(), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(signature)
        return ".".join([*parts, _text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))])


def sealed(message: bytes, browser: ec.EllipticCurvePublicKey, auth: bytes) -> bytes:
    """The message as RFC 8291 encrypts it: one record of aes128gcm under a key of its own."""
    own, salt = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    shared = own.exchange(ec.ECDH(), browser)
    point = _point(own.public_key())
    secret = _derived(shared, auth, b"WebPush: info\0" + _point(browser) + point, 32)
    key, nonce = (
        _derived(secret, salt, b"Content-Encoding: " + name + b"\0", size)
        for name, size in ((b"aes128gcm", 16), (b"nonce", 12))
    )
    header = salt + (4096).to_bytes(4, "big") + bytes([len(point)]) + point
    return header + AESGCM(key).encrypt(nonce, message + b"\x02", None)


def _derived(secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=size, salt=salt, info=info).derive(secret)


def _subscription(address: str) -> tuple[str, ec.EllipticCurvePublicKey, bytes]:
    given = json.loads(address)
    keys = given["keys"]
    browser = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(keys["p256dh"]))
    return given["endpoint"], browser, _bytes(keys["auth"])


def _origin(endpoint: str) -> str:
    """Scheme, host and port as whoever sends there reads them: others take `https://a\\@b` for one of b's."""
    parts = parse_url(endpoint)
    return f"{parts.scheme}://{parts.host}{f':{parts.port}' if parts.port else ''}"


def _own_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """Made once, kept in the data folder for its owner alone: with another key no subscription is good."""
    if not file.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(
            made.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
