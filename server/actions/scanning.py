"""What a slip's code does at the kiosk and the desk: a small table of cases, by what the ticket is."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from hall.errors import HallError
from hall.words import Role, TicketStatus
from server.actions.bookings import arrive_booking
from server.actions.missing import reinstate_ticket
from server.actions.moves import known_ticket, numbered_ticket
from server.actions.precedence import take_precedence, was_sent_home
from server.actions.visitor import arrive_ticket
from server.command import Done, Tx
from server.layout.kept import layout_of
from server.people import Principal
from server.rows import Row, ticket_answer
from server.standing import standing_of
from server.tables.queue import tickets
from server.tables.visitors import bookings

_NUMBER = re.compile(r"[A-Z]{1,2}\d{3,8}")

Act = Callable[[Tx, Principal, str], Done]

# (what it is called in the answer, the tickets it is for, what is done); the first that fits. Else it is `found`.
CASES: list[tuple[str, Callable[[Row], bool], Act]] = [
    ("reinstated", lambda ticket: ticket["status"] == TicketStatus.NO_SHOW, reinstate_ticket),
    ("arrived", lambda ticket: ticket["parked"] == "remote", arrive_ticket),
    ("precedence", was_sent_home, take_precedence),
]


def scan_code(tx: Tx, by: Principal, code: str) -> Done:
    """Does what the slip stands for: {action, ticket, booking?}; `found` writes nothing and says how the ticket stands.

    `code`: what the slip's code holds, the bare code or the whole address; or a booking's, whose visitor arrives.
    Staff may type a number of today instead.
    """
    bare = code.strip().rstrip("/").rpartition("/")[2]
    if (booking := _booked(tx, bare)) is not None and booking["ticket_id"] is None:
        done = arrive_booking(tx, by, bare)
        return Done({"action": "arrived", **done.answer}, done.events)
    ticket = known_ticket(tx, booking["ticket_id"]) if booking is not None else _scanned(tx, by, code.strip(), bare)
    for action, fits, act in CASES:
        if fits(ticket):
            done = act(tx, by, ticket["id"])
            return Done({"action": action, "ticket": done.answer}, done.events)
    standing = standing_of(tx.connection, layout_of(tx.connection, tx.hall), ticket, tx.now)
    return Done({"action": "found", "ticket": ticket_answer(ticket, standing)})


def _booked(tx: Tx, code: str) -> Row | None:
    wanted = select(bookings.c.ticket_id).where(bookings.c.code == code, bookings.c.hall_id == tx.hall.id)
    found = tx.connection.execute(wanted).one_or_none()
    return None if found is None else dict(found._mapping)


def _scanned(tx: Tx, by: Principal, code: str, bare: str) -> Row:
    if by.role != Role.KIOSK and _NUMBER.fullmatch(code.upper()):
        return numbered_ticket(tx, code)
    wanted = select(tickets.c.id).where(tickets.c.track_code == bare, tickets.c.hall_id == tx.hall.id)
    found: Any = tx.connection.execute(wanted).scalar()
    if found is None:
        raise HallError("not_found", what="code", id="")
    return known_ticket(tx, found)
