"""The layout as the tables hold it, kept in memory until its version changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from hall.calendar import WorkingDays
from hall.day import Span, business_day, next_start, within
from hall.layout import PARTS, SETTINGS, Hall
from hall.layout.parts import Line, LineMore, Matter
from hall.layout.rules import Calendar, Rules
from hall.order import Rule
from server.layout.parts import Kept, kept_parts, part_of, rows_of
from server.tables.layout import halls, window_lines


@dataclass(frozen=True)
class Suspension:
    """Why a line gives no numbers for now, and until when; `moved_to`: who has its numbers goes to that line."""

    reason: str
    until: datetime
    by: str
    at: datetime
    moved_to: str | None = None


@dataclass(frozen=True)
class LineRow:
    id: str
    name: dict[str, str]
    prefix: str
    common: bool
    issuing: tuple[Span, ...]
    daily_quota: int | None
    more: LineMore
    suspended: Suspension | None = None


@dataclass(frozen=True)
class WindowRow:
    id: str
    name: str
    zone: str
    ranks: dict[str, int]
    lent: dict[str, datetime] = field(default_factory=dict)
    """Of them those that the window serves for a time only, until when."""


@dataclass(frozen=True)
class Layout:
    """One hall's layout as the tables hold it."""

    hall: str
    name: dict[str, str]
    settings: dict[str, Any]
    """As the hall's own row has them, in the words of config.yaml."""
    parts: dict[str, list[Any]]
    """The open parts as config.yaml writes them: {lines: [Line, …], …}."""
    closed: dict[str, frozenset[str]]
    """{part: ids that were in the layout once}."""
    time_zone: ZoneInfo
    rules: Rules
    issuing: tuple[Span, ...]
    calling: tuple[Span, ...]
    days: WorkingDays
    guide_line: str | None
    complaint_line: str | None
    categories: list[dict[str, Any]]
    zones: Kept[dict[str, Any]]
    units: Kept[dict[str, str]]
    lines: Kept[LineRow]
    matters: Kept[dict[str, Any]]
    windows: Kept[WindowRow]

    @cached_property
    def document(self) -> Hall:
        """What stands in the layout now, without what is closed or lent for a time."""
        settings = {key: self.settings[key] for key in SETTINGS if key in self.settings}
        return Hall.model_validate({"id": self.hall, "name": self.name, **settings, **self.parts})

    @cached_property
    def order(self) -> Rule:
        return self.rules.order.rule(self.rules.red_wait_minutes)

    @cached_property
    def windows_of(self) -> dict[str, list[WindowRow]]:
        """The windows that may serve each line."""
        return {line: [window for window in self.windows.values() if line in window.ranks] for line in self.lines.ever}

    @cached_property
    def category_now(self) -> dict[str, str]:
        """{category of any set: the latest set's that it leads to}; itself where it leads nowhere."""
        leads = {one["id"]: one.get("maps_to") for group in self.categories for one in group["categories"]}
        return {key: _end_of(leads, key) for key in leads}

    @cached_property
    def spellings(self) -> dict[str, dict[str, str]]:
        """{matter: {pinyin, initials}}, how each is typed on the kiosk."""
        return {key: _spelling(matter["name"]["zh-CN"]) for key, matter in self.matters.items()}

    def closed_reason(self, line: LineRow, at: datetime) -> str | None:
        """Why no ticket may be issued for the line at a moment, as a code; None when the hours let one.

        What is used up is no matter of hours: see server/quotas.py.
        """
        if not self.days.works(business_day(at, self.time_zone)):
            return "day_off"
        inside = within(at, self.time_zone, line.issuing)
        opens = None if inside else self.opens_at(line, at)
        if not inside and opens is None:
            return "over"
        if line.suspended is not None and (opens is None or self._today(at, opens) < line.suspended.until):
            return "suspended"  # also while it is too early, where it will last until after the beginning
        return None if inside else "not_yet"

    def _today(self, at: datetime, time_: time) -> datetime:
        return datetime.combine(business_day(at, self.time_zone), time_, self.time_zone)

    def opens_at(self, line: LineRow, at: datetime) -> time | None:
        """When the line next gives numbers today."""
        works = self.days.works(business_day(at, self.time_zone))
        return next_start(at, self.time_zone, line.issuing) if works else None

    def works_again(self, at: datetime) -> date | None:
        """The first working day after today."""
        return self.days.next_after(business_day(at, self.time_zone))


_kept: dict[tuple[str, int, str], Layout] = {}


def forget_layout(hall: str) -> None:
    """What was read of a version that was not committed would stand for the next change of the same number."""
    for key in [one for one in _kept if one[0] == hall]:
        _kept.pop(key, None)


def layout_of(connection: Connection, hall: Any) -> Layout:
    """The hall's layout, kept in memory until its version changes."""
    key = (hall.id, hall.layout_version, hall.epoch)
    if key not in _kept:
        for stale in [one for one in _kept if one[0] == hall.id and one[2] == hall.epoch]:
            _kept.pop(stale, None)
        _kept[key] = _read(connection, hall.id)
    return _kept[key]


