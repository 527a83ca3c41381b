"""A long life of a hall, made up by Hypothesis, held against a small model of what must be."""

import random
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hall.errors import HallError
from server.audit.verifying import call_faults
from server.db import Store
from tests.server.trial import SetClock, Trial

LINES = {"tax": "A", "social": "B", "left": "L", "right": "R"}
SERVES = {
    "w1": {"tax": 1, "social": 2},
    "w2": {"tax": 1, "social": 1},
    "w3": {"tax": 1, "fund": 2, "guide": 2},
    "w9": {"left": 1, "right": 1},
}
WEIGHTS = {"ordinary": 1, "booked": 2, "priority": 3, "reinstated": 1}
RED_SECONDS, LONGEST_SECONDS = 30 * 60, 60 * 60
MOST_PASSED, BETWEEN_REINSTATED = 10, 2
UNDO_SECONDS = 10
LIVE = ("waiting", "called", "serving", "held")

windows = st.sampled_from(["w1", "w2", "w1", "w9", "w3"])
clerks = st.sampled_from(["x", "x", "x", "x", "y"])  # mostly the one who has opened them
people = st.lists(
    st.tuples(
        st.sampled_from(["tax", "social", "tax", "left", "right"]),
        st.sampled_from(["ordinary", "priority", "ordinary", "booked"]),
        st.sampled_from([0, 20, 45, 400]),
    ),
    min_size=1,
    max_size=5,
)


@dataclass
class Paper:
    """A ticket as the model has it."""

    number: str
    line: str
    visitor_class: str
    queued: float
    order: int
    status: str = "waiting"
    window: str | None = None
    calls: int = 0
    first_called: float = 0
    lane: str = ""
    joined: float = 0
    missed: float = 0
    reinstated: bool = False
    held_by: str = ""
    back: float | None = None
    """When a held one returns of its own accord."""
    visit: int | None = None
    issued: float = 0
    last: "Move | None" = None
    """What could be undone."""

    def __post_init__(self) -> None:
        self.lane, self.joined, self.issued = self.visitor_class, self.queued, self.queued

    @property
    def since(self) -> tuple[float, int]:
        return self.queued, self.order


@dataclass
class Move:
    """The last move of a ticket at its window, and all that it changed."""

    at: float
    before: dict[str, Any]
    turned: int = 0
    passed: bool = False


@dataclass
class Seat:
    """A window as the model has it."""

    status: str = "closed"
    clerk: str | None = None
    closing: str | None = None


