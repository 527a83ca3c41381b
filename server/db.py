"""One transaction a command: the hall's lock, the group of commands that share a commit, and consistent reads."""

import hashlib
import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, bindparam, create_engine, event, insert, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from hall.errors import HallError
from server import journal
from server.clock import Clock
from server.journal import Draft
from server.tables import halls, requests
from server.tables import journal as journal_table

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass
class HallState:
    """The hall's row as the running group has it; written back once before the commit."""

    id: str
    epoch: str
    seq: int
    head: str
    day: date
    at: datetime
    layout_version: int


@dataclass
class Tx:
    """What an action works with: the connection, the hall and the command's moment."""

    connection: Connection
    hall: HallState
    now: datetime
    actor: str


@dataclass
class Done:
    """What an action answers and the events it leaves; no events means that nothing was written."""

    answer: Any
    events: list[Draft] = field(default_factory=list)


Action = Callable[[Tx], Done]
DayEnd = Callable[[Tx], list[Draft]]


@dataclass
class _Job:
    hall: str
    actor: str
    request_id: str | None
    digest: str
    action: Action
    answer: Any = None
    error: Exception | None = None
    finished: bool = False


def open_engine(url: str) -> Engine:
    """An engine whose transactions we begin and end ourselves (BEGIN IMMEDIATE is not in the DBAPI)."""
    if not url.startswith("sqlite"):
        return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=20, max_overflow=20, pool_pre_ping=True)
    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=QueuePool,
        connect_args={"check_same_thread": False, "timeout": 20},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


class Store:
    """The database of one process.

    Callers queue their commands and take turns: whoever has the turn writes all that is queued as one group, a
    savepoint each and one commit. `offload` runs a group away from a gevent loop (a pool of one thread on SQLite).
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        day_end: DayEnd,
        is_over: Callable[[Tx], bool],
        offload: Callable[..., Any] | None = None,
        offload_reading: Callable[..., Any] | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.sqlite = engine.dialect.name == "sqlite"
        self.listeners: list[Callable[[str, int], None]] = []
        self._day_end = day_end
        self._is_over = is_over
        self._offload = offload or _here
        self._offload_reading = offload_reading or _here
        self._queues: dict[str, deque[_Job]] = {}
        self._turns: dict[str, threading.Lock] = {}

    def in_hall(
        self, hall: str, actor: str, request_id: str | None, action: Action, call: str = "", body: Any = None
    ) -> Any:
        """Runs one command in the hall's lock and returns its answer once it is durable.

        Raises HallError: what the action refuses; `request_reused` for a known request_id with another body;
        `not_found` for an unknown hall; `unavailable` when the database did not take the commit.
        """
        digest = hashlib.sha256(json.dumps([call, body], sort_keys=True, default=str).encode()).hexdigest()
        job = _Job(hall, actor, request_id, digest, action)
        lane = "" if self.sqlite else hall
        queue = self._queues.setdefault(lane, deque())
        queue.append(job)
        with self._turns.setdefault(lane, threading.Lock()):
            if not job.finished:
                self._run_group([queue.popleft() for _ in range(len(queue))])
        if job.error is not None:
            raise job.error
        return job.answer

    def _run_group(self, jobs: list[_Job]) -> None:
        try:
            with self.engine.connect() as connection:
                written = self._offload(_Group(self, connection).write, jobs)
        except SQLAlchemyError as error:
            log.error("commit_failed", commands=len(jobs), error=str(error))
            for job in jobs:
                job.answer, job.error, job.finished = None, HallError("unavailable"), True
            return
        for job in jobs:
            job.finished = True
        for hall, seq in written:
            for listener in self.listeners:
                listener(hall, seq)

    def read(self, query: Callable[[Connection], T]) -> T:
        """Runs a query on one consistent state of the database."""
        with self.engine.connect() as connection:
            if self.sqlite:
                return self._offload_reading(_reading, connection, "BEGIN", query)  # type: ignore[no-any-return]
            return _reading(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", query)

    def write(self, work: Callable[[Connection], T]) -> T:
        """A transaction outside any hall's journal: tokens, the access log, the first layout."""
        with self.engine.connect() as connection:
            if self.sqlite:
                return self._offload(_writing, connection, "BEGIN IMMEDIATE", work)  # type: ignore[no-any-return]
            return _writing(connection, "BEGIN", work)


def _here(work: Callable[..., T], *args: Any) -> T:
    return work(*args)


def _writing(connection: Connection, begin: str, work: Callable[[Connection], T]) -> T:
    connection.exec_driver_sql(begin)
    try:
        result = work(connection)
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return result


def _reading(connection: Connection, begin: str, query: Callable[[Connection], T]) -> T:
    connection.exec_driver_sql(begin)
    try:
        return query(connection)
    finally:
        connection.exec_driver_sql("ROLLBACK")


