"""The layout in the database: taken from config.yaml once, read from the tables ever after."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import Connection, insert, select

from hall.calendar import WorkingDays
from hall.day import Span, business_day, next_start, within
from hall.layout import Calendar, Hall, LineMore, MatterMore, Rules
from hall.order import Rule
from hall.words import Lane
from server import tables
from server.journal import FIRST_HEAD


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
    time_zone: ZoneInfo
    rules: Rules
    issuing: tuple[Span, ...]
    calling: tuple[Span, ...]
    days: WorkingDays
    guide_line: str | None
    categories: list[dict[str, Any]]
    zones: dict[str, dict[str, Any]]
    units: dict[str, dict[str, str]]
    lines: dict[str, LineRow]
    matters: dict[str, dict[str, Any]]
    windows: dict[str, WindowRow]

    @cached_property
    def order(self) -> Rule:
        return self.rules.order.rule(self.rules.red_wait_minutes)

    @cached_property
    def windows_of(self) -> dict[str, list[WindowRow]]:
        """The windows that may serve each line."""
        return {line: [window for window in self.windows.values() if line in window.ranks] for line in self.lines}

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
        if line.suspended is not None:
            return "suspended"
        if within(at, self.time_zone, line.issuing):
            return None
        return "not_yet" if self.opens_at(line, at) else "over"

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
        select(tables.halls.c.id, tables.halls.c.layout_version, tables.halls.c.epoch).where(tables.halls.c.id == hall)
    ).one_or_none()
    return None if row is None else layout_of(connection, row)


def _read(connection: Connection, hall: str) -> Layout:
    def rows(table: Any, *order: Any) -> list[Any]:
        return list(
            connection.execute(select(table).where(table.c.hall_id == hall).order_by(*(order or [table.c.position])))
        )

    row = connection.execute(select(tables.halls).where(tables.halls.c.id == hall)).one()
    settings = row.settings
    issuing = _spans(settings["issuing"])
    ranks: dict[str, dict[str, int]] = {}
    lent: dict[str, dict[str, datetime]] = {}
    links = tables.window_lines
    for link in rows(links, links.c.window_id, links.c.rank, links.c.line_id):
        ranks.setdefault(link.window_id, {})[link.line_id] = link.rank
        if link.until is not None:
            lent.setdefault(link.window_id, {})[link.line_id] = link.until
    return Layout(
        hall=hall,
        name=row.name,
        time_zone=ZoneInfo(settings["time_zone"]),
        rules=Rules.model_validate(settings["rules"]),
        issuing=issuing,
        calling=_spans(settings["calling"]),
        days=Calendar.model_validate(settings.get("calendar", {})).days,
        guide_line=settings["guide_line"],
        categories=settings["category_sets"],
        zones={z.id: {"id": z.id, "name": z.name, "floor": z.floor} for z in rows(tables.zones)},
        units={u.id: u.name for u in rows(tables.units)},
        lines={
            one.id: LineRow(
                one.id,
                one.name,
                one.prefix,
                one.common,
                _spans(one.issuing) if one.issuing else issuing,
                one.daily_quota,
                LineMore.model_validate_json(json.dumps(one.more)),
                _suspension(one.suspended),
            )
            for one in rows(tables.lines)
        },
        matters={
            m.id: {
                "id": m.id,
                "name": m.name,
                "unit": m.unit_id,
                "category": m.category,
                "line": m.line_id,
                "more": MatterMore.model_validate_json(json.dumps(m.more)),
            }
            for m in rows(tables.matters)
        },
        windows={
            w.id: WindowRow(w.id, w.name, w.zone_id, ranks.get(w.id, {}), lent.get(w.id, {}))
            for w in rows(tables.windows)
        },
    )


def _suspension(kept: dict[str, Any] | None) -> Suspension | None:
    if kept is None:
        return None
    until, at = (datetime.fromisoformat(kept[name]) for name in ("until", "at"))
    return Suspension(kept["reason"], until, kept["by"], at, kept.get("moved_to"))


def _spans(texts: Iterable[str]) -> tuple[Span, ...]:
    pairs = (text.split("-") for text in texts)
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs)


def _spelling(name: str) -> dict[str, str]:
    """How a name is typed on the kiosk: its pinyin, and the initials of its syllables."""
    # Its phrase table takes half a second to load, and only a new layout needs it.

    # Its dictionaries take half a second to load, which only the catalogue needs.
    from pypinyin import Style, lazy_pinyin

    letters = "".join(one for one in name if one.isalnum())
    syllables = lazy_pinyin(letters, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]
    return {
        "pinyin": "".join(syllables).lower(),
        "initials": "".join(syllable[0] for syllable in syllables).lower(),
    }


def found_hall(connection: Connection, hall: Hall, now: datetime) -> bool:
    """Writes a hall's first layout; False when the database has the hall already and nothing is written."""
    known = connection.execute(select(tables.halls.c.id).where(tables.halls.c.id == hall.id)).one_or_none()
    if known is not None:
        return False
    written = hall.model_dump(mode="json")
    connection.execute(
        insert(tables.halls).values(
            id=hall.id,
            name=written["name"],
            settings={
                key: written[key]
                for key in ("time_zone", "issuing", "calling", "calendar", "rules", "guide_line", "category_sets")
            },
            epoch=secrets.token_hex(8),
            head=FIRST_HEAD,
            day=business_day(now, hall.tz),
            at=now,
        )
    )
    for table, parts in _parts(hall, written).items():
        if parts:
            connection.execute(insert(getattr(tables, table)), parts)
    return True


