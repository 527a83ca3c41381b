"""The layout of a hall as config.yaml writes it: its parts, hours and rules, and that they hang together."""

from collections.abc import Iterator
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic_core import InitErrorDetails

from hall.layout.parts import Assignment, CategorySet, Line, Matter, Unit, Window, Zone
from hall.layout.rules import Calendar, Rules
from hall.mistakes import refuse, stranger, twice
from hall.values import Names, Part, Slug, Span, TimeZone


class Hall(Part):
    id: Slug
    name: Names
    time_zone: TimeZone = "Asia/Shanghai"
    issuing: list[Span]
    calling: list[Span]
    calendar: Calendar = Calendar()
    zones: Annotated[list[Zone], Field(min_length=1)]
    units: Annotated[list[Unit], Field(min_length=1)]
    category_sets: list[CategorySet]
    lines: Annotated[list[Line], Field(min_length=1)]
    matters: list[Matter]
    windows: Annotated[list[Window], Field(min_length=1)]
    assignments: list[Assignment] = Field(default_factory=list)
    guide_line: Slug | None = None
    """The line of the guide desk, for who is not sure what to take a number for."""
    complaint_line: Slug | None = None
    """The line of complaints, which only the center's own people serve."""
    rules: Rules = Rules()

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        refuse("Hall", list(_all_twice(self)))
        refuse("Hall", list(_all_strangers(self)))
        return self


def _all_twice(hall: Hall) -> Iterator[InitErrorDetails]:
    for what in ("zones", "units", "lines", "matters", "windows", "category_sets", "assignments"):
        yield from twice((what,), "id", [part.id for part in getattr(hall, what)])
    for index, one in enumerate(hall.category_sets):
        yield from twice(("category_sets", index, "categories"), "id", [category.id for category in one.categories])
    yield from twice(("lines",), "prefix", [line.prefix for line in hall.lines])
    yield from twice(("windows",), "name", [window.name for window in hall.windows])


def _all_strangers(hall: Hall) -> Iterator[InitErrorDetails]:
    """A mistake for each word that names a part the hall does not have."""
    lines = [line.id for line in hall.lines]
    units, zones = [unit.id for unit in hall.units], [zone.id for zone in hall.zones]
    categories = [category.id for one in hall.category_sets for category in one.categories]
    for index, matter in enumerate(hall.matters):
        yield from stranger(("matters", index, "line"), matter.line, lines)
        yield from stranger(("matters", index, "unit"), matter.unit, units)
        yield from stranger(("matters", index, "category"), matter.category, categories)
        for leg, line in enumerate(matter.route.lines if matter.route else ()):
            yield from stranger(("matters", index, "route", "lines", leg), line, lines)
    for index, window in enumerate(hall.windows):
        yield from stranger(("windows", index, "zone"), window.zone, zones)
        for line in window.lines:
            yield from stranger(("windows", index, "lines", line), line, lines)
    for index, one in enumerate(hall.assignments):
        yield from stranger(("assignments", index, "unit"), one.unit, [None, *units])
        yield from stranger(("assignments", index, "window"), one.window, [None, *(w.id for w in hall.windows)])
    for index, group in enumerate(hall.category_sets):
        for place, category in enumerate(group.categories):
            at = ("category_sets", index, "categories", place, "maps_to")
            yield from stranger(at, category.maps_to, [None, *categories])
    if hall.guide_line is not None:
        yield from stranger(("guide_line",), hall.guide_line, lines)
    if hall.complaint_line is not None:
        yield from stranger(("complaint_line",), hall.complaint_line, lines)


PARTS: dict[str, type[Part]] = {
    "zones": Zone,
    "units": Unit,
    "lines": Line,
    "matters": Matter,
    "windows": Window,
    "assignments": Assignment,
}
"""The parts of a hall that come one by one, in the order in which one names the other."""
SETTINGS = ("time_zone", "issuing", "calling", "calendar", "rules", "guide_line", "complaint_line", "category_sets")
"""What is of the hall as a whole, beside its name."""
