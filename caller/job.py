"""A clerk's window in a terminal: keys in, commands to the server, what is known about the window out.

`Desk` holds the state and carries out what `session` says a key means; `screen` draws it, `cli` runs it.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from caller import session
from caller.session import Ask, JsonDict, Meaning, NextGuard, Say, Send, Step, View, send
from hall.errors import LinkDown, Refused
from hall.link import Link

KEYS = {
    "n": "next",
    " ": "next",
    "r": "recall",
    "a": "arrived",
    "f": "finish",
    "m": "missed",
    "p": "pause",
    "o": "open",
    "x": "close",
    "c": "call",
}
LIST_EVERY_SECONDS = 1.0
LOOK_EVERY_SECONDS = 5.0
TRY_EVERY_SECONDS = 2.0
SHOWN_SECONDS = 6.0

DONE = {
    "recall": "caller.done_recalled",
    "start": "caller.done_started",
    "complete": "caller.done_completed",
    "no-show": "caller.done_missed",
    "open": "caller.done_opened",
}


@dataclass(frozen=True)
class Told:
    """A calm word of ours (`message`) or the server's own words (`text`)."""

    message: str = ""
    values: JsonDict = field(default_factory=dict)
    text: str = ""


class Desk:
    """One window of one clerk. Keys come from one thread; events and lists from the background."""

    def __init__(self, link: Link, window: str, language: str, me: str | None = None) -> None:
        self.link = link
        self.window_id = window
        self.language = language
        self.me = me
        self.catalogue: JsonDict = link.get("catalogue", language=language)
        self.zone = ZoneInfo(self.catalogue["hall"]["time_zone"])
        self.window: JsonDict = {}
        self.waiting: list[JsonDict] = []
        self.figures: JsonDict = {}
        self.list_at: datetime | None = None
        self.cut_off = False
        self.question: Ask | None = None
        self.typed = ""
        self.busy: str | None = None
        self._told: tuple[Told, float] | None = None
        self._guard = NextGuard()
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._version = 0
        self._clock: tuple[datetime, float] = (datetime.now(UTC), time.monotonic())
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
    def told(self) -> Told | None:
        if self._told is None or time.monotonic() - self._told[1] > SHOWN_SECONDS:
            return None
        return self._told[0]

    @property
    def taken_by(self) -> str | None:
        """The clerk who claimed this window after us."""
        clerk = self.window.get("clerk")
        return str(clerk) if clerk and self.me and clerk != self.me else None

    # the truth from the server

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
                self._say(Told("caller.back_again"))
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
            page = self.link.get(
                "tickets", tries=1, status="waiting", window=self.window_id, limit=200, after=after
            )
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
                self._say(Told(text=refusal.message))
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

    # keys

    def press(self, key: str) -> None:
        """Carries out what a key means now; blocks until the server answered."""
        if self.question is not None:
            self._answer(key)
        elif self.cut_off or key not in KEYS:
            return
        elif self.taken_by:
            if KEYS[key] == "open":
                self.question = session.ask_take_over(self.taken_by, send("open", take_over=True))
        else:
            self._mean(session.meaning(KEYS[key], self._view()))

    def _view(self) -> View:
        calling = self.catalogue["hall"].get("calling", [])
        lunch = session.lunch_end(calling, self.now.astimezone(self.zone))
        return View(self.window, self.catalogue["rules"], self.now, lunch)

    def _answer(self, key: str) -> None:
        asked = self.question
        assert asked is not None
        if key == "esc":
            self.question, self.typed = None, ""
        elif asked.question == "caller.ask_number":
            self._type_number(key)
        elif key in asked.answers:
            self.question = None
            self._mean(asked.answers[key])

    def _type_number(self, key: str) -> None:
        if key == "backspace":
            self.typed = self.typed[:-1]
        elif key == "enter" and self.typed:
            self.question = self._ask_reason(self.typed)
            self.typed = ""
        elif key.isalnum() and len(key) == 1:
            self.typed = (self.typed + key.upper())[:12]

    def _ask_reason(self, number: str) -> Ask:
        answers = {
            str(n): send("call", number=number, reason=session.CALL_REASONS[n]) for n in session.CALL_REASONS
        }
        return Ask("caller.ask_reason", {"number": number}, answers)

    def _mean(self, meant: Meaning) -> None:
        if isinstance(meant, Say):
            self._say(Told(meant.message, meant.values))
        elif isinstance(meant, Ask):
            self.question = meant
        elif self._guard.lets(meant, time.monotonic()):
            self._send(meant)

    def _send(self, meant: Send) -> None:
        self._told = None
        try:
            for step in meant.steps:
                self.busy = step.verb
                if not self._carry_out(step):
                    return
        finally:
            self.busy = None
            self._wake.set()

    def _carry_out(self, step: Step) -> bool:
        before = self.window.get("ticket")
        try:
            got = self.link.post(f"windows/{self.window_id}/{step.verb}", **step.body)
        except LinkDown:
            self.cut_off = True
            self._say(Told("caller.not_confirmed"))
            return False
        except Refused as refusal:
            self.question = session.after_refusal(step, refusal.code, refusal.details, self._view())
            if self.question is None:
                self._say(Told(text=refusal.message))
            return False
        with self._lock:
            self._version += 1
            self._settle(step, got, before)
        return True

    def _settle(self, step: Step, got: JsonDict | None, before: JsonDict | None) -> None:
        ticket = (got or {}).get("ticket")
        if got and "window" in got:
            self._put(got["window"], before)
        else:
            held = ticket if ticket and ticket["status"] in ("called", "serving") else None
            self.window = {**self.window, "ticket": held}
        if ticket:
            self.waiting = [one for one in self.waiting if one["id"] != ticket["id"]]
        self._say(self._word_on(step, ticket, before))

    def _word_on(self, step: Step, ticket: JsonDict | None, before: JsonDict | None) -> Told:
        number = before["number"] if before else ""
        if step.verb in ("call-next", "call"):
            if ticket is None:
                return Told("caller.nobody_waits")
            return Told("caller.done_called", {"number": ticket["number"]})
        if step.verb in ("pause", "close"):
            closing = {"pause": "caller.done_pausing", "close": "caller.done_closing"}
            done = {"pause": "caller.done_paused", "close": "caller.done_closed"}
            return Told((closing if self.window.get("closing") else done)[step.verb], {"number": number})
        return Told(DONE[step.verb], {"number": number, "n": ticket["calls"] if ticket else 0})

    def _say(self, told: Told) -> None:
        self._told = (told, time.monotonic())
