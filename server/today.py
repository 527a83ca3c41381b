"""The hall at a glance for who watches over it: each line and window as it stands, with how long it has been so."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from hall.suspended import reason_words
from hall.texts import text_in
from hall.words import WindowStatus
from server.journal import iso
from server.layout.kept import Layout
from server.line_now import line_now
from server.queries import known_layout
from server.rows import window_state
from server.standing import Present, present
from server.tables.base import Utc
from server.tables.layout import halls, windows
from server.tables.queue import tickets

TIDAL = 10
"""More than so many waiting ask for another window (HALL.md)."""
# Two queries, each over the index of those it finds.
_WAITING = (
    tickets.c.hall_id == bindparam("hall"),
    text("tickets.status = 'waiting' AND tickets.parked IS NULL"),
)
_OLDEST = select(tickets.c.line_id, func.min(tickets.c.queued_at, type_=Utc)).group_by(tickets.c.line_id)
_IN_LINES = _OLDEST.where(*_WAITING, text("tickets.pool = ''"))
_IN_POOLS = _OLDEST.where(*_WAITING, text("tickets.pool <> ''"))
_WINDOWS = (
    select(windows, *(tickets.c[name].label(f"t_{name}") for name in ("id", "number", "line_id", "status")))
    .add_columns(tickets.c.called_at.label("t_called_at"), tickets.c.started_at.label("t_started_at"))
    .outerjoin(tickets, (tickets.c.hall_id == windows.c.hall_id) & (tickets.c.id == windows.c.ticket_id))
    .where(windows.c.hall_id == bindparam("hall"))
    .order_by(windows.c.position)
)
_HALL = select(halls.c.message, halls.c.day).where(halls.c.id == bindparam("hall"))


def today(connection: Connection, hall: str, language: str, now: datetime, always_open: bool) -> dict[str, Any]:
    """{at, day, message, tidal, waits: the amber and red minutes, lines, windows}, in the hall's own order."""
    layout = known_layout(connection, hall)
    here = present(connection, layout)
    row = connection.execute(_HALL, {"hall": hall}).one()
    oldest = _oldest(connection, hall)
    rules = layout.rules
    return {
        "at": iso(now),
        "day": row.day.isoformat(),
        "message": row.message,
        "tidal": TIDAL,
        "waits": {"amber_minutes": rules.amber_wait_minutes, "red_minutes": rules.red_wait_minutes},
        "lines": [
            _line(here, key, oldest.get(key), line_now(here, line, language, now, always_open))
            for key, line in layout.lines.items()
        ],
        "windows": [
            _window(here, layout, dict(one._mapping), language)
            for one in connection.execute(_WINDOWS, {"hall": hall})
            if one.id in layout.windows
        ],
    }


def _oldest(connection: Connection, hall: str) -> dict[str, datetime]:
    """Since when the longest waiting of each line waits."""
    found: dict[str, datetime] = {}
    for wanted in (_IN_LINES, _IN_POOLS):
        for line, at in connection.execute(wanted, {"hall": hall}):
            found[line] = min(at, found.get(line, at))
    return found


def _line(here: Present, line: str, oldest: datetime | None, shown: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "name", "prefix", "open", "reason_text", "suspended", "waiting", "expected_wait", "windows_open")
    able = [one.id for one in here.layout.windows_of[line]]
    waits_since = None if oldest is None else iso(oldest)
    own = {"waits_since": waits_since, "windows": able, "complaints": line == here.layout.complaint_line}
    return {**{key: shown[key] for key in kept}, **own}


def _window(here: Present, layout: Layout, row: dict[str, Any], language: str) -> dict[str, Any]:
    """A window; `since`: when it came to be as it is, its ticket called or taken up."""
    there = {name[2:]: row[name] for name in row if name.startswith("t_")} if row["ticket_id"] else None
    state = window_state(layout, row, there)
    lent = layout.windows[row["id"]].lent
    since = row["status_at"] if there is None else there["started_at"] or there["called_at"]
    return {
        **state,
        "reason": row["reason"] and reason_words(language, row["reason"]),
        "zone_name": text_in(layout.zones[row["zone_id"]]["name"], language),
        "since": None if since is None else iso(since),
        "served": row["served"],
        "mean_service_seconds": round(row["service_seconds"] / row["served"]) if row["served"] else None,
        "lines": [{**one, "until": iso(lent[one["id"]]) if one["id"] in lent else None} for one in state["lines"]],
        "last_for": here.without(row["id"]) if row["status"] == WindowStatus.OPEN else [],
    }
