"""A loudspeaker that takes as long as its recordings last, by a clock that it moves itself: an hour in seconds."""

from collections import deque
from datetime import timedelta
from typing import Any

from display.asked import Asked, Call
from display.sound import Sound
from hall.wording import announcement
from tests.display.rig import HandMovedTime, Loud, NoPages


class QuickCard:
    """Each sound is over at once; what was due to be called meanwhile has been called."""

    def __init__(self, hour: "Hour") -> None:
        self.hour = hour
        self.sounds: list[dict[str, Any]] = []

    def ready(self):
        return True

    def play(self, recording, about, started):
        started()
        start = self.hour.now
        self.hour.pass_seconds(recording.seconds)
        self.sounds.append({**about, "start": start, "end": self.hour.now, "path": recording.path, "by": recording.by})


class Hour:
    """`calls`: (second, ticket number, window), played out by `run()`."""

    def __init__(self, folder, calls, languages=("zh-CN",), repeat=2, environment=None):
        self.time = HandMovedTime()
        self._start = self.time.now()
        self.time.known.set()
        self.card = QuickCard(self)
        self.asked: list[Asked] = []
        self._due = deque(sorted(calls))
        self._languages = languages
        self.loud = Loud(folder, repeat=repeat, rate=150, time=self.time, environment=environment)
        self.loud.phrases._patience_seconds = 20  # no stems because the machine is slow
        self.loud.speaker._sound = Sound("auto", self.card, NoPages())

    @property
    def now(self):
        return (self.time.now() - self._start).total_seconds()

    def run(self):
        with self.loud:
            while self._due:
                self.pass_seconds(max(0.0, self._due[0][0] - self.now))
                for asked in self.asked:
                    assert asked.settled.wait(60)
        return [asked.entry for asked in self.asked]

    def pass_seconds(self, seconds):
        end = self.now + seconds
        while self._due and self._due[0][0] <= end + 1e-6:
            at, number, window = self._due.popleft()
            self.time.move(max(0.0, at - self.now))
            self.asked.append(self.loud.speaker.offer(self.call(at, number, window)))
        self.time.move(max(0.0, end - self.now))

    def call(self, at, number, window):
        sentences = tuple(announcement(number, window, None, one) for one in self._languages)
        brief = announcement(number, window, None, self._languages[0], brief=True)
        when = self._start + timedelta(seconds=at)
        return Call(f"{number}-{at}", number, 1, when, self._languages, sentences, brief)
