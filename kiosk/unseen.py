"""Numbers that the hall gave and nobody saw, because the answer was lost and the visitor left: taken back."""

import time
from collections.abc import Callable
from typing import Any

import structlog

from hall.errors import LinkDown, Refused
from hall.link import Link
from kiosk.issuing import Issuing
from kiosk.store import Store

GIVEN_UP_SECONDS = 30.0
"""How long a visitor may still try again; a slip is never printed later either (HALL.md, "An outage")."""
LOOKED_AT = 200
"""Slips of this kiosk, the newest."""

log = structlog.get_logger("kiosk.unseen")


class Unseen:
    """Compares the hall's slips of this kiosk with its own after each answer that was lost, and after a start."""

    def __init__(self, link: Link, store: Store, issuing: Issuing, now: Callable[[], float] = time.time) -> None:
        self._link = link
        self._store = store
        self._issuing = issuing
        self._now = now
        self._since: dict[str, float] = {}
        """Slips the hall knows and this kiosk does not, and since when."""
        if not store.is_new:  # nothing is missing from a kiosk's first day, nor after its disk was changed
            issuing.lost.set()

    def look(self) -> None:
        """Called whenever the hall answers. A number nobody saw is cancelled as `never_shown`."""
        if not self._issuing.lost.is_set():
            return
        with self._issuing.one_at_a_time:  # no answer is on its way while we compare
            self._issuing.lost.clear()
            try:
                self._compare()
            except LinkDown:
                self._issuing.lost.set()

    def _compare(self) -> None:
        unknown = [one for one in self._slips() if not self._is_known(one)]
        self._since = {one["id"]: self._since.get(one["id"], self._now()) for one in unknown}
        for slip in unknown:
            if self._now() - self._since[slip["id"]] >= GIVEN_UP_SECONDS:
                self._take_back(slip)
            else:
                self._issuing.lost.set()  # looked at again with the next answer

    def _is_known(self, slip: dict[str, Any]) -> bool:
        return self._store.slip(slip["id"]) is not None or self._store.is_cancelled(slip["ticket"])

    def _slips(self) -> list[dict[str, Any]]:
        found = self._link.get("slips", limit=LOOKED_AT)["slips"]
        return [one for one in found if one["status"] == "pending" and not one["reprint"]]

    def _take_back(self, slip: dict[str, Any]) -> None:
        try:
            ticket = self._link.get(f"tickets/{slip['ticket']}")["ticket"]
            # Whoever has booked or was sent home yesterday holds a code, and finds the number with it.
            if ticket["class"] == "ordinary" and ticket["status"] in ("waiting", "called"):
                request = f"unseen-{slip['id']}"
                self._link.post(f"tickets/{ticket['id']}/cancel", request_id=request, reason="never_shown")
                log.info("ticket.never_shown", number=ticket["number"])
        except Refused as error:  # issued at the desk, or gone on meanwhile: not ours to take back
            log.info("unseen.left", slip=slip["id"], code=error.code)
        self._store.keep_cancelled(slip["ticket"])
