"""The layout of a hall as config.yaml writes it: zones, units, lines, matters, windows, hours and rules."""

from collections import Counter
from datetime import time
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""A key that the layout names: small letters, digits and hyphens."""


def _names(value: Any) -> Any:
    return {"zh-CN": value} if isinstance(value, str) else value




Names = Annotated[
    dict[str, Annotated[str, Field(min_length=1, max_length=80)]],
    BeforeValidator(_names),
    Field(description="a text a language"),
]


def _span(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    start, dash, end = value.partition("-")
    if not dash:
        raise ValueError("expected a span such as '09:00-17:00'")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())


def _span_text(value: tuple[time, time]) -> str:
    return f"{value[0]:%H:%M}-{value[1]:%H:%M}"


Span = Annotated[tuple[time, time], BeforeValidator(_span), PlainSerializer(_span_text)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Zone(Part):
    id: Slug
    name: Names
    floor: int = 1


class Unit(Part):
    id: Slug
    name: Names
    kind: Literal["local", "dual", "vertical"] = "local"


class Line(Part):
    id: Slug
    name: Names
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")]
    common: bool = False
    """Stands on the kiosk's first screen."""
    issuing: list[Span] | None = None
    """Issuing hours where they differ from the hall's."""
    daily_quota: Annotated[int, Field(ge=1)] | None = None


class Matter(Part):
    id: Slug
    name: Names
    unit: Slug
    category: Slug
    line: Slug


class Window(Part):
    id: Slug
    name: Annotated[str, Field(min_length=1, max_length=12)]
    """What stands on the window's sign and is spoken: "3", "201", "A1"."""
    zone: Slug
    lines: Annotated[dict[Slug, Annotated[int, Field(ge=1, le=9)]], Field(min_length=1)]
    """The lines it serves, each with its rank, 1 the first."""


class Category(Part):
    id: Slug
    name: Names


class CategorySet(Part):
    id: Slug
    name: Names
    categories: list[Category]


class Rules(Part):
    """Presets of HALL practice; all durations name their unit."""

    amber_wait_minutes: Annotated[int, Field(ge=1)] = 15
    red_wait_minutes: Annotated[int, Field(ge=1)] = 30
    no_show_calls: Annotated[int, Field(ge=1)] = 2
    no_show_seconds: Annotated[int, Field(ge=0)] = 90
    no_show_seconds_priority: Annotated[int, Field(ge=0)] = 180


class Hall(Part):
    id: Slug
    name: Names
    time_zone: str = "Asia/Shanghai"
    issuing: list[Span]
    calling: list[Span]
    zones: Annotated[list[Zone], Field(min_length=1)]
    units: Annotated[list[Unit], Field(min_length=1)]
    category_sets: list[CategorySet]
    lines: Annotated[list[Line], Field(min_length=1)]
    matters: list[Matter]
    windows: Annotated[list[Window], Field(min_length=1)]
    guide_line: Slug | None = None
    """The line of the guide desk, for who is not sure what to take a number for."""
    rules: Rules = Rules()

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for what, keys in (
            ("zones", [z.id for z in self.zones]),
            ("units", [u.id for u in self.units]),
            ("lines", [one.id for one in self.lines]),
            ("lines (prefix)", [one.prefix for one in self.lines]),
            ("matters", [m.id for m in self.matters]),
            ("windows", [w.id for w in self.windows]),
        ):
            twice = [key for key, count in Counter(keys).items() if count > 1]
            if twice:
                raise ValueError(f"{what}: {', '.join(twice)} stands there twice")
        self._refer("matters", "line", {one.id for one in self.lines}, [(m.id, m.line) for m in self.matters])
        self._refer("matters", "unit", {u.id for u in self.units}, [(m.id, m.unit) for m in self.matters])
        self._refer("windows", "zone", {z.id for z in self.zones}, [(w.id, w.zone) for w in self.windows])
        self._refer(
            "windows", "lines", {one.id for one in self.lines}, [(w.id, key) for w in self.windows for key in w.lines]
        )
        categories = {c.id for s in self.category_sets for c in s.categories}
        self._refer("matters", "category", categories, [(m.id, m.category) for m in self.matters])
        ZoneInfo(self.time_zone)
        return self

    @staticmethod
    def _refer(what: str, field: str, known: set[str], uses: list[tuple[str, str]]) -> None:
        for key, used in uses:
            if used not in known:
                raise ValueError(f"{what}: {key}: {field}: '{used}' is not one of {', '.join(sorted(known))}")
