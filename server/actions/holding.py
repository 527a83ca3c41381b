"""A ticket set aside: held by a clerk, taken back to a window, returned to its line when its time has come."""

from datetime import timedelta

from hall.errors import HallError
from hall.words import HOLD_REASONS, Role, WindowStatus
from server.actions.lines import join_line
from server.actions.moves import (
    claimed_window,
    free_window,
    keep_freed,
    numbered_ticket,
    plain_answer,
    served_seconds,
    status_after,
    ticket_event,
    window_with_ticket,
)
from server.actions.own_case import refuse_own_case
from server.actions.visits import refuse_linked, settle_visit
from server.command import Done, Tx
from server.journal import Draft
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import Row, keep
from server.tables.layout import windows
from server.tables.queue import tickets


def hold_ticket(tx: Tx, by: Principal, window_id: str, reason: str, minutes: int | None) -> Done:
    """Sets a called or serving ticket aside and frees its window: `ticket.held`.

    After `minutes` it returns to its line of its own accord, else it stays until a clerk takes it back. The time it
    was served so far counts as the window's. Of the reason the event has a code of the list alone.
    """
    layout = layout_of(tx.connection, tx.hall)
    window, ticket = window_with_ticket(tx, window_id, by)
    after, seconds = status_after("hold", ticket), served_seconds(tx, ticket)
    return_at = None if minutes is None else tx.now + timedelta(minutes=minutes)
    served = ticket["service_seconds"] + seconds
    held = {"return_at": return_at, "held_by": by.id, "hold_reason": reason}
    keep(tx, tickets, ticket, status=after, service_seconds=served, **held)
    if return_at is not None:
        tx.hall.due(return_at)
    told = reason if reason in HOLD_REASONS else None
    events = free_window(tx, layout, window, ticket, "hold", seconds=seconds, reason=told, by=by.name)
    keep_freed(tx, window)
    return Done(plain_answer(layout, ticket), events)


def resume_ticket(tx: Tx, by: Principal, window_id: str, number: str) -> Done:
    """Takes a held number back to an open, empty window: `ticket.resumed`; it is served on from now.

    `held_elsewhere` unless `by` holds it, or this window held it, or a supervisor does it.
    """
    layout = layout_of(tx.connection, tx.hall)
    window, there = claimed_window(tx, window_id, by)
    ticket = numbered_ticket(tx, number)
    refuse_own_case(tx, by, ticket)
    after = status_after("resume", ticket)
    if by.role != Role.SUPERVISOR and ticket["held_by"] != by.id and ticket["window_id"] != window_id:
        raise HallError("held_elsewhere", number=ticket["number"], window=layout.windows[ticket["window_id"]].name)
    if window["status"] != WindowStatus.OPEN:
        raise HallError("window_not_open", window=window_id, status=window["status"])
    if there is not None:
        raise HallError("window_busy", window=window_id, number=there["number"])
    refuse_linked(tx, ticket)
    # Who held it and why stays in the row: a resume undone has it again.
    keep(tx, tickets, ticket, status=after, window_id=window_id, started_at=tx.now, return_at=None)
    keep(tx, windows, window, ticket_id=ticket["id"], status_at=tx.now)
    resumed = ticket_event("resume", ticket, layout, window, ticket, by=by.name)
    return Done(plain_answer(layout, ticket), [resumed, *settle_visit(tx, ticket)])


def return_ticket(tx: Tx, layout: Layout, ticket: Row) -> Draft:
    """A held ticket's time is up: it waits in its line again with its lane and seniority: `ticket.returned`."""
    status_after("return", ticket)
    waiting = join_line(tx, ticket, return_at=None)
    return ticket_event("return", ticket, layout, waiting=waiting)
