"""What visitors say of a service. It lies outside the journal, and nothing leads from an answer back to a ticket.

`rated` knows that a ticket was rated, `ratings` what was said there, under a random id and without a time of day.
The order in which rows were written would be a link of its own (the one rated last is the one written last), so every
rating writes those it could be mistaken for anew, in random order. docs/decisions/0008 says what remains.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, text

from hall.day import business_day
from hall.errors import HallError
from hall.words import TicketStatus
from server.center.case_rows import case_code, new_case, unit_of
from server.layout.kept import Layout, hall_layout
from server.rows import Row
from server.tables.journal import journal, requests
from server.tables.layout import halls, windows
from server.tables.queue import tickets
from server.tables.ratings import cases, rated, ratings

SHOWN = timedelta(seconds=60)
"""How long the tablet at a window offers the levels after a completion there."""
TAKEN = timedelta(minutes=5)
"""How long it is taken from who is in the midst of saying why."""
BAD = 2
"""This level and those below open a case."""

_RATE = text(
    "INSERT INTO rated (hall_id, ticket_id, day) VALUES (:hall, :ticket, :day)"
    " ON CONFLICT (hall_id, ticket_id) DO NOTHING"
).bindparams(bindparam("day", type_=rated.c.day.type))


@dataclass(frozen=True)
class Given:
    """A visitor's answer: 5 非常满意 … 1 非常不满意; reasons and words only with the two worst."""

    level: int
    reasons: list[str]
    words: str | None


@dataclass(frozen=True)
class Moment:
    """When a rating is given, and in which hall."""

    layout: Layout
    day: date
    now: datetime


def moment_of(connection: Connection, hall: str, now: datetime) -> Moment:
    layout = hall_layout(connection, hall)
    if layout is None:
        raise HallError("not_found", what="hall", id=hall)
    return Moment(layout, business_day(now, layout.time_zone), now)


def may_be_rated(at: Moment, ticket: Row) -> bool:
    """By the slip's code: a completed ticket, until the end of the next day."""
    last = ticket["day"] + timedelta(days=1)
    return at.layout.rules.rating != "off" and ticket["status"] == TicketStatus.COMPLETED and at.day <= last


def was_rated(connection: Connection, ticket: Row) -> bool:
    known = select(rated.c.day).where(rated.c.hall_id == ticket["hall_id"], rated.c.ticket_id == ticket["id"])
    return connection.execute(known).one_or_none() is not None


def ticket_at_tablet(connection: Connection, at: Moment, window: str, within: timedelta) -> Row | None:
    """The unrated ticket that was completed last at a window where nobody was called since."""
    hall = at.layout.hall
    if window not in at.layout.windows:
        raise HallError("not_found", what="window", id=window)
    free = select(windows.c.id).where(windows.c.hall_id == hall, windows.c.id == window, windows.c.ticket_id.is_(None))
    if at.layout.rules.rating == "off" or connection.execute(free).one_or_none() is None:
        return None
    found = connection.execute(
        select(tickets)
        .where(
            tickets.c.hall_id == hall,
            tickets.c.day == at.day,
            tickets.c.window_id == window,
            tickets.c.status == TicketStatus.COMPLETED.value,
            tickets.c.ended_at > at.now - within,
        )
        .order_by(tickets.c.ended_at.desc())
        .limit(1)
    ).one_or_none()
    ticket = None if found is None else dict(found._mapping)
    return None if ticket is None or was_rated(connection, ticket) else ticket


def rate_at_tablet(
    connection: Connection, hall: str, window: str, ticket_id: str, given: Given, request_id: str | None, now: datetime
) -> dict[str, Any]:
    """As `rate`, while the page at the window still belongs to the ticket."""
    at = _locked(connection, hall, now)
    asked = select(tickets).where(tickets.c.hall_id == hall, tickets.c.id == ticket_id, tickets.c.window_id == window)
    ticket = connection.execute(asked).one_or_none()
    if ticket is None:
        raise HallError("not_found", what="ticket", id=ticket_id)
    row = dict(ticket._mapping)
    again = _first_answer(connection, row, request_id)
    if again is not None:
        return again
    if was_rated(connection, row):
        raise HallError("already_rated")
    open_there = ticket_at_tablet(connection, at, window, TAKEN)
    if open_there is None or open_there["id"] != ticket_id:
        raise HallError("rating_closed")
    return _rate(connection, at, row, given, request_id)


