"""What a clerk does with numbers: call the next or a chosen one, recall, start, complete."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, func, update

from hall.errors import HallError
from hall.order import pick_next
from hall.words import TICKET_MOVES, TicketStatus, WindowStatus
from server.actions.choosing import Choice, head_of, told
from server.actions.missing import too_early, watch_call
from server.actions.moves import (
    claimed_window,
    finish_ticket,
    keep_freed,
    numbered_ticket,
    plain_answer,
    status_after,
    ticket_event,
    window_with_ticket,
)
from server.actions.own_case import line_kept_from, refuse_own_case
from server.actions.tickets import Wanted, issue_at_window
from server.actions.visits import refuse_linked, settle_visit
from server.command import Done, Tx
from server.hot import Statement
from server.journal import Draft
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import TICKET, Row, count_waiting, keep, ticket_of
from server.standing import overtaken
from server.tables.base import Utc
from server.tables.queue import tickets

_NOW = bindparam("now", type_=Utc)
_CALL = Statement(
    update(tickets)
    .where(
        tickets.c.hall_id == bindparam("hall"),
        tickets.c.id == bindparam("ticket"),
        tickets.c.status == TicketStatus.WAITING.value,
    )
    .values(
        status=TICKET_MOVES["call"][TicketStatus.WAITING].value,
        window_id=bindparam("window"),
        called_at=_NOW,
        first_called_at=func.coalesce(tickets.c.first_called_at, _NOW),
        wait_ended_at=func.coalesce(tickets.c.wait_ended_at, _NOW),
        calls=tickets.c.calls + 1,
    )
    .returning(*TICKET)
)


def call_next(tx: Tx, by: Principal, window_id: str, finish: str | None) -> Done:
    """Calls who is next for a window: `ticket.called`; answers None when nobody waits.

    A ticket serving there is completed first; one only called there is `window_busy` unless `finish` says how it
    ended. A window that is not open is `window_not_open` while anybody waits for it.
    """
    layout = layout_of(tx.connection, tx.hall)
    window, there = claimed_window(tx, window_id, by)
    events = _make_room(tx, layout, window, there, finish, by)
    if events and window["status"] != WindowStatus.OPEN:
        keep_freed(tx, window)
        return Done(None, events)
    choice = Choice(tx, window)
    ranks = layout.windows[window_id].ranks
    kept_from = line_kept_from(layout, by, ranks)
    pick = pick_next(
        choice.heads if kept_from is None else [head for head in choice.heads if head.line != kept_from],
        ranks,
        tx.now,
        layout.order,
        lambda head: overtaken(tx.connection, tx.hall.id, head.ticket),
    )
    if pick is None:
        if events:
            keep_freed(tx, window)
        return Done(None, events)
    if window["status"] != WindowStatus.OPEN:
        raise HallError("window_not_open", window=window_id, status=window["status"])
    moved = choice.keep_order(tx, layout, pick.head, pick.head.lane)
    before = choice.waiting_in(pick.head.line)
    why = {**pick.why, "clerk": window["clerk"]} if tx.hall.pooled else pick.why
    if kept_from is not None:
        why = {**why, "without": kept_from}
    return _call(tx, layout, window, pick.head.ticket, events, before, why=why, by=by.name, **told(moved))


def _make_room(
    tx: Tx, layout: Layout, window: Row, there: Row | None, finish: str | None, by: Principal
) -> list[Draft]:
    """Ends what is at the window before the next call."""
    if there is None:
        return []
    if there["status"] == TicketStatus.SERVING:
        return finish_ticket(tx, layout, window, there, "complete", by=by.name)
    if finish is None:
        raise HallError("window_busy", window=window["id"], number=there["number"])
    if finish == "completed":
        return finish_ticket(tx, layout, window, there, "complete", by=by.name)
    early = too_early(tx, layout, there) is not None
    return finish_ticket(tx, layout, window, there, "no_show", by=by.name, early=early)


def _call(
    tx: Tx, layout: Layout, window: Row, ticket_id: str, events: list[Draft], before: int | None, **data: Any
) -> Done:
    """Calls a waiting ticket to a window; `before`: how many waited for its line, where that is known."""
    key = {"hall": tx.hall.id, "ticket": ticket_id, "window": window["id"], "now": tx.now}
    (called,) = _CALL.run(tx.connection, **key)
    ticket = ticket_of(called)
    watch_call(tx, layout, ticket)
    waiting = count_waiting(tx, ticket, -1, before)
    window.update(ticket_id=ticket_id, status_at=tx.now)
    keep_freed(tx, window)
    event = ticket_event("call", ticket, layout, window, ticket, waiting=waiting, **data)
    linked = settle_visit(tx, ticket) if ticket["visit_id"] is not None else []
    return Done(plain_answer(layout, ticket, event.ticket), [*events, event, *linked])


def call_number(tx: Tx, by: Principal, window_id: str, number: str, reason: str, finish: str | None) -> Done:
    """Calls a chosen waiting number of today that the window serves, out of its order: `ticket.called`."""
    layout = layout_of(tx.connection, tx.hall)
    window, there = claimed_window(tx, window_id, by)
    if window["status"] != WindowStatus.OPEN:
        raise HallError("window_not_open", window=window_id, status=window["status"])
    ticket = numbered_ticket(tx, number)
    refuse_own_case(tx, by, ticket)
    status_after("call", ticket)
    if not may_call(layout, window, ticket):
        raise HallError("line_not_served", window=window_id, number=ticket["number"])
    events = _make_room(tx, layout, window, there, finish, by)
    if window["status"] != WindowStatus.OPEN:
        raise HallError("window_not_open", window=window_id, status=window["status"])
    refuse_linked(tx, ticket)  # only now: whoever was here may have been the same visitor
    moved = Choice(tx, window).keep_order(tx, layout, head_of(ticket), "chosen")
    why = {"chosen": True}
    return _call(tx, layout, window, ticket["id"], events, None, why=why, reason=reason, by=by.name, **told(moved))


def may_call(layout: Layout, window: Row, ticket: Row) -> bool:
    """Whether a window serves a waiting ticket: its line, or its own pool or its clerk's."""
    own = (f"w:{window['id']}", f"c:{window['clerk']}")
    return ticket["line_id"] in layout.windows[window["id"]].ranks or ticket["pool"] in own


