"""The last move at a window is taken back within a few seconds: the journal knows how the ticket was before."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, select, text, update

from hall.errors import HallError
from hall.events import Event
from hall.words import AT_A_WINDOW, TICKET_EVENTS, TicketStatus
from server.actions.lines import join_line
from server.actions.missing import watch_call
from server.actions.moves import (
    free_window,
    keep_freed,
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
from server.rows import Row, keep, ticket_answer
from server.standing import standing_of
from server.tables.journal import journal
from server.tables.queue import loads, overtakings, tickets

UNDONE = {TICKET_EVENTS[move]: move for move in ("call", "recall", "start", "resume")}

_LAST_MOVES = Statement(
    select(journal.c.body)
    .where(
        journal.c.hall_id == bindparam("hall"),
        journal.c.ticket_id == bindparam("ticket"),
        text("type LIKE 'ticket.%'"),
    )
    .order_by(journal.c.seq.desc())
    .limit(2)
)
_OF_WINDOWS_SINCE = Statement(
    select(journal.c.body).where(
        journal.c.hall_id == bindparam("hall"), journal.c.seq > bindparam("seq"), text("type LIKE 'window.%'")
    )
)


def undo_move(tx: Tx, by: Principal, window_id: str) -> Done:
    """Takes back the call, recall, start or resume that happened last at a window: `ticket.undone`.

    `too_late_to_undo` after the set seconds, or when anything happened to the ticket or the window since.
    """
    layout = layout_of(tx.connection, tx.hall)
    window, ticket = window_with_ticket(tx, window_id, by)
    status_after("undo", ticket)
    last, before = _last_move(tx, layout, window, ticket)
    data: dict[str, Any] = {"undone": UNDONE[last["type"]], "by": by.name}
    status = TicketStatus(before["status"])
    if status == TicketStatus.WAITING:
        return _undo_call(tx, layout, window, ticket, last, before, data)
    keep(tx, tickets, ticket, status=status, window_id=before["window"], **_as_before(before))
    if status not in AT_A_WINDOW:
        events = free_window(tx, layout, window, ticket, "undo", **data)
        keep_freed(tx, window)
    else:
        events = [ticket_event("undo", ticket, layout, window, ticket, **data)]
        watch_call(tx, layout, ticket)
    if ticket["return_at"] is not None:
        tx.hall.due(ticket["return_at"])
    return Done(plain_answer(layout, ticket), events)


def _last_move(tx: Tx, layout: Layout, window: Row, ticket: Row) -> tuple[Event, dict[str, Any]]:
    """The event to take back, and the ticket as the event before it left it."""
    seconds = layout.rules.undo_seconds
    last, *earlier = _newest_first(tx, ticket)
    late = tx.now - datetime.fromisoformat(last["at"]) > timedelta(seconds=seconds)
    if late or last["type"] not in UNDONE or not earlier or _touched(tx, window["id"], last["seq"]):
        raise HallError("too_late_to_undo", window=window["id"], number=ticket["number"], seconds=seconds)
    return last, earlier[0]["ticket"]


def _newest_first(tx: Tx, ticket: Row) -> list[Event]:
    """The ticket's last two moves or more."""
    fresh = [row for row in _unwritten(tx, "ticket.") if row["ticket_id"] == ticket["id"]]
    found = _LAST_MOVES.run(tx.connection, hall=tx.hall.id, ticket=ticket["id"])
    return [json.loads(body) for body in (*(row["body"] for row in reversed(fresh)), *(body for (body,) in found))]


def _touched(tx: Tx, window: str, seq: int) -> bool:
    """Whether anything happened to the window itself since; there are never many events to look through."""
    since = [body for (body,) in _OF_WINDOWS_SINCE.run(tx.connection, hall=tx.hall.id, seq=seq)]
    since += [row["body"] for row in _unwritten(tx, "window.") if row["seq"] > seq]
    return any(json.loads(body).get("window") == window for body in since)


def _unwritten(tx: Tx, kind: str) -> list[dict[str, Any]]:
    return [row for row in tx.unwritten if row["hall_id"] == tx.hall.id and row["type"].startswith(kind)]


def _as_before(before: dict[str, Any]) -> dict[str, Any]:
    """What calling, recalling, starting and resuming change of a ticket, as it was."""
    names = ("first_called_at", "called_at", "started_at", "return_at")
    times = {name: before.get(name) and datetime.fromisoformat(before[name]) for name in names}
    return {**times, "calls": before["calls"]}


def _undo_call(
    tx: Tx, layout: Layout, window: Row, ticket: Row, last: Event, before: dict[str, Any], data: dict[str, Any]
) -> Done:
    """The called ticket waits at its exact place again, and its line's order is as if nobody had called it."""
    _forget_overtaking(tx, ticket)
    first = ticket["wait_ended_at"] == ticket["called_at"]
    waiting = join_line(tx, ticket, **_as_before(before), wait_ended_at=None if first else ticket["wait_ended_at"])
    _turn_back(tx, ticket, last["data"].get("turns", {}))
    events: list[Draft] = free_window(tx, layout, window, ticket, "undo", waiting=waiting, **data)
    keep_freed(tx, window)
    return Done(ticket_answer(ticket, standing_of(tx.connection, layout, ticket, tx.now)), events)


def _forget_overtaking(tx: Tx, ticket: Row) -> None:
    of = overtakings.c
    mine = (of.hall_id == tx.hall.id, of.ticket_id == ticket["id"], of.called_at == ticket["called_at"])
    tx.connection.execute(delete(overtakings).where(*mine))


def _turn_back(tx: Tx, ticket: Row, moved: dict[str, int]) -> None:
    """`moved`: by how much the call moved the turn of each lane of the line."""
    for lane, by in moved.items():
        mine = (loads.c.hall_id == tx.hall.id, loads.c.line_id == ticket["line_id"], loads.c.lane == lane)
        turn = case((loads.c.turn > by, loads.c.turn - by), else_=0)
        tx.connection.execute(update(loads).where(*mine).values(turn=turn))
