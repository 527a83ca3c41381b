"""One keypad at one window, for months: presses to the server, the window's state back, over every interruption."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from caller.pads.devices import ASKS, open_pad
from caller.pads.job import NO_SERVER, Face, Outcome, PadJob
from hall.attached import Attached
from hall.devices.pad import Pad
from hall.errors import LinkDown, Refused
from hall.health import Condition
from hall.link import Link
from hall.texts import say

STALE_SECONDS = 2.0
"""An older press is dropped: whoever pressed has seen that nothing happened, and pressed again or given up."""
LOOK_SECONDS = 0.2
TRY_SECONDS = 2.0
WHOLE_SECONDS = 30.0
"""A display that missed a line is right again after so long."""

BEEPS = {"done": b"B1\n", "refused": b"B2\n", "asked": b"B3\n"}

log = structlog.get_logger("caller.pad")


@dataclass(frozen=True)
class Press:
    key: str
    at: float


class PadAgent:
    """`on_word(text)` hears of each press in plain words. `start()` begins it, `stop()` ends it within seconds."""

    def __init__(
        self,
        pad: Pad,
        link: Link,
        language: str,
        on_word: Callable[[str], None] = lambda text: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pad = pad
        self.link = link
        self.job: PadJob | None = None
        self.presses = 0
        self._language = language
        self._on_word = on_word
        self._now = now
        self._queue: queue.Queue[Press] = queue.Queue()
        self._why = ""
        """What kept us from the server last."""
        self._shown: tuple[str, ...] = ()
        self._whole_at = 0.0
        self._again = threading.Event()
        """Set when the pad wants all that it shows."""
        self._stopping = threading.Event()
        self._attached: Attached[str] = Attached("pad", pad.id, lambda: open_pad(pad), self._on_read, self._again.set)
        self._thread = threading.Thread(target=self._run, name=f"pad-{pad.id}-keys", daemon=True)

    def start(self) -> None:
        self._attached.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5)
        self._attached.stop()
        if self.job:
            self.job.stop()

    def conditions(self) -> list[Condition]:
        link = Condition("link", "fault", "down", detail=self._why) if self._lost else Condition("link", "ok")
        return [self._attached.condition(), link]

    def test(self) -> dict[str, Any]:
        """For the self-check before opening: {open, last_read_at?, presses}; a pad with a display or light shows it."""
        facts = self._attached.condition().facts
        return {"open": self._attached.write(BEEPS["refused"]), "presses": self.presses, **facts}

    def _on_read(self, key: str | None) -> None:
        if key == ASKS:
            self._again.set()
        elif key is not None and self._lost:
            self._tell(key, "refused", say(self._language, "caller.state_cut_off"))
        elif key is not None:
            self._queue.put(Press(key, self._now()))

    @property
    def _lost(self) -> bool:
        return self.job is None or self.job.here.cut_off

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
            except Exception:  # this loop must never die: without it the pad is dead until a person comes
                log.exception("pad.broke", pad=self.pad.id)
                self._attached.write(BEEPS["refused"])
                self._stopping.wait(TRY_SECONDS)

    def _work(self) -> None:
        if self.job is None:
            self.job = self._connected()
        wait = LOOK_SECONDS if self.job else TRY_SECONDS
        with contextlib.suppress(queue.Empty):
            self._take(self._queue.get(timeout=wait))
        self._show(self.job.face(self._now()) if self.job else NO_SERVER)

    def _connected(self) -> PadJob | None:
        """None while the server cannot be reached, or knows no such window or token."""
        try:
            return PadJob(self.link, self.pad.window, self._language, self.pad.next_on_called)
        except LinkDown as error:
            self._cannot(str(error))
        except Refused as refusal:
            self._cannot(refusal.message or refusal.code)
        return None

    def _cannot(self, why: str) -> None:
        if why != self._why:  # once, not every two seconds
            self._on_word(why)
        self._why = why

    def _take(self, press: Press) -> None:
        action = self.pad.actions.get(press.key)
        if action is None:
            return self._tell(press.key, "refused", say(self._language, "caller.pad_unknown_key"))
        if self.job is None or self._now() - press.at > STALE_SECONDS:
            return self._tell(press.key, "refused", say(self._language, "caller.pad_too_late"))
        self.presses += 1
        outcome = self.job.do(action, press.at)
        self._show(self.job.face(self._now()))
        self._tell(f"{press.key} {action}", outcome, self._words(self.job))
        return None

    def _words(self, job: PadJob) -> str:
        if job.question:
            return say(self._language, job.question.question, **job.question.values)
        if job.typed or job.told is None:
            return job.typed
        return job.told.text or say(self._language, job.told.message, **{"key": "", **job.told.values})

    def _tell(self, key: str, outcome: Outcome, words: str) -> None:
        if outcome in BEEPS:
            self._attached.write(BEEPS[outcome])
        if outcome != "ignored":
            self._on_word(f"{key}  {words}")

    def _show(self, face: Face) -> None:
        """Only the lines that changed; all of them to a pad that has just come, and now and then."""
        lines, now = face.lines(), self._now()
        if self._again.is_set() or now - self._whole_at > WHOLE_SECONDS:
            self._again.clear()
            self._shown, self._whole_at = (), now
        changed = [line for line in lines if line not in self._shown]
        if changed:
            self._attached.write("".join(f"{line}\n" for line in changed).encode())
            self._shown = lines
