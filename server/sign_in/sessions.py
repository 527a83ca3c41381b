"""Sessions of people who signed in: how long they last, who stands behind one, and how they end."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, or_, select, update

from hall.day import business_day
from hall.errors import HallError
from hall.words import Role
from server.layout.kept import hall_layout
from server.people import Principal, digest_of
from server.rows import Row
from server.tables.layout import assignments
from server.tables.people import accounts, sessions

WHOLE = timedelta(hours=12)
IDLE = timedelta(minutes=30)
AT_WORK = frozenset({Role.CLERK, Role.DESK})
"""Whose page stays open all day beside other work: their sessions end with the day alone."""
MOST = 3
SEEN_EVERY = timedelta(minutes=1)


def begin_session(connection: Connection, account: Row, way: str, address: str, agent: str, now: datetime) -> str:
    """A new session; the oldest beyond three end. Returns what the cookie holds, of which only a digest is kept.

    Raises `not_stationed` for a clerk whose assignment is over.
    """
    if account["role"] == Role.CLERK and account["login"] in _unstationed(connection, account["hall_id"], now):
        raise HallError("not_stationed")
    secret = secrets.token_urlsafe(32)
    row = {"hall_id": account["hall_id"], "id": digest_of(secret), "account_id": account["id"], "way": way}
    row |= {"created_at": now, "seen_at": now, "address": address[:64], "agent": browser_words(agent)}
    connection.execute(insert(sessions), row)
    older = [one["id"] for one in open_sessions(connection, account["hall_id"], account["id"], now)][MOST:]
    if older:
        connection.execute(update(sessions).where(sessions.c.id.in_(older)).values(ended_at=now))
    return secret


_BROWSERS = ("Edg", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac", "Linux")


def browser_words(agent: str) -> str:
    """`Chrome, Windows`: by that its owner knows it; the rest of what a browser says of itself is not kept."""
    told = (next((one for one in known if one in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, told)).replace("Edg", "Edge") or agent[:20]


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
    rows = [row for row in connection.execute(_whole().where(sessions.c.id.in_(list(keys)))) if _lasts(row, now)]
    halls_of_clerks = {row.hall_id for row in rows if row.role == Role.CLERK}
    gone = {(hall, login) for hall in halls_of_clerks for login in _unstationed(connection, hall, now)}
    return {row.id for row in rows if row.role != Role.CLERK or (row.hall_id, row.login) not in gone}


def who_of_session(connection: Connection, key: str, now: datetime, with_factor: frozenset[Role]) -> Principal | None:
    """Who stands behind a live session. `with_factor`: roles that must sign in with a second factor."""
    row = connection.execute(_whole().where(sessions.c.id == key)).one_or_none()
    if row is None or not living(connection, [key], now):
        return None
    role = Role(row.role)
    must = ""
    if row.way == "password":
        factor = role in with_factor and row.totp_at is None
        must = "password" if row.must_change else "second_factor" if factor else ""
    window, unit = _station(connection, row, now) if role is Role.CLERK else (None, None)
    unit = row.unit_id or unit
    return Principal(row.account_id, row.hall_id, role, row.login, window, unit, session=row.id, must=must)


def _station(connection: Connection, account: Any, now: datetime) -> tuple[str | None, str | None]:
    """Window and unit of the assignment that holds today for a clerk."""
    theirs = select(assignments.c.window_id, assignments.c.unit_id).where(
        assignments.c.hall_id == account.hall_id,
        func.lower(assignments.c.clerk) == account.login,
        _holds(connection, account.hall_id, now),
    )
    row = connection.execute(theirs.order_by(assignments.c.from_day.desc(), assignments.c.id).limit(1)).one_or_none()
    return (None, None) if row is None else (row.window_id, row.unit_id)


def _holds(connection: Connection, hall: str, now: datetime) -> ColumnElement[bool]:
    """Of an assignment: that it holds today, whether or not the hall's day has begun yet."""
    of, layout = assignments.c, hall_layout(connection, hall)
    today = business_day(now, layout.time_zone) if layout else now.date()
    return and_(of.closed.is_(False), of.from_day <= today, or_(of.to_day.is_(None), of.to_day >= today))


def _unstationed(connection: Connection, hall: str, now: datetime) -> set[str]:
    """Clerks whose every assignment is over, withdrawn or still to come; who never had one works at any window."""
    login = func.lower(assignments.c.clerk)
    held = func.max(case((_holds(connection, hall, now), 1), else_=0))
    return set(
        connection.execute(
            select(login).where(assignments.c.hall_id == hall).group_by(login).having(held == 0)
        ).scalars()
    )


def _whole() -> Any:
    """Sessions with their accounts, none of which was disabled."""
    of = (accounts.c.hall_id == sessions.c.hall_id) & (accounts.c.id == sessions.c.account_id)
    known = (accounts.c.login, accounts.c.role, accounts.c.unit_id, accounts.c.must_change, accounts.c.totp_at)
    return select(sessions, *known).join(accounts, of).where(accounts.c.disabled_at.is_(None))


def _lasts(row: Any, now: datetime) -> bool:
    idle = WHOLE if row.role in AT_WORK else IDLE
    return row.ended_at is None and now < row.created_at + WHOLE and now < row.seen_at + idle
