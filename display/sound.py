"""Ways out for sound: the machine's sound card, or the board page; and which of them is in use."""

import threading
import time
import wave
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Literal, Protocol

import miniaudio
import structlog

from display.recording import Recording

Output = Literal["auto", "sound_card", "page"]
Way = Literal["sound_card", "page", "none"]

LOOK_AGAIN_SECONDS = 10.0
PERIOD_MS = 60
PERIODS = 3
GRACE_SECONDS = 3.0
"""How much longer than its sound a device or page may take before it is taken for hung."""
NO_CARDS = ("null", "auto_null")
"""Devices of ALSA and PulseAudio that exist on a machine without a card and swallow everything."""
REAL = [one for one in miniaudio.Backend if one.name not in ("NULL", "CUSTOM", "WEBAUDIO")]

log = structlog.get_logger("display.sound")


class NotHeard(Exception):
    """Nobody heard it, or not to its end."""


class Loudspeaker(Protocol):
    """A way out. `play` blocks until the sound has ended; it calls `started` when it begins to be heard."""

    def ready(self) -> bool: ...

    def play(self, recording: Recording, about: dict[str, Any], started: Callable[[], None]) -> None: ...


class SoundCard:
    """The machine's default sound card. `backends` other than the real ones are for tests."""

    def __init__(self, backends: list[miniaudio.Backend] | None = None) -> None:
        self._backends = backends or REAL
        self._any_device = backends is not None
        self._lock = threading.Lock()
        self._looked: float | None = None
        self._found = False

    def ready(self) -> bool:
        """Whether there is a card, looked for again every 10 s: loudspeakers are plugged in and pulled out."""
        with self._lock:
            if self._looked is None or time.monotonic() - self._looked > LOOK_AGAIN_SECONDS:
                self._found, self._looked = self._look(), time.monotonic()
            return self._found

    def play(self, recording: Recording, about: dict[str, Any], started: Callable[[], None]) -> None:
        begun, done = threading.Event(), threading.Event()
        frames = _frames(_read(recording.path), begun, done)
        next(frames)
        try:
            with self._open() as device:
                device.start(frames)
                if not begun.wait(GRACE_SECONDS):
                    raise NotHeard("the sound card takes no sound")
                started()
                if not done.wait(recording.seconds + GRACE_SECONDS):
                    raise NotHeard("the sound card hangs")
                time.sleep(PERIOD_MS * PERIODS / 1000)  # what the card still holds
        except miniaudio.MiniaudioError as error:
            raise NotHeard(f"sound card: {error}") from error
        finally:
            if not done.is_set():
                self._looked = None

    def _open(self) -> Any:
        return miniaudio.PlaybackDevice(
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=1,
            sample_rate=22050,
            buffersize_msec=PERIOD_MS,
            callback_periods=PERIODS,
            backends=self._backends,
            app_name="Hallcall",
        )

    def _look(self) -> bool:
        try:
            devices = miniaudio.Devices(self._backends).get_playbacks()
        except miniaudio.MiniaudioError:
            return False
        return any(self._any_device or _is_card(device) for device in devices)


def _is_card(device: dict[str, Any]) -> bool:
    key = bytes(miniaudio.ffi.buffer(device["id"])).split(b"\0", 1)[0].decode(errors="replace")
    return key not in NO_CARDS and device["name"] != "Dummy Output"


def _read(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes())


def _frames(data: bytes, begun: threading.Event, done: threading.Event) -> Generator[bytes, int, None]:
    """What the card asks for, then silence until it is closed."""
    wanted = yield b""
    place = 0
    while place < len(data):
        begun.set()
        chunk = data[place : place + wanted * 2]
        place += len(chunk)
        wanted = yield chunk
    done.set()
    while True:
        yield b""


class Sound:
    """Chooses the way out for each sound: as `output` says, else card before page; "none" is said plainly."""

    def __init__(self, output: Output, card: Loudspeaker, page: Loudspeaker) -> None:
        ways: dict[Way, Loudspeaker] = {"sound_card": card, "page": page}
        self._ways = {name: one for name, one in ways.items() if output in ("auto", name)}
        self._said: Way | None = None

    @property
    def way(self) -> Way:
        way: Way = next((name for name, one in self._ways.items() if one.ready()), "none")
        if way != self._said:
            self._said = way
            tell = log.warning if way == "none" else log.info
            tell("sound.way", way=way, words=WORDS[way])
        return way

    def play(self, recording: Recording, about: dict[str, Any], started: Callable[[Way], None]) -> None:
        """Raises NotHeard. A way that fails is not tried again for this sound: half a sentence twice confuses."""
        way = self.way
        if way == "none":
            raise NotHeard(WORDS["none"])
        self._ways[way].play(recording, about, lambda: started(way))


WORDS = {
    "sound_card": "the sound card of this machine plays the calls",
    "page": "the board page plays the calls",
    "none": "nobody hears the calls: there is no sound card and no board page that may play",
}
