"""Who waits where, folded from the whole journal: from it every call of a day is derived once more."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from hall.events import Event
from hall.order import POOL, REINSTATED, Head, Pick, Rule, Since, ahead_at, overtook, pick_next, turns_after
from hall.words import TicketStatus

_WAITING = TicketStatus.WAITING  # looking a member up costs as much as comparing with it


class Waiting(NamedTuple):
    """A ticket that waits; a parked one cannot be called just now."""

    ticket: str
    number: str
    line: str
    lane: str
    pool: str
    parked: bool
    queued_at: datetime
    joined_at: datetime
    issued_seq: int

    @property
    def since(self) -> Since:
        return self.queued_at, self.issued_seq


@dataclass(slots=True)
class _Call:
    """What is needed to take a call back."""

    waiting: Waiting
    turns: dict[str, int]
    """By how much it moved each lane's turn."""
    overtook: bool


@dataclass
class LineUp:
    """Everyone who waits in a hall, in the order of each line and lane."""

    rule: Rule
    tickets: dict[str, Waiting] = field(default_factory=dict)
    _issued: dict[str, int] = field(default_factory=dict)
    _lanes: dict[str, dict[str, list[tuple[datetime, int, str]]]] = field(default_factory=dict)
    _turns: dict[str, dict[str, int]] = field(default_factory=dict)
    _overtakings: dict[str, dict[str, tuple[Since, datetime]]] = field(default_factory=dict)
    _calls: dict[str, _Call] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Moves on with the next event of the hall's whole journal."""
        kind = event["type"]
        if kind == "day.started":
            self._begin()
        ticket = event.get("ticket")
        if ticket is None:
            return
        key = ticket["id"]
        if kind == "ticket.issued":
            self._issued[key] = event["seq"]
        if kind == "ticket.called":
            self.call(key, datetime.fromisoformat(event["at"]))
        elif ticket["status"] != _WAITING:
            self.take(key)
        elif kind == "ticket.undone":
            self._take_back(key)
        else:
            self.put(waiting_of(ticket, self._issued[key]))

    def _begin(self) -> None:
        for kept in (self.tickets, self._issued, self._lanes, self._turns, self._overtakings, self._calls):
            kept.clear()

    def put(self, one: Waiting) -> None:
        """A ticket waits, or waits otherwise than before."""
        self.take(one.ticket)
        self.tickets[one.ticket] = one
        if not one.parked:
            lane = self._lanes.setdefault(_line_of(one), {}).setdefault(one.lane, [])
            if not lane and one.lane == REINSTATED:
                self._turns.setdefault(one.line, {})[one.lane] = 0
            insort(lane, (*one.since, one.ticket))

    def take(self, key: str) -> Waiting | None:
        one = self.tickets.pop(key, None)
        if one is not None and not one.parked:
            self._lanes[_line_of(one)][one.lane].remove((*one.since, key))
        return one

    def call(self, key: str, at: datetime) -> None:
        """Calls a waiting ticket: whom it overtakes and whose turn comes nearer."""
        one = self.tickets[key]
        moved: dict[str, int] = {}
        passed = False
        if not one.pool and not one.parked:
            turns = self._turns.setdefault(one.line, {})
            waiting = {lane: len(some) for lane, some in self._lanes[one.line].items() if some}
            called = _head(one, one.line, turns.get(one.lane, 0))
            after = turns_after(called, turns, waiting, self.rule)
            moved = {lane: turn - turns.get(lane, 0) for lane, turn in after.items()}
            turns.update(after)
            passed = overtook(called, At(self, ()).heads(one.line))
            if passed:
                self.overtook(one.line, key, one.since, at)
        self._calls[key] = _Call(one, moved, passed)
        self.take(key)

    def _take_back(self, key: str) -> None:
        call = self._calls.pop(key)
        if call.overtook:
            del self._overtakings[call.waiting.line][key]
        self.put(call.waiting)
        turns = self._turns.get(call.waiting.line, {})
        turns.update({lane: max(0, turns[lane] - moved) for lane, moved in call.turns.items()})

    def set_turns(self, line: str, turns: dict[str, int]) -> None:
        """Where the order is taken up in the middle of a day."""
        self._turns[line] = turns

    def overtook(self, line: str, key: str, since: Since, at: datetime) -> None:
        """A call that passed others of its line."""
        self._overtakings.setdefault(line, {})[key] = (since, at)

    def everywhere(self) -> "At":
        """Everyone who can be called, whoever may call them."""
        return At(self, tuple(dict.fromkeys(one.pool for one in self.tickets.values() if one.pool)))

    def at(self, window: str, clerk: str | None = None) -> "At":
        """What a window sees: its lines, and who was sent to it or to its clerk alone."""
        return At(self, (f"w:{window}", *((f"c:{clerk}",) if clerk else ())))


