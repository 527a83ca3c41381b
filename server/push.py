"""The fan-out: one reader a hall follows the journal and emits its events, in order, to this process's clients."""

from typing import Any

import gevent
import structlog
from flask_socketio import SocketIO, join_room
from gevent.event import Event as Signal

from hall.events import Event, public
from server.db import Store
from server.journal import answer_since, events_since, iso, positions
from server.people import Principal
from server.phones import Phones
from server.queries import board, slip_to_print
from server.rows import Row

log = structlog.get_logger(__name__)
PAGE = 500
TICK_SECONDS = 5


class Push:
    """Emits what the journal holds; a client is told everything after the snapshot it got, and nothing twice."""

    def __init__(self, store: Store, sockets: SocketIO) -> None:
        self.store = store
        self.sockets = sockets
        self.phones = Phones(store, self._send_ticket, self._send_phone)
        self._pushed: dict[str, int] = {}
        self._epochs: dict[str, str] = {}
        self._committed: dict[str, int] = {}
        self._signals: dict[str, Signal] = {}

    def start(self, halls: dict[str, tuple[str, int]]) -> None:
        """Begins to follow each hall, {hall: (epoch, seq)}, from its present seq, and to tick."""
        for hall, (epoch, seq) in halls.items():
            self._pushed[hall], self._epochs[hall] = seq, epoch
            self._signals[hall] = Signal()
            gevent.spawn(self._follow, hall)
        gevent.spawn(self._tick)

    def committed(self, hall: str, seq: int) -> None:
        """What the database announces after a commit; the events themselves come from the journal."""
        self._committed[hall] = max(seq, self._committed.get(hall, 0))
        signal = self._signals.get(hall)
        if signal is not None:
            signal.set()

    def _follow(self, hall: str) -> None:
        signal = self._signals[hall]
        while True:
            signal.wait()
            signal.clear()
            try:
                while self._pushed[hall] < self._committed[hall]:
                    self._push_page(hall)
            except Exception:  # a reader that died would leave every screen dead
                log.exception("push_failed", hall=hall)
                gevent.sleep(1)
                signal.set()

    def _push_page(self, hall: str) -> None:
        if not self._followed(hall):
            # Who comes later begins with a snapshot or the journal itself: `welcome` reads on to what stands here.
            self._pushed[hall] = self._committed[hall]
            return
        events = self._page(hall, self._pushed[hall])
        if not events:
            return
        self._pushed[hall] = events[-1]["seq"]
        self.sockets.emit("events", [public(event) for event in events], to=f"public:{hall}")
        self.sockets.emit("events", events, to=f"staff:{hall}")
        for event in events:
            if event["type"] == "slip.requested":
                self._ask_to_print(hall, event)
            elif event["type"] == "desk.answered":
                self.sockets.emit("desk_answered", {}, to=f"device:{event['data']['device']}")
        self.phones.stir(hall, events)

    def _followed(self, hall: str) -> bool:
        """Whether any client follows the hall; every device does that waits in a room of its own."""
        rooms = self.sockets.server.manager.rooms.get("/", {})
        return f"public:{hall}" in rooms or f"staff:{hall}" in rooms or self.phones.follow(hall)

    def _page(self, hall: str, since: int) -> list[Event]:
        return self.store.read(lambda connection: events_since(connection, hall, since, PAGE))

    def _ask_to_print(self, hall: str, event: Event) -> None:
        slip = self.store.read(lambda connection: slip_to_print(connection, hall, event["data"]["slip"]))
        self.sockets.emit("print", slip, to=f"device:{event['data']['device']}")

    def ask_test(self, device: str, test: dict[str, Any]) -> None:
        """A nudge: the answer to the device's heartbeat carries the test too."""
        self.sockets.emit("test", test, to=f"device:{device}")

    def _tick(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            self._look()
            for hall in self._pushed:
                message = self._now(hall)
                self.sockets.emit("tick", message, to=f"public:{hall}")
                self.sockets.emit("tick", message, to=f"staff:{hall}")
                self.sockets.emit("tick", message, to=f"phones:{hall}")

    def _look(self) -> None:
        """An announcement of another process may be lost; the halls' own seq is not."""
        for hall, (_epoch, seq) in self.store.read(positions).items():
            self.committed(hall, seq)

    def welcome(self, sid: str, who: Principal | None, hall: str, since: int | None, epoch: str | None) -> None:
        """Sends a client the snapshot, or what it missed, then joins it to the hall's events without a gap."""
        staff = who is not None and who.staff
        seq = self._catch_up(sid, hall, since, epoch, staff)
        if seq is None:
            snapshot = self.store.read(lambda connection: board(connection, hall))
            self.sockets.emit("snapshot", snapshot, to=sid)
            seq = snapshot["seq"]
        # Between the last look at what was pushed and the joining nothing else runs (gevent).
        while seq < self._pushed[hall]:
            events = self._page(hall, seq)
            self.sockets.emit("events", _seen(events, staff), to=sid)
            seq = events[-1]["seq"]
        if who is not None:
            join_room(f"device:{who.id}")
        join_room(f"{'staff' if staff else 'public'}:{hall}")
        self.sockets.emit("tick", self._now(hall), to=sid)

    def _now(self, hall: str) -> dict[str, Any]:
        return {"epoch": self._epochs[hall], "seq": self._pushed[hall], "at": iso(self.store.clock.now())}

    def welcome_phone(self, sid: str, ticket: Row) -> None:
        """A phone hears of its own ticket alone; the room it shares carries nothing but the tick."""
        join_room(f"ticket:{ticket['id']}")
        join_room(f"phones:{ticket['hall_id']}")
        self.phones.join(sid, ticket)
        self.sockets.emit("tick", self._now(ticket["hall_id"]), to=sid)

    def _send_ticket(self, ticket: str, message: dict[str, Any]) -> None:
        self.sockets.emit("ticket", message, to=f"ticket:{ticket}")

    def _send_phone(self, sid: str, message: dict[str, Any]) -> None:
        self.sockets.emit("ticket", message, to=sid)

    def _catch_up(self, sid: str, hall: str, since: int | None, epoch: str | None, staff: bool) -> int | None:
        if since is None:
            return None
        answer = self.since(hall, since, epoch, PAGE, staff)
        if answer["answer"] == "resync" or answer["more"]:
            return None
        if answer["events"]:
            self.sockets.emit("events", answer["events"], to=sid)
        return int(answer["seq"])

    def since(self, hall: str, since: int, epoch: str | None, most: int, staff: bool) -> dict[str, Any]:
        """The journal's answer, as much of it as this client may see."""
        answer = self.store.read(lambda connection: answer_since(connection, hall, since, epoch, most))
        assert answer is not None
        return {**answer, "events": _seen(answer["events"], staff)}


def _seen(events: list[Event], staff: bool) -> list[Event]:
    return events if staff else [public(event) for event in events]
