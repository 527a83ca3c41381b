"""A day's sheet by hand, by the tables and by the journal; and what the recount says when a row was changed."""

from collections import Counter
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Date, bindparam, text

from bench.audit import play_day
from server import reports
from server.audit.recount import new_recount, recount_faults
from server.audit.verifying import every_event
from tests.made_tickets import made_days
from tests.server.trial import Trial

DAY = date(2026, 11, 23)


def sheet(trial: Trial) -> dict[str, Any]:
    return trial.store.read(partial(reports.day_sheet, hall=trial.hall, day=DAY, unit=None, language="en"))


def part(trial: Trial, name: str, key: str | None) -> dict[str, Any]:
    return next(row for row in sheet(trial)[name] if row["id"] == key)


def next_day(trial: Trial) -> None:
    trial.clock.set("2026-11-24T08:00:00+08:00")
    trial.look()


def faults(trial: Trial) -> list[str]:
    def recounted(connection: Any) -> list[str]:
        recount = new_recount(connection, trial.hall, DAY)
        for event in every_event(connection, trial.hall):
            recount.apply(event)
        recount.settle()
        return recount_faults(connection, trial.hall, recount)

    return trial.store.read(recounted)


def test_who_missed_came_back_and_was_served_is_served_once_and_waited_until_the_first_call(trial: Trial) -> None:
    trial.open("w1")
    ticket = trial.issue()
    trial.clock.forward(minutes=10)
    trial.call_next("w1")
    trial.clock.forward(minutes=3)
    trial.no_show("w1", early=True)
    assert sheet(trial)["total"]["missed"] == 1
    trial.reinstate(ticket["id"])
    trial.clock.forward(minutes=5)
    trial.call_next("w1")
    trial.serve("w1")
    trial.clock.forward(minutes=4)
    trial.complete("w1")
    total = sheet(trial)["total"]
    assert (total["issued"], total["served"], total["missed"], total["called"]) == (1, 1, 0, 1)
    assert (total["mean_wait_seconds"], total["mean_service_seconds"]) == (600, 240)
    next_day(trial)
    assert sheet(trial)["total"] == total


def test_a_transfer_is_issued_here_served_there_and_its_service_before_a_hold_counts(trial: Trial) -> None:
    trial.open("w1")
    trial.issue(matter="invoice")
    trial.clock.forward(minutes=2)
    trial.call_next("w1")
    trial.transfer("w1", line="social")
    trial.clock.forward(minutes=20)
    number = trial.call_next("w1")["number"]
    trial.serve("w1")
    trial.clock.forward(minutes=3)
    trial.hold("w1")
    trial.clock.forward(minutes=30)
    trial.resume("w1", number)
    trial.clock.forward(minutes=4)
    trial.complete("w1")
    tax, social = part(trial, "lines", "tax"), part(trial, "lines", "social")
    assert (tax["issued"], tax["mean_wait_seconds"], tax["served"]) == (1, 120, 0)
    assert (social["issued"], social["served"], social["mean_service_seconds"]) == (0, 1, 420)
    assert part(trial, "windows", "w1")["served"] == part(trial, "units", "u")["served"] == 1


def test_a_call_undone_ended_no_wait_and_the_day_tells_missed_from_expired(trial: Trial) -> None:
    trial.open("w1")
    for _ in range(4):
        trial.issue()
    trial.call_next("w1")
    trial.clock.forward(seconds=3)
    trial.undo("w1")
    assert sheet(trial)["total"]["called"] == 0
    trial.clock.forward(minutes=20)
    trial.call_next("w1")
    trial.no_show("w1", early=True)
    trial.cancel(trial.call_next("w1")["id"])
    trial.call_next("w1")
    next_day(trial)
    total = sheet(trial)["total"]
    ends = {key: total[key] for key in ("served", "missed", "cancelled", "expired", "unfinished")}
    assert ends == {"served": 0, "missed": 1, "cancelled": 1, "expired": 2, "unfinished": 0}
    assert (total["called"], total["within_15"], total["within_30"]) == (3, 0.0, 1.0)
    assert faults(trial) == []


