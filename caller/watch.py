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
from caller.meant import JsonDict
from hall.errors import LinkDown, Refused
from hall.link import Link

LIST_EVERY_SECONDS = 1.0
LOOK_EVERY_SECONDS = 5.0
TRY_EVERY_SECONDS = 2.0
CATALOGUE_EVERY_SECONDS = 300.0
"""A pad runs for months: lines and rules change meanwhile."""

LIVE = ("waiting", "called", "serving", "held")


class Watch:
    """One window of one hall. `on_word` hears of the network's return ("") and of the server's refusals."""

    def __init__(self, link: Link, window: str, language: str, on_word: Callable[[str], None]) -> None:
        self.link = link
        self.window_id = window
        self._language = language
        self.catalogue: JsonDict = link.get("catalogue", language=language)
        self._catalogue_at = time.monotonic()
        self.zone = ZoneInfo(self.catalogue["hall"]["time_zone"])
        self.window: JsonDict = {}
        self.windows: list[JsonDict] = []
        self.waiting: list[JsonDict] = []
        self.held: list[JsonDict] = []
        self.linked: list[JsonDict] = []
        """The other live tickets of the person who is here."""
        self.waiting_in: dict[str, int] = {one["id"]: one["waiting"] for one in self.catalogue["lines"]}
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
                here = ticket if ticket and ticket["status"] in ("called", "serving") else None
                if here is None and ticket and before and ticket["id"] != before["id"]:
                    here = before  # a waiting one was sent on
                self.window = {**self.window, "ticket": here}
            if ticket:
                self._put_in_lists(ticket)

    def _put_in_lists(self, ticket: JsonDict) -> None:
        if ticket["status"] != "waiting":
            self.waiting = [one for one in self.waiting if one["id"] != ticket["id"]]
        held = [one for one in self.held if one["id"] != ticket["id"]]
        self.held = [*held, ticket] if ticket["status"] == "held" else held
        self.linked = [one for one in self.linked if one["id"] != ticket["id"]]

    def look(self) -> None:
        """Asks for the window, who waits and today's figures. Raises LinkDown and Refused."""
        with self._lock:
            version = self._version
        if time.monotonic() - self._catalogue_at > CATALOGUE_EVERY_SECONDS:
            self.catalogue = self.link.get("catalogue", tries=1, language=self._language)
            self._catalogue_at = time.monotonic()
        windows = self.link.get("windows", tries=1)["windows"]
        mine = next((one for one in windows if one["id"] == self.window_id), None)
        if mine is None:
            raise Refused(404, "not_found", self.window_id, {})
        mine["ticket"] = here = self._whole(mine["ticket"])
        waiting = self._every(status="waiting", window=self.window_id)
        held = self._every(status="held", window=self.window_id)
        visit = self._every(visit=here["visit_id"]) if here and here.get("visit_id") else []
        figures = self.link.get(f"windows/{self.window_id}/today", tries=1)
        with self._lock:
            if self.cut_off:
                self._on_word("")
            self.cut_off = False
            if version != self._version:
                self._wake.set()
                return
            self.windows, self.window, self.figures = windows, mine, figures
            self.waiting, self.held = session.longest_first(waiting), session.longest_first(held)
            self.linked = [one for one in visit if here and one["id"] != here["id"] and one["status"] in LIVE]
            self.list_at = self.now

    def _whole(self, ticket: JsonDict | None) -> JsonDict | None:
        """The ticket with the words for staff alone, which the list of windows leaves out."""
        if ticket is None:
            return None
        known = self.ticket
        if known is None or known["id"] != ticket["id"] or "note" not in known:
            known = self.link.get(f"windows/{self.window_id}", tries=1)["window"]["ticket"] or {}
        return {**ticket, "note": known.get("note"), "case_number": known.get("case_number")}

    def _every(self, **wanted: str) -> list[JsonDict]:
        found: list[JsonDict] = []
        after: str | None = None
        while True:
            page = self.link.get("tickets", tries=1, limit=200, after=after, **wanted)
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
            self.waiting_in = board["waiting"]
            for event in events:
                self._version += 1
                lines = {one["id"] for one in self.window.get("lines", [])}
                self.waiting = session.fold_waiting(self.waiting, lines, event, self.window_id)
                if (ticket := event.get("ticket")) and ticket["status"] != "held":
                    self.held = [one for one in self.held if one["id"] != ticket["id"]]
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
        """The window's state; what it leaves out of its ticket is kept from `whole` or before, as are staff's words."""
        here, before = state["ticket"], self.window.get("ticket")
        if here:
            known, before = (one if one and one["id"] == here["id"] else None for one in (whole, before))
            said = {"note": before["note"]} if before and "note" in before else {}
            here = {**said, **(known or before or {}), **here}
        self.window = {**self.window, **state, "ticket": here}
