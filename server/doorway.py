"""How the street reaches the server: a proxy on this machine is believed, and TLS shows in headers and cookies."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NEAR = frozenset({"127.0.0.1", "::1"})
YEAR_SECONDS = 365 * 24 * 3600
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
"""What every answer bears unless it says otherwise itself."""


class BehindProxy:
    """Takes who asks, and whether by TLS, from nginx on the same machine; from anybody else these headers say nothing.

    Without it all visitors behind nginx would share one address, and its few wrong codes a minute.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app
        self.forwarded = ProxyFix(app, x_for=1, x_proto=1)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if "HTTP_X_FORWARDED_FOR" in environ and environ.get("REMOTE_ADDR") in NEAR:
            return self.forwarded(environ, start_response)
        return self.app(environ, start_response)


class Cookies(SecureCookieSessionInterface):
    """The session's cookie goes by TLS alone as soon as it was given by TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure or super().get_cookie_secure(app)


def harden(response: Response) -> Response:
    """The headers of HEADERS; behind TLS the browser is told never to come without; what the API says is not kept."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_SECONDS}")
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
