"""Missed numbers: when, by whose hand, and how they come back."""

from typing import Any

import pytest

from server.actions.visitor import come_later
from tests.server.trial import Trial, refused

Rules = dict[str, Any]


def called(trial: Trial, window: str = "w1", line: str = "tax", **more: Any) -> dict[str, Any]:
    ticket = trial.issue(line, **more)
    trial.open(window)
    assert trial.call_next(window)["id"] == ticket["id"]
    return ticket


def missed(trial: Trial, window: str = "w1", **more: Any) -> dict[str, Any]:
    ticket = called(trial, window, **more)
    trial.no_show(window, early=True)
    return ticket


def hall_with(trial: Trial, **rules: Any) -> Trial:
    """Another hall in the same database, with rules of its own."""
    return Trial.found(trial.store, trial.clock, rules=rules)


@pytest.mark.parametrize(
    "window, visitor_class, seconds",
    [("w1", "ordinary", 90), ("w1", "priority", 180), ("w3", "ordinary", 180), ("w3", "priority", 180)],
)
def test_a_visitor_from_another_floor_or_with_priority_has_longer_to_come(
    trial: Trial, window: str, visitor_class: str, seconds: int
) -> None:
    """w3 is upstairs; the first window of its line tax is downstairs."""
    ticket = called(trial, window, visitor_class=visitor_class)
    trial.recall(window)
    trial.clock.forward(seconds=seconds - 1)
    error = refused(lambda: trial.no_show(window))
    assert (error.code, error.details) == ("too_early", {"number": ticket["number"], "calls": 0, "seconds": 1})
    trial.clock.forward(seconds=1)
    assert trial.no_show(window)["status"] == "no_show"


def test_upstairs_where_the_line_is_at_home_the_usual_seconds_do(trial: Trial) -> None:
    called(trial, "w9", "left")
    trial.recall("w9")
    trial.clock.forward(seconds=90)
    assert trial.no_show("w9")["status"] == "no_show"


def test_nobody_is_missed_of_their_own_accord_unless_it_is_switched_on(trial: Trial) -> None:
    ticket = called(trial)
    trial.recall("w1")
    trial.clock.forward(minutes=30)
    trial.look()
    assert trial.ticket(ticket["id"])["status"] == "called"


def test_where_it_is_switched_on_a_number_is_missed_once_calls_and_seconds_are_reached(trial: Trial) -> None:
    trial = hall_with(trial, automatic_no_show=True)
    ticket = called(trial)
    trial.clock.forward(seconds=200)
    trial.look()
    assert trial.ticket(ticket["id"])["status"] == "called", "one call is not enough"
    trial.recall("w1")
    trial.look()
    event = trial.events()[-1]
    assert (event["type"], event["data"]["automatic"], event["window"]) == ("ticket.missed", True, "w1")
    assert trial.window("w1")["ticket_id"] is None
    assert [one["number"] for one in trial.board()["missed"]] == [ticket["number"]]
    assert trial.faults() == []


def test_automatic_or_not_a_visitor_has_the_whole_time_from_the_first_call(trial: Trial) -> None:
    trial = hall_with(trial, automatic_no_show=True)
    first, second = called(trial), called(trial, "w3")
    for window in ("w1", "w3"):
        trial.recall(window)
    for seconds, statuses in (
        (89, "called called"),
        (1, "no_show called"),
        (89, "no_show called"),
        (1, "no_show no_show"),
    ):
        trial.clock.forward(seconds=seconds)
        trial.look()
        assert " ".join(trial.ticket(one["id"])["status"] for one in (first, second)) == statuses
    assert trial.rows("halls")[0]["due_at"] is None
    assert trial.faults() == []


def test_who_has_arrived_is_not_missed_of_their_own_accord(trial: Trial) -> None:
    trial = hall_with(trial, automatic_no_show=True)
    ticket = called(trial)
    trial.recall("w1")
    trial.serve("w1")
    trial.clock.forward(minutes=10)
    trial.look()
    assert trial.ticket(ticket["id"])["status"] == "serving"


