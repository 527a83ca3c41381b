"""What should be in the hall and is (应进必进): figures a unit, the matters one by one, what keeps one unreachable."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Table, select, text

from hall.day import business_day
from hall.texts import text_in
from hall.words import Entry
from server.journal import iso
from server.layout.kept import Layout, WindowRow
from server.tables.journal import journal
from server.tables.layout import halls, units
from server.tables.register import consultations, exemptions

MOST_FINDINGS = 500
"""So many stand in an event; the count is whole."""
REVIEW_SOON_DAYS = 30
OUT_OF_PERCENTAGE = (Entry.EXEMPT, Entry.SEPARATE, Entry.CONSULTATION)

Finding = dict[str, Any]
"""{kind, matter, unit, line, due?}; the kinds are said by `register.finding_…`."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Records:
    """The exemption and the consultation that count for each matter: the live one, else the last."""

    exempted: dict[str, Row]
    consulted: dict[str, Row]

    def overdue(self, matter: str) -> bool:
        return (self.exempted.get(matter) or {}).get("review") == "overdue"


def day_of(connection: Connection, hall: str) -> date:
    """The business day of the hall's last command."""
    day: date = connection.execute(select(halls.c.day).where(halls.c.id == hall)).scalar_one()
    return day


def is_offered(layout: Layout, matter: str) -> bool:
    """Whether one can come for it: it is handled in the hall, by a line that is open in the layout."""
    return layout.matters[matter]["entry"] == Entry.IN_HALL and layout.matters[matter]["line"] in layout.lines


def offered(layout: Layout) -> dict[str, dict[str, Any]]:
    """The matters in the kiosk's catalogue, by unit, by category and in its search."""
    return {key: one for key, one in layout.matters.items() if is_offered(layout, key)}


def serving(layout: Layout, line: str) -> list[WindowRow]:
    """The windows that serve the line as the layout has it, not for a time only."""
    return [window for window in layout.windows_of[line] if line not in window.lent] if line in layout.lines else []


def findings(connection: Connection, layout: Layout, day: date) -> list[Finding]:
    """What keeps a matter that is in the hall from who comes for it; who is out of it without a document, or past its
    review."""
    shown, reviews = offered(layout), _reviews(connection, layout.hall)
    found = []
    for one in layout.matters.values():
        kind = _hindrance(layout, one, shown, day) or _undocumented(one, reviews)
        if kind is not None:
            found.append(_of(one, kind))
        elif (due := reviews.get(one["id"])) is not None and due < day:
            found.append(_of(one, "review_overdue") | {"due": due.isoformat()})
    return found


def _reviews(connection: Connection, hall: str) -> dict[str, date]:
    """When each approved exemption is to be looked at again."""
    of = exemptions.c
    wanted = select(of.matter_id, of.review_due).where(of.hall_id == hall, of.status == "approved")
    return dict(connection.execute(wanted).tuples().all())


def _undocumented(matter: Row, reviews: dict[str, date]) -> str | None:
    out = matter["entry"] in (Entry.EXEMPT, Entry.SEPARATE)
    return "no_document" if out and matter["id"] not in reviews else None


def _of(matter: Row, kind: str) -> Finding:
    return {"kind": kind, **{key: matter[key] for key in ("unit", "line")}, "matter": matter["id"]}


def _hindrance(layout: Layout, matter: Row, shown: dict[str, Any], day: date) -> str | None:
    if matter["entry"] != Entry.IN_HALL:
        return None
    line = layout.lines.get(matter["line"])
    if line is None:
        return "no_line"
    if not serving(layout, line.id):
        return "no_window"
    if matter["id"] not in shown or matter["unit"] not in layout.units:
        return "no_way"
    if not line.issuing or (line.more.capacity_quota or 0) > _calling_minutes(layout):
        return "no_numbers"
    if line.suspended and business_day(line.suspended.until, layout.time_zone) > day:
        return "suspended"
    return None


def _calling_minutes(layout: Layout) -> int:
    spans = ((start.hour * 60 + start.minute, end.hour * 60 + end.minute) for start, end in layout.calling)
    return sum(end - start for start, end in spans)


def check(connection: Connection, layout: Layout, day: date) -> dict[str, Any]:
    """What `register.checked` says: {day, should, is_in, count, findings}."""
    found = findings(connection, layout, day)
    entries = Counter(one["entry"] for one in layout.matters.values())
    figures = {"should": entries[Entry.IN_HALL] + entries[Entry.PENDING], "is_in": entries[Entry.IN_HALL]}
    return {"day": day.isoformat(), **figures, "count": len(found), "findings": found[:MOST_FINDINGS]}


def last_check(connection: Connection, hall: str) -> dict[str, Any] | None:
    """The last `register.checked`, with its moment."""
    # Its type is spelled out: so the index of checks is found.
    wanted = select(journal.c.body).where(journal.c.hall_id == hall, text("type = 'register.checked'"))
    body = connection.execute(wanted.order_by(journal.c.seq.desc()).limit(1)).scalar_one_or_none()
    if body is None:
        return None
    event = orjson.loads(body)
    return {**event["data"], "at": event["at"]}


