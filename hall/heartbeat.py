"""A device's heartbeat: every ten seconds it tells the server how it is, and does the tests it is asked for.

It runs beside the device's work in threads that survive anything, from before there is a server to hear it.
"""

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Any

import structlog

from hall.board import Board
from hall.errors import LinkDown, Refused
from hall.health import Condition
from hall.last_error import last_error
from hall.link import Link

EVERY_SECONDS = 10.0
AGAIN_SECONDS = 2.0
"""After a heartbeat that nobody heard."""
SLOW_SECONDS = 2.0
"""Answers that took longer say too little of the clocks."""
REPORT_TRIES = 5
REMEMBERED = 100
LONGEST_TEXT = 300

log = structlog.get_logger("hall.heartbeat")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a test. `detail`: what went wrong, or what was done, for whoever asked for it."""

    ok: bool
    detail: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


Conditions = Callable[[], list[Condition]]
Tests = Mapping[str, Callable[[], Outcome]]
"""What this device can be asked for: `print`, `announcement`, `sign`."""


@cache
def version() -> str:
    """The version of Hallcall on this machine."""
    try:
        return version_of("hallcall")
    except PackageNotFoundError:
        return "unknown"


class Heartbeat:
    """Begins with `start()`, ends with `stop()`; `on_message` takes what the device's follower hears."""

    def __init__(
        self,
        link: Link,
        conditions: Conditions,
        tests: Tests | None = None,
        board: Callable[[], Board | None] = lambda: None,
        every_seconds: float = EVERY_SECONDS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.drift_seconds: float | None = None
        """This device's clock less the server's, as last measured; None while there was no answer yet."""
        self._link = link
        self._conditions = conditions
        self._tests = dict(tests or {})
        self._board = board
        self._every_seconds = every_seconds
        self._now = now
        self._stopping = threading.Event()
        self._asked: queue.Queue[dict[str, str] | None] = queue.Queue()
        self._begun: OrderedDict[str, None] = OrderedDict()

    def start(self) -> None:
        last_error()  # hears from now on
        for work in (self._beat_on, self._test_on):
            threading.Thread(target=work, name=f"heartbeat{work.__name__}", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        self._asked.put(None)

    def on_message(self, name: str, data: Any) -> None:
        if name == "test" and isinstance(data, dict):
            self._asked.put(data)

    def _beat_on(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._every_seconds if self._beat() else AGAIN_SECONDS)

    def _beat(self) -> bool:
        """Whether the server has heard it, or refused it for good."""
        try:
            begun, asked_at = time.monotonic(), self._now()
            answer = self._link.post("devices/heartbeat", tries=1, **self._said(asked_at))
            took = time.monotonic() - begun
            if took < SLOW_SECONDS:
                self.drift_seconds = asked_at + took / 2 - datetime.fromisoformat(answer["at"]).timestamp()
            for test in answer["tests"]:
                self._asked.put(test)
        except LinkDown:
            return False
        except Refused as error:
            log.warning("heartbeat.refused", code=error.code, why=error.message)
        except Exception:  # this loop must never die: a device without it is taken for dead
            log.exception("heartbeat.broke")
        return True

    def _said(self, at: float) -> dict[str, Any]:
        board, wrong = self._board(), last_error()
        return {
            "version": version(),
            "at": _iso(at),
            "drift_seconds": self.drift_seconds,
            "seq": board["seq"] if board else None,
            "epoch": board["epoch"] if board else None,
            "can": sorted(self._tests),
            "conditions": [_short(one.as_json()) for one in self._known_conditions()],
            "last_error": {"at": _iso(wrong.at), "text": wrong.said[:LONGEST_TEXT]} if wrong.said else None,
        }

    def _known_conditions(self) -> list[Condition]:
        """A device that cannot say how it is still lives, and says so."""
        try:
            return self._conditions()
        except Exception as error:
            log.exception("conditions.broke")
            return [Condition("device", "fault", "broken", detail=repr(error))]

    def _test_on(self) -> None:
        while (test := self._asked.get()) is not None and not self._stopping.is_set():
            try:
                self._do(test["id"], test["what"])
            except Exception:  # as above
                log.exception("test.broke")

    def _do(self, test: str, what: str) -> None:
        """Once, however often it is heard of."""
        if test in self._begun:
            return
        self._begun[test] = None
        if len(self._begun) > REMEMBERED:
            self._begun.popitem(last=False)
        outcome = self._outcome(what)
        log.info("test.done", what=what, ok=outcome.ok, detail=outcome.detail)
        self._report(test, outcome)

    def _outcome(self, what: str) -> Outcome:
        if what not in self._tests:
            return Outcome(False, f"this device has no {what}")
        try:
            return self._tests[what]()
        except Exception as error:
            log.exception("test.failed", what=what)
            return Outcome(False, repr(error))

    def _report(self, test: str, outcome: Outcome) -> None:
        said: dict[str, Any] = {"ok": outcome.ok, "detail": outcome.detail[:LONGEST_TEXT], "facts": outcome.facts}
        for _ in range(REPORT_TRIES):
            try:
                self._link.post(f"devices/tests/{test}", **said)
                return
            except LinkDown:
                self._stopping.wait(AGAIN_SECONDS)
            except Refused as error:
                log.warning("test.report_refused", code=error.code)
                return


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _short(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "detail": said["detail"][:LONGEST_TEXT], "id": said["id"][:40]}
