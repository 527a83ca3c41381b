"""Where a ticket stands: who would be called before it under the rule of the moment, and how long that may take."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from hall.order import POOL, Head, ahead_at
from hall.waiting import expected_wait
from hall.words import TicketStatus, WindowStatus
from server.hot import Statement
from server.layout.kept import Layout, WindowRow
from server.rows import Row
from server.tables.base import Utc
from server.tables.layout import windows
from server.tables.queue import loads, overtakings, tickets

_PACE = select(
    windows.c.id,
    windows.c.status,
    windows.c.clerk,
    windows.c.until,
    windows.c.served,
    windows.c.service_seconds,
).where(windows.c.hall_id == bindparam("hall"))
_LOADS = Statement(
    select(loads.c.line_id, loads.c.lane, loads.c.waiting, loads.c.aside, loads.c.turn).where(
        loads.c.hall_id == bindparam("hall"), (loads.c.waiting > 0) | (loads.c.turn > 0)
    )
)
_OF_LANE = (
    tickets.c.hall_id == bindparam("hall"),
    text("tickets.status = 'waiting' AND tickets.pool = '' AND tickets.parked IS NULL"),
    tickets.c.line_id == bindparam("line"),
    tickets.c.lane == bindparam("lane"),
)
_BEFORE = Statement(
    select(func.count()).where(
        *_OF_LANE,
        (tickets.c.queued_at < bindparam("cut", type_=Utc))
        | ((tickets.c.queued_at == bindparam("cut", type_=Utc)) & (tickets.c.issued_seq < bindparam("seq"))),
    )
)
_HEAD = Statement(
    select(tickets.c.id, tickets.c.number, tickets.c.queued_at, tickets.c.issued_seq)
    .where(*_OF_LANE)
    .order_by(tickets.c.queued_at, tickets.c.issued_seq)
    .limit(1)
)
_POOLED = Statement(
    select(tickets.c.pool, tickets.c.lane, tickets.c.queued_at, tickets.c.issued_seq, tickets.c.id, tickets.c.number)
    .where(
        tickets.c.hall_id == bindparam("hall"),
        text("tickets.status = 'waiting' AND tickets.pool <> '' AND tickets.parked IS NULL"),
    )
    .order_by(tickets.c.queued_at, tickets.c.issued_seq)
)
_later = overtakings.alias("later")
# Of the line, called since it came there, although queued later than it.
_OVERTAKEN = Statement(
    select(func.count())
    .select_from(tickets)
    .join(
        _later,
        (_later.c.hall_id == tickets.c.hall_id)
        & (_later.c.line_id == tickets.c.line_id)
        & (_later.c.called_at >= tickets.c.joined_at)
        & (
            (_later.c.queued_at > tickets.c.queued_at)
            | ((_later.c.queued_at == tickets.c.queued_at) & (_later.c.issued_seq > tickets.c.issued_seq))
        ),
    )
    .where(tickets.c.hall_id == bindparam("hall"), tickets.c.id == bindparam("ticket"))
)


def overtaken(connection: Connection, hall: str, ticket: str) -> int:
    """How often a waiting ticket was passed by people of its line who queued later."""
    return int(_OVERTAKEN.run(connection, hall=hall, ticket=ticket)[0][0])


@dataclass(frozen=True)
class Load:
    """How many wait in a lane of a line; `aside`: of them those who cannot be called just now, or elsewhere."""

    waiting: int
    aside: int
    turn: int


@dataclass(frozen=True)
class Present:
    """The windows and counts of a hall at one moment."""

    connection: Connection
    layout: Layout
    windows: dict[str, Any]
    loads: dict[str, dict[str, Load]]
    _counts: dict[tuple[str, str, datetime, int], int] = field(default_factory=dict)

    def able(self, line: str) -> tuple[list[WindowRow], int]:
        """The windows that count for a line, and how many of them are open; while none is, all that may serve it."""
        able = self.layout.windows_of[line]
        opened = [one for one in able if self.windows[one.id].status == WindowStatus.OPEN]
        return opened or able, len(opened)

    def awaited(self, line: str, pool: str) -> list[WindowRow]:
        """The windows a ticket waits for."""
        kind, _, key = pool.partition(":")
        if kind == "w":
            return [self.layout.windows[key]]
        if kind == "c":
            return [one for one in self.layout.windows.values() if self.windows[one.id].clerk == key]
        return self.able(line)[0]

    def without(self, window: str) -> list[str]:
        """The lines of a window that no other open window serves."""
        return [
            line
            for line in self.layout.windows[window].ranks
            if not any(
                one.id != window and self.windows[one.id].status == WindowStatus.OPEN
                for one in self.layout.windows_of[line]
            )
        ]

    def waiting_in(self, line: str) -> int:
        return sum(load.waiting for load in self.loads.get(line, {}).values())

    def ahead(self, ticket: Row, now: datetime, new: bool = False) -> int:
        """People who would be called before a waiting ticket at the window that comes to it first.

        `new`: it is not among those who wait yet.
        """
        line = POOL if ticket["pool"] else ticket["line_id"]
        key = ticket["id"], ticket["number"], line, ticket["lane"], ticket["queued_at"], ticket["issued_seq"]
        seen = {}
        for window in self.awaited(ticket["line_id"], ticket["pool"]):
            view = Seen(self, window.id, now, new)
            same = (tuple(window.ranks.items()), view.pools if self._pooled else ())
            if same not in seen:
                head = Head(*key, view.turn(line, ticket["lane"]))
                seen[same] = ahead_at(head, window.ranks, now, self.layout.order, view)
        return min(seen.values(), default=0)

    def ahead_of_new(self, line: str, now: datetime) -> int:
        """People before an ordinary ticket issued now, whose score is still nought."""
        new = {"id": "", "number": "", "line_id": line, "pool": "", "lane": "ordinary"}
        return self.ahead({**new, "queued_at": now, "issued_seq": 1 << 62}, now, new=True)

    def expected(self, line: str, ahead: int) -> dict[str, int] | None:
        able, opened = self.able(line)
        paces = [self.windows[one.id] for one in able]
        served = sum(one.served for one in paces)
        return expected_wait(ahead, opened, served, sum(one.service_seconds for one in paces))

    @cached_property
    def _pooled(self) -> list[tuple[Any, ...]]:
        if not any(load.aside for lanes in self.loads.values() for load in lanes.values()):
            return []
        return _POOLED.run(self.connection, hall=self.layout.hall)

    def count(self, line: str, lane: str, queued_at: datetime, issued_seq: int) -> int:
        key = line, lane, queued_at, issued_seq
        if key not in self._counts:
            named = {"line": line, "lane": lane, "cut": queued_at, "seq": issued_seq}
            ((self._counts[key],),) = _BEFORE.run(self.connection, hall=self.layout.hall, **named)
        return self._counts[key]


@dataclass(frozen=True)
class Seen:
    """The hall as one window sees it (`hall.order.View`)."""

    here: Present
    window: str
    now: datetime
    new: bool

    @property
    def pools(self) -> tuple[str, str]:
        return f"w:{self.window}", f"c:{self.here.windows[self.window].clerk}"

    def _pool(self, lane: str) -> list[tuple[Any, ...]]:
        return [row for row in self.here._pooled if row[0] in self.pools and row[1] == lane]

    def lanes(self, line: str) -> Iterable[str]:
        if line == POOL:
            return dict.fromkeys(row[1] for row in self.here._pooled if row[0] in self.pools)
        return [lane for lane in self.here.loads.get(line, {}) if self.size(line, lane)]

    def size(self, line: str, lane: str) -> int:
        if line == POOL:
            return len(self._pool(lane))
        load = self.here.loads.get(line, {}).get(lane)
        return load.waiting - load.aside if load is not None else 0

    def turn(self, line: str, lane: str) -> int:
        load = self.here.loads.get(line, {}).get(lane)
        return load.turn if load is not None else 0

    def before(self, line: str, lane: str, queued_at: datetime, issued_seq: int) -> int:
        if line == POOL:
            return sum(row[2:4] < (queued_at, issued_seq) for row in self._pool(lane))
        size = self.size(line, lane)
        # Counting everyone before a new ticket would cost more the more wait; only who has booked queues ahead of time.
        if not size or (self.new and queued_at >= self.now and lane != "booked"):
            return size
        return self.here.count(line, lane, queued_at, issued_seq)

    def head(self, line: str, lane: str) -> Head | None:
        if line == POOL:
            found = [(row[4], row[5], row[2], row[3]) for row in self._pool(lane)[:1]]
        else:
            found = _HEAD.run(self.here.connection, hall=self.here.layout.hall, line=line, lane=lane)
        if not found:
            return None
        ticket, number, queued_at, issued_seq = found[0]
        return Head(ticket, number, line, lane, queued_at, issued_seq, self.turn(line, lane))

    def overtaken(self, head: Head) -> int:
        return 0 if head.line == POOL else overtaken(self.here.connection, self.here.layout.hall, head.ticket)


def present(connection: Connection, layout: Layout) -> Present:
    found = connection.execute(_PACE, {"hall": layout.hall}).all()
    lines: dict[str, dict[str, Load]] = {}
    for line, lane, *counts in _LOADS.run(connection, hall=layout.hall):
        lines.setdefault(line, {})[lane] = Load(*counts)
    return Present(connection, layout, {row.id: row for row in found}, lines)


def place(window: WindowRow) -> dict[str, Any]:
    return {"id": window.id, "name": window.name, "zone": window.zone}


def standing_of(connection: Connection, layout: Layout, ticket: Row, now: datetime) -> dict[str, Any]:
    """{ahead, expected_wait, windows}: the windows it waits for, or the one where it is."""
    if ticket["status"] != TicketStatus.WAITING:
        return standing_at_window(layout, ticket)
    return standing_here(present(connection, layout), ticket, now)


def standing_at_window(layout: Layout, ticket: Row) -> dict[str, Any]:
    """Of a ticket that no longer waits nothing is ahead."""
    there = ticket["window_id"]
    windows = [] if there is None else [place(layout.windows[there])]
    return {"ahead": None, "expected_wait": None, "windows": windows}


def standing_here(here: Present, ticket: Row, now: datetime, new: bool = False) -> dict[str, Any]:
    """As `standing_of`, of a ticket that waits; `new`: or is about to."""
    ahead = here.ahead(ticket, now, new)
    return {
        "ahead": ahead,
        "expected_wait": here.expected(ticket["line_id"], ahead),
        "windows": [place(one) for one in here.awaited(ticket["line_id"], ticket["pool"])],
    }
