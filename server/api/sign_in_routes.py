"""Signing in with a password, and what a person changes of their own account."""

import secrets
from functools import partial
from typing import Any

from flask import current_app, request, session
from flask_openapi3 import Tag
from sqlalchemy import Connection

from hall.errors import HallError
from server.access import write_line
from server.api.account_models import (
    FactorAnswer,
    NewPassword,
    OwnAccountAnswer,
    PasswordSignIn,
    ProvePassword,
    RecoveryAnswer,
    SessionAnswer,
    TypedCode,
)
from server.api.context import house, language, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import ErrorAnswer, Ok
from server.api.session_routes import leave, session_answer
from server.journal import iso
from server.people import Principal
from server.queries import hall_list
from server.rows import Row
from server.sign_in import accounts, passwords, second_factor, signing_in
from server.sign_in.known_browsers import browser_of, know
from server.sign_in.sessions import open_sessions
from server.sign_in.signing_in import Attempt

api = Api(
    "sign_in",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="session", description="Signing in")],
    abp_responses={**REFUSALS, 409: ErrorAnswer, 429: ErrorAnswer},
    abp_security=[{"token": []}],
)


def secret_key() -> str:
    return str(current_app.config["SECRET_KEY"])


@api.post("/sign-in", responses={200: SessionAnswer}, security=[{}])
def sign_in(body: PasswordSignIn) -> Any:
    """Takes login and password, and a code where one is asked for; answers with a session cookie."""
    here, address, hall = house(), request.remote_addr or "", known_hall(body.hall)
    login = accounts.plain_login(body.login)[:40]
    browser = browser_of(hall, login)
    if not browser and not here.sign_ins.left(address):
        raise HallError("too_many")
    typed = (body.password.get_secret_value(), body.code)
    attempt = Attempt(hall, login, *typed, address, request.user_agent.string, browser)
    try:
        secret = signing_in.sign_in(here.store, secret_key(), attempt)
    except HallError as error:
        if error.code != "factor_needed":
            if not browser:
                here.sign_ins.allows(address)
            _record_refused(attempt, error.code)
        raise
    return begin(secret)


def known_hall(asked: str | None) -> str:
    """The hall that is meant; raises where it has to be named or is not known."""
    known = house().halls
    if asked is None and len(known) == 1:
        return known[0]
    if asked not in known:
        raise HallError("not_found", what="hall", id=asked or "")
    return asked


def begin(secret: str) -> dict[str, Any]:
    """The browser's cookie becomes that of the new session."""
    leave()
    session.update(key=secret, csrf=secrets.token_urlsafe(16))
    session.permanent = True
    found = house().gate.by_cookie(session)
    if found is None:  # ended in the same moment, from elsewhere
        raise HallError("no_token")
    know(found.hall, found.name)
    house().gate.record("signed_in", found, found.name)
    return session_answer(found)


def _record_refused(attempt: Attempt, why: str) -> None:
    """A login nobody has is not written down: it may be a password typed into the wrong field."""
    store = house().store

    def write(connection: Connection) -> None:
        account = accounts.account_of_login(connection, attempt.hall, attempt.login)
        said = f"{why} {attempt.login if account else '?'} {attempt.address}"
        write_line(connection, store.clock.now(), "sign_in_refused", None, said, attempt.hall)

    store.write(write)


@api.get("/account", responses={200: OwnAccountAnswer})
def own_account() -> Any:
    """One's own account; null for who came by a token."""
    here, me = house(), who()
    if me.session is None:
        return {"account": None}
    return {"account": here.store.read(partial(_own, me=me))}


def _own(connection: Connection, me: Principal) -> dict[str, Any]:
    account = accounts.known_account(connection, me.hall, me.id)
    now = house().store.clock.now()
    return {
        **{name: account[name] for name in ("login", "name", "role")},
        "unit": account["unit_id"],
        "second_factor": account["totp_at"] is not None,
        "factor_needed": me.role in house().gate.with_factor,
        "recovery_left": len(account["recovery"]),
        "sessions": [_told(one, me.session) for one in open_sessions(connection, me.hall, me.id, now)],
    }


