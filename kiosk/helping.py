"""A visitor's call for someone of the guide desk: asked once, shown until the desk answers or time has passed."""

import time

from hall.link import Link

LONGEST_SECONDS = 180.0
"""A call that nobody answered is not promised for ever: the key can be pressed again."""


class HelpCall:
    """What this kiosk knows of its own call."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._until = 0.0

    @property
    def wanted(self) -> bool:
        return time.monotonic() < self._until

    def ask(self) -> None:
        """Raises LinkDown or Refused when the desk could not be told."""
        self._link.post("kiosk-help")
        self._until = time.monotonic() + LONGEST_SECONDS

    def answered(self) -> None:
        self._until = 0.0
