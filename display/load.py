"""How busy the loudspeaker is, and what it leaves out then: the repeat, the second language, at last the chime."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

OLDEST_SECONDS = 20.0
"""No older call is spoken: who it was for has been looked for by other means. The time in which calls before it were
being heard does not count, or of twelve calls at once the last would never be spoken."""
LONGEST_TURN_SECONDS = 45.0
"""But no call is spoken later than this."""
LATEST_START_SECONDS = 15.0
"""What is planned for, so that a recording longer than thought still leaves the next call young enough."""
SENTENCE_SECONDS = 4.5
"""What a sentence takes, to judge how far a queue lags before its recordings are made."""
SHARE_SECONDS = 120.0
"""Over which the loudspeaker's share of the time is looked at."""
LARGEST_SHARE = 0.6
"""Of the time the loudspeaker may sound, the first language aside: people in the hall talk to each other."""
LARGEST_SHARE_OF_REPEATS = 0.4
"""Up to which calls are repeated: what is left up to the other is the second language's, which goes last."""


class Load:
    """When the loudspeaker sounded in the last minutes, by the server's clock."""

    def __init__(self) -> None:
        self._spans: deque[tuple[datetime, datetime]] = deque()

    def sounded(self, start: datetime, end: datetime) -> None:
        self._spans.append((start, end))
        while self._spans and (end - self._spans[0][1]).total_seconds() > SHARE_SECONDS:
            self._spans.popleft()

    @property
    def ended_at(self) -> datetime | None:
        return self._spans[-1][1] if self._spans else None

    def busy_seconds(self, since: datetime) -> float:
        return sum((end - max(start, since)).total_seconds() for start, end in list(self._spans) if end > since)

    def share(self, now: datetime, more_seconds: float = 0.0) -> float:
        """Of the last two minutes, as if `more_seconds` had sounded too."""
        return (self.busy_seconds(now - timedelta(seconds=SHARE_SECONDS)) + more_seconds) / SHARE_SECONDS

    def has_time_for_repeat(self, now: datetime, seconds: float, ages: Sequence[float], languages: int) -> bool:
        """`ages`: of the calls that wait, each of which is still to be said once in so many languages."""
        each = SENTENCE_SECONDS * languages
        return _on_time(ages, seconds, each) and self.share(now, seconds) <= LARGEST_SHARE_OF_REPEATS

    def has_time_for_language(self, now: datetime, seconds: float, ages: Sequence[float]) -> bool:
        return _on_time(ages, seconds, SENTENCE_SECONDS) and self.share(now, seconds) <= LARGEST_SHARE


def is_burst(ages: Sequence[float]) -> bool:
    """Whether calls that wait (the first is next) would begin too late, each said once, in one language."""
    return not _on_time(ages, 0.0, SENTENCE_SECONDS)


def is_stale(age_seconds: float, busy_seconds: float) -> bool:
    """`busy_seconds`: how long calls before it have been heard since it came."""
    return age_seconds > LONGEST_TURN_SECONDS or age_seconds - busy_seconds > OLDEST_SECONDS


def _on_time(ages: Sequence[float], busy_seconds: float, each_seconds: float) -> bool:
    """Whether none begins later than planned for, if the loudspeaker is free in `busy_seconds`."""
    starts = (age + busy_seconds + place * (1.0 + each_seconds) for place, age in enumerate(ages))
    return max(starts, default=0.0) <= LATEST_START_SECONDS