def recall_ticket(tx: Tx, by: Principal, window_id: str) -> Done:
    """Calls the called number once more: `ticket.recalled`."""
    return _at_window(tx, by, window_id, "recall", lambda ticket: {"called_at": tx.now, "calls": ticket["calls"] + 1})


def start_ticket(tx: Tx, by: Principal, window_id: str) -> Done:
    """The called visitor has arrived: `ticket.started`."""
    return _at_window(tx, by, window_id, "start", lambda _ticket: {"started_at": tx.now})


def _at_window(tx: Tx, by: Principal, window_id: str, move: str, changes: Callable[[Row], dict[str, Any]]) -> Done:
    layout = layout_of(tx.connection, tx.hall)
    window, ticket = window_with_ticket(tx, window_id, by)
    keep(tx, tickets, ticket, status=status_after(move, ticket), **changes(ticket))
    watch_call(tx, layout, ticket)
    return Done(plain_answer(layout, ticket), [ticket_event(move, ticket, layout, window, ticket, by=by.name)])


def walk_in(tx: Tx, by: Principal, window_id: str, wanted: Wanted) -> Done:
    """A visitor without a number is served at once at an open, empty window: issued, called and started."""
    layout = layout_of(tx.connection, tx.hall)
    window, there = claimed_window(tx, window_id, by)
    if there is not None:
        raise HallError("window_busy", window=window_id, number=there["number"])
    if window["status"] != WindowStatus.OPEN:
        raise HallError("window_not_open", window=window_id, status=window["status"])
    ticket, issued = issue_at_window(tx, by, layout, wanted)
    refuse_own_case(tx, by, ticket)
    if ticket["line_id"] not in layout.windows[window_id].ranks:
        raise HallError("line_not_served", window=window_id, number=ticket["number"])
    why = {"chosen": True, "walk_in": True}
    called = _call(tx, layout, window, ticket["id"], [issued], None, why=why, by=by.name)
    started = start_ticket(tx, by, window_id)
    return Done(started.answer, [*called.events, *started.events])
