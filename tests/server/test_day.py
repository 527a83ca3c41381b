"""The end of a business day: what was open is closed as journalled, and yesterday is never called."""

from functools import partial

import pytest

from server.db import Store
from server.layout.rewriting import found_hall
from tests.server.trial import SetClock, Trial, layout, refused

NEXT_MORNING = "2026-11-24T08:30:00+08:00"


def full_hall(trial: Trial) -> list[str]:
    """40 waiting behind three open windows: one serving, one calling, one free."""
    for window in ("w1", "w2", "w3"):
        trial.open(window, by=trial.clerk(window))
    keys = [trial.issue(("tax", "social")[place % 2])["id"] for place in range(42)]
    trial.call_next("w1", by=trial.clerk("w1"))
    trial.serve("w1", by=trial.clerk("w1"))
    trial.call_next("w2", by=trial.clerk("w2"))
    assert sum(row["waiting"] for row in trial.rows("loads")) == 40
    return keys


def test_the_first_command_of_a_new_day_ends_the_old_one(trial: Trial) -> None:
    keys = full_hall(trial)
    trial.clock.set(NEXT_MORNING)
    seq = trial.seq
    assert trial.call_next("w1") is None
    types = trial.types(seq)
    assert types == ["ticket.expired"] * 42 + ["window.closed"] * 3 + ["register.checked", "day.started"]
    assert {row["status"] for row in trial.rows("tickets")} == {"expired"}
    assert {trial.ticket(key)["ended_at"] for key in keys} == {trial.clock.at}
    for row in trial.rows("windows"):
        kept = (row["status"], row["clerk"], row["clerk_name"], row["ticket_id"], row["closing"], row["until"])
        assert kept == ("closed", None, None, None, None, None)
    assert not any(row["waiting"] for row in trial.rows("loads"))
    board = trial.board()
    assert (board["day"], board["calls"], board["missed"]) == ("2026-11-24", [], [])


def test_the_new_day_begins_with_001_at_windows_anyone_may_open(trial: Trial) -> None:
    full_hall(trial)
    trial.clock.set(NEXT_MORNING)
    assert trial.issue("tax")["number"] == "A001"
    assert trial.issue("social")["ahead"] == 1  # behind the one of today, at windows that are all closed
    trial.open("w1", by=trial.clerk("9001"))
    assert trial.call_next("w1", by=trial.clerk("9001"))["day"] == "2026-11-24"


def test_nothing_of_the_old_day_is_ever_called(trial: Trial) -> None:
    keys = set(full_hall(trial))
    trial.clock.set(NEXT_MORNING)
    trial.open("w1")
    trial.issue("social")
    called = []
    while (answer := trial.call_next("w1", finish="completed")) is not None:
        called.append(answer["id"])
    assert len(called) == 1 and not keys & set(called)
    assert refused(lambda: trial.call_number("w1", "A021")).code == "not_found"
    for key in keys:
        assert refused(lambda key=key: trial.cancel(key)).code == "illegal_move"  # type: ignore[misc]


@pytest.mark.parametrize("move", ["recall", "serve", "complete", "no_show", "pause", "close"])
def test_a_clerks_key_after_midnight_finds_the_window_closed(trial: Trial, move: str) -> None:
    trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.clock.set("2026-11-24T00:00:00+08:00")
    error = refused(lambda: getattr(trial, move)("w1"))
    assert error.code == ("illegal_move" if move in ("pause", "close") else "window_empty")
    assert trial.types()[-1] == "day.started"  # the day ended although the command was refused


def test_a_missed_number_expires_too(trial: Trial) -> None:
    ticket = trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.no_show("w1", early=True)
    trial.clock.set(NEXT_MORNING)
    trial.open("w1")
    assert trial.ticket(ticket["id"])["status"] == "expired"


def test_a_day_with_nothing_open_only_starts(trial: Trial) -> None:
    trial.clock.set(NEXT_MORNING)
    trial.issue()
    assert trial.types() == ["register.checked", "day.started", "ticket.issued"]


def test_days_that_nobody_worked_are_passed_over_at_once(trial: Trial) -> None:
    trial.issue()
    trial.clock.set("2026-12-01T08:30:00+08:00")
    assert trial.issue()["number"] == "A001"
    assert trial.types() == ["ticket.issued", "ticket.expired", "register.checked", "day.started", "ticket.issued"]
    assert trial.board()["day"] == "2026-12-01"


def test_the_figures_of_a_window_begin_anew(trial: Trial) -> None:
    trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.clock.forward(minutes=5)
    trial.complete("w1")
    trial.clock.set(NEXT_MORNING)
    trial.open("w1")
    assert (trial.window("w1")["served"], trial.window("w1")["service_seconds"]) == (0, 0)


def test_a_clock_that_is_set_back_never_runs_the_journal_back(trial: Trial) -> None:
    trial.issue()
    trial.clock.forward(seconds=-50)
    trial.issue()
    assert [event["at"] for event in trial.events()] == ["2026-11-23T01:00:00.000Z"] * 2
    assert trial.board()["day"] == "2026-11-23"


@pytest.mark.parametrize(
    "zone, before, after",
    [
        ("Asia/Shanghai", "2026-11-23T15:59:59+00:00", "2026-11-23T16:00:00+00:00"),
        # Clocks go forward: Berlin's 29 March has 23 hours, and midnight comes at 22:00 UTC, not at 23:00.
        ("Europe/Berlin", "2026-03-29T21:59:59+00:00", "2026-03-29T22:00:00+00:00"),
        # And back: 25 October has 25 hours.
        ("Europe/Berlin", "2026-10-25T22:59:59+00:00", "2026-10-25T23:00:00+00:00"),
        ("America/Los_Angeles", "2026-11-24T07:59:59+00:00", "2026-11-24T08:00:00+00:00"),
        # Beirut once skipped midnight itself: 27 March 2022 began at 01:00 local time.
        ("Asia/Beirut", "2022-03-26T21:59:59+00:00", "2022-03-26T22:00:00+00:00"),
    ],
)
def test_the_day_ends_at_midnight_of_the_halls_own_zone(store: Store, zone: str, before: str, after: str) -> None:
    clock = store.clock
    assert isinstance(clock, SetClock)
    clock.set(before)
    trial = Trial.found(store, clock, time_zone=zone)
    first = trial.issue(always_open=True)
    assert trial.issue(always_open=True)["number"] == "A002"
    clock.set(after)
    next_day = trial.issue(always_open=True)
    assert next_day["number"] == "A001" and next_day["day"] > first["day"]
    assert trial.faults() == []


def test_halls_share_nothing_when_one_ends_its_day(trial: Trial) -> None:
    far = layout(f"far-{trial.hall}"[:40], time_zone="Europe/London")
    trial.store.write(partial(found_hall, hall=far, now=trial.clock.now()))
    other = Trial(trial.store, trial.clock, far.id)
    other.start = other.board()
    waiting = other.issue(always_open=True)
    trial.issue()
    trial.clock.set("2026-11-24T00:30:00+08:00")  # still the 23rd in London
    assert trial.issue(always_open=True)["number"] == "A001"
    assert other.issue(always_open=True)["number"] == "A002"
    assert other.ticket(waiting["id"])["status"] == "waiting"
    assert other.faults() == []
