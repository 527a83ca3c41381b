"""One touch, one ticket: whatever the visitor's finger and the network do."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hall import texts
from hall.errors import HallError, LinkDown, Refused
from hall.link import Link
from kiosk.offline import Alone
from kiosk.printing import Printing
from kiosk.store import Slip, Store


@dataclass(frozen=True, slots=True)
class Issued:
    ticket: dict[str, Any]
    slip: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a code stood for; `slip` is printed where there is a new number."""

    action: str
    ticket: dict[str, Any]
    slip: str | None


class Issuing:
    """Issues through the link and leaves the slip to the printer's queue."""

    def __init__(
        self,
        link: Link,
        store: Store,
        printing: Printing,
        alone: Alone,
        link_is_down: Callable[[], bool],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.one_at_a_time = threading.Lock()
        self.lost = threading.Event()
        """Set when an answer did not come: the hall may have given a number that nobody saw."""
        self._link = link
        self._store = store
        self._printing = printing
        self._alone = alone
        self._link_is_down = link_is_down
        self._now = now

    def issue(self, touch_id: str, asked: dict[str, Any], numbers: dict[str, str] | None = None) -> Issued:
        """A ticket for `asked` {line or matter, language, count?, with?}. The same touch always gets the same ticket.

        `numbers`: of documents, where the line asks for them. Without the server it is one of this kiosk's own band.
        Raises LinkDown, Refused, CutOff, and HallError `request_reused` for a touch that asked for something else.
        """
        with self.one_at_a_time:
            known = self._store.touch(touch_id)
            if known is None:
                return self._issue_new(touch_id, asked, numbers or {})
        if known.asked != asked:
            raise HallError("request_reused")
        return Issued(known.ticket, known.slip)

    def scan(self, touch_id: str, code: str) -> Scan:
        """Does what a slip's or a booking's code stands for; a number given for it is printed here."""
        with self.one_at_a_time:
            answer = self._post("tickets/scan", touch_id, code=code)
            ticket = answer["ticket"]
            if booking := answer.get("booking"):
                ticket["booked"] = {key: booking[key] for key in ("starts", "ends")}
            slip = self._slip(ticket, _language(ticket))
            if ticket["slip"] is None:
                return Scan(answer["action"], ticket, None)
            self._store.keep_slip(slip)
        self._printing.wake()
        return Scan(answer["action"], ticket, slip.id)

    def _issue_new(self, touch_id: str, asked: dict[str, Any], numbers: dict[str, str]) -> Issued:
        """By the server; alone only where it is known to be away, so that an answer that was merely lost is fetched."""
        if self._printing.stopped:
            raise HallError("kiosk_stopped")
        if self._alone.can() and self._link_is_down():
            return self._issue_alone(touch_id, asked)
        try:
            return self._issue_by_server(touch_id, asked, numbers)
        except LinkDown:
            if not self._alone.can() or self._answers():
                raise
        return self._issue_alone(touch_id, asked)

    def _answers(self) -> bool:
        try:
            self._link.get("/session", tries=1)
        except LinkDown:
            return False
        except Refused:
            pass
        return True

    def _issue_alone(self, touch_id: str, asked: dict[str, Any]) -> Issued:
        slip = self._alone.issue(touch_id, asked)
        self._printing.wake()
        return Issued(slip.ticket, slip.id)

    def _issue_by_server(self, touch_id: str, asked: dict[str, Any], numbers: dict[str, str]) -> Issued:
        ticket = self._post("tickets", touch_id, **asked, **numbers)["ticket"]
        if self._store.is_cancelled(ticket["id"]):
            # The visitor seemed to have left and now tries again: the number that was taken back is not given out.
            ticket = self._post("tickets", f"{touch_id[:58]}-again", **asked, **numbers)["ticket"]
        if "with" in asked and (other := self._store.ticket(asked["with"])):
            ticket["linked"] = [other["number"], *other.get("linked", [])]
        slip = self._slip(ticket, asked["language"])
        self._store.keep_touch(touch_id, asked, slip)
        self._printing.wake()
        return Issued(ticket, slip.id)

    def _post(self, path: str, request_id: str, **body: Any) -> Any:
        try:
            return self._link.post(path, request_id=request_id, **body)
        except LinkDown:
            self.lost.set()
            raise

    def _slip(self, ticket: dict[str, Any], language: str) -> Slip:
        # Without a slip on the server (a token that is no kiosk's) there is nobody to tell how it ended.
        number = (ticket.get("slip") or {}).get("id")
        return Slip(
            id=number or f"here-{ticket['id']}",
            ticket=ticket,
            language=language,
            reprint=False,
            asked_at=self._now(),
            reported=number is None,
        )

    def print_again(self, message: dict[str, Any]) -> None:
        """The desk's wish for a slip: {slip, ticket, reprint}. The same message twice prints once."""
        slip, ticket = message["slip"], message["ticket"]
        # What only the first answer told: the same person's numbers and the booked slot.
        first = self._store.ticket(ticket["id"]) or {}
        ticket = {**{key: first[key] for key in ("linked", "booked") if key in first}, **ticket}
        self._store.keep_slip(
            Slip(
                id=slip["id"] if isinstance(slip, dict) else str(slip),
                ticket=ticket,
                language=_language(ticket),
                reprint=message.get("reprint", True),
                asked_at=self._now(),
            )
        )
        self._printing.wake()


def _language(ticket: dict[str, Any]) -> str:
    """The ticket's own, where there are words for it."""
    spoken = ticket.get("language")
    return spoken if spoken in texts.languages() else texts.DEFAULT
