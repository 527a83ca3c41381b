"""Retention: what is older than the settings say is dropped, and everything that is kept still proves itself."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, insert, or_, select, update

from hall.settings import Retention
from server.access import count_lines, drop_lines, write_line
from server.audit.chain import TRIMMED, state_digest, walked
from server.audit.personal import closed_cases, erase, outlived
from server.audit.verifying import BoardReader
from server.command import Done, Tx
from server.db import Store
from server.journal import Draft, day_roots, last_checkpoint
from server.tables.journal import journal, journal_checkpoints
from server.tables.layout import halls
from server.tables.queue import counters, slips, tickets
from server.tables.ratings import case_steps, cases, ratings
from server.tables.visitors import bookings

BATCH = 500
PASSING = frozenset({"epoch", "seq", "at", "day", "calls", "missed", "windows", "waiting"})
"""What of a board does not last over a night; the rest goes into the checkpoint."""


@dataclass
class Report:
    """What was dropped, or would be: {table: rows}. `until`: the first day that is kept whole."""

    hall: str
    until: date | None = None
    rows: dict[str, int] = field(default_factory=dict)
    personal: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((*self.rows.values(), *self.personal.values()))

    def told(self) -> str:
        until = {"kept_from": self.until.isoformat()} if self.until else {}
        said = {name: count for name, count in self.rows.items() if count}
        erased = {f"erased_{name}": count for name, count in self.personal.items() if count}
        return orjson.dumps({**until, **said, **erased}).decode()


@dataclass(frozen=True)
class Cut:
    """The row up to which a journal is dropped: the `day.started` of the first day that is kept."""

    seq: int
    hash: str
    day: date


def months_before(day: date, months: int) -> date:
    """The first of the month so many months ago: whole months are dropped, and seldom."""
    ago = day.year * 12 + day.month - 1 - months
    return date(ago // 12, ago % 12 + 1, 1)


def retain(store: Store, hall: str, policy: Retention, dry_run: bool = False) -> Report:
    """Drops what a hall keeps no longer and tells the access log; `dry_run` only counts."""
    now = store.clock.now()
    today: date = store.read(lambda c: c.execute(select(halls.c.day).where(halls.c.id == hall)).scalar_one())
    report = Report(hall)
    personal = today - timedelta(days=policy.personal_days)
    report.personal = store.read(partial(_count_personal, hall=hall, day=personal, now=now))
    cut = store.read(partial(_cut, hall=hall, before=months_before(today, policy.months)))
    kept_from = cut.day if cut else store.read(partial(_kept_from, hall=hall))
    if kept_from is not None:
        report.until = kept_from
        report.rows = store.read(partial(_count, hall=hall, day=kept_from, seq=cut.seq if cut else 0))
    if dry_run or not report:
        return report
    if report.personal:
        store.write(partial(_erase_personal, hall=hall, day=personal, now=now))
    if cut is not None:
        state = store.read(partial(_state, hall=hall, cut=cut))
        store.in_hall(hall, "system", None, partial(_trim, cut=cut, state=state))
    if kept_from is not None:
        _drop(store, hall, kept_from)
    store.write(lambda connection: write_line(connection, now, "retained", None, report.told(), hall))
    return report


def _cut(connection: Connection, hall: str, before: date) -> Cut | None:
    """After the last finished day of before `before`; None where the journal begins later already."""
    checkpoint = last_checkpoint(connection, hall)
    since = checkpoint.seq if checkpoint else 0
    old = [root.seq for root in day_roots(connection, hall) if root.day < before and root.seq > since]
    if not old:
        return None
    of = journal.c
    wanted = select(of.seq, of.hash, of.body).where(of.hall_id == hall, of.seq == max(old) + 1)
    begun = connection.execute(wanted).one()
    return Cut(begun.seq, begun.hash, date.fromisoformat(orjson.loads(begun.body)["data"]["day"]))


def _kept_from(connection: Connection, hall: str) -> date | None:
    """Where an earlier run has cut: it may have been stopped before all was dropped."""
    checkpoint = last_checkpoint(connection, hall)
    return checkpoint.day if checkpoint else None


def _state(connection: Connection, hall: str, cut: Cut) -> dict[str, Any]:
    """What the journal up to the cut has come to, each row proved on the way."""
    reader = BoardReader(connection, hall)
    for event in walked(connection, hall):
        if event["seq"] % BATCH == 0:
            sleep(0)  # under gevent: whoever waits has a turn
        reader.take(event)
        if event["seq"] == cut.seq:
            break
    lasting = {key: value for key, value in reader.folded.items() if key not in PASSING}
    roots = [[root.day.isoformat(), root.seq, root.hash] for root in day_roots(connection, hall) if root.seq < cut.seq]
    return {"board": lasting, "roots": roots}


def _trim(tx: Tx, cut: Cut, state: dict[str, Any]) -> Done:
    """The checkpoint, and `journal.trimmed`, which says what it holds: nobody can put another in its place."""
    of = journal_checkpoints.c
    before = tx.connection.execute(select(func.max(of.seq)).where(of.hall_id == tx.hall.id)).scalar() or 0
    rows = cut.seq - before
    row = {"hall_id": tx.hall.id, "seq": cut.seq, "hash": cut.hash, "day": cut.day, "at": tx.now}
    tx.connection.execute(insert(journal_checkpoints), {**row, "rows": rows, "state": state})
    tx.connection.execute(delete(journal_checkpoints).where(of.hall_id == tx.hall.id, of.seq < cut.seq))
    said = {"seq": cut.seq, "hash": cut.hash, "day": cut.day.isoformat(), "rows": rows, "state": state_digest(state)}
    return Done(None, [Draft(TRIMMED, said)])


_BY_DAY = {"tickets": tickets, "ratings": ratings, "bookings": bookings, "counters": counters}


def _old(hall: str, day: date) -> list[tuple[str, Table, ColumnElement[bool]]]:
    """The rows of before a day, each table after those that point into it."""
    of_old = select(tickets.c.id).where(tickets.c.hall_id == hall, tickets.c.day < day)
    # A case is kept as long from its closing on, and what was rated of it as long as the case.
    since, of = datetime.combine(day, time.min, UTC), cases.c
    closed = and_(of.hall_id == hall, of.opened_on < day, of.closed_at < since)
    of_closed = select(of.id).where(closed)
    kept = or_(of.closed_at.is_(None), of.closed_at >= since)
    rated = or_(of.rating_id == ratings.c.id, of.id == ratings.c.follows)
    by_day = {name: and_(one.c.hall_id == hall, one.c.day < day) for name, one in _BY_DAY.items()}
    by_day["ratings"] &= ~exists().where(of.hall_id == hall, kept, rated)
    return [
        ("slips", slips, and_(slips.c.hall_id == hall, slips.c.ticket_id.in_(of_old))),
        ("case_steps", case_steps, and_(case_steps.c.hall_id == hall, case_steps.c.case_id.in_(of_closed))),
        ("cases", cases, closed),
        *((name, _BY_DAY[name], where) for name, where in by_day.items()),
    ]


def _count(connection: Connection, hall: str, day: date, seq: int) -> dict[str, int]:
    """How many rows there are to drop; of the journal up to `seq`, and what an earlier run has left."""
    found = {
        name: connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
        for name, table, where in _old(hall, day)
    }
    checkpoint = last_checkpoint(connection, hall)
    last = max(seq, checkpoint.seq if checkpoint else 0)
    dropped = select(func.count()).where(journal.c.hall_id == hall, journal.c.seq <= last)
    return {"journal": connection.execute(dropped).scalar_one(), **found}


def _drop(store: Store, hall: str, day: date) -> None:
    """A few rows at a time, so that no call waits; stopped in the middle it is gone on with the next night."""
    while store.write(partial(_drop_some_journal, hall=hall)):
        sleep(0)
    for _, table, where in _old(hall, day):
        while store.write(partial(_drop_some, table=table, where=where)):
            sleep(0)


def _drop_some_journal(connection: Connection, hall: str) -> int:
    checkpoint = last_checkpoint(connection, hall)
    if checkpoint is None:
        return 0
    of = journal.c
    first = connection.execute(select(func.min(of.seq)).where(of.hall_id == hall)).scalar_one()
    until = min(first + BATCH - 1, checkpoint.seq)
    return connection.execute(delete(journal).where(of.hall_id == hall, of.seq <= until)).rowcount


def _drop_some(connection: Connection, table: Table, where: ColumnElement[bool]) -> int:
    keys = [column for column in table.primary_key if column.name != "hall_id"]
    some = connection.execute(select(*keys).where(where).limit(BATCH)).all()
    for row in some:
        mine = and_(*(key == value for key, value in zip(keys, row, strict=True)))
        connection.execute(delete(table).where(where, mine))
    return len(some)


def _count_personal(connection: Connection, hall: str, day: date, now: datetime) -> dict[str, int]:
    found = {
        name: connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
        for name, table, where, _ in outlived(hall, day, now)
    }
    closed = closed_cases(hall, _moment(day, now))
    return {**found, "cases": connection.execute(select(func.count()).select_from(closed.subquery())).scalar_one()}


def _erase_personal(connection: Connection, hall: str, day: date, now: datetime) -> None:
    for _, table, where, empty in outlived(hall, day, now):
        connection.execute(delete(table).where(where) if empty is None else update(table).where(where).values(empty))
    for key in connection.execute(closed_cases(hall, _moment(day, now))).scalars().all():
        erase(connection, hall, "case", key)


def _moment(day: date, now: datetime) -> datetime:
    """As long before now as a day is before today."""
    return now - (now.date() - day)


def retain_access(store: Store, policy: Retention, dry_run: bool = False) -> int:
    """Drops the access log's lines of before the months that are kept; how many."""
    before = datetime.combine(months_before(store.clock.now().date(), policy.months), time.min, UTC)
    if dry_run:
        return store.read(partial(count_lines, before=before))
    return store.write(partial(drop_lines, before=before))


def keep_report(folder: Path, reports: list[Report], lines: int, now: datetime) -> Path:
    """The run as a file beside the data, for whoever must show that it was done."""
    file = folder / "retention" / f"{now:%Y-%m-%d}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    told = [f"{report.hall}: {report.told()}" for report in reports]
    with file.open("a", encoding="utf-8") as opened:
        opened.write(
            "".join(f"{now.isoformat(timespec='seconds')} {line}\n" for line in [*told, f"access log: {lines}"])
        )
    return file
