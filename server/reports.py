"""Day and month sheets from the tables: what the hall gave, served and missed, and how long people waited."""

import time
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from hall.errors import HallError
from hall.sheets import End, Fact, Sheet, Tally, UnitOf, only, sheet_of, units_of
from hall.texts import text_in
from hall.words import TicketStatus
from server.journal import day_root, last_checkpoint
from server.tables.layout import halls, lines, matters, units, windows
from server.tables.queue import tickets

_ENDS = {
    TicketStatus.COMPLETED: End.SERVED,
    TicketStatus.CANCELLED: End.CANCELLED,
    TicketStatus.EXPIRED: End.EXPIRED,
}
_PAGE = 500
_OF_TICKETS = (
    tickets.c.day,
    tickets.c.taken_line_id,
    tickets.c.line_id,
    tickets.c.matter_id,
    tickets.c.window_id,
    tickets.c.status,
    tickets.c.missed_at,
    tickets.c.issued_at,
    tickets.c.arrived_at,
    tickets.c.wait_ended_at,
    tickets.c.service_seconds,
)


@dataclass(frozen=True)
class Span:
    """Days from first to last, both counted."""

    first: date
    last: date


def day_span(day: date) -> Span:
    return Span(day, day)


def month_span(month: str) -> Span:
    """Of a month such as 2026-11."""
    first = date.fromisoformat(f"{month}-01")
    return Span(first, first.replace(day=monthrange(first.year, first.month)[1]))


def facts(connection: Connection, hall: str, span: Span, zone: ZoneInfo) -> Iterator[Fact]:
    """Each ticket of the days as the sheets count it, from its row alone."""
    unit_of = unit_finder(connection, hall)
    wanted = select(*_OF_TICKETS).where(tickets.c.hall_id == hall, tickets.c.day.between(span.first, span.last))
    found = connection.execute(wanted, execution_options={"yield_per": _PAGE})
    for page in found.partitions():
        time.sleep(0)  # under gevent a turn for whoever waits
        for row in page:
            yield _fact(row, unit_of, zone)


def unit_finder(connection: Connection, hall: str) -> UnitOf:
    of = matters.c
    return units_of(
        connection.execute(select(of.id, of.unit_id, of.line_id, of.closed).where(of.hall_id == hall)).tuples()
    )


def _fact(row: Any, unit_of: UnitOf, zone: ZoneInfo) -> Fact:
    day, taken, line, matter, window, status, missed_at, issued_at, arrived_at, ended_at, service = row
    taken = taken or line
    end = End.MISSED if missed_at is not None else _ENDS.get(status, End.UNFINISHED)
    came = arrived_at or issued_at
    wait = None if ended_at is None else max(0, int((ended_at - came).total_seconds()))
    hour = issued_at.astimezone(zone).hour
    return Fact(day, hour, taken, line, unit_of(matter, taken), window, end, wait, service)


def day_sheet(connection: Connection, hall: str, day: date, unit: str | None, language: str) -> dict[str, Any]:
    """One day's sheet with, once it is over, the journal's root: {day, root, times: [by hour], …}.

    Refuses a day to come, and `not_kept` one that retention has dropped.
    """
    at = _moment(connection, hall)
    if day > at.day:
        raise HallError("bad_body", field="day", expected="a day that has begun")
    _check_kept(connection, hall, day)
    sheet = sheet_of(only(unit, facts(connection, hall, day_span(day), at.zone)))
    root = day_root(connection, hall, day)
    times = [{"at": f"{hour:02d}:00", **sheet.hours[hour].figures()} for hour in sorted(sheet.hours)]
    return {
        "day": day.isoformat(),
        "so_far": day == at.day,
        "root": {"seq": root.seq, "hash": root.hash} if root else None,
        **_told(connection, hall, sheet, unit, language),
        "times": times,
    }


def month_sheet(connection: Connection, hall: str, month: str, unit: str | None, language: str) -> dict[str, Any]:
    """A month's sheet: {month, times: [by day], …}."""
    at, span = _moment(connection, hall), month_span(month)
    if span.first > at.day:
        raise HallError("bad_body", field="month", expected="a month that has begun")
    _check_kept(connection, hall, span.last)
    sheet = sheet_of(only(unit, facts(connection, hall, span, at.zone)))
    days = (span.first + timedelta(days=n) for n in range((min(span.last, at.day) - span.first).days + 1))
    times = [{"at": day.isoformat(), **sheet.days.get(day, Tally()).figures()} for day in days]
    told = _told(connection, hall, sheet, unit, language)
    return {"month": month, "so_far": at.day <= span.last, "root": None, **told, "times": times}


def _check_kept(connection: Connection, hall: str, last: date) -> None:
    """Of what retention has dropped there is no sheet: its zeros would not be true."""
    checkpoint = last_checkpoint(connection, hall)
    if checkpoint is not None and last < checkpoint.day:
        raise HallError("not_kept", since=checkpoint.day.isoformat())


@dataclass(frozen=True)
class _Moment:
    name: dict[str, str]
    day: date
    zone: ZoneInfo


def _moment(connection: Connection, hall: str) -> _Moment:
    row = connection.execute(
        select(halls.c.name, halls.c.day, halls.c.settings).where(halls.c.id == hall)
    ).one_or_none()
    if row is None:
        raise HallError("not_found", what="hall", id=hall)
    return _Moment(row.name, row.day, ZoneInfo(row.settings["time_zone"]))


def _told(connection: Connection, hall: str, sheet: Sheet, unit: str | None, language: str) -> dict[str, Any]:
    """The sheet with its names. A person of a unit sees only parts that have anything of that unit."""
    named = {
        part: _named(connection, table, hall, tallies, unit is not None, language)
        for part, table, tallies in (
            ("lines", lines, sheet.lines),
            ("units", units, sheet.units),
            ("windows", windows, sheet.windows),
        )
    }
    if None in sheet.units:
        named["units"].append({"id": None, "name": None, **sheet.units[None].figures()})
    for row in named["windows"]:
        row["issued"] = None  # numbers are given to lines
    return {"hall": text_in(_moment(connection, hall).name, language), "total": sheet.total.figures(), **named}


def _named(
    connection: Connection, table: Any, hall: str, tallies: dict[Any, Tally], own: bool, language: str
) -> list[dict[str, Any]]:
    """A row for each part, in the layout's order; of closed parts those that have anything."""
    of = table.c
    found = connection.execute(select(of.id, of.name, of.closed).where(of.hall_id == hall).order_by(of.position, of.id))
    return [
        {
            "id": row.id,
            "name": row.name if isinstance(row.name, str) else text_in(row.name, language),
            **tallies.get(row.id, Tally()).figures(),
        }
        for row in found
        if row.id in tallies or not (own or row.closed)
    ]
