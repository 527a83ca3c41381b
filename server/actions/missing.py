"""Missed numbers: when a called visitor counts as not come, and how a missed number comes back."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, text

from hall.errors import HallError
from hall.words import Lane, TicketStatus, VisitorClass
from server.actions.lines import join_line
from server.actions.moves import (
    finish_ticket,
    keep_freed,
    known_ticket,
    plain_answer,
    status_after,
    ticket_event,
    window_with_ticket,
)
from server.command import Done, Tx
from server.hot import Statement
from server.journal import Draft
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import TICKET, Row, ticket_answer, ticket_of, window_row
from server.standing import standing_of
from server.tables.queue import tickets

_CALLED = Statement(
    select(*TICKET)
    # The first words are those of the index over tickets at windows.
    .where(tickets.c.hall_id == bindparam("hall"), text("status IN ('called', 'serving') AND status = 'called'"))
    .order_by(tickets.c.first_called_at, tickets.c.issued_seq)
)
_NTH_WAITING = Statement(
    select(tickets.c.queued_at)
    .where(
        tickets.c.hall_id == bindparam("hall"),
        tickets.c.line_id == bindparam("line"),
        text("status = 'waiting' AND pool = '' AND parked IS NULL"),
    )
    .order_by(tickets.c.queued_at, tickets.c.issued_seq)
    .limit(bindparam("n"))
)


def mark_no_show(tx: Tx, by: Principal, window_id: str, early: bool) -> Done:
    """The called visitor did not come: `ticket.missed`. `too_early` before the set calls and seconds unless `early`."""
    layout = layout_of(tx.connection, tx.hall)
    window, ticket = window_with_ticket(tx, window_id, by)
    status_after("no_show", ticket)
    wait = too_early(tx, layout, ticket)
    if wait is not None and not early:
        raise HallError("too_early", number=ticket["number"], **wait)
    events = finish_ticket(tx, layout, window, ticket, "no_show", by=by.name, early=wait is not None)
    keep_freed(tx, window)
    return Done(plain_answer(layout, ticket), events)


def too_early(tx: Tx, layout: Layout, ticket: Row) -> dict[str, int] | None:
    """What a no-show still lacks, {calls, seconds}; None when it may be marked."""
    waited = int((tx.now - ticket["first_called_at"]).total_seconds())
    calls, seconds = layout.rules.no_show_calls - ticket["calls"], seconds_to_come(layout, ticket) - waited
    lacking = {"calls": max(0, calls), "seconds": max(0, seconds)}
    return lacking if any(lacking.values()) else None


def seconds_to_come(layout: Layout, ticket: Row) -> int:
    """How long after the first call a visitor may take: longer for priority, and from another floor.

    A visitor is taken to wait where the line's first window is, by the layout's order: slips name the zones of the
    windows that were open at issue, and nobody keeps which those were.
    """
    window, line = layout.windows[ticket["window_id"]], layout.windows_of[ticket["line_id"]]
    told = line[0].zone if line else window.zone
    other_floor = layout.zones[told]["floor"] != layout.zones[window.zone]["floor"]
    longer = other_floor or ticket["class"] == VisitorClass.PRIORITY
    return layout.rules.no_show_seconds_priority if longer else layout.rules.no_show_seconds


def missed_at(layout: Layout, ticket: Row) -> datetime | None:
    """When a called ticket is missed of its own accord; None where that is switched off or calls are lacking."""
    called = ticket["status"] == TicketStatus.CALLED
    if not (called and layout.rules.automatic_no_show) or ticket["calls"] < layout.rules.no_show_calls:
        return None
    came: datetime = ticket["first_called_at"]
    return came + timedelta(seconds=seconds_to_come(layout, ticket))


def watch_call(tx: Tx, layout: Layout, ticket: Row) -> None:
    """Has the hall look again when a called ticket is to be missed of its own accord."""
    at = missed_at(layout, ticket)
    if at is not None:
        tx.hall.due(at)


def miss_uncome(tx: Tx, layout: Layout) -> list[Draft]:
    """`ticket.missed` for everyone who was called long enough, where that is automatic; watches the others."""
    events: list[Draft] = []
    if not layout.rules.automatic_no_show:
        return events
    for ticket in map(ticket_of, _CALLED.run(tx.connection, hall=tx.hall.id)):
        at = missed_at(layout, ticket)
        if at is None or at > tx.now:
            watch_call(tx, layout, ticket)
            continue
        window = window_row(tx.connection, tx.hall.id, ticket["window_id"])
        assert window is not None
        events += finish_ticket(tx, layout, window, ticket, "no_show", automatic=True)
        keep_freed(tx, window)
    return events


def reinstate_ticket(tx: Tx, by: Principal, ticket_id: str, reason: str | None = None) -> Done:
    """A missed number waits again, once, where the hall's policy puts it: `ticket.reinstated`.

    Refuses `already_reinstated`, `too_late` after the set minutes, `not_reinstated` where the hall never does it.
    """
    layout, ticket = layout_of(tx.connection, tx.hall), known_ticket(tx, ticket_id)
    status_after("reinstate", ticket)
    _check_reinstating(tx, layout, ticket)
    place = _place_again(tx, layout, ticket)
    back = {"ended_at": None, "missed_at": None, "return_at": None, "reinstated_at": tx.now}
    waiting = join_line(tx, ticket, **place, **back, joined_at=tx.now)
    event = ticket_event("reinstate", ticket, layout, waiting=waiting, by=by.name, reason=reason)
    return Done(ticket_answer(ticket, standing_of(tx.connection, layout, ticket, tx.now)), [event])


def _check_reinstating(tx: Tx, layout: Layout, ticket: Row) -> None:
    rules, number = layout.rules, ticket["number"]
    if ticket["line_id"] not in layout.lines:
        raise HallError("line_closed", line=ticket["line_id"], reason="not_in_hall")
    if rules.reinstate_policy == "expire":
        raise HallError("not_reinstated", number=number)
    if ticket["reinstated_at"] is not None:
        raise HallError("already_reinstated", number=number)
    if tx.now > ticket["ended_at"] + timedelta(minutes=rules.reinstate_within_minutes):
        raise HallError("too_late", number=number, minutes=rules.reinstate_within_minutes)


def _place_again(tx: Tx, layout: Layout, ticket: Row) -> dict[str, Any]:
    """{lane, queued_at}: between others, at the tail of its own lane, or behind so many who wait in its line."""
    rules = layout.rules
    if rules.reinstate_policy == "interleave":
        return {"lane": Lane.REINSTATED, "queued_at": tx.now}
    place = {"lane": ticket["class"], "queued_at": tx.now}
    if rules.reinstate_policy == "after_n":
        key = {"hall": tx.hall.id, "line": ticket["line_id"], "n": rules.reinstate_after}
        before = [at for (at,) in _NTH_WAITING.run(tx.connection, **key)]
        # Nobody gains seniority by missing a number.
        behind = max([ticket["queued_at"], *(at + timedelta(milliseconds=1) for at in before)])
        place["queued_at"] = min(behind, tx.now)
    return place
