"""Who is next, and why: pure and deterministic, looking only at the head of each line and lane."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

Since = tuple[datetime, int]
"""Since when someone waits, and the journal's seq at issue: the tie-breaker."""
POOL = "@"
"""Stands for the line of those who wait for this window, or its clerk, alone."""
REINSTATED, PRIORITY = "reinstated", "priority"


@dataclass(frozen=True, slots=True)
class Rule:
    """The order of a hall. Weights are by lane; whoever missed a number waits as an ordinary visitor does."""

    weights: Mapping[str, int]
    priority_every: int | None
    """So many others between two priority visitors of a line, whatever the scores; None: by score."""
    reinstated_every: int
    max_overtakes: int
    max_wait_seconds: int
    red_wait_seconds: int


class Head(NamedTuple):
    """The longest waiting ticket of one line and lane that the window may serve."""

    ticket: str
    number: str
    line: str
    """POOL for one that was sent to this window or clerk."""
    lane: str
    queued_at: datetime
    issued_seq: int  # the journal's seq at issue: the tie-breaker
    turn: int = 0
    """Calls of other lanes of the line since the last of this lane."""

    @property
    def since(self) -> Since:
        return self.queued_at, self.issued_seq


class Pick(NamedTuple):
    head: Head
    why: dict[str, Any]
    """{rank, score, by, among: [[number, line, lane]], the chosen first}

    by: `score`; `priority` and `reinstated`, in turn after so many others; `overtaken` and `waited`: someone would
    else have been passed once too often, or had waited too long for that.
    """


Key = tuple[int, timedelta, int]


def pick_next(
    heads: Sequence[Head], ranks: Mapping[str, int], now: datetime, rule: Rule, overtaken: Callable[[Head], int]
) -> Pick | None:
    """The head to call; None when nobody waits.

    The line: best rank first (`ranks`: the window's rank for each of its lines, 1 the best), then the highest score
    among its heads, then issue order. A line with a head past the red wait counts as of the best rank.
    In the line: a reinstated visitor after so many others, priority as the rule has it, then the highest score; but
    nobody is passed who was passed as often as may be (`overtaken`, asked only of those about to be passed) or has
    waited as long as may be.
    """
    if not heads:
        return None
    best = min(ranks.values(), default=1)
    lines: dict[str, list[Head]] = {}
    for one in heads:
        lines.setdefault(one.line, []).append(one)
    keys = {line: _line_key(some, ranks.get(line, best), best, now, rule) for line, some in lines.items()}
    line = min(keys, key=keys.__getitem__)
    head, by = _first_of_line(lines[line], now, rule, overtaken)
    rest = sorted([one.number, one.line, one.lane] for one in heads if one is not head)
    why = {
        "rank": keys[line][0],
        "score": round(score_of(head.lane, now - head.queued_at, rule).total_seconds(), 3),
        "by": by,
        "among": [[head.number, head.line, head.lane], *rest],
    }
    return Pick(head, why)


def score_of(lane: str, waited: timedelta, rule: Rule) -> timedelta:
    """Accumulating priority: weight times the time since queued_at (Kleinrock 1964)."""
    return rule.weights[lane] * waited


def _line_key(heads: Sequence[Head], rank: int, best: int, now: datetime, rule: Rule) -> Key:
    """How a line stands among others: its rank, or the best while one of its heads waits past the red wait."""
    first = min([one.queued_at for one in heads])
    score, issued_seq = min([(rule.weights[one.lane] * (one.queued_at - now), one.issued_seq) for one in heads])
    return best if (now - first).total_seconds() > rule.red_wait_seconds else rank, score, issued_seq


def _first_of_line(
    heads: Sequence[Head], now: datetime, rule: Rule, overtaken: Callable[[Head], int]
) -> tuple[Head, str]:
    choice, by = _by_lanes(heads, now, rule)
    earlier = [one for one in heads if one is not choice and one.since < choice.since]
    for passed in sorted(earlier, key=lambda one: one.since):
        often = not _waited_long(passed, now, rule)
        if not often or overtaken(passed) >= rule.max_overtakes:
            not_later = [one for one in heads if one.since <= passed.since]
            return _by_lanes(not_later, now, rule)[0], "overtaken" if often else "waited"
    return choice, by


