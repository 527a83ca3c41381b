"""Calling, recalling, serving and ending: rows, events, counts and answers."""

import json
from typing import Any

import pytest

from tests.server.trial import Trial, refused


def called(trial: Trial, window: str = "w1", line: str = "tax") -> dict[str, Any]:
    """A ticket called at an open window."""
    ticket = trial.issue(line)
    trial.open(window)
    assert trial.call_next(window)["id"] == ticket["id"]
    return ticket


def test_call_next_calls_the_longest_waiting(trial: Trial) -> None:
    first, second = trial.issue(), trial.issue()
    trial.open("w1")
    trial.clock.forward(seconds=30)
    seq = trial.seq
    answer = trial.call_next("w1")
    assert (answer["id"], answer["status"], answer["window"], answer["calls"]) == (first["id"], "called", "w1", 1)
    assert answer["called_at"] == answer["first_called_at"] == "2026-11-23T01:00:30.000Z"
    assert answer["ahead"] is None
    assert trial.window("w1")["ticket_id"] == first["id"]
    [event] = trial.events(seq)
    assert (event["type"], event["window"]) == ("ticket.called", "w1")
    assert event["data"]["waiting"] == {"tax": 1}
    assert event["data"]["window"]["ticket"]["number"] == "A001"
    assert trial.ticket(second["id"])["status"] == "waiting"


def test_every_call_keeps_what_it_chose_among_and_why(trial: Trial) -> None:
    trial.issue("tax")
    trial.issue("social")
    trial.open("w2")
    trial.clock.forward(seconds=10)
    trial.call_next("w2")
    why = trial.events()[-1]["data"]["why"]
    assert why["among"] == [["A001", "tax", "ordinary"], ["B001", "social", "ordinary"]]
    assert (why["rank"], why["score"], why["by"]) == (1, 10, "score")


def test_call_next_with_nobody_waiting_answers_none_and_writes_nothing(trial: Trial) -> None:
    trial.issue("left")
    trial.open("w1")
    before = trial.all_rows()
    assert trial.call_next("w1") is None
    assert trial.all_rows() == before


def test_call_next_completes_who_is_served_first(trial: Trial) -> None:
    first = called(trial)
    second = trial.issue()
    trial.serve("w1")
    trial.clock.forward(minutes=4)
    seq = trial.seq
    assert trial.call_next("w1")["id"] == second["id"]
    assert trial.types(seq) == ["ticket.completed", "ticket.called"]
    assert trial.ticket(first["id"])["status"] == "completed"
    assert (trial.window("w1")["served"], trial.window("w1")["service_seconds"]) == (1, 240)


def test_call_next_completes_who_is_served_also_when_nobody_waits(trial: Trial) -> None:
    ticket = called(trial)
    trial.serve("w1")
    seq = trial.seq
    assert trial.call_next("w1") is None
    assert trial.types(seq) == ["ticket.completed"]
    assert trial.ticket(ticket["id"])["status"] == "completed"
    assert trial.window("w1")["ticket_id"] is None


def test_call_next_on_a_number_only_called_is_busy(trial: Trial) -> None:
    ticket = called(trial)
    trial.issue()
    before = trial.all_rows()
    error = refused(lambda: trial.call_next("w1"))
    assert (error.code, error.details["number"]) == ("window_busy", ticket["number"])
    assert trial.all_rows() == before


@pytest.mark.parametrize(
    "finish, status, type_",
    [("completed", "completed", "ticket.completed"), ("no_show", "no_show", "ticket.missed")],
)
def test_call_next_may_say_how_the_called_number_ended(trial: Trial, finish: str, status: str, type_: str) -> None:
    first, second = called(trial), trial.issue()
    seq = trial.seq
    assert trial.call_next("w1", finish=finish)["id"] == second["id"]
    assert trial.types(seq) == [type_, "ticket.called"]
    assert trial.ticket(first["id"])["status"] == status


def test_a_no_show_by_next_before_its_time_is_journalled_as_early(trial: Trial) -> None:
    called(trial)
    trial.call_next("w1", finish="no_show")
    assert trial.events()[-1]["data"]["early"] is True


def test_call_next_at_a_window_that_is_not_open(trial: Trial) -> None:
    assert trial.call_next("w1") is None  # nobody waits: 204, whatever the window
    trial.issue()
    before = trial.all_rows()
    for prepare in (lambda: None, lambda: (trial.open("w1"), trial.pause("w1"))):
        prepare()
        before = trial.all_rows()
        assert refused(lambda: trial.call_next("w1")).code == "window_not_open"
        assert trial.all_rows() == before


