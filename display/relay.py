"""The hall's board for the pages of this display client: the server's contract on a Socket.IO of our own.

Honest about staleness: a page hears `tick` only when one came from the server, and `upstream {up, since}` tells it
when the line home is cut although the page's own line to us stands.
"""

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hall.board import Board
from hall.events import Event

REMEMBERED = 2000
"""Events kept for pages that ask what they missed; a page further behind takes a snapshot."""

Emit = Callable[[str, Any, str | None], None]
"""(message, data, page or None for all)"""


class Relay:
    def __init__(self, emit: Emit) -> None:
        self.board: Board | None = None
        self.up = False
        self.heard_at: str | None = None
        """When the server last said anything, by this machine's clock."""
        self._emit = emit
        self._events: deque[Event] = deque(maxlen=REMEMBERED)
        self._tick: dict[str, Any] | None = None
        self._lock = threading.RLock()

    def take_board(self, board: Board, events: list[Event]) -> None:
        """As `Link.follow` reports it: without events it is a new snapshot."""
        with self._lock:
            self.heard_at = _now()
            self.board = board
            if events:
                self._events.extend(events)
                self._emit("events", events, None)
            else:
                self._events.clear()
                self._emit("snapshot", board, None)

    def take_link(self, up: bool) -> None:
        with self._lock:
            self.up = up
            self.heard_at = _now() if up else self.heard_at
            self._emit("upstream", self._upstream(), None)

    def take_tick(self, tick: dict[str, Any]) -> None:
        """Passed on with our own seq; not while we are behind the server, so a page's board is never called fresh."""
        with self._lock:
            self.heard_at = _now()
            if self.board and tick["epoch"] == self.board["epoch"] and tick["seq"] <= self.board["seq"]:
                self._tick = {**tick, "seq": self.board["seq"]}
                self._emit("tick", self._tick, None)

    def welcome(self, page: str, since: Any, epoch: Any) -> None:
        """What a page that has just connected needs to know, in this order."""
        with self._lock:
            self._emit("upstream", self._upstream(), page)
            if self.board is None:
                return
            missed = self._after(since) if epoch == self.board["epoch"] else None
            if missed is None:
                self._emit("snapshot", self.board, page)
            elif missed:
                self._emit("events", missed, page)

    def since(self, seq: Any) -> dict[str, Any]:
        """The journal's answer, from what we remember of it."""
        with self._lock:
            if self.board is None:
                return {"answer": "resync", "epoch": None, "seq": 0, "events": [], "more": False}
            missed = self._after(seq)
            answer = "resync" if missed is None else "events" if missed else "up_to_date"
            where = {"epoch": self.board["epoch"], "seq": self.board["seq"]}
            return {"answer": answer, **where, "events": missed or [], "more": False}

    def silent_seconds(self) -> int:
        """Since the server last said anything; it ticks every 5 s."""
        heard = self.heard_at
        return 0 if heard is None else int((datetime.now(UTC) - datetime.fromisoformat(heard)).total_seconds())

    def _after(self, seq: Any) -> list[Event] | None:
        """Every event after `seq`; None when we do not have them all."""
        assert self.board is not None
        if not isinstance(seq, int) or seq > self.board["seq"]:
            return None
        missed = [event for event in self._events if event["seq"] > seq]
        return missed if len(missed) == self.board["seq"] - seq else None

    def _upstream(self) -> dict[str, Any]:
        return {"up": self.up, "since": self.heard_at}


def _now() -> str:
    return datetime.now(UTC).isoformat()
