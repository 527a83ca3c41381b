"""What devices say of themselves: taken at once, written together a second later, in no hall's lock or journal."""

from datetime import datetime, timedelta
from typing import Any

import gevent
import structlog
from sqlalchemy import Connection, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from server.db import Store
from server.journal import iso
from server.people import Principal
from server.tables.devices import device_tests, devices
from server.tables.layout import halls

log = structlog.get_logger(__name__)
WRITE_SECONDS = 1.0
TEST_SECONDS = 60
"""A test that its device has not begun by then is not done any more: who asked for it has gone on."""
_KEPT = ("version", "conditions", "drift_seconds", "seq", "behind", "last_error", "last_error_at", "can", "seen_at")

Beat = dict[str, Any]


class Heartbeats:
    """One process's. `began`: since when it could have heard; silence before that says nothing of a device."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.began = store.clock.now()
        self._waiting: dict[tuple[str, str], Beat] = {}

    def take(self, who: Principal, beat: Beat) -> dict[str, Any]:
        """Keeps a heartbeat; answers with the server's time and the tests that wait for this device."""
        now = self.store.clock.now()
        fresh = now - timedelta(seconds=TEST_SECONDS) * self.store.clock.speed
        seq, epoch, tests = self.store.read(lambda connection: _standing(connection, who, fresh))
        drift = beat["drift_seconds"]
        self._waiting[who.hall, who.id] = {
            "hall_id": who.hall,
            "id": who.id,
            "seen_at": now,
            "version": beat["version"],
            "conditions": beat["conditions"],
            "drift_seconds": (beat["at"] - now).total_seconds() if drift is None else drift,
            "seq": beat["seq"],
            "behind": None if beat["seq"] is None else seq - beat["seq"] if beat["epoch"] == epoch else seq,
            "last_error": beat["last_error"] and beat["last_error"]["text"],
            "last_error_at": beat["last_error"] and beat["last_error"]["at"],
            "can": beat["can"],
        }
        return {"at": iso(now), "tests": tests}

    def write(self) -> None:
        """What came since the last time, in one transaction; a device is one row."""
        waiting, self._waiting = list(self._waiting.values()), {}
        if waiting:
            self.store.write(lambda connection: _write(connection, waiting))

    def keep_writing(self) -> None:
        """Forever, in a greenlet of its own."""
        while True:
            gevent.sleep(WRITE_SECONDS)
            try:
                self.write()
            except Exception:  # a full disk must not end it: each device says the same again soon
                log.exception("heartbeats_lost")


def _standing(connection: Connection, who: Principal, fresh: datetime) -> tuple[int, str, list[dict[str, str]]]:
    """The hall's seq and epoch, and the tests this device has not answered."""
    hall = connection.execute(select(halls.c.seq, halls.c.epoch).where(halls.c.id == who.hall)).one()
    tests = connection.execute(
        select(device_tests.c.id, device_tests.c.what).where(
            device_tests.c.hall_id == who.hall,
            device_tests.c.device == who.id,
            device_tests.c.ended_at.is_(None),
            device_tests.c.asked_at > fresh,
        )
    )
    return hall.seq, hall.epoch, [{"id": row.id, "what": row.what} for row in tests]


def _write(connection: Connection, beats: list[Beat]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    written = dialect.insert(devices)
    new = written.excluded
    since = case((func.coalesce(new.behind, 0) > 0, func.coalesce(devices.c.behind_at, new.seen_at)), else_=None)
    changed = {name: new[name] for name in _KEPT} | {"behind_at": since}
    connection.execute(written.on_conflict_do_update(index_elements=["hall_id", "id"], set_=changed), beats)
