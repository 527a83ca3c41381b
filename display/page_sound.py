"""The board page as loudspeaker: of the pages that may play, the one that came first gets each sound."""

import itertools
import threading
from collections.abc import Callable
from typing import Any

from display.recording import Recording
from display.sound import GRACE_SECONDS, NotHeard

Send = Callable[[str, dict[str, Any], str], None]
"""(message, data, page): sends a message to one page."""


class PageLoudspeaker:
    """`play {id, url, duration, text, language}` goes to one page, which answers `played {id, …, error?}`."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._pages: list[str] = []
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._waiting: tuple[int, str] | None = None
        self._answer: dict[str, Any] = {}
        self._answered = threading.Event()

    def ready(self) -> bool:
        with self._lock:
            return bool(self._pages)

    def can_play(self, page: str) -> None:
        with self._lock:
            if page not in self._pages:
                self._pages.append(page)

    def gone(self, page: str) -> None:
        """A page that was closed hears nothing more; a sound it was playing has ended."""
        with self._lock:
            if page in self._pages:
                self._pages.remove(page)
            if self._waiting and self._waiting[1] == page:
                self._settle({"error": "the page was closed"})

    def played(self, page: str, answer: dict[str, Any]) -> None:
        with self._lock:
            if self._waiting == (answer.get("id"), page):
                self._settle(answer)

    def play(self, recording: Recording, about: dict[str, Any], started: Callable[[], None]) -> None:
        with self._lock:
            if not self._pages:
                raise NotHeard("no page plays")
            key, page = next(self._ids), self._pages[0]
            self._waiting = key, page
            self._answered.clear()
        call = {"id": key, "url": f"/sound/{recording.path.name}", "duration": recording.seconds, **about}
        self._send("play", call, page)
        started()
        if not self._answered.wait(recording.seconds + GRACE_SECONDS + 1):
            self._put_last(page)
            raise NotHeard("the page did not answer")
        if self._answer.get("error"):
            self._put_last(page)
            raise NotHeard(f"the page: {self._answer['error']}")

    def _settle(self, answer: dict[str, Any]) -> None:
        self._answer, self._waiting = answer, None
        self._answered.set()

    def _put_last(self, page: str) -> None:
        """Another page gets the next sound; alone, this one is tried again, as a touch may have allowed it."""
        with self._lock:
            self._waiting = None
            if page in self._pages:
                self._pages.remove(page)
                self._pages.append(page)
