"""Sound that films make way for: pages are told when it begins and ends."""

from collections.abc import Callable
from typing import Any

from display.sound import Loudspeaker, Output, Sound


class DuckingSound(Sound):
    """`tell(True)` before each sound, `tell(False)` after it, heard or not."""

    def __init__(self, output: Output, card: Loudspeaker, page: Loudspeaker, tell: Callable[[bool], None]) -> None:
        super().__init__(output, card, page)
        self._tell = tell

    def play(self, *sound: Any) -> None:
        self._tell(True)
        try:
            super().play(*sound)
        finally:
            self._tell(False)
