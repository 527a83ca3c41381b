"""A small device kept open by a thread of its own: opened again whenever it comes back, and how it is."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Generic, TypeVar

import structlog

from hall.health import Condition
from hall.port import Device, PortError

TRY_SECONDS = 1.0
READ_SECONDS = 0.5
RUBBISH = 3
RUBBISH_SECONDS = 60.0
"""So many pieces of rubbish within so long, and nothing good between, are a fault of the device."""

T = TypeVar("T")

log = structlog.get_logger("hall.attached")


class Attached(Generic[T]):
    """`on_read` is called from the thread, with None for a piece of rubbish; `on_open` each time the device came."""

    def __init__(
        self,
        part: str,
        id: str,
        open_device: Callable[[], Device[T]],
        on_read: Callable[[T | None], None],
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        self._part, self._id = part, id
        self._open_device = open_device
        self._on_read = on_read
        self._on_open = on_open
        self._device: Device[T] | None = None
        self._trouble: PortError | None = None
        self._was_open = False
        self._rubbish: list[float] = []
        self._last_read: datetime | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{part}-{id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(3)

    @property
    def is_open(self) -> bool:
        return self._device is not None

    def write(self, data: bytes) -> bool:
        """Whether the device took it."""
        device = self._device
        if device is None:
            return False
        try:
            device.write(data)
        except PortError as error:
            log.info("device.write", part=self._part, id=self._id, why=error.detail)
            return False
        return True

    def condition(self) -> Condition:
        """With `last_read_at` among the facts, so that a self-check sees whether the device was ever heard."""
        facts = {"last_read_at": self._last_read.isoformat(timespec="seconds")} if self._last_read else {}
        if self._device is None:
            if self._trouble is None:
                return Condition(self._part, "unknown", id=self._id, facts=facts)
            gone = self._was_open and self._trouble.code == "not_found"
            code = "unplugged" if gone else self._trouble.code
            return Condition(self._part, "fault", code, self._id, self._trouble.detail, facts)
        if len(self._rubbish) >= RUBBISH:
            return Condition(self._part, "fault", "rubbish", self._id, facts=facts)
        return Condition(self._part, "ok", id=self._id, facts=facts)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
            except PortError as error:
                self._lost(error)
            except Exception as error:  # this loop must never die: a device comes back by itself
                log.exception("device.broke", part=self._part, id=self._id)
                self._lost(PortError("unplugged", str(error)))
            self._stopping.wait(TRY_SECONDS)

    def _work(self) -> None:
        device = self._open_device()
        self._device, self._trouble, self._was_open, self._rubbish = device, None, True, []
        log.info("device.open", part=self._part, id=self._id)
        try:
            self._on_open()
            while not self._stopping.is_set():
                for one in device.read(READ_SECONDS):
                    self._take(one)
        finally:
            self._device = None
            device.close()

    def _take(self, one: T | None) -> None:
        now = time.monotonic()
        if one is None:
            self._rubbish = [*(at for at in self._rubbish if now - at < RUBBISH_SECONDS), now]
        else:
            self._rubbish = []
            self._last_read = datetime.now(UTC)
        self._on_read(one)

    def _lost(self, error: PortError) -> None:
        if self._trouble is None or self._trouble.code != error.code:
            log.warning("device.lost", part=self._part, id=self._id, code=error.code, why=error.detail)
        self._trouble = error
