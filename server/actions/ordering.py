"""Changing the order: its preset and what the expert page holds, and the ranks of a window's lines."""

from typing import Any

from sqlalchemy import select, update

from hall.errors import HallError
from hall.layout.rules import Order
from server.actions.lending import changed_layout
from server.center.authority import refuse_own
from server.command import Done, Tx
from server.journal import Draft
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import waiting_at, window_and_ticket, window_state
from server.tables.layout import halls, window_lines

Ranks = dict[str, dict[str, int]]
"""{window: {line: rank}}"""


def order_state(layout: Layout) -> dict[str, Any]:
    """All that the choice of a call depends on beside the tickets: {order, red_wait_minutes, ranks}."""
    return {
        "order": layout.rules.order.model_dump(mode="json"),
        "red_wait_minutes": layout.rules.red_wait_minutes,
        "ranks": {window.id: window.ranks for window in layout.windows.values()},
    }


def change_order(tx: Tx, by: Principal, order: Order, ranks: Ranks, reason: str) -> Done:
    """From the next call on it holds: `order.changed`, with the order before and after, so that calls can be checked.

    `ranks`: of some windows, each for lines that it serves; nobody ranks what their own unit does. Nothing changed
    writes nothing.
    """
    before = layout_of(tx.connection, tx.hall)
    _check_ranks(before, ranks)
    was = order_state(before)
    merged = {window: {**own, **ranks.get(window, {})} for window, own in was["ranks"].items()}
    now = {**was, "order": order.model_dump(mode="json"), "ranks": merged}
    if now == was:
        return Done(was)
    refuse_own(tx, by, _ranked_otherwise(before, merged), "change_ranks")
    _write(tx, order, ranks)
    after = changed_layout(tx)
    told = {"before": was, "after": now, "reason": reason, "by": by.name}
    board = {"board": board_after(tx, after)} if merged != was["ranks"] else {}
    return Done(now, [Draft("order.changed", {**told, **board})])


def board_after(tx: Tx, layout: Layout) -> dict[str, Any]:
    """Every window and line as boards have them from now on, for an event that moves several at once."""
    there = {key: window_and_ticket(tx.connection, tx.hall.id, key) for key in layout.windows}
    return {
        "windows": [window_state(layout, *found) for found in there.values() if found is not None],
        "waiting": {line: waiting_at(tx.connection, tx.hall.id, line) for line in layout.lines},
    }


def _ranked_otherwise(layout: Layout, ranks: Ranks) -> list[str]:
    """The matters of every line at a window whose ranks change: one is lowered by raising another."""
    changed = [layout.windows[window] for window, own in ranks.items() if own != layout.windows[window].ranks]
    lines = {line for window in changed for line in window.ranks}
    return [key for key, matter in layout.matters.items() if matter["line"] in lines]


def _check_ranks(layout: Layout, ranks: Ranks) -> None:
    for window, lines in ranks.items():
        if window not in layout.windows:
            raise HallError("not_found", what="window", id=window)
        for line in lines:
            if line not in layout.windows[window].ranks:
                raise HallError("line_not_served", window=window, number=line)


def _write(tx: Tx, order: Order, ranks: Ranks) -> None:
    settings = tx.connection.execute(select(halls.c.settings).where(halls.c.id == tx.hall.id)).scalar_one()
    rules = {**settings["rules"], "order": order.model_dump(mode="json")}
    tx.connection.execute(update(halls).where(halls.c.id == tx.hall.id).values(settings={**settings, "rules": rules}))
    for window, lines in ranks.items():
        for line, rank in lines.items():
            of = window_lines.c
            mine = (of.hall_id == tx.hall.id, of.window_id == window, of.line_id == line)
            tx.connection.execute(update(window_lines).where(*mine).values(rank=rank))
