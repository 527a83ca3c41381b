"""A loudspeaker of real parts for tests: the engine's process, recordings, and a device that plays in real time."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import miniaudio

from display.asked import Asked, Call
from display.page_sound import PageLoudspeaker
from display.phrases import Phrases
from display.recording import Recorder
from display.server_time import ServerTime
from display.sound import Sound, SoundCard
from display.speaker import Speaker
from display.voice import Voice


def null_card() -> SoundCard:
    """Plays into nothing, but takes as long as a loudspeaker would."""
    return SoundCard([miniaudio.Backend.NULL])


class NoPages(PageLoudspeaker):
    """No page ever connects."""

    def __init__(self) -> None:
        super().__init__(lambda message, data, page: None)


class HandMovedTime(ServerTime):
    """A server's clock that only a test moves: however slow the machine, no call grows old by itself."""

    passed = timedelta(0)

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 9, 0, tzinfo=UTC) + self.passed

    def move(self, seconds: float) -> None:
        self.passed += timedelta(seconds=seconds)


class Loud:
    """A speaker with its parts. `card` None: a machine without a sound card."""

    def __init__(
        self,
        folder: Path,
        *,
        repeat: int = 1,
        rate: int = 240,
        card: SoundCard | None = None,
        environment: dict[str, str] | None = None,
        pages: PageLoudspeaker | None = None,
        time: ServerTime | None = None,
    ) -> None:
        self.voice = Voice(rate=rate, environment=environment)
        self.phrases = Phrases(self.voice, folder)
        self.recorder = Recorder(self.phrases, folder)
        self.time = time or ServerTime()
        self.sound = Sound("auto", card or SoundCard(), pages or NoPages())
        self.speaker = Speaker(self.recorder, self.sound, self.time, repeat)

    def __enter__(self) -> "Loud":
        self.tick()
        self.speaker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.speaker.stop()
        self.phrases.close()
        self.voice.close()

    def tick(self) -> None:
        self.time.hear_tick(datetime.now(UTC).isoformat())

    def offer(
        self,
        number: str,
        *,
        age_seconds: float = 0,
        calls: int = 1,
        languages: Iterable[str] = ("zh-CN",),
        sentence: str = "",
    ) -> Asked | None:
        at = self.time.now() - timedelta(seconds=age_seconds)
        languages = tuple(languages)
        sentences = tuple(sentence or f"{number[0]}." for _ in languages)
        return self.speaker.offer(Call(number, number, calls, at, languages, sentences))

    def settled(self, count: int, seconds: float = 90) -> list[dict[str, Any]]:
        """The log once `count` calls have come to their end."""
        wait_until(
            lambda: sum(one["result"] not in ("waiting", "playing") for one in self.speaker.log) >= count, seconds
        )
        return list(self.speaker.log)


def wait_until(true: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.01)
