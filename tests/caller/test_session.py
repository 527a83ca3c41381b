"""What a key means at a window: the table both clients are held to, refusals, the guard, the waiting list."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from caller.session import (
    MEANINGS,
    Ask,
    Meaning,
    NextGuard,
    Say,
    Send,
    Step,
    View,
    after_refusal,
    fold_waiting,
    longest_first,
    lunch_end,
    meaning,
    send,
    wait_mark,
)

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "presses.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(TABLE["now"])


def view_of(case: dict[str, Any]) -> View:
    return View(case["window"], TABLE["rules"], NOW, case["lunch_until"])


def written(meant: Meaning) -> dict[str, Any]:
    if isinstance(meant, Send):
        return {"send": [{"verb": step.verb, "body": step.body} for step in meant.steps]}
    if isinstance(meant, Say):
        return {"say": meant.message, "values": meant.values}
    answers = {key: written(answer) for key, answer in meant.answers.items()}
    return {"ask": meant.question, "values": meant.values, "answers": answers}


@pytest.mark.parametrize("case", TABLE["presses"], ids=[case["name"] for case in TABLE["presses"]])
def test_a_press_means(case: dict[str, Any]) -> None:
    assert written(meaning(case["action"], view_of(case))) == case["want"]


def test_the_table_covers_every_action() -> None:
    assert {case["action"] for case in TABLE["presses"]} == set(MEANINGS)


CALLED = {
    "id": "t1",
    "number": "A023",
    "status": "called",
    "calls": 1,
    "first_called_at": "2026-11-23T08:59:00Z",
}


def called_view() -> View:
    return View({"status": "open", "closing": None, "ticket": CALLED}, TABLE["rules"], NOW)


def test_a_no_show_too_early_asks_with_the_seconds_left() -> None:
    asked = after_refusal(Step("no-show"), "too_early", {"calls": 1, "seconds": 30}, called_view())
    assert asked == Ask(
        "caller.ask_early",
        {"number": "A023", "seconds": 30, "calls": 1},
        {"enter": send("no-show", early=True)},
    )


def test_a_no_show_that_only_lacks_calls_says_how_often_it_was_called() -> None:
    asked = after_refusal(Step("no-show"), "too_early", {"calls": 1, "seconds": 0}, called_view())
    assert asked is not None and asked.question == "caller.ask_early_calls"


def test_a_taken_window_is_taken_over_before_the_same_command_goes_again() -> None:
    asked = after_refusal(Step("recall"), "window_taken", {"clerk": "王芳"}, called_view())
    assert asked is not None and asked.values == {"clerk": "王芳"}
    assert asked.answers["enter"] == Send((Step("open", {"take_over": True}), Step("recall")))


def test_opening_a_taken_window_opens_it_once() -> None:
    asked = after_refusal(Step("open"), "window_taken", {"clerk": None}, called_view())
    assert asked is not None and asked.answers["enter"] == Send((Step("open", {"take_over": True}),))


def test_another_refusal_asks_nothing() -> None:
    assert after_refusal(Step("call-next"), "window_not_open", {}, called_view()) is None


def test_a_second_next_within_two_seconds_is_ignored() -> None:
    guard = NextGuard()
    assert guard.lets(send("call-next"), 100.0)
    assert not guard.lets(send("call-next", finish="completed"), 101.9)
    assert guard.lets(send("call-next"), 102.0)


def test_the_guard_stops_no_other_key() -> None:
    guard = NextGuard()
    assert guard.lets(send("call-next"), 0.0)
    assert guard.lets(send("recall"), 0.1) and guard.lets(send("recall"), 0.2)


def test_lunch_ends_with_the_next_calling_hours() -> None:
    spans = ["13:30-17:00", "09:00-12:00"]
    assert lunch_end(spans, datetime(2026, 11, 23, 11, 40, tzinfo=UTC)) == "13:30"
    assert lunch_end(spans, datetime(2026, 11, 23, 14, 0, tzinfo=UTC)) is None


def waits(number: str, at: str, **fields: Any) -> dict[str, Any]:
    return {"id": number, "number": number, "line": "a", "status": "waiting", "queued_at": at, **fields}


def test_who_waits_stands_longest_first() -> None:
    later, sooner = waits("A002", "2026-11-23T08:10:00Z"), waits("B001", "2026-11-23T08:05:00Z")
    assert longest_first([later, sooner]) == [sooner, later]


def event(ticket: dict[str, Any] | None, kind: str = "ticket.issued") -> dict[str, Any]:
    return {"type": kind, "data": {}, **({"ticket": ticket} if ticket else {})}


def test_the_list_takes_in_who_waits_for_my_lines_and_lets_go_who_is_called() -> None:
    first, second = waits("A001", "2026-11-23T08:00:00Z"), waits("A002", "2026-11-23T08:10:00Z")
    listed = fold_waiting([first], {"a"}, event(second))
    assert listed == [first, second]
    assert fold_waiting(listed, {"a"}, event({**first, "status": "called"})) == [second]


def test_the_list_leaves_other_lines_alone_and_is_empty_on_a_new_day() -> None:
    first = waits("A001", "2026-11-23T08:00:00Z")
    assert fold_waiting([first], {"a"}, event(waits("C001", "2026-11-23T08:01:00Z", line="c"))) == [first]
    assert fold_waiting([first], {"a"}, event(None, "day.started")) == []


@pytest.mark.parametrize(
    ("at", "marked"), [("08:45:01", (14, "")), ("08:45:00", (15, "amber")), ("08:30:00", (30, "red"))]
)
def test_a_wait_is_marked_at_fifteen_and_thirty_minutes(at: str, marked: tuple[int, str]) -> None:
    assert wait_mark(f"2026-11-23T{at}Z", TABLE["rules"], NOW) == marked
