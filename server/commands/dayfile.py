"""A day of arrivals and services from a CSV file, and a layout in which it can be played.

Columns: date, class, priority (2: a priority visitor), arrive_s, queue_s, outcome (AGENT: served, HANG: left
after queue_s), start_s, end_s, window. Seconds count from midnight.
"""

import csv
import gzip
import io
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any

COLUMNS = ("date", "class", "priority", "arrive_s", "queue_s", "outcome", "start_s", "end_s", "window")


class BadDay(Exception):
    """The file cannot be played; says where and why."""


@dataclass(frozen=True, slots=True)
class Arrival:
    kind: str
    """The file's class: what the visitor came for."""
    priority: bool
    at: float
    leaves_at: float | None
    """When the visitor goes home if still waiting; None: stays."""


@dataclass(frozen=True, slots=True)
class WindowDay:
    """What one window did: from its first start to its last end, each service's seconds in order."""

    name: str
    kinds: tuple[str, ...]
    opens: float
    closes: float
    services: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Day:
    date: str
    arrivals: list[Arrival]
    windows: list[WindowDay]

    @property
    def kinds(self) -> list[str]:
        """The commonest first."""
        return [kind for kind, _ in Counter(one.kind for one in self.arrivals).most_common()]

    @property
    def begins(self) -> float:
        return self.arrivals[0].at

    @property
    def ends(self) -> float:
        return max([self.arrivals[-1].at, *(window.closes for window in self.windows)])


def read_day(path: Path, date: str | None = None) -> Day:
    """The day `date` of a file (.csv or .csv.gz), its first when none is named. Raises BadDay."""
    rows = _rows(path)
    dates = sorted({row["date"] for row in rows})
    if not dates:
        raise BadDay(f"{path}: no arrivals")
    date = date or dates[0]
    if date not in dates:
        raise BadDay(f"{path}: no day {date}; it holds {dates[0]} to {dates[-1]}")
    chosen = [(line, row) for line, row in enumerate(rows, 2) if row["date"] == date]
    arrivals = [_arrival(path, line, row) for line, row in chosen]
    windows = _windows(path, chosen)
    if not windows:
        raise BadDay(f"{path}: {date}: nobody was served, so there is no window to play")
    return Day(date, sorted(arrivals, key=lambda one: one.at), windows)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadDay(f"{path}: not readable: {error}") from None
    reader = csv.DictReader(io.StringIO(text))
    missing = set(COLUMNS) - set(reader.fieldnames or ())
    if missing:
        raise BadDay(f"{path}: missing columns: {', '.join(sorted(missing))}")
    return list(reader)


def _seconds(path: Path, line: int, row: dict[str, str], column: str) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError):
        raise BadDay(f"{path}: line {line}: {column} = {row[column]!r}: expected seconds") from None


def _arrival(path: Path, line: int, row: dict[str, str]) -> Arrival:
    at = _seconds(path, line, row, "arrive_s")
    left = at + _seconds(path, line, row, "queue_s") if row["outcome"] == "HANG" else None
    return Arrival(row["class"], row["priority"] == "2", at, left)


def _windows(path: Path, rows: list[tuple[int, dict[str, str]]]) -> list[WindowDay]:
    served: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for line, row in rows:
        if row["window"]:
            span = (_seconds(path, line, row, "start_s"), _seconds(path, line, row, "end_s"))
            served[row["window"]].append((*span, row["class"]))
    return [_window(name, sorted(services)) for name, services in sorted(served.items())]


def _window(name: str, services: list[tuple[float, float, str]]) -> WindowDay:
    return WindowDay(
        name,
        tuple(sorted({kind for _, _, kind in services})),
        services[0][0],
        max(end for _, end, _ in services),
        tuple(max(0.0, end - start) for start, end, _ in services),
    )


def line_id(kind: str) -> str:
    return f"line-{kind.lower()}"


def window_id(name: str) -> str:
    return name.lower()


def layout_of_day(day: Day) -> dict[str, Any]:
    """Settings (as config.yaml writes them) of a hall with the day's lines and windows."""
    prefixes = [*ascii_uppercase, *(a + b for a in ascii_uppercase for b in ascii_uppercase)]
    lines = [
        {"id": line_id(kind), "name": kind, "prefix": prefix, "common": True}
        for kind, prefix in zip(day.kinds, prefixes, strict=False)
    ]
    matters = [
        {
            "id": f"matter-{kind.lower()}",
            "name": kind,
            "unit": "unit",
            "category": "service",
            "line": line_id(kind),
        }
        for kind in day.kinds
    ]
    windows = [
        {
            "id": window_id(window.name),
            "name": window.name.lstrip("Ww0") or window.name,
            "zone": "zone",
            "lines": {line_id(kind): 1 for kind in window.kinds},
        }
        for window in day.windows
    ]
    hall = {
        "id": "replay",
        "name": {"zh-CN": "回放大厅", "en": "Replay hall"},
        "time_zone": "Asia/Shanghai",
        "issuing": ["00:00-23:59"],
        "calling": ["00:00-23:59"],
        "zones": [{"id": "zone", "name": "一楼", "floor": 1}],
        "units": [{"id": "unit", "name": "综合窗口"}],
        "category_sets": [{"id": "current", "name": "现行", "categories": [{"id": "service", "name": "公共服务"}]}],
        "lines": lines,
        "matters": matters,
        "windows": windows,
    }
    return {"halls": [hall]}
