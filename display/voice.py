"""The voice: keeps the speech engine's process alive, within a time limit, and starts it again when it dies."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import structlog

from display.making import NoVoice, Phrase

VOICES = {"zh-CN": "cmn", "yue": "yue", "en": "en-us"}
START_SECONDS = 10.0
TRIES = 2
"""An utterance that killed or hung a process is tried once more in a new one."""
RETRY_SECONDS = 30.0
"""How long a machine without an engine is left alone before it is looked for again."""
VOLUME = 0.9
"""What the engine is asked for: at 1 its peaks clip. How loud the hall hears it is set on the recording."""
QUICK = 1.3
"""Times the usual rate when many are called at once: brisk, still calm."""

log = structlog.get_logger("display.voice")


class Voice:
    """Makes WAV files of sentences. Safe to call from several threads; they take turns.

    `limit_seconds`: an engine that takes longer for one sentence is taken for hung and replaced.
    """

    def __init__(
        self,
        rate: int = 150,
        limit_seconds: float = 4.0,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.rate = rate
        self.limit_seconds = limit_seconds
        self.error: str | None = None
        """Why there is no voice at present; None while there is one."""
        self.starts = 0
        self._environment = environment
        self._worker: _Worker | None = None
        self._not_before = 0.0
        self._lock = threading.Lock()

    start_seconds = START_SECONDS

    def _command(self) -> list[str]:
        return ["display.worker"]

    def start(self) -> None:
        """Starts the engine ahead of the first call. Never raises: `error` says what is wrong."""
        try:
            with self._lock:
                self._running()
        except NoVoice as error:
            log.warning("voice.none", why=str(error))

    def make_phrase(self, phrase: Phrase, path: Path) -> None:
        """Speaks it into the file `path`. Raises NoVoice when that did not come to be."""
        job = {"text": phrase.text, "path": str(path), **self._manner(phrase)}
        with self._lock:
            for left in reversed(range(TRIES)):
                try:
                    answer = self._running().ask(job, self.limit_seconds)
                    break
                except _Lost as error:
                    log.warning("voice.lost", why=str(error), again=bool(left))
                    self._drop()
                    if not left:
                        raise NoVoice(str(error)) from error
        if "error" in answer:
            raise NoVoice(answer["error"])

    @property
    def pid(self) -> int | None:
        return self._worker.pid if self._worker else None

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _manner(self, phrase: Phrase) -> dict[str, Any]:
        rate = round(self.rate * QUICK) if phrase.quick else self.rate
        return {"voice": VOICES[phrase.language], "rate": rate, "volume": VOLUME}

    def _running(self) -> "_Worker":
        if self._worker is not None:
            return self._worker
        if time.monotonic() < self._not_before:
            raise NoVoice(self.error or "no voice")
        worker = _Worker(self._command(), self._environment)
        self.starts += 1
        try:
            hello = worker.hear(self.start_seconds)
        except _Lost as error:
            hello = {"ready": False, "error": str(error)}
        if not hello["ready"]:
            worker.kill()
            self.error, self._not_before = hello["error"], time.monotonic() + RETRY_SECONDS
            raise NoVoice(hello["error"])
        self.error, self._worker = None, worker
        return worker

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None


class _Lost(Exception):
    """The process died or did not answer in time."""


class _Worker:
    """One running `python -m display.worker` or its like."""

    def __init__(self, command: list[str], environment: dict[str, str] | None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=environment,
            cwd=Path(__file__).resolve().parents[1],
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, name="voice-worker", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, job: dict[str, Any], limit_seconds: float) -> dict[str, Any]:
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise _Lost(f"the speech engine is gone: {error}") from error
        return self.hear(limit_seconds)

    def hear(self, limit_seconds: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=limit_seconds)
        except queue.Empty:
            raise _Lost(f"the speech engine did not answer within {limit_seconds:g} s") from None
        if line is None:
            raise _Lost("the speech engine ended by itself")
        answer = json.loads(line)
        return answer if isinstance(answer, dict) else {}

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            # What was not written yet has no reader any more.
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)
