"""Commands on their way through one transaction: their hall's lock, its day, what was answered before, one commit."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from hall.errors import HallError
from server import journal
from server.clock import Clock, Doubt
from server.command import Action, Days, Done, HallState, Offload, Tx
from server.hot import Statement
from server.layout.kept import forget_layout
from server.tables.journal import journal as journal_table
from server.tables.journal import requests
from server.tables.layout import halls

log = structlog.get_logger(__name__)


@dataclass
class Job:
    hall: str
    actor: str
    request_id: str | None
    digest: str
    action: Action
    answer: Any = None
    error: Exception | None = None
    finished: bool = False
    woken: threading.Event = field(default_factory=threading.Event)

    def finish(self, answer: Any, error: Exception | None) -> None:
        """Durable or refused: whoever waits for it may go."""
        self.answer, self.error, self.finished = answer, error, True
        self.woken.set()


_HALL = Statement(
    select(
        halls.c.id,
        halls.c.epoch,
        halls.c.seq,
        halls.c.head,
        halls.c.day,
        halls.c.at,
        halls.c.layout_version,
        halls.c.due_at,
        halls.c.pooled,
    )
    .where(halls.c.id == bindparam("hall"))
    .with_for_update()  # SQLite has no such words and needs none
)
_KEEP_HALL = Statement(
    update(halls)
    .where(halls.c.id == bindparam("hall"))
    .values(
        seq=bindparam("new_seq"),
        head=bindparam("new_head"),
        day=bindparam("new_day"),
        at=bindparam("new_at"),
        due_at=bindparam("new_due_at"),
        pooled=bindparam("new_pooled"),
    )
)
_KEEP_JOURNAL = Statement(insert(journal_table))
_KEEP_REQUESTS = Statement(insert(requests))
_LOOKED_UP = 64
_TRY_DUE_AGAIN = timedelta(seconds=30)


@cache
def _answered(size: int) -> Statement:
    """Looks for `size` requests at once; an expanding IN would be a new text, planned anew, for every group."""
    of, kept = requests.c, (requests.c.hall_id, requests.c.actor, requests.c.request_id)
    one_of = or_(
        *(
            and_(
                of.hall_id == bindparam(f"hall_{i}"),
                of.actor == bindparam(f"actor_{i}"),
                of.request_id == bindparam(f"id_{i}"),
            )
            for i in range(size)
        )
    )
    return Statement(select(*kept, of.digest, of.answer).where(one_of))


class Group:
    """Some commands in one transaction."""

    def __init__(self, connection: Connection, clock: Clock, days: Days, offload: Offload) -> None:
        self.connection = connection
        self.clock = clock
        self.days = days
        self.offload = offload
        self.halls: dict[str, HallState] = {}
        self.doubts: dict[str, Doubt | None] = {}
        self.begun: set[str] = set()
        """Halls whose day has been seen to: a group is over within milliseconds."""
        self.rows: list[dict[str, Any]] = []
        self.answers: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.known: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._sqlite = connection.dialect.name == "sqlite"
        # What breaks the whole group, whoever says so; anything else is one command's own fault.
        self._broken = (HallError, OperationalError, connection.dialect.loaded_dbapi.OperationalError)
        # Straight to the driver: SQLAlchemy's way costs 15 µs a statement, and these are most of them.
        self._run = connection.connection.driver_connection.execute  # type: ignore[union-attr]

    def begin(self) -> None:
        # Only what may wait, for another process's lock or for the disk, leaves the loop: statements that run in
        # another thread hand the interpreter's lock to and fro and cost half as much again.
        self.offload(self._run, "BEGIN IMMEDIATE" if self._sqlite else "BEGIN")

    def write(self, jobs: list[Job]) -> list[tuple[str, int]]:
        """Runs the jobs and commits; returns (hall, seq) of every hall that moved on."""
        try:
            # Only in the halls' locks, and in the day that is now, is what was answered before known for sure.
            for hall in dict.fromkeys(job.hall for job in jobs):
                with suppress(HallError):
                    self._start_day(self._hall(hall))
            self._find_answered(jobs)
            for job in jobs:
                self._write_one(job)
            moved = self._keep()
            self.offload(self._run, "COMMIT")
        except BaseException:
            for key in self.halls:
                forget_layout(key)
            roll_back(self.connection)
            raise
        return moved

    def _find_answered(self, jobs: list[Job]) -> None:
        """Looks up the requests that were answered before, all of the group at once."""
        keys = [(job.hall, job.actor, job.request_id) for job in jobs if job.request_id is not None]
        for start in range(0, len(keys), _LOOKED_UP):
            some = keys[start : start + _LOOKED_UP]
            size = 1 << (len(some) - 1).bit_length()  # few texts: the last key stands in for what lacks
            some += some[-1:] * (size - len(some))
            values = {
                name: part
                for i, key in enumerate(some)
                for name, part in zip((f"hall_{i}", f"actor_{i}", f"id_{i}"), key, strict=True)
            }
            for hall, actor, key, digest, answer in _answered(size).run(self.connection, **values):
                self.known[hall, actor, key] = {"digest": digest, "answer": answer}

    def _keep(self) -> list[tuple[str, int]]:
        if self.rows:
            _KEEP_JOURNAL.run_for_each(self.connection, self.rows)
        if self.answers:
            _KEEP_REQUESTS.run_for_each(self.connection, list(self.answers.values()))
        moved = {row["hall_id"] for row in self.rows}
        for key in moved:
            hall = self.halls[key]
            new = {"new_seq": hall.seq, "new_head": hall.head, "new_day": hall.day, "new_at": hall.at}
            new |= {"new_due_at": hall.due_at, "new_pooled": hall.pooled}
            _KEEP_HALL.run(self.connection, hall=hall.id, **new)
        return [(key, self.halls[key].seq) for key in moved]

    def _write_one(self, job: Job) -> None:
        try:
            hall = self._hall(job.hall)
            self._start_day(hall)  # where it could not be done before, the command hears why
            if job.request_id is not None and self._answered(job):
                return
            job.answer = self._in_savepoint(hall, job.actor, job.action, job)
        except HallError as error:
            job.error = error

    def _hall(self, key: str) -> HallState:
        if key not in self.halls:
            found = _HALL.run(self.connection, hall=key)
            if not found:
                raise HallError("not_found", what="hall", id=key)
            self.halls[key] = hall = HallState(*found[0])
            self.doubts[key] = self.clock.doubt(hall.at)  # before the time is asked: it may be put right here
        return self.halls[key]

    def _tx(self, hall: HallState, actor: str) -> Tx:
        return Tx(self.connection, hall, max(self.clock.now(), hall.at), actor, self.rows, self.doubts[hall.id])

    def _start_day(self, hall: HallState) -> None:
        """The first command of a new business day closes the old one first, whatever becomes of the command.

        Within a day it does what has fallen due. While the clock is in doubt no day ends.
        """
        if hall.id in self.begun:
            return
        tx = self._tx(hall, "system")
        if tx.doubt is None and self.days.is_over(tx):
            self._in_savepoint(hall, "system", lambda tx: Done(None, self.days.end(tx)))
        elif hall.due_at is not None and hall.due_at <= tx.now:
            self._do_due(hall, tx.now)
        self.begun.add(hall.id)

    def _do_due(self, hall: HallState, now: datetime) -> None:
        """What cannot be done must not keep the hall from going on: it is tried again a little later."""
        try:
            self._in_savepoint(hall, "system", lambda tx: Done(None, self.days.do_due(tx)))
        except HallError:  # what broke stands in the log already
            hall.due_at = now + _TRY_DUE_AGAIN

    def _answered(self, job: Job) -> bool:
        assert job.request_id is not None
        key = (job.hall, job.actor, job.request_id)
        kept = self.answers.get(key) or self.known.get(key)
        if kept is None:
            return False
        if kept["digest"] != job.digest:
            raise HallError("request_reused", request_id=job.request_id)
        job.answer = orjson.loads(kept["answer"])
        return True

    def _in_savepoint(self, hall: HallState, actor: str, action: Action, job: Job | None = None) -> Any:
        before = hall.seq, hall.head, hall.day, hall.at, hall.due_at, hall.pooled
        version = hall.layout_version
        self._run("SAVEPOINT command")
        try:
            tx = self._tx(hall, actor)
            done = action(tx)
            rows = journal.rows(hall, tx.now, done.events)
        except BaseException as error:
            hall.seq, hall.head, hall.day, hall.at, hall.due_at, hall.pooled = before
            self._take_back_layout(hall, version)
            self._run("ROLLBACK TO command")
            self._run("RELEASE command")
            if isinstance(error, self._broken) or not isinstance(error, Exception):
                raise
            log.exception("command_failed", hall=hall.id, actor=actor)
            raise HallError("internal") from error
        self._run("RELEASE command")
        self.rows += rows
        if rows and job is not None and job.request_id is not None:
            self._remember(hall, job, done.answer)
        return done.answer

    def _take_back_layout(self, hall: HallState, version: int) -> None:
        if hall.layout_version != version:
            hall.layout_version = version
            forget_layout(hall.id)

    def _remember(self, hall: HallState, job: Job, answer: Any) -> None:
        assert job.request_id is not None
        self.answers[job.hall, job.actor, job.request_id] = {
            "hall_id": job.hall,
            "actor": job.actor,
            "request_id": job.request_id,
            "day": hall.day,
            "digest": job.digest,
            "answer": orjson.dumps(answer).decode(),
        }


def roll_back(connection: Connection) -> None:
    """Undoes the open transaction; where the database did so itself (a full disk) the connection is dropped."""
    try:
        connection.exec_driver_sql("ROLLBACK")
    except SQLAlchemyError:
        connection.invalidate()
