"""A ticket set aside: the window it leaves, who takes it back, and how it returns when its time is up."""

from collections.abc import Callable
from typing import Any

import pytest

from hall.errors import HallError
from tests.server.trial import Trial, refused


def serving(trial: Trial, window: str = "w1", line: str = "tax") -> dict[str, Any]:
    """A ticket that is served at an open window."""
    ticket = trial.issue(line)
    trial.open(window)
    assert trial.call_next(window)["id"] == ticket["id"]
    trial.serve(window)
    return ticket


def due_at(trial: Trial) -> Any:
    return trial.rows("halls")[0]["due_at"]


def test_a_held_ticket_leaves_its_window_free_and_keeps_who_held_it_and_why(trial: Trial) -> None:
    ticket = serving(trial)
    trial.clock.forward(minutes=3)
    answer = trial.hold("w1", reason="papers")
    assert (answer["status"], answer["window"], answer["ahead"]) == ("held", "w1", None)
    row = trial.ticket(ticket["id"])
    assert (row["held_by"], row["hold_reason"], row["return_at"]) == ("t-3021", "papers", None)
    window = trial.window("w1")
    assert (window["ticket_id"], window["status"]) == (None, "open")
    event = trial.events()[-1]
    assert (event["type"], event["window"]) == ("ticket.held", "w1")
    assert event["data"]["window"]["ticket"] is None
    assert (event["data"]["reason"], event["data"]["by"]) == ("papers", "3021")
    assert trial.board()["calls"] == []


def test_the_window_calls_the_next_after_a_hold_and_a_held_ticket_is_never_called(trial: Trial) -> None:
    held = serving(trial)
    second = trial.issue()
    trial.hold("w1")
    assert trial.call_next("w1")["id"] == second["id"]
    assert trial.call_next("w1", finish="completed") is None
    assert refused(lambda: trial.call_number("w1", held["number"])).code == "illegal_move"


def test_the_minutes_served_before_and_after_a_hold_count_and_those_of_the_hold_do_not(trial: Trial) -> None:
    ticket = serving(trial)
    trial.clock.forward(minutes=4)
    trial.hold("w1")
    assert (trial.window("w1")["served"], trial.window("w1")["service_seconds"]) == (0, 240)
    trial.clock.forward(minutes=20)
    trial.resume("w1", ticket["number"])
    trial.clock.forward(minutes=2)
    trial.complete("w1")
    assert (trial.window("w1")["served"], trial.window("w1")["service_seconds"]) == (1, 360)


def test_a_ticket_only_called_may_be_held_and_adds_no_service(trial: Trial) -> None:
    trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.clock.forward(minutes=1)
    assert trial.hold("w1")["status"] == "held"
    assert trial.window("w1")["service_seconds"] == 0


@pytest.mark.parametrize("who", ("the holder", "a clerk of the same window", "a supervisor elsewhere"))
def test_who_may_take_a_held_ticket_back(trial: Trial, who: str) -> None:
    ticket = serving(trial)
    trial.hold("w1")
    window, by = "w1", trial.clerk("4044")
    if who == "the holder":
        window, by = "w2", trial.clerk()
    elif who == "a supervisor elsewhere":
        window, by = "w2", trial.supervisor
    trial.close("w1")
    trial.open(window, by=by)
    trial.clock.forward(minutes=1)
    answer = trial.resume(window, ticket["number"].lower(), by=by)
    assert (answer["id"], answer["status"], answer["window"]) == (ticket["id"], "serving", window)
    assert answer["started_at"] == "2026-11-23T01:01:00.000Z"
    assert trial.window(window)["ticket_id"] == ticket["id"]
    event = trial.events()[-1]
    assert (event["type"], event["data"]["window"]["ticket"]["number"]) == ("ticket.resumed", ticket["number"])
    assert [call["number"] for call in trial.board()["calls"]] == [ticket["number"]]


def test_another_clerk_at_another_window_does_not_get_a_held_ticket(trial: Trial) -> None:
    ticket = serving(trial)
    trial.hold("w1")
    other = trial.clerk("4044")
    trial.open("w2", by=other)
    before = trial.all_rows()
    error = refused(lambda: trial.resume("w2", ticket["number"], by=other))
    assert (error.code, error.details) == ("held_elsewhere", {"number": "A001", "window": "1"})
    assert trial.all_rows() == before


def _busy(trial: Trial) -> None:
    trial.issue()
    trial.call_next("w1")


NOT_READY: dict[str, Callable[[Trial], Any]] = {
    "window_busy": _busy,
    "window_not_open": lambda trial: trial.pause("w1"),
}


@pytest.mark.parametrize("code", NOT_READY)
def test_a_held_ticket_comes_back_only_to_an_open_and_empty_window(trial: Trial, code: str) -> None:
    ticket = serving(trial)
    trial.hold("w1")
    NOT_READY[code](trial)
    before = trial.all_rows()
    assert refused(lambda: trial.resume("w1", ticket["number"])).code == code
    assert trial.all_rows() == before


