"""What a key means at a window: the table both clients are held to, refusals, the guard, the waiting list."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from caller.meant import Ask, Meaning, Say, Send, Step, View, filled, send
from caller.picking import Hall, entries
from caller.session import (
    MEANINGS,
    NextGuard,
    after_refusal,
    fold_waiting,
    longest_first,
    lunch_end,
    meaning,
    still_calling,
    wait_mark,
)

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "presses.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(TABLE["now"])


def view_of(case: dict[str, Any]) -> View:
    held, outcomes = tuple(case.get("held", ())), tuple(TABLE["outcomes"])
    return View(case["window"], TABLE["rules"], NOW, case["lunch_until"], held, outcomes, case.get("last_for", ""))


def written(meant: Meaning) -> dict[str, Any]:
    if isinstance(meant, Send):
        return {"send": [{"verb": step.verb, "body": step.body} for step in meant.steps]}
    if isinstance(meant, Say):
        return {"say": meant.message, "values": meant.values}
    answers = {key: written(answer) for key, answer in meant.answers.items()}
    asked: dict[str, Any] = {"ask": meant.question, "values": meant.values, "answers": answers}
    if meant.then is not None:
        asked |= {"type": meant.typing} if meant.typing else {"pick": meant.picking}
        asked["then"] = written(meant.then)
    if meant.warning is not None:
        asked["warn"] = {"message": meant.warning.message, "values": meant.warning.values}
    return {**asked, **({"labels": dict(meant.labels)} if meant.labels else {})}


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


def test_the_list_takes_in_who_waits_for_my_window_alone_and_lets_go_who_waits_for_another() -> None:
    first = waits("A001", "2026-11-23T08:00:00Z")
    sent = waits("C001", "2026-11-23T08:01:00Z", line="c", pool="w:w3")
    assert fold_waiting([first], {"a"}, event(sent), "w3") == [first, sent]
    assert fold_waiting([first], {"a"}, event({**first, "pool": "w:w9"}), "w3") == []


def test_calling_hours_are_left_until_the_last_has_ended() -> None:
    spans = ["09:00-12:00", "13:30-17:00"]
    assert still_calling(spans, datetime(2026, 11, 23, 12, 30, tzinfo=UTC))
    assert not still_calling(spans, datetime(2026, 11, 23, 17, 0, tzinfo=UTC))


def test_what_was_picked_and_written_goes_into_the_last_command_however_deep_it_asks() -> None:
    asked = meaning("transfer", called_view())
    assert isinstance(asked, Ask) and asked.then is not None
    how = filled(asked.then, {"window": "w9"}, {"name": "9 号窗口"})
    assert isinstance(how, Ask) and how.values == {"number": "A023", "name": "9 号窗口"}
    note = how.answers["n"]
    assert isinstance(note, Ask) and note.then is not None
    noted = filled(note.then, {"note": "缺照片"}, {})
    assert isinstance(noted, Ask)
    assert noted.answers["b"] == send("transfer", come_back=True, window="w9", note="缺照片")


def test_only_the_command_that_asked_is_filled() -> None:
    asked = meaning("matter", called_view())
    assert isinstance(asked, Ask) and asked.then is not None
    assert filled(asked.then, {"matter": "card"}, {}) == Send(
        (Step("start"), Step("change-matter", {"matter": "card"}))
    )


def served(*lines: str) -> list[dict[str, Any]]:
    return [{"id": line, "rank": rank} for rank, line in enumerate(lines, 1)]


HALL = Hall(
    {
        "lines": [{"id": "social", "name": "社会保险"}, {"id": "tax", "name": "税务"}],
        "matters": [
            {"id": "join", "name": "社会保险登记", "line": "social", "initials": "shbxdj", "pinyin": "shehuibaoxian"},
            {"id": "deed", "name": "契税申报", "line": "tax", "initials": "qssb", "pinyin": "qishuishenbao"},
        ],
    },
    [
        {"id": "w1", "name": "1", "status": "open", "clerk": "3001", "lines": served("social", "tax")},
        {"id": "w3", "name": "3", "status": "open", "clerk": "3021", "lines": served("social")},
        {"id": "w4", "name": "4", "status": "closed", "clerk": None, "lines": served("tax")},
    ],
    {"id": "w3", "name": "3", "status": "open", "clerk": "3021", "lines": served("social")},
    {"social": 5, "tax": 2},
)  # fmt: skip


def picked(of: str, typed: str) -> list[tuple[str, str, int | None]]:
    return [(one.kind, one.name, one.waiting) for one in entries(of, HALL, typed)]


def test_a_number_can_be_sent_to_lines_windows_and_people_with_how_many_wait_there() -> None:
    lines = [("line", "社会保险", 5), ("line", "税务", 2)]
    assert picked("targets", "") == [*lines, ("window", "1", 7), ("clerk", "3001", 7)]
    assert picked("targets", "1") == [("window", "1", 7)]
    assert picked("targets", "30") == [("clerk", "3001", 7)]
    assert picked("targets", "shbx") == [("line", "社会保险", 5)]


def test_matters_are_found_by_name_and_initials_the_window_s_own_first() -> None:
    assert picked("matters", "") == [("matter", "社会保险登记", None)]
    assert picked("matters", "qs") == [("matter", "契税申报", None)]
    assert [name for _, name, _ in picked("matters", "s")] == ["社会保险登记", "契税申报"]


def test_who_has_no_number_is_offered_what_the_window_serves() -> None:
    assert picked("services", "") == [("line", "社会保险", 5)]
    assert [name for _, name, _ in picked("services", "she")] == ["社会保险登记"]
    assert picked("services", "qs") == []
