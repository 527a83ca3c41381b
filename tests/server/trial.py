"""A hall to try things in: a small layout, a clock that is set by hand, and every action one line away."""

import itertools
import secrets
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from hall.board import Board, fold
from hall.day import business_day
from hall.errors import HallError
from hall.events import Event, public
from hall.layout import Hall
from hall.sheets import sheet_of
from hall.words import Role
from server import queries
from server.actions import bands, calls, holding, missing, scanning, serving, tickets, transfers, undoing, windows
from server.actions.day import day_is_over, end_day
from server.actions.due import do_due
from server.actions.lending import Loan, lend_line
from server.actions.serving import Ending
from server.actions.suspending import Suspending, suspend_line
from server.actions.tickets import Wanted
from server.actions.transfers import Sending, Target
from server.audit.chain import first_break
from server.audit.recount import new_recount
from server.clock import Clock
from server.command import Action, Days, Done
from server.db import Store, open_engine
from server.journal import events_since
from server.layout.rewriting import found_hall
from server.people import Principal
from server.reports import day_span, facts
from server.tables import metadata
from server.tables.layout import halls
from server.tables.layout import windows as window_rows
from server.tables.queue import loads
from server.tables.queue import tickets as ticket_rows

CHINA = ZoneInfo("Asia/Shanghai")
MORNING = datetime.fromisoformat("2026-11-23T09:00:00+08:00").astimezone(UTC)
STATE = ("halls", "windows", "loads", "counters", "tickets", "journal", "requests", "slips", "overtakings", "bands")

_names = itertools.count(1)


class SetClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = MORNING) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at

    def set(self, text: str) -> None:
        self.at = datetime.fromisoformat(text).astimezone(UTC)

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


def layout(key: str, **changes: Any) -> Hall:
    """Lines tax and social share windows, left and right have one window at equal rank, fund a quota of 3."""
    parts: dict[str, Any] = {
        "id": key,
        "name": {"zh-CN": "试验大厅", "en": "Trial hall"},
        "issuing": ["08:00-12:00", "13:00-17:00"],
        "calling": ["08:30-17:30"],
        "guide_line": "guide",
        "zones": [{"id": "a", "name": "一楼"}, {"id": "b", "name": "二楼", "floor": 2}],
        "units": [{"id": "u", "name": "税务局"}],
        "category_sets": [{"id": "now", "name": "现行", "categories": [{"id": "licence", "name": "行政许可"}]}],
        "lines": [
            {"id": "tax", "name": "税务", "prefix": "A", "common": True},
            {"id": "social", "name": "社保", "prefix": "B"},
            {"id": "fund", "name": "公积金", "prefix": "C", "daily_quota": 3},
            {"id": "left", "name": "左", "prefix": "L"},
            {"id": "right", "name": "右", "prefix": "R"},
            {"id": "guide", "name": "导办", "prefix": "G", "issuing": ["09:30-10:00"]},
        ],
        "matters": [
            {"id": "invoice", "name": "发票领用", "unit": "u", "category": "licence", "line": "tax"},
            {"id": "pension", "name": "养老金", "unit": "u", "category": "licence", "line": "social"},
        ],
        "windows": [
            {"id": "w1", "name": "1", "zone": "a", "lines": {"tax": 1, "social": 2}},
            {"id": "w2", "name": "2", "zone": "a", "lines": {"tax": 1, "social": 1}},
            {"id": "w3", "name": "3", "zone": "b", "lines": {"tax": 1, "fund": 2, "guide": 2}},
            {"id": "w9", "name": "9", "zone": "b", "lines": {"left": 1, "right": 1}},
        ],
    }
    return Hall.model_validate({**parts, **changes})


def open_trial_store(url: str, clock: Clock) -> Store:
    """A store on a migrated database, as server.opening wires it, with a clock of the test's own."""
    return Store(open_engine(url), clock, Days(day_is_over, end_day, do_due))


