"""The way to the database: the engine, the hall's turn that groups commands, and consistent reads."""

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson
import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from hall.errors import HallError
from server.clock import Clock
from server.command import Action, Days, Offload
from server.group import Group, Job, roll_back

log = structlog.get_logger(__name__)
T = TypeVar("T")
_LOOKS, _LOOK_SECONDS = 5, 0.001
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=20000",
    "cache_size=-65536",
    "secure_delete=ON",  # what is deleted is overwritten: the key of a day that is over
)


def open_engine(url: str) -> Engine:
    """An engine whose transactions we begin and end ourselves (BEGIN IMMEDIATE is not in the DBAPI)."""
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            json_deserializer=orjson.loads,
            pool_size=20,
            max_overflow=20,
            pool_pre_ping=True,
        )
    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        json_deserializer=orjson.loads,
        hide_parameters=True,  # an error of the database goes to the log, and never with what a person told us
        poolclass=QueuePool,
        pool_use_lifo=True,  # each commit empties the page caches of the other connections
        connect_args={"check_same_thread": False, "timeout": 20},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


class _Lane:
    """The commands that share one transaction after another: all of a SQLite database, or one hall's.

    Whoever comes to an idle lane leads the next group; the others wait to be woken with their answer, or to lead in
    their turn. (Waiting for one lock instead, the answered stood in line behind groups that came after them.)
    """

    def __init__(self) -> None:
        self.turn = threading.Lock()  # of the one transaction there may be
        self._door = threading.Lock()
        self._queue: deque[Job] = deque()
        self._led = False
        self._company = False

    def join(self, job: Job) -> None:
        """Queues a job; returns when it is finished or is to lead the next group."""
        with self._door:
            self._queue.append(job)
            waits, self._led = self._led, True
        if waits:
            job.woken.wait()

    def gather(self) -> None:
        """Where several callers are at it, waits while more keep coming, a few milliseconds at most.

        What a group costs of itself (BEGIN, COMMIT, two changes of thread, the push) is then shared by more.
        """
        come = 0 if self._company else 1
        for _ in range(_LOOKS):
            if len(self._queue) <= come:
                return
            come = len(self._queue)
            time.sleep(_LOOK_SECONDS)

    def take(self) -> list[Job]:
        taken = [self._queue.popleft() for _ in range(len(self._queue))]
        self._company = len(taken) > 1
        return taken

    def leave(self) -> None:
        """The group is over: the first who came meanwhile leads the next."""
        with self._door:
            self._led = bool(self._queue)
            if self._led:
                self._queue[0].woken.set()


class Store:
    """The database of one process.

    Callers queue their commands and take turns: whoever has the turn writes all that is queued as one group, a
    savepoint each and one commit. `offload` runs a group away from a gevent loop (a pool of one thread on SQLite).
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        days: Days,
        offload: Offload | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.sqlite = engine.dialect.name == "sqlite"
        self.listeners: list[Callable[[str, int], None]] = []
        self._days = days
        self._offload = offload or _here
        self._lanes: dict[str, _Lane] = {}

    def in_hall(
        self, hall: str, actor: str, request_id: str | None, action: Action, call: str = "", body: Any = None
    ) -> Any:
        """Runs one command in the hall's lock and returns its answer once it is durable.

        Raises HallError: what the action refuses; `request_reused` for a known request_id with another body; `bad_body`
        for one that no database takes (a number beyond 64 bits);
        `not_found` for an unknown hall; `unavailable` when the database did not take the commit.
        """
        try:
            said = orjson.dumps([call, body], option=orjson.OPT_SORT_KEYS, default=str)
        except orjson.JSONEncodeError as error:
            raise HallError("bad_body", field="body", expected=str(error)) from None
        digest = hashlib.sha256(said).hexdigest()
        job = Job(hall, actor, request_id, digest, action)
        lane = self._lanes.setdefault("" if self.sqlite else hall, _Lane())
        lane.join(job)
        if not job.finished:
            try:
                self._run_group(lane)
            finally:
                lane.leave()
        if job.error is not None:
            raise job.error
        return job.answer

    def _run_group(self, lane: "_Lane") -> None:
        lane.gather()
        jobs: list[Job] = []
        try:
            with lane.turn, self.engine.connect() as connection:
                group = Group(connection, self.clock, self._days, self._offload)
                group.begin()
                jobs = lane.take()  # only now: who came while the transaction began shares its commit
                written = group.write(jobs)
        except Exception as error:  # whatever broke the group, everyone who shared it must hear of it
            jobs = jobs or lane.take()
            log.error("commit_failed", commands=len(jobs), error=str(error))
            for job in jobs:
                job.finish(None, HallError("unavailable"))
            return
        for job in jobs:
            job.finish(job.answer, job.error)
        for hall, seq in written:
            for listener in self.listeners:
                listener(hall, seq)

    def read(self, query: Callable[[Connection], T]) -> T:
        """Runs a query on one consistent state of the database."""
        with self.engine.connect() as connection:
            begin = "BEGIN" if self.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
            connection.exec_driver_sql(begin)
            try:
                return query(connection)
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def forget_deleted(self) -> bool:
        """Takes what was deleted out of the database's files; False while a reader is in the way.

        SQLite's log holds pages as they were before the deletion until it is emptied; PostgreSQL's table of keys is
        written anew. What is left in PostgreSQL's own log and in backups is for its operator to let expire.
        """
        with self._lanes.setdefault("", _Lane()).turn, self.engine.connect() as connection:
            return bool(self._offload(_empty_log if self.sqlite else _rewrite_keys, connection))

    def write(self, work: Callable[[Connection], T]) -> T:
        """A transaction outside any hall's journal: tokens, the access log, the first layout."""
        if not self.sqlite:
            with self.engine.connect() as connection:
                return _writing(connection, "BEGIN", work)
        # In its turn: waiting for SQLite's lock in the writer's thread it would keep a group from its COMMIT there.
        with self._lanes.setdefault("", _Lane()).turn, self.engine.connect() as connection:
            return self._offload(_writing, connection, "BEGIN IMMEDIATE", work)  # type: ignore[no-any-return]


def _here(work: Callable[..., T], *args: Any) -> T:
    return work(*args)


def _empty_log(connection: Connection) -> bool:
    connection.exec_driver_sql("PRAGMA busy_timeout=0")  # not now means later: nobody waits for it
    try:
        return bool(connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0)
    except OperationalError:
        return False
    finally:
        connection.exec_driver_sql("PRAGMA busy_timeout=20000")


def _rewrite_keys(connection: Connection) -> bool:
    connection.exec_driver_sql("VACUUM FULL day_keys")
    return True


def _writing(connection: Connection, begin: str, work: Callable[[Connection], T]) -> T:
    connection.exec_driver_sql(begin)
    try:
        result = work(connection)
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        roll_back(connection)
        raise
    return result
