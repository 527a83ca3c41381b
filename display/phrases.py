"""Sentences as sound: from phrases made ahead, else from the engine at once, else from stems.

A call's sentence has two phrases. Where to go is one of a few hundred and is kept; who is called is made when the
number is issued. So a call is mostly two files put together, and where the engine is dead or slow, it is stems.
"""

import hashlib
import json
import os
import shutil
import time
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import structlog

from display import stems
from display.making import NOW, SOME_TIME, SOON, Maker, Phrase
from display.natural import LANGUAGE as NATURAL
from display.voice import Voice
from display.waves import Wave, joined, read, trimmed
from hall.wording import phrases

PATIENCE_SECONDS = 0.15
"""How long a call waits for the engine before stems say it."""
LONGEST_SECONDS = 20.0
"""The same where there are no stems: the voice's own limits come first."""
GAP_SECONDS = 0.15
QUICK_GAP_SECONDS = 0.05

log = structlog.get_logger("display.phrases")


class Spoken(NamedTuple):
    sound: Wave
    by: str
    """natural, plain or stems"""


class Phrases:
    """Phrases as files in `folder`. What can be made again, `s-…` (plain) and `n-…` (natural), is dropped in time;
    `kept-…/` stays."""

    def __init__(
        self,
        voice: Voice,
        folder: Path,
        patience_seconds: float = PATIENCE_SECONDS,
        natural: Voice | None = None,
    ) -> None:
        self.voice = voice
        self.natural = natural
        self._folder = folder
        self._patience_seconds = patience_seconds
        self._kept = folder / f"kept-{digest([voice.rate])}"
        self._kept.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("kept-*"):
            if old != self._kept:
                shutil.rmtree(old, ignore_errors=True)
        self._maker = Maker(voice.make_phrase, "phrases")
        self._natural_maker = Maker(natural.make_phrase, "natural") if natural else None

    def sentence(self, language: str, text: str, quick: bool = False) -> Spoken | None:
        """None when there is neither a voice nor a stem for some word of it."""
        wanted = [Phrase(language, part, quick) for part in phrases(text)]
        natural = [self._read(self._natural_path(one)) for one in wanted] if self.natural else [None]
        if all(one is not None for one in natural):  # two voices in one sentence would be worse than the plain one
            return Spoken(joined([one for one in natural if one is not None], GAP_SECONDS), "natural")
        patient_until = time.monotonic() + self._patience_seconds
        made = [self._phrase(one, patient_until) for one in wanted]
        found = [one for one in made if one is not None]
        if len(found) < len(wanted):
            log.warning("phrases.no_sentence", language=language, why=self.voice.error)
            return None
        by = "stems" if any(one.by == "stems" for one in found) else "plain"
        return Spoken(joined([one.sound for one in found], QUICK_GAP_SECONDS if quick else GAP_SECONDS), by)

    def ahead(self, wanted: Iterable[Phrase]) -> None:
        """Makes phrases of calls that will come."""
        for phrase in wanted:
            if self._find(phrase) is None:
                self._maker.ask(phrase, self._made_path(phrase), SOON)
            self._make_natural(phrase, SOON)

    def keep(self, wanted: Iterable[Phrase]) -> None:
        """Makes phrases that stay: those of the hall's windows."""
        for phrase in wanted:
            self._keep(phrase)
            self._make_natural(phrase, SOME_TIME)

    def keep_stems(self, languages: Iterable[str], quick_language: str) -> None:
        pace = [*((one, False) for one in languages), (quick_language, True)]
        for one, quick in pace:
            for word in stems.words(one):
                self._keep(Phrase(one, word, quick))

    def has_stems(self, language: str) -> bool:
        return all(self._kept_path(Phrase(language, word)).exists() for word in stems.words(language))

    def close(self) -> None:
        self._maker.close()
        if self._natural_maker and self.natural:
            self._natural_maker.close()
            self.natural.close()

    def _keep(self, phrase: Phrase) -> None:
        if not self._kept_path(phrase).exists():
            self._maker.ask(phrase, self._kept_path(phrase), SOME_TIME)

    def _make_natural(self, phrase: Phrase, haste: int) -> None:
        path = self._natural_path(phrase)
        if self._natural_maker and phrase.language == NATURAL and not phrase.quick and not path.exists():
            self._natural_maker.ask(phrase, path, haste)

    def _phrase(self, phrase: Phrase, patient_until: float) -> Spoken | None:
        sound = self._find(phrase)
        if sound is None:
            done = self._maker.ask(phrase, self._made_path(phrase), NOW)
            done.wait(max(0.0, patient_until - time.monotonic()))
            sound = self._find(phrase)
            if sound is None and (words := self._from_stems(phrase)) is not None:
                return Spoken(words, "stems")
            if sound is None:
                done.wait(LONGEST_SECONDS)
                sound = self._find(phrase)
        return None if sound is None else Spoken(sound, "plain")

    def _from_stems(self, phrase: Phrase) -> Wave | None:
        words = stems.pieces(phrase.text, phrase.language)
        sounds = [self._read(self._kept_path(phrase._replace(text=word))) for word in words or []]
        found = [sound for sound in sounds if sound is not None]
        return joined(found, 0) if found and len(found) == len(sounds) else None

    def _find(self, phrase: Phrase) -> Wave | None:
        kept = self._read(self._kept_path(phrase))
        return self._read(self._made_path(phrase)) if kept is None else kept

    def _read(self, path: Path) -> Wave | None:
        try:
            sound = read(path)
            os.utime(path)
            return trimmed(sound)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, wave.Error) as error:
            log.warning("phrases.unreadable", file=path.name, why=str(error))
            path.unlink(missing_ok=True)  # it is made again
            return None

    def _kept_path(self, phrase: Phrase) -> Path:
        return self._kept / f"{digest([*phrase])}.wav"

    def _natural_path(self, phrase: Phrase) -> Path:
        return self._folder / f"n-{digest([*phrase, self.voice.rate])}.wav"

    def _made_path(self, phrase: Phrase) -> Path:
        return self._folder / f"s-{digest([*phrase, self.voice.rate])}.wav"


def digest(what: list[object]) -> str:
    return hashlib.sha256(json.dumps(what, ensure_ascii=False).encode()).hexdigest()[:24]
