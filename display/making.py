"""The maker: has phrases made one after the other in a thread of its own; what somebody waits for comes first."""

import itertools
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import structlog

NOW, SOON, SOME_TIME = 0, 1, 2
"""For a call that is to be heard at once; for one that will come; for the day the engine dies."""
MOST_WAITING = 3000

log = structlog.get_logger("display.making")


class Phrase(NamedTuple):
    language: str
    text: str
    quick: bool = False
    """Spoken faster, when many are called at once."""


class NoVoice(Exception):
    """Nothing was said; the message tells people why."""


Make = Callable[[Phrase, Path], None]
"""Speaks a phrase into a file. Raises NoVoice."""


class _Job(NamedTuple):
    haste: int
    ordinal: int
    phrase: Phrase
    path: Path
    done: threading.Event


class Maker:
    def __init__(self, make: Make, name: str) -> None:
        self._make = make
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._ordinals = itertools.count()
        self._stopping = False
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def ask(self, phrase: Phrase, path: Path, haste: int) -> threading.Event:
        """Set when `path` has been made, or could not be."""
        done = threading.Event()
        if haste != NOW and self._jobs.qsize() > MOST_WAITING:
            done.set()
        else:
            self._jobs.put(_Job(haste, next(self._ordinals), phrase, path, done))
        return done

    def close(self) -> None:
        self._stopping = True
        self.ask(Phrase("", ""), Path(), NOW)

    def _run(self) -> None:
        while not self._stopping:
            job = self._jobs.get()
            try:
                if not self._stopping and not job.path.exists():
                    self._write(job.phrase, job.path)
            except (NoVoice, OSError) as error:
                log.warning("making.failed", language=job.phrase.language, why=str(error))
            except Exception:  # the next phrase must be made whatever this one did
                log.exception("making.broke", text=job.phrase.text)
            finally:
                job.done.set()

    def _write(self, phrase: Phrase, path: Path) -> None:
        raw = path.with_suffix(".part")  # a file cut short by a crash must never look finished
        self._make(phrase, raw)
        os.replace(raw, path)