def rate(connection: Connection, ticket: Row, given: Given, request_id: str | None, now: datetime) -> dict[str, Any]:
    """Writes a visitor's answer, once a ticket: {rated, case}; a bad one opens a case, told by its code.

    Refuses `rating_closed` where nothing may be said (yet, or any more) and `already_rated`.
    """
    at = _locked(connection, ticket["hall_id"], now)
    again = _first_answer(connection, ticket, request_id)
    if again is not None:
        return again
    if not may_be_rated(at, ticket):
        raise HallError("rating_closed")
    return _rate(connection, at, ticket, given, request_id)


def _locked(connection: Connection, hall: str, now: datetime) -> Moment:
    """One rating at a time: each writes others' rows anew."""
    connection.execute(select(halls.c.id).where(halls.c.id == hall).with_for_update())
    return moment_of(connection, hall, now)


def _rate(connection: Connection, at: Moment, ticket: Row, given: Given, request_id: str | None) -> dict[str, Any]:
    hall = ticket["hall_id"]
    if connection.execute(_RATE, {"hall": hall, "ticket": ticket["id"], "day": ticket["day"]}).rowcount == 0:
        raise HallError("already_rated")
    row = {
        "line_id": ticket["line_id"],
        "window_id": ticket["window_id"],
        "clerk": _served_by(connection, hall, ticket["id"]),
    }
    key = keep_rating(connection, at, row, given)
    code = None
    if given.level <= BAD:
        code = _case_code(ticket, request_id)
        of = {"line_id": row["line_id"], "window_id": row["window_id"], "unit_id": unit_of(at.layout, row["line_id"])}
        connection.execute(insert(cases), new_case(at.layout, at.day, code, rating_id=key, **of))
    mix(connection, cases, cases.c.hall_id == hall, cases.c.opened_on == at.day)
    _remember(connection, at, ticket, request_id)
    return {"rated": True, "case": code}


def keep_rating(
    connection: Connection, at: Moment, of: dict[str, Any], given: Given, follows: str | None = None
) -> str:
    """Writes an answer among those of the day that are alike in all but the answer; its id."""
    key = secrets.token_hex(16)
    said = {"level": given.level, "reasons": given.reasons, "words": given.words, "follows": follows}
    connection.execute(insert(ratings), {"hall_id": at.layout.hall, "id": key, "day": at.day, **of, **said})
    alike = (ratings.c[name].is_not_distinct_from(value) for name, value in of.items())
    mix(connection, ratings, ratings.c.hall_id == at.layout.hall, ratings.c.day == at.day, *alike)
    return key


def mix(connection: Connection, table: Table, *these: ColumnElement[bool]) -> None:
    """Writes rows anew in random order, so that where and when they lie tells nothing of when they came."""
    rows = [dict(row._mapping) for row in connection.execute(select(table).where(*these))]
    if rows:
        secrets.SystemRandom().shuffle(rows)
        connection.execute(delete(table).where(*these))
        connection.execute(insert(table), rows)


def _served_by(connection: Connection, hall: str, ticket: str) -> str | None:
    """Who completed a ticket, by the journal."""
    found = connection.execute(
        select(journal.c.body)
        .where(journal.c.hall_id == hall, journal.c.ticket_id == ticket, journal.c.type == "ticket.completed")
        .order_by(journal.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else json.loads(found.body)["data"].get("by")


def _case_code(ticket: Row, request_id: str | None) -> str:
    """Made of the slip's code and the request's random id, so that a repeat is told the same one although nothing that
    is kept leads from the ticket to its case; without a request_id it is random.
    """
    return case_code(f"case {ticket['track_code']} {request_id}" if request_id else secrets.token_hex(16))


def _kept_as(ticket: Row, request_id: str) -> dict[str, str]:
    """A request in `requests`: not as it came, or the case's code could be made of it."""
    digest = sha256(f"rated {request_id}".encode()).hexdigest()
    return {"hall_id": ticket["hall_id"], "actor": ticket["id"], "request_id": digest}


def _remember(connection: Connection, at: Moment, ticket: Row, request_id: str | None) -> None:
    if request_id is not None:
        row = {**_kept_as(ticket, request_id), "day": at.day, "digest": "", "answer": "null"}
        connection.execute(insert(requests), row)


def _first_answer(connection: Connection, ticket: Row, request_id: str | None) -> dict[str, Any] | None:
    """What the same request was answered the first time, whatever level it names now: that is not kept."""
    if request_id is None:
        return None
    key = (requests.c[name] == value for name, value in _kept_as(ticket, request_id).items())
    if connection.execute(select(requests.c.day).where(*key)).one_or_none() is None:
        return None
    code = _case_code(ticket, request_id)
    found = connection.execute(select(cases.c.id).where(cases.c.code == code)).one_or_none()
    return {"rated": True, "case": code if found else None}
