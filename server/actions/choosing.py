"""The choice of a call: the heads a window chooses among, and what the call does to the order of its line."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from hall.order import POOL, Head, overtook, turns_after
from server.command import Tx
from server.hot import Statement
from server.layout.kept import Layout
from server.rows import Row
from server.tables.layout import window_lines
from server.tables.queue import loads, overtakings, tickets

_first = tickets.alias("first")
_HEAD = (
    select(_first.c.id)
    .where(
        _first.c.hall_id == loads.c.hall_id,
        _first.c.line_id == loads.c.line_id,
        _first.c.lane == loads.c.lane,
        # Spelled out as the index has it, or no plan uses it.
        text("first.status = 'waiting' AND first.pool = '' AND first.parked IS NULL"),
    )
    .order_by(_first.c.queued_at, _first.c.issued_seq)
    .limit(1)
    .correlate(loads)
    .scalar_subquery()
)
# The head of every line and lane that a window serves; the partial index makes each a single step.
_HEADS = Statement(
    select(
        loads.c.line_id,
        loads.c.lane,
        loads.c.waiting,
        loads.c.aside,
        loads.c.turn,
        tickets.c.id,
        tickets.c.number,
        tickets.c.queued_at,
        tickets.c.issued_seq,
    )
    .select_from(
        window_lines.join(
            loads, (loads.c.hall_id == window_lines.c.hall_id) & (loads.c.line_id == window_lines.c.line_id)
        ).outerjoin(tickets, (tickets.c.hall_id == loads.c.hall_id) & (tickets.c.id == _HEAD))
    )
    .where(
        window_lines.c.hall_id == bindparam("hall"),
        window_lines.c.window_id == bindparam("window"),
        (loads.c.waiting > 0) | (loads.c.turn > 0),
    )
)
_SENT_HERE = Statement(
    select(tickets.c.lane, tickets.c.id, tickets.c.number, tickets.c.queued_at, tickets.c.issued_seq)
    .where(
        tickets.c.hall_id == bindparam("hall"),
        text("tickets.status = 'waiting' AND tickets.pool <> '' AND tickets.parked IS NULL"),
        (tickets.c.pool == bindparam("window")) | (tickets.c.pool == bindparam("clerk")),
    )
    .order_by(tickets.c.queued_at.desc(), tickets.c.issued_seq.desc())
)
_TURN = Statement(
    update(loads)
    .where(
        loads.c.hall_id == bindparam("hall"),
        loads.c.line_id == bindparam("line"),
        loads.c.lane == bindparam("which"),
    )
    .values(turn=bindparam("new_turn"))
)
_KEEP_OVERTAKING = insert(overtakings)


class Choice:
    """What a window chooses among: the head of each line and lane, and the counts read with them."""

    def __init__(self, tx: Tx, window: Row) -> None:
        self.heads: list[Head] = []
        self._waiting: dict[str, int] = {}
        self._callable: dict[str, dict[str, int]] = {}
        self._turns: dict[str, dict[str, int]] = {}
        for line, lane, waiting, aside, turn, ticket, *rest in _HEADS.run(
            tx.connection, hall=tx.hall.id, window=window["id"]
        ):
            self._waiting[line] = self._waiting.get(line, 0) + waiting
            self._callable.setdefault(line, {})[lane] = waiting - aside
            self._turns.setdefault(line, {})[lane] = turn
            if ticket is not None:
                self.heads.append(Head(ticket, rest[0], line, lane, rest[1], rest[2], turn))
        if tx.hall.pooled:
            self.heads += _sent_here(tx, window)

    def waiting_in(self, line: str) -> int | None:
        """How many wait in a line, where the window serves it."""
        return self._waiting.get(line)

    def keep_order(self, tx: Tx, layout: Layout, called: Head, kind: str) -> dict[str, int]:
        """Writes what a call does to its line: whom it overtook, and by how much it moved each lane's turn."""
        if called.line == POOL:
            return {}
        turns = self._turns.get(called.line, {})
        after = turns_after(called, turns, self._callable.get(called.line, {}), layout.order)
        for lane, turn in after.items():
            _TURN.run(tx.connection, hall=tx.hall.id, line=called.line, which=lane, new_turn=turn)
        if overtook(called, self.heads):
            of_line = {"line_id": called.line, "queued_at": called.queued_at, "issued_seq": called.issued_seq}
            row = {"hall_id": tx.hall.id, "ticket_id": called.ticket, "called_at": tx.now, **of_line, "kind": kind}
            tx.connection.execute(_KEEP_OVERTAKING, row)
        return {lane: turn - turns.get(lane, 0) for lane, turn in after.items()}


def _sent_here(tx: Tx, window: Row) -> Iterable[Head]:
    """The heads of those who wait for this window, or its clerk, alone."""
    pools = {"window": f"w:{window['id']}", "clerk": f"c:{window['clerk']}"}
    heads: dict[str, Head] = {}
    for lane, ticket, number, queued_at, issued_seq in _SENT_HERE.run(tx.connection, hall=tx.hall.id, **pools):
        heads[lane] = Head(ticket, number, POOL, lane, queued_at, issued_seq)  # the longest waiting comes last
    return heads.values()


def head_of(ticket: Row) -> Head:
    """A waiting ticket as the order sees it."""
    line = POOL if ticket["pool"] else ticket["line_id"]
    return Head(ticket["id"], ticket["number"], line, ticket["lane"], ticket["queued_at"], ticket["issued_seq"])


def told(moved: dict[str, int]) -> dict[str, Any]:
    """How an event says that turns were moved: not at all where none was."""
    return {"turns": moved} if moved else {}
