"""What a clerk does with numbers: call the next or a chosen one, recall, start, complete, mark a no-show."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, select, text

from hall.errors import HallError
from hall.order import Head, pick_next
from hall.words import AT_A_WINDOW, TicketStatus, VisitorClass, WindowStatus
from server.actions.moves import (
    claimed_window,
    finish_ticket,
    keep_freed,
    plain_answer,
    required_ticket,
    status_after,
    ticket_event,
    ticket_there,
)
from server.command import Done, Tx
from server.journal import Draft
from server.layout import Layout, layout_of
from server.people import Principal
from server.rows import Row, count_waiting, keep
from server.tables import tickets

# The head of every line and class that a window serves; the partial index makes each a single step.
_HEADS = text(
    """
    SELECT l.line_id, l.class AS class, l.waiting, t.id, t.number, t.queued_at, t.issued_seq
    FROM window_lines w
    JOIN loads l ON l.hall_id = w.hall_id AND l.line_id = w.line_id
    LEFT JOIN tickets t ON l.waiting > 0 AND t.hall_id = l.hall_id AND t.id = (
        SELECT id FROM tickets q
        WHERE q.hall_id = l.hall_id AND q.line_id = l.line_id AND q.class = l.class AND q.status = 'waiting'
        ORDER BY q.queued_at, q.issued_seq LIMIT 1)
    WHERE w.hall_id = :hall AND w.window_id = :window
    """
).columns(queued_at=tickets.c.queued_at.type)

_BY_NUMBER = select(tickets).where(
    tickets.c.hall_id == bindparam("hall"),
    tickets.c.day == bindparam("day"),
    tickets.c.number == bindparam("number"),
)
_BY_ID = select(tickets).where(tickets.c.hall_id == bindparam("hall"), tickets.c.id == bindparam("id"))


def call_next(tx: Tx, by: Principal, window_id: str, finish: str | None) -> Done:
    """Calls who is next for a window: `ticket.called`; answers None when nobody waits.

    A ticket serving there is completed first; one only called there is `window_busy` unless `finish` says how it
    ended. A window that is not open is `window_not_open` while anybody waits for it.
    """
    layout = layout_of(tx.connection, tx.hall)
    window = claimed_window(tx, window_id, by)
    events = _make_room(tx, layout, window, finish, by)
    if events and window["status"] != WindowStatus.OPEN:
        keep_freed(tx, window)
        return Done(None, events)
    found = tx.connection.execute(_HEADS, {"hall": tx.hall.id, "window": window_id}).all()
    heads = [
        Head(row.id, row.number, row.line_id, row.__getattr__("class"), row.queued_at, row.issued_seq)
        for row in found
        if row.id is not None
    ]
    pick = pick_next(heads, layout.windows[window_id].ranks, tx.now, layout.rules.red_wait_minutes * 60)
    if pick is None:
        if events:
            keep_freed(tx, window)
        return Done(None, events)
    if window["status"] != WindowStatus.OPEN:
        raise HallError("window_not_open", window=window_id, status=window["status"])
    ticket = dict(tx.connection.execute(_BY_ID, {"hall": tx.hall.id, "id": pick.head.ticket}).one()._mapping)
    before = sum(row.waiting for row in found if row.line_id == ticket["line_id"])
    events.append(_call(tx, layout, window, ticket, before, why=pick.why, by=by.name))
    return Done(plain_answer(layout, ticket), events)


def _make_room(tx: Tx, layout: Layout, window: Row, finish: str | None, by: Principal) -> list[Draft]:
    """Ends what is at the window before the next call."""
    there = ticket_there(tx, window)
    if there is None:
        return []
    if there["status"] == TicketStatus.SERVING:
        return finish_ticket(tx, layout, window, there, "complete", by=by.name)
    if finish is None:
        raise HallError("window_busy", window=window["id"], number=there["number"])
    if finish == "completed":
        return finish_ticket(tx, layout, window, there, "complete", by=by.name)
    early = _too_early(tx, layout, there) is not None
    return finish_ticket(tx, layout, window, there, "no_show", by=by.name, early=early)


def _call(tx: Tx, layout: Layout, window: Row, ticket: Row, before: int | None, **data: Any) -> Draft:
    waiting = count_waiting(tx, ticket["line_id"], ticket["class"], -1, before)
    keep(
        tx,
        tickets,
        ticket,
        status=status_after("call", ticket),
        window_id=window["id"],
        called_at=tx.now,
        first_called_at=ticket["first_called_at"] or tx.now,
        calls=ticket["calls"] + 1,
        why=data.get("why"),
    )
    window.update(ticket_id=ticket["id"], status_at=tx.now)
    keep_freed(tx, window)
    return ticket_event("call", ticket, layout, window, ticket, waiting=waiting, **data)


def call_number(tx: Tx, by: Principal, window_id: str, number: str, reason: str, finish: str | None) -> Done:
    """Calls a chosen waiting number of today that the window serves, out of its order: `ticket.called`."""
    layout = layout_of(tx.connection, tx.hall)
    window = claimed_window(tx, window_id, by)
    if window["status"] != WindowStatus.OPEN:
        raise HallError("window_not_open", window=window_id, status=window["status"])
    key = {"hall": tx.hall.id, "day": tx.hall.day, "number": number.strip().upper()}
    found = tx.connection.execute(_BY_NUMBER, key).one_or_none()
    if found is None:
        raise HallError("not_found", what="number", id=number)
    ticket = dict(found._mapping)
    status_after("call", ticket)
    if ticket["line_id"] not in layout.windows[window_id].ranks:
        raise HallError("line_not_served", window=window_id, number=ticket["number"])
    events = _make_room(tx, layout, window, finish, by)
    if window["status"] != WindowStatus.OPEN:
        raise HallError("window_not_open", window=window_id, status=window["status"])
    why = {"chosen": True}
    events.append(_call(tx, layout, window, ticket, None, why=why, reason=reason, by=by.name))
    return Done(plain_answer(layout, ticket), events)


def recall_ticket(tx: Tx, by: Principal, window_id: str) -> Done:
    """Calls the called number once more: `ticket.recalled`."""
    return _at_window(tx, by, window_id, "recall", lambda ticket: {"called_at": tx.now, "calls": ticket["calls"] + 1})


def start_ticket(tx: Tx, by: Principal, window_id: str) -> Done:
    """The called visitor has arrived: `ticket.started`."""
    return _at_window(tx, by, window_id, "start", lambda _ticket: {"started_at": tx.now})


def _at_window(tx: Tx, by: Principal, window_id: str, move: str, changes: Callable[[Row], dict[str, Any]]) -> Done:
    layout = layout_of(tx.connection, tx.hall)
    window = claimed_window(tx, window_id, by)
    ticket = required_ticket(tx, window)
    keep(tx, tickets, ticket, status=status_after(move, ticket), **changes(ticket))
    return Done(plain_answer(layout, ticket), [ticket_event(move, ticket, layout, window, ticket, by=by.name)])


def complete_ticket(tx: Tx, by: Principal, window_id: str, outcome: str | None) -> Done:
    """Ends the service of a called or serving ticket: `ticket.completed`."""
    layout = layout_of(tx.connection, tx.hall)
    window = claimed_window(tx, window_id, by)
    ticket = required_ticket(tx, window)
    events = finish_ticket(tx, layout, window, ticket, "complete", outcome=outcome, by=by.name)
    keep_freed(tx, window)
    return Done(plain_answer(layout, ticket), events)


def mark_no_show(tx: Tx, by: Principal, window_id: str, early: bool) -> Done:
    """The called visitor did not come: `ticket.missed`. `too_early` before the set calls and seconds unless `early`."""
    layout = layout_of(tx.connection, tx.hall)
    window = claimed_window(tx, window_id, by)
    ticket = required_ticket(tx, window)
    status_after("no_show", ticket)
    wait = _too_early(tx, layout, ticket)
    if wait is not None and not early:
        raise HallError("too_early", number=ticket["number"], **wait)
    events = finish_ticket(tx, layout, window, ticket, "no_show", by=by.name, early=wait is not None)
    keep_freed(tx, window)
    return Done(plain_answer(layout, ticket), events)


def _too_early(tx: Tx, layout: Layout, ticket: Row) -> dict[str, int] | None:
    """What a no-show still lacks, {calls, seconds}; None when it may be marked."""
    rules = layout.rules
    priority = ticket["class"] == VisitorClass.PRIORITY
    seconds = rules.no_show_seconds_priority if priority else rules.no_show_seconds
    assert ticket["status"] in AT_A_WINDOW
    waited = int((tx.now - ticket["first_called_at"]).total_seconds())
    lacking = {"calls": max(0, rules.no_show_calls - ticket["calls"]), "seconds": max(0, seconds - waited)}
    return lacking if any(lacking.values()) else None
