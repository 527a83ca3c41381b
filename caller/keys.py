"""Single keys from a terminal, on POSIX and Windows, without waiting for Enter."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ReadKey = Callable[[float], str | None]
"""Waits at most so many seconds for a key: a character, `enter`, `esc`, `backspace`, `up`, `down`, GONE, or None."""

SENT = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]|.", re.DOTALL)
"""What one read may bring: sequences of arrow and function keys, and keys typed fast."""

GONE = "gone"
"""The terminal was closed."""

NAMES = {
    "\r": "enter", "\n": "enter", "\x1b": "esc", "\x7f": "backspace", "\x08": "backspace",
    "\x1b[A": "up", "\x1bOA": "up", "\x1b[B": "down", "\x1bOB": "down",
}  # fmt: skip


def named(pressed: str) -> str | None:
    """The key of what a terminal sent; None for sequences that mean nothing here."""
    if pressed in NAMES:
        return NAMES[pressed]
    return pressed if len(pressed) == 1 and pressed.isprintable() else None


@contextmanager
def single_keys() -> Iterator[ReadKey]:
    """The terminal gives single keys inside, and is as it was afterwards."""
    if sys.platform == "win32":
        yield _windows_key
    else:
        with _posix_keys() as read:
            yield read


if sys.platform == "win32":
    import msvcrt

    def _windows_key(seconds: float) -> str | None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if msvcrt.kbhit():
                pressed = msvcrt.getwch()
                if pressed in "\x00\xe0":  # an arrow or function key: its second half says which
                    return {"H": "up", "P": "down"}.get(msvcrt.getwch())
                return named(pressed)
            time.sleep(0.01)
        return None

else:
    import select
    import termios
    import tty

    @contextmanager
    def _posix_keys() -> Iterator[ReadKey]:
        file = sys.stdin.fileno()
        before = termios.tcgetattr(file)
        tty.setcbreak(file)
        held: list[str] = []
        try:
            yield lambda seconds: _posix_key(file, held, seconds)
        finally:
            termios.tcsetattr(file, termios.TCSADRAIN, before)

    def _posix_key(file: int, held: list[str], seconds: float) -> str | None:
        if not held:
            if not select.select([file], [], [], seconds)[0]:
                return None
            try:
                sent = os.read(file, 64).decode(errors="ignore")
            except OSError:
                sent = ""
            if not sent:
                return GONE
            held.extend(SENT.findall(sent))
        return named(held.pop(0))
