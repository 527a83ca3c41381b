"""Whether a hall's journal is whole, tells the same as its tables, and every call followed the order."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from hall.board import Board, fold
from hall.events import Event, public
from hall.layout import Order
from hall.line_up import LineUp
from hall.order import Rule
from server.actions.ordering import order_state
from server.journal import events_since, first_break
from server.queries import board, known_layout
from server.tables import halls, journal

PAGE = 1000
CHANGES = frozenset({"order.changed", "layout.changed", "window.lines_lent", "window.lines_returned"})
"""What may change which order calls follow; `data.before` and `data.after` hold what of it they changed."""
SAME = ("seq", "day", "calls", "missed", "windows", "waiting", "message")


def faults(connection: Connection) -> list[str]:
    """What is wrong, a line each; nothing when every chain holds, every board folds to its tables and every call
    is the one that the order gives."""
    found = []
    for hall in connection.execute(select(halls.c.id).order_by(halls.c.id)).scalars():
        broken = first_break(connection, hall)
        if broken:
            found.append(f"{hall}: the journal is broken: {broken}")
        else:
            found += [f"{hall}: {fault}" for fault in fold_faults(connection, hall)]
            found += [f"{hall}: {fault}" for fault in call_faults(connection, hall)]
    return found


def fold_faults(connection: Connection, hall: str) -> list[str]:
    """Where the journal folded from its beginning differs from the board that the tables give."""
    tables = board(connection, hall)
    folded = folded_board(connection, hall, tables)
    return [
        f"{key}: the journal says {folded[key]}, the tables {tables[key]}" for key in SAME if folded[key] != tables[key]
    ]


def folded_board(connection: Connection, hall: str, now: Board) -> Board:
    """The whole journal folded onto an empty hall with the windows of now."""
    empty = [
        {**window, "status": "closed", "until": None, "closing": None, "ticket": None} for window in now["windows"]
    ]
    state: Board = {
        **now,
        "seq": 0,
        "calls": [],
        "missed": [],
        "windows": empty,
        "waiting": dict.fromkeys(now["waiting"], 0),
        "message": None,
    }
    for event in every_event(connection, hall):
        state = fold(state, public(event))
    return state


def every_event(connection: Connection, hall: str) -> Iterator[Event]:
    seq = 0
    while events := events_since(connection, hall, seq, PAGE):
        yield from events
        seq = events[-1]["seq"]


def call_faults(connection: Connection, hall: str) -> list[str]:
    """Each call derived once more from what stood in the journal before it; names those that come out otherwise."""
    found = []
    state = first_order(connection, hall)
    line_up = LineUp(rule_of(state))
    for event in every_event(connection, hall):
        if event["type"] in CHANGES:
            state = _changed(state, event, "after")
            line_up.rule = rule_of(state)
        if event["type"] == "ticket.called" and "chosen" not in event["data"]["why"]:
            found += _fault_of_call(line_up, state["ranks"], event)
        line_up.apply(event)
    return found


def _fault_of_call(line_up: LineUp, ranks: dict[str, dict[str, int]], event: Event) -> list[str]:
    window, why, number = event["window"], event["data"]["why"], event["ticket"]["number"]
    view = line_up.at(window, why.get("clerk"))
    served = {line: rank for line, rank in ranks[window].items() if line != why.get("without")}
    pick = view.next(served, datetime.fromisoformat(event["at"]))
    where = f"seq {event['seq']}: window {window} called {number}"
    if pick is None:
        return [f"{where}, and by the journal nobody waited"]
    if pick.head.number != number:
        return [f"{where}, and the order gives {pick.head.number} ({pick.why['by']})"]
    differing = [key for key in pick.why if pick.why[key] != why[key]]
    return [f"{where}, and its reason was another: {key} {why[key]}, not {pick.why[key]}" for key in differing]


def first_order(connection: Connection, hall: str) -> dict[str, Any]:
    """The order that the first calls followed: as it is now, with every change taken back, the last one first."""
    wanted = (
        select(journal.c.body)
        .where(journal.c.hall_id == hall, journal.c.type.in_(CHANGES))
        .order_by(journal.c.seq.desc())
    )
    state = order_state(known_layout(connection, hall))
    for body in connection.execute(wanted).scalars():
        state = _changed(state, json.loads(body), "before")
    return state


def _changed(state: dict[str, Any], event: Event, side: str) -> dict[str, Any]:
    """The order on that side of an event that may change it: `before` or `after`."""
    part = event["data"].get(side) or {}
    own = {key: part[key] for key in state if key in part}
    return {**state, **own, "ranks": {**state["ranks"], **part.get("ranks", {})}}


def rule_of(state: dict[str, Any]) -> Rule:
    return Order.model_validate(state["order"]).rule(state["red_wait_minutes"])
