"""The server's clock as this machine can know it, from what the server said and the time since."""

import threading
import time
from datetime import UTC, datetime, timedelta


class ServerTime:
    """A trial clock may run faster than ours (START@SPEED): the pace is measured between two ticks."""

    def __init__(self) -> None:
        self.known = threading.Event()
        """Set once the server has said what time it is."""
        self._lock = threading.Lock()
        self._heard: tuple[datetime, float] | None = None
        self._pace = 1.0

    def hear_tick(self, at: str) -> None:
        said, local = moment(at), time.monotonic()
        with self._lock:
            if self._heard is not None and local - self._heard[1] > 1:
                pace = (said - self._heard[0]).total_seconds() / (local - self._heard[1])
                self._pace = pace if pace > 1.5 else 1.0
            if self._heard is None or local - self._heard[1] > 1:
                self._heard = said, local
        self.known.set()

    def now(self) -> datetime:
        """The server's time; this machine's own until the server has spoken."""
        with self._lock:
            if self._heard is None:
                return datetime.now(UTC)
            said, local = self._heard
            return said + timedelta(seconds=(time.monotonic() - local) * self._pace)


def moment(at: str) -> datetime:
    return datetime.fromisoformat(at)
