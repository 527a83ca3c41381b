"""A clerk's window at a keypad: keys in, commands to the server, and what the pad shows of it out."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from caller import session
from caller.job import Job, Told
from caller.meant import Ask, JsonDict, Meaning, Say, Send, Step
from caller.pads.meaning import Finish, call_typed, pad_meaning
from hall.devices.pad import FIGURES
from hall.errors import Refused
from hall.link import Link

ANSWER_SECONDS = 10.0
"""So long a question waits for its second press, and a figure for the next."""
BOUNCE_SECONDS = 0.3
"""The same key again so soon is one press of a worn contact. Figures are typed as fast as they come."""
LONGEST_NUMBER = 4

Outcome = Literal["done", "refused", "asked", "typed", "ignored"]
STATES = {"open": "O", "paused": "P", "closed": "C"}
CUT_OFF = "X"


@dataclass(frozen=True)
class Face:
    """What a pad with a display shows."""

    waiting: int
    number: str
    state: str
    """O open, P paused, C closed, X cut off."""
    message: str
    """What is asked, typed or wrong, in at most 16 ASCII characters."""

    def lines(self) -> tuple[str, ...]:
        return f"W{self.waiting}", f"N{self.number}", f"S{self.state}", f"M{self.message}"


NO_SERVER = Face(0, "", CUT_OFF, "no_server")


class PadJob(Job):
    """`press` is replaced by `do`: an action of the pad at a moment of a rising clock."""

    tries = 1  # a press counts now or not at all

    def __init__(self, link: Link, window: str, language: str, finish: Finish) -> None:
        self._finish = finish
        self._pressing = ""
        self._pressed: dict[str, float] = {}
        self._asked_at = self._typed_at = -inf
        self._wrong = ""
        super().__init__(link, window, language)

    def do(self, action: str, at: float) -> Outcome:
        """Carries out an action; blocks until the server answered."""
        if self._slips(action, at):
            return "ignored"
        question = self.question if at - self._asked_at < ANSWER_SECONDS else None
        if question and action not in question.answers:
            question = None  # another key: what was asked is forgotten
        self._wrong, self._told, self._pressing = "", None, action
        if self.here.cut_off:
            return self._refused(Say("caller.state_cut_off", {}))
        if question is None and (action in FIGURES or action == "delete"):
            return self._type(action, at)
        meant = question.answers[action] if question else self._meant(action, at)
        self._ask(None)
        return self._carried(meant, at)

    def _slips(self, action: str, at: float) -> bool:
        """Whether a finger or a contact slipped: a second Next within two seconds, any other move within a moment."""
        if action in FIGURES or action == "delete":
            return False
        last = self._pressed.get(action, -inf)
        slips = at - last < (session.SECOND_NEXT_SECONDS if action == "next" else BOUNCE_SECONDS)
        if not slips or action != "next":  # who goes on pressing Next gets through once in two seconds
            self._pressed[action] = at
        return slips

    def _lets(self, meant: Send) -> bool:
        return True  # `_slips` has looked at the press itself

    def _type(self, action: str, at: float) -> Outcome:
        before = self.typed if at - self._typed_at < ANSWER_SECONDS else ""
        self._ask(None)
        self.typed = before[:-1] if action == "delete" else (before + action)[-LONGEST_NUMBER:]
        self._typed_at = at
        return "typed"

    def _meant(self, action: str, at: float) -> Meaning:
        if action == "enter":
            typed = self.typed if at - self._typed_at < ANSWER_SECONDS else ""
            return call_typed(typed, self._view(), self.here.waiting, self._finish)
        return pad_meaning(action, self._view(), self._finish)

    def _carried(self, meant: Meaning, at: float) -> Outcome:
        if isinstance(meant, Say):
            return self._refused(meant)
        self._mean(meant)
        if self.question is not None:
            self._asked_at = at
            return "asked"
        return "refused" if self._told and self._told[0].failed else "done"

    def _refused(self, said: Say) -> Outcome:
        self._wrong = said.message.removeprefix("caller.")
        self._say(Told(said.message, said.values, failed=True))
        return "refused"

    def _after(self, step: Step, refusal: Refused) -> Ask | None:
        """Another clerk's window is taken by the same key once more; all else is only told."""
        self._wrong = refusal.code
        if refusal.code == "too_early":
            seconds = refusal.details.get("seconds")
            self._wrong = f"{seconds}s" if seconds else "recall_first"
        if refusal.code != "window_taken":
            return None
        asked = super()._after(step, refusal)
        return asked and Ask(asked.question, asked.values, {self._pressing: asked.answers["enter"]})

    def face(self, at: float) -> Face:
        here = self.here
        ticket: JsonDict = here.window.get("ticket") or {}
        state = CUT_OFF if here.cut_off else STATES[here.window["status"]]
        return Face(len(here.waiting), ticket.get("number", ""), state, self._message(at)[:16])

    def _message(self, at: float) -> str:
        if self.question and at - self._asked_at < ANSWER_SECONDS:
            return f"{self.question.values.get('number') or self._pressing}?"
        if self.typed and at - self._typed_at < ANSWER_SECONDS:
            return f"{self.typed}_"
        return self._wrong if self.told else ""