def overview(connection: Connection, layout: Layout, day: date, unit: str | None, language: str) -> dict[str, Any]:
    """Figures a unit and in all, what waits for a decision or a signature, and the last check; `unit`: of it alone."""
    last = last_check(connection, layout.hall)
    mine = [one for one in layout.matters.values() if unit in (None, one["unit"])]
    records = records_of(connection, layout.hall, day)
    figures = list(_figures(connection, layout, mine, records, unit, language))
    waiting = [row for row in (_row(layout, one, records, language) for one in mine) if _waits(row)]
    if last is not None:
        found = [one for one in last["findings"] if unit in (None, one["unit"])]
        last = {**last, "findings": [_named(layout, one, language) for one in found]}
        last["count"] = last["count"] if unit is None else len(found)
    totals = {key: sum(one[key] for one in figures) for key in (*_COUNTS, "overdue")}
    return {
        "day": day.isoformat(),
        "totals": {**totals, "percentage": percentage(totals["is_in"], totals["should"])},
        "units": figures,
        "waiting": waiting,
        "checked": last,
    }


_COUNTS = ("should", "is_in", "pending", "exempt", "separate", "consultation")


def percentage(part: int, whole: int) -> float | None:
    """Of a hundred, cut to a tenth so that 100 means all; None of nothing."""
    return part * 1000 // whole / 10 if whole else None


def _figures(
    connection: Connection, layout: Layout, mine: list[Row], records: Records, unit: str | None, language: str
) -> Iterator[dict[str, Any]]:
    kinds = dict(
        connection.execute(select(units.c.id, units.c.kind).where(units.c.hall_id == layout.hall)).tuples().all()
    )
    entries = Counter((one["unit"], one["entry"]) for one in mine)
    late = Counter(one["unit"] for one in mine if records.overdue(one["id"]))
    for key, name in layout.units.items():
        if unit not in (None, key):
            continue
        is_in, pending = entries[key, Entry.IN_HALL], entries[key, Entry.PENDING]
        yield {
            "id": key,
            "name": text_in(name, language),
            "kind": kinds[key],
            "should": is_in + pending,
            "is_in": is_in,
            "pending": pending,
            "percentage": percentage(is_in, is_in + pending),
            **{entry.value: entries[key, entry] for entry in OUT_OF_PERCENTAGE},
            "overdue": late[key],
        }


def _waits(row: Row) -> bool:
    """For a decision of the government or a signature."""
    proposed = (row["exemption"] or {}).get("status") == "proposed"
    return proposed or (row["consultation"] or {}).get("status") == "open"


def records_of(connection: Connection, hall: str, day: date) -> Records:
    return Records(
        _records(connection, exemptions, exemptions.c.proposed_at, hall, day),
        _records(connection, consultations, consultations.c.opened_at, hall, day),
    )


def _records(connection: Connection, table: Table, at: Column[Any], hall: str, day: date) -> dict[str, Row]:
    live = table.c.status.in_(("proposed", "approved", "open"))  # as false comes before true, the live one stays
    wanted = select(table).where(table.c.hall_id == hall).order_by(live, at, table.c.id)
    return {row.matter_id: _said(dict(row._mapping), day) for row in connection.execute(wanted)}


def _said(row: Row, day: date) -> Row:
    said = {key: _json(value) for key, value in row.items() if key not in ("hall_id", "matter_id")}
    due = row.get("review_due")
    if due is not None and row["status"] == "approved":
        soon = due <= day + timedelta(days=REVIEW_SOON_DAYS)
        said["review"] = "overdue" if due < day else "soon" if soon else "later"
    return said


def _json(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if not hasattr(value, "hour") else iso(value)


def matter_rows(connection: Connection, layout: Layout, day: date, language: str) -> Iterator[Row]:
    """Every matter with where it is handled, the windows that serve it, and its records."""
    records = records_of(connection, layout.hall, day)
    return (_row(layout, one, records, language) for one in layout.matters.values())


def _row(layout: Layout, matter: Row, records: Records, language: str) -> Row:
    line = layout.lines.get(matter["line"])
    return {
        "id": matter["id"],
        "name": text_in(matter["name"], language),
        "unit": matter["unit"],
        "unit_name": text_in(layout.units[matter["unit"]], language),
        "entry": matter["entry"],
        "line": matter["line"],
        "line_name": text_in(line.name, language) if line else "",
        "windows": [window.name for window in serving(layout, matter["line"])],
        "exemption": records.exempted.get(matter["id"]),
        "consultation": records.consulted.get(matter["id"]),
    }


def _named(layout: Layout, finding: Finding, language: str) -> Finding:
    """With the names of now; what was taken from the layout since keeps its own."""
    matter = layout.matters.ever.get(finding["matter"])
    unit = layout.units.ever.get(finding["unit"], {})
    name = text_in(matter["name"], language) if matter else finding["matter"]
    return {**finding, "matter_name": name, "unit_name": text_in(unit, language) if unit else finding["unit"]}
