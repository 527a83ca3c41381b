"""The hall's catalogue in every language, kept near: fetched again on news and every 5 s, counts at once."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from hall import texts
from hall.board import Board
from hall.errors import LinkDown, Refused
from hall.events import Event, rearranges
from hall.link import Link
from kiosk.store import Store

REFRESH_SECONDS = 5.0
LEAST_SECONDS = 1.0
"""News in a burst lead to one fetch a second at most."""

log = structlog.get_logger("kiosk.catalogue")


class Catalogues:
    """`get` never waits. `up`: whether the server answered when it was asked last.

    A body is the server's, with `matters_mark`: the same while the matters are.
    """

    def __init__(self, link: Link, store: Store, now: Callable[[], float] = time.time) -> None:
        self.up = False
        self.down = False
        """Whether the server was asked last and gave no answer at all; one that refuses us is there."""
        self.on_answer: Callable[[dict[str, Any], float], None] = lambda body, offset: None
        """Called each time the whole catalogue came, with it and the server's clock less this one's: the hall can be
        asked more. Only then the link counts as up; raises LinkDown where it is not."""
        self._now = now
        self._link = link
        self._store = store
        self._lock = threading.Lock()
        self._bodies = {code: body for code in texts.languages() if (body := store.catalogue(code))}
        self._kept = dict(self._bodies)
        self._fetched: dict[str, float] = {}
        self._said: tuple[bool, str | None] | None = None
        self._news = threading.Event()
        self._urgent = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kiosk-catalogue", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._urgent.set()
        self._news.set()
        self._thread.join(5)

    def get(self, language: str) -> dict[str, Any] | None:
        with self._lock:
            return self._bodies.get(language)

    def age_seconds(self, language: str) -> float | None:
        """How old the catalogue's `at` is; None: from an earlier run."""
        fetched = self._fetched.get(language)
        return None if fetched is None else time.monotonic() - fetched

    def on_board(self, board: Board, events: list[Event]) -> None:
        """The counts of now without a question; estimates and hours follow with the next fetch."""
        with self._lock:
            for language, body in self._bodies.items():
                self._bodies[language] = _with_counts(body, board["waiting"])
        if any(map(rearranges, events)):
            self._urgent.set()
        self._news.set()

    def on_link(self, up: bool) -> None:
        self._news.set()

    def ask_again(self) -> None:
        self._news.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._news.clear()
            self._urgent.clear()
            try:
                self._refresh()
            except Exception:  # this loop must never die: without it the page would stand still for ever
                log.exception("catalogue.broke")
            self._urgent.wait(LEAST_SECONDS)  # lines and windows arranged otherwise are shown at once
            # A dead link is asked at once again: the page comes back by itself.
            self._news.wait(REFRESH_SECONDS - LEAST_SECONDS if self.up else 0)

    def _refresh(self) -> None:
        for language in texts.languages():
            try:
                began = self._now()
                body = self._link.get("catalogue", language=language)
                offset = datetime.fromisoformat(body["at"]).timestamp() - (began + self._now()) / 2
            except (LinkDown, Refused) as error:
                self._say_up(False, error)
                return
            self._take(language, body)
        try:
            self.on_answer(body, offset)
        except LinkDown as error:
            self._say_up(False, error)
            return
        self._say_up(True)

    def _take(self, language: str, body: dict[str, Any]) -> None:
        body = {**body, "matters_mark": _mark(body["matters"])}
        with self._lock:
            self._bodies[language] = body
            self._fetched[language] = time.monotonic()
        if _lasting(body) != _lasting(self._kept.get(language, {})):
            self._kept[language] = body
            self._store.keep_catalogue(language, body)

    def _say_up(self, up: bool, error: Exception | None = None) -> None:
        why = str(error) if error else None
        if (up, why) != self._said:
            log.info("link.up" if up else "link.down", why=why)
            self._said = (up, why)
        self.down = isinstance(error, LinkDown)
        self.up = up


def _with_counts(body: dict[str, Any], waiting: dict[str, int]) -> dict[str, Any]:
    lines = [{**line, "waiting": waiting.get(line["id"], line["waiting"])} for line in body["lines"]]
    return {**body, "lines": lines}


def _mark(matters: list[dict[str, Any]]) -> str:
    """The same for the same matters: a page that has them need not be sent thousands again."""
    return hashlib.blake2b(json.dumps(matters).encode(), digest_size=12).hexdigest()


def _lasting(body: dict[str, Any]) -> Any:
    """What is worth a write to the disk: names, keys and suspensions, not counts."""
    names = [(line["id"], line["name"], line.get("suspended")) for line in body.get("lines", [])]
    return names, body.get("units"), body.get("categories"), body.get("matters"), body.get("guide_line")
