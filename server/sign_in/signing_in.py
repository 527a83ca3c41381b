"""Signing in: the password, the second factor, locking after failures, and what the identity provider vouches for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, text, update

from hall.errors import HallError
from server.db import Store
from server.rows import Row
from server.sign_in import second_factor
from server.sign_in.accounts import account_of_login, known_account, unlock
from server.sign_in.passwords import hashed, in_turn, is_right, outdated
from server.sign_in.sessions import begin_session
from server.tables.base import Utc
from server.tables.people import accounts, lockouts

FAILURES = 5
LOCKED = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was typed, and from where."""

    hall: str
    login: str
    password: str
    code: str | None
    address: str
    agent: str
    browser: str = ""
    """One in which this login has signed in before; empty: another."""


def sign_in(store: Store, key: str, attempt: Attempt) -> str:
    """A new session's secret. Raises `sign_in_locked`, `sign_in_wrong`, `factor_needed`, `factor_wrong`.

    An attempt counts as failed before its password is looked at: many at once are not more than one after another. A
    login that does not exist is locked, and answered in the same time, as any other.
    """
    counted = (attempt.hall, attempt.login, attempt.browser)
    store.write(lambda connection: count_attempt(connection, *counted, store.clock.now()))
    account = store.read(lambda connection: account_of_login(connection, attempt.hall, attempt.login))
    right = in_turn(is_right, account["password_hash"] if account else None, attempt.password)
    if account is None or not right or account["disabled_at"] is not None:
        raise HallError("sign_in_wrong")
    if account["totp_at"] is not None and not attempt.code:
        store.write(lambda connection: _uncount(connection, *counted))
        raise HallError("factor_needed")
    fresh = in_turn(hashed, attempt.password) if outdated(account["password_hash"]) else None
    return store.write(lambda connection: _let_in(connection, key, attempt, account, fresh, store.clock.now()))


def _let_in(
    connection: Connection, key: str, attempt: Attempt, known: Row, fresh_hash: str | None, now: datetime
) -> str:
    account = known_account(connection, attempt.hall, known["id"], hold=True)
    if account["password_hash"] != known["password_hash"] or account["disabled_at"] is not None:
        raise HallError("sign_in_wrong")  # changed while the password was looked at
    if account["totp_at"] is not None:
        use_code(connection, key, account, attempt.code or "")
    if fresh_hash:
        own = (accounts.c.hall_id == attempt.hall, accounts.c.id == account["id"])
        connection.execute(update(accounts).where(*own).values(password_hash=fresh_hash))
    unlock(connection, attempt.hall, attempt.login, attempt.browser)
    return begin_session(connection, account, "password", attempt.address, attempt.agent, now)


def use_code(connection: Connection, key: str, account: Row, code: str) -> None:
    """Takes a code of the app, or a recovery code, which is then spent. Raises `factor_wrong`."""
    own = (accounts.c.hall_id == account["hall_id"], accounts.c.id == account["id"])
    secret = second_factor.opened(key, account["totp_secret"])
    step = second_factor.step_of(secret, code, account["totp_step"]) if secret else None
    digest = second_factor.recovery_digest(code)
    if step is not None:
        newer = accounts.c.totp_step.is_(None) | (accounts.c.totp_step < step)
        taken = connection.execute(update(accounts).where(*own, newer).values(totp_step=step)).rowcount
    elif digest in account["recovery"]:
        left = [one for one in account["recovery"] if one != digest]
        taken = connection.execute(update(accounts).where(*own).values(recovery=left)).rowcount
    else:
        taken = 0
    if not taken:
        raise HallError("factor_wrong")


def count_attempt(connection: Connection, hall: str, login: str, browser: str, now: datetime) -> None:
    """One more attempt for whatever was typed as a login. Raises `sign_in_locked`.

    A browser in which its owner has signed in before counts by itself: who guesses elsewhere shuts nobody out there.
    """
    own = _counted(hall, login, browser)
    connection.execute(delete(lockouts).where(lockouts.c.at < now - timedelta(days=1)))
    first = {"hall": hall, "login": login, "browser": browser, "at": now}
    connection.execute(_NONE_YET, first)
    row: Any = connection.execute(select(lockouts).where(*own).with_for_update()).one()
    if row.until is not None and row.until > now:
        minutes = -(-int((row.until - now).total_seconds()) // 60)
        raise HallError("sign_in_locked", minutes=max(1, minutes))
    past = row.until is not None or row.at < now - LOCKED
    failed = 1 if past else row.failed + 1
    values = {"failed": failed, "at": now, "until": now + LOCKED if failed >= FAILURES else None}
    connection.execute(update(lockouts).where(*own).values(**values))


_NONE_YET = text(
    "INSERT INTO lockouts (hall_id, login, browser, failed, at) VALUES (:hall, :login, :browser, 0, :at)"
    " ON CONFLICT (hall_id, login, browser) DO NOTHING"
).bindparams(bindparam("at", type_=Utc))


def _counted(hall: str, login: str, browser: str) -> tuple[ColumnElement[bool], ...]:
    return lockouts.c.hall_id == hall, lockouts.c.login == login, lockouts.c.browser == browser


def _uncount(connection: Connection, hall: str, login: str, browser: str) -> None:
    """The password was right and a code is asked for: not a failure, and not yet a way around counting codes."""
    fewer = update(lockouts).where(*_counted(hall, login, browser), lockouts.c.failed > 0)
    connection.execute(fewer.values(failed=lockouts.c.failed - 1, until=None))


def sign_in_vouched(
    connection: Connection, hall: str, subject: str, username: str, address: str, agent: str, now: datetime
) -> str:
    """A session for whom the identity provider names: the account bound to the subject, else the one of that login.

    A login is bound to its first subject for good. Raises `sign_in_wrong`: nobody is made an account by signing in.
    """
    bound = select(accounts).where(accounts.c.hall_id == hall, accounts.c.openid_subject == subject)
    row = connection.execute(bound).one_or_none()
    found = dict(row._mapping) if row is not None else account_of_login(connection, hall, username)
    account = found and known_account(connection, hall, found["id"], hold=True)
    if account is None or account["disabled_at"] is not None or account["openid_subject"] not in (None, subject):
        raise HallError("sign_in_wrong")
    if account["openid_subject"] is None:
        own = (accounts.c.hall_id == hall, accounts.c.id == account["id"])
        connection.execute(update(accounts).where(*own).values(openid_subject=subject))
    return begin_session(connection, account, "openid", address, agent, now)
