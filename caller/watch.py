"""What is known of a window: its state, who waits and today's figures, kept true from the server in the background.

The list is asked for again after events, at most once a second, and folded meanwhile. Cut off, it stays as it
was, with its time.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from caller import session
from caller.session import JsonDict
from hall.errors import LinkDown, Refused
from hall.link import Link

LIST_EVERY_SECONDS = 1.0
LOOK_EVERY_SECONDS = 5.0
TRY_EVERY_SECONDS = 2.0


class Watch:
    """One window of one hall. `on_word` hears of the network's return ("") and of the server's refusals."""

    def __init__(self, link: Link, window: str, language: str, on_word: Callable[[str], None]) -> None:
        self.link = link
        self.window_id = window
        self.catalogue: JsonDict = link.get("catalogue", language=language)
        self.zone = ZoneInfo(self.catalogue["hall"]["time_zone"])
        self.window: JsonDict = {}
        self.waiting: list[JsonDict] = []
        self.figures: JsonDict = {}
        self.list_at: datetime | None = None
        self.cut_off = False
        self._on_word = on_word
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._version = 0
        self._clock: tuple[datetime, float] = (
            datetime.fromisoformat(self.catalogue["at"]) if "at" in self.catalogue else datetime.now(UTC),
            time.monotonic(),
        )
        self.look()
        self._follower = link.follow(self._on_board, self._on_link, self._on_message)
        self._thread = threading.Thread(target=self._keep_looking, name="caller-list", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        self._follower.stop()
        self._thread.join(1)

    @property
    def now(self) -> datetime:
        """The hall's time, as the server last told it."""
        at, heard = self._clock
        return at + timedelta(seconds=time.monotonic() - heard)

    @property
    def ticket(self) -> JsonDict | None:
        return self.window.get("ticket")

    def wake(self) -> None:
        """Look again soon."""
        self._wake.set()

    def lose(self) -> None:
        """A command got no answer."""
        self.cut_off = True
        self._wake.set()

    def settle(self, state: JsonDict | None, ticket: JsonDict | None, before: JsonDict | None) -> None:
        """What a command's answer says is so now: the window's `state`, or else only the ticket there."""
        with self._lock:
            self._version += 1
            if state is not None:
                self._put(state, before)
            else:
                held = ticket if ticket and ticket["status"] in ("called", "serving") else None
                self.window = {**self.window, "ticket": held}
            if ticket:
                self.waiting = [one for one in self.waiting if one["id"] != ticket["id"]]

    def look(self) -> None:
        """Asks for the window, who waits and today's figures. Raises LinkDown and Refused."""
        with self._lock:
            version = self._version
        windows = self.link.get("windows", tries=1)["windows"]
        mine = next((one for one in windows if one["id"] == self.window_id), None)
        if mine is None:
            raise Refused(404, "not_found", self.window_id, {})
        waiting = self._everyone_waiting()
        figures = self.link.get(f"windows/{self.window_id}/today", tries=1)
        with self._lock:
            if self.cut_off:
                self._on_word("")
            self.cut_off = False
            if version != self._version:
                self._wake.set()
                return
            self.window, self.waiting, self.figures = mine, session.longest_first(waiting), figures
            self.list_at = self.now

    def _everyone_waiting(self) -> list[JsonDict]:
        found: list[JsonDict] = []
        after: str | None = None
        while True:
            page = self.link.get("tickets", tries=1, status="waiting", window=self.window_id, limit=200, after=after)
            found += page["tickets"]
            after = page.get("after")
            if after is None:
                return found

    def _keep_looking(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(TRY_EVERY_SECONDS if self.cut_off else LOOK_EVERY_SECONDS)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                self.look()
            except LinkDown:
                self.cut_off = True
            except Refused as refusal:
                self._on_word(refusal.message)
            self._stopping.wait(LIST_EVERY_SECONDS)

    def _on_board(self, board: JsonDict, events: list[JsonDict]) -> None:
        with self._lock:
            for event in events:
                self._version += 1
                lines = {one["id"] for one in self.window.get("lines", [])}
                self.waiting = session.fold_waiting(self.waiting, lines, event)
                state = event["data"].get("window")
                if state and state["id"] == self.window_id:
                    self._put(state, event.get("ticket"))
        self._wake.set()

    def _on_link(self, up: bool) -> None:
        self._wake.set()

    def _on_message(self, name: str, data: Any) -> None:
        if name == "tick":
            self._clock = (datetime.fromisoformat(data["at"]), time.monotonic())

    def _put(self, state: JsonDict, whole: JsonDict | None) -> None:
        """The window's state; what it leaves out of its ticket is kept from `whole` or from before."""
        held = state["ticket"]
        for known in (whole, self.window.get("ticket")):
            if held and known and known["id"] == held["id"]:
                held = {**known, **held}
                break
        self.window = {**self.window, **state, "ticket": held}
