"""Where a ticket stands: who would be called before it under the rule of the moment, and how long that may take."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from hall.order import WEIGHTS
from hall.waiting import expected_wait
from hall.words import TicketStatus, WindowStatus
from server.layout import Layout, WindowRow
from server.rows import Row
from server.tables import loads, tickets, windows

_PACE = select(windows.c.id, windows.c.status, windows.c.until, windows.c.served, windows.c.service_seconds).where(
    windows.c.hall_id == bindparam("hall")
)
_LOADS = select(loads.c.line_id, loads.c.lane, loads.c.waiting).where(loads.c.hall_id == bindparam("hall"))
_BEFORE = select(func.count()).where(
    tickets.c.hall_id == bindparam("hall"),
    text("tickets.status = 'waiting' AND tickets.pool = '' AND tickets.parked IS NULL"),
    tickets.c.line_id == bindparam("line"),
    tickets.c.lane == bindparam("class_"),
    (tickets.c.queued_at < bindparam("cut"))
    | ((tickets.c.queued_at == bindparam("cut")) & (tickets.c.issued_seq < bindparam("seq"))),
)


@dataclass(frozen=True)
class Present:
    """The windows and counts of a hall at one moment."""

    layout: Layout
    windows: dict[str, Any]
    waiting: dict[str, dict[str, int]]

    def able(self, line: str) -> tuple[list[WindowRow], int]:
        """The windows that count for a line, and how many of them are open; while none is, all that may serve it."""
        able = self.layout.windows_of[line]
        opened = [one for one in able if self.windows[one.id].status == WindowStatus.OPEN]
        return opened or able, len(opened)

    def waiting_in(self, line: str) -> int:
        return sum(self.waiting.get(line, {}).values())

    def rivals(self, line: str) -> dict[str, bool]:
        """{line whose people may go first: whether all of them do}: better ranks whole, equal ranks by score."""
        rivals: dict[str, bool] = {line: False}
        for window in self.able(line)[0]:
            for other, rank in window.ranks.items():
                if rank < window.ranks[line]:
                    rivals[other] = True
                elif rank == window.ranks[line]:
                    rivals.setdefault(other, False)
        return rivals

    def ahead_of_new(self, line: str) -> int:
        """People before a ticket issued now, whose score is still nought."""
        return sum(self.waiting_in(other) for other in self.rivals(line))

    def expected(self, line: str, ahead: int) -> dict[str, int] | None:
        able, opened = self.able(line)
        paces = [self.windows[one.id] for one in able]
        served = sum(one.served for one in paces)
        return expected_wait(ahead, opened, served, sum(one.service_seconds for one in paces))


def present(connection: Connection, layout: Layout) -> Present:
    found = connection.execute(_PACE, {"hall": layout.hall}).all()
    waiting: dict[str, dict[str, int]] = {}
    for line, visitor_class, count in connection.execute(_LOADS, {"hall": layout.hall}).tuples():
        waiting.setdefault(line, {})[visitor_class] = count
    return Present(layout, {row.id: row for row in found}, waiting)


def ahead_of(connection: Connection, here: Present, ticket: Row, now: datetime) -> int:
    """People who would be called before a waiting ticket: a count from the index for each line and class."""
    own = WEIGHTS[ticket["class"]] * (now - ticket["queued_at"]).total_seconds()
    ahead = 0
    for line, whole in here.rivals(ticket["line_id"]).items():
        for visitor_class, count in here.waiting.get(line, {}).items():
            if count and whole:
                ahead += count
            elif count:
                cut = now - timedelta(seconds=own / WEIGHTS[visitor_class])
                key = {"hall": here.layout.hall, "line": line, "class_": visitor_class, "cut": cut}
                ahead += connection.execute(_BEFORE, {**key, "seq": ticket["issued_seq"]}).scalar_one()
    return ahead


def place(window: WindowRow) -> dict[str, Any]:
    return {"id": window.id, "name": window.name, "zone": window.zone}


def standing_of(connection: Connection, layout: Layout, ticket: Row, now: datetime) -> dict[str, Any]:
    """{ahead, expected_wait, windows}: the windows it waits for, or the one where it is."""
    if ticket["status"] != TicketStatus.WAITING:
        return standing_at_window(layout, ticket)
    here = present(connection, layout)
    return standing_here(here, ticket["line_id"], ahead_of(connection, here, ticket, now))


def standing_at_window(layout: Layout, ticket: Row) -> dict[str, Any]:
    """Of a ticket that no longer waits nothing is ahead."""
    there = ticket["window_id"]
    windows = [] if there is None else [place(layout.windows[there])]
    return {"ahead": None, "expected_wait": None, "windows": windows}


def standing_here(here: Present, line: str, ahead: int) -> dict[str, Any]:
    return {
        "ahead": ahead,
        "expected_wait": here.expected(line, ahead),
        "windows": [place(one) for one in here.able(line)[0]],
    }