def test_a_number_nobody_has_cannot_be_resumed(trial: Trial) -> None:
    trial.open("w1")
    error = refused(lambda: trial.resume("w1", "Z999"))
    assert (error.code, error.details["what"]) == ("not_found", "number")


def test_a_held_ticket_returns_of_its_own_accord_to_the_front_of_its_class(trial: Trial) -> None:
    ticket = serving(trial)
    trial.hold("w1", minutes=10)
    trial.clock.forward(minutes=1)
    later = [trial.issue(), trial.issue()]
    trial.clock.forward(minutes=8, seconds=59)
    trial.look()
    assert trial.ticket(ticket["id"])["status"] == "held"
    trial.clock.forward(seconds=1)
    seq = trial.seq
    trial.look()
    row = trial.ticket(ticket["id"])
    assert (row["status"], row["window_id"], row["return_at"], row["lane"]) == ("waiting", None, None, "ordinary")
    assert (row["queued_at"], row["calls"], row["first_called_at"]) == (trial.clock.at.replace(minute=0), 0, None)
    [event] = trial.events(seq)
    assert (event["type"], event["data"]["waiting"]) == ("ticket.returned", {"tax": 3})
    assert due_at(trial) is None
    called = [trial.call_next("w1", finish="completed")["id"] for _ in range(3)]
    assert called == [ticket["id"], *(one["id"] for one in later)]


def test_a_command_finds_what_is_due_done_before_it(trial: Trial) -> None:
    ticket = serving(trial)
    trial.hold("w1", minutes=1)
    assert trial.call_next("w1") is None
    trial.clock.forward(minutes=1)
    assert trial.call_next("w1")["id"] == ticket["id"]
    assert trial.types()[-2:] == ["ticket.returned", "ticket.called"]


def test_each_return_has_its_moment_and_what_is_resumed_before_does_not_return(trial: Trial) -> None:
    first = serving(trial)
    trial.hold("w1", minutes=5)
    second = serving(trial)
    trial.hold("w1", minutes=3)
    third = serving(trial)
    trial.hold("w1", minutes=7)
    trial.resume("w1", second["number"])
    for minutes, expected in ((4, []), (5, ["ticket.returned"]), (6, []), (7, ["ticket.returned"])):
        trial.clock.set(f"2026-11-23T09:0{minutes}:00+08:00")
        seq = trial.seq
        trial.look()
        assert trial.types(seq) == expected, minutes
    assert [trial.ticket(one["id"])["status"] for one in (first, second, third)] == ["waiting", "serving", "waiting"]
    assert due_at(trial) is None


def test_when_nothing_is_due_after_all_only_the_next_moment_is_kept(trial: Trial) -> None:
    ticket = serving(trial)
    trial.hold("w1", minutes=3)
    trial.resume("w1", ticket["number"])
    assert due_at(trial) is not None
    trial.clock.forward(minutes=3)
    before = trial.all_rows()
    trial.look()
    after = trial.all_rows()
    assert after["halls"][0].pop("due_at") is None and before["halls"][0].pop("due_at") is not None
    assert after == before


def test_a_held_ticket_may_be_cancelled_and_no_window_is_touched(trial: Trial) -> None:
    ticket = serving(trial)
    trial.hold("w1", minutes=5)
    trial.issue()
    trial.call_next("w1")
    window = trial.window("w1")
    assert trial.cancel(ticket["id"])["status"] == "cancelled"
    assert trial.window("w1") == window
    trial.clock.forward(minutes=5)
    seq = trial.seq
    trial.look()
    assert trial.seq == seq


def test_a_held_ticket_expires_with_its_day_and_does_not_return_on_the_next(trial: Trial) -> None:
    ticket = serving(trial)
    trial.hold("w1", minutes=480)
    trial.clock.set("2026-11-24T09:00:00+08:00")
    trial.look()
    row = trial.ticket(ticket["id"])
    assert (row["status"], row["return_at"], due_at(trial)) == ("expired", None, None)


def test_two_clicks_on_hold_or_resume_do_it_once(trial: Trial) -> None:
    ticket = serving(trial)
    trial.hold("w1")
    assert refused(lambda: trial.hold("w1")).code == "window_empty"
    trial.resume("w1", ticket["number"])
    before = trial.all_rows()
    assert refused(lambda: trial.resume("w1", ticket["number"])).code == "illegal_move"
    assert trial.all_rows() == before


def test_who_has_not_claimed_the_window_holds_nothing_there(trial: Trial) -> None:
    serving(trial)
    error = refused(lambda: trial.hold("w1", by=trial.clerk("4044")))
    assert isinstance(error, HallError) and error.code == "window_taken"