def test_an_automatic_no_show_does_what_its_window_put_off(trial: Trial) -> None:
    trial = hall_with(trial, automatic_no_show=True)
    called(trial)
    trial.recall("w1")
    trial.pause("w1", after_current=True)
    trial.clock.forward(seconds=90)
    trial.look()
    assert trial.types()[-2:] == ["ticket.missed", "window.paused"]
    assert trial.faults() == []


def test_a_missed_number_waits_again_between_others_with_its_calls_counted_anew(trial: Trial) -> None:
    ticket = missed(trial)
    trial.clock.forward(minutes=5)
    seq = trial.seq
    answer = trial.reinstate(ticket["id"])
    assert (answer["status"], answer["window"], answer["ahead"]) == ("waiting", None, 0)
    row = trial.ticket(ticket["id"])
    assert (row["lane"], row["queued_at"], row["joined_at"]) == ("reinstated", trial.clock.at, trial.clock.at)
    assert (row["reinstated_at"], row["ended_at"]) == (trial.clock.at, None)
    assert (row["calls"], row["first_called_at"]) == (0, None)
    [event] = trial.events(seq)
    assert (event["type"], event["data"]["waiting"], event["data"]["by"]) == ("ticket.reinstated", {"tax": 1}, "desk")
    assert trial.board()["missed"] == []
    assert trial.call_next("w1")["id"] == ticket["id"]
    assert refused(lambda: trial.no_show("w1")).details["calls"] == 1


def test_two_others_go_before_a_reinstated_visitor_and_the_answer_says_so(trial: Trial) -> None:
    ticket = missed(trial)
    others = [trial.issue() for _ in range(4)]
    trial.clock.forward(minutes=1)
    assert trial.reinstate(ticket["id"])["ahead"] == 2
    called_now = [trial.call_next("w1", finish="completed")["id"] for _ in range(5)]
    assert called_now == [one["id"] for one in (others[0], others[1], ticket, others[2], others[3])]


def test_a_number_is_reinstated_once_and_after_half_an_hour_never(trial: Trial) -> None:
    ticket, late = missed(trial), missed(trial)
    trial.clock.forward(minutes=30)
    trial.reinstate(ticket["id"])
    trial.call_next("w1")
    trial.no_show("w1", early=True)
    trial.clock.forward(seconds=1)
    before = trial.all_rows()
    again = refused(lambda: trial.reinstate(ticket["id"]))
    assert (again.code, again.details) == ("already_reinstated", {"number": ticket["number"]})
    error = refused(lambda: trial.reinstate(late["id"]))
    assert (error.code, error.details) == ("too_late", {"number": late["number"], "minutes": 30})
    assert trial.all_rows() == before


def test_a_hall_may_never_reinstate(trial: Trial) -> None:
    trial = hall_with(trial, reinstate_policy="expire")
    ticket = missed(trial)
    before = trial.all_rows()
    assert refused(lambda: trial.reinstate(ticket["id"])).code == "not_reinstated"
    assert trial.all_rows() == before


@pytest.mark.parametrize("rules, place", [({"reinstate_policy": "tail"}, 4), ({"reinstate_policy": "after_n"}, 3)])
def test_a_hall_may_put_missed_numbers_at_the_tail_or_behind_a_few(trial: Trial, rules: Rules, place: int) -> None:
    trial = hall_with(trial, **rules)
    ticket = missed(trial)
    others = []
    for _ in range(4):
        trial.clock.forward(seconds=20)
        others.append(trial.issue()["id"])
    trial.clock.forward(seconds=20)
    answer = trial.reinstate(ticket["id"])
    assert (trial.ticket(ticket["id"])["lane"], answer["ahead"]) == ("ordinary", place)
    others.insert(place, ticket["id"])
    assert [trial.call_next("w1", finish="completed")["id"] for _ in range(5)] == others
    assert trial.faults() == []


def test_behind_a_few_of_whom_there_are_fewer_is_behind_all(trial: Trial) -> None:
    trial = hall_with(trial, reinstate_policy="after_n", reinstate_after=9)
    ticket = missed(trial)
    trial.clock.forward(seconds=20)
    trial.issue()
    trial.clock.forward(seconds=20)
    assert trial.reinstate(ticket["id"])["ahead"] == 1
    assert trial.issue()["ahead"] == 2
    assert trial.faults() == []


