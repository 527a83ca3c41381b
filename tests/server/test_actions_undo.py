"""The last move at a window taken back: the ticket stands exactly where it stood, or nothing is written."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from server.actions import calls, undoing, windows
from server.actions.day import day_is_over, end_day
from server.actions.due import do_due
from server.command import Action, Days, Done, Tx
from server.group import Group, Job
from tests.server.trial import Trial, refused


def place_of(trial: Trial) -> dict[str, Any]:
    """Everything of the hall that a call changes and its undoing has to restore."""
    rows = trial.all_rows()
    return {
        "tickets": rows["tickets"],
        "overtakings": trial.rows("overtakings"),
        "loads": rows["loads"],
        "windows": [{key: row[key] for key in ("id", "status", "ticket_id", "served")} for row in rows["windows"]],
    }


def called(trial: Trial) -> dict[str, Any]:
    ticket = trial.issue()
    trial.open("w1")
    assert trial.call_next("w1")["id"] == ticket["id"]
    return ticket


def test_a_call_undone_waits_at_its_exact_place(trial: Trial) -> None:
    tickets = [trial.issue(), trial.issue(visitor_class="priority"), trial.issue()]
    trial.open("w1")
    trial.clock.forward(minutes=2)
    for _ in tickets:
        before = place_of(trial)
        number = trial.call_next("w1")["number"]
        trial.clock.forward(seconds=3)
        answer = trial.undo("w1")
        assert (answer["number"], answer["status"], answer["ahead"], answer["window"]) == (number, "waiting", 0, None)
        assert place_of(trial) == before
        assert trial.call_next("w1")["number"] == number
        trial.complete("w1")


def test_the_event_clears_the_board(trial: Trial) -> None:
    called(trial)
    trial.undo("w1")
    event = trial.events()[-1]
    assert (event["type"], event["window"], event["data"]["undone"]) == ("ticket.undone", "w1", "call")
    assert (event["data"]["waiting"], event["data"]["window"]["ticket"]) == ({"tax": 1}, None)
    assert trial.board()["calls"] == []


def test_a_call_that_overtook_somebody_never_did(trial: Trial) -> None:
    trial.issue()
    trial.clock.forward(seconds=60)
    trial.issue(visitor_class="priority")
    trial.clock.forward(seconds=60)
    trial.open("w1")
    before = trial.rows("overtakings")
    assert trial.call_next("w1")["class"] == "priority"
    trial.undo("w1")
    assert trial.rows("overtakings") == before


def test_the_turns_of_a_line_are_as_before(trial: Trial) -> None:
    """One reinstated among others: its turn comes nearer with each call, and goes back with each undone."""
    missed = called(trial)
    trial.no_show("w1", early=True)
    for _ in range(3):
        trial.issue()
    trial.clock.forward(seconds=5)
    trial.reinstate(missed["id"])
    order = []
    for _ in range(4):
        before = place_of(trial)
        first = trial.call_next("w1")["number"]
        trial.undo("w1")
        assert place_of(trial) == before
        order.append(trial.call_next("w1")["number"])
        assert order[-1] == first
        trial.complete("w1")
    assert order == ["A002", "A003", "A001", "A004"]


def test_a_recall_undone_is_called_with_the_calls_before(trial: Trial) -> None:
    ticket = called(trial)
    trial.clock.forward(seconds=30)
    before = place_of(trial)
    trial.recall("w1")
    trial.clock.forward(seconds=10)
    answer = trial.undo("w1")
    assert (answer["status"], answer["calls"], answer["window"]) == ("called", 1, "w1")
    assert place_of(trial) == before
    assert trial.board()["calls"][0]["id"] == ticket["id"]


def test_a_start_undone_is_called(trial: Trial) -> None:
    called(trial)
    before = place_of(trial)
    trial.serve("w1")
    answer = trial.undo("w1")
    assert (answer["status"], answer["started_at"]) == ("called", None)
    assert place_of(trial) == before


def test_a_resume_undone_is_held_as_it_was_and_returns_when_it_would_have(trial: Trial) -> None:
    ticket = called(trial)
    trial.serve("w1")
    trial.clock.forward(minutes=1)
    trial.hold("w1", reason="papers", minutes=5)
    trial.open("w2")
    before = place_of(trial)
    trial.resume("w2", ticket["number"])
    answer = trial.undo("w2")
    assert (answer["status"], answer["window"]) == ("held", "w1")
    assert place_of(trial) == before
    trial.clock.forward(minutes=5)
    trial.look()
    assert trial.ticket(ticket["id"])["status"] == "waiting"


def test_ten_seconds_are_enough_and_eleven_too_many(trial: Trial) -> None:
    called(trial)
    trial.clock.forward(seconds=10.001)
    before = trial.all_rows()
    error = refused(lambda: trial.undo("w1"))
    assert (error.code, error.status, error.details["seconds"]) == ("too_late_to_undo", 409, 10)
    assert trial.all_rows() == before


def test_a_hall_sets_the_seconds(trial: Trial) -> None:
    trial = Trial.found(trial.store, trial.clock, rules={"undo_seconds": 60})
    called(trial)
    trial.clock.forward(seconds=60)
    assert trial.undo("w1")["status"] == "waiting"
    assert trial.faults() == []


BETWEEN: dict[str, Callable[[Trial], Any]] = {
    "undone already": lambda trial: (trial.recall("w1"), trial.undo("w1")),
    "taken over": lambda trial: (
        trial.open("w1", by=trial.clerk("4044"), take_over=True),
        trial.open("w1", take_over=True),
    ),
    "to be closed": lambda trial: trial.close("w1", after_current=True),
}


@pytest.mark.parametrize("what", BETWEEN)
def test_what_happened_since_to_the_ticket_or_the_window_stands_in_the_way(trial: Trial, what: str) -> None:
    called(trial)
    BETWEEN[what](trial)
    before = trial.all_rows()
    assert refused(lambda: trial.undo("w1")).code == "too_late_to_undo"
    assert trial.all_rows() == before


def test_what_happened_elsewhere_or_to_the_slip_does_not(trial: Trial) -> None:
    ticket = called(trial)
    trial.report(ticket["slip"]["id"], "printed")
    trial.open("w2")
    trial.issue()
    trial.call_next("w2")
    trial.pause("w2", after_current=True)
    assert trial.undo("w1")["id"] == ticket["id"]


def test_a_window_that_is_to_pause_after_this_one_still_takes_a_recall_back(trial: Trial) -> None:
    called(trial)
    trial.pause("w1", after_current=True)
    trial.recall("w1")
    assert trial.undo("w1")["calls"] == 1
    assert trial.window("w1")["closing"] == "pause"


def test_a_number_completed_by_next_stays_completed_when_the_call_is_undone(trial: Trial) -> None:
    first = called(trial)
    trial.serve("w1")
    second = trial.issue()
    trial.call_next("w1")
    assert trial.undo("w1")["id"] == second["id"]
    assert trial.ticket(first["id"])["status"] == "completed"
    assert trial.window("w1")["served"] == 1


def in_one_group(trial: Trial, *acts: Action) -> list[Job]:
    """The commands of callers who came at the same moment: one transaction, and the journal written at its end."""
    jobs = [Job(trial.hall, "t-3021", None, "", act) for act in acts]
    with trial.store.engine.connect() as connection:
        days = Days(day_is_over, end_day, do_due)
        group = Group(connection, trial.clock, days, lambda work, *given: work(*given))
        group.begin()
        group.write(jobs)
    return jobs


def test_undoing_knows_what_was_done_in_the_same_transaction(trial: Trial) -> None:
    ticket = called(trial)
    by = trial.clerk()

    def start(tx: Tx) -> Done:
        return calls.start_ticket(tx, by, "w1")

    def undo(tx: Tx) -> Done:
        return undoing.undo_move(tx, by, "w1")

    def close(tx: Tx) -> Done:
        return windows.close_window(tx, by, "w1", None, True)

    done = in_one_group(trial, start, undo, undo, close, start, close, undo)
    assert [getattr(job.error, "code", None) for job in done] == [
        None,
        None,
        "too_late_to_undo",
        None,
        None,
        None,
        "too_late_to_undo",
    ]
    assert trial.ticket(ticket["id"])["status"] == "serving"


def test_nothing_is_undone_at_an_empty_window_or_by_another_clerk(trial: Trial) -> None:
    called(trial)
    assert refused(lambda: trial.undo("w1", by=trial.clerk("4044"))).code == "window_taken"
    trial.complete("w1")
    assert refused(lambda: trial.undo("w1")).code == "window_empty"


def test_a_second_call_after_an_undone_one_is_counted_and_told_as_a_first(trial: Trial) -> None:
    called(trial)
    first_at = trial.events()[-1]["ticket"]["called_at"]
    trial.clock.forward(seconds=2)
    trial.undo("w1")
    answer = trial.call_next("w1")
    assert answer["calls"] == 1
    assert datetime.fromisoformat(answer["first_called_at"]) > datetime.fromisoformat(first_at)