def test_the_best_rank_goes_first_whatever_the_wait(trial: Trial) -> None:
    trial.issue("social")
    trial.clock.forward(minutes=20)
    trial.issue("tax")
    trial.open("w1")
    assert [trial.call_next("w1", finish="completed")["number"] for _ in range(2)] == ["A001", "B001"]


def test_a_line_past_its_red_wait_counts_as_best_rank(trial: Trial) -> None:
    trial.issue("social")
    trial.clock.forward(minutes=31)
    trial.issue("tax")
    trial.open("w1")
    assert [trial.call_next("w1", finish="completed")["number"] for _ in range(2)] == ["B001", "A001"]


def test_a_class_grows_by_its_weight(trial: Trial) -> None:
    trial.issue("tax")
    trial.clock.forward(seconds=60)
    trial.issue("tax", visitor_class="priority")
    trial.open("w1")
    trial.clock.forward(seconds=29)  # 89 x 1 against 29 x 3
    first = trial.call_next("w1")["number"]
    assert first == "A001"
    trial.issue("tax")
    trial.clock.forward(seconds=60)  # a later ordinary one stays behind
    assert trial.call_next("w1", finish="completed")["number"] == "A002"


def test_priority_passes_once_its_score_is_higher(trial: Trial) -> None:
    trial.issue("tax")
    trial.clock.forward(seconds=60)
    trial.issue("tax", visitor_class="priority")
    trial.clock.forward(seconds=31)  # 91 x 1 against 31 x 3
    trial.open("w1")
    assert trial.call_next("w1")["number"] == "A002"


def test_a_booked_visitor_weighs_two(trial: Trial) -> None:
    trial.issue("tax")
    trial.clock.forward(seconds=60)
    trial.issue("tax", visitor_class="booked")
    trial.clock.forward(seconds=61)  # 121 x 1 against 61 x 2
    trial.open("w1")
    assert trial.call_next("w1")["number"] == "A002"


def test_issued_in_the_same_moment_the_issue_order_decides(trial: Trial) -> None:
    numbers = [trial.issue(line)["number"] for line in ("right", "left", "right", "left")]
    trial.open("w9")
    assert [trial.call_next("w9", finish="completed")["number"] for _ in range(4)] == numbers


def test_call_a_number_out_of_its_order(trial: Trial) -> None:
    trial.issue()
    chosen = trial.issue()
    trial.open("w1")
    seq = trial.seq
    answer = trial.call_number("w1", " a002 ")
    assert (answer["id"], answer["status"], answer["window"]) == (chosen["id"], "called", "w1")
    [event] = trial.events(seq)
    assert event["type"] == "ticket.called" and event["data"]["reason"] == "asked for"
    assert event["data"]["why"] == {"chosen": True} and event["data"]["waiting"] == {"tax": 1}


def test_a_chosen_number_makes_room_as_next_does(trial: Trial) -> None:
    first, second = called(trial), trial.issue()
    before = trial.all_rows()
    assert refused(lambda: trial.call_number("w1", second["number"])).code == "window_busy"
    assert trial.all_rows() == before
    trial.call_number("w1", second["number"], finish="no_show")
    assert trial.ticket(first["id"])["status"] == "no_show"
    trial.serve("w1")
    third = trial.issue()
    trial.call_number("w1", third["number"])
    assert trial.ticket(second["id"])["status"] == "completed"


@pytest.mark.parametrize("number, code", [("A999", "not_found"), ("L001", "line_not_served"), ("", "not_found")])
def test_a_number_that_the_window_cannot_call(trial: Trial, number: str, code: str) -> None:
    trial.issue("left")
    trial.open("w1")
    before = trial.all_rows()
    assert refused(lambda: trial.call_number("w1", number)).code == code
    assert trial.all_rows() == before


def test_a_chosen_number_needs_an_open_window(trial: Trial) -> None:
    ticket = trial.issue()
    before = trial.all_rows()
    assert refused(lambda: trial.call_number("w1", ticket["number"])).code == "window_not_open"
    assert trial.all_rows() == before


def test_a_refused_chosen_number_leaves_who_is_served_there(trial: Trial) -> None:
    ticket = called(trial)
    trial.serve("w1")
    left = trial.issue("left")
    before = trial.all_rows()
    assert refused(lambda: trial.call_number("w1", left["number"])).code == "line_not_served"
    assert trial.all_rows() == before
    assert trial.ticket(ticket["id"])["status"] == "serving"


def test_recall_counts_and_keeps_the_first_call(trial: Trial) -> None:
    ticket = called(trial)
    trial.clock.forward(seconds=40)
    seq = trial.seq
    answer = trial.recall("w1")
    assert (answer["calls"], answer["status"]) == (2, "called")
    assert answer["first_called_at"] == "2026-11-23T01:00:00.000Z"
    assert answer["called_at"] == "2026-11-23T01:00:40.000Z"
    assert trial.types(seq) == ["ticket.recalled"]
    assert trial.ticket(ticket["id"])["calls"] == 2


