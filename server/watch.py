"""Watches over the devices of one process: keeps what they say, and cuts who was shut out."""

from functools import partial

import gevent
import structlog
from flask_socketio import SocketIO
from sqlalchemy import Connection, select

from server.auth import Gate
from server.db import Store
from server.devices import Moment
from server.heartbeats import Heartbeats
from server.limits import Limit
from server.tables import tokens

log = structlog.get_logger(__name__)
CUT_SECONDS = 1.0


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
        rooms = self.sockets.server.manager.rooms.get("/", {})
        for sid in [sid for token in new for sid in rooms.get(f"device:{token}", ())]:
            gevent.spawn(partial(self.sockets.server.disconnect, sid))

    def _keep_cutting(self) -> None:
        while True:
            gevent.sleep(CUT_SECONDS)
            try:
                self.cut_revoked()
            except Exception:  # a database that is away comes back
                log.exception("cut_failed")


def _revoked(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(tokens.c.id).where(tokens.c.revoked_at.is_not(None))).scalars())
