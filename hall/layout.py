"""The layout of a hall as config.yaml writes it: zones, units, lines, matters, windows, hours and rules."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)
from pydantic_core import InitErrorDetails

from hall.calendar import WorkingDays, known_country
from hall.mistakes import expected, mistake_at, refuse, wrong
from hall.order import Rule

Slug = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"),
    expected("a key of small letters, digits and hyphens, 40 at most"),
]
"""A key that the layout names."""


def _printable(text: str) -> str:
    """No control characters: names go to printers, whose commands they would be."""
    if not text.strip() or not text.isprintable():
        raise ValueError
    return text


Text = Annotated[str, Field(max_length=80), AfterValidator(_printable), expected("a text of 1 to 80 characters")]


def _readable(text: str) -> str:
    """As a name, but in several lines."""
    _printable(text.replace("\r\n", "\n").replace("\n", " "))
    return text


LongText = Annotated[str, Field(max_length=500), AfterValidator(_readable), expected("a text of 1 to 500 characters")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$"), expected("a language such as zh-CN or en")]


def _names(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise wrong("a text, or a text for each language such as {zh-CN: 税务, en: Tax}")
    return {"zh-CN": value} if isinstance(value, str) else value


def _with_chinese(names: dict[str, str]) -> dict[str, str]:
    if "zh-CN" not in names:
        raise wrong("a zh-CN text among its languages")
    return names


Names = Annotated[
    dict[Language, Text],
    BeforeValidator(_names),
    AfterValidator(_with_chinese),
    Field(description="a text for each language"),
]


LongNames = Annotated[
    dict[Language, LongText],
    BeforeValidator(_names),
    AfterValidator(_with_chinese),
    Field(description="a text for each language"),
]


def _span(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    start, _, end = value.partition("-")
    span = tuple(datetime.strptime(part.strip(), "%H:%M").time() for part in (start, end))
    if span[0] >= span[1]:
        raise ValueError
    return span


def _span_text(value: tuple[time, time]) -> str:
    return f"{value[0]:%H:%M}-{value[1]:%H:%M}"


Span = Annotated[
    tuple[time, time],
    BeforeValidator(_span),
    PlainSerializer(_span_text),
    expected('a span of one day such as "09:00-17:00"'),
]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError from error
    return name


TimeZone = Annotated[str, AfterValidator(_zone), expected("a time zone such as Asia/Shanghai")]
Rank = Annotated[int, Field(ge=1, le=9), expected("a rank from 1 to 9")]
Minutes = Annotated[int, Field(ge=1, le=1440), expected("a number of minutes from 1 to 1440")]
Seconds = Annotated[int, Field(ge=0, le=86400), expected("a number of seconds from 0 to 86400")]


class Part(BaseModel):
    """A group of settings: an unknown key is a mistake, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Zone(Part):
    id: Slug
    name: Names
    floor: Annotated[int, Field(ge=-9, le=99), expected("a floor, a whole number from -9 to 99")] = 1


class Unit(Part):
    id: Slug
    name: Names
    kind: Literal["local", "dual", "vertical"] = "local"
    """Who the unit answers to: the city, the city and its ministry, its ministry."""


def _country(code: str) -> str:
    if not known_country(code):
        raise ValueError
    return code


Country = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"),
    AfterValidator(_country),
    expected("a country whose holidays are known, such as CN or DE-BY"),
]
Day = Annotated[date, expected("a day such as 2026-12-31")]
Some = Annotated[int, Field(ge=1, le=9999), expected("a whole number from 1 to 9999")]


class Calendar(Part):
    """The days on which the hall works: all of them, until a country's holidays are named."""

    holidays: Country | None = None
    """Its weekends and public holidays are days off, its swapped working weekends are worked."""
    closed: list[Day] = []
    """Days off besides."""
    open: list[Day] = []
    """Days worked although they would be days off."""

    @property
    def days(self) -> WorkingDays:
        return WorkingDays(self.holidays, frozenset(self.closed), frozenset(self.open))


class Booking(Part):
    """What of a line can be booked: slots one after the other within the hall's calling hours."""

    slot_minutes: Annotated[int, Field(ge=5, le=240), expected("a number of minutes from 5 to 240")] = 30
    capacity: Some
    """Visitors a slot."""
    days_ahead: Annotated[int, Field(ge=0, le=60), expected("a number of days from 0 to 60")] = 7
    """How far ahead one can book; 0: for today alone."""


