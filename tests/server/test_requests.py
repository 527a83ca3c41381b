"""The same request_id again: the first answer; another body is refused; a refusal is not kept."""

import pytest

from hall.words import Role
from server.command import Done
from tests.server.trial import Trial, refused


def test_the_same_request_answers_as_the_first_time_and_writes_once(trial: Trial) -> None:
    first = trial.issue(request_id="touch-1")
    before = trial.all_rows()
    assert trial.issue(request_id="touch-1") == first
    assert trial.all_rows() == before


def test_another_body_under_the_same_request_is_refused(trial: Trial) -> None:
    trial.issue("tax", request_id="touch-1")
    before = trial.all_rows()
    error = refused(lambda: trial.issue("social", request_id="touch-1"))
    assert (error.code, error.status) == ("request_reused", 422)
    assert trial.all_rows() == before


def test_a_body_with_a_number_that_no_database_takes_is_refused(trial: Trial) -> None:
    error = refused(lambda: trial.run(trial.desk, lambda _tx: Done(None), "touch-1", {"rules": 2**64}))
    assert (error.code, error.details["field"]) == ("bad_body", "body")


def test_another_actor_has_requests_of_his_own(trial: Trial) -> None:
    first = trial.issue(request_id="touch-1")
    second = trial.issue(request_id="touch-1", by=trial.who(Role.KIOSK, "kiosk-2"))
    assert first["id"] != second["id"]


def test_a_refused_command_is_not_kept(trial: Trial) -> None:
    trial.issue()
    assert refused(lambda: trial.call_next("w1", request_id="next-1")).code == "window_not_open"
    trial.open("w1")
    assert trial.call_next("w1", request_id="next-1")["number"] == "A001"


def test_an_answer_that_wrote_nothing_is_not_kept(trial: Trial) -> None:
    trial.open("w1")
    assert trial.call_next("w1", request_id="next-1") is None
    trial.issue()
    assert trial.call_next("w1", request_id="next-1")["number"] == "A001"


def test_a_repeated_next_does_not_call_another(trial: Trial) -> None:
    trial.issue()
    trial.issue()
    trial.open("w1")
    first = trial.call_next("w1", request_id="next-1")
    trial.serve("w1")
    assert trial.call_next("w1", request_id="next-1") == first
    assert trial.ticket(first["id"])["status"] == "serving"


def test_a_next_that_completed_and_found_nobody_is_kept(trial: Trial) -> None:
    trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.serve("w1")
    assert trial.call_next("w1", request_id="next-1") is None
    trial.issue()
    assert trial.call_next("w1", request_id="next-1") is None
    assert len(trial.rows("requests")) == 1


@pytest.mark.parametrize("at, kept", [("2026-11-24T23:59:59+08:00", True), ("2026-11-25T00:00:00+08:00", False)])
@pytest.mark.parametrize("busy_between", [True, False])
def test_an_answer_is_kept_until_the_end_of_the_next_day(trial: Trial, at: str, kept: bool, busy_between: bool) -> None:
    first = trial.issue(request_id="touch-1", always_open=True)
    if busy_between:
        trial.clock.set("2026-11-24T09:00:00+08:00")
        trial.issue()
    trial.clock.set(at)
    again = trial.issue(request_id="touch-1", always_open=True)
    assert (again["id"] == first["id"]) is kept


def test_the_first_answer_survives_the_end_of_the_day_although_the_ticket_expired(trial: Trial) -> None:
    first = trial.issue(request_id="touch-1")
    trial.clock.set("2026-11-24T09:00:00+08:00")
    assert trial.issue(request_id="touch-1") == first
    assert trial.ticket(first["id"])["status"] == "expired"
