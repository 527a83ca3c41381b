"""Spoken help for a browser without a voice of its own: a sentence becomes a WAV, kept in the data folder."""

import hashlib
import subprocess
import sys
import threading
from pathlib import Path

import structlog

LONGEST_CHARACTERS = 400
LIMIT_SECONDS = 5.0
"""A sentence takes some 60 ms with the start of the process; what hangs longer is ended."""
KEEP_FILES = 400

log = structlog.get_logger("kiosk.speech")


class Speech:
    """Makes WAVs with a process a sentence: the speech library may crash, and its licence is not ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._one_at_a_time = threading.Lock()

    def wav(self, text: str, language: str) -> Path | None:
        """The sentence as a file, None when this machine cannot speak it."""
        text = " ".join(text.split())[:LONGEST_CHARACTERS]
        if not text:
            return None
        name = hashlib.sha256(f"{language}\n{text}".encode()).hexdigest()[:32]
        path = self._folder / f"{name}.wav"
        with self._one_at_a_time:
            if not path.exists() and not self._make(text, language, path):
                return None
        return path

    def _make(self, text: str, language: str, path: Path) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forget_oldest()
        half = path.with_suffix(".part")
        command = [sys.executable, "-m", "kiosk.voice", language, str(half)]
        try:
            done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=LIMIT_SECONDS)
        except (subprocess.TimeoutExpired, OSError) as error:
            log.warning("speech.failed", language=language, why=str(error))
            return False
        if done.returncode or not half.exists():
            log.warning("speech.failed", language=language, why=done.stderr.decode(errors="replace")[-300:])
            return False
        half.replace(path)
        return True

    def _forget_oldest(self) -> None:
        files = sorted(self._folder.glob("*.wav"), key=lambda file: file.stat().st_mtime)
        for file in files[: max(0, len(files) - KEEP_FILES)]:
            file.unlink(missing_ok=True)
