"""The natural Mandarin voice: kept alive like the plain one, slower, and never waited for."""

from pathlib import Path
from typing import Any

from display.making import Phrase
from display.voice import Voice

LANGUAGE = "zh-CN"
LIMIT_SECONDS = 120.0
USUAL_RATE = 150


class Natural(Voice):
    """`folder` holds the voice's file; what is missing is said in `error`."""

    start_seconds = 120.0

    def __init__(self, rate: int, folder: Path) -> None:
        super().__init__(rate, LIMIT_SECONDS)
        self._folder = folder

    def _command(self) -> list[str]:
        return ["display.natural_worker", str(self._folder)]

    def _manner(self, phrase: Phrase) -> dict[str, Any]:
        return {"speed": self.rate / USUAL_RATE}
