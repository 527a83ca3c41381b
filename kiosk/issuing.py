"""One touch, one ticket: whatever the visitor's finger and the network do."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hall.errors import HallError
from hall.link import Link
from kiosk.printing import Printing
from kiosk.store import Slip, Store


@dataclass(frozen=True, slots=True)
class Issued:
    ticket: dict[str, Any]
    slip: str


class Issuing:
    """Issues through the link and leaves the slip to the printer's queue."""

    def __init__(self, link: Link, store: Store, printing: Printing, now: Callable[[], float] = time.time) -> None:
        self._link = link
        self._store = store
        self._printing = printing
        self._now = now
        self._one_at_a_time = threading.Lock()

    def issue(self, touch_id: str, asked: dict[str, Any]) -> Issued:
        """A ticket for `asked` {line or matter, language}. The same touch always gets the same ticket.

        Raises LinkDown, Refused, and HallError `request_reused` for a touch that asked for something else.
        """
        with self._one_at_a_time:
            known = self._store.touch(touch_id)
            if known is None:
                return self._issue_new(touch_id, asked)
        if known.asked != asked:
            raise HallError("request_reused")
        return Issued(known.ticket, known.slip)

    def _issue_new(self, touch_id: str, asked: dict[str, Any]) -> Issued:
        ticket = self._link.post("tickets", request_id=touch_id, **asked)["ticket"]
        # Without a slip on the server (a token that is no kiosk's) there is nobody to tell how it ended.
        number = (ticket.get("slip") or {}).get("id")
        slip = Slip(
            id=number or f"here-{ticket['id']}",
            ticket=ticket,
            language=asked["language"],
            reprint=False,
            asked_at=self._now(),
            reported=number is None,
        )
        self._store.keep_touch(touch_id, asked, slip)
        self._printing.wake()
        return Issued(ticket, slip.id)

    def print_again(self, message: dict[str, Any]) -> None:
        """The desk's wish for a slip: {slip, ticket, reprint}. The same message twice prints once."""
        slip, ticket = message["slip"], message["ticket"]
        self._store.keep_slip(
            Slip(
                id=slip["id"] if isinstance(slip, dict) else str(slip),
                ticket=ticket,
                language=ticket.get("language") or "zh-CN",
                reprint=message.get("reprint", True),
                asked_at=self._now(),
            )
        )
        self._printing.wake()
