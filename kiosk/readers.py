"""What a kiosk reads besides touches: codes from a scanner on a serial port, and ID cards."""

import threading
import time
from collections import deque
from dataclasses import dataclass

from hall.attached import Attached
from hall.devices.kiosk import Kiosk as KioskSettings
from hall.devices.reader import Scanner
from hall.health import Condition
from hall.port import Device, Lines, SerialPort
from kiosk.bodies import Asked
from kiosk.card_reading import CardReading

FRESH_SECONDS = 3.0
"""An older code is nobody's any more."""
LONGEST_CODE = 300
KEPT = 20


@dataclass(frozen=True)
class Code:
    n: int
    at: float
    text: str | None
    """None: what was read was no code at all."""


class Codes:
    """The codes read last, for a page that asks and waits for the next."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._codes: deque[Code] = deque(maxlen=KEPT)
        self._last = 0

    def put(self, text: str | None) -> None:
        with self._news:
            self._last += 1
            self._codes.append(Code(self._last, time.monotonic(), text))
            self._news.notify_all()

    def wait(self, after: int | None, seconds: float) -> tuple[int, list[str | None]]:
        """(the last one's place, the fresh ones after that place); without a place nothing that was read before."""
        with self._news:
            if after is None or after > self._last:
                return self._last, []
            self._news.wait_for(lambda: self._last > after, seconds)
            since = time.monotonic() - FRESH_SECONDS
            return self._last, [one.text for one in self._codes if one.n > after and one.at >= since]


def open_scanner(scanner: Scanner) -> Device[str]:
    """Scanners set to send no line end are understood too: a pause ends their code."""
    return Lines(SerialPort(scanner.address, scanner.baud), LONGEST_CODE, quiet_ends=True)


class Readers:
    """The readers that the settings name; without any it does nothing."""

    def __init__(self, settings: KioskSettings) -> None:
        self.codes = Codes()
        self.cards = CardReading(settings.card_reader) if settings.card_reader else None
        self._scanner: Attached[str] | None = None
        if (scanner := settings.scanner) is not None:
            self._scanner = Attached("scanner", "", lambda: open_scanner(scanner), self.codes.put)

    @property
    def can_read_cards(self) -> bool:
        return self.cards is not None and self.cards.ready

    def numbers(self, asked: Asked) -> dict[str, str]:
        """The numbers of documents, typed or read from cards, by field."""
        read = {name: self.cards.number(token) for name, token in asked.cards().items()} if self.cards else {}
        return {**asked.numbers(), **read}

    def start(self) -> None:
        if self._scanner:
            self._scanner.start()
        if self.cards:
            self.cards.start()

    def stop(self) -> None:
        if self._scanner:
            self._scanner.stop()
        if self.cards:
            self.cards.stop()

    def conditions(self) -> list[Condition]:
        scanner = [self._scanner.condition()] if self._scanner else []
        return [*scanner, *([self.cards.condition()] if self.cards else [])]