def _parts(hall: Hall, written: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    def placed(parts: list[dict[str, Any]], **renamed: str) -> list[dict[str, Any]]:
        return [
            {"hall_id": hall.id, "position": position, **{renamed.get(key, key): one[key] for key in one}}
            for position, one in enumerate(parts)
        ]

    windows = [{key: one[key] for key in ("id", "name", "zone")} for one in written["windows"]]
    return {
        "zones": placed(written["zones"]),
        "units": placed(written["units"]),
        "lines": placed([_gathered(one, LineMore) for one in written["lines"]]),
        "matters": placed([_gathered(one, MatterMore) for one in written["matters"]], unit="unit_id", line="line_id"),
        "windows": placed(windows, zone="zone_id"),
        "window_lines": [
            {"hall_id": hall.id, "window_id": window.id, "line_id": line, "rank": rank}
            for window in hall.windows
            for line, rank in window.lines.items()
        ],
        "loads": [{"hall_id": hall.id, "line_id": line.id, "lane": one.value} for line in hall.lines for one in Lane],
    }


def _gathered(part: dict[str, Any], more: type[BaseModel]) -> dict[str, Any]:
    """The part with its rarer settings in one place."""
    rare = more.model_fields
    return {**{key: part[key] for key in part if key not in rare}, "more": {key: part[key] for key in rare}}


def written_layout(connection: Connection, hall: str) -> dict[str, Any]:
    """The hall's layout as config.yaml writes it: the database back as YAML data."""
    layout = hall_layout(connection, hall)
    assert layout is not None
    row = connection.execute(select(tables.halls.c.settings).where(tables.halls.c.id == hall)).one()
    kinds = dict(
        connection.execute(select(tables.units.c.id, tables.units.c.kind).where(tables.units.c.hall_id == hall))
        .tuples()
        .all()
    )
    own_hours = dict(
        connection.execute(select(tables.lines.c.id, tables.lines.c.issuing).where(tables.lines.c.hall_id == hall))
        .tuples()
        .all()
    )
    return {
        "id": hall,
        "name": layout.name,
        **row.settings,
        "zones": list(layout.zones.values()),
        "units": [{"id": key, "name": name, "kind": kinds[key]} for key, name in layout.units.items()],
        "lines": [
            {
                "id": line.id,
                "name": line.name,
                "prefix": line.prefix,
                "common": line.common,
                "issuing": own_hours[line.id],
                "daily_quota": line.daily_quota,
                **line.more.model_dump(mode="json"),
            }
            for line in layout.lines.values()
        ],
        "matters": [
            {
                **{key: matter[key] for key in ("id", "name", "unit", "category", "line")},
                **matter["more"].model_dump(mode="json"),
            }
            for matter in layout.matters.values()
        ],
        "windows": [
            {"id": window.id, "name": window.name, "zone": window.zone, "lines": _own_ranks(window)}
            for window in layout.windows.values()
        ],
    }


def _own_ranks(window: WindowRow) -> dict[str, int]:
    """Without what is only lent to it."""
    return {line: rank for line, rank in window.ranks.items() if line not in window.lent}
