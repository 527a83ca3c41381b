"""Sessions of people who signed in: how long they last, who stands behind one, and how they end."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from hall.words import Role
from server.people import Principal, digest_of
from server.rows import Row
from server.tables import accounts, assignments, halls, sessions

WHOLE = timedelta(hours=12)
IDLE = timedelta(minutes=30)
AT_WORK = frozenset({Role.CLERK, Role.DESK})
"""Whose page stays open all day beside other work: their sessions end with the day alone."""
MOST = 3
SEEN_EVERY = timedelta(minutes=1)


def begin_session(connection: Connection, account: Row, way: str, address: str, agent: str, now: datetime) -> str:
    """A new session; the oldest beyond three end. Returns what the cookie holds, of which only a digest is kept."""
    secret = secrets.token_urlsafe(32)
    row = {"hall_id": account["hall_id"], "id": digest_of(secret), "account_id": account["id"], "way": way}
    row |= {"created_at": now, "seen_at": now, "address": address[:64], "agent": agent[:80]}
    connection.execute(insert(sessions), row)
    older = [one["id"] for one in open_sessions(connection, account["hall_id"], account["id"], now)][MOST:]
    if older:
        connection.execute(update(sessions).where(sessions.c.id.in_(older)).values(ended_at=now))
    return secret


def open_sessions(connection: Connection, hall: str, account: str, now: datetime) -> list[Row]:
    """An account's sessions that have not ended, the newest first."""
    own = select(sessions, accounts.c.role).join(
        accounts, (accounts.c.hall_id == sessions.c.hall_id) & (accounts.c.id == sessions.c.account_id)
    )
    mine = own.where(sessions.c.hall_id == hall, sessions.c.account_id == account, sessions.c.ended_at.is_(None))
    rows = connection.execute(mine.order_by(sessions.c.created_at.desc(), sessions.c.id))
    return [dict(row._mapping) for row in rows if _lasts(row, now)]


def end_session(connection: Connection, key: str, now: datetime) -> None:
    connection.execute(update(sessions).where(sessions.c.id == key, sessions.c.ended_at.is_(None)).values(ended_at=now))


def end_sessions(connection: Connection, hall: str, account: str, now: datetime, but: str | None = None) -> int:
    """Ends an account's sessions but one; says how many."""
    open_still = (sessions.c.hall_id == hall, sessions.c.account_id == account, sessions.c.ended_at.is_(None))
    others = update(sessions).where(*open_still, sessions.c.id != (but or "")).values(ended_at=now)
    return connection.execute(others).rowcount


def mark_seen(connection: Connection, key: str, now: datetime) -> None:
    connection.execute(update(sessions).where(sessions.c.id == key).values(seen_at=now))


def living(connection: Connection, keys: Iterable[str], now: datetime) -> set[str]:
    """Which of these sessions somebody may still work with."""
    return {row.id for row in connection.execute(_whole().where(sessions.c.id.in_(list(keys)))) if _lasts(row, now)}


def who_of_session(connection: Connection, key: str, now: datetime, with_factor: frozenset[Role]) -> Principal | None:
    """Who stands behind a live session. `with_factor`: roles that must sign in with a second factor."""
    row = connection.execute(_whole().where(sessions.c.id == key)).one_or_none()
    if row is None or not _lasts(row, now):
        return None
    role = Role(row.role)
    must = ""
    if row.way == "password":
        factor = role in with_factor and row.totp_at is None
        must = "password" if row.must_change else "second_factor" if factor else ""
    window, unit = _station(connection, row) if role is Role.CLERK else (None, None)
    unit = row.unit_id or unit
    return Principal(row.account_id, row.hall_id, role, row.login, window, unit, session=row.id, must=must)


def _station(connection: Connection, account: Any) -> tuple[str | None, str | None]:
    """Window and unit of the assignment that holds today for a clerk."""
    today = select(halls.c.day).where(halls.c.id == account.hall_id).scalar_subquery()
    theirs = select(assignments.c.window_id, assignments.c.unit_id).where(
        assignments.c.hall_id == account.hall_id,
        func.lower(assignments.c.clerk) == account.login,
        assignments.c.closed.is_(False),
        assignments.c.from_day <= today,
        assignments.c.to_day.is_(None) | (assignments.c.to_day >= today),
    )
    row = connection.execute(theirs.order_by(assignments.c.from_day.desc(), assignments.c.id).limit(1)).one_or_none()
    return (None, None) if row is None else (row.window_id, row.unit_id)


def _whole() -> Any:
    """Sessions with their accounts, none of which was disabled."""
    of = (accounts.c.hall_id == sessions.c.hall_id) & (accounts.c.id == sessions.c.account_id)
    known = (accounts.c.login, accounts.c.role, accounts.c.unit_id, accounts.c.must_change, accounts.c.totp_at)
    return select(sessions, *known).join(accounts, of).where(accounts.c.disabled_at.is_(None))


def _lasts(row: Any, now: datetime) -> bool:
    idle = WHOLE if row.role in AT_WORK else IDLE
    return row.ended_at is None and now < row.created_at + WHOLE and now < row.seen_at + idle
