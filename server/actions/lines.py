"""Into a line and out of it: a waiting ticket's place, and the counts that are kept with it."""

from typing import Any

from sqlalchemy import bindparam, select

from hall.words import AT_A_WINDOW, TicketStatus
from server.command import Tx
from server.hot import Statement
from server.rows import TICKET, Row, count_waiting, keep, ticket_of
from server.tables.layout import windows
from server.tables.queue import tickets

_OF_VISIT = Statement(
    select(*TICKET)
    .where(tickets.c.hall_id == bindparam("hall"), tickets.c.visit_id == bindparam("visit"))
    .order_by(tickets.c.issued_seq)
)
_AT_WINDOW = ("window_id", "first_called_at", "called_at", "started_at")
_WINDOW_IS = Statement(
    select(windows.c.id).where(
        windows.c.hall_id == bindparam("hall"), windows.c.id == bindparam("key"), windows.c.status != "closed"
    )
)
_CLERK_IS = Statement(
    select(windows.c.id).where(windows.c.hall_id == bindparam("hall"), windows.c.clerk == bindparam("key"))
)


def leave_line(tx: Tx, ticket: Row, **changes: Any) -> dict[str, int]:
    """A waiting ticket waits no more: `changes` says what it is now. {line: waiting} for the event."""
    waiting = count_waiting(tx, ticket, -1)
    keep(tx, tickets, ticket, **changes)
    return waiting


def join_line(tx: Tx, ticket: Row, **changes: Any) -> dict[str, int]:
    """A ticket waits, in the line, lane, pool and seniority that `changes` gives it. {line: waiting} for the event.

    Its calls are counted anew: a visitor who was away is given the whole time again.
    """
    pool, parked = _pool_still(tx, ticket), parked_for(tx, {**ticket, **changes})
    given = {**dict.fromkeys(_AT_WINDOW), "calls": 0, "parked": parked, "pool": pool, **changes}
    keep(tx, tickets, ticket, status=TicketStatus.WAITING, **given)
    return count_waiting(tx, ticket, +1)


def _pool_still(tx: Tx, ticket: Row) -> str:
    """The pool a ticket comes back to: none where its window is closed, or its clerk gone, by now."""
    kind, _, key = ticket["pool"].partition(":")
    there = bool(kind) and bool((_WINDOW_IS if kind == "w" else _CLERK_IS).run(tx.connection, hall=tx.hall.id, key=key))
    return str(ticket["pool"]) if there else ""


def change_place(tx: Tx, ticket: Row, **changes: Any) -> dict[str, int]:
    """A waiting ticket gets another line, lane, pool or park. {line: waiting} of each line for the event."""
    before = count_waiting(tx, ticket, -1)
    keep(tx, tickets, ticket, **changes)
    return {**before, **count_waiting(tx, ticket, +1)}


def parked_for(tx: Tx, ticket: Row) -> str | None:
    """Why a waiting ticket cannot be called just now; None when it can."""
    if ticket["remote"] and ticket["arrived_at"] is None:
        return "remote"
    if ticket["late_at"] is not None and ticket["return_at"] is not None and ticket["return_at"] > tx.now:
        return "late"
    return "linked" if any(one["status"] in AT_A_WINDOW for one in rest_of_visit(tx, ticket)) else None


def rest_of_visit(tx: Tx, ticket: Row) -> list[Row]:
    """The other tickets of the same person, in the order of their issue."""
    if ticket["visit_id"] is None:
        return []
    found = _OF_VISIT.run(tx.connection, hall=tx.hall.id, visit=ticket["visit_id"])
    return [row for row in map(ticket_of, found) if row["id"] != ticket["id"]]