def hall_layout(connection: Connection, hall: str) -> Layout | None:
    """The layout of a hall by its id; None when there is no such hall."""
    row = connection.execute(
        select(halls.c.id, halls.c.layout_version, halls.c.epoch).where(halls.c.id == hall)
    ).one_or_none()
    return None if row is None else layout_of(connection, row)


def _read(connection: Connection, hall: str) -> Layout:
    row = connection.execute(select(halls).where(halls.c.id == hall)).one()
    found = {part: rows_of(connection, hall, part) for part in PARTS}
    links = window_lines
    of_hall = select(links).where(links.c.hall_id == hall).order_by(links.c.window_id, links.c.rank, links.c.line_id)
    closed = {line.id for line in found["lines"] if line.closed}
    ranks, lent = _ranks([link for link in connection.execute(of_hall) if link.line_id not in closed])

    def own(window: str) -> dict[str, int]:
        return {line: rank for line, rank in ranks.get(window, {}).items() if line not in lent.get(window, {})}

    def made(part: str, one: Any) -> Any:
        return part_of(part, one, **({"lines": own(one.id)} if part == "windows" else {}))

    # Of a closed window nobody knows which lines it had; all others are read once, closed or not.
    parts = {
        part: {one.id: made(part, one) for one in found[part] if part != "windows" or not one.closed} for part in PARTS
    }
    issuing = _spans(row.settings["issuing"])
    return Layout(
        hall=hall,
        name=row.name,
        settings=row.settings,
        parts={part: [parts[part][one.id] for one in found[part] if not one.closed] for part in PARTS},
        closed={part: frozenset(one.id for one in found[part] if one.closed) for part in PARTS},
        time_zone=ZoneInfo(row.settings["time_zone"]),
        rules=Rules.model_validate(row.settings["rules"]),
        issuing=issuing,
        calling=_spans(row.settings["calling"]),
        days=Calendar.model_validate(row.settings.get("calendar", {})).days,
        guide_line=row.settings["guide_line"],
        complaint_line=row.settings.get("complaint_line"),
        categories=row.settings["category_sets"],
        zones=kept_parts(found["zones"], lambda one: {"id": one.id, "name": one.name, "floor": one.floor}),
        units=kept_parts(found["units"], lambda one: one.name),
        lines=kept_parts(found["lines"], lambda one: _line_row(parts["lines"][one.id], one.suspended, issuing)),
        matters=kept_parts(found["matters"], lambda one: _matter(parts["matters"][one.id])),
        windows=kept_parts(
            found["windows"],
            lambda one: WindowRow(one.id, one.name, one.zone_id, ranks.get(one.id, {}), lent.get(one.id, {})),
        ),
    )


def _line_row(one: Line, suspended: dict[str, Any] | None, issuing: tuple[Span, ...]) -> LineRow:
    hours = tuple(one.issuing) if one.issuing else issuing
    return LineRow(one.id, one.name, one.prefix, one.common, hours, one.daily_quota, one, _suspension(suspended))


def _ranks(links: Iterable[Any]) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, datetime]]]:
    """{window: {line: rank}}, and of them {window: {line: until}} what is lent for a time."""
    ranks: dict[str, dict[str, int]] = {}
    lent: dict[str, dict[str, datetime]] = {}
    for link in links:
        ranks.setdefault(link.window_id, {})[link.line_id] = link.rank
        if link.until is not None:
            lent.setdefault(link.window_id, {})[link.line_id] = link.until
    return ranks, lent


def _matter(one: Matter) -> dict[str, Any]:
    said = {"id": one.id, "name": one.name, "unit": one.unit, "category": one.category, "line": one.line}
    return {**said, "entry": one.entry, "more": one}


def _suspension(kept: dict[str, Any] | None) -> Suspension | None:
    if kept is None:
        return None
    until, at = (datetime.fromisoformat(kept[name]) for name in ("until", "at"))
    return Suspension(kept["reason"], until, kept["by"], at, kept.get("moved_to"))


def _spans(texts: Iterable[str]) -> tuple[Span, ...]:
    pairs = (text.split("-") for text in texts)
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs)


def _end_of(leads: dict[str, str | None], key: str) -> str:
    """Where a chain of mappings ends; one that runs in a circle ends where it began."""
    seen = {key}
    while (further := leads.get(key)) is not None and further not in seen:
        seen.add(further)
        key = further
    return key


@lru_cache(32768)
def _spelling(name: str) -> dict[str, str]:
    """How a name is typed on the kiosk: its pinyin, and the initials of its syllables."""
    # Its dictionaries take half a second to load, which only the catalogue needs.
    from pypinyin import Style, lazy_pinyin

    letters = "".join(one for one in name if one.isalnum())
    syllables = lazy_pinyin(letters, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]
    return {
        "pinyin": "".join(syllables).lower(),
        "initials": "".join(syllable[0] for syllable in syllables).lower(),
    }


def written_layout(connection: Connection, hall: str) -> dict[str, Any]:
    """The hall's layout as config.yaml writes it, without what is as usual: the database back as YAML data."""
    layout = hall_layout(connection, hall)
    assert layout is not None
    return written(layout.document)


def written(hall: Hall) -> dict[str, Any]:
    """What config.yaml would say of a hall, as short as it may."""
    said = hall.model_dump(mode="json", exclude_defaults=True)
    return {**said, "rules": hall.rules.model_dump(mode="json")}
