"""What is personal, all of it in one list: why it is kept, how long, and how it is erased; and erasing it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, literal, or_, select, update

from hall.errors import HallError
from server.cases import erase_words
from server.sign_in.sessions import WHOLE
from server.tables.journal import requests
from server.tables.people import sessions
from server.tables.queue import tickets
from server.tables.ratings import case_steps, cases, ratings
from server.tables.visitors import bookings, identities, subscriptions


@dataclass(frozen=True)
class Field:
    """A personal field. `kept`: how long, where nobody asks for its erasure before."""

    where: str
    why: str
    kept: str
    erased: str


PERSONAL = (
    Field("tickets.note, hold_reason, case_number", "what clerks tell each other of a visit", "days", "emptied"),
    Field("identities", "one live ticket a person, where a line asks for a document", "night", "row deleted"),
    Field("day_keys", "without it the hashes of persons mean nothing", "night", "row deleted, overwritten on disk"),
    Field("bookings.person, tail", "one booking a person a day; finding it without its code", "days", "emptied"),
    Field("subscriptions.address", "where a visitor wishes to be told", "night", "row deleted"),
    Field(
        "cases.words, contact, ticket_id", "what is complained of and where to answer", "days after closing", "emptied"
    ),
    Field("case_steps.words", "what the unit and the center's people wrote", "days after closing", "emptied"),
    Field("ratings.words", "what a visitor says of a service", "days", "emptied"),
    Field("requests.answer", "the same answer to a request made twice", "next day", "row deleted"),
    Field("sessions.address, agent", "which sign-ins are one's own", "days after its end", "row deleted"),
)
"""Of every field but the last an event holds nothing, or a salted digest: erased here, it is erased."""


@dataclass(frozen=True)
class Asked:
    """Whose fields are to be erased: a ticket by number and day, a booking or a case by its code."""

    what: str
    named: str
    day: date | None = None


def find(connection: Connection, hall: str, asked: Asked) -> str:
    """The key of the row that is meant; refuses `not_found`."""
    table, named = _NAMED[asked.what]
    of_day = table.c.day == asked.day if asked.what == "ticket" else literal(True)
    given = asked.named.strip()
    for spelled in (given, given.upper()):
        key = connection.execute(select(table.c.id).where(table.c.hall_id == hall, named == spelled, of_day)).scalar()
        if key is not None:
            return str(key)
    raise HallError("not_found", what=asked.what, id=asked.named)


_NAMED: dict[str, tuple[Table, Any]] = {
    "ticket": (tickets, tickets.c.number),
    "booking": (bookings, bookings.c.code),
    "case": (cases, cases.c.code),
}


def erase(connection: Connection, hall: str, what: str, key: str) -> None:
    """Empties every personal field of a ticket, a booking or a case; the journal keeps all its rows.

    What was answered to requests about it is forgotten too: made again they are new requests.
    """
    _ERASE[what](connection, hall, key)
    mine = requests.c.hall_id == hall
    connection.execute(delete(requests).where(mine, requests.c.answer.contains(key)))


def _erase_ticket(connection: Connection, hall: str, key: str) -> None:
    mine = and_(tickets.c.hall_id == hall, tickets.c.id == key)
    connection.execute(update(tickets).where(mine).values(_EMPTY_TICKET))
    for table in (identities, subscriptions):
        connection.execute(delete(table).where(table.c.hall_id == hall, table.c.ticket_id == key))
    connection.execute(update(cases).where(cases.c.hall_id == hall, cases.c.ticket_id == key).values(ticket_id=None))
    booked = select(bookings.c.id).where(bookings.c.hall_id == hall, bookings.c.ticket_id == key)
    for booking in connection.execute(booked).scalars().all():
        _erase_booking(connection, hall, booking)


def _erase_booking(connection: Connection, hall: str, key: str) -> None:
    mine = and_(bookings.c.hall_id == hall, bookings.c.id == key)
    connection.execute(update(bookings).where(mine).values(_EMPTY_BOOKING))


def _erase_case(connection: Connection, hall: str, key: str) -> None:
    erase_words(connection, hall, key)


_EMPTY_TICKET = {"note": None, "hold_reason": None, "case_number": None}
_EMPTY_BOOKING = {"person": literal("erased ") + bookings.c.id, "tail": ""}
_ERASE: dict[str, Callable[[Connection, str, str], None]] = {
    "ticket": _erase_ticket,
    "booking": _erase_booking,
    "case": _erase_case,
}


def outlived(hall: str, day: date, now: datetime) -> Iterator[tuple[str, Table, ColumnElement[bool], Any]]:
    """(name, table, which rows, what they become) of all personal fields of before a day; None: the rows go."""
    own = tickets.c
    told = or_(own.note.is_not(None), own.hold_reason.is_not(None), own.case_number.is_not(None))
    yield "tickets", tickets, and_(own.hall_id == hall, own.day < day, told), _EMPTY_TICKET
    of = bookings.c
    yield "bookings", bookings, and_(of.hall_id == hall, of.day < day, of.person.not_like("erased %")), _EMPTY_BOOKING
    rated, of = ratings.c, cases.c
    dealt = ~exists().where(of.hall_id == hall, of.rating_id == rated.id, of.status != "closed")
    spoken = and_(rated.hall_id == hall, rated.day < day, rated.words.is_not(None), dealt)
    yield "ratings", ratings, spoken, {"words": None}
    over, at = sessions.c, now - timedelta(days=(now.date() - day).days)
    # Most end by themselves, of which nothing is written: then whenever they began, they were over so long after.
    ended = or_(over.ended_at < at, over.created_at < at - WHOLE)
    yield "sessions", sessions, and_(over.hall_id == hall, ended), None


VISITED = ("noted", "stated", "rated")
"""The steps of a case whose words `erase_words` erases."""


def closed_cases(hall: str, at: datetime) -> Any:
    """The cases closed before a moment that still hold anything personal."""
    of = cases.c
    step = case_steps.c
    said = exists().where(step.hall_id == hall, step.case_id == of.id, step.salt.is_not(None), step.what.in_(VISITED))
    told = or_(of.words.is_not(None), of.contact.is_not(None), of.ticket_id.is_not(None), said)
    return select(of.id).where(of.hall_id == hall, of.status == "closed", of.closed_at < at, told)
