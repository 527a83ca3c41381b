"""The accounts of a hall: what its security administrators change, and its auditors read."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, make_response
from flask_openapi3 import Tag
from sqlalchemy import Connection

from server.access import write_line
from server.api.account_models import (
    AccountAnswer,
    AccountPath,
    AccountsAnswer,
    AccountsQuery,
    ChangedAccount,
    GivenPasswordAnswer,
    NewAccount,
)
from server.api.context import house, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import Empty, ErrorAnswer, HallPath
from server.api.sign_in_routes import secret_key
from server.sign_in import accounts, passwords
from server.sign_in.accounts import Person
from server.sign_in.sessions import end_sessions

api = Api(
    "accounts",
    __name__,
    url_prefix="/api/v1/halls/<hall>/accounts",
    abp_tags=[Tag(name="accounts", description="People who sign in")],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)


@api.get("", responses={200: AccountsAnswer}, endpoint="accounts")
def account_list(path: HallPath, query: AccountsQuery) -> Any:
    """The hall's accounts by login, of those whose login or name holds a text."""
    store, now = house().store, house().store.clock.now()
    find = partial(accounts.account_list, hall=path.hall, search=query.search, limit=query.limit)
    return store.read(partial(find, after=query.after, now=now))


@api.post("", responses={201: GivenPasswordAnswer})
def create_account(path: HallPath, body: NewAccount) -> Response:
    """A new account; its one-time password stands in this answer alone."""
    me, now, request = who(), house().store.clock.now(), accounts.made_id(who(), body.request_id)
    password = passwords.one_time_of(secret_key(), request)
    kept = passwords.in_turn(passwords.hashed, password)
    person = Person(accounts.plain_login(body.login), body.name.strip(), body.role, body.unit)

    def write(connection: Connection) -> str:
        accounts.take_turn(connection, me, now)
        made = accounts.add_account(connection, me, person, kept, request, now)
        detail = f"{made['login']} {made['role']} {made['unit_id'] or ''}".strip()
        write_line(connection, now, "account_created", me, detail)
        return str(made["id"])

    return make_response({**_told(path.hall, house().store.write(write)), "password": password}, 201)


@api.post("/<account>", responses={200: AccountAnswer})
def change_account(path: AccountPath, body: ChangedAccount) -> Any:
    """Another name, role or unit; with another role or unit they have to sign in anew."""
    me = who()
    person = Person("", body.name.strip(), body.role, body.unit)

    def write(connection: Connection, now: Any) -> str:
        return ", ".join(accounts.change_account(connection, me, path.account, person, now))

    return _changed(path, "account_changed", write)


@api.post("/<account>/disable", responses={200: AccountAnswer})
def disable_account(path: AccountPath, body: Empty) -> Any:
    """Nobody signs in by it any more; who is there by it is out at once."""
    me = who()
    return _changed(
        path, "account_disabled", lambda connection, now: accounts.disable_account(connection, me, path.account, now)
    )


@api.post("/<account>/enable", responses={200: AccountAnswer})
def enable_account(path: AccountPath, body: Empty) -> Any:
    """It is good again, with the password it had."""
    return _changed(
        path, "account_enabled", lambda connection, _now: accounts.enable_account(connection, path.hall, path.account)
    )


@api.post("/<account>/password", responses={200: GivenPasswordAnswer})
def reset_password(path: AccountPath, body: Empty) -> Any:
    """A one-time password in place of theirs, which stands in this answer alone; their sessions end."""
    accounts.refuse_own(who(), path.account)
    # Of this account: said of another by the same id, it would give both the same password.
    request = accounts.made_id(who(), body.request_id and f"{path.account} {body.request_id}")
    password = passwords.one_time_of(secret_key(), request)
    kept = passwords.in_turn(passwords.hashed, password)

    def write(connection: Connection, now: Any) -> None:
        accounts.give_password(connection, path.hall, path.account, kept, request, now)

    return {**_changed(path, "account_password_reset", write), "password": password}


@api.post("/<account>/unlock", responses={200: AccountAnswer})
def unlock_account(path: AccountPath, body: Empty) -> Any:
    """Ends the lock after too many failures."""

    def write(connection: Connection, _now: Any) -> None:
        account = accounts.known_account(connection, path.hall, path.account)
        accounts.unlock(connection, path.hall, account["login"])

    return _changed(path, "account_unlocked", write)


@api.post("/<account>/end-sessions", responses={200: AccountAnswer})
def end_account_sessions(path: AccountPath, body: Empty) -> Any:
    """Signs them out everywhere."""

    here = who().session

    def write(connection: Connection, now: Any) -> None:
        accounts.known_account(connection, path.hall, path.account)
        end_sessions(connection, path.hall, path.account, now, but=here)

    return _changed(path, "account_sessions_ended", write)


@api.post("/<account>/reset-second-factor", responses={200: AccountAnswer})
def reset_factor(path: AccountPath, body: Empty) -> Any:
    """For who has lost their phone and the recovery codes; their sessions end."""
    accounts.refuse_own(who(), path.account)
    return _changed(
        path,
        "account_factor_reset",
        lambda connection, now: accounts.reset_factor(connection, path.hall, path.account, now),
    )


def _changed(path: AccountPath, what: str, change: Callable[[Connection, Any], str | None]) -> dict[str, Any]:
    """Makes a change with its line in the access log, in one transaction; it counts from the next request on."""

    me, now = who(), house().store.clock.now()

    def write(connection: Connection) -> None:
        accounts.take_turn(connection, me, now)
        login = accounts.known_account(connection, path.hall, path.account)["login"]
        said = change(connection, now)
        write_line(connection, now, what, me, f"{login} {said or ''}".strip())

    house().store.write(write)
    house().gate.forget()
    return _told(path.hall, path.account)


def _told(hall: str, key: str) -> dict[str, Any]:
    store = house().store

    def read(connection: Connection) -> dict[str, Any]:
        return accounts.told(connection, accounts.known_account(connection, hall, key), store.clock.now())

    return {"account": store.read(read)}
