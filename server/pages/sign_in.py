"""The page at which people sign in, and the way to the house's identity provider and back."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug import Response as AnyResponse

from hall.errors import HallError
from hall.texts import languages
from server import office
from server.access import write_line
from server.api.context import house
from server.api.sign_in_routes import begin, known_hall, secret_key
from server.doorway import cookie_name
from server.pages.browsing import staff_page
from server.sign_in import signing_in

pages = Blueprint("sign_in_pages", __name__)
COOKIE = "hallcall_way"
AWAY_SECONDS = 600


@pages.get("/sign-in")
def sign_in() -> Response:
    """Login, password, and what else has to be done before one's own page."""
    data = {"openid": current_app.extensions["provider"] is not None, "to": inside(request.args.get("to", ""))}
    return staff_page(
        "sign_in.title", "sign_in.js", "office.css", "password.css", "sign_in.css", room="office", data=data
    )


def inside(path: str) -> str:
    """A page of ours to go to afterwards; anything else is none."""
    name = path.partition("?")[0].removeprefix("/")
    return path if path.startswith("/") and name in {"clerk", "desk", *office.OFFICE} else ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key(), salt="openid")


@pages.get("/sign-in/openid")
def leave() -> AnyResponse:
    """Off to the identity provider."""
    from server.sign_in.openid import NotVouched

    provider = _provider()
    if not house().sign_ins.left(request.remote_addr):
        return _not_in("too_many")
    hall, to = known_hall(request.args.get("hall")), inside(request.args.get("to", ""))
    try:
        url, kept = provider.leave(_back(), hall, to)
    except NotVouched:
        house().sign_ins.allows(request.remote_addr)
        return _not_in("away")
    response = redirect(url)
    # Lax, not Strict as our own: it has to come back with a browser that another site sends.
    response.set_cookie(
        cookie_name(COOKIE),
        _signer().dumps(kept),
        max_age=AWAY_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


@pages.get("/sign-in/openid/back")
def come_back() -> AnyResponse:
    """Back from the provider: a session for the account it vouches for, or the page again with why not."""
    from server.sign_in.openid import Leaving, NotVouched

    if not house().sign_ins.left(request.remote_addr):
        return _not_in("too_many")
    try:
        gone = Leaving(**_signer().loads(request.cookies.get(cookie_name(COOKIE), ""), max_age=AWAY_SECONDS))
        found = _provider().come_back(_back(), gone, request.url)
        answer = begin(_new_session(gone.hall, *found))
    except (BadData, TypeError, NotVouched):
        _record(None, "openid")
        return _not_in("openid")
    except HallError as error:
        _record(gone.hall, f"openid {error.code}")
        return _not_in("not_stationed" if error.code == "not_stationed" else "no_account")
    response = redirect(gone.to or answer["session"]["home"])
    response.delete_cookie(cookie_name(COOKIE), secure=request.is_secure)
    return response


def _new_session(hall: str, subject: str, username: str) -> str:
    store = house().store
    whence = {"address": request.remote_addr or "", "agent": request.user_agent.string, "now": store.clock.now()}
    let_in = partial(signing_in.sign_in_vouched, hall=hall, subject=subject, username=username)
    return store.write(partial(let_in, **whence))


def _record(hall: str | None, why: str) -> None:
    store, said = house().store, f"{why} {request.remote_addr}"
    house().sign_ins.allows(request.remote_addr)
    store.write(lambda connection: write_line(connection, store.clock.now(), "sign_in_refused", None, said, hall))


def _provider() -> Any:
    found = current_app.extensions["provider"]
    if found is None:
        raise HallError("not_found", what="", id="openid")
    return found


def _back() -> str:
    base = house().public_url
    way = url_for("sign_in_pages.come_back")
    return f"{base.rstrip('/')}{way}" if base else url_for("sign_in_pages.come_back", _external=True)


def _not_in(why: str) -> AnyResponse:
    asked = request.args.get("language", "")
    said = {"language": asked} if asked in languages() else {}
    return redirect(f"/sign-in?{urlencode({'why': why, **said})}")
