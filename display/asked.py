"""A call as the loudspeaker is asked to speak it, and the row of its log that says what became of it."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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
    brief: str = ""
    """The first sentence as it is said in a burst."""
    trial: bool = False
    """A test announcement: said once, in quiet hours too."""


@dataclass(slots=True)
class Asked:
    """A call in the queue."""

    call: Call
    at: datetime
    """When it came, by the server's clock."""
    found_free: bool
    """Whether the loudspeaker had nothing else to say then."""
    entry: dict[str, Any] = field(init=False)
    """result: waiting · playing · spoken · chime_only (no voice) · not_heard (no way out) · too_old · quiet ·
    withdrawn. `started_at` and `ended_at` are of this machine's clock; `called_at`, `asked_at` and `age_seconds` (of
    the call, when it began to be heard) of the server's."""
    settled: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        call = self.call
        self.entry = {
            "ticket": call.ticket,
            "number": call.number,
            "calls": call.calls,
            "called_at": call.at.isoformat(),
            "asked_at": self.at.isoformat(),
            "found_free": self.found_free,
            "text": " ".join(call.sentences),
            "languages": [],
            "rounds": 0,
            "result": "waiting",
            "way": None,
            "wav": None,
            "by": None,
            "seconds": 0.0,
            "started_at": None,
            "ended_at": None,
        }
