"""ID cards read by a reader that speaks the line protocol of docs/readers.md.

A number lives in this process's memory for three minutes and nowhere else: in no file, no log, not on the page, which
gets a token and the last four places.
"""

import json
import queue
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any

from hall.attached import Attached
from hall.devices.reader import CardReader
from hall.errors import HallError
from hall.health import Condition
from hall.identity import document_number, tail_of
from hall.port import Device, Lines, SerialPort, TcpPort

LONGEST_LINE = 64 * 1024
"""Makers like to send the photo along; it is thrown away."""
KEPT_SECONDS = 180.0
GRACE_SECONDS = 3.0
LOOK_SECONDS = 0.5
HELLO_SECONDS = 20.0
ANSWER_SECONDS = 3.0

Answer = dict[str, Any]


class CardUnread(Exception):
    """`why`: no_card, unreadable, busy, cancelled, or gone."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Card:
    token: str
    tail: str


class AnswerLines:
    """A reader's answers, each a line of JSON."""

    def __init__(self, settings: CardReader) -> None:
        tcp = settings.kind == "tcp"
        port = TcpPort(settings.address) if tcp else SerialPort(settings.address, settings.baud)
        self._lines = Lines(port, LONGEST_LINE)

    def read(self, seconds: float) -> list[Answer | None]:
        return [_answer(line) for line in self._lines.read(seconds)]

    def write(self, data: bytes) -> None:
        self._lines.write(data)

    def close(self) -> None:
        self._lines.close()


def _answer(line: str | None) -> Answer | None:
    try:
        answer = json.loads(line or "")
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("id"), str) else None


class CardReading:
    """One card at a time: a new wish ends the one before."""

    def __init__(self, settings: CardReader) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._wish: tuple[str, queue.Queue[Answer]] | None = None
        self._numbers: dict[str, tuple[str, float]] = {}
        self._asked_at = 0.0
        self._unanswered: float | None = None
        """Since when a hello waits for its answer."""
        self._reader: Attached[Answer] = Attached("card_reader", "", self._open, self._on_answer)

    def start(self) -> None:
        self._reader.start()

    def stop(self) -> None:
        self.cancel()
        self._reader.stop()

    @property
    def ready(self) -> bool:
        return self._reader.is_open and not self._is_silent()

    def condition(self) -> Condition:
        """Asks the reader now and then whether it is there; a silent one is a fault."""
        with self._lock:
            self._forget()
        found = self._reader.condition()
        if found.code or not self._reader.is_open:
            return found
        if self._is_silent():
            found = Condition("card_reader", "fault", "no_answer", facts=found.facts)
        if self._wish is None and time.monotonic() - self._asked_at > HELLO_SECONDS:
            self._say_hello()
        return found

    def _say_hello(self) -> None:
        self._asked_at = time.monotonic()
        self._unanswered = self._unanswered or self._asked_at
        self._ask("hello", secrets.token_hex(4))

    def read(self, name: str) -> Card:
        """Waits for a card to be placed, for the wish of this name. Raises CardUnread."""
        answers = queue.Queue[Answer]()
        self.cancel()
        with self._lock:
            self._wish = name, answers
        seconds = self._settings.place_seconds
        if not self._ask("read", name, seconds=seconds):
            raise CardUnread("gone")
        try:
            return self._kept(self._final(answers, seconds + GRACE_SECONDS))
        finally:
            with self._lock:
                if self._wish and self._wish[0] == name:
                    self._wish = None

    def cancel(self, name: str | None = None) -> None:
        """Nobody waits any more for the card of this wish; without a name, for any."""
        with self._lock:
            wish = self._wish if self._wish and name in (None, self._wish[0]) else None
            if wish:
                self._wish = None
        if wish:
            self._ask("cancel", wish[0])
            wish[1].put({"state": "failed", "why": "cancelled"})

    def number(self, token: str) -> str:
        """The number behind a token. Raises HallError `identity_needed` when it is forgotten."""
        with self._lock:
            self._forget()
            found = self._numbers.get(token)
        if found is None:
            raise HallError("identity_needed", field="person")
        return found[0]

    def _final(self, answers: "queue.Queue[Answer]", seconds: float) -> Answer:
        """The answer that ends a wish; what comes before only says how it goes on."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self._reader.is_open:
                raise CardUnread("gone")
            try:
                answer = answers.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            if answer.get("state") == "read":
                return answer
            if answer.get("state") == "failed":
                why = answer.get("why")
                raise CardUnread(why if why in ("no_card", "busy", "cancelled") else "unreadable")
        raise CardUnread("no_card")

    def _kept(self, answer: Answer) -> Card:
        try:
            number = document_number(str(answer.get("number", "")))
        except ValueError:
            raise CardUnread("unreadable") from None
        token = secrets.token_hex(16)
        with self._lock:
            self._forget()
            self._numbers[token] = number, time.monotonic()
        return Card(token, tail_of(number))

    def _forget(self) -> None:
        since = time.monotonic() - KEPT_SECONDS
        self._numbers = {token: kept for token, kept in self._numbers.items() if kept[1] >= since}

    def _open(self) -> Device[Answer]:
        self._unanswered, self._asked_at = None, 0.0
        return AnswerLines(self._settings)

    def _ask(self, what: str, name: str, **more: Any) -> bool:
        return self._reader.write((json.dumps({"do": what, "id": name, **more}) + "\n").encode())

    def _is_silent(self) -> bool:
        """A reader that waits for a card may be too busy to answer a hello."""
        waits = self._wish is None and self._unanswered is not None
        return waits and time.monotonic() - (self._unanswered or 0) > ANSWER_SECONDS

    def _on_answer(self, answer: Answer | None) -> None:
        if answer is None:
            return
        self._unanswered = None
        with self._lock:
            wish = self._wish
        if wish and wish[0] == answer["id"]:
            wish[1].put(answer)
