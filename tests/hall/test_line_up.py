"""A whole line-up called to its end: nobody starves, the caps hold, and `ahead` tells what comes."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hall.layout.rules import Order
from hall.line_up import LineUp, Waiting
from hall.order import Rule

START = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
LINES = ("social", "tax", "general")
ORDERS = st.sampled_from(
    [
        Order(),
        Order(preset="first_come"),
        Order(preset="one_priority_after", priority_every=2),
        Order(max_overtakes=2, max_wait_minutes=20, reinstated_every=1),
    ]
)
RANKS = st.fixed_dictionaries({line: st.integers(1, 3) for line in LINES})
ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from(LINES),
        st.sampled_from(["ordinary", "ordinary", "ordinary", "booked", "priority", "reinstated"]),
        st.integers(0, 240),
    ),
    min_size=1,
    max_size=40,
)


def arrived(line: str, lane: str, at: datetime, seq: int) -> Waiting:
    return Waiting(f"t{seq}", f"A{seq:03d}", line, lane, "", False, at, at, seq)


@dataclass
class Called:
    ticket: Waiting
    at: datetime


def a_day(arrivals: list[tuple[str, str, int]], ranks: dict[str, int], rule: Rule, pace: int) -> list[Called]:
    """One window calls every `pace` seconds while people come, and on until nobody waits."""
    line_up, called, at, free = LineUp(rule), [], START, START
    queue = list(enumerate(arrivals, 1))
    while queue or line_up.tickets:
        if queue and (not line_up.tickets or at + timedelta(seconds=queue[0][1][2]) <= free):
            seq, (line, lane, gap) = queue.pop(0)
            at += timedelta(seconds=gap)
            line_up.put(arrived(line, lane, at, seq))
            free = max(free, at)
            continue
        pick = line_up.at("w").next(ranks, free)
        assert pick is not None
        called.append(Called(line_up.tickets[pick.head.ticket], free))
        line_up.call(pick.head.ticket, free)
        free += timedelta(seconds=pace)
    return called


@given(ARRIVALS, RANKS, ORDERS, st.integers(1, 600))
def test_everyone_is_called_once_and_within_line_and_lane_in_the_order_they_came(
    arrivals: list[tuple[str, str, int]], ranks: dict[str, int], order: Order, pace: int
) -> None:
    called = a_day(arrivals, ranks, order.rule(30), pace)
    assert sorted(one.ticket.issued_seq for one in called) == list(range(1, len(arrivals) + 1))
    places = defaultdict(list)
    for one in called:
        places[one.ticket.line, one.ticket.lane].append(one.ticket.issued_seq)
    assert all(seqs == sorted(seqs) for seqs in places.values())


@given(ARRIVALS, RANKS, ORDERS, st.integers(1, 600))
def test_nobody_is_passed_more_often_or_after_longer_than_the_caps_allow(
    arrivals: list[tuple[str, str, int]], ranks: dict[str, int], order: Order, pace: int
) -> None:
    rule = order.rule(30)
    called = a_day(arrivals, ranks, rule, pace)
    for place, one in enumerate(called):
        passers = [
            other
            for other in called[:place]
            if other.ticket.line == one.ticket.line
            and other.ticket.since > one.ticket.since
            and other.at >= one.ticket.joined_at
        ]
        assert len(passers) <= rule.max_overtakes
        longest = timedelta(seconds=rule.max_wait_seconds)
        assert all(other.at - one.ticket.queued_at <= longest for other in passers)


def filled(arrivals: list[tuple[str, str, int]], rule: Rule) -> tuple[LineUp, datetime]:
    line_up, at = LineUp(rule), START
    for seq, (line, lane, gap) in enumerate(arrivals, 1):
        at += timedelta(seconds=gap)
        line_up.put(arrived(line, lane, at, seq))
    return line_up, at


CLASSES_ONLY = ARRIVALS.map(
    lambda rows: [(line, lane.replace("reinstated", "ordinary"), gap) for line, lane, gap in rows]
)


@given(CLASSES_ONLY, RANKS)
def test_ahead_is_exactly_how_many_are_called_before(
    arrivals: list[tuple[str, str, int]], ranks: dict[str, int]
) -> None:
    """Short of the caps and the red wait, and without anyone who came back, it is exact however lines are ranked."""
    rule = replace(Order().rule(30), max_overtakes=1000, max_wait_seconds=10**6, red_wait_seconds=10**6)
    line_up, now = filled(arrivals, rule)
    view = line_up.at("w")
    told = {key: view.ahead(one, ranks, now) for key, one in line_up.tickets.items()}
    for place in range(len(told)):
        pick = view.next(ranks, now)
        assert pick is not None and told[pick.head.ticket] == place
        line_up.call(pick.head.ticket, now)


@settings(max_examples=150, deadline=None)
@given(ARRIVALS, RANKS, st.sampled_from([Order(), Order(preset="first_come")]))
def test_nobody_is_ahead_of_the_next_and_somebody_of_everyone_else(
    arrivals: list[tuple[str, str, int]], ranks: dict[str, int], order: Order
) -> None:
    line_up, now = filled(arrivals, order.rule(30))
    view = line_up.at("w")
    while (pick := view.next(ranks, now)) is not None:
        nobody = [key for key, one in line_up.tickets.items() if view.ahead(one, ranks, now) == 0]
        assert nobody == [pick.head.ticket]
        line_up.call(pick.head.ticket, now)
        now += timedelta(seconds=45)


def test_a_reinstated_visitor_is_told_two_and_called_after_two() -> None:
    line_up, now = filled([("tax", "ordinary", 60)] * 5, Order().rule(30))
    back = arrived("tax", "reinstated", now, 9)
    line_up.put(back)
    view, ranks = line_up.at("w"), {"tax": 1}
    told = []
    while "t9" in line_up.tickets:
        told.append(view.ahead(back, ranks, now))
        pick = view.next(ranks, now)
        assert pick is not None
        line_up.call(pick.head.ticket, now)
    assert told == [2, 1, 0]


def test_one_window_two_lines_five_and_five_by_turns_the_last_has_nine_ahead() -> None:
    line_up, now = filled([("tax", "ordinary", 10), ("social", "ordinary", 10)] * 5, Order().rule(30))
    ranks = {"tax": 1, "social": 1}
    assert [line_up.at("w").ahead(one, ranks, now) for one in line_up.tickets.values()] == list(range(10))


def test_who_is_parked_is_neither_called_nor_ahead_of_anyone() -> None:
    line_up, now = filled([("tax", "ordinary", 10)] * 2, Order().rule(30))
    line_up.put(line_up.tickets["t1"]._replace(parked=True))
    view, ranks = line_up.at("w"), {"tax": 1}
    assert view.ahead(line_up.tickets["t2"], ranks, now) == 0
    pick = view.next(ranks, now)
    assert pick is not None and pick.head.ticket == "t2"


def test_a_call_taken_back_leaves_the_order_as_if_nobody_had_called() -> None:
    line_up, now = filled(
        [("tax", "ordinary", 10), ("tax", "priority", 10), ("tax", "reinstated", 10)], Order().rule(30)
    )
    view, ranks = line_up.at("w"), {"tax": 1}
    before = [view.ahead(one, ranks, now) for one in line_up.tickets.values()]
    state = {"id": "t2", "status": "waiting"}
    line_up.call("t2", now)
    line_up.apply({"type": "ticket.undone", "ticket": state, "seq": 9, "at": now.isoformat()})
    assert {key: view.ahead(one, ranks, now) for key, one in sorted(line_up.tickets.items())} == dict(
        zip(("t1", "t2", "t3"), before, strict=True)
    )
