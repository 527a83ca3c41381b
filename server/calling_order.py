"""The order in which a window would call those who wait, were the time to stand still."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from hall.line_up import LineUp, Waiting
from server.layout.kept import Layout
from server.rows import Row
from server.standing import present
from server.tables.queue import overtakings


def in_calling_order(
    connection: Connection, layout: Layout, rows: list[Row], window: str | None, now: datetime
) -> Iterator[Row]:
    """The waiting tickets as the window would call them, without one the hall's; who cannot be called comes last."""
    line_up = _line_up(connection, layout, rows)
    by_id = {row["id"]: row for row in rows}
    if window is None:
        ranks = dict.fromkeys(layout.lines, 1)
        view = line_up.everywhere()
    else:
        ranks = layout.windows[window].ranks
        view = line_up.at(window, present(connection, layout).windows[window].clerk)
    while (pick := view.next(ranks, now)) is not None:
        line_up.call(pick.head.ticket, now)
        yield by_id.pop(pick.head.ticket)
    yield from by_id.values()


def _line_up(connection: Connection, layout: Layout, rows: list[Row]) -> LineUp:
    line_up = LineUp(layout.order)
    for row in rows:
        place = row["line_id"], row["lane"], row["pool"], row["parked"] is not None
        line_up.put(Waiting(row["id"], row["number"], *place, row["queued_at"], row["joined_at"], row["issued_seq"]))
    for line, lanes in present(connection, layout).loads.items():
        line_up.set_turns(line, {lane: load.turn for lane, load in lanes.items()})
    for one in connection.execute(select(overtakings).where(overtakings.c.hall_id == layout.hall)):
        line_up.overtook(one.line_id, one.ticket_id, (one.queued_at, one.issued_seq), one.called_at)
    return line_up
