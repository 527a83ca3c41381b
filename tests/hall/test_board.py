"""Public events and folding them into a board."""

import json
from typing import Any

from hall.board import Board, fold
from hall.events import Event, public

PRIVATE = (
    "geheim-note",
    "geheim-reason",
    "geheim-clerk",
    "geheim-class",
    "geheim-why",
    "geheim-matter",
    "geheim-code",
)


def ticket(number: str = "A001", status: str = "called", **more: Any) -> dict[str, Any]:
    plain = {
        "id": f"id-{number}",
        "number": number,
        "line": "social",
        "status": status,
        "window": "w3",
        "calls": 1,
        "called_at": "2026-11-23T01:00:00.000Z",
        "first_called_at": "2026-11-23T01:00:00.000Z",
        "language": "zh-CN",
    }
    return {**plain, **more}


def window(status: str = "open", **more: Any) -> dict[str, Any]:
    return {
        "id": "w3",
        "name": "3",
        "zone": "a",
        "status": status,
        "until": None,
        "closing": None,
        "lines": [{"id": "social", "rank": 1}],
        "ticket": None,
        **more,
    }


def event(seq: int, type: str = "ticket.called", **parts: Any) -> Event:
    head = {"v": 1, "epoch": "e", "hall": "binjiang", "seq": seq, "at": f"2026-11-23T01:00:{seq:02d}.000Z"}
    return {**head, "type": type, "data": {}, **parts}


def board(**more: Any) -> Board:
    plain: Board = {
        "epoch": "e",
        "seq": 10,
        "at": "2026-11-23T01:00:10.000Z",
        "day": "2026-11-23",
        "calls": [],
        "missed": [],
        "windows": [window()],
        "waiting": {"social": 2, "tax": 1},
    }
    return {**plain, **more}


def full_event() -> Event:
    note, reason, clerk, visitor_class, why, matter, code = PRIVATE
    return event(
        11,
        ticket=ticket(note=note, visitor_class=visitor_class, matter=matter, code=code, clerk=clerk, outcome=reason),
        window="w3",
        data={
            "window": window(clerk=clerk, reason=reason),
            "waiting": {"social": 1},
            "why": {"among": why},
            "reason": reason,
            "note": note,
            "clerk": clerk,
        },
    )


def test_a_public_event_holds_no_private_word() -> None:
    seen = json.dumps(public(full_event()))
    assert not [word for word in PRIVATE if word in seen]
    assert "clerk" not in seen and "reason" not in seen and "why" not in seen and "class" not in seen


def test_a_public_event_keeps_its_seq_number_and_window() -> None:
    seen = public(full_event())
    assert (seen["seq"], seen["type"], seen["window"]) == (11, "ticket.called", "w3")
    assert {key: seen["ticket"][key] for key in ("id", "number", "line", "status")} == {
        "id": "id-A001",
        "number": "A001",
        "line": "social",
        "status": "called",
    }


def test_making_an_event_public_leaves_the_whole_one_as_it_was() -> None:
    whole = full_event()
    public(whole)
    assert whole == full_event()


def test_a_board_folds_the_public_event_to_the_same_as_the_whole_one() -> None:
    seen, whole = fold(board(), public(full_event())), fold(board(), full_event())
    assert (seen["calls"], seen["waiting"], seen["seq"]) == (whole["calls"], whole["waiting"], whole["seq"])


def test_an_event_of_the_past_is_dropped() -> None:
    before = board()
    assert fold(before, event(10, ticket=ticket())) == before
    assert fold(before, event(3, ticket=ticket())) == before


def test_an_unknown_type_moves_only_seq_and_time() -> None:
    before = board()
    after = fold(before, event(11, "hall.repainted", data={"colour": "green"}))
    assert after == {**before, "seq": 11, "at": "2026-11-23T01:00:11.000Z"}


def test_folding_does_not_touch_the_board_before() -> None:
    before = board()
    fold(before, event(11, ticket=ticket(), data={"window": window("paused"), "waiting": {"social": 1}}))
    assert before == board()


def test_the_newest_call_stands_first() -> None:
    first = ticket("A001", called_at="2026-11-23T01:00:11.000Z")
    second = ticket("A002", called_at="2026-11-23T01:00:12.000Z")
    after = fold(fold(board(), event(11, ticket=first)), event(12, ticket=second))
    assert [call["number"] for call in after["calls"]] == ["A002", "A001"]


def test_two_calls_in_the_same_instant_both_stand() -> None:
    after = fold(fold(board(), event(11, ticket=ticket("A001"))), event(12, ticket=ticket("A002")))
    assert {call["number"] for call in after["calls"]} == {"A001", "A002"}


def test_a_recalled_number_stands_once_with_its_new_time() -> None:
    again = ticket(called_at="2026-11-23T01:00:30.000Z", calls=2)
    after = fold(fold(board(), event(11, ticket=ticket())), event(12, "ticket.recalled", ticket=again))
    assert [(call["at"], call["calls"]) for call in after["calls"]] == [("2026-11-23T01:00:30.000Z", 2)]


def test_a_number_stays_while_it_is_served_and_goes_when_completed() -> None:
    called = fold(board(), event(11, ticket=ticket()))
    served = fold(called, event(12, "ticket.started", ticket=ticket(status="serving")))
    assert [call["status"] for call in served["calls"]] == ["serving"]
    assert fold(served, event(13, "ticket.completed", ticket=ticket(status="completed")))["calls"] == []


def test_a_missed_number_moves_from_the_calls_to_the_missed() -> None:
    after = fold(fold(board(), event(11, ticket=ticket())), event(12, "ticket.missed", ticket=ticket(status="no_show")))
    assert after["calls"] == []
    assert after["missed"] == [{"id": "id-A001", "number": "A001", "at": "2026-11-23T01:00:12.000Z"}]


def test_a_missed_number_that_waits_again_is_missed_no_more() -> None:
    missed = board(missed=[{"id": "id-A001", "number": "A001", "at": "2026-11-23T01:00:05.000Z"}])
    assert fold(missed, event(11, "ticket.reinstated", ticket=ticket(status="waiting")))["missed"] == []


def test_the_state_of_a_window_is_replaced() -> None:
    paused = window("paused", until="2026-11-23T05:30:00.000Z")
    after = fold(board(), event(11, "window.paused", window="w3", data={"window": paused}))
    assert after["windows"] == [paused]


def test_counts_of_lines_the_event_does_not_name_stay() -> None:
    assert fold(board(), event(11, data={"waiting": {"social": 1}}))["waiting"] == {"social": 1, "tax": 1}


def test_a_new_day_clears_calls_missed_and_counts_and_keeps_the_windows() -> None:
    full = fold(board(missed=[{"id": "x", "number": "A009", "at": "y"}]), event(11, ticket=ticket()))
    after = fold(full, event(12, "day.started", data={"day": "2026-11-24"}))
    assert (after["day"], after["calls"], after["missed"]) == ("2026-11-24", [], [])
    assert after["waiting"] == {"social": 0, "tax": 0}
    assert [one["id"] for one in after["windows"]] == ["w3"]
