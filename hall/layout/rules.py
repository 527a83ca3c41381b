"""The rules of a hall: its working days, who goes first, what becomes of a number that nobody comes for."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from hall.calendar import WorkingDays, known_country
from hall.mistakes import expected
from hall.order import Rule
from hall.values import Day, Minutes, Part, Seconds


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


class Calendar(Part):
    """The days on which the hall works: all of them, until a country's holidays are named."""

    holidays: Country | None = None
    """Its weekends and public holidays are days off, its swapped working weekends are worked."""
    closed: list[Day] = Field(default_factory=list)
    """Days off besides."""
    open: list[Day] = Field(default_factory=list)
    """Days worked although they would be days off."""

    @property
    def days(self) -> WorkingDays:
        return WorkingDays(self.holidays, frozenset(self.closed), frozenset(self.open))


Weight = Annotated[int, Field(ge=1, le=9), expected("a weight from 1 to 9")]
Every = Annotated[int, Field(ge=1, le=20), expected("a number of people from 1 to 20")]


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