def waiting_of(ticket: Mapping[str, Any], issued_seq: int) -> Waiting:
    """A waiting ticket as an event carries it."""
    queued_at = datetime.fromisoformat(ticket["queued_at"])
    joined_at = ticket.get("joined_at")
    return Waiting(
        ticket["id"],
        ticket["number"],
        ticket["line"],
        ticket.get("lane", ticket["class"]),
        ticket.get("pool", ""),
        bool(ticket.get("parked")),
        queued_at,
        datetime.fromisoformat(joined_at) if joined_at else queued_at,
        issued_seq,
    )


def _line_of(one: Waiting) -> str:
    return f"{POOL}{one.pool}" if one.pool else one.line


def _head(one: Waiting, line: str, turn: int) -> Head:
    return Head(one.ticket, one.number, line, one.lane, one.queued_at, one.issued_seq, turn)


@dataclass(slots=True)
class At:
    """A line-up as one window sees it (`hall.order.View`)."""

    line_up: LineUp
    pools: tuple[str, ...]

    def next(self, ranks: Mapping[str, int], now: datetime) -> Pick | None:
        lines = (*ranks, POOL)
        heads = [head for line in lines for head in self.heads(line)]
        return pick_next(heads, ranks, now, self.line_up.rule, self.overtaken)

    def ahead(self, one: Waiting, ranks: Mapping[str, int], now: datetime) -> int:
        line = POOL if one.pool else one.line
        return ahead_at(_head(one, line, self.turn(line, one.lane)), ranks, now, self.line_up.rule, self)

    def _own(self, line: str) -> list[dict[str, list[tuple[datetime, int, str]]]]:
        known = self.line_up._lanes
        if line != POOL:
            return [known[line]] if line in known else []
        return [known[own] for pool in self.pools if (own := f"{POOL}{pool}") in known]

    def heads(self, line: str) -> list[Head]:
        """The first of each lane of a line."""
        own = self._own(line)
        if len(own) > 1:
            return [head for lane in self.lanes(line) if (head := self.head(line, lane)) is not None]
        heads, tickets, turns = [], self.line_up.tickets, self.line_up._turns.get(line, {})
        for lane, some in own[0].items() if own else ():
            if some:
                heads.append(_head(tickets[some[0][2]], line, turns.get(lane, 0)))
        return heads

    def lanes(self, line: str) -> Iterable[str]:
        return dict.fromkeys(lane for lanes in self._own(line) for lane, some in lanes.items() if some)

    def size(self, line: str, lane: str) -> int:
        return sum(len(lanes.get(lane, ())) for lanes in self._own(line))

    def turn(self, line: str, lane: str) -> int:
        return self.line_up._turns.get(line, {}).get(lane, 0)

    def before(self, line: str, lane: str, queued_at: datetime, issued_seq: int) -> int:
        return sum(bisect_left(lanes.get(lane, ()), (queued_at, issued_seq, "")) for lanes in self._own(line))

    def head(self, line: str, lane: str) -> Head | None:
        firsts = [lanes[lane][0] for lanes in self._own(line) if lanes.get(lane)]
        if not firsts:
            return None
        return _head(self.line_up.tickets[min(firsts)[2]], line, self.turn(line, lane))

    def overtaken(self, head: Head) -> int:
        if head.line == POOL:
            return 0
        joined_at = self.line_up.tickets[head.ticket].joined_at
        calls = self.line_up._overtakings.get(head.line, {}).values()
        return sum(since > head.since and at >= joined_at for since, at in calls)
