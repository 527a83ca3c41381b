"""The sheets once more, from the journal alone: what the tables say must come out of the events too."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from hall.day import business_day
from hall.events import Event
from hall.sheets import End, Fact, Sheet, UnitOf, sheet_of
from server.reports import day_span, facts, unit_finder
from server.tables.layout import halls
from server.tables.queue import tickets

_ENDS = {"completed": End.SERVED, "cancelled": End.CANCELLED, "no_show": End.MISSED, "expired": End.EXPIRED}
_MISSED, _UNFINISHED = End.MISSED, End.UNFINISHED  # looking a member up costs more than comparing with it
_ONWARD = ("count", "route", "back")
"""Why a ticket is transferred that was completed at its window (server/actions/onward.py)."""


@dataclass(slots=True)
class _Path:
    """A ticket on its way through the day."""

    day: date
    taken_line: str
    state: dict[str, Any]
    first_call: str | None = None
    last_call: str | None = None
    service_seconds: int = 0
    end: End = _UNFINISHED


class Recount:
    """Folds a hall's whole journal, event by event, into a sheet for each day."""

    def __init__(self, day: date, zone: ZoneInfo, unit_of: UnitOf) -> None:
        """`day`: of the first event."""
        self.day = day
        self.sheets: dict[date, Sheet] = defaultdict(Sheet)
        self._zone = zone
        self._unit_of = unit_of
        self._paths: dict[str, _Path] = {}

    def apply(self, event: Event) -> None:
        kind = event["type"]
        if kind == "day.started":
            self.settle()
            self.day = date.fromisoformat(event["data"]["day"])
        elif kind == "ticket.issued":
            self._begin(event["ticket"])
        elif kind.startswith("ticket.") and (path := self._paths.get(event["ticket"]["id"])) is not None:
            self._go_on(path, kind.removeprefix("ticket."), event)

    def _begin(self, ticket: dict[str, Any]) -> None:
        """A number handed over by a kiosk that had no network may be of a day before."""
        day = self.day
        if ticket.get("offline"):
            day = business_day(datetime.fromisoformat(ticket["issued_at"]), self._zone)
        self._paths[ticket["id"]] = _Path(day, ticket["line"], ticket)

    def _go_on(self, path: _Path, kind: str, event: Event) -> None:
        at, before = event["at"], path.state
        if kind == "called":
            path.first_call, path.last_call = path.first_call or at, at
        if kind == "undone" and event["data"]["undone"] == "call" and path.first_call == path.last_call:
            path.first_call = None
        if kind == "completed" or event["data"].get("because") in _ONWARD:
            path.service_seconds += _seconds(before["started_at"] or before["called_at"], at)
        if kind == "held" and before["started_at"]:
            path.service_seconds += _seconds(before["started_at"], at)
        path.state = event["ticket"]
        if not (kind == "expired" and path.end is _MISSED):
            path.end = _ENDS.get(path.state["status"], _UNFINISHED)

    def settle(self) -> None:
        """The day is over, or the journal has ended: what its tickets came to is counted."""
        for path in self._paths.values():
            self.sheets[path.day].take(self._fact(path))
        self._paths.clear()

    def _fact(self, path: _Path) -> Fact:
        state, came = path.state, path.state.get("arrived_at") or path.state["issued_at"]
        wait = None if path.first_call is None else max(0, _seconds(came, path.first_call))
        hour = datetime.fromisoformat(state["issued_at"]).astimezone(self._zone).hour
        unit, line, window = self._unit_of(state["matter"], path.taken_line), state["line"], state["window"]
        return Fact(path.day, hour, path.taken_line, line, unit, window, path.end, wait, path.service_seconds)


def _seconds(since: str, until: str) -> int:
    return int((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())


def new_recount(connection: Connection, hall: str, first: date) -> Recount:
    """A recount that begins on the day of the journal's first event."""
    return Recount(first, _zone(connection, hall), unit_finder(connection, hall))


def recount_faults(connection: Connection, hall: str, recount: Recount, kept_from: date | None = None) -> list[str]:
    """Where a finished day's sheet by the journal differs from the sheet by the tables, a line each.

    `kept_from`: retention has dropped what was before.
    """
    zone, found = _zone(connection, hall), []
    for day in _finished_days(connection, hall, recount, kept_from or date.min):
        counted = recount.sheets.get(day, Sheet()).told()
        kept = sheet_of(facts(connection, hall, day_span(day), zone)).told()
        for part in (part for part in kept if counted[part] != kept[part]):
            said = f"the journal says {counted[part]}, the tables {kept[part]}"
            found.append(f"the sheet of {day}, {part}: {said}")
    return found


def _finished_days(connection: Connection, hall: str, recount: Recount, first: date) -> list[date]:
    """Of which the journal or the tables know any number."""
    today = connection.execute(select(halls.c.day).where(halls.c.id == hall)).scalar_one()
    of = tickets.c
    known = connection.execute(select(of.day).where(of.hall_id == hall).distinct()).scalars()
    return sorted(day for day in {*recount.sheets, *known} if first <= day < today)


def _zone(connection: Connection, hall: str) -> ZoneInfo:
    settings = connection.execute(select(halls.c.settings).where(halls.c.id == hall)).scalar_one()
    return ZoneInfo(settings["time_zone"])