class Life(RuleBasedStateMachine):
    """Every rule does a thing in the hall and in the model, and both must answer alike."""

    store: Store

    @initialize()
    def found(self) -> None:
        clock = SetClock()
        self.store.clock = clock
        self.trial = Trial.found(self.store, clock)
        self.clock = clock
        self.day = 23
        self.papers: dict[str, Paper] = {}
        self.given = dict.fromkeys(LINES, 0)
        self.seats = {key: Seat() for key in SERVES}
        for window in ("w1", "w2", "w9"):
            self.trial.open(window, by=self.trial.clerk("x"))
            self.seats[window] = Seat("open", "x")
        self.serves = {key: dict(ranks) for key, ranks in SERVES.items()}
        self.loans: dict[tuple[str, str], float] = {}
        """(window, line) that is lent: until when."""
        self.suspended: dict[str, float] = {}
        self.turns = dict.fromkeys(LINES, 0)
        self.passings: list[tuple[str, tuple[float, int], float]] = []
        self.stale = False
        """Whether midnight has passed and nothing was commanded since."""

    def at(self) -> float:
        return self.clock.at.timestamp()

    def there(self, window: str) -> Paper | None:
        """The model's ticket at a window."""
        found = [p for p in self.papers.values() if p.window == window and p.status in ("called", "serving")]
        assert len(found) <= 1
        return found[0] if found else None

    def waiting(self) -> list[Paper]:
        """Those who can be called: none of a person who is at a window."""
        return [paper for paper in self.papers.values() if paper.status == "waiting" and not self.busy_mates(paper)]

    def mates(self, paper: Paper) -> list[Paper]:
        """The other tickets of the same person."""
        linked = [one for one in self.papers.values() if paper.visit is not None and one.visit == paper.visit]
        return [one for one in linked if one is not paper]

    def busy_mates(self, paper: Paper) -> list[Paper]:
        return [one for one in self.mates(paper) if one.status in ("called", "serving")]

    def settle(self, paper: Paper) -> None:
        """The others of a visit are set aside or come back: a lane that nobody else is in begins its turn anew."""
        for mate in self.mates(paper):
            if mate.status == "waiting" and mate.lane == "reinstated":
                others = [p for p in self.waiting() if p.lane == "reinstated" and p.line == mate.line]
                if all(p.visit == paper.visit for p in others):
                    self.turns[mate.line] = 0

    def begin_turn(self, paper: Paper, line: str) -> None:
        """A missed number joins a line; where it is the first of them the turn begins anew."""
        if paper.lane == "reinstated" and not self.waits_reinstated(line):
            self.turns[line] = 0

    def do(self, act: str, *given: Any, **more: Any) -> Any:
        """The hall's answer, or the code of its refusal. Before it the model ends its day where one is over."""
        if self.stale:
            self.stale = False
            self.papers, self.seats = {}, {key: Seat() for key in SERVES}
            self.given, self.turns, self.passings = dict.fromkeys(LINES, 0), dict.fromkeys(LINES, 0), []
            self.loans, self.serves = {}, {key: dict(ranks) for key, ranks in SERVES.items()}
        self.give_back()
        self.let_return()
        try:
            return getattr(self.trial, act)(*given, **more)
        except HallError as error:
            return error.code

    def give_back(self) -> None:
        """Lines lent until now go back, suspended ones give numbers again."""
        for (window, line), until in list(self.loans.items()):
            if until <= self.at():
                del self.loans[window, line], self.serves[window][line]
                self.nothing_to_undo(window)
        self.suspended = {line: until for line, until in self.suspended.items() if until > self.at()}

    def nothing_to_undo(self, window: str) -> None:
        """Something happened to the window itself."""
        here = self.there(window)
        if here:
            here.last = None

    def let_return(self) -> None:
        """Whoever was held until now waits again before anything else is done."""
        for paper in self.papers.values():
            if paper.status == "held" and paper.back is not None and paper.back <= self.at():
                self.begin_turn(paper, paper.line)
                paper.status, paper.window, paper.calls, paper.back = "waiting", None, 0, None

    @rule(come=people)
    def issue(self, come: list[tuple[str, str, int]]) -> None:
        for line, visitor_class, after in come:
            answer = self.do("issue", line, visitor_class=visitor_class, always_open=True)
            if line in self.suspended:
                assert answer == "line_closed"
                continue
            self.given[line] += 1
            assert answer["number"] == f"{LINES[line]}{self.given[line]:03d}"
            paper = Paper(answer["number"], line, visitor_class, self.at(), len(self.papers))
            self.papers[answer["id"]] = paper
            self.wait(after)

    def refusal_at(self, window: str, clerk: str) -> str | None:
        seat = self.seats[window]
        return "window_taken" if seat.clerk not in (None, clerk) else None

    def end(self, paper: Paper, status: str) -> None:
        window, paper.status, paper.missed = paper.window, status, self.at()
        assert window is not None
        seat = self.seats[window]
        if seat.closing:
            seat.status = {"pause": "paused", "close": "closed"}[seat.closing]
            seat.clerk = seat.clerk if seat.closing == "pause" else None
            seat.closing = None
        self.settle(paper)

    def next_of(self, window: str) -> Paper | None:
        """Who is next, worked out from everyone who waits and not only from the heads."""
        ranks, now = self.serves[window], self.at()

        def claim(paper: Paper) -> tuple[int, float, int]:
            waited = now - paper.queued
            rank = 1 if waited > RED_SECONDS else ranks[paper.line]
            return rank, -WEIGHTS[paper.lane] * waited, paper.order

        first = min((p for p in self.waiting() if p.line in ranks), key=claim, default=None)
        if first is None:
            return None
        heads = self.heads(first.line)
        choice = self.by_lanes(heads)
        for passed in sorted((p for p in heads if p.since < choice.since), key=lambda p: p.since):
            if now - passed.queued > LONGEST_SECONDS or self.times_passed(passed) >= MOST_PASSED:
                return self.by_lanes([p for p in heads if p.since <= passed.since])
        return choice

    def heads(self, line: str) -> list[Paper]:
        lanes: dict[str, list[Paper]] = {}
        for paper in self.waiting():
            if paper.line == line:
                lanes.setdefault(paper.lane, []).append(paper)
        return [min(some, key=lambda p: p.since) for some in lanes.values()]

    def by_lanes(self, heads: list[Paper]) -> Paper:
        back = [p for p in heads if p.lane == "reinstated"]
        others = [p for p in heads if p.lane != "reinstated"]
        if back and (self.turns[back[0].line] >= BETWEEN_REINSTATED or not others):
            return back[0]
        return min(others, key=lambda p: (-WEIGHTS[p.lane] * (self.at() - p.queued), p.order))

    def times_passed(self, paper: Paper) -> int:
        own = (p for p in self.passings if p[0] == paper.line)
        return sum(since > paper.since and at >= paper.joined for _line, since, at in own)

    def waits_reinstated(self, line: str) -> bool:
        return any(p.lane == "reinstated" and p.line == line for p in self.waiting())

    def call(self, paper: Paper, window: str) -> None:
        back, line = self.waits_reinstated(paper.line), paper.line
        turned = -self.turns[line] if paper.lane == "reinstated" else int(back)
        passed = any(p.since < paper.since for p in self.waiting() if p.line == line)
        self.turns[line] += turned
        if passed:
            self.passings.append((line, paper.since, self.at()))
        self.move(paper, status="called", window=window, calls=1, first_called=self.at())
        assert paper.last is not None
        paper.last.turned, paper.last.passed = turned, passed
        self.settle(paper)

    def move(self, paper: Paper, **changes: Any) -> None:
        """A move that could be undone."""
        paper.last = Move(self.at(), {name: getattr(paper, name) for name in changes})
        for name, value in changes.items():
            setattr(paper, name, value)

    def room(self, window: str, finish: str | None) -> str | None:
        """Makes room as Next does; the refusal where it must not."""
        here = self.there(window)
        if here is None:
            return None
        if here.status == "called" and finish is None:
            return "window_busy"
        self.end(here, "no_show" if here.status == "called" and finish == "no_show" else "completed")
        return "made"

    @rule(window=windows, clerk=clerks, finish=st.sampled_from(["completed", "no_show", None]))
    def call_next(self, window: str, clerk: str, finish: str | None) -> None:
        answer = self.do("call_next", window, by=self.trial.clerk(clerk), finish=finish)
        refusal = self.refusal_at(window, clerk)
        made = None if refusal else self.room(window, finish)
        refusal = refusal or (made if made == "window_busy" else None)
        if refusal:
            assert answer == refusal
            return
        paper = self.next_of(window)
        if self.seats[window].status != "open":
            assert answer == ("window_not_open" if paper and not made else None)
        elif paper is None:
            assert answer is None
        else:
            assert answer["number"] == paper.number, (answer["number"], paper)
            self.call(paper, window)

    @precondition(lambda self: self.papers)
    @rule(window=windows, clerk=clerks, pick=st.integers(0, 1_000_000), finish=st.sampled_from([None, "completed"]))
    def call_number(self, window: str, clerk: str, pick: int, finish: str | None) -> None:
        number = sorted(paper.number for paper in self.papers.values())[pick % len(self.papers)]
        answer = self.do("call_number", window, number, by=self.trial.clerk(clerk), finish=finish)
        seat, refusal = self.seats[window], self.refusal_at(window, clerk)
        paper = next((p for p in self.papers.values() if p.number == number), None)
        if refusal is None and seat.status != "open":
            refusal = "window_not_open"
        if refusal is None and paper is None:
            refusal = "not_found"
        if refusal is None and paper and paper.status != "waiting":
            refusal = "illegal_move"
        if refusal is None and paper and paper.line not in self.serves[window]:
            refusal = "line_not_served"
        here = self.there(window)
        if refusal is None and here and here.status == "called" and finish is None:
            refusal = "window_busy"
        if refusal is None and here and seat.closing:
            refusal = "window_not_open"
        if refusal is None and paper and [one for one in self.busy_mates(paper) if one is not here]:
            refusal = "linked_busy"
        if refusal is not None:
            assert answer == refusal
            return
        assert paper is not None
        self.room(window, finish)
        assert answer["number"] == number
        self.call(paper, window)

    def refusal_of(self, window: str, clerk: str, legal: tuple[str, ...]) -> str | None:
        here, refusal = self.there(window), self.refusal_at(window, clerk)
        if refusal is None and here is None:
            return "window_empty"
        if refusal is None and here and here.status not in legal:
            return "illegal_move"
        return refusal

    @rule(window=windows, clerk=clerks)
    def recall(self, window: str, clerk: str) -> None:
        answer = self.do("recall", window, by=self.trial.clerk(clerk))
        refusal, here = self.refusal_of(window, clerk, ("called",)), self.there(window)
        if refusal or here is None:
            assert answer == refusal
            return
        self.move(here, calls=here.calls + 1)
        assert (answer["number"], answer["calls"]) == (here.number, here.calls)

    @rule(window=windows, clerk=clerks)
    def start(self, window: str, clerk: str) -> None:
        answer = self.do("serve", window, by=self.trial.clerk(clerk))
        refusal, here = self.refusal_of(window, clerk, ("called",)), self.there(window)
        if refusal or here is None:
            assert answer == refusal
            return
        self.move(here, status="serving")
        assert (answer["number"], answer["status"]) == (here.number, "serving")

    @rule(window=windows, clerk=clerks)
    def complete(self, window: str, clerk: str) -> None:
        answer = self.do("complete", window, by=self.trial.clerk(clerk))
        refusal, here = self.refusal_of(window, clerk, ("called", "serving")), self.there(window)
        if refusal or here is None:
            assert answer == refusal
            return
        assert (answer["number"], answer["status"]) == (here.number, "completed")
        self.end(here, "completed")

    @rule(window=windows, clerk=clerks, early=st.booleans())
    def no_show(self, window: str, clerk: str, early: bool) -> None:
        answer = self.do("no_show", window, by=self.trial.clerk(clerk), early=early)
        refusal, here = self.refusal_of(window, clerk, ("called",)), self.there(window)
        if refusal or here is None:
            assert answer == refusal
            return
        # w3 is upstairs, and the first window of its line downstairs.
        due = 180 if here.visitor_class == "priority" or window == "w3" else 90
        in_time = here.calls >= 2 and int(self.at() - here.first_called) >= due
        if not early and not in_time:
            assert answer == "too_early"
            return
        assert answer["status"] == "no_show"
        self.end(here, "no_show")

    @rule(window=windows, clerk=clerks, minutes=st.sampled_from([None, 1, 5, 20]))
    def hold(self, window: str, clerk: str, minutes: int | None) -> None:
        answer = self.do("hold", window, by=self.trial.clerk(clerk), minutes=minutes)
        refusal, here = self.refusal_of(window, clerk, ("called", "serving")), self.there(window)
        if refusal or here is None:
            assert answer == refusal
            return
        assert (answer["number"], answer["status"]) == (here.number, "held")
        here.held_by, here.back = clerk, None if minutes is None else self.at() + 60 * minutes
        self.end(here, "held")

    def picked(self, pick: int, *statuses: str) -> str | None:
        """A ticket's key, of one in these statuses where there is any."""
        # By order, not by id: ids hold random bits, and a life must be the same when it is lived again.
        keys = sorted(self.papers, key=lambda one: self.papers[one].order)
        some = [key for key in keys if self.papers[key].status in statuses] or keys
        return some[pick % len(some)] if some else None

    @rule(window=windows, clerk=clerks, pick=st.integers(0, 1_000_000))
    def resume(self, window: str, clerk: str, pick: int) -> None:
        key = self.picked(pick, "held")
        number = self.papers[key].number if key else "A999"
        answer = self.do("resume", window, number, by=self.trial.clerk(clerk))
        refusal, paper, seat = self.refusal_at(window, clerk), self.papers.get(key or ""), self.seats[window]
        if refusal is None and paper is None:
            refusal = "not_found"
        if refusal is None and paper and paper.status != "held":
            refusal = "illegal_move"
        if refusal is None and paper and clerk != paper.held_by and window != paper.window:
            refusal = "held_elsewhere"
        if refusal is None and seat.status != "open":
            refusal = "window_not_open"
        if refusal is None and self.there(window):
            refusal = "window_busy"
        if refusal is None and paper and self.busy_mates(paper):
            refusal = "linked_busy"
        if refusal or paper is None:
            assert answer == refusal
            return
        assert (answer["number"], answer["status"], answer["window"]) == (number, "serving", window)
        self.move(paper, status="serving", window=window, back=None)
        self.settle(paper)

    @precondition(lambda self: self.papers)
    @rule(pick=st.integers(0, 1_000_000))
    def reinstate(self, pick: int) -> None:
        key = self.picked(pick, "no_show")
        if key is None:  # nobody came: the line is suspended
            return
        answer, paper = self.do("reinstate", key), self.papers.get(key)
        if paper is None or paper.status != "no_show":
            assert answer == "illegal_move"
        elif paper.reinstated:
            assert answer == "already_reinstated"
        elif self.at() > paper.missed + 30 * 60:
            assert answer == "too_late"
        else:
            assert answer["status"] == "waiting"
            if not self.waits_reinstated(paper.line):
                self.turns[paper.line] = 0
            paper.status, paper.window, paper.calls, paper.last = "waiting", None, 0, None
            paper.lane, paper.queued, paper.joined, paper.reinstated = "reinstated", self.at(), self.at(), True

    @rule(window=windows, clerk=clerks)
    def undo(self, window: str, clerk: str) -> None:
        answer = self.do("undo", window, by=self.trial.clerk(clerk))
        refusal, here = self.refusal_of(window, clerk, ("called", "serving")), self.there(window)
        if refusal or here is None:
            assert answer == refusal
            return
        last, here.last = here.last, None
        if last is None or self.at() - last.at > UNDO_SECONDS:
            assert answer == "too_late_to_undo"
            here.last = last
            return
        if last.before.get("status") == "waiting" and here.lane == "reinstated":
            self.turns[here.line] *= self.waits_reinstated(here.line)
        for name, value in last.before.items():
            setattr(here, name, value)
        self.turns[here.line] = max(0, self.turns[here.line] - last.turned)
        if last.passed:
            self.passings.remove((here.line, here.since, last.at))
        if here.status not in ("called", "serving"):
            self.settle(here)
        assert (answer["number"], answer["status"], answer["calls"]) == (here.number, here.status, here.calls)

    @precondition(lambda self: self.papers)
    @rule(pick=st.integers(0, 1_000_000))
    def cancel(self, pick: int) -> None:
        # By order, not by id: ids hold random bits, and a life must be the same when it is lived again.
        key = sorted(self.papers, key=lambda one: self.papers[one].order)[pick % len(self.papers)]
        answer = self.do("cancel", key)
        paper = self.papers.get(key)
        if paper is None or paper.status not in ("waiting", "called", "held"):
            assert answer == "illegal_move"
            return
        assert answer["status"] == "cancelled"
        if paper.status == "called":
            self.end(paper, "cancelled")
        paper.status = "cancelled"

    @rule(window=windows, clerk=clerks, take_over=st.booleans())
    def open(self, window: str, clerk: str, take_over: bool) -> None:
        answer = self.do("open", window, by=self.trial.clerk(clerk), take_over=take_over)
        seat = self.seats[window]
        if seat.clerk not in (None, clerk) and not take_over:
            assert answer == "window_taken"
            return
        assert answer == {"window": window}
        here = self.there(window)
        if here and seat != Seat("open", clerk):
            here.last = None
        seat.status, seat.clerk, seat.closing = "open", clerk, None

    @rule(window=windows, clerk=clerks, move=st.sampled_from(["pause", "close"]), after_current=st.booleans())
    def leave(self, window: str, clerk: str, move: str, after_current: bool) -> None:
        answer = self.do(move, window, by=self.trial.clerk(clerk), after_current=after_current)
        seat, refusal = self.seats[window], self.refusal_at(window, clerk)
        if refusal is None and seat.status not in (("open",) if move == "pause" else ("open", "paused")):
            refusal = "illegal_move"
        here = self.there(window)
        if refusal is None and here and not after_current:
            refusal = "window_busy"
        if refusal:
            assert answer == refusal
            return
        assert answer == {"window": window}
        if here:
            seat.closing, here.last = move, None
            return
        seat.status = {"pause": "paused", "close": "closed"}[move]
        seat.clerk = seat.clerk if move == "pause" else None

    @rule(seconds=st.sampled_from([30, 95, 200, 900, 2000]))
    def wait_some_time(self, seconds: int) -> None:
        self.wait(seconds)

    def wait(self, seconds: int) -> None:
        self.clock.forward(seconds=seconds)
        self.see_midnight()

    @rule(come=people, window=st.sampled_from(["w1", "w2", "w9"]), gaps=st.lists(st.integers(5, 90), max_size=6))
    def rush(self, come: list[tuple[str, str, int]], window: str, gaps: list[int]) -> None:
        """Some come, then one window calls one after another: where weights and ranks decide."""
        self.issue(come=come)
        self.open(window=window, clerk="x", take_over=True)
        for gap in gaps:
            self.wait(gap)
            self.call_next(window=window, clerk="x", finish="completed")

    @rule(first=st.sampled_from([1000, 1700, 2000, 2300]), window=st.sampled_from(["w1", "w2"]))
    def patience(self, first: int, window: str) -> None:
        """One of a worse rank waits long before another of the best rank comes."""
        self.issue(come=[("social", "ordinary", first), ("tax", "ordinary", 20)])
        self.open(window=window, clerk="x", take_over=True)
        for _ in range(3):
            self.call_next(window=window, clerk="x", finish="completed")

    @rule(window=windows, clerk=clerks, line=st.sampled_from(list(LINES)))
    def transfer(self, window: str, clerk: str, line: str) -> None:
        answer = self.do("transfer", window, by=self.trial.clerk(clerk), line=line)
        refusal, here = self.refusal_of(window, clerk, ("called", "serving")), self.there(window)
        if refusal or here is None:
            assert answer == refusal
            return
        assert (answer["number"], answer["status"], answer["line"]) == (here.number, "waiting", line)
        self.begin_turn(here, line)
        self.end(here, "waiting")
        here.line, here.joined, here.window, here.calls, here.last = line, self.at(), None, 0, None

    @precondition(lambda self: self.papers)
    @rule(pick=st.integers(0, 1_000_000), line=st.sampled_from(list(LINES)))
    def link(self, pick: int, line: str) -> None:
        """One more number for somebody who has one."""
        key = self.picked(pick, *LIVE)
        if key is None:  # nobody came: the line is suspended
            return
        answer, other = self.do("issue", line, linked=key, always_open=True), self.papers.get(key)
        if other is None or other.status not in LIVE:
            assert answer == ("line_closed" if line in self.suspended else "visit_over")
            return
        if line in self.suspended:
            assert answer == "line_closed"
            return
        self.given[line] += 1
        assert answer["number"] == f"{LINES[line]}{self.given[line]:03d}"
        other.visit = other.order if other.visit is None else other.visit
        since = min(one.issued for one in [other, *self.mates(other)])
        paper = Paper(answer["number"], line, "ordinary", since, len(self.papers))
        paper.visit, paper.issued, paper.joined = other.visit, self.at(), self.at()
        self.papers[answer["id"]] = paper

    @rule(
        lines=st.lists(st.sampled_from(list(LINES)), min_size=2, max_size=3),
        gap=st.sampled_from([3, 60]),
        then=st.lists(st.sampled_from(["hold", "undo", "transfer", "complete", "no_show"]), max_size=5),
    )
    def errands(self, lines: list[str], gap: int, then: list[str]) -> None:
        """One person with several matters, whom every window would like to have."""
        for window in ("w1", "w2", "w9"):
            self.open(window=window, clerk="x", take_over=True)
        self.issue(come=[(lines[0], "ordinary", 0)])
        for line in lines[1:]:
            self.link(pick=len([p for p in self.papers.values() if p.status in LIVE]) - 1, line=line)
        for place, act in enumerate(then):
            for window in ("w1", "w2", "w9"):
                self.call_next(window=window, clerk="x", finish=None)
            self.wait(gap)
            more = {"hold": {"minutes": 1}, "transfer": {"line": lines[0]}, "no_show": {"early": True}}.get(act, {})
            getattr(self, act)(window=("w1", "w9", "w2")[place % 3], clerk="x", **more)

    @rule(
        line=st.sampled_from(["tax", "left"]),
        come=st.integers(1, 5),
        slips=st.integers(0, 5),
        gap=st.sampled_from([0, 3, 11]),
    )
    def misses_and_slips(self, line: str, come: int, slips: int, gap: int) -> None:
        """One is missed and comes back among others; a clerk's hand slips now and then."""
        window = {"tax": "w1", "left": "w9"}[line]
        self.open(window=window, clerk="x", take_over=True)
        self.issue(come=[(line, "ordinary", 0)] * come)
        self.call_next(window=window, clerk="x", finish="completed")
        self.no_show(window=window, clerk="x", early=True)
        self.reinstate(pick=0)
        for turn in range(4):
            self.call_next(window=window, clerk="x", finish="completed")
            if turn < slips:
                self.wait(gap)
                self.undo(window=window, clerk="x")

    @rule(seconds=st.sampled_from([60, 89, 90, 130, 179, 180]), visitor_class=st.sampled_from(["ordinary", "priority"]))
    def nobody_comes(self, seconds: int, visitor_class: str) -> None:
        self.open(window="w9", clerk="x", take_over=True)
        self.issue(come=[("left", visitor_class, 0)])
        self.call_next(window="w9", clerk="x", finish="completed")
        self.recall(window="w9", clerk="x")
        self.wait(seconds)
        self.no_show(window="w9", clerk="x", early=False)

    @rule(window=windows, line=st.sampled_from(list(LINES)), minutes=st.sampled_from([1, 5, 30]))
    def lend(self, window: str, line: str, minutes: int) -> None:
        answer = self.do("lend", window, line, minutes)
        if line in self.serves[window]:
            assert answer == "line_served"
            return
        assert answer["line"] == line
        self.serves[window][line], self.loans[window, line] = 2, self.at() + 60 * minutes
        self.nothing_to_undo(window)

    @rule(
        line=st.sampled_from(["tax", "left"]),
        minutes=st.sampled_from([2, 15]),
        to=st.sampled_from([None, None, "social", "right"]),
    )
    def suspend(self, line: str, minutes: int, to: str | None) -> None:
        """Those who wait are served on, or go on in another line with their number and place."""
        answer = self.do("suspend", line, minutes, to)
        self.suspended[line] = self.at() + 60 * minutes
        moved = [p for p in self.papers.values() if p.line == line and p.status in ("waiting", "held")] if to else []
        assert set(answer["moved"]) == {paper.number for paper in moved}
        for paper in sorted(moved, key=lambda one: one.since):
            if paper.status == "waiting" and not self.busy_mates(paper):
                self.begin_turn(paper, to or line)
            paper.line, paper.joined, paper.last = to or line, self.at(), None

    @rule(days=st.sampled_from([1, 3]))
    def next_day(self, days: int) -> None:
        self.clock.forward(days=days)
        self.see_midnight()

    def see_midnight(self) -> None:
        # Midnight in Shanghai is 16:00 UTC.
        today = (self.at() + 8 * 3600) // 86400
        self.stale = self.stale or today > self.model_day
        self.model_day = today

    model_day = (SetClock().at.timestamp() + 8 * 3600) // 86400

    def teardown(self) -> None:
        if hasattr(self, "trial"):
            assert self.trial.faults() == []
            assert self.trial.store.read(partial(call_faults, hall=self.trial.hall)) == []

    @invariant()
    def the_hall_is_as_the_model(self) -> None:
        if not hasattr(self, "trial") or self.stale:
            return
        told = {row["id"]: row["status"] for row in self.trial.rows("tickets") if row["id"] in self.papers}
        assert told == {key: paper.status for key, paper in self.papers.items()}
        seats = {
            row["id"]: Seat(row["status"], row["clerk_name"], row["closing"]) for row in self.trial.rows("windows")
        }
        assert seats == self.seats


@pytest.mark.parametrize("examples, steps", [pytest.param(25, 30, id="long")])
def test_a_life_on_sqlite_is_as_the_model(stores: dict[str, Store], examples: int, steps: int) -> None:
    live(stores["sqlite"], examples, steps)


def test_a_life_on_postgresql_is_as_the_model(stores: dict[str, Store]) -> None:
    live(stores["postgresql"], 8, 30)


def live(store: Store, examples: int, steps: int) -> None:
    class Here(Life):
        pass

    Here.store = store
    random.seed(1)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=True,
            print_blob=False,
        ),
    )
