"""Who is next: the properties that hold for every hall, found by Hypothesis."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hall.order import WEIGHTS, Head, pick_next

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
RED = 30 * 60
LINES = ("social", "property", "tax", "general")
CLASSES = tuple(WEIGHTS)
RANKS = st.fixed_dictionaries({line: st.integers(1, 4) for line in LINES})


def head(line: str = "social", visitor_class: str = "ordinary", seconds: int = 60, seq: int = 1) -> Head:
    queued_at = NOW - timedelta(seconds=seconds)
    return Head(f"t{seq}", f"A{seq:03d}", line, visitor_class, queued_at, seq)


def some_heads(longest: int, smallest: int = 1) -> st.SearchStrategy[list[Head]]:
    """At most one head for each line and class, with seconds waited up to `longest`."""
    one = st.tuples(st.sampled_from(LINES), st.sampled_from(CLASSES), st.integers(0, longest))
    lists = st.lists(one, min_size=smallest, max_size=12, unique_by=lambda row: row[:2])
    return lists.map(lambda rows: [head(*row, seq=seq) for seq, row in enumerate(rows, 1)])


def test_nobody_waiting_means_nobody_is_next() -> None:
    assert pick_next([], {"social": 1}, NOW, RED) is None


@given(some_heads(RED), RANKS)
def test_the_best_rank_with_anyone_waiting_goes_first(heads: list[Head], ranks: dict[str, int]) -> None:
    pick = pick_next(heads, ranks, NOW, RED)
    assert pick is not None
    assert ranks[pick.head.line] == min(ranks[one.line] for one in heads)


@given(some_heads(RED), RANKS)
def test_within_a_rank_the_highest_score_goes_first(heads: list[Head], ranks: dict[str, int]) -> None:
    pick = pick_next(heads, ranks, NOW, RED)
    assert pick is not None
    rivals = [one for one in heads if ranks[one.line] == ranks[pick.head.line]]

    def weighted(one: Head) -> float:
        return WEIGHTS[one.visitor_class] * (NOW - one.queued_at).total_seconds()

    assert weighted(pick.head) == max(map(weighted, rivals))


@given(some_heads(RED), RANKS, st.integers(1, 3600))
def test_a_line_past_its_red_wait_counts_as_best_rank(heads: list[Head], ranks: dict[str, int], over: int) -> None:
    overdue = head("late", "priority", RED + over, seq=99)
    pick = pick_next([*heads, overdue], {**ranks, "late": 9}, NOW, RED)
    assert pick is not None and pick.head == overdue  # nobody else is red, and its score is the highest


def test_a_line_exactly_at_its_red_wait_keeps_its_rank() -> None:
    fresh, red = head("social", seconds=1, seq=2), head("tax", seconds=RED, seq=1)
    pick = pick_next([red, fresh], {"social": 1, "tax": 2}, NOW, RED)
    assert pick is not None and pick.head == fresh


@given(some_heads(2 * RED, smallest=2), RANKS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(heads: list[Head], ranks: dict[str, int], random: object) -> None:
    mixed = list(heads)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert pick_next(mixed, ranks, NOW, RED) == pick_next(heads, ranks, NOW, RED)


@given(some_heads(2 * RED), RANKS)
def test_the_same_hall_gives_the_same_choice_for_the_same_reason(heads: list[Head], ranks: dict[str, int]) -> None:
    assert pick_next(heads, ranks, NOW, RED) == pick_next(heads, ranks, NOW, RED)


@given(some_heads(2 * RED), RANKS)
def test_why_names_everyone_it_chose_among_the_chosen_first(heads: list[Head], ranks: dict[str, int]) -> None:
    pick = pick_next(heads, ranks, NOW, RED)
    assert pick is not None
    among = [row[0] for row in pick.why["among"]]
    assert among[0] == pick.head.number
    assert sorted(among) == sorted(one.number for one in heads)


def test_among_equals_the_first_issued_goes_first() -> None:
    first, second = head("social", seq=1), head("tax", seq=2)
    pick = pick_next([second, first], {"social": 1, "tax": 1}, NOW, RED)
    assert pick is not None and pick.head == first


def test_priority_passes_an_ordinary_who_waited_less_than_three_times_as_long() -> None:
    ordinary, priority = head(seconds=299, seq=1), head(visitor_class="priority", seconds=100, seq=2)
    pick = pick_next([ordinary, priority], {"social": 1}, NOW, RED)
    assert pick is not None and pick.head == priority


def test_an_ordinary_who_waited_longer_than_that_is_not_passed() -> None:
    ordinary, priority = head(seconds=301, seq=1), head(visitor_class="priority", seconds=100, seq=2)
    pick = pick_next([ordinary, priority], {"social": 1}, NOW, RED)
    assert pick is not None and pick.head == ordinary


ARRIVALS = st.lists(
    st.tuples(st.sampled_from(LINES), st.sampled_from(CLASSES), st.integers(0, 300)), min_size=1, max_size=40
)


@given(ARRIVALS, RANKS, st.integers(1, 600))
def test_a_window_serves_everyone_first_come_first_served_within_line_and_class(
    arrivals: list[tuple[str, str, int]], ranks: dict[str, int], pace: int
) -> None:
    """A whole queue is called to its end: nobody is lost, nobody passes one of their own line and class."""
    queues: dict[tuple[str, str], list[Head]] = defaultdict(list)
    moment = NOW
    for seq, (line, visitor_class, gap) in enumerate(arrivals, 1):
        moment += timedelta(seconds=gap)
        queues[line, visitor_class].append(Head(f"t{seq}", f"A{seq:03d}", line, visitor_class, moment, seq))
    called: list[Head] = []
    while heads := [queue[0] for queue in queues.values() if queue]:
        moment += timedelta(seconds=pace)
        pick = pick_next(heads, ranks, moment, RED)
        assert pick is not None
        called.append(queues[pick.head.line, pick.head.visitor_class].pop(0))
    assert sorted(one.issued_seq for one in called) == list(range(1, len(arrivals) + 1))
    for key in queues:
        seqs = [one.issued_seq for one in called if (one.line, one.visitor_class) == key]
        assert seqs == sorted(seqs)
