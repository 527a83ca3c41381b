"""Why a layout may not become another just now: who is there would be lost, or numbers would mean two things."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, func, select

from hall.differences import Change, differences
from hall.layout import Hall
from hall.layout.parts import Matter
from hall.texts import say, text_in
from hall.words import AT_A_WINDOW, Entry, TicketStatus, WindowStatus
from server.layout.kept import Layout, layout_of
from server.tables.layout import halls, windows
from server.tables.queue import bands, counters, tickets
from server.tables.register import consultations, exemptions
from server.tables.visitors import bookings

Refusal = dict[str, Any]
"""{code, part, id, name, …}: said by `layout.refused_CODE`."""
LIVE = (*AT_A_WINDOW, TicketStatus.WAITING, TicketStatus.HELD)
NEW_ENTRIES = (Entry.IN_HALL, Entry.PENDING)


def planned(connection: Connection, wanted: Hall) -> tuple[list[Change], list[Refusal]]:
    """What a layout would change in the hall's, and what of it is refused just now; of an unknown hall nothing."""
    row = connection.execute(select(halls).where(halls.c.id == wanted.id)).one_or_none()
    if row is None:
        return [], []
    before = layout_of(connection, row)
    changes = differences(before.document, wanted, before.closed)
    return changes, refusals_of(connection, row, before, wanted, changes)


def refusals_of(
    connection: Connection, hall: Any, before: Layout, wanted: Hall, changes: Sequence[Change]
) -> list[Refusal]:
    """All of them at once; none where the change may be made. hall: its row, or its state within a command."""
    look = _Look(connection, hall, before, wanted)
    found: list[Refusal] = []
    ways = {"windows": look.of_window, "lines": look.of_line, "matters": look.of_matter, "units": look.of_unit}
    for change in changes:
        found += ways.get(change.part, look.of_rest)(change)
    return found + list(look.unserved())


def said(language: str, one: Refusal) -> str:
    """A refusal in words, as the API and the command tell it."""
    named = {key: text_in(value, language) for key, value in one.items() if isinstance(value, dict)}
    return say(language, f"layout.refused_{one['code']}", **{**one, **named})


