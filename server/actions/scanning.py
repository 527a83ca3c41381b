"""What a slip's code does at the kiosk and the desk: a small table of cases, by what the ticket is."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from hall.errors import HallError
from hall.words import Role, TicketStatus
from server.actions.missing import reinstate_ticket
from server.actions.moves import known_ticket, numbered_ticket
from server.actions.visitor import arrive_ticket
from server.command import Done, Tx
from server.layout import layout_of
from server.people import Principal
from server.rows import Row, ticket_answer
from server.standing import standing_of
from server.tables import tickets

_NUMBER = re.compile(r"[A-Z]{1,2}\d{3,8}")

Act = Callable[[Tx, Principal, str], Done]

# (what it is called in the answer, the tickets it is for, what is done); the first that fits. Else it is `found`.
CASES: list[tuple[str, Callable[[Row], bool], Act]] = [
    ("reinstated", lambda ticket: ticket["status"] == TicketStatus.NO_SHOW, reinstate_ticket),
    ("arrived", lambda ticket: ticket["parked"] == "remote", arrive_ticket),
]


def scan_code(tx: Tx, by: Principal, code: str) -> Done:
    """Does what the slip stands for: {action, ticket}; `found` writes nothing, and says how the ticket stands.

    `code`: what the slip's code holds, the bare code or the whole address. Staff may type a number of today instead.
    """
    ticket = _scanned(tx, by, code.strip())
    for action, fits, act in CASES:
        if fits(ticket):
            done = act(tx, by, ticket["id"])
            return Done({"action": action, "ticket": done.answer}, done.events)
    standing = standing_of(tx.connection, layout_of(tx.connection, tx.hall), ticket, tx.now)
    return Done({"action": "found", "ticket": ticket_answer(ticket, standing)})


def _scanned(tx: Tx, by: Principal, code: str) -> Row:
    if by.role != Role.KIOSK and _NUMBER.fullmatch(code.upper()):
        return numbered_ticket(tx, code)
    bare = code.rstrip("/").rpartition("/")[2]
    wanted = select(tickets.c.id).where(tickets.c.track_code == bare, tickets.c.hall_id == tx.hall.id)
    found: Any = tx.connection.execute(wanted).scalar()
    if found is None:
        raise HallError("not_found", what="code", id="")
    return known_ticket(tx, found)
