"""What the kiosk must not forget when the power goes: touches answered and slips to print."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]
State = Literal["printing", "sending", "printed", "failed"]
"""printing: waits for its turn · sending: its bytes are on the way · printed, failed: the end."""

TABLES = """
CREATE TABLE IF NOT EXISTS touches (
    id TEXT PRIMARY KEY, asked TEXT NOT NULL, ticket TEXT NOT NULL, slip TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS slips (
    id TEXT PRIMARY KEY, ticket TEXT NOT NULL, language TEXT NOT NULL, reprint INTEGER NOT NULL,
    asked_at REAL NOT NULL, state TEXT NOT NULL, reason TEXT, reported INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cancelled (ticket TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS catalogues (language TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bands (
    day TEXT NOT NULL, prefix TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, next INTEGER NOT NULL,
    returned INTEGER NOT NULL, PRIMARY KEY (day, prefix, first));
CREATE TABLE IF NOT EXISTS contact (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS given (
    place INTEGER PRIMARY KEY AUTOINCREMENT, ticket TEXT UNIQUE NOT NULL, slip TEXT UNIQUE NOT NULL,
    body TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL);
"""
KEEP_SECONDS = 2 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip asked for here. `asked_at`: seconds since 1970. `reported`: whether the server knows its end."""

    id: str
    ticket: Json
    language: str
    reprint: bool
    asked_at: float
    state: State = "printing"
    reason: str | None = None
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    asked: Json
    ticket: Json
    slip: str


class Store:
    """One SQLite file, safe to use from several threads. Every write is on the disk when its call returns."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.is_new = not path.exists()
        self._now = now
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(path, check_same_thread=False)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=FULL")
        self._rows.executescript(TABLES)
        self._forget_old()

    def close(self) -> None:
        with self._lock:
            self._rows.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Everything done in it is on the disk at its end, or nothing of it."""
        with self._lock, self._rows:
            yield self._rows

    def read(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._rows.execute(query, values).fetchall()

    def touch(self, touch_id: str) -> Touch | None:
        row = self._one("SELECT asked, ticket, slip FROM touches WHERE id = ?", touch_id)
        return Touch(json.loads(row[0]), json.loads(row[1]), row[2]) if row else None

    def keep_touch(self, touch_id: str, asked: Json, slip: Slip) -> None:
        """The touch's answer and its slip, both or neither."""
        with self.writing() as rows:
            insert_touch(rows, touch_id, asked, slip)

    def ticket(self, ticket_id: str) -> Json | None:
        """A ticket that was given out here."""
        row = self._one("SELECT ticket FROM slips WHERE json_extract(ticket, '$.id') = ? LIMIT 1", ticket_id)
        found: Json | None = json.loads(row[0]) if row else None
        return found

    def keep_cancelled(self, ticket_id: str) -> None:
        """A ticket that the hall gave and nobody saw here: it is never given out any more."""
        self._write("INSERT OR REPLACE INTO cancelled VALUES (?, ?)", ticket_id, self._now())

    def is_cancelled(self, ticket_id: str) -> bool:
        return self._one("SELECT 1 FROM cancelled WHERE ticket = ?", ticket_id) is not None

    def keep_slip(self, slip: Slip) -> None:
        """A slip asked for twice stands here once."""
        with self.writing() as rows:
            _insert(rows, slip)

    def slip(self, slip_id: str) -> Slip | None:
        return next(iter(self._slips("WHERE id = ?", slip_id)), None)

    def next_slip(self) -> Slip | None:
        return next(iter(self._slips("WHERE state = 'printing' ORDER BY asked_at, rowid LIMIT 1")), None)

    def unreported(self) -> list[Slip]:
        return self._slips("WHERE reported = 0 AND state IN ('printed', 'failed') ORDER BY asked_at LIMIT 50")

    def move(self, slip_id: str, state: State, reason: str | None = None) -> None:
        self._write("UPDATE slips SET state = ?, reason = ? WHERE id = ?", state, reason, slip_id)

    def mark_reported(self, slip_id: str) -> None:
        self._write("UPDATE slips SET reported = 1 WHERE id = ?", slip_id)

    def fail_interrupted(self) -> None:
        """What was on its way to the printer when the kiosk stopped may lie there: never sent again."""
        self._write("UPDATE slips SET state = 'failed', reason = 'interrupted' WHERE state = 'sending'")

    def catalogue(self, language: str) -> Json | None:
        row = self._one("SELECT body FROM catalogues WHERE language = ?", language)
        body: Json | None = json.loads(row[0]) if row else None
        return body

    def keep_catalogue(self, language: str, body: Json) -> None:
        self._write("INSERT OR REPLACE INTO catalogues VALUES (?, ?)", language, json.dumps(body))

    def _slips(self, where: str, *values: Any) -> list[Slip]:
        rows = self.read(f"SELECT * FROM slips {where}", *values)
        return [
            Slip(row[0], json.loads(row[1]), row[2], bool(row[3]), row[4], row[5], row[6], bool(row[7])) for row in rows
        ]

    def _one(self, query: str, *values: Any) -> Any:
        with self._lock:
            return self._rows.execute(query, values).fetchone()

    def _write(self, query: str, *values: Any) -> None:
        with self.writing() as rows:
            rows.execute(query, values)

    def _forget_old(self) -> None:
        before = self._now() - KEEP_SECONDS
        self._write("DELETE FROM touches WHERE at < ?", before)
        self._write("DELETE FROM slips WHERE asked_at < ?", before)
        self._write("DELETE FROM cancelled WHERE at < ?", before)
        self._write("DELETE FROM given WHERE at < ? AND state = 'handed'", before)


def insert_touch(rows: sqlite3.Connection, touch_id: str, asked: Json, slip: Slip) -> None:
    rows.execute(
        "INSERT INTO touches VALUES (?, ?, ?, ?, ?)",
        (touch_id, json.dumps(asked), json.dumps(slip.ticket), slip.id, slip.asked_at),
    )
    _insert(rows, slip)


def _insert(rows: sqlite3.Connection, slip: Slip) -> None:
    rows.execute(
        "INSERT OR IGNORE INTO slips VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            slip.id,
            json.dumps(slip.ticket),
            slip.language,
            slip.reprint,
            slip.asked_at,
            slip.state,
            slip.reason,
            slip.reported,
        ),
    )
