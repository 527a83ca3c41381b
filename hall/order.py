"""Who is next, and why: pure and deterministic, looking only at the head of each line and class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

WEIGHTS: Mapping[str, int] = {"ordinary": 1, "booked": 2, "priority": 3}


@dataclass(frozen=True, slots=True)
class Head:
    """The longest waiting ticket of one line and class that the window may serve."""

    ticket: str
    number: str
    line: str
    visitor_class: str
    queued_at: datetime
    issued_seq: int  # the journal's seq at issue: the tie-breaker


@dataclass(frozen=True, slots=True)
class Pick:
    head: Head
    why: dict[str, Any]


def score_of(visitor_class: str, waited_seconds: float) -> float:
    """Accumulating priority: class weight times seconds since queued_at (Kleinrock 1964)."""
    return WEIGHTS[visitor_class] * waited_seconds


def pick_next(heads: Sequence[Head], ranks: Mapping[str, int], now: datetime, red_wait_seconds: int) -> Pick | None:
    """The head to call: best rank first, then highest score, then issue order. None when nobody waits.

    `ranks`: the window's rank for each of its lines, 1 the best. A line whose head waits past `red_wait_seconds`
    counts as of the best rank.
    """
    if not heads:
        return None
    best = min(ranks.values())

    def place(head: Head) -> tuple[int, float, int]:
        waited = (now - head.queued_at).total_seconds()
        rank = best if waited > red_wait_seconds else ranks[head.line]
        return rank, -score_of(head.visitor_class, waited), head.issued_seq

    chosen = min(heads, key=place)
    rank, negative_score, _ = place(chosen)
    why = {
        "rank": rank,
        "score": round(-negative_score, 3),
        "among": [[head.number, head.line, head.visitor_class] for head in sorted(heads, key=place)],
    }
    return Pick(chosen, why)
