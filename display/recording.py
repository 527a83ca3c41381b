"""Recordings of announcements: chime, pause, sentences, repeat, as WAV files kept in a bounded folder."""

import hashlib
import json
import os
import re
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from display.voice import NoVoice, Voice
from hall.wording import announcement

FRAME_RATE = 22050
CHIME_NOTES_HZ = (659.26, 523.25)
CHIME_SECONDS = 0.8
PAUSE_SECONDS = 0.3
BETWEEN_SECONDS = 0.4
LARGEST_BYTES = 128 * 1024 * 1024
QUIET = 300
"""Steps of 32,767 below which the engine's own leading and trailing silence is cut away."""
NAME = re.compile(r"^[cs]-[0-9a-f]{24}\.wav$")

Sound = NDArray[np.int16]

log = structlog.get_logger("display.recording")


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be heard: each sentence in its language, in order, all of it `repeat` times."""

    sentences: tuple[tuple[str, str], ...]
    """(language, text)"""
    repeat: int = 2
    chime: bool = True
    """Without it, it goes on from another recording: a pause comes first."""

    @property
    def text(self) -> str:
        return " ".join(text for _, text in self.sentences)


@dataclass(frozen=True, slots=True)
class Recording:
    path: Path
    seconds: float
    spoken: tuple[str, ...]
    """The languages that are in it; none of them when there is no voice and only the chime is left."""


class Recorder:
    """Makes recordings with a voice and keeps them in `folder`, the longest unused dropped first."""

    def __init__(self, voice: Voice, folder: Path, largest_bytes: int = LARGEST_BYTES) -> None:
        self.voice = voice
        self.folder = folder
        self._largest_bytes = largest_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._chime = make_chime()

    def make_wav(self, what: Announcement) -> Recording:
        """Never raises for want of a voice: a sentence that cannot be made is left out, and says so in the log."""
        tried = [(language, self._sentence(language, text)) for language, text in what.sentences]
        made = [(language, sound) for language, sound in tried if sound is not None]
        spoken = tuple(language for language, _ in made)
        path = self.folder / f"c-{_digest([what.sentences, spoken, what.repeat, what.chime, *self._voice_key()])}.wav"
        if not path.exists():
            _write(path, join(self._chime if what.chime else None, [sound for _, sound in made], what.repeat))
            self._prune(path)
        os.utime(path)
        with wave.open(str(path), "rb") as file:
            return Recording(path, file.getnframes() / file.getframerate(), spoken)

    def warm_up(self, languages: list[str]) -> None:
        for language in languages:
            self._sentence(language, announcement("A001", "1", None, language))

    def find(self, name: str) -> Path | None:
        """The recording of that file name, nothing else of the disk."""
        path = self.folder / name
        return path if NAME.match(name) and path.is_file() else None

    def _voice_key(self) -> tuple[int, float]:
        return self.voice.rate, self.voice.volume

    def _sentence(self, language: str, text: str) -> Sound | None:
        path = self.folder / f"s-{_digest([language, text, *self._voice_key()])}.wav"
        try:
            if not path.exists():
                self._speak(text, language, path)
            os.utime(path)
            return trimmed(read(path))
        except (NoVoice, OSError, EOFError, wave.Error) as error:
            log.warning("recording.no_sentence", language=language, why=str(error))
            path.unlink(missing_ok=True)
            return None

    def _speak(self, text: str, language: str, path: Path) -> None:
        raw = path.with_suffix(".part")  # a file cut short by a crash must never look finished
        self.voice.make(text, language, raw)
        os.replace(raw, path)

    def _prune(self, newest: Path) -> None:
        files = sorted(self.folder.glob("*.wav"), key=lambda file: file.stat().st_mtime, reverse=True)
        kept = 0
        for file in files:
            kept += file.stat().st_size
            if kept > self._largest_bytes and file != newest:
                file.unlink(missing_ok=True)


def make_chime() -> Sound:
    """Two soft notes falling a third, 0.8 s: sines that swell for 15 ms and die away."""
    time = np.arange(int(FRAME_RATE * CHIME_SECONDS)) / FRAME_RATE
    sound = np.zeros_like(time)
    for index, note in enumerate(CHIME_NOTES_HZ):
        since = time - index * CHIME_SECONDS * 0.4
        envelope = np.clip(since / 0.015, 0, 1) * np.exp(-np.clip(since, 0, None) * 6)
        sound += envelope * (np.sin(2 * np.pi * note * since) + 0.2 * np.sin(4 * np.pi * note * since))
    fade = np.clip((CHIME_SECONDS - time) / 0.08, 0, 1)
    return np.asarray(sound * fade / np.abs(sound).max() * 0.45 * 32767, dtype=np.int16)


def join(chime: Sound | None, sentences: list[Sound], repeat: int) -> Sound:
    if not sentences:
        return silence(BETWEEN_SECONDS) if chime is None else chime
    parts = [] if chime is None else [chime, silence(PAUSE_SECONDS)]
    for index, sentence in enumerate(sentences * repeat):
        parts += [sentence] if index == 0 and parts else [silence(BETWEEN_SECONDS), sentence]
    return np.concatenate(parts)


def silence(seconds: float) -> Sound:
    return np.zeros(int(FRAME_RATE * seconds), dtype=np.int16)


def trimmed(sound: Sound) -> Sound:
    """Without the engine's own silence, save 30 ms before and 80 ms after."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > QUIET)
    if not len(loud):
        return sound
    return sound[max(0, loud[0] - int(0.03 * FRAME_RATE)) : loud[-1] + int(0.08 * FRAME_RATE)]


def read(path: Path) -> Sound:
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, FRAME_RATE):
            raise wave.Error(f"{path} is not {FRAME_RATE} Hz mono of 16 bits")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def _write(path: Path, sound: Sound) -> None:
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(FRAME_RATE)
        file.writeframes(sound.astype("<i2").tobytes())
    os.replace(part, path)


def _digest(what: list[object]) -> str:
    return hashlib.sha256(json.dumps(what, ensure_ascii=False).encode()).hexdigest()[:24]
