"""Writing a layout to its tables: the first one, and later what came, changed, was closed; nothing is deleted."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from hall.day import business_day
from hall.differences import Change
from hall.layout import PARTS, SETTINGS, Hall
from hall.words import Lane
from server.journal import FIRST_HEAD
from server.layout.parts import table_of, values_of
from server.tables.layout import halls, window_lines
from server.tables.queue import loads

Row = dict[str, Any]
CAME, STAYED, WENT = ("added", "reopened"), ("changed", "reopened"), "closed"


def found_hall(connection: Connection, hall: Hall, now: datetime) -> bool:
    """Writes a hall's first layout; False when the database has the hall already and nothing is written."""
    known = connection.execute(select(halls.c.id).where(halls.c.id == hall.id)).one_or_none()
    if known is not None:
        return False
    connection.execute(
        insert(halls).values(
            id=hall.id,
            **_settings(hall),
            epoch=secrets.token_hex(8),
            head=FIRST_HEAD,
            day=business_day(now, hall.tz),
            at=now,
        )
    )
    for table, rows in _first_rows(hall).items():
        if rows:
            connection.execute(insert(table_of(table)), [{"hall_id": hall.id, **row} for row in rows])
    return True


def _first_rows(hall: Hall) -> dict[str, list[dict[str, Any]]]:
    return {
        **{part: [values_of(part, one, at) for at, one in enumerate(getattr(hall, part))] for part in PARTS},
        "window_lines": [
            {"window_id": window.id, "line_id": line, "rank": rank}
            for window in hall.windows
            for line, rank in window.lines.items()
        ],
        "loads": [{"line_id": line.id, "lane": one.value} for line in hall.lines for one in Lane],
    }


def _settings(hall: Hall) -> Row:
    """What the hall's own row says of the layout."""
    said = hall.model_dump(mode="json", include={"name", *SETTINGS})
    return {"name": said["name"], "settings": {key: said[key] for key in SETTINGS}}


def rewrite(connection: Connection, wanted: Hall, changes: Sequence[Change]) -> None:
    """Makes the hall's rows say what is wanted; `changes` are the differences to what they say now.

    A line or window that is lent keeps its loans: nothing here touches a row of `window_lines` with a time.
    """
    of = {part: [change for change in changes if change.part == part] for part in (*PARTS, "settings")}
    if of["settings"]:
        _keep_settings(connection, wanted)
    _free_prefixes(connection, wanted.id, of["lines"])
    for part in PARTS:
        if of[part]:
            _write_part(connection, wanted, part, of[part])
    _add_loads(connection, wanted.id, [change.id for change in of["lines"] if change.kind in CAME])
    _write_ranks(connection, wanted, [change.id for change in of["windows"] if change.kind != "reordered"])


def _keep_settings(connection: Connection, wanted: Hall) -> None:
    connection.execute(update(halls).where(halls.c.id == wanted.id).values(_settings(wanted)))


def _free_prefixes(connection: Connection, hall: str, changes: Iterable[Change]) -> None:
    """Two lines may change their prefixes for each other's: for a moment both are without."""
    moved = [change.id for change in changes if change.kind == WENT or "prefix" in change.fields]
    _close(connection, hall, "lines", moved)


def _close(connection: Connection, hall: str, part: str, keys: Sequence[str]) -> None:
    of = table_of(part).c
    connection.execute(update(table_of(part)).where(of.hall_id == hall, of.id.in_(keys)).values(closed=True))


def _write_part(connection: Connection, wanted: Hall, part: str, changes: list[Change]) -> None:
    """Rows in the wanted order; only what differs from what is there is written."""
    _close(connection, wanted.id, part, [change.id for change in changes if change.kind == WENT])
    there = _positions(connection, wanted.id, part)
    changed = {change.id for change in changes if change.kind in STAYED}
    new, other, moved = [], [], []
    for place, one in enumerate(getattr(wanted, part)):
        if one.id not in there:
            new.append({"hall_id": wanted.id, **values_of(part, one, place)})
        elif one.id in changed:
            other.append(values_of(part, one, place))
        elif there[one.id] != place:
            moved.append({"id": one.id, "position": place})
    if new:
        connection.execute(insert(table_of(part)), new)
    _update(connection, wanted.id, part, other)
    _update(connection, wanted.id, part, moved)


def _positions(connection: Connection, hall: str, part: str) -> dict[str, int]:
    of = table_of(part).c
    return dict(connection.execute(select(of.id, of.position).where(of.hall_id == hall)).tuples().all())


def _update(connection: Connection, hall: str, part: str, rows: list[Row]) -> None:
    """Each row by its id; all of them have the same columns."""
    if not rows:
        return
    table = table_of(part)
    columns = [name for name in rows[0] if name != "id"]
    mine = (table.c.hall_id == bindparam("of_hall"), table.c.id == bindparam("of_id"))
    statement = update(table).where(*mine).values({name: bindparam(f"new_{name}") for name in columns})
    given = [{"of_hall": hall, "of_id": row["id"], **{f"new_{name}": row[name] for name in columns}} for row in rows]
    connection.execute(statement, given)


def _add_loads(connection: Connection, hall: str, lines: list[str]) -> None:
    """What counts the waiting of a new line; one that is opened again has it still."""
    there = set(connection.execute(select(loads.c.line_id).where(loads.c.hall_id == hall)).scalars())
    rows = [
        {"hall_id": hall, "line_id": line, "lane": one.value} for line in lines if line not in there for one in Lane
    ]
    if rows:
        connection.execute(insert(loads), rows)


def _write_ranks(connection: Connection, wanted: Hall, windows: list[str]) -> None:
    of, own = window_lines.c, {window.id: window.lines for window in wanted.windows}
    mine = (of.hall_id == wanted.id, of.window_id.in_(windows), of.until.is_(None))
    connection.execute(delete(window_lines).where(*mine))
    rows = [
        {"hall_id": wanted.id, "window_id": window, "line_id": line, "rank": rank}
        for window in windows
        for line, rank in own.get(window, {}).items()
    ]
    if rows:
        connection.execute(insert(window_lines), rows)