def _waited_long(head: Head, now: datetime, rule: Rule) -> bool:
    return (now - head.queued_at).total_seconds() > rule.max_wait_seconds


def _by_lanes(heads: Sequence[Head], now: datetime, rule: Rule) -> tuple[Head, str]:
    """The line's own choice before anyone's cap is asked."""
    for lane, every in _spaced(rule):
        own = next((one for one in heads if one.lane == lane), None)
        if own is None:
            continue
        others = [one for one in heads if one is not own]
        if own.turn >= every or not others:
            return own, lane
        heads = others
    if len(heads) == 1:
        return heads[0], "score"
    return min(heads, key=lambda one: (-score_of(one.lane, now - one.queued_at, rule), one.issued_seq)), "score"


def _spaced(rule: Rule) -> list[tuple[str, int]]:
    """The lanes that take their turn after so many others, whatever the scores."""
    reinstated = (REINSTATED, rule.reinstated_every)
    return [reinstated] if rule.priority_every is None else [reinstated, (PRIORITY, rule.priority_every)]


def turns_after(called: Head, turns: Mapping[str, int], waiting: Mapping[str, int], rule: Rule) -> dict[str, int]:
    """The turns of a line's lanes that a call changes; `waiting`: how many could be called in each before it."""
    after = {}
    if called.lane == REINSTATED or waiting.get(REINSTATED, 0):
        after[REINSTATED] = 0 if called.lane == REINSTATED else turns.get(REINSTATED, 0) + 1
    if rule.priority_every is not None and called.lane != REINSTATED:
        after[PRIORITY] = 0 if called.lane == PRIORITY else turns.get(PRIORITY, 0) + 1
    return {lane: turn for lane, turn in after.items() if turn != turns.get(lane, 0)}


def overtook(called: Head, heads: Iterable[Head]) -> bool:
    """Whether a call passed anyone of its line: `heads` those of the line's lanes before it."""
    return any(one.line == called.line and one.since < called.since for one in heads)


class View(Protocol):
    """What there is to know of who waits; a parked ticket is not among them."""

    def lanes(self, line: str) -> Iterable[str]:
        """The lanes of a line in which anyone can be called."""

    def size(self, line: str, lane: str) -> int: ...

    def turn(self, line: str, lane: str) -> int: ...

    def before(self, line: str, lane: str, queued_at: datetime, issued_seq: int) -> int:
        """How many of a lane queued before that moment, or at it and were issued before."""

    def head(self, line: str, lane: str) -> Head | None: ...

    def overtaken(self, head: Head) -> int: ...


def ahead_at(ticket: Head, ranks: Mapping[str, int], now: datetime, rule: Rule, view: View) -> int:
    """How many a window would call before a waiting ticket, were the time to stand still."""
    within = _ahead_in_line(ticket, now, rule, view)
    best = min(ranks.values(), default=1)
    key = _key_in_turn(ticket, within, ranks.get(ticket.line, best), best, now, rule, view)
    others = (line for line in (*ranks, POOL) if line != ticket.line)
    return sum(within.values()) + sum(
        _ahead_in_other(line, ranks.get(line, best), best, key, now, rule, view) for line in others
    )


def _key_in_turn(
    ticket: Head, within: Mapping[str, int], rank: int, best: int, now: datetime, rule: Rule, view: View
) -> Key:
    """By what its line is compared with others when its turn has come in the line: the best who still wait there."""
    line, red_at = ticket.line, now - timedelta(seconds=rule.red_wait_seconds)
    lanes = dict.fromkeys((*view.lanes(line), ticket.lane))
    red = {lane: view.before(line, lane, red_at, 0) for lane in lanes}
    left_red = any(count > within.get(lane, 0) for lane, count in red.items())
    behind = (view.head(line, lane) for lane in lanes if lane != ticket.lane and not within.get(lane))
    heads = (ticket, *(one for one in behind if one is not None))
    score, issued_seq = min((-score_of(one.lane, now - one.queued_at, rule), one.issued_seq) for one in heads)
    return best if left_red else rank, score, issued_seq


