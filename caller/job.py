"""A clerk's window in a terminal: keys in, commands to the server, what is known about the window out.

`Job` holds the state and carries out what `session` says a key means; `screen` draws it, `cli` runs it.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from caller import session
from caller.meant import Ask, JsonDict, Meaning, Say, Send, Step, View, filled, send
from caller.picking import Entry, Hall, entries
from caller.session import NextGuard
from caller.watch import Watch
from hall.errors import LinkDown, Refused
from hall.link import Link
from hall.texts import list_text, say

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
    "h": "hold",
    "b": "take_back",
    "t": "transfer",
    "v": "matter",
    "z": "undo",
    "w": "walk_in",
    "d": "outcome",
    "l": "finish_all",
    "s": "send_on",
}
LENGTHS = {"number": 12, "reason": 200, "note": 200, "case_number": 40}
SHOWN_SECONDS = 6.0

DONE = {
    "recall": "caller.done_recalled",
    "start": "caller.done_started",
    "complete": "caller.done_completed",
    "no-show": "caller.done_missed",
    "open": "caller.done_opened",
    "hold": "caller.done_held",
    "resume": "caller.done_resumed",
    "transfer": "caller.done_transferred",
    "change-matter": "caller.done_matter",
    "walk-in": "caller.done_walk_in",
    "undo": "caller.done_undone",
}
UNDOABLE = ("call-next", "call", "recall", "start", "resume")


@dataclass(frozen=True)
class Told:
    """A calm word of ours (`message`) or the server's own words (`text`)."""

    message: str = ""
    values: JsonDict = field(default_factory=dict)
    text: str = ""
    until: datetime | None = None
    """While it can be undone."""
    failed: bool = False