def test_missing_a_number_gains_nobody_seniority(trial: Trial) -> None:
    """Called for priority before those who came earlier, and put behind one of them: no better than it was."""
    trial = hall_with(trial, reinstate_policy="after_n", reinstate_after=1)
    trial.issue()
    trial.clock.forward(seconds=60)
    ticket = trial.issue(visitor_class="priority")
    trial.open("w1")
    trial.clock.forward(seconds=60)
    trial.call_number("w1", ticket["number"])
    trial.no_show("w1", early=True)
    before = trial.ticket(ticket["id"])["queued_at"]
    trial.reinstate(ticket["id"])
    assert trial.ticket(ticket["id"])["queued_at"] >= before
    assert trial.faults() == []


def test_a_slips_code_at_the_kiosk_reinstates_what_was_missed_and_finds_all_else(trial: Trial) -> None:
    ticket = trial.issue()
    code = trial.ticket(ticket["id"])["track_code"]
    address = f"https://hall.example.gov.cn/t/{code}"
    before = trial.all_rows()
    assert (found := trial.scan(address))["action"] == "found"
    assert (found["ticket"]["id"], found["ticket"]["status"], found["ticket"]["ahead"]) == (ticket["id"], "waiting", 0)
    assert trial.all_rows() == before
    trial.open("w1")
    trial.call_next("w1")
    trial.no_show("w1", early=True)
    done = trial.scan(f" {code}\n")
    assert (done["action"], done["ticket"]["status"]) == ("reinstated", "waiting")
    assert trial.scan(code)["action"] == "found"
    assert trial.types()[-1] == "ticket.reinstated"


def test_a_kiosk_may_scan_a_slip_of_another_kiosk_but_numbers_are_typed_only_at_the_desk(trial: Trial) -> None:
    ticket = missed(trial)
    other = trial.who(trial.kiosk.role, "other")
    assert refused(lambda: trial.scan(ticket["number"], by=other)).code == "not_found"
    assert trial.scan(ticket["number"].lower(), by=trial.desk)["action"] == "reinstated"
    assert trial.scan(trial.ticket(ticket["id"])["track_code"], by=other)["action"] == "found"


@pytest.mark.parametrize("code", ["nonsense", "https://hall.example.gov.cn/t/nothing", "/", "Z404"])
def test_an_unknown_code_is_not_found(trial: Trial, code: str) -> None:
    trial.issue()
    error = refused(lambda: trial.scan(code, by=trial.desk))
    assert (error.code, error.status) == ("not_found", 404)


def test_a_slip_of_another_hall_is_not_known_here(trial: Trial) -> None:
    other = hall_with(trial)
    code = other.ticket(other.issue()["id"])["track_code"]
    assert refused(lambda: trial.scan(code)).code == "not_found"


def test_a_slip_of_yesterday_is_found_and_reinstated_no_more(trial: Trial) -> None:
    ticket = missed(trial)
    trial.clock.set("2026-11-24T09:00:00+08:00")
    found = trial.scan(trial.ticket(ticket["id"])["track_code"])
    assert (found["action"], found["ticket"]["status"]) == ("found", "expired")


def test_a_missed_number_scanned_too_late_is_told_so(trial: Trial) -> None:
    ticket = missed(trial)
    trial.clock.forward(minutes=31)
    assert refused(lambda: trial.scan(trial.ticket(ticket["id"])["track_code"])).code == "too_late"


def test_who_asked_for_time_and_came_back_at_once_is_called_at_once(trial: Trial) -> None:
    """Fifteen minutes asked for, called out of order, missed, and at the desk before they were over."""
    ticket = trial.issue()
    trial.run(trial.desk, lambda tx: come_later(tx, trial.desk, ticket["id"]))
    trial.open("w1")
    trial.call_number("w1", ticket["number"])
    trial.no_show("w1", early=True)
    trial.reinstate(ticket["id"])
    row = trial.ticket(ticket["id"])
    assert (row["parked"], row["return_at"]) == (None, None)
    assert trial.call_next("w1")["id"] == ticket["id"]