_HALL = select(
    halls.c.id,
    halls.c.epoch,
    halls.c.seq,
    halls.c.head,
    halls.c.day,
    halls.c.at,
    halls.c.layout_version,
).where(halls.c.id == bindparam("hall"))
_HALL_LOCKED = _HALL.with_for_update()
_ANSWERED = select(requests.c.digest, requests.c.answer).where(
    requests.c.hall_id == bindparam("hall"),
    requests.c.actor == bindparam("actor"),
    requests.c.request_id == bindparam("request_id"),
)
_KEEP_HALL = (
    update(halls)
    .where(halls.c.id == bindparam("hall"))
    .values(
        seq=bindparam("new_seq"),
        head=bindparam("new_head"),
        day=bindparam("new_day"),
        at=bindparam("new_at"),
    )
)
_KEEP_JOURNAL = insert(journal_table)
_KEEP_REQUESTS = insert(requests)


class _Group:
    """Some commands in one transaction."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self.store = store
        self.connection = connection
        self.halls: dict[str, HallState] = {}
        self.rows: list[dict[str, Any]] = []
        self.answers: dict[tuple[str, str, str], dict[str, Any]] = {}
        # Straight to the driver: SQLAlchemy's way costs 15 µs a statement, and these are most of them.
        self._run = connection.connection.driver_connection.execute  # type: ignore[union-attr]

    def write(self, jobs: list[_Job]) -> list[tuple[str, int]]:
        """Runs the jobs and commits; returns (hall, seq) of every hall that moved on."""
        self._run("BEGIN IMMEDIATE" if self.store.sqlite else "BEGIN")
        try:
            for job in jobs:
                self._write_one(job)
            moved = self._keep()
            self._run("COMMIT")
        except BaseException:
            _roll_back(self.connection)
            raise
        return moved

    def _keep(self) -> list[tuple[str, int]]:
        if self.rows:
            self.connection.execute(_KEEP_JOURNAL, self.rows)
        if self.answers:
            self.connection.execute(_KEEP_REQUESTS, list(self.answers.values()))
        moved = {row["hall_id"] for row in self.rows}
        for key in moved:
            hall = self.halls[key]
            self.connection.execute(
                _KEEP_HALL,
                {
                    "hall": hall.id,
                    "new_seq": hall.seq,
                    "new_head": hall.head,
                    "new_day": hall.day,
                    "new_at": hall.at,
                },
            )
        return [(key, self.halls[key].seq) for key in moved]

    def _write_one(self, job: _Job) -> None:
        try:
            hall = self._hall(job.hall)
            self._start_day(hall)
            if job.request_id is not None and self._answered(job):
                return
            job.answer = self._in_savepoint(hall, job.actor, job.action, job)
        except HallError as error:
            job.error = error

    def _hall(self, key: str) -> HallState:
        if key not in self.halls:
            statement = _HALL if self.store.sqlite else _HALL_LOCKED
            row = self.connection.execute(statement, {"hall": key}).one_or_none()
            if row is None:
                raise HallError("not_found", what="hall", id=key)
            self.halls[key] = HallState(*row)
        return self.halls[key]

    def _start_day(self, hall: HallState) -> None:
        """The first command of a new business day closes the old one first, whatever becomes of the command."""
        tx = Tx(self.connection, hall, max(self.store.clock.now(), hall.at), "system")
        if self.store._is_over(tx):
            self._in_savepoint(hall, "system", lambda tx: Done(None, self.store._day_end(tx)))

    def _answered(self, job: _Job) -> bool:
        assert job.request_id is not None
        kept = self.answers.get((job.hall, job.actor, job.request_id))
        if kept is None:
            row = self.connection.execute(
                _ANSWERED, {"hall": job.hall, "actor": job.actor, "request_id": job.request_id}
            ).one_or_none()
            if row is None:
                return False
            kept = {"digest": row.digest, "answer": row.answer}
        if kept["digest"] != job.digest:
            raise HallError("request_reused", request_id=job.request_id)
        job.answer = json.loads(kept["answer"])
        return True

    def _in_savepoint(self, hall: HallState, actor: str, action: Action, job: _Job | None = None) -> Any:
        before = replace(hall)
        self._run("SAVEPOINT command")
        try:
            tx = Tx(self.connection, hall, max(self.store.clock.now(), hall.at), actor)
            done = action(tx)
            rows = journal.rows(hall, tx.now, done.events)
        except BaseException as error:
            hall.seq, hall.head, hall.day, hall.at = before.seq, before.head, before.day, before.at
            self._run("ROLLBACK TO command")
            self._run("RELEASE command")
            if isinstance(error, OperationalError | HallError) or not isinstance(error, Exception):
                raise
            log.exception("command_failed", hall=hall.id, actor=actor)
            raise HallError("internal") from error
        self._run("RELEASE command")
        self.rows += rows
        if rows and job is not None and job.request_id is not None:
            self._remember(hall, job, done.answer)
        return done.answer

    def _remember(self, hall: HallState, job: _Job, answer: Any) -> None:
        assert job.request_id is not None
        self.answers[job.hall, job.actor, job.request_id] = {
            "hall_id": job.hall,
            "actor": job.actor,
            "request_id": job.request_id,
            "day": hall.day,
            "digest": job.digest,
            "answer": json.dumps(answer, ensure_ascii=False),
        }


def _roll_back(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("ROLLBACK")
    except SQLAlchemyError:
        # SQLite has rolled back by itself when the disk is full.
        connection.invalidate()
