"""The steps that several actions take: a legal move of a ticket, and a window set free."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from hall.day import time_outside
from hall.errors import HallError
from hall.words import TICKET_EVENTS, TICKET_MOVES, Role, TicketStatus, WindowStatus
from server.actions.complaining import case_of_ticket
from server.actions.lines import join_line
from server.actions.onward import onward, release_pools
from server.actions.own_case import refuse_own_case
from server.actions.visits import settle_visit
from server.command import Tx
from server.hot import Statement
from server.journal import Draft
from server.layout.kept import Layout
from server.people import Principal
from server.rows import (
    TICKET,
    Row,
    keep,
    staff_words,
    ticket_answer,
    ticket_of,
    ticket_row,
    ticket_state,
    window_and_ticket,
    window_state,
)
from server.standing import standing_at_window, standing_of
from server.tables.layout import windows
from server.tables.queue import tickets

_BY_NUMBER = Statement(
    select(*TICKET).where(
        tickets.c.hall_id == bindparam("hall"),
        tickets.c.day == bindparam("day"),
        tickets.c.number == bindparam("number"),
    )
)


def status_after(move: str, ticket: Row) -> TicketStatus:
    """The status that a move leads to. Raises `illegal_move` from any other status."""
    after = TICKET_MOVES[move].get(TicketStatus(ticket["status"]))
    if after is None:
        raise HallError("illegal_move", move=move, number=ticket["number"], status=ticket["status"])
    return after


def known_ticket(tx: Tx, ticket: str) -> Row:
    row = ticket_row(tx.connection, tx.hall.id, ticket)
    if row is None:
        raise HallError("not_found", what="ticket", id=ticket)
    return row


def numbered_ticket(tx: Tx, number: str) -> Row:
    """The ticket of today with this number."""
    found = _BY_NUMBER.run(tx.connection, hall=tx.hall.id, day=tx.hall.day, number=number.strip().upper())
    if not found:
        raise HallError("not_found", what="number", id=number)
    return ticket_of(found[0])


def claimed_window(tx: Tx, window: str, by: Principal) -> tuple[Row, Row | None]:
    """The window and the ticket there, where `by` may act on it: nobody's, his own, or a supervisor's hand."""
    found = window_and_ticket(tx.connection, tx.hall.id, window)
    if found is None:
        raise HallError("not_found", what="window", id=window)
    if by.role == Role.CLERK and found[0]["clerk"] not in (None, by.id):
        raise HallError("window_taken", window=window, clerk=found[0]["clerk_name"])
    refuse_own_case(tx, by, found[1])
    return found


def window_with_ticket(tx: Tx, window: str, by: Principal) -> tuple[Row, Row]:
    """As `claimed_window`, where a ticket is there."""
    row, there = claimed_window(tx, window, by)
    if there is None:
        raise HallError("window_empty", window=window)
    return row, there


def ticket_event(
    move: str, ticket: Row, layout: Layout, window: Row | None = None, there: Row | None = None, **data: Any
) -> Draft:
    """The event of a ticket's move; with a window its state after, `there` the ticket it then holds."""
    kept = {key: value for key, value in data.items() if value is not None}
    if window is not None:
        kept["window"] = window_state(layout, window, there)
    return Draft(TICKET_EVENTS[move], kept, ticket_state(ticket), window["id"] if window is not None else None)


def finish_ticket(
    tx: Tx,
    layout: Layout,
    window: Row,
    ticket: Row,
    move: str,
    outcome: str | None = None,
    whole: bool = False,
    **data: Any,
) -> list[Draft]:
    """Ends what is at a window (complete, no_show, cancel) and sets the window free.

    What is completed here but has more to come goes on instead, as a transfer (server/actions/onward.py), unless the
    `whole` of it ends.
    """
    after, served = status_after(move, ticket), move == "complete"
    seconds = served_seconds(tx, ticket, ticket["called_at"]) if served else 0
    further = onward(tx, layout, ticket) if served and not whole else None
    counted = _for_sheets(tx, ticket, move, seconds)
    complaint = served and ticket["line_id"] == layout.complaint_line
    opened = case_of_ticket(tx, layout, ticket, data.get("by")) if complaint else []
    if further is None:
        ended = {"route": None} if whole and ticket["route"] else {}
        keep(tx, tickets, ticket, status=after, ended_at=tx.now, outcome=outcome, **ended, **counted)
        return [*free_window(tx, layout, window, ticket, move, served, seconds, **data), *opened]
    changes, words = further
    waiting = join_line(tx, ticket, **changes, **counted, joined_at=tx.now)
    data |= {"waiting": waiting, "outcome": outcome, **words}
    return [*free_window(tx, layout, window, ticket, "transfer", served, seconds, **data), *opened]


