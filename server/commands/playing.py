"""One day's visitors, kiosks and clerks, played over the public HTTP API."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hall.errors import LinkDown, Refused
from hall.link import Link
from server.commands.agenda import Agenda
from server.commands.dayfile import Arrival, Day, WindowDay

Ticket = dict[str, Any]

GONE = frozenset({"window_empty", "illegal_move"})
"""The number that a clerk is about to start or complete was cancelled or expired in the same moment."""


@dataclass
class Tally:
    """What happened, as the answers told it. Lists are appended to by several threads."""

    issued: dict[str, Ticket] = field(default_factory=dict)
    called: list[Ticket] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    answer_seconds: list[float] = field(default_factory=list)
    commands: Counter[str] = field(default_factory=Counter)
    begun: float = field(default_factory=time.monotonic)


@dataclass
class Hands:
    """The tokens at work: kiosks take turns, the desk issues for priority visitors, clerks serve."""

    kiosks: list[Link]
    desk: Link
    clerk: Link


@dataclass(frozen=True)
class Seat:
    """A window of the hall that is played, the lines it serves, and whose day of the file it plays."""

    window: str
    lines: frozenset[str]
    day: WindowDay


@dataclass
class Clerk:
    seat: Seat
    services: Iterator[float]
    on_duty: bool = False

    @property
    def id(self) -> str:
        return self.seat.window

    @property
    def lines(self) -> frozenset[str]:
        return self.seat.lines


class Play:
    """A day in a hall: its kinds go to `lines` {kind: line}, its windows sit where `seats` say."""

    def __init__(
        self,
        day: Day,
        hands: Hands,
        agenda: Agenda,
        lines: dict[str, str],
        seats: list[Seat],
    ) -> None:
        self.tally = Tally()
        self._hands = hands
        self._agenda = agenda
        self._lines = lines
        self._kiosks = itertools.cycle(hands.kiosks)
        self._lock = threading.Lock()
        self._idle: dict[str, Clerk] = {}
        self._issued_on: Counter[str] = Counter()
        self._called: set[str] = set()
        self.clerks = [Clerk(seat, itertools.cycle(seat.day.services)) for seat in seats]
        for arrival in day.arrivals:
            agenda.at(arrival.at, lambda arrival=arrival: self._arrive(arrival))  # type: ignore[misc]
        for clerk in self.clerks:
            agenda.at(clerk.seat.day.opens, lambda clerk=clerk: self._open(clerk))  # type: ignore[misc]
            agenda.at(clerk.seat.day.closes, lambda clerk=clerk: self._close_if_idle(clerk))  # type: ignore[misc]

    @property
    def waiting(self) -> int:
        """By the answers so far."""
        tally = self.tally
        return max(0, len(tally.issued) - len(self._called) - len(tally.cancelled))

    # Visitors

    def _arrive(self, arrival: Arrival) -> None:
        with self._lock:
            link = self._hands.desk if arrival.priority else next(self._kiosks)
        body: dict[str, Any] = {"line": self._lines[arrival.kind]}
        if arrival.priority:
            body["visitor_class"] = "priority"
        answer = self._post("issue", link, "tickets", **body)
        if answer is None:
            return
        ticket = answer["ticket"]
        self.tally.issued[ticket["id"]] = ticket
        if ticket.get("slip"):
            slip = ticket["slip"]["id"]
            self._agenda.soon(lambda: self._printed(link, slip))
        if arrival.leaves_at is not None:
            self._agenda.at(arrival.leaves_at, lambda: self._leave(ticket))
        self._wake(ticket["line"])

    def _printed(self, link: Link, slip: str) -> None:
        self._post("slip", link, f"slips/{slip}", result="printed")

    def _leave(self, ticket: Ticket) -> None:
        with self._lock:
            if ticket["id"] in self._called:
                return
        path = f"tickets/{ticket['id']}/cancel"
        if self._post("cancel", self._hands.desk, path, expected=GONE) is not None:
            self.tally.cancelled.append(ticket["id"])

    def _wake(self, line: str) -> None:
        """One idle clerk of the line calls next."""
        with self._lock:
            self._issued_on[line] += 1
            clerk = next((one for one in self._idle.values() if line in one.lines), None)
            if clerk is not None:
                del self._idle[clerk.id]
        if clerk is not None:
            self._agenda.soon(lambda: self._call(clerk))

    # Clerks

    def _open(self, clerk: Clerk) -> None:
        if self._post("open", self._hands.clerk, f"windows/{clerk.id}/open") is not None:
            clerk.on_duty = True
            self._call(clerk)

    def _call(self, clerk: Clerk) -> None:
        """Next, or home when the day of this window is over; with nobody waiting the clerk sits idle."""
        while True:
            if self._agenda.clock.now() >= clerk.seat.day.closes:
                self.close(clerk)
                return
            known = self._issued_so_far(clerk)
            answer = self._post(
                "call-next", self._hands.clerk, f"windows/{clerk.id}/call-next", expected={"window_not_open"}
            )
            if answer is not None:
                self._serve(clerk, answer["ticket"])
                return
            if not clerk.on_duty or self._sits_down(clerk, known):
                return

    def _issued_so_far(self, clerk: Clerk) -> int:
        with self._lock:
            return sum(self._issued_on[line] for line in clerk.lines)

    def _sits_down(self, clerk: Clerk, known: int) -> bool:
        """Whether nothing was issued since he asked: then he is idle until `_wake`."""
        with self._lock:
            if sum(self._issued_on[line] for line in clerk.lines) != known:
                return False
            self._idle[clerk.id] = clerk
            return True

    def _serve(self, clerk: Clerk, ticket: Ticket) -> None:
        with self._lock:
            self._called.add(ticket["id"])
        self.tally.called.append(ticket)
        if self._post("start", self._hands.clerk, f"windows/{clerk.id}/start", expected=GONE) is None:
            self._lost(clerk, ticket)
            return
        self._agenda.at(self._agenda.clock.now() + next(clerk.services), lambda: self._complete(clerk, ticket))

    def _complete(self, clerk: Clerk, ticket: Ticket) -> None:
        if self._post("complete", self._hands.clerk, f"windows/{clerk.id}/complete", expected=GONE) is None:
            self._lost(clerk, ticket)
            return
        self.tally.completed.append(ticket["id"])
        self._call(clerk)

    def _lost(self, clerk: Clerk, ticket: Ticket) -> None:
        self.tally.gone.append(ticket["id"])
        if clerk.on_duty:
            self._agenda.soon(lambda: self._call(clerk))

    def _close_if_idle(self, clerk: Clerk) -> None:
        with self._lock:
            idle = self._idle.pop(clerk.id, None)
        if idle is not None:
            self.close(clerk)

    def close(self, clerk: Clerk) -> None:
        """At the end of his day; closed already (a new day began) is as well."""
        clerk.on_duty = False
        self._post("close", self._hands.clerk, f"windows/{clerk.id}/close", expected={"illegal_move"})

    # The end of the day

    def send_home(self) -> None:
        """Cancels what this play issued and nobody called."""
        for ticket in set(self.tally.issued) - self._called - set(self.tally.cancelled):
            self._post("cancel", self._hands.desk, f"tickets/{ticket}/cancel", expected=GONE)

    def serve_out(self, clerk: Clerk) -> None:
        """Whoever still waits for this window is called and completed at once; then it closes."""
        path = f"windows/{clerk.id}"
        self._post("open", self._hands.clerk, f"{path}/open")
        while (
            answer := self._post("call-next", self._hands.clerk, f"{path}/call-next", finish="completed")
        ) is not None:
            self.tally.called.append(answer["ticket"])
        self.close(clerk)

    # The wire

    def _post(
        self,
        what: str,
        link: Link,
        path: str,
        *,
        expected: frozenset[str] | set[str] = frozenset(),
        **body: Any,
    ) -> Any:
        """The answer, or None for 204 and for a refusal; one that is not `expected` is an error."""
        begun = time.perf_counter()
        try:
            return link.post(path, **body)
        except Refused as refused:
            self._refused(what, path, refused, expected)
        except LinkDown as down:
            self.tally.errors.append(f"{what} {path}: {down}")
        finally:
            self.tally.answer_seconds.append(time.perf_counter() - begun)
            self.tally.commands[what] += 1
        return None

    def _refused(self, what: str, path: str, refused: Refused, expected: frozenset[str] | set[str]) -> None:
        clerk = next((one for one in self.clerks if f"windows/{one.id}/" in path), None)
        if clerk is not None and refused.code in ("window_taken", "window_not_open"):
            # Someone else sits there now, or closed it: his play is over.
            clerk.on_duty = False
        if refused.code == "window_taken" or refused.code in expected:
            return
        self.tally.errors.append(f"{what} {path}: {refused.status} {refused.code} {refused.message}")
