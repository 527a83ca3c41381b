"""A clerk's window in a terminal: keys in, commands to the server, what is known about the window out.

`Job` holds the state and carries out what `session` says a key means; `screen` draws it, `cli` runs it.
"""

import time
from dataclasses import dataclass, field

from caller import session
from caller.session import Ask, JsonDict, Meaning, NextGuard, Say, Send, Step, View, send
from caller.watch import Watch
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


class Job:
    """What is asked and told at one window of one clerk; `here` is what is known of it."""

    def __init__(self, link: Link, window: str, language: str, me: str | None = None) -> None:
        self.language = language
        self.me = me
        self.question: Ask | None = None
        self.typed = ""
        self.busy: str | None = None
        self._told: tuple[Told, float] | None = None
        self._guard = NextGuard()
        self.here = Watch(link, window, language, self._hear)

    def stop(self) -> None:
        self.here.stop()

    @property
    def told(self) -> Told | None:
        if self._told is None or time.monotonic() - self._told[1] > SHOWN_SECONDS:
            return None
        return self._told[0]

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
            self._answer(key)
        elif self.here.cut_off or key not in KEYS:
            return
        elif self.taken_by:
            if KEYS[key] == "open":
                self.question = session.ask_take_over(self.taken_by, send("open", take_over=True))
        else:
            self._mean(session.meaning(KEYS[key], self._view()))

    def _view(self) -> View:
        here = self.here
        lunch = session.lunch_end(here.catalogue["hall"].get("calling", []), here.now.astimezone(here.zone))
        return View(here.window, here.catalogue["rules"], here.now, lunch)

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
        answers = {str(n): send("call", number=number, reason=session.CALL_REASONS[n]) for n in session.CALL_REASONS}
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
            self.here.wake()

    def _carry_out(self, step: Step) -> bool:
        before = self.here.ticket
        try:
            got = self.here.link.post(f"windows/{self.here.window_id}/{step.verb}", **step.body) or {}
        except LinkDown:
            self.here.lose()
            self._say(Told("caller.not_confirmed"))
            return False
        except Refused as refusal:
            self.question = session.after_refusal(step, refusal.code, refusal.details, self._view())
            if self.question is None:
                self._say(Told(text=refusal.message))
            return False
        self.here.settle(got.get("window"), got.get("ticket"), before)
        self._say(self._word_on(step, got.get("ticket"), before))
        return True

    def _word_on(self, step: Step, ticket: JsonDict | None, before: JsonDict | None) -> Told:
        number = before["number"] if before else ""
        if step.verb in ("call-next", "call"):
            if ticket is None:
                return Told("caller.nobody_waits")
            return Told("caller.done_called", {"number": ticket["number"]})
        if step.verb in ("pause", "close"):
            closing = {"pause": "caller.done_pausing", "close": "caller.done_closing"}
            done = {"pause": "caller.done_paused", "close": "caller.done_closed"}
            return Told((closing if self.here.window.get("closing") else done)[step.verb], {"number": number})
        return Told(DONE[step.verb], {"number": number, "n": ticket["calls"] if ticket else 0})

    def _say(self, told: Told) -> None:
        self._told = (told, time.monotonic())
