"""The layout as its administrators read it: whole but for the long parts, and those searched and paged."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from hall.layout import PARTS
from server.actions.drafting import settings_of
from server.layout.kept import Layout
from server.layout.parts import part_of, rows_of
from server.queries import known_layout
from server.tables.layout import halls

SHORT = ("zones", "units", "lines", "windows")
Value = dict[str, Any]


def layout_state(connection: Connection, hall: str) -> dict[str, Any]:
    """{version, settings, zones, units, lines, windows, counts, closed}: all but matters and assignments."""
    layout = known_layout(connection, hall)
    version = connection.execute(select(halls.c.layout_version).where(halls.c.id == hall)).scalar_one()
    return {
        "version": version,
        "settings": settings_of(layout),
        **{part: [one.model_dump(mode="json") for one in getattr(layout.document, part)] for part in SHORT},
        "counts": {part: len(layout.parts[part]) for part in PARTS},
        "closed": {part: len(layout.closed[part]) for part in PARTS},
    }


def parts_found(
    connection: Connection, hall: str, part: str, closed: bool, text: str, unit: str | None, line: str | None
) -> list[Value]:
    """The parts that match, as config.yaml writes them, in the hall's order."""
    layout = known_layout(connection, hall)
    every = _closed(connection, layout, part) if closed else (one.model_dump(mode="json") for one in layout.parts[part])
    wanted = text.strip().lower()
    return [
        one
        for one in every
        if unit in (None, one.get("unit"), one["id"] if part == "units" else None)
        and (line is None or line in (one.get("line"), *one.get("lines", ())))
        and (not wanted or any(wanted in word for word in _words(layout, part, one)))
    ]


def _closed(connection: Connection, layout: Layout, part: str) -> Iterator[Value]:
    for row in rows_of(connection, layout.hall, part):
        if not row.closed:
            continue
        if part == "windows":  # it serves no line any more, and none may be wanted without
            yield {"id": row.id, "name": row.name, "zone": row.zone_id, "lines": {}}
        else:
            yield part_of(part, row).model_dump(mode="json")


def _words(layout: Layout, part: str, one: Value) -> Iterator[str]:
    name = one.get("name") or one.get("clerk") or ""
    yield one["id"]
    yield from (word.lower() for word in (name.values() if isinstance(name, dict) else [name]))
    if part == "matters" and one["id"] in layout.matters:
        yield from layout.spellings[one["id"]].values()
