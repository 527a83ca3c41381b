"""Devices made of real pseudo-terminals, and what the kernel says of keys."""

import contextlib
import os
import pty
import select
import threading
import time
import tty
from pathlib import Path

from caller.pads.devices import EV_KEY, EV_SYN, EVENT
from hall.devices.key_codes import KEY_CODES


class PtyDevice:
    """A device on a pseudo-terminal, at a path that stays the same when it is plugged in again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plug_in()

    def plug_in(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._slave))
        self._plugged = True
        self._reading = threading.Thread(target=self._read, args=(self._master,), daemon=True)
        self._reading.start()

    def unplug(self) -> None:
        self._plugged = False
        self._reading.join(5)
        self.path.unlink()
        os.close(self._master)
        os.close(self._slave)

    def send(self, data: bytes) -> None:
        os.write(self._master, data)

    def hear(self, line: str) -> None:
        """A line it was told."""

    def _read(self, master: int) -> None:
        held = b""
        while self._plugged:
            if not select.select([master], [], [], 0.05)[0]:
                continue
            with contextlib.suppress(OSError):
                held += os.read(master, 4096)
            *whole, held = held.split(b"\n")
            for line in whole:
                self.hear(line.decode())

    def close(self) -> None:
        if self._plugged:
            self.unplug()


class SerialPadSimulator(PtyDevice):
    """A pad with a display."""

    def __init__(self, path: Path) -> None:
        self.lines: list[str] = []
        """All it was ever told."""
        super().__init__(path)

    def hear(self, line: str) -> None:
        self.lines.append(line)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.send(f"K{key}\r\n".encode())

    def shows(self, field: str) -> str:
        """What stands after a line's first letter: W waiting, N number, S state, M message, B beep."""
        return next((line[1:] for line in reversed(self.lines) if line[:1] == field), "?")

    def beeps(self) -> list[str]:
        return [line for line in self.lines if line[0] == "B"]

    def wait_for(self, field: str, wanted: str, seconds: float = 40) -> None:
        end = time.monotonic() + seconds
        while self.shows(field) != wanted:
            assert time.monotonic() < end, f"{field}{wanted} never came; it shows {self.lines[-12:]}"
            time.sleep(0.02)

    def wait_for_beep(self, after: int, seconds: float = 40) -> str:
        """The first beep after so many."""
        end = time.monotonic() + seconds
        while len(self.beeps()) <= after:
            assert time.monotonic() < end, f"no beep after {after}: {self.lines[-12:]}"
            time.sleep(0.02)
        return self.beeps()[after]


def key_events(*names: str) -> bytes:
    """What the kernel writes for each key pressed, held a moment and released."""
    events = b""
    for name in names:
        for value in (1, 2, 2, 0):
            events += EVENT.pack(1764000000, 5, EV_KEY, KEY_CODES[name], value) + EVENT.pack(
                1764000000, 5, EV_SYN, 0, 0
            )
    return events
