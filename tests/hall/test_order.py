"""Who is next: the properties that hold for every hall, found by Hypothesis."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.layout.rules import Order
from hall.order import POOL, Head, Pick, Rule, overtook, pick_next, turns_after
from hall.words import Lane

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
RED_MINUTES = 30
RED = RED_MINUTES * 60
LINES = ("social", "property", "tax", "general")
CLASSES = ("ordinary", "booked", "priority")
RANKS = st.fixed_dictionaries({line: st.integers(1, 4) for line in LINES})
BALANCED = Order().rule(RED_MINUTES)
NO_CAPS = replace(BALANCED, max_overtakes=1000, max_wait_seconds=10**6)


def head(line: str = "social", lane: str = "ordinary", seconds: int = 60, seq: int = 1, turn: int = 0) -> Head:
    return Head(f"t{seq}", f"A{seq:03d}", line, lane, NOW - timedelta(seconds=seconds), seq, turn)


def pick(heads: list[Head], ranks: dict[str, int], rule: Rule = NO_CAPS, passed: dict[str, int] | None = None) -> Pick:
    found = pick_next(heads, ranks, NOW, rule, lambda one: (passed or {}).get(one.ticket, 0))
    assert found is not None
    return found


def some_heads(longest: int, smallest: int = 1, lanes: tuple[str, ...] = CLASSES) -> st.SearchStrategy[list[Head]]:
    """At most one head for each line and lane, with seconds waited up to `longest`."""
    one = st.tuples(st.sampled_from(LINES), st.sampled_from(lanes), st.integers(0, longest))
    lists = st.lists(one, min_size=smallest, max_size=12, unique_by=lambda row: row[:2])
    return lists.map(lambda rows: [head(*row, seq=seq) for seq, row in enumerate(rows, 1)])


def waited(one: Head) -> float:
    return (NOW - one.queued_at).total_seconds()


def test_nobody_waiting_means_nobody_is_next() -> None:
    assert pick_next([], {"social": 1}, NOW, BALANCED, lambda _: 0) is None


@given(some_heads(RED), RANKS)
def test_the_best_rank_with_anyone_waiting_goes_first(heads: list[Head], ranks: dict[str, int]) -> None:
    assert ranks[pick(heads, ranks).head.line] == min(ranks[one.line] for one in heads)


@given(some_heads(RED), RANKS)
def test_within_a_rank_the_highest_score_goes_first(heads: list[Head], ranks: dict[str, int]) -> None:
    chosen = pick(heads, ranks).head
    rivals = [one for one in heads if ranks[one.line] == ranks[chosen.line]]
    weighted = {one: NO_CAPS.weights[one.lane] * waited(one) for one in rivals}
    assert weighted[chosen] == max(weighted.values())


@given(some_heads(RED), RANKS, st.integers(1, 3600))
def test_a_line_past_its_red_wait_counts_as_best_rank(heads: list[Head], ranks: dict[str, int], over: int) -> None:
    overdue = head("late", "priority", RED + over, seq=99)
    assert pick([*heads, overdue], {**ranks, "late": 9}).head == overdue  # nobody else is red, and its score is highest


def test_a_line_exactly_at_its_red_wait_keeps_its_rank() -> None:
    fresh, red = head("social", seconds=1, seq=2), head("tax", seconds=RED, seq=1)
    assert pick([red, fresh], {"social": 1, "tax": 2}).head == fresh


@given(some_heads(2 * RED, 2, (*CLASSES, "reinstated")), RANKS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(heads: list[Head], ranks: dict[str, int], random: object) -> None:
    mixed = list(heads)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert pick(mixed, ranks, BALANCED) == pick(heads, ranks, BALANCED)


@given(some_heads(2 * RED), RANKS)
def test_why_names_everyone_it_chose_among_the_chosen_first(heads: list[Head], ranks: dict[str, int]) -> None:
    chosen = pick(heads, ranks)
    among = [row[0] for row in chosen.why["among"]]
    assert among[0] == chosen.head.number and sorted(among) == sorted(one.number for one in heads)


def test_among_equals_the_first_issued_goes_first() -> None:
    first, second = head("social", seq=1), head("tax", seq=2)
    assert pick([second, first], {"social": 1, "tax": 1}).head == first


@pytest.mark.parametrize(("lane", "seconds", "passes"), [("priority", 100, 299), ("booked", 100, 199)])
def test_a_class_passes_whoever_waited_less_than_its_weight_times_as_long(lane: str, seconds: int, passes: int) -> None:
    quick = head(lane=lane, seconds=seconds, seq=2)
    for ordinary, expected in ((head(seconds=passes, seq=1), quick), (head(seconds=passes + 2, seq=1), None)):
        assert pick([ordinary, quick], {"social": 1}).head == (expected or ordinary)


def test_first_come_first_served_knows_no_class() -> None:
    rule = Order(preset="first_come").rule(RED_MINUTES)
    ordinary, priority = head(seconds=101, seq=1), head(lane="priority", seconds=100, seq=2)
    assert pick([priority, ordinary], {"social": 1}, rule).head == ordinary


@pytest.mark.parametrize(("turn", "first"), [(0, "ordinary"), (1, "ordinary"), (2, "priority"), (5, "priority")])
def test_one_priority_visitor_goes_after_every_two_others(turn: int, first: str) -> None:
    rule = Order(preset="one_priority_after", priority_every=2).rule(RED_MINUTES)
    heads = [head(seconds=10, seq=2), head(lane="priority", seconds=1000, seq=1, turn=turn)]
    assert pick(heads, {"social": 1}, replace(rule, max_overtakes=1000)).head.lane == first


@pytest.mark.parametrize(("turn", "first"), [(0, "ordinary"), (1, "ordinary"), (2, "reinstated")])
def test_who_came_back_goes_after_two_others(turn: int, first: str) -> None:
    heads = [head(seconds=10, seq=1), head(lane="reinstated", seconds=1000, seq=2, turn=turn)]
    chosen = pick(heads, {"social": 1})
    assert (chosen.head.lane, chosen.why["by"]) == (first, "reinstated" if first == "reinstated" else "score")


def test_who_came_back_goes_at_once_when_nobody_else_waits() -> None:
    assert pick([head(lane="reinstated")], {"social": 1}).head.lane == "reinstated"


def test_nobody_is_passed_once_too_often() -> None:
    passed, quick = head(seconds=100, seq=1), head(lane="priority", seconds=90, seq=2)
    for times, first in ((9, quick), (10, passed)):
        assert pick([passed, quick], {"social": 1}, BALANCED, {"t1": times}).head == first
    assert pick([passed, quick], {"social": 1}, BALANCED, {"t1": 10}).why["by"] == "overtaken"


def test_nobody_is_passed_who_has_waited_too_long() -> None:
    longest = BALANCED.max_wait_seconds
    for seconds, first in ((longest, "priority"), (longest + 1, "ordinary")):
        heads = [head(seconds=seconds, seq=1), head(lane="priority", seconds=longest - 1, seq=2)]
        assert pick(heads, {"social": 1}, BALANCED).head.lane == first


def test_whom_a_cap_keeps_from_being_passed_still_lets_an_earlier_one_with_more_claim_go() -> None:
    earlier, kept, quick = (
        head(lane="booked", seconds=200, seq=1),
        head(seconds=100, seq=2),
        head(lane="priority", seconds=150, seq=3),
    )
    kept = kept._replace(queued_at=NOW - timedelta(seconds=180))
    assert pick([earlier, kept, quick], {"social": 1}, BALANCED, {"t2": 10}).head == earlier


def test_who_was_sent_to_this_window_counts_as_of_its_best_rank() -> None:
    sent = head(POOL, seconds=50, seq=2)
    assert pick([head("social", seconds=100, seq=1), sent], {"social": 2, "tax": 1}).head == sent
    assert pick([head("social", seconds=100, seq=1), sent], {"social": 1}).head.line == "social"


def test_forty_lines_of_four_lanes_are_chosen_among_without_looking_further() -> None:
    """The cost is one look at each head: what a head is asked for, and how often, is counted."""
    asked = []
    heads = [
        head(f"l{line}", lane, 60 + line, 4 * line + place) for line in range(40) for place, lane in enumerate(Lane)
    ]
    found = pick_next(heads, {f"l{line}": 1 for line in range(40)}, NOW, BALANCED, lambda one: asked.append(one) or 0)
    assert found is not None and found.head.line == "l39"
    assert len(asked) <= 4


LANES = st.sampled_from([lane.value for lane in Lane])


@given(LANES, st.dictionaries(LANES, st.integers(0, 9)), st.dictionaries(LANES, st.integers(0, 3)), st.booleans())
def test_a_call_brings_the_turn_of_the_others_nearer_and_begins_its_own_anew(
    lane: str, turns: dict[str, int], waiting: dict[str, int], one_after: bool
) -> None:
    rule = Order(preset="one_priority_after" if one_after else "balanced").rule(RED_MINUTES)
    after = {**turns, **turns_after(head(lane=lane), turns, waiting, rule)}
    if lane == "reinstated":
        assert after.get("reinstated", 0) == 0
    elif waiting.get("reinstated"):
        assert after["reinstated"] == turns.get("reinstated", 0) + 1
    if one_after and lane == "priority":
        assert after.get("priority", 0) == 0


def test_only_a_call_of_the_same_line_overtakes() -> None:
    called = head("social", "priority", 50, 2)
    assert overtook(called, [called, head("social", seconds=60, seq=1)])
    assert not overtook(called, [called, head("tax", seconds=60, seq=1), head("social", seconds=40, seq=3)])