def _ahead_in_other(line: str, rank: int, best: int, key: Key, now: datetime, rule: Rule, view: View) -> int:
    own_rank, negative_score, issued_seq = key
    lanes = list(view.lanes(line))
    if rank < own_rank:
        return sum(view.size(line, lane) for lane in lanes)
    red_wait = timedelta(seconds=rule.red_wait_seconds)
    red = [rule.weights[lane] for lane in lanes if rank > best and view.before(line, lane, now - red_wait, 0)]
    ahead = {}
    for lane in lanes:
        weight = rule.weights[lane]
        higher = now + negative_score / weight  # whoever queued before has the higher score
        # While anyone past the red wait is among them, all of a line with a higher score go as of the best rank.
        with_red = now - red_wait * min(red) / weight if red else None
        if rank == own_rank and (with_red is None or with_red < higher):
            ahead[lane] = view.before(line, lane, higher, issued_seq)
        elif with_red is not None:
            cut = with_red if own_rank > best else min(with_red, higher)
            ahead[lane] = view.before(line, lane, cut, 0 if cut == with_red else issued_seq)
    for lane, every in reversed(_spaced(rule)):  # whose turn comes while the line's others go
        inner = sum(count for one, count in ahead.items() if one != lane)
        if lane in lanes and inner:
            due = _due(inner - 1, every, view.turn(line, lane))
            ahead[lane] = max(ahead.get(lane, 0), min(view.size(line, lane), due))
    return sum(ahead.values())


def _due(others: int, every: int, turn: int) -> int:
    """How many of a lane that takes its turn go before or right after so many others."""
    until = max(0, every - turn)
    return 0 if others < until else 1 + (others - until) // every


def _ahead_in_line(ticket: Head, now: datetime, rule: Rule, view: View) -> dict[str, int]:
    """People of its own line who go first, by lane: lanes that take turns are laid around those that go by score."""
    spaced = _spaced(rule)
    lanes = list(view.lanes(ticket.line))
    inner = [lane for lane in lanes if lane not in dict(spaced)]
    ahead = {} if ticket.lane in dict(spaced) else _ahead_by_score(ticket, inner, now, rule, view)
    for lane, every in reversed(spaced):
        if lane == ticket.lane:
            own = view.before(ticket.line, lane, *ticket.since)
            first = max(0, every - view.turn(ticket.line, lane)) + every * own
            ahead = {**_shared(ticket, inner, first, now, rule, view), lane: own}
        elif ahead and lane in lanes:
            due = _due(sum(ahead.values()), every, view.turn(ticket.line, lane))
            ahead[lane] = _let_pass(ticket, lane, min(view.size(ticket.line, lane), due), now, rule, view)
        inner.append(lane)
    return ahead


def _shared(ticket: Head, lanes: Sequence[str], first: int, now: datetime, rule: Rule, view: View) -> dict[str, int]:
    """So many of some lanes go first, those who have the highest scores: taken from the longest lane first."""
    shares = {}
    for lane in sorted(lanes, key=lambda one: -view.size(ticket.line, one)):
        shares[lane] = _let_pass(ticket, lane, min(first, view.size(ticket.line, lane)), now, rule, view)
        first -= min(first, shares[lane])
    return shares


def _ahead_by_score(ticket: Head, lanes: Sequence[str], now: datetime, rule: Rule, view: View) -> dict[str, int]:
    score = score_of(ticket.lane, now - ticket.queued_at, rule)
    ahead = {ticket.lane: view.before(ticket.line, ticket.lane, *ticket.since)}
    for lane in lanes:
        if lane != ticket.lane:
            higher = view.before(ticket.line, lane, now - score / rule.weights[lane], ticket.issued_seq)
            ahead[lane] = _let_pass(ticket, lane, higher, now, rule, view)
    return ahead


def _let_pass(ticket: Head, lane: str, first: int, now: datetime, rule: Rule, view: View) -> int:
    """How many of another lane really go first, when by the lanes' order `first` would: the caps work both ways."""
    line = ticket.line
    earlier = view.before(line, lane, *ticket.since)
    if first > earlier:
        may = 0 if _waited_long(ticket, now, rule) else max(0, rule.max_overtakes - view.overtaken(ticket))
        return min(first, earlier + may)
    if earlier == 0:
        return first
    waited = view.before(line, lane, min(ticket.queued_at, now - timedelta(seconds=rule.max_wait_seconds)), 0)
    head = view.head(line, lane) if first == waited == 0 else None
    often = head is not None and head.since < ticket.since and view.overtaken(head) >= rule.max_overtakes
    return max(first, waited, often)
