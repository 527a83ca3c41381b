"""The session of a browser: a token from a link becomes a cookie; who one is; signing out."""

import secrets
from typing import Any

from flask import Response, request, session
from flask_openapi3 import Tag

from hall.errors import HallError
from server.api.account_models import SessionAnswer, SignIn
from server.api.context import house, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import Empty, Ok
from server.journal import iso
from server.office import home_of
from server.people import Principal, digest_of
from server.sign_in.sessions import end_session

tag = Tag(name="session", description="Signing in")
api = Api("session", __name__, url_prefix="/api/v1", abp_tags=[tag], abp_responses=REFUSALS)


def session_answer(who: Principal) -> dict[str, Any]:
    return {
        "session": {
            "role": who.role,
            "hall": who.hall,
            "window": who.window,
            "name": who.name,
            "csrf": session.get("csrf", ""),
            "unit": who.unit,
            "account": who.session is not None,
            "must": who.must,
            "home": home_of(who.role) if who.staff else "",
            "at": iso(house().store.clock.now()),
        }
    }


def leave() -> None:
    """Ends the session that this browser has: who signs in anew leaves none behind that somebody else may hold."""
    here, key = house(), session.get("key")
    if key is not None:
        here.store.write(lambda connection: end_session(connection, digest_of(str(key)), here.store.clock.now()))
        here.gate.forget()
    session.clear()


@api.post("/session", responses={200: SessionAnswer})
def open_session(body: SignIn) -> Any:
    """Takes a token, answers with a session cookie and its CSRF word."""
    found = house().gate.by_secret(body.token)
    if found is None:
        if house().sign_ins.allows(request.remote_addr):  # a flood of them does not fill the log
            house().gate.record("sign_in_refused", None, f"token {request.remote_addr}")
        raise HallError("no_token")
    leave()
    session.update(id=found.id, csrf=secrets.token_urlsafe(16))
    session.permanent = True
    house().gate.record("signed_in", found, found.name)
    return session_answer(found)


@api.get("/session", responses={200: SessionAnswer}, security=[{"token": []}], endpoint="session")
def read_session() -> Any:
    """Who this session or token is."""
    return session_answer(who())


@api.delete("/session", responses={204: None}, security=[{"token": []}])
def close_session() -> Response:
    """Signs out."""
    here, gone = house(), who()
    if gone.session:
        ended = gone.session
        here.store.write(lambda connection: end_session(connection, ended, here.store.clock.now()))
        here.gate.forget()
        here.gate.record("signed_out", gone, gone.name)
    session.clear()
    return Response(status=204)


@api.post("/ping", responses={200: Ok}, security=[{"token": []}])
def ping(body: Empty) -> Any:
    """An authenticated call that does nothing: what the way here and back costs."""
    return {"ok": True}
