"""What a kiosk holds for an outage: numbers of its own, the lines' hours, and the server's time as last heard."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from hall.devices.kiosk import Offline
from kiosk.store import Store

KEEP_CONTACT_SECONDS = 30.0
"""So far back at most does the contact on the disk lie while the server answers."""
ASK_SECONDS = 60.0
"""So often the bands are compared with the server's, though nothing was used."""

Why = Literal["no_band", "expired", "not_yet", "over", "not_offline", "used_up", "suspended"]


@dataclass(frozen=True, slots=True)
class Contact:
    """The server as heard last. Moments in seconds since 1970, `at` by the server's clock."""

    at: float = 0.0
    offset: float = 0.0
    """The server's clock less this kiosk's."""
    epoch: str = ""
    day: str = ""
    ends_at: float = 0.0
    lines: dict[str, Any] = field(default_factory=dict)
    """{line: {prefix, hours: [[start, end]]}} of those that can be given without the server."""


@dataclass(frozen=True, slots=True)
class Number:
    day: str
    prefix: str
    ordinal: int


class UsedUp(Exception):
    """Somebody else had the last number in the same moment."""


class Band:
    """Safe to use from several threads. Every change is on the disk when its call returns."""

    def __init__(self, store: Store, settings: Offline, now: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        kept = store.read("SELECT body FROM contact")
        self.contact = Contact(**json.loads(kept[0][0])) if kept else Contact()
        self._kept_at = self.contact.at
        self._asked_at: float | None = None

    def heard(self, at: float, offset: float) -> None:
        """The server answered: its clock said `at`."""
        with self._lock:
            self.contact = replace(self.contact, at=at, offset=offset)
        if not 0 <= at - self._kept_at < KEEP_CONTACT_SECONDS:
            self.keep_contact()

    def keep_contact(self) -> None:
        with self._lock, self._store.writing() as rows:
            self._keep(rows)

    def _keep(self, rows: sqlite3.Connection) -> None:
        rows.execute("INSERT OR REPLACE INTO contact VALUES (1, ?)", (json.dumps(asdict(self.contact)),))
        self._kept_at = self.contact.at

    def server_now(self) -> float:
        """The server's time by this kiosk's clock; never before it was last heard."""
        return max(self._now() + self.contact.offset, self.contact.at)

    def is_to_be_compared(self, day: str) -> bool:
        """Whether it is time to ask the server for the bands of a day."""
        new_day = self.contact.day != day
        long_ago = self._asked_at is None or not 0 <= self._now() - self._asked_at < ASK_SECONDS
        return new_day or long_ago or self._may_be_topped_up() or bool(self.to_give_back())

    def _may_be_topped_up(self) -> bool:
        return any(left * 2 < self.settings.numbers for left in self.left().values())

    def to_give_back(self) -> list[dict[str, Any]]:
        """What of this day's bands was given up here and is to be told the server."""
        wanted = "SELECT prefix, first, next FROM bands WHERE day = ? AND returned AND next <= last"
        rows = self._store.read(wanted, self.contact.day)
        return [dict(zip(("prefix", "first", "next"), row, strict=True)) for row in rows]

    def take(self, answer: dict[str, Any]) -> None:
        """The server's answer replaces what was known; numbers given here since stay given.

        What is to be given back is given up here first: if the telling is lost, the numbers are merely not used.
        """
        with self._lock, self._store.writing() as rows:
            known = {row[:3]: row[3:] for row in rows.execute("SELECT day, prefix, first, next, returned FROM bands")}
            rows.execute("DELETE FROM bands")
            for one in answer["bands"]:
                following, returned = known.get((answer["day"], one["prefix"], one["first"]), (one["next"], 0))
                values = (one["last"], max(following, one["next"]), int(returned or one["back"]))
                rows.execute(
                    "INSERT INTO bands VALUES (?, ?, ?, ?, ?, ?)", (answer["day"], one["prefix"], one["first"], *values)
                )
            lines = {one["id"]: {"prefix": one["prefix"], "hours": one["hours"]} for one in answer["lines"]}
            told = {key: answer[key] for key in ("epoch", "day", "ends_at")}
            self.contact = replace(self.contact, **told, lines=lines)
            self._keep(rows)
        self._asked_at = self._now()

    def put_off(self) -> None:
        """The server could not be asked: not again before the usual time."""
        self._asked_at = self._now()

    def left(self) -> dict[str, int]:
        """{prefix: numbers left} of the lines that can be given without the server."""
        wanted = "SELECT prefix, SUM(last + 1 - next) FROM bands WHERE day = ? AND NOT returned GROUP BY prefix"
        found = dict(self._store.read(wanted, self.contact.day))
        return {line["prefix"]: found.get(line["prefix"], 0) for line in self.contact.lines.values()}

    @property
    def is_over(self) -> bool:
        """Whether it is too long since the server was heard, or another day."""
        now = self.server_now()
        return now >= self.contact.ends_at or now > self.contact.at + self.settings.hours * 3600

    def why_not(self, line: str) -> Why | None:
        """Why no number of the line is given without the server; None when one is."""
        if not self.settings.numbers or not self.contact.lines:
            return "no_band"
        if self.is_over:
            return "expired"
        known = self.contact.lines.get(line)
        if known is None:
            return "not_offline"
        now = self.server_now()
        if not any(start <= now < end for start, end in known["hours"]):
            return "not_yet" if any(now < start for start, _ in known["hours"]) else "over"
        return None if self.left()[known["prefix"]] > 0 else "used_up"

    def opens_at(self, line: str) -> float | None:
        """When the line gives numbers next today."""
        hours = self.contact.lines.get(line, {}).get("hours", [])
        return min((start for start, _ in hours if start > self.server_now()), default=None)

    def next_number(self, rows: sqlite3.Connection, line: str) -> Number:
        """Takes the next number of a line, in a writing of the store. Raises UsedUp."""
        day, known = self.contact.day, self.contact.lines.get(line, {"prefix": ""})
        found = rows.execute(
            "SELECT first, next FROM bands WHERE day = ? AND prefix = ? AND NOT returned AND next <= last"
            " ORDER BY first LIMIT 1",
            (day, known["prefix"]),
        ).fetchone()
        if found is None:
            raise UsedUp
        first, ordinal = found
        rows.execute(
            "UPDATE bands SET next = ? WHERE day = ? AND prefix = ? AND first = ?",
            (ordinal + 1, day, known["prefix"], first),
        )
        return Number(day, known["prefix"], ordinal)
