"""Two at the same moment: one wins, the other gets the contract's answer, whatever the order."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hall.errors import HallError
from hall.words import Role
from server.db import Store
from tests.server.trial import Trial

Act = Callable[[Trial], Any]
ROUNDS = 3
DONE, NOBODY = "done", "nobody"


def outcome(act: Act, trial: Trial) -> str:
    try:
        return DONE if act(trial) is not None else NOBODY
    except HallError as error:
        return error.code


def together(one: tuple[Act, Trial], two: tuple[Act, Trial]) -> tuple[str, str]:
    """Both started at the same moment in threads of their own; what each got."""
    start, got = threading.Barrier(2), ["", ""]

    def run(place: int, act: Act, trial: Trial) -> None:
        start.wait(10)
        got[place] = outcome(act, trial)

    threads = [threading.Thread(target=run, args=(place, *both), daemon=True) for place, both in enumerate((one, two))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return got[0], got[1]


def one_waits(trial: Trial) -> None:
    for window in ("w1", "w2"):
        trial.open(window, by=trial.clerk(window))
    trial.issue("tax")


def two_wait(trial: Trial) -> None:
    one_waits(trial)
    trial.issue("tax")


def one_is_called(trial: Trial) -> None:
    one_waits(trial)
    trial.call_next("w1", by=trial.clerk("w1"))


def one_is_served(trial: Trial) -> None:
    one_is_called(trial)
    trial.serve("w1", by=trial.clerk("w1"))


def one_is_held(trial: Trial) -> None:
    one_is_served(trial)
    trial.hold("w1", by=trial.clerk("w1"), minutes=5)


def one_is_held_and_time_is_up(trial: Trial) -> None:
    one_is_held(trial)
    trial.clock.forward(minutes=5)


def one_was_missed(trial: Trial) -> None:
    one_is_called(trial)
    trial.no_show("w1", by=trial.clerk("w1"), early=True)


def quota_has_one_left(trial: Trial) -> None:
    for _ in range(2):
        trial.issue("fund")


def nothing(trial: Trial) -> None:
    """The hall as it was founded."""


def yesterday_was_busy(trial: Trial) -> None:
    two_wait(trial)
    trial.call_next("w1", by=trial.clerk("w1"))
    trial.clock.forward(days=1)


def last(trial: Trial) -> dict[str, Any]:
    return max(trial.rows("tickets"), key=lambda row: row["issued_seq"])


def slip(trial: Trial) -> str:
    return str(trial.rows("slips")[-1]["id"])


def at(window: str, act: str, **more: Any) -> Act:
    return lambda trial: getattr(trial, act)(window, by=trial.clerk(window), **more)


def by(name: str, act: str, **more: Any) -> Act:
    return lambda trial: getattr(trial, act)("w1", by=trial.clerk(name), **more)


def call_it(window: str) -> Act:
    return lambda trial: trial.call_number(window, last(trial)["number"], by=trial.clerk(window))


def cancel(trial: Trial) -> Any:
    return trial.cancel(last(trial)["id"])


def take_back(window: str, name: str | None = None) -> Act:
    return lambda trial: trial.resume(window, last(trial)["number"], by=trial.who(Role.SUPERVISOR, name or window))


def reinstate(trial: Trial) -> Any:
    return trial.reinstate(last(trial)["id"])


def scan(trial: Trial) -> Any:
    return trial.scan(last(trial)["track_code"])


NEXT_1, NEXT_2 = at("w1", "call_next"), at("w2", "call_next")

# name: (what stands before, one, two, the pairs of outcomes that the contract allows, in either order)
RACES: dict[str, tuple[Callable[[Trial], None], Act, Act, set[tuple[str, ...]]]] = {
    "two windows call the only one": (one_waits, NEXT_1, NEXT_2, {(DONE, NOBODY)}),
    "two windows call two": (two_wait, NEXT_1, NEXT_2, {(DONE, DONE)}),
    "one window calls twice": (two_wait, NEXT_1, NEXT_1, {(DONE, "window_busy")}),
    "one window finishes and calls twice": (
        one_is_called,
        at("w1", "call_next", finish="completed"),
        at("w1", "call_next", finish="no_show"),
        {(NOBODY, NOBODY)},
    ),
    "two windows choose one number": (one_waits, call_it("w1"), call_it("w2"), {(DONE, "illegal_move")}),
    "chosen here and next there": (
        one_waits,
        call_it("w1"),
        NEXT_2,
        {(DONE, NOBODY), ("illegal_move", DONE)},
    ),
    "called and cancelled": (one_waits, NEXT_1, cancel, {(DONE, DONE), (NOBODY, DONE)}),
    "chosen and cancelled": (one_waits, call_it("w1"), cancel, {(DONE, DONE), ("illegal_move", DONE)}),
    "cancelled twice": (one_waits, cancel, cancel, {(DONE, "illegal_move")}),
    "recalled and cancelled": (
        one_is_called,
        at("w1", "recall"),
        cancel,
        {(DONE, DONE), ("window_empty", DONE)},
    ),
    "started and cancelled": (
        one_is_called,
        at("w1", "serve"),
        cancel,
        {(DONE, "illegal_move"), ("window_empty", DONE)},
    ),
    "started twice": (one_is_called, at("w1", "serve"), at("w1", "serve"), {(DONE, "illegal_move")}),
    "recalled twice": (one_is_called, at("w1", "recall"), at("w1", "recall"), {(DONE, DONE)}),
    "completed twice": (one_is_called, at("w1", "complete"), at("w1", "complete"), {(DONE, "window_empty")}),
    "completed and missed": (
        one_is_called,
        at("w1", "complete"),
        at("w1", "no_show", early=True),
        {(DONE, "window_empty"), ("window_empty", DONE)},
    ),
    "missed and started": (
        one_is_called,
        at("w1", "no_show", early=True),
        at("w1", "serve"),
        {(DONE, "window_empty"), ("illegal_move", DONE)},
    ),
    "held twice": (one_is_served, at("w1", "hold"), at("w1", "hold"), {(DONE, "window_empty")}),
    "held and finished": (one_is_served, at("w1", "hold"), NEXT_1, {(DONE, NOBODY), ("window_empty", NOBODY)}),
    "held and cancelled": (one_is_called, at("w1", "hold"), cancel, {(DONE, DONE), ("window_empty", DONE)}),
    "resumed at two windows": (one_is_held, take_back("w1"), take_back("w2"), {(DONE, "illegal_move")}),
    "resumed twice at one": (one_is_held, take_back("w1"), take_back("w1"), {(DONE, "illegal_move")}),
    "resumed and called next": (
        one_is_held,
        take_back("w1"),
        NEXT_1,
        {(DONE, NOBODY)},
    ),
    "resumed once its time is up, and called": (
        one_is_held_and_time_is_up,
        take_back("w1"),
        NEXT_2,
        {("illegal_move", DONE)},
    ),
    "called by two once its time is up": (one_is_held_and_time_is_up, NEXT_1, NEXT_2, {(DONE, NOBODY)}),
    "reinstated twice": (one_was_missed, reinstate, reinstate, {(DONE, "illegal_move")}),
    "scanned twice": (one_was_missed, scan, scan, {(DONE, DONE)}),
    "reinstated and called": (one_was_missed, reinstate, NEXT_1, {(DONE, DONE), (DONE, NOBODY)}),
    "a call undone twice": (one_is_called, at("w1", "undo"), at("w1", "undo"), {(DONE, "window_empty")}),
    "a start undone twice": (one_is_served, at("w1", "undo"), at("w1", "undo"), {(DONE, "too_late_to_undo")}),
    "undone and started": (
        one_is_called,
        at("w1", "undo"),
        at("w1", "serve"),
        {(DONE, "window_empty"), (DONE, DONE)},
    ),
    "undone and called elsewhere": (one_is_called, at("w1", "undo"), NEXT_2, {(DONE, DONE), (DONE, NOBODY)}),
    "undone and missed": (
        one_is_called,
        at("w1", "undo"),
        at("w1", "no_show", early=True),
        {(DONE, "window_empty"), ("window_empty", DONE)},
    ),
    "two clerks open one window": (nothing, by("x", "open"), by("y", "open"), {(DONE, "window_taken")}),
    "one clerk opens twice": (nothing, by("x", "open"), by("x", "open"), {(DONE, DONE)}),
    "two clerks take over": (
        one_waits,
        by("x", "open", take_over=True),
        by("y", "open", take_over=True),
        {(DONE, DONE)},
    ),
    "taken over while he calls": (
        one_waits,
        NEXT_1,
        by("y", "open", take_over=True),
        {(DONE, DONE), ("window_taken", DONE)},
    ),
    "pause and next": (
        one_waits,
        at("w1", "pause"),
        NEXT_1,
        {(DONE, "window_not_open"), ("window_busy", DONE)},
    ),
    "close and next": (
        one_waits,
        at("w1", "close"),
        NEXT_1,
        {(DONE, "window_not_open"), ("window_busy", DONE)},
    ),
    "pause and close": (
        one_waits,
        at("w1", "pause"),
        at("w1", "close"),
        {(DONE, DONE), ("illegal_move", DONE)},
    ),
    "close after current and complete": (
        one_is_called,
        at("w1", "close", after_current=True),
        at("w1", "complete"),
        {(DONE, DONE)},
    ),
    "two issues": (nothing, Trial.issue, Trial.issue, {(DONE, DONE)}),
    "two issues for one left": (
        quota_has_one_left,
        lambda trial: trial.issue("fund"),
        lambda trial: trial.issue("fund"),
        {(DONE, "line_closed")},
    ),
    "an issue and a next": (nothing, Trial.issue, NEXT_1, {(DONE, NOBODY), (DONE, "window_not_open")}),
    "one request twice": (
        nothing,
        lambda trial: trial.issue(request_id="same"),
        lambda trial: trial.issue(request_id="same"),
        {(DONE, DONE)},
    ),
    "one request with two bodies": (
        nothing,
        lambda trial: trial.issue("tax", request_id="same"),
        lambda trial: trial.issue("social", request_id="same"),
        {(DONE, "request_reused"), ("request_reused", DONE)},
    ),
    "a slip printed and failed": (
        one_waits,
        lambda trial: trial.report(slip(trial), "printed"),
        lambda trial: trial.report(slip(trial), "failed", "paper out"),
        {(DONE, DONE), (DONE, "illegal_move")},
    ),
    "two reprints": (
        one_waits,
        lambda trial: trial.reprint(last(trial)["id"]),
        lambda trial: trial.reprint(last(trial)["id"]),
        {(DONE, DONE)},
    ),
    "two supervisors lend a line": (
        nothing,
        lambda trial: trial.lend("w9", "tax"),
        lambda trial: trial.lend("w9", "tax"),
        {(DONE, "line_served")},
    ),
    "moved to another line and called": (
        one_waits,
        lambda trial: trial.suspend("tax", move_to="left"),
        NEXT_1,
        {(DONE, DONE), (DONE, NOBODY)},
    ),
    "two first commands of a day": (
        yesterday_was_busy,
        Trial.issue,
        at("w1", "open"),
        {(DONE, DONE)},
    ),
}
SAME_FOR_BOTH = {
    "two windows call the only one",
    "one window calls twice",
    "two windows choose one number",
    "cancelled twice",
    "started twice",
    "completed twice",
    "held twice",
    "resumed at two windows",
    "resumed twice at one",
    "called by two once its time is up",
    "reinstated twice",
    "a call undone twice",
    "a start undone twice",
    "two clerks open one window",
    "two issues for one left",
    "two supervisors lend a line",
}
"""Both do the same, so either may be the one that wins."""


@pytest.mark.parametrize("name", RACES)
@pytest.mark.parametrize("processes", [1, 2])
def test_one_wins_and_the_other_is_told_so(store: Store, other_store: Store, name: str, processes: int) -> None:
    prepare, one, two, allowed = RACES[name]
    if name in SAME_FOR_BOTH:
        allowed = allowed | {pair[::-1] for pair in allowed}
    for _ in range(ROUNDS):
        trial = Trial.found(store, store.clock)  # type: ignore[arg-type]
        prepare(trial)
        seq = trial.seq
        there = replace(trial, store=other_store if processes == 2 else store)
        got = together((one, trial), (two, there))
        assert got in allowed, got
        assert trial.faults() == []
        written = {"one clerk opens twice": 1, "one request twice": 1}.get(name)
        assert written is None or trial.seq == seq + written
        assert trial.types().count("day.started") == (1 if prepare is yesterday_was_busy else 0)


def test_many_at_once_lose_nothing(trial: Trial, other_store: Store) -> None:
    """16 threads in two processes' stores issue 10 each: 160 numbers, none twice, no gap."""
    start = threading.Barrier(16)

    def issue_ten(place: int) -> None:
        here = replace(trial, store=other_store) if place % 2 else trial
        start.wait(10)
        for _ in range(10):
            here.issue("tax", by=here.who(here.kiosk.role, f"kiosk-{place}"))

    threads = [threading.Thread(target=issue_ten, args=(place,), daemon=True) for place in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    rows = trial.rows("tickets")
    assert sorted(row["ordinal"] for row in rows) == list(range(1, 161))
    assert [row["ordinal"] for row in sorted(rows, key=lambda row: row["issued_seq"])] == list(range(1, 161))