class Job:
    """What is asked and told at one window of one clerk; `here` is what is known of it."""

    tries = 2
    """How often a command without an answer is sent."""

    def __init__(self, link: Link, window: str, language: str, me: str | None = None) -> None:
        self.language = language
        self.me = me
        self.question: Ask | None = None
        self.typed = ""
        self.place = 0
        """Of what is marked in the list that a question picks from."""
        self.busy: str | None = None
        self._told: tuple[Told, float] | None = None
        self._guard = NextGuard()
        self.here = Watch(link, window, language, self._hear)

    def stop(self) -> None:
        self.here.stop()

    @property
    def told(self) -> Told | None:
        if self._told is None:
            return None
        told, at = self._told
        undoable = told.until is not None and self.here.now < told.until
        return told if undoable or time.monotonic() - at <= SHOWN_SECONDS else None

    @property
    def taken_by(self) -> str | None:
        """The clerk who claimed this window after us."""
        clerk = self.here.window.get("clerk")
        return str(clerk) if clerk and self.me and clerk != self.me else None

    def _hear(self, text: str) -> None:
        self._say(Told(text=text) if text else Told("caller.back_again"))

    def press(self, key: str) -> None:
        """Carries out what a key means now; blocks until the server answered."""
        if self.question is not None:
            self._answer(self.question, key)
        elif self.here.cut_off or key.lower() not in KEYS:
            return
        elif self.taken_by:
            if KEYS[key.lower()] == "open":
                self.question = session.ask_take_over(self.taken_by, send("open", take_over=True))
        else:
            self._mean(session.meaning(KEYS[key.lower()], self._view()))

    def _view(self) -> View:
        here = self.here
        calling, now = here.catalogue["hall"].get("calling", []), here.now.astimezone(here.zone)
        return View(
            here.window,
            here.catalogue["rules"],
            here.now,
            session.lunch_end(calling, now),
            tuple(here.held),
            tuple(here.catalogue["outcomes"]),
            self._lines_left_alone(session.still_calling(calling, now)),
        )

    def _lines_left_alone(self, today: bool) -> str:
        here = self.here
        left = [line for line in here.window.get("last_for", []) if today or here.waiting_in.get(line)]
        names = {one["id"]: one["name"] for one in here.catalogue["lines"]}
        return list_text(self.language, [names.get(line, line) for line in left])

    def _answer(self, asked: Ask, key: str) -> None:
        if key == "esc":
            self._ask(None)
        elif asked.then is not None:
            self._write(asked, asked.then, key)
        elif key.lower() in asked.answers:
            self._ask(None)
            self._mean(asked.answers[key.lower()])

    def _ask(self, asked: Ask | None) -> None:
        self.question, self.typed, self.place = asked, "", 0

    @property
    def listed(self) -> list[Entry]:
        """What the question picks from, as far as it fits what was typed."""
        if self.question is None or not self.question.picking:
            return []
        here = self.here
        return entries(
            self.question.picking, Hall(here.catalogue, here.windows, here.window, here.waiting_in), self.typed
        )

    def name_of(self, entry: Entry) -> str:
        if entry.kind == "window":
            return say(self.language, "caller.window", name=entry.name)
        is_staff = entry.kind == "clerk" and entry.name.isdigit()
        return say(self.language, "caller.staff", name=entry.name) if is_staff else entry.name

    def _write(self, asked: Ask, then: Meaning, key: str) -> None:
        """Words typed or one of a list picked, a key at a time; Enter goes on with them."""
        if key in ("up", "down"):
            self.place = max(0, min(len(self.listed) - 1, self.place + (1 if key == "down" else -1)))
        elif key == "backspace":
            self.typed, self.place = self.typed[:-1], 0
        elif key == "enter":
            self._written(asked, then)
        elif len(key) == 1:
            longest = LENGTHS.get(asked.typing, 40)
            self.typed = (self.typed + (key.upper() if asked.typing == "number" else key))[:longest]
            self.place = 0

    def _written(self, asked: Ask, then: Meaning) -> None:
        listed, text = self.listed, self.typed.strip()
        if asked.picking and listed:
            body, values = listed[self.place].body, {"name": self.name_of(listed[self.place])}
        elif asked.typing and text:
            body = values = {asked.typing: text}
        else:
            return
        self._ask(None)
        self._mean(filled(then, body, values))

    def _mean(self, meant: Meaning) -> None:
        if isinstance(meant, Say):
            self._say(Told(meant.message, meant.values, failed=True))
        elif isinstance(meant, Ask):
            self._ask(meant)
        elif self._lets(meant):
            self._send(meant)

    def _lets(self, meant: Send) -> bool:
        return self._guard.lets(meant, time.monotonic())

    def _send(self, meant: Send) -> None:
        self._told = None
        try:
            for step in meant.steps:
                self.busy = step.verb
                if not self._carry_out(step):
                    return
        finally:
            self.busy = None
            self.here.wake()

    def _carry_out(self, step: Step) -> bool:
        before = self.here.ticket
        try:
            got = self.here.link.post(f"windows/{self.here.window_id}/{step.verb}", tries=self.tries, **step.body)
        except LinkDown:
            self.here.lose()
            self._say(Told("caller.not_confirmed", failed=True))
            return False
        except Refused as refusal:
            self._ask(self._after(step, refusal))
            if self.question is None:
                self._say(Told(text=refusal.message, failed=True))
            return False
        got = got or {}
        self.here.settle(got.get("window"), got.get("ticket"), before)
        self._say(self._word_on(step, got, before))
        return True

    def _after(self, step: Step, refusal: Refused) -> Ask | None:
        return session.after_refusal(step, refusal.code, refusal.details, self._view())

    def _word_on(self, step: Step, got: JsonDict, before: JsonDict | None) -> Told:
        ticket = got.get("ticket")
        values = {"number": (ticket or before or {}).get("number", ""), "n": ticket["calls"] if ticket else 0}
        if step.verb in ("call-next", "call") and ticket is None:
            return Told("caller.nobody_waits")
        if step.verb in UNDOABLE:
            until = self.here.now + timedelta(seconds=self.here.catalogue["rules"]["undo_seconds"])
            return Told(DONE.get(step.verb, "caller.done_called"), values, until=until)
        if got.get("warning"):
            return Told(text=got["warning"]["message"])
        if step.verb in ("pause", "close"):
            closing = {"pause": "caller.done_pausing", "close": "caller.done_closing"}
            done = {"pause": "caller.done_paused", "close": "caller.done_closed"}
            return Told((closing if self.here.window.get("closing") else done)[step.verb], values)
        if step.verb == "complete" and ticket and ticket["status"] == "waiting":
            return self._moved_on(ticket, before)
        return Told(DONE[step.verb], values)

    def _moved_on(self, ticket: JsonDict, before: JsonDict | None) -> Told:
        """Done here, not yet in the hall: the rest of a batch, or the next leg of the way."""
        left = ticket.get("count", 1)
        if before and left < before.get("count", 1):
            return Told("caller.done_pieces", {"number": ticket["number"], "n": left})
        lines = {one["id"]: one["name"] for one in self.here.catalogue["lines"]}
        return Told("caller.done_moved_on", {"number": ticket["number"], "line": lines.get(ticket["line"], "")})

    def _say(self, told: Told) -> None:
        self._told = (told, time.monotonic())
