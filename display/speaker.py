"""The loudspeaker's queue: calls are spoken in the order they came, one at a time, shorter when many wait.

A call is played in parts: chime and first language, the second language, then the same once more. Whether there is
time for the next part is asked when the one before has ended, so that a call that came meanwhile waits for no repeat.
"""

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from display.asked import Asked, Call
from display.load import Load, is_burst, is_stale
from display.recording import Announcement, Recorder, Recording
from display.server_time import ServerTime
from display.sound import NotHeard, Sound, Way

CHIME_AGAIN_SECONDS = 3.0
"""In a burst, a call that follows the one before so soon needs no chime: people listen already."""
LOG_LENGTH = 500
WAIT_FOR_TIME_SECONDS = 6.0
WAIT_FOR_WAY_SECONDS = 0.25

log = structlog.get_logger("display.speaker")


class Speaker:
    """Speaks what is offered from a thread of its own until `stop()`.

    `volume`: how loud at a moment of the server's clock; 0 when nothing is to be spoken.
    """

    def __init__(
        self,
        recorder: Recorder,
        sound: Sound,
        server_time: ServerTime,
        repeat: int = 2,
        volume: Callable[[datetime], float] = lambda at: 1.0,
    ) -> None:
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        """What became of each call, oldest first: see `Asked.entry`."""
        self.load = Load()
        self._recorder = recorder
        self._sound = sound
        self._time = server_time
        self._repeat = repeat
        self._volume = volume
        self._queue: deque[Asked] = deque()
        self._present: Asked | None = None
        """The one being spoken, until that is withdrawn."""
        self._busy = False
        self._seen: deque[tuple[str, int, datetime]] = deque(maxlen=1000)
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def offer(self, call: Call) -> Asked | None:
        """Queues a call, once: the same calling comes again with a snapshot or after a gap."""
        calling = call.ticket, call.calls, call.at  # undone, or come back from afar, a ticket is called anew from 1
        with self._changed:
            if calling in self._seen:
                return None
            self._seen.append(calling)
            asked = Asked(call, self._time.now(), not self._queue and not self._busy)
            self._queue.append(asked)
            self._changed.notify_all()
            return asked

    def withdraw(self, ticket: str, calls: int = 0) -> None:
        """Says no more of a ticket's callings after its first `calls`; a part that has begun is spoken to its end."""
        with self._changed:
            self._queue = deque(one for one in self._queue if one.call.ticket != ticket or one.call.calls <= calls)
            present = self._present
            if present is not None and present.call.ticket == ticket and present.call.calls > calls:
                self._present = None
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def _run(self) -> None:
        while (taken := self._next()) is not None:
            asked, burst = taken
            try:
                self._speak(asked, burst)
            except Exception:  # the next visitor must be called whatever happened to this one
                log.exception("speaker.broke", number=asked.call.number)
            finally:
                self._busy = False
                asked.settled.set()

    def _next(self) -> tuple[Asked, bool] | None:
        """The next call and whether it is one of a burst; None when it is time to stop."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._stopping)
            if self._stopping:
                return None
            self._time.known.wait(WAIT_FOR_TIME_SECONDS)
            with self._changed:
                if self._queue:
                    burst = is_burst(self._ages())
                    self._present, self._busy = self._queue.popleft(), True
                    return self._present, burst

    def _speak(self, asked: Asked, burst: bool) -> None:
        entry = asked.entry
        self.log.append(entry)
        volume = 1.0 if asked.call.trial else self._volume(self._time.now())
        if volume == 0:
            return self._leave_out(entry, "quiet")
        if self._stale(asked):
            return self._leave_out(entry, "too_old")
        first = self._recorder.make_wav(self._part(asked.call, 0, burst, volume))
        entry |= {"wav": first.path.name, "by": first.by, "brief": burst}
        heard = self._wait_for_way(asked)
        if not self._stands(asked):
            return self._leave_out(entry, "withdrawn")
        if not heard:
            return self._leave_out(entry, "not_heard")
        return self._play_parts(asked, first, burst, volume)

    def _leave_out(self, entry: dict[str, Any], result: str) -> None:
        entry["result"] = result
        log.warning("speaker.unspoken", number=entry["number"], why=result)

    def _play_parts(self, asked: Asked, first: Recording, burst: bool, volume: float) -> None:
        call, entry = asked.call, asked.entry
        try:
            self._play(asked, first, 0)
            parts = 1 if burst or first.by is None else len(call.languages) * (1 if call.trial else self._repeat)
            for ordinal in range(1, parts):
                recording = self._recorder.make_wav(self._part(call, ordinal, False, volume))
                if recording.by is not None and self._has_time_for(asked, ordinal, recording.seconds):
                    self._play(asked, recording, ordinal)
        except NotHeard as error:
            entry["why"] = str(error)
            log.warning("speaker.not_heard", number=call.number, rounds=entry["rounds"], why=str(error))
        spoken = "chime_only" if first.by is None else "spoken"
        entry.update(ended_at=_now(), result=spoken if entry["rounds"] else "not_heard")

    def _play(self, asked: Asked, recording: Recording, ordinal: int) -> None:
        """Raises NotHeard."""
        entry, round_of, language = asked.entry, *divmod(ordinal, len(asked.call.languages))

        def started(way: Way) -> None:
            if ordinal == 0:
                entry.update(result="playing", started_at=_now(), way=way, age_seconds=round(self._age(asked.call), 3))

        about = {"text": asked.call.sentences[language], "language": asked.call.languages[language]}
        start = self._time.now()
        try:
            self._sound.play(recording, about, started)
        finally:
            self.load.sounded(start, self._time.now())
        entry["seconds"] = round(entry["seconds"] + recording.seconds, 3)
        if language == 0:
            entry["rounds"] = round_of + 1
        if round_of == 0 and recording.by is not None:
            entry["languages"].append(asked.call.languages[language])

    def _part(self, call: Call, ordinal: int, burst: bool, volume: float) -> Announcement:
        language = ordinal % len(call.languages)
        text = call.brief if burst and call.brief else call.sentences[language]
        chime = ordinal == 0 and not (burst and self._spoke_just_now())
        return Announcement(call.languages[language], text, chime, burst, volume)

    def _spoke_just_now(self) -> bool:
        ended = self.load.ended_at
        return ended is not None and (self._time.now() - ended).total_seconds() < CHIME_AGAIN_SECONDS

    def _has_time_for(self, asked: Asked, ordinal: int, seconds: float) -> bool:
        with self._changed:
            ages = self._ages()
        if not self._stands(asked) or self._stopping:
            return False
        now, languages = self._time.now(), len(asked.call.languages)
        if ordinal < languages:
            return self.load.has_time_for_language(now, seconds, ages)
        return self.load.has_time_for_repeat(now, seconds, ages, languages)

    def _ages(self) -> list[float]:
        """Of the calls that wait and are still to be spoken."""
        return [self._age(one.call) for one in self._queue if not self._stale(one)]

    def _wait_for_way(self, asked: Asked) -> bool:
        """Whether the call can still be spoken; a page that is just loading anew is waited for."""
        while not self._stale(asked) and self._stands(asked) and not self._stopping:
            if self._sound.way != "none":
                return True
            with self._changed:
                self._changed.wait(WAIT_FOR_WAY_SECONDS)
        return False

    def _stands(self, asked: Asked) -> bool:
        return self._present is asked

    def _stale(self, asked: Asked) -> bool:
        return is_stale(self._age(asked.call), self.load.busy_seconds(asked.at))

    def _age(self, call: Call) -> float:
        return (self._time.now() - call.at).total_seconds()


def _now() -> str:
    return datetime.now(UTC).isoformat()