class SlotQuota(Part):
    """At most so many numbers of a line within a span of the day."""

    span: Span
    numbers: Some


class LineMore(Part):
    """Settings of a line that few lines need: kept together in one column."""

    identity: Literal["none", "typed", "card"] = "none"
    """Whether a number is given only to who shows a document: one live number a person. `card`: read by a reader,
    `typed`: typed at the kiosk where there is none."""
    agent_limit: Annotated[int, Field(ge=1, le=99), expected("a number of tickets from 1 to 99")] = 3
    """Live numbers that one agent may hold for different principals, where identity is asked for."""
    remote_share: Annotated[int, Field(ge=0, le=100), expected("a percentage from 0 to 100")] = 0
    """How many of a hundred numbers of the day may be taken from afar, good once their visitor has come; 0: none."""

    booking: Booking | None = None
    slot_quotas: list[SlotQuota] = []
    capacity_quota: Minutes | None = None
    """Minutes a visitor needs, until the windows' own pace of today is known. Where it is set, no number is given
    to who could not be served before closing beside those who wait and those who have booked."""

    batch_limit: Annotated[int, Field(ge=1, le=99), expected("a number of pieces from 1 to 99")] | None = None
    """Of a ticket for several pieces so many are served at one call; the rest goes to the line's tail."""


class Line(LineMore):
    id: Slug
    name: Names
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,2}$"), expected("one or two capital letters")]
    common: bool = False
    """Stands on the kiosk's first screen."""
    issuing: list[Span] | None = None
    """Issuing hours where they differ from the hall's."""
    daily_quota: Annotated[int, Field(ge=1, le=999_999), expected("a whole number from 1 up")] | None = None


class Route(Part):
    """The lines that a ticket goes on to, on the same number, once it is done in its matter's own."""

    lines: Annotated[list[Slug], Field(min_length=1)]
    any_order: bool = False
    """In whichever order waits least, rather than as written."""


class Guide(Part):
    """What the guide to a matter says (办事指南) beside its papers."""

    handled_by: LongNames | None = None
    basis: LongNames | None = None
    """The law or rule that it is done by."""
    conditions: LongNames | None = None
    fee: LongNames | None = None
    fee_basis: LongNames | None = None
    time_limit: LongNames | None = None
    complaints: LongNames | None = None
    """Where one complains of how it was handled."""


class MatterMore(Part):
    """Settings of a matter that few matters need."""

    papers: list[Names] = []
    """What a visitor has to bring: ticked off at the guide desk before a number is taken, and told to the visitor."""

    route: Route | None = None
    """Where the visitor goes on to: the fee, then the result. None: done in its own line."""

    guide: Guide | None = None


class Matter(MatterMore):
    id: Slug
    name: Names
    unit: Slug
    category: Slug
    """Of any set; where it is not of the latest, the latest's is shown that it leads to."""
    line: Slug
    entry: Annotated[
        Literal["in_hall", "exempt", "separate", "consultation", "pending"], Field(description="where it is handled")
    ] = "in_hall"
    """Once the matter stands in the layout, only the register of what should be in the hall changes it."""


class Window(Part):
    id: Slug
    name: Annotated[
        str,
        Field(max_length=12),
        AfterValidator(_printable),
        expected('1 to 12 characters in quotes, such as "3"'),
    ]
    """What stands on the window's sign and is spoken: "3", "201", "A1"."""
    zone: Slug
    lines: Annotated[dict[Slug, Rank], Field(min_length=1)]
    """The lines it serves, each with its rank, 1 the first."""


class Category(Part):
    id: Slug
    name: Names
    maps_to: Slug | None = None
    """The category of another set that took its place."""


class CategorySet(Part):
    id: Slug
    name: Names
    categories: list[Category]


Weight = Annotated[int, Field(ge=1, le=9), expected("a weight from 1 to 9")]
Every = Annotated[int, Field(ge=1, le=20), expected("a number of people from 1 to 20")]


class Assignment(Part):
    """A clerk who is stationed at a window, or by a unit, from one day to another."""

    id: Slug
    clerk: Annotated[str, Field(max_length=40), AfterValidator(_printable), expected("1 to 40 characters, as 3021")]
    """The 工号, by which the clerk's account is known."""
    unit: Slug | None = None
    """None: the center's own."""
    window: Slug | None = None
    from_day: Day
    to_day: Day | None = None
    """The last day; None: until further notice."""

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.to_day is not None and self.to_day < self.from_day:
            refuse("Assignment", [mistake_at(("to_day",), str(self.to_day), f"a day from {self.from_day} on")])
        return self


