"""The figures of a day or a month: how many numbers were given, what became of them, how long it took."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

Figures = dict[str, int | float | None]


class End(StrEnum):
    """What became of a number; each has exactly one end."""

    SERVED = "served"
    """Its service was completed; also after it was missed and came back."""
    MISSED = "missed"
    """Called, did not come, and did not come back (过号)."""
    CANCELLED = "cancelled"
    """Given up by its visitor, or taken back by the hall (弃号)."""
    EXPIRED = "expired"
    """Neither served nor missed nor cancelled when the day ended (作废)."""
    UNFINISHED = "unfinished"
    """The day is not over: it waits, is served or held."""


_SERVED = End.SERVED  # looking a member up costs more than all else that is done with it


class Fact(NamedTuple):
    """One number as the sheets count it."""

    day: date
    hour: int
    """Of its issue, by the hall's clock."""
    taken_line: str
    line: str
    """Where it was last; another than it was taken for after a transfer."""
    unit: str | None
    window: str | None
    """The one it was last called to; None where it waited at its end."""
    end: End
    wait_seconds: int | None
    """From the issue, or from the arrival of who took it from afar, to its first call; None: never called."""
    service_seconds: int


@dataclass(slots=True)
class Tally:
    """Figures in the making."""

    issued: int = 0
    ends: dict[End, int] = field(default_factory=lambda: dict.fromkeys(End, 0))
    waits: list[int] = field(default_factory=list)
    service_seconds: int = 0

    def take(self, fact: Fact) -> None:
        self.take_issue(fact)
        self.take_end(fact)

    def take_issue(self, fact: Fact) -> None:
        self.issued += 1
        if fact.wait_seconds is not None:
            self.waits.append(fact.wait_seconds)

    def take_end(self, fact: Fact) -> None:
        self.ends[fact.end] += 1
        if fact.end is _SERVED:
            self.service_seconds += fact.service_seconds

    def figures(self) -> Figures:
        """issued 取号量 · served 办理量 · missed 过号量 · cancelled 弃号量 · expired 作废量 · unfinished 在办量, and:

        called: how many were called at all, of whom the next four speak.
        mean_wait_seconds: from issue to first call. p90_wait_seconds: nine of ten waited no longer (nearest rank).
        within_15, within_30: the share of them called within so many minutes, from 0 to 1.
        mean_service_seconds: of those served, from arrival at the window (or the call) to the end.
        What nobody was called or served for is None.
        """
        waits, served = sorted(self.waits), self.ends[End.SERVED]
        n = len(waits)
        return {
            "issued": self.issued,
            **{end.value: count for end, count in self.ends.items()},
            "called": n,
            "mean_wait_seconds": round(sum(waits) / n) if n else None,
            "p90_wait_seconds": waits[-(-9 * n // 10) - 1] if n else None,
            "within_15": _share(waits, 15),
            "within_30": _share(waits, 30),
            "mean_service_seconds": round(self.service_seconds / served) if served else None,
        }


def _share(waits: list[int], minutes: int) -> float | None:
    """Of waits in their order."""
    return round(bisect_right(waits, minutes * 60) / len(waits), 4) if waits else None


def _tallies() -> dict[Any, Tally]:
    return defaultdict(Tally)


@dataclass
class Sheet:
    """The tallies of a span of days: in all, by line, unit and window, by hour and by day.

    Issues and waits count for the line the number was taken for, its end for the line it was last in. A window is
    given no numbers: everything of a ticket counts for the window that had it last.
    """

    total: Tally = field(default_factory=Tally)
    lines: dict[str, Tally] = field(default_factory=_tallies)
    units: dict[str | None, Tally] = field(default_factory=_tallies)
    windows: dict[str, Tally] = field(default_factory=_tallies)
    hours: dict[int, Tally] = field(default_factory=_tallies)
    days: dict[date, Tally] = field(default_factory=_tallies)

    def take(self, fact: Fact) -> None:
        self.total.take(fact)
        self.lines[fact.taken_line].take_issue(fact)
        self.lines[fact.line].take_end(fact)
        self.units[fact.unit].take(fact)
        self.hours[fact.hour].take(fact)
        self.days[fact.day].take(fact)
        if fact.window is not None:
            self.windows[fact.window].take(fact)

    def told(self) -> dict[str, Any]:
        """Every figure by what it is of: two sheets of the same are equal."""
        parts = ("lines", "units", "windows", "hours", "days")
        return {
            "total": self.total.figures(),
            **{part: {key: tally.figures() for key, tally in getattr(self, part).items()} for part in parts},
        }


def sheet_of(facts: Iterable[Fact]) -> Sheet:
    sheet = Sheet()
    for fact in facts:
        sheet.take(fact)
    return sheet


def only(unit: str | None, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Those of one unit; of all where none is named."""
    return (fact for fact in facts if unit is None or fact.unit == unit)


UnitOf = Callable[[str | None, str], str | None]
"""The unit of a ticket by its matter and the line it was taken for."""


def units_of(matters: Iterable[tuple[str, str, str, bool]]) -> UnitOf:
    """How a ticket finds its unit: by its matter; without one by its line, where all matters there are of one unit.

    `matters`: (id, unit, line, closed) of each.
    """
    by_matter: dict[str, str] = {}
    by_line: dict[str, set[str]] = {}
    for matter, unit, line, closed in matters:
        by_matter[matter] = unit
        if not closed:
            by_line.setdefault(line, set()).add(unit)
    alone = {line: next(iter(units)) for line, units in by_line.items() if len(units) == 1}

    def unit_of(matter: str | None, line: str) -> str | None:
        return by_matter[matter] if matter in by_matter else alone.get(line)

    return unit_of
