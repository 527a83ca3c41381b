"""How the street reaches the server: a proxy on this machine is believed, and TLS shows in headers and cookies."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.middleware.proxy_fix import ProxyFix

from hall.errors import HallError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NEAR = frozenset({"127.0.0.1", "::1"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
YEAR_SECONDS = 365 * 24 * 3600
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
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


def cookie_name(name: str) -> str:
    """Behind TLS a name that browsers take from this very host and by TLS alone: no neighbour plants one of ours."""
    return f"__Host-{name}" if request.is_secure else name


class Cookies(SecureCookieSessionInterface):
    """The session's cookie goes by TLS alone as soon as it was given by TLS."""

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(super().get_cookie_name(app))

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure or super().get_cookie_secure(app)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Not with what anyone in between may keep, who would give one person's session to whoever asks next."""
        if not response.cache_control.public:
            super().save_session(app, session, response)


def refuse_other_sites(public_url: str | None) -> None:
    """Another site's page writes nothing here in the name of whoever looks at it, signed in or not.

    Our own pages keep their address to themselves, so that browsers call the origin of their forms `null`; what site it
    is they tell apart, in Sec-Fetch-Site, except where there is no TLS.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is not None and (origin != "null" or request.mimetype not in FORMS):
        ours = {request.host, urlsplit(public_url or "").netloc} - {""}
        site = "same-origin" if urlsplit(origin).netloc in ours else "cross-site"
    if site in ("cross-site", "same-site"):
        raise HallError("csrf")


def harden(response: Response) -> Response:
    """The headers of HEADERS; behind TLS the browser is told never to come without; what the API says is not kept."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_SECONDS}")
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
