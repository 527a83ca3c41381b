"""Going on alone: numbers from the kiosk's own band while the server is away, handed over when it is back."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from hall import texts
from hall.errors import LinkDown, Refused
from hall.health import Condition
from hall.keys import track_code, uuid7
from hall.link import Link
from hall.words import TicketStatus, VisitorClass, number_text
from kiosk.band import Band, UsedUp, Why
from kiosk.store import Slip, Store, insert_touch

FINAL = frozenset({"number_taken", "bad_body", "not_found"})
"""Refusals that will be the same the next time."""

log = structlog.get_logger("kiosk.offline")


class CutOff(Exception):
    """No number of this line is given without the server."""

    def __init__(self, line: str, why: Why) -> None:
        super().__init__(line, why)
        self.line = line
        self.why = why


class Alone:
    """What this kiosk does while it hears of no server, and the first thing it does afterwards."""

    def __init__(
        self,
        link: Link,
        store: Store,
        band: Band,
        catalogue: Callable[[str], dict[str, Any] | None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.band = band
        self._link = link
        self._store = store
        self._catalogue = catalogue
        self._now = now

    def can(self) -> bool:
        """Whether this kiosk has what it takes; of each line `issue` says more."""
        return bool(self.band.settings.numbers and self.band.contact.lines) and not self.band.is_over

    def issue(self, touch_id: str, asked: dict[str, Any]) -> Slip:
        """A ticket of this kiosk's own, its slip still to be printed: both are kept together with the number's use.

        Raises CutOff where it may not be.
        """
        known = self._catalogue(asked["language"]) or {}
        line = _line_of(asked, known)
        shown: dict[str, Any] = next((one for one in known.get("lines", []) if one["id"] == line), {})
        why: Why | None = "not_offline" if "with" in asked else self._why_not(line, shown)
        if why is not None:
            raise CutOff(line, why)
        try:
            return self._give(touch_id, asked, line, known.get("public_url"))
        except UsedUp:
            raise CutOff(line, "used_up") from None

    def _give(self, touch_id: str, asked: dict[str, Any], line: str, public_url: str | None) -> Slip:
        code = track_code()
        with self._store.writing() as rows:
            (last,) = rows.execute("SELECT MAX(at) FROM given").fetchone()
            moment = max(self.band.server_now(), last or 0)
            at, contact_at = _utc(moment), _utc(self.band.contact.at)
            number = self.band.next_number(rows, line)
            told = {"id": uuid7(at), "day": number.day, "line": line, "matter": asked.get("matter")}
            told |= {"language": asked["language"], "count": asked.get("count", 1), "issued_at": _iso(at)}
            slip = uuid7(at)
            ticket: dict[str, Any] = {
                **told,
                "number": number_text(number.prefix, number.ordinal),
                "class": VisitorClass.ORDINARY.value,
                "status": TicketStatus.WAITING.value,
                "ahead": None,
                "expected_wait": None,
                "windows": [],
                "track_url": f"{public_url.rstrip('/')}/t/{code}" if public_url else None,
                "slip": {"id": slip},
                "offline": True,
            }
            kept = Slip(slip, ticket, asked["language"], reprint=False, asked_at=self._now())
            insert_touch(rows, touch_id, asked, kept)
            own = {"prefix": number.prefix, "ordinal": number.ordinal, "contact_at": _iso(contact_at)}
            body = {**told, **own, "track_code": code, "slip": slip, "touch": touch_id}
            rows.execute(
                "INSERT INTO given (ticket, slip, body, at, state) VALUES (?, ?, ?, ?, 'waiting')",
                (told["id"], slip, json.dumps(body), moment),
            )
        log.info("ticket.offline", number=ticket["number"])
        return kept

    def settle(self, day: str) -> None:
        """The server is back, or has been there all the time: hands over, and sees to the numbers of `day`."""
        self._hand_over()
        if self.band.is_to_be_compared(day):
            try:
                size, returned = self.band.settings.numbers, self.band.to_give_back()
                self.band.take(self._link.post("bands", tries=1, size=size, returned=returned))
            except (LinkDown, Refused) as error:  # numbers for another outage: nobody waits for them
                self.band.put_off()
                log.warning("band.not_taken", why=str(error))

    def _hand_over(self) -> None:
        """In the order of their issue, each until the server has it. Raises LinkDown."""
        for ticket, body in self._store.read("SELECT ticket, body FROM given WHERE state = 'waiting' ORDER BY place"):
            state = "handed"
            try:
                self._link.post("tickets/offline", request_id=ticket, **json.loads(body))
            except Refused as error:
                if error.code not in FINAL:
                    raise LinkDown(f"{error.status} {error.code}") from error
                state = "refused"
                log.error("ticket.refused", ticket=ticket, code=error.code, why=error.message)
            with self._store.writing() as rows:
                rows.execute("UPDATE given SET state = ? WHERE ticket = ?", (state, ticket))

    def is_waiting(self, slip: str) -> bool:
        """Whether a slip is of a ticket that the server does not know yet."""
        return bool(self._store.read("SELECT 1 FROM given WHERE slip = ? AND state = 'waiting'", slip))

    def shown(self, line: dict[str, Any], body: dict[str, Any], language: str) -> dict[str, Any]:
        """A line of the catalogue as it stands without the server: nobody knows how many wait."""
        why = self._why_not(line["id"], line)
        opens = self.band.opens_at(line["id"]) if why == "not_yet" else None
        zone = ZoneInfo(body["hall"]["time_zone"])
        at = "" if opens is None else f"{datetime.fromtimestamp(opens, zone):%H:%M}"
        unknown = {"waiting": None, "expected_wait": None, "resumes_at": None, "warning": None, "warning_text": None}
        text = None if why is None else words(language, why, at)
        if why == "suspended":  # in the words of the hall when it was heard last
            text = line["reason_text"]
        here = {"open": why is None, "offline": True, "reason": why, "reason_text": text, "opens_at": at or None}
        return {**line, **unknown, **here}

    def _why_not(self, line: str, shown: dict[str, Any]) -> Why | None:
        """Why no number of the line is given; a suspension heard of before the cut holds until its time."""
        suspended = shown.get("suspended")
        if suspended and datetime.fromisoformat(suspended["until"]).timestamp() > self.band.server_now():
            return "suspended"
        return self.band.why_not(line)

    def condition(self, link_down: bool) -> Condition | None:
        """How this kiosk stands for an outage; None where it has no numbers by its settings."""
        if not self.band.settings.numbers:
            return None
        left = self.band.left()
        counts = dict(self._store.read("SELECT state, COUNT(*) FROM given GROUP BY state"))
        facts = {f"left_{prefix}": count for prefix, count in left.items()}
        facts |= {"not_handed_over": counts.get("waiting", 0), "refused": counts.get("refused", 0)}
        few = [prefix for prefix, count in left.items() if count * 4 < self.band.settings.numbers]
        empty = [prefix for prefix, count in left.items() if not count]
        code, worse = "", few
        if counts.get("refused"):
            code = "refused"
        elif not self.band.contact.day or self.band.is_over:
            code = "expired"
        elif few:
            code, worse = ("used_up", empty) if empty else ("low", few)
        fault = code == "refused" or (link_down and code in ("expired", "used_up"))
        state = "fault" if fault else "warning" if code else "ok"
        return Condition("band", state, code, detail=" ".join(worse), facts=facts)  # type: ignore[arg-type]


def words(language: str, why: Why, at: str = "") -> str:
    """Why no number is given without the server, for visitors."""
    if why in ("not_yet", "over"):
        return texts.say(language, f"errors.line_{why}", at=at)
    return texts.say(language, f"kiosk.offline_{why}")


def _line_of(asked: dict[str, Any], known: dict[str, Any]) -> str:
    if "line" in asked:
        return str(asked["line"])
    return next((str(one["line"]) for one in known.get("matters", []) if one["id"] == asked["matter"]), "")


def _utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
