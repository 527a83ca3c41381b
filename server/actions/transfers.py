"""A ticket sent on: to another line, to one window or to one person, with a note and, where wished, back again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from hall.errors import HallError
from hall.words import AT_A_WINDOW, Role, TicketStatus, WindowStatus
from server.actions.calls import may_call
from server.actions.lines import change_place, join_line, parked_for
from server.actions.moves import (
    claimed_window,
    free_window,
    keep_freed,
    known_ticket,
    numbered_ticket,
    staff_answer,
    status_after,
    ticket_event,
)
from server.actions.own_case import keep_complaint
from server.command import Done, Tx
from server.hot import Statement
from server.journal import Draft
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import Row, window_row
from server.tables.layout import windows

_CLERKS = Statement(
    select(windows.c.clerk, windows.c.clerk_name).where(
        windows.c.hall_id == bindparam("hall"), windows.c.clerk.is_not(None)
    )
)


@dataclass(frozen=True)
class Target:
    """Where to: exactly one of the three."""

    line: str | None = None
    window: str | None = None
    clerk: str | None = None
    """Someone at a window just now, by name or by id."""


@dataclass(frozen=True)
class Sending:
    to: Target
    come_back: bool = False
    note: str | None = None
    """For who serves the ticket next; never in an event."""
    number: str | None = None
    """A waiting ticket; None: the one at the window."""
    reason: str | None = None


def transfer_ticket(tx: Tx, by: Principal, window_id: str, sending: Sending) -> Done:
    """Sends the ticket at a window, or a waiting one, elsewhere with its seniority: `ticket.transferred`.

    With `come_back` it comes to this window again once it is done there. Refuses `window_not_open` for a closed
    window, `not_found` for someone who is at no window, `line_not_served` for a waiting number that is not this
    window's to send, unless a supervisor sends it.
    """
    layout = layout_of(tx.connection, tx.hall)
    window, there = claimed_window(tx, window_id, by)
    ticket = there if sending.number is None else _numbered(tx, layout, by, window, there, sending.number)
    if ticket is None:
        raise HallError("window_empty", window=window_id)
    status_after("transfer", ticket)
    changes, data = _sent(tx, layout, ticket, sending, by)
    if sending.come_back:
        back = {"line": ticket["line_id"], "window": window_id, "back": True}
        changes["route"] = [back, *(changes["route"] or [])]
    if ticket["status"] in AT_A_WINDOW:
        waiting = join_line(tx, ticket, **changes)
        events = free_window(tx, layout, window, ticket, "transfer", waiting=waiting, **data)
        keep_freed(tx, window)
    else:
        events = [_send_on(tx, layout, ticket, changes, data)]
    return Done(staff_answer(tx, layout, ticket), events)


def send_waiting(tx: Tx, by: Principal, ticket_id: str, sending: Sending) -> Done:
    """The guide desk sends a waiting ticket elsewhere, with its seniority: `ticket.transferred`.

    `illegal_move` once it is called: from then on it is its clerk's to send.
    """
    layout = layout_of(tx.connection, tx.hall)
    ticket = known_ticket(tx, ticket_id)
    if ticket["status"] != TicketStatus.WAITING:
        raise HallError("illegal_move", move="transfer", number=ticket["number"], status=ticket["status"])
    changes, data = _sent(tx, layout, ticket, sending, by)
    event = _send_on(tx, layout, ticket, changes, data)
    return Done(staff_answer(tx, layout, ticket), [event])


def _sent(
    tx: Tx, layout: Layout, ticket: Row, sending: Sending, by: Principal
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of the ticket changes, and the words for the event; a leg at the line it goes to anyway falls away."""
    keep_complaint(layout, by, ticket, sending.to.line)
    changes, to = _place(tx, layout, ticket, sending.to)
    legs = [
        leg
        for leg in ticket["route"] or []
        if changes["line_id"] == ticket["line_id"] or leg["line"] != changes["line_id"]
    ]
    changes |= {"route": legs or None, "note": sending.note or ticket["note"], "joined_at": tx.now}
    data = {"from": ticket["line_id"], "to": to, "come_back": sending.come_back or None, "by": by.name}
    return changes, {**data, "reason": sending.reason}


def _send_on(tx: Tx, layout: Layout, ticket: Row, changes: dict[str, Any], data: dict[str, Any]) -> Draft:
    waiting = change_place(tx, ticket, **changes, parked=parked_for(tx, ticket))
    return ticket_event("transfer", ticket, layout, waiting=waiting, **data)


def _numbered(tx: Tx, layout: Layout, by: Principal, window: Row, there: Row | None, number: str) -> Row:
    ticket = numbered_ticket(tx, number)
    if there is not None and ticket["id"] == there["id"]:
        return there
    if ticket["status"] in AT_A_WINDOW:  # at another window: its clerk's to send
        raise HallError("illegal_move", move="transfer", number=ticket["number"], status=ticket["status"])
    if by.role != Role.SUPERVISOR and not may_call(layout, window, ticket):
        raise HallError("line_not_served", window=window["id"], number=ticket["number"])
    return ticket


def _place(tx: Tx, layout: Layout, ticket: Row, to: Target) -> tuple[dict[str, Any], dict[str, str]]:
    """The ticket's line and pool there, and the words for the event."""
    if to.line is not None:
        if to.line not in layout.lines:
            raise HallError("not_found", what="line", id=to.line)
        return {"line_id": to.line, "pool": ""}, {"line": to.line}
    if to.window is not None:
        window = window_row(tx.connection, tx.hall.id, to.window)
        if window is None:
            raise HallError("not_found", what="window", id=to.window)
        if window["status"] == WindowStatus.CLOSED:
            raise HallError("window_not_open", window=to.window, status=window["status"])
        return {"line_id": ticket["line_id"], "pool": f"w:{to.window}"}, {"window": to.window}
    clerk, name = _clerk(tx, to.clerk or "")
    return {"line_id": ticket["line_id"], "pool": f"c:{clerk}"}, {"clerk": name}


def _clerk(tx: Tx, key: str) -> tuple[str, str]:
    """(id, name) of someone at a window, by id or by a name that no other has."""
    here = sorted(set(_CLERKS.run(tx.connection, hall=tx.hall.id)))
    found = [one for one in here if one[0] == key] or [one for one in here if one[1] == key]
    if len(found) != 1:
        raise HallError("not_found", what="clerk", id=key)
    return found[0][0], found[0][1]
