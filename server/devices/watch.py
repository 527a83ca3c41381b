"""Watches over who is connected: keeps what devices say, and cuts who was shut out or is signed in no longer."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import gevent
import structlog
from flask_socketio import SocketIO
from sqlalchemy import Connection, select

from server.auth import Gate
from server.db import Store
from server.devices.heartbeats import Heartbeats
from server.devices.states import Moment
from server.limits import Limit
from server.sign_in.sessions import living
from server.tables.people import tokens

log = structlog.get_logger(__name__)
CUT_SECONDS = 1.0
SESSION = "session:"
"""Begins the name of the room of the sockets of one session."""


class Watch:
    def __init__(self, store: Store, gate: Gate, sockets: SocketIO, always_open: bool) -> None:
        self.store = store
        self.gate = gate
        self.sockets = sockets
        self.always_open = always_open
        self.heartbeats = Heartbeats(store)
        self.tries = Limit(60)
        """Codes tried, by address and minute."""
        self._revoked = store.read(_revoked)

    def start(self) -> None:
        gevent.spawn(self.heartbeats.keep_writing)
        gevent.spawn(self._keep_cutting)

    def moment(self) -> Moment:
        return Moment(self.store.clock, self.store.clock.now(), self.always_open, self.heartbeats.began)

    def cut_revoked(self) -> None:
        """Closes the sockets of tokens revoked since the last time, by whichever process."""
        now = self.store.read(_revoked)
        new, self._revoked = now - self._revoked, now
        if new:
            self.gate.forget()
        self._cut(f"device:{token}" for token in new)

    def ended_rooms(self) -> set[str]:
        """The rooms of sockets whose session has ended: signed out, idle, over, shut out."""
        open_still = {room for room in list(self._rooms()) if room and room.startswith(SESSION)}
        if not open_still:
            return set()
        keys, now = [room.removeprefix(SESSION) for room in open_still], self.store.clock.now()
        kept = self.store.read(lambda connection: living(connection, keys, now))
        return open_still - {f"{SESSION}{key}" for key in kept}

    def _rooms(self) -> dict[str | None, Any]:
        return self.sockets.server.manager.rooms.get("/", {})  # type: ignore[no-any-return]

    def _cut(self, rooms: Iterable[str]) -> None:
        for sid in [sid for room in rooms for sid in self._rooms().get(room, ())]:
            gevent.spawn(partial(self.sockets.server.disconnect, sid))

    def _keep_cutting(self) -> None:
        while True:
            gevent.sleep(CUT_SECONDS)
            try:
                self.cut_revoked()
                self._cut(self.ended_rooms())
            except Exception:  # a database that is away comes back
                log.exception("cut_failed")


def _revoked(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(tokens.c.id).where(tokens.c.revoked_at.is_not(None))).scalars())
