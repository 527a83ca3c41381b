"""Browsers in which somebody has signed in before: failures elsewhere are not counted against them there."""

import hashlib
import secrets
from typing import Any

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeSerializer

from server.doorway import cookie_name

COOKIE = "hallcall_known"
YEAR_SECONDS = 365 * 24 * 3600
MOST = 30
"""People who share a browser, as at a window; of more the longest unseen is forgotten."""


def browser_of(hall: str, login: str) -> str:
    """By what this browser is counted for a login; empty where nobody has signed in as them here."""
    kept = _kept()
    return str(kept["id"]) if _mark(hall, login) in kept["who"] else ""


def know(hall: str, login: str) -> None:
    """Somebody has signed in here: the answer to this request makes the browser known for them."""
    kept, mark = _kept(), _mark(hall, login)
    told = {"id": kept["id"], "who": [mark, *(one for one in kept["who"] if one != mark)][:MOST]}

    @after_this_request
    def keep(response: Response) -> Response:
        options: dict[str, Any] = {"httponly": True, "samesite": "Strict", "secure": request.is_secure}
        response.set_cookie(cookie_name(COOKIE), _signer().dumps(told), max_age=YEAR_SECONDS, **options)
        return response


def _kept() -> dict[str, Any]:
    try:
        return dict(_signer().loads(request.cookies.get(cookie_name(COOKIE), "")))
    except BadData:
        return {"id": secrets.token_hex(12), "who": []}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="known browser")


def _mark(hall: str, login: str) -> str:
    """Who reads the cookie reads no login in it."""
    return hashlib.sha256(f"{hall} {login}".encode()).hexdigest()[:16]
