"""A process that speaks one sentence into a WAV: `python -m kiosk.voice LANGUAGE FILE < sentence`."""

import ctypes
import sys
import tempfile
import wave
from pathlib import Path

import espeakng_loader

VOICES = {"zh-CN": "cmn", "zh-TW": "cmn", "zh-HK": "yue", "yue": "yue", "en": "en-us"}
"""espeak-ng's names where they differ from the language's own code."""
SYNCHRONOUS, UTF8, DO_NOT_EXIT, RATE, VOLUME = 2, 1, 0x8000, 1, 2
WORDS_A_MINUTE = 150
LOUDNESS = 90
"""At 100 peaks clip."""
LONGEST_PATH = 150
"""The library ends the process for a data path of 160 bytes or more."""

Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(text: str, language: str, file: Path) -> None:
    """Writes 16 bit mono. Raises RuntimeError when there is no such voice or nothing was to be heard."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    heard = bytearray()

    @Heard
    def take(samples, count, _events):  # type: ignore[no-untyped-def]
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, count * 2))
        return 0

    with tempfile.TemporaryDirectory() as short:
        rate = library.espeak_Initialize(SYNCHRONOUS, 0, _data_path(Path(short)).encode(), DO_NOT_EXIT)
        if rate <= 0:
            raise RuntimeError("the speech library finds no data")
        voice = VOICES.get(language, language)
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError(f"no voice for {language}")
        library.espeak_SetParameter(RATE, WORDS_A_MINUTE, 0)
        library.espeak_SetParameter(VOLUME, LOUDNESS, 0)
        library.espeak_SetSynthCallback(take)
        said = text.encode()
        library.espeak_Synth(said, ctypes.c_size_t(len(said) + 1), 0, 0, 0, UTF8, None, None)
        library.espeak_Synchronize()
    if not any(heard):
        raise RuntimeError("nothing was to be heard")
    _write(file, bytes(heard), rate)


def _data_path(short: Path) -> str:
    path = espeakng_loader.get_data_path()
    if len(path.encode()) < LONGEST_PATH:
        return str(path)
    link = short / "espeak-ng-data"
    link.symlink_to(path, target_is_directory=True)
    return str(link)


def _write(file: Path, samples: bytes, rate: int) -> None:
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(samples)


if __name__ == "__main__":
    speak(sys.stdin.buffer.read().decode(), sys.argv[1], Path(sys.argv[2]))
