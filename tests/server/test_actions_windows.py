"""Opening, pausing, closing and taking over a window."""

from datetime import timedelta

import pytest

from tests.server.trial import Trial, refused


def test_open_claims_the_window_for_its_clerk(trial: Trial) -> None:
    assert trial.open("w1") == {"window": "w1"}
    row = trial.window("w1")
    assert (row["status"], row["clerk"], row["clerk_name"]) == ("open", "t-3021", "3021")
    [event] = trial.events()
    assert (event["type"], event["window"], event["data"]["window"]["clerk"]) == ("window.opened", "w1", "3021")
    assert event["data"]["window"]["lines"] == [{"id": "tax", "rank": 1}, {"id": "social", "rank": 2}]


def test_open_again_writes_nothing(trial: Trial) -> None:
    trial.open("w1")
    before = trial.all_rows()
    assert trial.open("w1") == {"window": "w1"}
    assert trial.all_rows() == before


@pytest.mark.parametrize("status", ["open", "paused"])
def test_a_taken_window_is_taken_over_only_with_a_confirmation(trial: Trial, status: str) -> None:
    trial.open("w1")
    if status == "paused":
        trial.pause("w1")
    before, other = trial.all_rows(), trial.clerk("4099")
    error = refused(lambda: trial.open("w1", by=other))
    assert (error.code, error.status, error.details["clerk"]) == ("window_taken", 409, "3021")
    assert trial.all_rows() == before
    trial.open("w1", by=other, take_over=True)
    assert trial.window("w1")["clerk"] == "t-4099"
    assert trial.events()[-1]["data"]["taken_from"] == "3021"
    assert refused(lambda: trial.pause("w1")).code == "window_taken"


def test_who_takes_over_gets_the_ticket_that_is_there(trial: Trial) -> None:
    ticket = trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    other = trial.clerk("4099")
    trial.open("w1", by=other, take_over=True)
    assert trial.serve("w1", by=other)["id"] == ticket["id"]


def test_a_closed_window_is_free_for_another_clerk(trial: Trial) -> None:
    trial.open("w1")
    trial.close("w1", reason="shift over")
    row = trial.window("w1")
    assert (row["status"], row["clerk"], row["clerk_name"], row["reason"]) == ("closed", None, None, "shift over")
    trial.open("w1", by=trial.clerk("4099"))
    assert trial.window("w1")["clerk_name"] == "4099" and trial.window("w1")["reason"] is None


def test_a_pause_keeps_its_reason_until_and_clerk(trial: Trial) -> None:
    trial.open("w1")
    until = trial.clock.at + timedelta(minutes=30)
    seq = trial.seq
    trial.pause("w1", reason="lunch", until=until)
    row = trial.window("w1")
    assert (row["status"], row["reason"], row["until"], row["clerk"]) == ("paused", "lunch", until, "t-3021")
    [event] = trial.events(seq)
    assert (event["type"], event["data"]["window"]["until"]) == ("window.paused", "2026-11-23T01:30:00.000Z")
    trial.open("w1")
    assert (trial.window("w1")["until"], trial.window("w1")["reason"]) == (None, None)


def test_after_current_without_a_ticket_leaves_at_once(trial: Trial) -> None:
    trial.open("w1")
    trial.pause("w1", after_current=True)
    assert (trial.window("w1")["status"], trial.window("w1")["closing"]) == ("paused", None)


def test_open_takes_back_an_announced_close(trial: Trial) -> None:
    trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.close("w1", after_current=True)
    trial.open("w1")
    assert trial.window("w1")["closing"] is None
    trial.complete("w1")
    assert trial.window("w1")["status"] == "open"


def test_next_at_a_window_that_closes_after_its_ticket_calls_nobody(trial: Trial) -> None:
    trial.issue()
    waiting = trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.serve("w1")
    trial.close("w1", after_current=True)
    seq = trial.seq
    assert trial.call_next("w1") is None
    assert trial.types(seq) == ["ticket.completed", "window.closed"]
    assert trial.ticket(waiting["id"])["status"] == "waiting"
    assert trial.window("w1")["clerk"] is None


def test_a_chosen_number_is_refused_at_a_window_that_closes_after_its_ticket(trial: Trial) -> None:
    trial.issue()
    waiting = trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.serve("w1")
    trial.close("w1", after_current=True)
    before = trial.all_rows()
    assert refused(lambda: trial.call_number("w1", waiting["number"])).code == "window_not_open"
    assert trial.all_rows() == before


@pytest.mark.parametrize("end", ["cancel", "no_show"])
def test_an_announced_pause_comes_true_however_the_ticket_ends(trial: Trial, end: str) -> None:
    ticket = trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.pause("w1", reason="lunch", after_current=True)
    if end == "cancel":
        trial.cancel(ticket["id"])
    else:
        trial.no_show("w1", early=True)
    row = trial.window("w1")
    assert (row["status"], row["closing"], row["reason"], row["ticket_id"]) == ("paused", None, "lunch", None)


def test_a_supervisor_opens_pauses_and_closes_any_window_without_claiming_it(trial: Trial) -> None:
    trial.open("w1", by=trial.supervisor)
    assert trial.window("w1")["clerk"] is None
    trial.open("w1")
    trial.pause("w1", by=trial.supervisor)
    assert trial.window("w1")["clerk"] == "t-3021"
    trial.close("w1", by=trial.supervisor)
    assert trial.window("w1")["status"] == "closed"


def test_one_clerk_may_stay_at_a_window_while_another_opens_the_next(trial: Trial) -> None:
    trial.open("w1")
    trial.open("w2", by=trial.clerk("4099"))
    assert [trial.window(key)["clerk_name"] for key in ("w1", "w2")] == ["3021", "4099"]