def _told(one: Row, mine: str | None) -> dict[str, Any]:
    times = {name: iso(one[name]) for name in ("created_at", "seen_at")}
    return {"here": one["id"] == mine, **{name: one[name] for name in ("way", "address", "agent")}, **times}


@api.post("/account/password", responses={200: Ok})
def change_password(body: NewPassword) -> Any:
    """Chooses one's own password; the account's other sessions end."""
    me, store, new = who(), house().store, body.new.get_secret_value()
    proved = _prove(body.password.get_secret_value())
    passwords.refuse_weak(new, me.name)
    if new == body.password.get_secret_value():
        raise HallError("weak_password", least=passwords.LEAST)
    kept = passwords.in_turn(passwords.hashed, new)

    def write(connection: Connection) -> None:
        accounts.hold_proved(connection, me, proved, store.clock.now())
        accounts.choose_password(connection, me, kept, store.clock.now())
        write_line(connection, store.clock.now(), "account_password_changed", me, me.name)

    return _done(write)


@api.post("/account/second-factor", responses={200: FactorAnswer})
def begin_factor(body: ProvePassword) -> Any:
    """A new secret for an app on one's phone; it counts once a code of it was typed."""
    me, store = who(), house().store
    proved = _prove(body.password.get_secret_value())
    secret = second_factor.new_secret()
    kept = second_factor.sealed(secret_key(), secret)

    def write(connection: Connection) -> None:
        accounts.hold_proved(connection, me, proved, store.clock.now())
        accounts.begin_factor(connection, me, kept)

    store.write(write)
    names = {one["id"]: one["name"] for one in store.read(lambda connection: hall_list(connection, language()))}
    address = second_factor.address(secret, me.name, names[me.hall])
    return {"secret": secret, "address": address, "picture": second_factor.picture(address)}


@api.post("/account/second-factor/confirm", responses={200: RecoveryAnswer})
def confirm_factor(body: TypedCode) -> Any:
    """Puts the second factor in force; answers with the recovery codes, shown this once."""
    me, store = who(), house().store
    account = store.read(lambda connection: accounts.known_account(connection, me.hall, _own_id()))
    if account["totp_at"] is not None:
        raise HallError("factor_set")
    secret = second_factor.opened(secret_key(), account["totp_secret"] or "")
    step = second_factor.step_of(secret, body.code, None) if secret else None
    if step is None:
        raise HallError("factor_wrong")
    codes = second_factor.recovery_codes()
    digests = [second_factor.recovery_digest(code) for code in codes]

    def write(connection: Connection) -> None:
        accounts.confirm_factor(connection, me, step, digests, store.clock.now())
        write_line(connection, store.clock.now(), "account_factor_on", me, me.name)

    _done(write)
    return {"recovery_codes": codes}


@api.post("/account/second-factor/remove", responses={200: Ok})
def remove_factor(body: ProvePassword) -> Any:
    """Goes without a second factor from now on."""
    me, store = who(), house().store
    proved = _prove(body.password.get_secret_value())

    def write(connection: Connection) -> None:
        accounts.hold_proved(connection, me, proved, store.clock.now())
        accounts.reset_factor(connection, me.hall, me.id, store.clock.now(), but=me.session)
        write_line(connection, store.clock.now(), "account_factor_off", me, me.name)

    return _done(write)


def _own_id() -> str:
    """Raises `not_found` for who is here by a token, without an account."""
    me = who()
    if me.session is None:
        raise HallError("not_found", what="account", id=me.name)
    return me.id


def _prove(password: str) -> Row:
    """That it is they who sit here still; answers their account. Wrong ones lock it here as at the door.

    Raises `password_wrong`.
    """
    me, store, key = who(), house().store, _own_id()
    counted = (me.hall, me.name, browser_of(me.hall, me.name))
    store.write(lambda connection: signing_in.count_attempt(connection, *counted, store.clock.now()))
    account = store.read(lambda connection: accounts.known_account(connection, me.hall, key))
    if not passwords.in_turn(passwords.is_right, account["password_hash"], password):
        raise HallError("password_wrong")
    store.write(lambda connection: accounts.unlock(connection, *counted))
    return account


def _done(write: Any) -> dict[str, bool]:
    house().store.write(write)
    house().gate.forget()
    return {"ok": True}
