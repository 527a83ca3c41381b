"""The phones of this process: each hears of its own ticket whenever something in the hall has changed it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any

import gevent
import structlog

from hall.events import Event
from hall.texts import say
from hall.why import LEAST_KINDS
from server.db import Store
from server.rows import Row
from server.tracking import language_of, tracked_standing

log = structlog.get_logger(__name__)
Message = dict[str, Any]
TELL_SECONDS = 1.0
"""How often at most the phones of a hall are looked after."""
SHARE = 4
"""Of the process's time they take one part in so many, however many they are."""
TOGETHER = 20
"""So many tickets are worked out before others have their turn."""


@dataclass
class _Followed:
    language: str
    phones: set[str] = field(default_factory=set)
    told: Message | None = None


class Phones:
    """`send(ticket, message)` reaches every phone of a ticket, `send_one(phone, message)` one."""

    def __init__(self, store: Store, send: Callable[[str, Message], None], send_one: Callable[[str, Message], None]):
        self.store = store
        self.send, self.send_one = send, send_one
        self._halls: dict[str, dict[str, _Followed]] = {}
        self._where: dict[str, tuple[str, str]] = {}
        self._causes: dict[str, set[str]] = {}
        self._busy: set[str] = set()

    def join(self, phone: str, ticket: Row) -> None:
        """A phone follows its ticket from now and is told how it stands."""
        hall, key = ticket["hall_id"], ticket["id"]
        followed = self._halls.setdefault(hall, {}).setdefault(key, _Followed(language_of(ticket)))
        followed.phones.add(phone)
        self._where[phone] = hall, key
        message = self._standing(hall, [key])[key]
        followed.told = followed.told or message
        self.send_one(phone, message)

    def leave(self, phone: str) -> None:
        hall, key = self._where.pop(phone, ("", ""))
        followed = self._halls.get(hall, {}).get(key)
        if followed is None:
            return
        followed.phones.discard(phone)
        if not followed.phones:
            del self._halls[hall][key]

    def follow(self, hall: str) -> bool:
        """Whether any phone follows a ticket of the hall."""
        return bool(self._halls.get(hall))

    def stir(self, hall: str, events: list[Event]) -> None:
        """Something happened in the hall: whom it was about is told at once, the others within a second or so."""
        if not self.follow(hall):
            return
        causes = {event["type"] for event in events}
        about = dict.fromkeys(event["ticket"]["id"] for event in events if "ticket" in event)
        self._tell_these(hall, [key for key in about if key in self._halls[hall]], causes)
        self._causes.setdefault(hall, set()).update(causes)
        if hall not in self._busy:
            self._busy.add(hall)
            gevent.spawn(self._tell, hall)

    def _tell(self, hall: str) -> None:
        """Tells until nothing has happened meanwhile."""
        try:
            while causes := self._causes.pop(hall, None):
                began = monotonic()
                self._tell_changed(hall, causes)
                gevent.sleep(max(TELL_SECONDS, (SHARE - 1) * (monotonic() - began)))
        except Exception:  # the next event tries again
            log.exception("phones_not_told", hall=hall)
        finally:
            self._busy.discard(hall)

    def _tell_changed(self, hall: str, causes: set[str]) -> None:
        keys = list(self._halls.get(hall, {}))
        for start in range(0, len(keys), TOGETHER):
            self._tell_these(hall, keys[start : start + TOGETHER], causes)
            gevent.sleep(0)

    def _tell_these(self, hall: str, keys: list[str], causes: set[str]) -> None:
        for key, message in self._standing(hall, keys).items() if keys else ():
            followed = self._halls[hall].get(key)
            if followed is not None:
                self._tell_one(key, followed, message, causes)

    def _tell_one(self, key: str, followed: _Followed, message: Message, causes: set[str]) -> None:
        before = followed.told or message
        if message["seq"] < before["seq"]:
            return
        followed.told = message
        if {**before, "seq": 0} == {**message, "seq": 0}:
            return
        self.send(key, {**message, **_rise(before, message, causes, followed.language)})

    def _standing(self, hall: str, keys: list[str]) -> dict[str, Message]:
        return self.store.read(partial(tracked_standing, hall=hall, wanted=keys, now=self.store.clock.now()))


def _rise(before: Message, after: Message, causes: set[str], language: str) -> Message:
    """Why more are ahead than before: {rose: {by, why, words}}, by kind of cause only from three up."""
    by = (after["ahead"] or 0) - (before["ahead"] if before["ahead"] is not None else after["ahead"] or 0)
    if by <= 0:
        return {}
    windows = all(cause.startswith("window.") for cause in causes)
    why = "windows" if windows else "inserted" if by >= LEAST_KINDS else "rule"
    return {"rose": {"by": by, "why": why, "words": say(language, f"phone.rose_{why}", n=by)}}
