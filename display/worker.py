"""The speech engine's own process: one utterance at a time, from a JSON line on stdin to a WAV file.

The engine's C library may exit or abort the process, so it lives alone here; `display.voice` starts it, sets
its time limit and starts it again. The first line out is {"ready": true, "voices": [...]} or {"ready": false,
"error": ...}; then each {"text", "voice", "rate", "volume", "path"} gives one line, {"seconds"} or {"error"}.
"""

import array
import atexit
import ctypes
import json
import os
import shutil
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any, TextIO

LONGEST_DATA_PATH = 120
"""espeak-ng keeps the path in 160 bytes, file names after it, and ends the process when they do not fit."""
SILENT_PEAK = 500
"""A WAV whose loudest of 32,767 steps is below this holds no speech."""


class NoEngine(Exception):
    """There is no speech engine on this machine that could speak."""


class BadSpeech(Exception):
    """This utterance could not be made."""


def main() -> None:
    answers = _keep_stdout()
    try:
        engine, voices = _start_engine()
    except Exception as error:  # whatever it is, the reason must reach whoever looks at the screen
        _answer(answers, {"ready": False, "error": str(error) or type(error).__name__})
        return
    _answer(answers, {"ready": True, "voices": sorted(voices)})
    for line in sys.stdin:
        _answer(answers, _speak(engine, voices, json.loads(line)))


def _keep_stdout() -> TextIO:
    """The real stdout for our answers alone; what pyttsx3 or C prints there goes to stderr instead."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _answer(answers: TextIO, answer: dict[str, Any]) -> None:
    print(json.dumps(answer), file=answers, flush=True)


def _start_engine() -> tuple[Any, dict[str, str]]:
    """The engine, and {name as asked for ("cmn"): the engine's own id ("sit/cmn")}."""
    _prepare_library()
    try:
        import pyttsx3

        engine = pyttsx3.init("espeak")
    except (ImportError, RuntimeError, OSError) as error:
        raise NoEngine(f"no speech engine: {error}") from error
    return engine, {voice.id.rsplit("/", 1)[-1]: voice.id for voice in engine.getProperty("voices")}


def _prepare_library() -> None:
    """Points espeak-ng at its data, checked first: with none the library ends the process without a word."""
    data = os.environ.get("ESPEAK_DATA_PATH")
    try:
        import espeakng_loader

        data = data or espeakng_loader.get_data_path()
        # pyttsx3 finds it by name only when its names are global.
        ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
    except ImportError:
        if data is None:
            return  # an engine of the machine's own knows where its data is
    if not any((Path(data) / place / "phontab").is_file() for place in ("", "espeak-ng-data")):
        raise NoEngine(f"no speech engine: there is no voice data in {data}")
    os.environ["ESPEAK_DATA_PATH"] = _short(data)


def _short(data: str) -> str:
    if len(os.fsencode(data)) <= LONGEST_DATA_PATH:
        return data
    place = tempfile.gettempdir()
    folder = tempfile.mkdtemp(prefix="hc-", dir=place if len(os.fsencode(place)) < 80 else "/tmp")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    link = os.path.join(folder, "espeak-ng-data")
    os.symlink(data, link)
    return link


def _speak(engine: Any, voices: dict[str, str], job: dict[str, Any]) -> dict[str, Any]:
    try:
        if job["voice"] not in voices:
            raise BadSpeech(f"the engine has no voice '{job['voice']}'")
        # pyttsx3 never comes back from a file it cannot write.
        Path(job["path"]).write_bytes(b"")
        _make_file(engine, {**job, "voice": voices[job["voice"]]})
        _check_voice(engine, voices[job["voice"]])
        return {"seconds": _checked_seconds(Path(job["path"]))}
    except (BadSpeech, ValueError, RuntimeError, OSError, EOFError, wave.Error) as error:
        return {"error": str(error) or type(error).__name__}


def _make_file(engine: Any, job: dict[str, Any]) -> None:
    """The driver's own loop, which ends when the file is written, instead of `runAndWait`.

    runAndWait cancels whatever the engine's thread still does, before and after it has handed over the text: on a
    busy machine that thread is still at the rate and volume, and the sentence came out empty or at another rate.
    """
    from pyttsx3.drivers import _espeak

    _espeak.Synchronize()  # a voice changed under a working thread would be a race
    for name in ("voice", "rate", "volume"):
        engine.setProperty(name, job[name])
    engine.save_to_file(job["text"], job["path"])
    engine.proxy.startLoop(True)


def _check_voice(engine: Any, wanted: str) -> None:
    """Looked at after speaking, because properties are only set then; a wrong voice would speak English."""
    taken = engine.getProperty("voice")
    if taken != wanted:
        raise BadSpeech(f"asked for voice '{wanted}', the engine took '{taken}'")


def _checked_seconds(path: Path) -> float:
    """An unwritable file is only printed, so the file itself is looked at."""
    if not path.exists() or path.stat().st_size == 0:
        raise BadSpeech(f"the engine wrote no file {path}")
    with wave.open(str(path), "rb") as file:
        frames = array.array("h", file.readframes(file.getnframes()))
        if not frames or max(map(abs, frames)) < SILENT_PEAK:
            raise BadSpeech("the engine's file is silent")
        return file.getnframes() / file.getframerate()


if __name__ == "__main__":
    main()
