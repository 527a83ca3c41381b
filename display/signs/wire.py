"""A wire that signs hang on: opened when needed, opened again after a pause when it broke, every wait bounded."""

import time
from collections.abc import Callable

from hall.devices.sign import WirePlace
from hall.port import Port, PortError, SerialPort, TcpPort

LONGEST_PAUSE_SECONDS = 10.0
ANSWER_SECONDS = 1.0
LONGEST_ANSWER = 512
MOST_OLD_PIECES = 50
"""A wire that never falls silent must not hold us."""


class SignFault(Exception):
    """What stands between us and the sign; `code` is one of `hall.health`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Wire:
    """Used by one thread. Whatever fails raises SignFault."""

    def __init__(self, place: WirePlace) -> None:
        self.place = place
        self._port: Port | None = None
        self._closed: PortError | None = None
        self._pause = 0.0
        self._opens_at = 0.0

    @property
    def is_closed(self) -> bool:
        """Whether it could not be opened, which concerns every sign on it alike."""
        return self._closed is not None

    def send(self, frame: bytes) -> None:
        """All of the frame. What came unasked before it is thrown away: it answers nothing of ours."""
        self._drop_old()
        try:
            self._open().write(frame)
        except PortError as error:
            self.close()
            raise SignFault(error.code, error.detail) from None

    def answer(self, is_whole: Callable[[bytes], bool], seconds: float = ANSWER_SECONDS) -> bytes:
        """What the sign says, once `is_whole`. Nothing is `no_answer`; too little or too much is `garbled`."""
        got, end = b"", time.monotonic() + seconds
        try:
            while not is_whole(got):
                left = end - time.monotonic()
                if left <= 0 or len(got) > LONGEST_ANSWER:
                    raise self._bad_answer(got, seconds)
                got += self._open().read(left)
        except PortError as error:
            self.close()
            raise SignFault(error.code, error.detail) from None
        return got

    def close(self) -> None:
        if self._port is not None:
            self._port.close()
        self._port = None

    def _bad_answer(self, got: bytes, seconds: float) -> SignFault:
        if self.place.baud is None:
            # A connection that stands on our side alone looks like this. A serial port stays open: many a sign's
            # controller starts anew whenever its port is opened, and would never come to answer.
            self.close()
        if not got:
            return SignFault("no_answer", f"nothing in {seconds:g} s")
        return SignFault("garbled", f"answered {got[:32].hex(' ')}")

    def _drop_old(self) -> None:
        try:
            for _ in range(MOST_OLD_PIECES):
                if self._port is None or not self._port.read(0.001):
                    return
        except PortError:
            self.close()

    def _open(self) -> Port:
        if self._port is not None:
            return self._port
        if self._closed is not None and time.monotonic() < self._opens_at:
            raise SignFault(self._closed.code, self._closed.detail)
        try:
            self._port = self._opened()
        except PortError as error:
            self._pause = min(max(0.5, 2 * self._pause), LONGEST_PAUSE_SECONDS)
            self._opens_at = time.monotonic() + self._pause
            self._closed = error.with_traceback(None)
            raise SignFault(error.code, error.detail) from None
        self._closed, self._pause = None, 0.0
        return self._port

    def _opened(self) -> Port:
        place = self.place
        return TcpPort(place.address) if place.baud is None else SerialPort(place.address, place.baud, place.bits)
