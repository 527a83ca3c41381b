"""Recordings of announcements: chime, pause, sentence, as WAV files in a bounded folder."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import structlog

from display.phrases import Phrases
from display.waves import FRAME_RATE, Wave, joined, make_chime, scaled, silence, write

PAUSE_SECONDS = 0.3
BETWEEN_SECONDS = 0.4
QUICK_BETWEEN_SECONDS = 0.3
MEGABYTES = 1024 * 1024
LARGEST_BYTES = {"c-*.wav": 32 * MEGABYTES, "s-*.wav": 64 * MEGABYTES, "n-*.wav": 128 * MEGABYTES}
"""Of what was played, and of phrases that can be made again, plain and natural."""
NAME = re.compile(r"^c-[0-9a-f]{24}\.wav$")

log = structlog.get_logger("display.recording")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A sentence as it is to be heard."""

    language: str
    text: str
    chime: bool = True
    """Without it, it goes on from another recording: a pause comes first."""
    quick: bool = False
    volume: float = 1.0


@dataclass(frozen=True, slots=True)
class Recording:
    path: Path
    seconds: float
    by: str | None
    """Who speaks: natural, plain or stems; None when there is no voice at all and only the chime is left."""


class Recorder:
    """Makes recordings and keeps them in `folder`, the longest unused dropped first."""

    def __init__(
        self,
        phrases: Phrases,
        folder: Path,
        chime: str = "two_notes",
        largest_bytes: dict[str, int] | None = None,
    ) -> None:
        self.phrases = phrases
        self.folder = folder
        self._largest_bytes = largest_bytes or LARGEST_BYTES
        folder.mkdir(parents=True, exist_ok=True)
        self._chime = make_chime(chime)

    @property
    def chime_seconds(self) -> float:
        return len(self._chime) / FRAME_RATE + PAUSE_SECONDS if len(self._chime) else 0.0

    def make_wav(self, what: Announcement) -> Recording:
        """Never raises for want of a voice: then the chime alone is heard, also where none is set."""
        spoken = self.phrases.sentence(what.language, what.text, what.quick)
        sound = scaled(self._whole(what, spoken.sound if spoken else None), what.volume)
        path = self.folder / f"c-{hashlib.sha256(sound.tobytes()).hexdigest()[:24]}.wav"
        if path.exists():
            os.utime(path)
        else:
            write(path, sound)
            self._prune(path)
        return Recording(path, len(sound) / FRAME_RATE, spoken.by if spoken else None)

    def find(self, name: str) -> Path | None:
        """The recording of that file name, nothing else of the disk."""
        path = self.folder / name
        return path if NAME.match(name) and path.is_file() else None

    def _whole(self, what: Announcement, sentence: Wave | None) -> Wave:
        if not what.chime:
            pause = silence(QUICK_BETWEEN_SECONDS if what.quick else BETWEEN_SECONDS)
            return joined([pause, *([] if sentence is None else [sentence])], 0)
        if sentence is None:
            return self._chime if len(self._chime) else make_chime("two_notes")
        return joined([self._chime, sentence], PAUSE_SECONDS) if len(self._chime) else sentence

    def _prune(self, newest: Path) -> None:
        for kind, largest in self._largest_bytes.items():
            files = sorted(self.folder.glob(kind), key=lambda file: file.stat().st_mtime, reverse=True)
            kept = 0
            for file in files:
                kept += file.stat().st_size
                if kept > largest and file != newest:
                    file.unlink(missing_ok=True)
