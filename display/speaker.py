"""The loudspeaker's queue: calls are spoken in the order they came, one at a time, shorter when many wait.

A call is played in rounds: chime and sentences, then the sentences once more. Whether there is time for the next
round is asked when the one before has ended, so that a call that came meanwhile is not kept waiting by a repeat.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from display.recording import CHIME_SECONDS, PAUSE_SECONDS, Announcement, Recorder, Recording
from display.server_time import ServerTime
from display.sound import NotHeard, Sound, Way

OLDEST_SECONDS = 20.0
"""By the server's clock. No older call is spoken: who it was for has been looked for by other means."""
LATEST_START_SECONDS = 15.0
"""What is planned for, so that a recording longer than thought still leaves the next call young enough."""
SENTENCE_SECONDS = 5.0
"""What a sentence takes, to judge how far a queue lags before its recordings are made."""
LOG_LENGTH = 500
WAIT_FOR_TIME_SECONDS = 6.0
WAIT_FOR_WAY_SECONDS = 0.25

log = structlog.get_logger("display.speaker")


@dataclass(frozen=True, slots=True)
class Call:
    """One calling of a ticket; a recall is another."""

    ticket: str
    number: str
    calls: int
    at: datetime
    languages: tuple[str, ...]
    sentences: tuple[str, ...]
    """One for each of `languages`."""

    def round(self, brevity: int = 0, chime: bool = True) -> Announcement:
        """The sentences once; `brevity` 2: without the second language."""
        sentences = tuple(zip(self.languages, self.sentences, strict=True))
        return Announcement(sentences[:1] if brevity == 2 else sentences, 1, chime)