def _for_sheets(tx: Tx, ticket: Row, move: str, seconds: int) -> dict[str, Any]:
    """What the sheets count of a ticket that leaves a window."""
    if move == "no_show":
        return {"missed_at": tx.now}
    return {"service_seconds": ticket["service_seconds"] + seconds} if seconds else {}


def served_seconds(tx: Tx, ticket: Row, since: datetime | None = None) -> int:
    """How long a ticket has been served; `since`: from when, where nobody said that it began."""
    began = ticket["started_at"] or since or tx.now
    return int((tx.now - began).total_seconds())


def free_window(
    tx: Tx, layout: Layout, window: Row, ticket: Row, move: str, served: bool = False, seconds: int = 0, **data: Any
) -> list[Draft]:
    """The event of a ticket that has left its window, and what the window put off until then.

    `served`: one more is done there; `seconds`: of service to be counted. The window is changed in hand; the caller
    writes it with `keep_freed`, once, after whatever follows.
    """
    window.update(ticket_id=None, status_at=tx.now)
    window["served"] += int(served)
    window["service_seconds"] += seconds
    if overtime := _overtime_seconds(tx, layout, seconds):
        window["overtime_seconds"] += overtime
        data["overtime"] = overtime
    events = [ticket_event(move, ticket, layout, window, **data)]
    if ticket["visit_id"] is not None:
        events += settle_visit(tx, ticket)
    if window["closing"]:
        clerk = window["clerk"]
        window.update(_put_off(window))
        events.append(window_event("pause" if window["status"] == "paused" else "close", layout, window))
        if window["status"] == WindowStatus.CLOSED:
            events += release_pools(tx, window["id"], clerk, window["id"])
    return events


def _overtime_seconds(tx: Tx, layout: Layout, seconds: int) -> int:
    """What of a service that ends now lay outside the calling hours; on a day off all of it."""
    if not seconds:
        return 0
    if not layout.days.works(tx.hall.day):
        return seconds
    outside = time_outside(tx.now - timedelta(seconds=seconds), tx.now, layout.time_zone, layout.calling)
    return int(outside.total_seconds())


_COUNTED = ("served", "service_seconds", "overtime_seconds")
_FREED = ("ticket_id", "status_at", *_COUNTED)
_LEFT = ("status", "closing", "clerk", "clerk_name", "until")


def keep_freed(tx: Tx, window: Row) -> None:
    """Writes what finishing a ticket, and calling another, changed of a window; once closed or paused, that too."""
    names = _FREED if window["status"] == WindowStatus.OPEN else _FREED + _LEFT
    keep(tx, windows, window, **{name: window[name] for name in names})


def _put_off(window: Row) -> dict[str, Any]:
    if window["closing"] == "pause":
        return {"status": WindowStatus.PAUSED, "closing": None}
    return {"status": WindowStatus.CLOSED, "closing": None, "clerk": None, "clerk_name": None, "until": None}


def plain_answer(layout: Layout, ticket: Row, state: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answer to staff for a ticket that does not wait; `state`: where it is made already."""
    return ticket_answer(ticket, standing_at_window(layout, ticket), state=state) | staff_words(ticket)


def staff_answer(tx: Tx, layout: Layout, ticket: Row) -> dict[str, Any]:
    """The answer to staff for a ticket that may wait again."""
    return ticket_answer(ticket, standing_of(tx.connection, layout, ticket, tx.now)) | staff_words(ticket)


def window_event(move: str, layout: Layout, window: Row, there: Row | None = None, **data: Any) -> Draft:
    types = {
        "open": "window.opened",
        "pause": "window.paused",
        "close": "window.closed",
        "change": "window.changed",
    }
    kept = {key: value for key, value in data.items() if value is not None}
    return Draft(types[move], {"window": window_state(layout, window, there), **kept}, window=window["id"])