@dataclass
class Trial:
    """One hall in a store. `start` is its board before anything happened."""

    store: Store
    clock: SetClock
    hall: str
    start: Board = field(default_factory=dict)

    @classmethod
    def found(cls, store: Store, clock: SetClock, **changes: Any) -> "Trial":
        """A new hall; halls share nothing, so each test has its own in the same database."""
        hall = layout(f"hall-{next(_names)}-{id(store) % 10007}", **changes)
        assert store.write(partial(found_hall, hall=hall, now=clock.now() - timedelta(hours=3)))
        trial = cls(store, clock, hall.id)
        trial.start = trial.board()
        return trial

    def who(self, role: Role, name: str, unit: str | None = None) -> Principal:
        return Principal(f"t-{name}", self.hall, role, name, unit=unit)

    @property
    def kiosk(self) -> Principal:
        return self.who(Role.KIOSK, "kiosk")

    @property
    def desk(self) -> Principal:
        return self.who(Role.DESK, "desk")

    @property
    def supervisor(self) -> Principal:
        return self.who(Role.SUPERVISOR, "supervisor")

    def clerk(self, name: str = "3021") -> Principal:
        return self.who(Role.CLERK, name)

    def run(self, by: Principal, action: Action, request_id: str | None = None, said: Any = None) -> Any:
        return self.store.in_hall(self.hall, by.id, request_id, action, "call", said)

    def issue(self, line: str | None = "tax", by: Principal | None = None, **more: Any) -> dict[str, Any]:
        """`more`: matter, visitor_class, language, always_open, request_id."""
        by = by or self.kiosk
        always_open, request_id = more.pop("always_open", False), more.pop("request_id", None)
        given = {"matter": None, "visitor_class": "ordinary", "language": "zh-CN", **more}
        wanted = Wanted(line, **given)
        answer = self.run(by, lambda tx: tickets.issue_ticket(tx, by, wanted, always_open), request_id, [line, given])
        return dict(answer)

    def take_bands(self, size: int = 20, by: Principal | None = None, *rests: bands.Rest) -> dict[str, Any]:
        by = by or self.kiosk
        return dict(self.run(by, lambda tx: bands.take_bands(tx, by, size, rests, False)))

    def hand_over(self, number: str, line: str = "tax", by: Principal | None = None, **more: Any) -> dict[str, Any]:
        """`more`: of a Given; `issued_at` is now where it is not said."""
        by, now = by or self.kiosk, self.clock.now()
        given = {"id": str(uuid.uuid4()), "day": business_day(now, CHINA), "matter": None, "language": "zh-CN"}
        given |= {"count": 1, "issued_at": now, "contact_at": now, "track_code": secrets.token_urlsafe(16)}
        given |= {"slip": str(uuid.uuid4()), "touch": str(uuid.uuid4()), **more}
        whole = bands.Given(prefix=number[0], ordinal=int(number[1:]), line=line, **given)  # type: ignore[arg-type]
        return dict(self.run(by, lambda tx: bands.hand_over(tx, by, whole)))

    def cancel(self, ticket: str, by: Principal | None = None, reason: str | None = None) -> dict[str, Any]:
        by = by or self.desk
        return dict(self.run(by, lambda tx: tickets.cancel_ticket(tx, by, ticket, reason)))

    def reprint(self, ticket: str, by: Principal | None = None, device: str | None = None) -> dict[str, Any]:
        by = by or self.desk
        return dict(self.run(by, lambda tx: tickets.reprint_ticket(tx, by, ticket, device)))

    def report(self, slip: str, result: str, reason: str | None = None, by: Principal | None = None) -> dict[str, Any]:
        by = by or self.kiosk
        return dict(self.run(by, lambda tx: tickets.report_slip(tx, by, slip, result, reason)))

    def open(self, window: str, by: Principal | None = None, take_over: bool = False) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: windows.open_window(tx, by, window, take_over))

    def pause(self, window: str, by: Principal | None = None, **more: Any) -> Any:
        by = by or self.clerk()
        given = {"reason": None, "until": None, "after_current": False, **more}
        return self.run(by, lambda tx: windows.pause_window(tx, by, window, **given))

    def close(self, window: str, by: Principal | None = None, **more: Any) -> Any:
        by = by or self.clerk()
        given = {"reason": None, "after_current": False, **more}
        return self.run(by, lambda tx: windows.close_window(tx, by, window, **given))

    def call_next(
        self, window: str, by: Principal | None = None, finish: str | None = None, request_id: str | None = None
    ) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: calls.call_next(tx, by, window, finish), request_id, [window, finish])

    def call_number(self, window: str, number: str, by: Principal | None = None, finish: str | None = None) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: calls.call_number(tx, by, window, number, "asked for", finish))

    def recall(self, window: str, by: Principal | None = None) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: calls.recall_ticket(tx, by, window))

    def serve(self, window: str, by: Principal | None = None) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: calls.start_ticket(tx, by, window))

    def complete(self, window: str, by: Principal | None = None, outcome: str | None = None, **more: Any) -> Any:
        """`more`: case_number, note, whole."""
        by, ending = by or self.clerk(), Ending(outcome, **more)
        return self.run(by, lambda tx: serving.complete_ticket(tx, by, window, ending))

    def transfer(self, window: str, by: Principal | None = None, **more: Any) -> Any:
        """`more`: line, window_to or clerk; come_back, note, number."""
        by = by or self.clerk()
        target = Target(more.pop("line", None), more.pop("window_to", None), more.pop("clerk", None))
        sending = Sending(target, **more)
        return self.run(by, lambda tx: transfers.transfer_ticket(tx, by, window, sending))

    def change_matter(self, window: str, matter: str, by: Principal | None = None, add: bool = False) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: serving.change_matter(tx, by, window, matter, add))

    def walk_in(self, window: str, line: str | None = "tax", by: Principal | None = None, **more: Any) -> Any:
        by = by or self.clerk()
        wanted = Wanted(line, **{"matter": None, "visitor_class": "ordinary", "language": "zh-CN", **more})
        return self.run(by, lambda tx: calls.walk_in(tx, by, window, wanted))

    def no_show(self, window: str, by: Principal | None = None, early: bool = False) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: missing.mark_no_show(tx, by, window, early))

    def hold(self, window: str, by: Principal | None = None, reason: str = "papers", minutes: int | None = None) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: holding.hold_ticket(tx, by, window, reason, minutes))

    def resume(self, window: str, number: str, by: Principal | None = None) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: holding.resume_ticket(tx, by, window, number))

    def reinstate(self, ticket: str, by: Principal | None = None) -> Any:
        by = by or self.desk
        return self.run(by, lambda tx: missing.reinstate_ticket(tx, by, ticket))

    def scan(self, code: str, by: Principal | None = None) -> Any:
        by = by or self.kiosk
        return self.run(by, lambda tx: scanning.scan_code(tx, by, code))

    def undo(self, window: str, by: Principal | None = None) -> Any:
        by = by or self.clerk()
        return self.run(by, lambda tx: undoing.undo_move(tx, by, window))

    def lend(self, window: str, line: str, minutes: int = 30, rank: int = 2) -> Any:
        loan = Loan(window, line, rank, self.clock.now() + timedelta(minutes=minutes), "many wait")
        return self.run(self.supervisor, lambda tx: lend_line(tx, self.supervisor, loan))

    def suspend(self, line: str, minutes: int = 30, move_to: str | None = None) -> Any:
        asked = Suspending(line, "system", self.clock.now() + timedelta(minutes=minutes), move_to)
        return self.run(self.supervisor, lambda tx: suspend_line(tx, self.supervisor, asked))

    def look(self) -> None:
        """As `serve` does once a second: what is due is done though nobody commands anything."""
        self.run(self.supervisor, lambda _tx: Done(None))

    def standing(self, ticket: str) -> dict[str, Any]:
        """A ticket as staff see it now, with who is ahead."""
        now = self.clock.now()
        return self.store.read(lambda connection: queries.one_ticket(connection, self.hall, ticket, now)[0])

    def listed(self, status: str | None = None, window: str | None = None) -> list[dict[str, Any]]:
        find = partial(queries.ticket_list, hall=self.hall, now=self.clock.now(), status=status, window=window)
        return list(self.store.read(partial(find, number=None, limit=500, after=None))["tickets"])

    def board(self) -> Board:
        return self.store.read(lambda connection: queries.board(connection, self.hall))

    @property
    def seq(self) -> int:
        return int(self.board()["seq"])

    def events(self, since: int = 0) -> list[Event]:
        return self.store.read(lambda connection: events_since(connection, self.hall, since, 1_000_000))

    def types(self, since: int = 0) -> list[str]:
        return [event["type"] for event in self.events(since)]

    def ticket(self, key: str) -> dict[str, Any]:
        return next(row for row in self.rows("tickets") if row["id"] == key)

    def window(self, key: str) -> dict[str, Any]:
        return next(row for row in self.rows("windows") if row["id"] == key)

    def rows(self, name: str) -> list[dict[str, Any]]:
        return self.store.read(lambda connection: _rows(connection, self.hall, name))

    def all_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that a command could have written."""
        return self.store.read(lambda connection: {name: _rows(connection, self.hall, name) for name in STATE})

    def faults(self) -> list[str]:
        """What is not as it must always be, a line each."""
        return self.store.read(lambda connection: list(self._faults(connection)))

    def _faults(self, connection: Connection) -> Any:
        broken = first_break(connection, self.hall)
        if broken:
            yield f"chain: {broken}"
        told = queries.board(connection, self.hall)
        folded = self.start
        for event in events_since(connection, self.hall, self.start["seq"], 1_000_000):
            if event["seq"] != folded["seq"] + 1:
                yield f"gap: {folded['seq']} then {event['seq']}"
            folded = fold(folded, public(event))
        yield from (f"{key}: folded {folded[key]}, told {told[key]}" for key in told if folded[key] != told[key])
        rows = connection.execute(select(ticket_rows).where(ticket_rows.c.hall_id == self.hall)).all()
        yield from _fault_numbers(rows, _rows(connection, self.hall, "bands"))
        yield from _fault_loads(connection, self.hall, rows)
        yield from _fault_pools(connection, self.hall, rows)
        yield from _fault_visits(rows)
        yield from _fault_places(connection, self.hall, rows)
        yield from self._fault_sheets(connection)

    def _fault_sheets(self, connection: Connection) -> Any:
        """Where a day's sheet by the journal is not the sheet by the tables, today's among them."""
        layout = queries.known_layout(connection, self.hall)
        recount = new_recount(connection, self.hall, date.fromisoformat(self.start["day"]))
        for event in events_since(connection, self.hall, self.start["seq"], 1_000_000):
            recount.apply(event)
        recount.settle()
        for day, sheet in recount.sheets.items():
            counted = sheet.told()
            kept = sheet_of(facts(connection, self.hall, day_span(day), layout.time_zone)).told()
            yield from (f"sheet of {day}: {part}" for part in kept if kept[part] != counted[part])


def _rows(connection: Connection, hall: str, name: str) -> list[dict[str, Any]]:
    table = metadata.tables[name]
    key = table.c.id if name == "halls" else table.c.hall_id
    wanted = select(table).where(key == hall).order_by(*table.primary_key)
    return [dict(row._mapping) for row in connection.execute(wanted)]


def _fault_numbers(rows: Any, bands: list[dict[str, Any]]) -> Any:
    """Without gaps from 001; a band that the counter has met is passed by, and its tickets are of it alone."""
    given: dict[tuple[str, date], list[int]] = {}
    for row in rows:
        kept = [one for one in bands if (one["prefix"], one["day"]) == (row.prefix, row.day)]
        in_band = any(one["first"] <= row.ordinal <= one["last"] for one in kept)
        if row.offline != in_band:
            yield f"{row.number} is offline: {row.offline}, in a band: {in_band}"
        if not row.offline:
            given.setdefault((row.prefix, row.day), []).append(row.ordinal)
    for (prefix, day), ordinals in given.items():
        passed = {
            number
            for one in bands
            if (one["prefix"], one["day"]) == (prefix, day)
            for number in range(one["first"], one["last"] + 1)
        }
        if sorted(ordinals) != [one for one in range(1, max(ordinals) + 1) if one not in passed]:
            yield f"numbers of {prefix} on {day}: {sorted(ordinals)}, without {sorted(passed)}"


def _fault_loads(connection: Connection, hall: str, rows: Any) -> Any:
    waiting = Counter((row.line_id, row.lane) for row in rows if row.status == "waiting")
    for line, visitor_class, count in connection.execute(
        select(loads.c.line_id, loads.c.lane, loads.c.waiting).where(loads.c.hall_id == hall)
    ).tuples():
        if waiting[line, visitor_class] != count:
            yield f"{line} {visitor_class}: {count} in loads, {waiting[line, visitor_class]} wait"


def _fault_pools(connection: Connection, hall: str, rows: Any) -> Any:
    waiting = [row for row in rows if row.status == "waiting"]
    aside = Counter((row.line_id, row.lane) for row in waiting if row.parked or row.pool)
    for line, lane, count in connection.execute(
        select(loads.c.line_id, loads.c.lane, loads.c.aside).where(loads.c.hall_id == hall)
    ).tuples():
        if aside[line, lane] != count:
            yield f"{line} {lane}: {count} aside in loads, {aside[line, lane]} are"
    pooled = connection.execute(select(halls.c.pooled).where(halls.c.id == hall)).scalar_one()
    pools = [row.pool for row in waiting if row.pool]
    if pooled != len(pools):
        yield f"{pooled} pooled in the hall, {len(pools)} are"
    of = window_rows.c
    there = connection.execute(select(of.id, of.clerk).where(of.hall_id == hall, of.status != "closed")).all()
    reachable = {f"w:{row.id}" for row in there} | {f"c:{row.clerk}" for row in there}
    yield from (f"someone waits for {pool}, which is not there" for pool in set(pools) - reachable)


def _fault_visits(rows: Any) -> Any:
    there = Counter(row.visit_id for row in rows if row.visit_id and row.status in ("called", "serving"))
    yield from (f"{count} tickets of one visit are at windows" for count in there.values() if count > 1)
    for row in rows:
        linked = row.visit_id is not None and there[row.visit_id] > 0
        if row.status == "waiting" and (row.parked == "linked") != (linked and row.parked in (None, "linked")):
            yield f"{row.number} is parked {row.parked}, of its visit {there[row.visit_id]} are at windows"


def _fault_places(connection: Connection, hall: str, rows: Any) -> Any:
    there = Counter(row.window_id for row in rows if row.status in ("called", "serving"))
    yield from (f"{count} tickets at {window}" for window, count in there.items() if count > 1)
    places = {row.window_id: row.id for row in rows if row.status in ("called", "serving")}
    for key, ticket in connection.execute(
        select(window_rows.c.id, window_rows.c.ticket_id).where(window_rows.c.hall_id == hall)
    ).tuples():
        if places.get(key) != ticket:
            yield f"window {key} has {ticket}, the tickets say {places.get(key)}"


def refused(command: Callable[[], Any]) -> HallError:
    """The refusal of a command that must be refused."""
    try:
        answer = command()
    except HallError as error:
        return error
    raise AssertionError(f"not refused, but answered: {answer!r}")