def test_a_day_of_many_numbers_comes_out_as_its_events_are_counted_in_the_plainest_way(trial: Trial) -> None:
    """Nothing of hall/sheets.py, server/reports.py or server/audit/recount.py has a part in this count."""
    trial.look()
    play_day(trial, 40)
    last: dict[str, Any] = {}
    calls: dict[str, list[datetime]] = {}
    issued: dict[str, datetime] = {}
    for event in (one for one in trial.events() if "ticket" in one):
        key, at, kind = event["ticket"]["id"], datetime.fromisoformat(event["at"]), event["type"]
        if kind == "ticket.issued":
            issued[key], calls[key] = at, []
        elif kind == "ticket.called":
            calls[key].append(at)
        elif kind == "ticket.undone" and event["data"]["undone"] == "call":
            calls[key].pop()
        if not (kind == "ticket.expired" and last[key]["type"] == "ticket.missed"):
            last[key] = event
    ends = Counter(event["type"] for event in last.values())
    waits = [int((at[0] - issued[key]).total_seconds()) for key, at in calls.items() if at]
    total = sheet(trial)["total"]
    names = {"served": "completed", "missed": "missed", "cancelled": "cancelled", "expired": "expired"}
    assert {key: total[key] for key in names} == {key: ends[f"ticket.{name}"] for key, name in names.items()}
    assert (total["issued"], total["called"]) == (len(issued), len(waits)) and min(ends.values()) > 0
    assert total["mean_wait_seconds"] == round(sum(waits) / len(waits))
    nine_of_ten = (wait for wait in sorted(waits) if sum(one <= wait for one in waits) * 10 >= 9 * len(waits))
    assert total["p90_wait_seconds"] == next(nine_of_ten)
    for minutes in (15, 30):
        share = sum(one <= minutes * 60 for one in waits) / len(waits)
        assert total[f"within_{minutes}"] == round(share, 4)
    served = [event["ticket"] for event in last.values() if event["type"] == "ticket.completed"]
    for name, key in (("lines", "line"), ("windows", "window")):
        told = {row["id"]: row["served"] for row in sheet(trial)[name] if row["served"]}
        assert told == Counter(ticket[key] for ticket in served)


def test_numbers_that_no_event_tells_of_are_found_though_nothing_else_was_that_day(trial: Trial) -> None:
    trial.issue()
    trial.clock.set("2026-11-26T08:00:00+08:00")
    trial.look()
    assert faults(trial) == []
    trial.store.write(lambda connection: made_days(connection, trial.hall, [date(2026, 11, 24)], 3))
    assert any(fault.startswith("the sheet of 2026-11-24, total:") for fault in faults(trial))
    made = text("DELETE FROM tickets WHERE hall_id = :hall AND day = :day")
    key = {"hall": trial.hall, "day": date(2026, 11, 24)}
    trial.store.write(lambda connection: connection.execute(made.bindparams(bindparam("day", type_=Date)), key))


def test_the_recount_names_the_day_and_the_part_that_a_changed_row_falsifies(trial: Trial) -> None:
    trial.open("w1")
    ticket = trial.issue()
    trial.call_next("w1")
    trial.complete("w1")
    next_day(trial)
    changed = text("UPDATE tickets SET service_seconds = service_seconds + :by WHERE id = :id AND hall_id = :hall")
    key = {"id": ticket["id"], "hall": trial.hall}
    trial.store.write(lambda connection: connection.execute(changed, {**key, "by": 600}))
    assert any(fault.startswith("the sheet of 2026-11-23, total:") for fault in faults(trial))
    trial.store.write(lambda connection: connection.execute(changed, {**key, "by": -600}))
    assert faults(trial) == []
