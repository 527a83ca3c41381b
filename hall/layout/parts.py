"""The parts of a hall's layout: zones, units, lines, matters, windows, assignments, and the sets of categories."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hall.mistakes import expected, mistake_at, refuse
from hall.values import Day, LongNames, Minutes, Names, Part, Rank, Slug, Some, Span, printable


class Zone(Part):
    id: Slug
    name: Names
    floor: Annotated[int, Field(ge=-9, le=99), expected("a floor, a whole number from -9 to 99")] = 1


class Unit(Part):
    id: Slug
    name: Names
    kind: Literal["local", "dual", "vertical"] = "local"
    """Who the unit answers to: the city, the city and its ministry, its ministry."""


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
    slot_quotas: list[SlotQuota] = Field(default_factory=list)
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

    papers: list[Names] = Field(default_factory=list)
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
        AfterValidator(printable),
        expected('1 to 12 characters in quotes, such as "3"'),
    ]
    """What stands on the window's sign and is spoken: "3", "201", "A1"."""
    zone: Slug
    lines: Annotated[dict[Slug, Rank], Field(min_length=1)]
    """The lines it serves, each with its rank, 1 the first."""


class Assignment(Part):
    """A clerk who is stationed at a window, or by a unit, from one day to another."""

    id: Slug
    clerk: Annotated[str, Field(max_length=40), AfterValidator(printable), expected("1 to 40 characters, as 3021")]
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


class Category(Part):
    id: Slug
    name: Names
    maps_to: Slug | None = None
    """The category of another set that took its place."""


class CategorySet(Part):
    id: Slug
    name: Names
    categories: list[Category]