class Speaker:
    """Speaks what is offered from a thread of its own until `stop()`."""

    def __init__(self, recorder: Recorder, sound: Sound, server_time: ServerTime, repeat: int = 2) -> None:
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        """What became of each call, oldest first: see `_entry`."""
        self._recorder = recorder
        self._sound = sound
        self._time = server_time
        self._repeat = repeat
        self._calls: deque[Call] = deque()
        self._present: Call | None = None
        """The one being spoken, until that is withdrawn."""
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

    def offer(self, call: Call) -> None:
        """Queues a call, once: the same calling comes again with a snapshot or after a gap."""
        calling = call.ticket, call.calls, call.at  # undone, or come back from afar, a ticket is called anew from 1
        with self._changed:
            if calling not in self._seen:
                self._seen.append(calling)
                self._calls.append(call)
                self._changed.notify_all()

    def withdraw(self, ticket: str, calls: int = 0) -> None:
        """Says no more of a ticket's callings after its first `calls`; a round that has begun is spoken to its end."""
        with self._changed:
            self._calls = deque(call for call in self._calls if call.ticket != ticket or call.calls <= calls)
            present = self._present
            if present is not None and present.ticket == ticket and present.calls > calls:
                self._present = None
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        return len(self._calls)

    def _run(self) -> None:
        while (taken := self._next()) is not None:
            try:
                self._speak(*taken)
            except Exception:  # the next visitor must be called whatever happened to this one
                log.exception("speaker.broke", number=taken[0].number)

    def _next(self) -> tuple[Call, int] | None:
        """The next call and how briefly to speak it; None when it is time to stop."""
        with self._changed:
            while not self._calls and not self._stopping:
                self._changed.wait()
            if self._stopping:
                return None
        self._time.known.wait(WAIT_FOR_TIME_SECONDS)
        with self._changed:
            if not self._calls:
                return self._next() if not self._stopping else None
            brevity = how_briefly(list(self._calls), self._time.now(), self._repeat)
            self._present = self._calls.popleft()
            return self._present, brevity

    def _speak(self, call: Call, brevity: int) -> None:
        entry = self._entry(call, call.round(brevity))
        self.log.append(entry)
        if self._age(call) > OLDEST_SECONDS:
            return self._leave_out(entry, "too_old")
        first = self._recorder.make_wav(call.round(brevity))
        entry |= {"wav": first.path.name, "seconds": round(first.seconds, 3)}
        heard = self._wait_for_way(call)
        if not self._stands(call):
            return self._leave_out(entry, "withdrawn")
        if not heard:
            return self._leave_out(entry, "not_heard")
        return self._play(call, first, entry, brevity)

    def _leave_out(self, entry: dict[str, Any], result: str) -> None:
        entry["result"] = result
        log.warning("speaker.unspoken", number=entry["number"], why=result)

    def _play(self, call: Call, first: Recording, entry: dict[str, Any], brevity: int) -> None:
        about = {"text": entry["text"], "language": entry["languages"][0]}

        def started(way: Way) -> None:
            if entry["rounds"] == 0:
                entry.update(result="playing", started_at=_now(), way=way, age_seconds=round(self._age(call), 3))

        try:
            self._sound.play(first, about, started)
            entry["rounds"] = 1
            again = self._recorder.make_wav(call.round(brevity, chime=False)) if first.spoken else None
            while again and entry["rounds"] < self._repeat and self._stands(call) and self._has_time_for(again):
                self._sound.play(again, about, started)
                entry["rounds"] += 1
        except NotHeard as error:
            entry["why"] = str(error)
            log.warning("speaker.not_heard", number=call.number, rounds=entry["rounds"], why=str(error))
        heard = "spoken" if first.spoken else "chime_only"
        entry.update(ended_at=_now(), result=heard if entry["rounds"] else "not_heard")

    def _has_time_for(self, recording: Recording) -> bool:
        with self._changed:
            waiting = list(self._calls)
        late = latest_start(waiting, self._time.now(), 1, 1, recording.seconds)
        return not self._stopping and late <= LATEST_START_SECONDS

    def _wait_for_way(self, call: Call) -> bool:
        """Whether the call can still be spoken; a page that is just loading anew is waited for."""
        while self._age(call) <= OLDEST_SECONDS and self._stands(call) and not self._stopping:
            if self._sound.way != "none":
                return True
            with self._changed:
                self._changed.wait(WAIT_FOR_WAY_SECONDS)
        return False

    def _stands(self, call: Call) -> bool:
        return self._present is call

    def _age(self, call: Call) -> float:
        return (self._time.now() - call.at).total_seconds()

    def _entry(self, call: Call, announcement: Announcement) -> dict[str, Any]:
        """result: waiting · playing · spoken · chime_only (no voice) · not_heard (no way out) · too_old
        · withdrawn."""
        return {
            "ticket": call.ticket,
            "number": call.number,
            "calls": call.calls,
            "called_at": call.at.isoformat(),
            "text": announcement.text,
            "languages": [language for language, _ in announcement.sentences],
            "rounds": 0,
            "result": "waiting",
            "way": None,
            "wav": None,
            "started_at": None,
            "ended_at": None,
        }


def how_briefly(calls: Sequence[Call], now: datetime, repeat: int) -> int:
    """How to speak the first call so that no later one starts too late.

    0: everything; 1: without the repeat; 2: without the second language too.
    """
    for brevity in (0, 1):
        if latest_start(calls, now, brevity, repeat) <= LATEST_START_SECONDS:
            return brevity
    return 2


def latest_start(calls: Sequence[Call], now: datetime, brevity: int, repeat: int, busy_seconds: float = 0.0) -> float:
    """How old the call that fares worst will be when it is spoken, if the speaker is free in `busy_seconds`.

    Calls that are too old already make nobody hurry. 0 when none waits.
    """
    start, latest = busy_seconds, 0.0
    for call in calls:
        age = (now - call.at).total_seconds()
        if age <= OLDEST_SECONDS:
            latest = max(latest, start + age)
            rounds = 1 if brevity else repeat
            start += CHIME_SECONDS + PAUSE_SECONDS + SENTENCE_SECONDS * len(call.round(brevity).sentences) * rounds
    return latest


def _now() -> str:
    return datetime.now(UTC).isoformat()
