"""Cancelling, reprinting, and what a device says of its slips."""

import pytest

from tests.server.trial import Trial, refused


def test_cancelling_a_waiting_ticket_takes_it_from_the_count(trial: Trial) -> None:
    ticket = trial.issue()
    seq = trial.seq
    answer = trial.cancel(ticket["id"], reason="changed my mind")
    assert (answer["status"], answer["ended_at"]) == ("cancelled", "2026-11-23T01:00:00.000Z")
    [event] = trial.events(seq)
    assert (event["type"], event["data"]["waiting"]) == ("ticket.cancelled", {"tax": 0})
    assert event["data"]["reason"] == "changed my mind"
    trial.open("w1")
    assert trial.call_next("w1") is None


def test_cancelling_a_called_ticket_frees_its_window(trial: Trial) -> None:
    ticket = trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    seq = trial.seq
    assert trial.cancel(ticket["id"])["status"] == "cancelled"
    [event] = trial.events(seq)
    assert event["data"]["window"]["ticket"] is None and "waiting" not in event["data"]
    assert trial.window("w1")["ticket_id"] is None and trial.window("w1")["served"] == 0
    assert trial.board()["calls"] == []


def test_a_kiosk_cancels_and_reprints_only_what_it_issued(trial: Trial) -> None:
    ticket = trial.issue(by=trial.desk)
    before = trial.all_rows()
    assert refused(lambda: trial.cancel(ticket["id"], by=trial.kiosk)).code == "not_allowed"
    assert refused(lambda: trial.reprint(ticket["id"], by=trial.kiosk)).code == "not_allowed"
    assert trial.all_rows() == before
    own = trial.issue(by=trial.kiosk)
    assert trial.cancel(own["id"], by=trial.kiosk)["status"] == "cancelled"


def test_an_unknown_ticket_is_not_found(trial: Trial) -> None:
    assert refused(lambda: trial.cancel("nothing")).code == "not_found"
    assert refused(lambda: trial.reprint("nothing")).code == "not_found"


def test_a_reprint_goes_to_the_device_that_issued_or_to_another(trial: Trial) -> None:
    ticket = trial.issue()
    seq = trial.seq
    answer = trial.reprint(ticket["id"])
    [event] = trial.events(seq)
    assert (event["type"], event["data"]["device"]) == ("slip.requested", "t-kiosk")
    assert event["data"]["slip"] == answer["slip"]["id"] and answer["ahead"] == 0
    trial.reprint(ticket["id"], device="t-other")
    slips = {row["id"]: row for row in trial.rows("slips")}
    assert [slips[key]["reprint"] for key in (ticket["slip"]["id"], answer["slip"]["id"])] == [False, True]
    assert sorted(row["device"] for row in slips.values()) == ["t-kiosk", "t-kiosk", "t-other"]


@pytest.mark.parametrize("result, reason", [("printed", None), ("failed", "paper out")])
def test_a_report_ends_a_slip_and_said_twice_writes_nothing(trial: Trial, result: str, reason: str | None) -> None:
    slip = trial.issue()["slip"]["id"]
    seq = trial.seq
    answer = trial.report(slip, result, reason)
    assert answer["slip"]["status"] == result and answer["slip"]["reason"] == reason
    assert trial.types(seq) == [f"slip.{result}"]
    before = trial.all_rows()
    assert trial.report(slip, result, reason) == answer
    assert trial.all_rows() == before


def test_a_slip_that_failed_may_still_be_printed_but_not_the_other_way(trial: Trial) -> None:
    slip = trial.issue()["slip"]["id"]
    trial.report(slip, "failed", "paper out")
    assert trial.report(slip, "printed")["slip"]["status"] == "printed"
    before = trial.all_rows()
    assert refused(lambda: trial.report(slip, "failed", "smoke")).code == "illegal_move"
    assert trial.all_rows() == before


def test_only_its_own_device_reports_a_slip(trial: Trial) -> None:
    slip = trial.issue()["slip"]["id"]
    before = trial.all_rows()
    assert refused(lambda: trial.report(slip, "printed", by=trial.desk)).code == "not_allowed"
    assert refused(lambda: trial.report("nothing", "printed")).code == "not_found"
    assert trial.all_rows() == before


def test_a_slip_changes_nothing_for_the_ticket(trial: Trial) -> None:
    ticket = trial.issue()
    trial.report(ticket["slip"]["id"], "failed", "paper out")
    trial.open("w1")
    assert trial.call_next("w1")["id"] == ticket["id"]
