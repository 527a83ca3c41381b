"""The last thing that went wrong in this process, as its log had it: `last_error()`."""

import sys
import threading
import time
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog

LEVELS = ("error", "exception", "critical")


class LastError:
    """Hears what is logged from `listen()` on, and what ends a thread. `said` is empty while nothing went wrong."""

    def __init__(self) -> None:
        self.said = ""
        self.at = 0.0

    def listen(self) -> None:
        structlog.configure(processors=[self._hear, *structlog.get_config()["processors"]])
        earlier = threading.excepthook

        def hear_thread(what: threading.ExceptHookArgs) -> None:
            self._keep(f"{what.thread.name if what.thread else 'thread'}: {what.exc_value!r}")
            earlier(what)

        threading.excepthook = hear_thread

    def _hear(self, _logger: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if level in LEVELS:
            parts = [str(event.get("event", "")), *(f"{name}={value}" for name, value in event.items() if _told(name))]
            error = sys.exc_info()[1]
            self._keep(" ".join([*parts, repr(error)] if error else parts))
        return event

    def _keep(self, text: str) -> None:
        self.said, self.at = text.replace("\0", ""), time.time()


@cache
def last_error() -> LastError:
    """The one of this process, listening from the first time it is asked for."""
    made = LastError()
    made.listen()
    return made


def _told(name: str) -> bool:
    return name not in ("event", "exc_info", "level", "timestamp")
