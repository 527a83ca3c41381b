"""Sound as numbers: read from and written to WAV files, trimmed, faded, and the chimes made of sines."""

import os
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FRAME_RATE = 22050
QUIET = 300
"""Steps of 32,767 below which the engine's own leading and trailing silence is cut away."""
LOUDEST = 0.45
"""Of a chime, against full scale: softer than the voice."""

Wave = NDArray[np.int16]


def read(path: Path) -> Wave:
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, FRAME_RATE):
            raise wave.Error(f"{path} is not {FRAME_RATE} Hz mono of 16 bits")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def write(path: Path, sound: Wave) -> None:
    """A file cut short by a crash never bears the name of a whole one."""
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(FRAME_RATE)
        file.writeframes(sound.astype("<i2").tobytes())
    os.replace(part, path)


def silence(seconds: float) -> Wave:
    return np.zeros(int(FRAME_RATE * seconds), dtype=np.int16)


def trimmed(sound: Wave) -> Wave:
    """Without the engine's own silence, save 30 ms before and 80 ms after."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > QUIET)
    if not len(loud):
        return sound
    return sound[max(0, loud[0] - int(0.03 * FRAME_RATE)) : loud[-1] + int(0.08 * FRAME_RATE)]


def joined(sounds: Sequence[Wave], gap_seconds: float) -> Wave:
    parts = [part for sound in sounds for part in (silence(gap_seconds), sound)]
    return np.concatenate(parts[1:])


def scaled(sound: Wave, volume: float) -> Wave:
    return sound if volume == 1 else np.asarray(sound * volume, dtype=np.int16)


def make_chime(name: str) -> Wave:
    """two_notes: falling a third · three_notes: rising · bell: one, with a bell's own overtones · none: nothing."""
    if name == "two_notes":
        return _notes((659.26, 523.25), 0.32, 0.8, ((1, 1.0), (2, 0.2)))
    if name == "three_notes":
        return _notes((523.25, 659.26, 783.99), 0.22, 1.0, ((1, 1.0), (2, 0.2)))
    if name == "bell":
        return _notes((587.33,), 0.0, 1.2, ((1, 1.0), (2.76, 0.35), (5.4, 0.1)))
    return silence(0)


def _notes(notes_hz: Sequence[float], apart: float, length: float, overtones: Sequence[tuple[float, float]]) -> Wave:
    """Sines that swell for 15 ms and die away, one `apart` seconds after the other."""
    time = np.arange(int(FRAME_RATE * length)) / FRAME_RATE
    sound = np.zeros_like(time)
    for index, note in enumerate(notes_hz):
        since = time - index * apart
        envelope = np.clip(since / 0.015, 0, 1) * np.exp(-np.clip(since, 0, None) * 6)
        for factor, share in overtones:
            sound += envelope * share * np.sin(2 * np.pi * note * factor * since)
    fade = np.clip((length - time) / 0.08, 0, 1)
    return np.asarray(sound * fade / np.abs(sound).max() * LOUDEST * 32767, dtype=np.int16)
