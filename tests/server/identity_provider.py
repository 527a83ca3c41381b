"""A small real identity provider on loopback: discovery, keys, code flow with PKCE, RS256; it can be told to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = dict[str, Any]


class IdentityProvider:
    """`person` is whoever sits at the browser; `lie` changes the claims before they are signed."""

    def __init__(self, client_id: str = "hallcall", secret: str = "shared between the two") -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.stranger = RSAKey.generate_key(2048, {"kid": "one"})
        self.client_id, self.secret = client_id, secret
        self.person: Claims = {"sub": "s-1", "preferred_username": "3021"}
        self.lie: Callable[[Claims], Claims] = dict
        self.signing: Any = self.key
        self.algorithm = "RS256"
        self._asked: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def honest(self) -> None:
        self.lie, self.signing, self.algorithm = dict, self.key, "RS256"
        self.person = {"sub": "s-1", "preferred_username": "3021"}

    def description(self) -> dict[str, Any]:
        parts = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in parts.items()}}

    def authorize(self, query: dict[str, str]) -> str:
        assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
        assert query["client_id"] == self.client_id and "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self._asked[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        asked = self._asked.pop(form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        assert challenge.decode() == asked["code_challenge"] and form["redirect_uri"] == asked["redirect_uri"]
        assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == f"{self.client_id}:{self.secret}"
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        word, how = self.lie({**claims, **self.person}), {"alg": self.algorithm, "kid": "one"}
        signed = jwt.encode(how, word, self.signing, algorithms=[self.algorithm])
        return {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "expires_in": 60, "id_token": signed}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(_first(parts.query)))
                    self.end_headers()
                elif parts.path == "/keys":
                    self._answer({"keys": [provider.key.as_dict(private=False)]})
                else:
                    self._answer(provider.description())

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                try:
                    self._answer(provider.token(_first(form), self.headers["Authorization"] or ""))
                except (KeyError, AssertionError):
                    self._answer({"error": "invalid_grant"}, 400)

            def _answer(self, body: Any, status: int = 200) -> None:
                sent = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def _first(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
