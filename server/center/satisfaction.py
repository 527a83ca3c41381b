"""Totals of ratings: of finished weeks only, and only where at least five were given.

A running total would tell each answer to who looks before and after it; a week that is over no longer changes, and
weeks do not overlap, so that no two totals differ by one visitor. Nor does what a list tells leave one over: the hall's
own total is public, and without the parts that are told it must be nothing or five, too.
"""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from hall.errors import HallError
from server.center.ratings import Moment, moment_of
from server.layout.kept import Layout
from server.tables.ratings import ratings

FLOOR = 5
Counts = dict[str, Counter[int]]


def week_of(at: Moment, wanted: date | None) -> tuple[date, date]:
    """Monday and Sunday of the finished week that holds a day; without one, of the last."""
    day = wanted or at.day - timedelta(days=7)
    monday = day - timedelta(days=day.weekday())
    sunday = monday + timedelta(days=6)
    if sunday >= at.day:
        raise HallError("bad_body", field="week", expected="a day of a week that is over")
    return monday, sunday


def totals(connection: Connection, hall: str, by: str, week: date | None, now: datetime) -> dict[str, Any]:
    """{from, to, totals: [{id, total, levels}]} by `line`, `unit` or `window`; null below five."""
    at = moment_of(connection, hall, now)
    monday, sunday = week_of(at, week)
    column = ratings.c.window_id if by == "window" else ratings.c.line_id
    counts: Counts = {}
    for key, level, n in connection.execute(_count(hall, monday, sunday, column)).tuples():
        counts.setdefault(key, Counter())[level] += n
    whole = sum(one.total() for one in counts.values())
    if by == "unit":
        counts = _by_unit(at.layout, counts)
    known = {"line": [*at.layout.lines], "window": [*at.layout.windows], "unit": [*at.layout.units]}[by]
    told = _told({key: counts[key].total() for key in known if key in counts}, whole)
    return {
        "from": monday.isoformat(),
        "to": sunday.isoformat(),
        "totals": [{"id": key, **_shown(counts[key] if key in told else Counter())} for key in known],
    }


def _told(counted: dict[str, int], whole: int) -> set[str]:
    """The parts with five or more; while what is left of the whole is fewer, the smallest of them is left out too."""
    told = sorted((key for key in counted if counted[key] >= FLOOR), key=lambda key: (counted[key], key))
    while told and 0 < whole - sum(counted[key] for key in told) < FLOOR:
        told.pop(0)
    return set(told)


def window_totals(
    connection: Connection, hall: str, window: str, clerk: str | None, week: date | None, now: datetime
) -> dict[str, Any]:
    """{from, to, total, levels} of a window; of one clerk's own service there where one is named."""
    at = moment_of(connection, hall, now)
    if window not in at.layout.windows:
        raise HallError("not_found", what="window", id=window)
    every = totals(connection, hall, "window", week, now)
    span = {key: every[key] for key in ("from", "to")}
    if clerk is None:
        return {**span, **next(one for one in every["totals"] if one.pop("id") == window)}
    monday, sunday = week_of(at, week)
    counted = _count(hall, monday, sunday, ratings.c.clerk).where(ratings.c.window_id == window)
    own = Counter({level: n for key, level, n in connection.execute(counted).tuples() if key == clerk})
    whole = sum(n for *_, n in connection.execute(_count(hall, monday, sunday, ratings.c.window_id)).tuples())
    return {**span, **_shown(own if _told({clerk: own.total()}, whole) else Counter())}


def hall_total(connection: Connection, hall: str, now: datetime) -> dict[str, Any]:
    """{from, to, total, levels} of the whole hall in its last finished week."""
    monday, sunday = week_of(moment_of(connection, hall, now), None)
    counts: Counter[int] = Counter()
    for _line, level, n in connection.execute(_count(hall, monday, sunday, ratings.c.line_id)).tuples():
        counts[level] += n
    return {"from": monday.isoformat(), "to": sunday.isoformat(), **_shown(counts)}


def _count(hall: str, first: date, last: date, column: Any) -> Any:
    return (
        select(column, ratings.c.level, func.count())
        .where(ratings.c.hall_id == hall, ratings.c.day.between(first, last), ratings.c.follows.is_(None))
        .group_by(column, ratings.c.level)
    )


def _by_unit(layout: Layout, lines: Counts) -> Counts:
    """A line counts for the unit whose matters it takes; one for several units counts for none of them."""
    found: Counts = {}
    for line, counts in lines.items():
        units = {matter["unit"] for matter in layout.matters.values() if matter["line"] == line}
        if len(units) == 1:
            found.setdefault(units.pop(), Counter()).update(counts)
    return found


def _shown(counts: Counter[int]) -> dict[str, Any]:
    total = counts.total()
    if total < FLOOR:
        return {"total": None, "levels": None}
    return {"total": total, "levels": {str(level): counts[level] for level in (5, 4, 3, 2, 1)}}


def export_ratings(connection: Connection, hall: str, folder: Path, now: datetime) -> None:
    """Writes each finished day's ratings for the province: `ratings-export/HALL-DAY.jsonl`, a line each.

    Only once a day is over and in an order that tells nothing: a file that grew with each rating would say whose it
    is. A day that has its file is left alone.
    """
    at = moment_of(connection, hall, now)
    if at.layout.rules.rating != "export":
        return
    days = select(ratings.c.day).where(ratings.c.hall_id == hall, ratings.c.day < at.day).distinct()
    for day in connection.execute(days).scalars():
        path = folder / "ratings-export" / f"{hall}-{day}.jsonl"
        if not path.exists():
            _write_lines(path, _exported(connection, hall, day))


def _exported(connection: Connection, hall: str, day: date) -> Iterable[str]:
    found = connection.execute(
        select(ratings).where(ratings.c.hall_id == hall, ratings.c.day == day).order_by(ratings.c.id)
    )
    for row in found:
        told = {"hall": hall, "id": row.id, "day": day.isoformat(), "line": row.line_id, "window": row.window_id}
        said = {"clerk": row.clerk, "level": row.level, "reasons": row.reasons, "words": row.words}
        yield json.dumps({**told, **said, "follow_up": row.follows is not None}, ensure_ascii=False) + "\n"


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    """The whole file at once: who fetches it never sees half a day."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text("".join(lines), encoding="utf-8")
    unfinished.replace(path)