def test_start_and_complete_with_an_outcome(trial: Trial) -> None:
    ticket = called(trial)
    trial.clock.forward(seconds=20)
    assert trial.serve("w1")["started_at"] == "2026-11-23T01:00:20.000Z"
    trial.clock.forward(seconds=90)
    seq = trial.seq
    answer = trial.complete("w1", outcome="accepted")
    assert (answer["status"], answer["outcome"]) == ("completed", "accepted")
    assert answer["ended_at"] == "2026-11-23T01:01:50.000Z"
    assert trial.types(seq) == ["ticket.completed"]
    assert trial.ticket(ticket["id"])["outcome"] == "accepted"
    assert (trial.window("w1")["served"], trial.window("w1")["service_seconds"]) == (1, 90)


def test_a_called_number_may_be_completed_without_a_start(trial: Trial) -> None:
    called(trial)
    trial.clock.forward(seconds=30)
    assert trial.complete("w1")["status"] == "completed"
    assert trial.window("w1")["service_seconds"] == 30


@pytest.mark.parametrize(
    "calls, seconds, lacking",
    [(1, 90, {"calls": 1, "seconds": 0}), (2, 89, {"calls": 0, "seconds": 1}), (1, 0, {"calls": 1, "seconds": 90})],
)
def test_a_no_show_before_its_calls_and_seconds_is_too_early(
    trial: Trial, calls: int, seconds: int, lacking: dict[str, int]
) -> None:
    ticket = called(trial)
    for _ in range(calls - 1):
        trial.recall("w1")
    trial.clock.forward(seconds=seconds)
    before = trial.all_rows()
    error = refused(lambda: trial.no_show("w1"))
    assert (error.code, error.details) == ("too_early", {"number": ticket["number"], **lacking})
    assert trial.all_rows() == before
    assert trial.no_show("w1", early=True)["status"] == "no_show"
    assert trial.events()[-1]["data"]["early"] is True


def test_a_no_show_in_time_is_not_early(trial: Trial) -> None:
    called(trial)
    trial.recall("w1")
    trial.clock.forward(seconds=90)
    seq = trial.seq
    assert trial.no_show("w1")["status"] == "no_show"
    [event] = trial.events(seq)
    assert (event["type"], event["data"]["early"]) == ("ticket.missed", False)
    assert trial.window("w1")["ticket_id"] is None and trial.window("w1")["served"] == 0
    assert [one["number"] for one in trial.board()["missed"]] == ["A001"]


def test_priority_has_longer_to_come(trial: Trial) -> None:
    trial.issue(visitor_class="priority")
    trial.open("w1")
    trial.call_next("w1")
    trial.recall("w1")
    trial.clock.forward(seconds=179)
    assert refused(lambda: trial.no_show("w1")).details["seconds"] == 1
    trial.clock.forward(seconds=1)
    assert trial.no_show("w1")["status"] == "no_show"


def test_a_clerk_works_only_at_the_window_he_has_claimed(trial: Trial) -> None:
    called(trial)
    other = trial.clerk("4099")
    before = trial.all_rows()
    for act in (trial.call_next, trial.recall, trial.serve, trial.complete, trial.no_show, trial.pause, trial.close):
        error = refused(lambda act=act: act("w1", by=other))  # type: ignore[misc]
        assert (error.code, error.details["clerk"]) == ("window_taken", "3021")
    assert trial.all_rows() == before
    assert trial.recall("w1", by=trial.supervisor)["calls"] == 2


def test_an_unknown_window_is_not_found(trial: Trial) -> None:
    for act in (trial.open, trial.call_next, trial.recall, trial.serve, trial.complete, trial.no_show, trial.pause):
        assert refused(lambda act=act: act("w404")).code == "not_found"  # type: ignore[misc]


def test_no_event_to_the_public_tells_reason_clerk_class_or_why(trial: Trial) -> None:
    from hall.events import public

    called(trial)
    trial.issue(visitor_class="priority")
    trial.recall("w1")
    trial.no_show("w1", early=True)
    trial.pause("w1", reason="toilet")
    trial.open("w1")
    trial.call_number("w1", "A002")
    told = json.dumps([public(event) for event in trial.events()])
    for secret in ("toilet", "3021", "priority", "why", "reason", "asked for", "early"):
        assert secret not in told


def test_numbers_missed_in_the_same_moment_stand_by_number_in_fold_and_tables(trial: Trial) -> None:
    for window, line in (("w9", "right"), ("w1", "tax")):
        called(trial, window, line)
        trial.no_show(window, early=True)
    assert [one["number"] for one in trial.board()["missed"]] == ["A001", "R001"]  # and the fixture folds