class Weights(Part):
    ordinary: Weight = 1
    booked: Weight = 2
    priority: Weight = 3


class Order(Part):
    """Who goes first within a line. A preset is enough for most halls; the rest is for the expert page."""

    preset: Literal["first_come", "balanced", "one_priority_after"] = "balanced"
    """First come first served; longest wait by weight; or one priority visitor after every so many others."""
    weights: Weights | None = None
    """How fast each class's claim grows as it waits; None: as the preset has it."""
    priority_every: Every = 2
    """So many others between two priority visitors, where the preset is one_priority_after."""
    reinstated_every: Every = 2
    """So many others between two who missed their number and came back."""
    max_overtakes: Annotated[int, Field(ge=0, le=99), expected("a number of people from 0 to 99")] = 10
    """Nobody is passed more often by people of the same line who came later."""
    max_wait_minutes: Minutes = 60
    """Who has waited longer is passed by nobody of the same line who came later."""

    def rule(self, red_wait_minutes: int) -> Rule:
        one_after = self.preset == "one_priority_after"
        flat = {"first_come": Weights(booked=1, priority=1), "one_priority_after": Weights(priority=1)}
        weights = self.weights or flat.get(self.preset, Weights())
        return Rule(
            weights={**weights.model_dump(), "reinstated": weights.ordinary},
            priority_every=self.priority_every if one_after else None,
            reinstated_every=self.reinstated_every,
            max_overtakes=self.max_overtakes,
            max_wait_seconds=self.max_wait_minutes * 60,
            red_wait_seconds=red_wait_minutes * 60,
        )


class Bands(Part):
    """Numbers of each line kept for kiosks without network; how many is said at each kiosk."""

    first: Annotated[int, Field(ge=2, le=9901), expected("a whole number from 2 to 9901")] = 801
    """Where they begin: above what a line gives on most days."""
    near: Annotated[int, Field(ge=1, le=500), expected("a number of tickets from 1 to 500")] = 40
    """A kiosk gives a band back for one further up once the line's numbers come so near to it."""


def _switch(value: Any) -> Any:
    """YAML reads on and off as true and false."""
    return ("off", "on")[value] if isinstance(value, bool) else value


class Rules(Part):
    """Presets of HALL practice; all durations name their unit."""

    order: Order = Order()
    bands: Bands = Bands()
    amber_wait_minutes: Minutes = 15
    red_wait_minutes: Minutes = 30
    no_show_calls: Annotated[int, Field(ge=1, le=9), expected("a number of calls from 1 to 9")] = 2
    no_show_seconds: Seconds = 90
    no_show_seconds_priority: Seconds = 180
    """For priority visitors, and for all whose window is on another floor than where they were told to wait."""
    rating: Annotated[Literal["on", "off", "export"], BeforeValidator(_switch)] = "on"
    """Whether visitors may rate; `export`: every finished day's ratings are written out for the province as well."""
    automatic_no_show: bool = False
    """A called number is missed of its own accord once it was called that often and waited for that long."""
    reinstate_policy: Literal["interleave", "after_n", "tail", "expire"] = "interleave"
    """Where a missed number waits again: between others, behind a few, behind all, or never more."""
    reinstate_within_minutes: Minutes = 30
    reinstate_after: Annotated[int, Field(ge=1, le=99), expected("a number of people from 1 to 99")] = 3
    """Of its line, where the policy is after_n."""
    undo_seconds: Seconds = 10
    """How long the last move at a window can be undone."""


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
    assignments: list[Assignment] = []
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


def twice(at: tuple[str | int, ...], field: str, values: Iterable[str]) -> Iterator[InitErrorDetails]:
    """A mistake for each value that stood before in the list at `at`."""
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value in first:
            yield mistake_at((*at, index, field), value, f"one of its own; {at[-1]}.{first[value]} has it")
        first.setdefault(value, index)


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


def stranger(at: tuple[str | int, ...], value: str | None, known: Sequence[str | None]) -> Iterator[InitErrorDetails]:
    """A mistake where a word names none of the known; None is known where it may be left out."""
    if value not in known:
        yield mistake_at(at, value, f"one of {', '.join(filter(None, known))}")


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