@dataclass
class _Look:
    connection: Connection
    hall: Any
    before: Layout
    wanted: Hall

    @cached_property
    def live(self) -> list[Any]:
        """Everyone of today who is not done yet."""
        of = tickets.c
        wanted = select(of.line_id, of.window_id, of.status, of.pool, of.route, of.number).where(
            of.hall_id == self.hall.id, of.day == self.hall.day, of.status.in_([one.value for one in LIVE])
        )
        return list(self.connection.execute(wanted))

    @cached_property
    def matters(self) -> dict[str, Matter]:
        return {one.id: one for one in self.wanted.matters}

    @cached_property
    def served(self) -> set[str]:
        return {line for window in self.wanted.windows for line in window.lines}

    @cached_property
    def served_before(self) -> set[str]:
        own = self.before.windows.values()
        return {line for window in own for line in window.ranks if line not in window.lent}

    def bound_for(self, what: str, key: str) -> list[str]:
        """The numbers that are in a line or wait for a window, or will come there by their route."""
        pool = f"w:{key}" if what == "window" else None
        return [
            one.number
            for one in self.live
            if (one.line_id == key if what == "line" else one.pool == pool)
            or any(leg.get(what) == key for leg in one.route or ())
        ]

    def of_window(self, change: Change) -> Iterator[Refusal]:
        lent = self.before.windows[change.id].lent if change.id in self.before.windows else {}
        now = next((one for one in self.wanted.windows if one.id == change.id), None)
        for line in lent:
            if now is None or line in now.lines:
                yield _of(change, "lent", line=line, line_name=self.before.lines[line].name)
        if change.kind == "closed":
            yield from self._of_closed_window(change)

    def _of_closed_window(self, change: Change) -> Iterator[Refusal]:
        of = windows.c
        wanted = select(of.status, of.ticket_id, of.clerk_name)
        row = self.connection.execute(wanted.where(of.hall_id == self.hall.id, of.id == change.id)).one()
        waiting = self.bound_for("window", change.id)
        if row.ticket_id is not None:
            there = next(one.number for one in self.live if one.window_id == change.id and one.status in AT_A_WINDOW)
            yield _of(change, "live_ticket", number=there)
        elif row.status != WindowStatus.CLOSED:
            yield _of(change, "window_staffed", clerk=row.clerk_name or "")
        if waiting:
            yield _of(change, "window_awaited", n=len(waiting), number=waiting[0])

    def of_line(self, change: Change) -> Iterator[Refusal]:
        if change.kind == "closed":
            yield from self._of_closed_line(change)
            return
        if None in change.fields.get("booking", ())[1:]:
            yield from self._of_booked_line(change)
        if "prefix" in change.fields:
            taken = self._given([prefix for prefix in change.fields["prefix"] if prefix is not None])
            own = self.before.lines.ever.get(change.id)
            if taken and not (change.kind == "reopened" and own is not None and own.prefix == taken[0]):
                yield _of(change, "numbers_given", prefix=taken[0])

    def _of_closed_line(self, change: Change) -> Iterator[Refusal]:
        numbers = self.bound_for("line", change.id)
        if numbers:
            yield _of(change, "line_waiting", n=len(numbers), number=numbers[0])
        yield from self._of_booked_line(change)
        for window in self.before.windows.values():
            if change.id in window.lent:
                yield _of(change, "lent_away", window=window.name)

    def _of_booked_line(self, change: Change) -> Iterator[Refusal]:
        """Who has booked there would find neither line nor slot."""
        of = bookings.c
        mine = (of.hall_id == self.hall.id, of.line_id == change.id, of.status == "booked")
        booked = self.connection.execute(select(func.count(), func.max(of.day)).where(*mine)).one()
        if booked[0]:
            yield _of(change, "line_booked", n=booked[0], day=booked[1].isoformat())

    def _given(self, prefixes: Sequence[str]) -> list[str]:
        """Which of them have given numbers today, or are kept for kiosks without network."""
        found: set[str] = set()
        for table in (counters, bands):
            of = table.c
            mine = (of.hall_id == self.hall.id, of.day == self.hall.day, of.prefix.in_(prefixes))
            found |= set(self.connection.execute(select(of.prefix).where(*mine)).scalars())
        return [prefix for prefix in prefixes if prefix in found]

    def of_matter(self, change: Change) -> Iterator[Refusal]:
        """The register alone changes where a matter is handled; a new one is in, or should be."""
        now = self.matters.get(change.id)
        was = self.before.matters.ever.get(change.id)
        if was and change.id in self.undecided and (now is None or now.unit != was["unit"]):
            yield _of(change, self.undecided[change.id])
        if now is not None and (now.entry != was["entry"] if was else Entry(now.entry) not in NEW_ENTRIES):
            yield _of(change, "entry", entry=was["entry"] if was else now.entry)

    @cached_property
    def undecided(self) -> dict[str, str]:
        """{matter: what of the register is between one unit and the center or the government, or holds}."""
        found: dict[str, str] = {}
        for table, live in ((exemptions, ("proposed", "approved")), (consultations, ("open",))):
            of = table.c
            mine = (of.hall_id == self.hall.id, of.status.in_(live))
            keys = self.connection.execute(select(of.matter_id).where(*mine)).scalars()
            found |= dict.fromkeys(keys, "exempted" if table is exemptions else "consulted")
        return found

    def of_unit(self, change: Change) -> Iterator[Refusal]:
        """Only of a unit under dual or vertical management is a matter agreed upon."""
        if change.fields.get("kind", [""])[-1] != "local":
            return
        for one in self.before.matters.values():
            if one["unit"] == change.id and self.undecided.get(one["id"]) == "consulted":
                yield _refusal({"part": "matters", "id": one["id"], "name": one["name"]}, "consulted")

    def of_rest(self, change: Change) -> Iterator[Refusal]:
        """A day must not begin twice; who has come to complain stays in the line of complaints."""
        if "time_zone" in change.fields and self.hall.seq:
            yield _of(change, "time_zone")
        for line in filter(None, change.fields.get("complaint_line", ())):
            if numbers := self.bound_for("line", line):
                named = {**change.told(), "part": "lines", "id": line, "name": self.before.lines[line].name}
                yield _refusal(named, "line_waiting", n=len(numbers), number=numbers[0])

    def unserved(self) -> Iterator[Refusal]:
        """Lines in which somebody waits, and matters in the hall, that no window would serve any more."""
        lost = self.served_before - self.served
        for line in self.wanted.lines:
            if line.id in lost and (numbers := self.bound_for("line", line.id)):
                named = {"part": "lines", "id": line.id, "name": line.name}
                yield _refusal(named, "line_unserved", n=len(numbers), number=numbers[0])
        for one in self.wanted.matters:
            lines = [line for line in (one.line, *(one.route.lines if one.route else ())) if line not in self.served]
            if Entry(one.entry) == Entry.IN_HALL and lines and not self._was_unserved(one.id, lines):
                yield _refusal({"part": "matters", "id": one.id, "name": one.name}, "unserved_matter", line=lines[0])

    def _was_unserved(self, matter: str, lines: list[str]) -> bool:
        """It was so already: the check before opening and the register say it every day."""
        was = self.before.matters.get(matter)
        if was is None or was["entry"] != Entry.IN_HALL:
            return False
        route = was["more"].route
        return set(lines) <= {was["line"], *(route.lines if route else ())} - self.served_before


def _of(change: Change, code: str, **more: Any) -> Refusal:
    return _refusal(change.told(), code, **more)


def _refusal(named: dict[str, Any], code: str, **more: Any) -> Refusal:
    return {"code": code, **{key: named[key] for key in ("part", "id", "name")}, **more}
