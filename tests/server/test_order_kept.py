"""The order in the tables: caps and turns kept, every call of a day derived once more from the journal."""

import random
from functools import partial

import pytest
from sqlalchemy import update

from hall.layout.rules import Order
from server.actions.ordering import change_order
from server.audit.verifying import call_faults, fold_faults
from server.tables.queue import tickets
from tests.server.trial import Trial, refused


def reordered(trial: Trial, ranks: dict[str, dict[str, int]] | None = None, **order: object) -> dict[str, object]:
    wanted = Order(**order)  # type: ignore[arg-type]
    return dict(
        trial.run(trial.supervisor, lambda tx: change_order(tx, trial.supervisor, wanted, ranks or {}, "trial"))
    )


def all_called(trial: Trial, window: str = "w1") -> list[str]:
    numbers = []
    while (answer := trial.call_next(window, finish="completed")) is not None:
        numbers.append(answer["number"])
        trial.clock.forward(seconds=30)
    return numbers


def verified(trial: Trial) -> list[str]:
    return trial.store.read(partial(call_faults, hall=trial.hall))


def came(trial: Trial, *classes: str, seconds: int = 20) -> None:
    for visitor_class in classes:
        trial.issue(visitor_class=visitor_class, always_open=True)
        trial.clock.forward(seconds=seconds)


def test_changed_ranks_are_on_every_board_at_once(trial: Trial) -> None:
    trial.open("w1")
    reordered(trial, {"w1": {"tax": 2, "social": 1}})
    (shown,) = [one for one in trial.board()["windows"] if one["id"] == "w1"]
    assert {line["id"]: line["rank"] for line in shown["lines"]} == {"tax": 2, "social": 1}
    assert trial.store.read(partial(fold_faults, hall=trial.hall)) == []


def test_a_whole_random_day_is_derived_again_call_by_call(trial: Trial) -> None:
    """Issues, calls, no-shows that come back, holds, transfers, a change of the order at noon: no call is otherwise."""
    chance = random.Random(7)
    for window in ("w1", "w2", "w3"):
        trial.open(window)
    for step in range(160):
        _do_something(trial, chance)
        if step == 80:
            reordered(trial, {"w1": {"tax": 2, "social": 1}}, preset="one_priority_after", max_overtakes=2)
    assert sum(event["type"] == "ticket.called" for event in trial.events()) > 25
    assert verified(trial) == []


def _do_something(trial: Trial, chance: random.Random) -> None:
    trial.clock.forward(seconds=chance.randint(5, 200))
    window = chance.choice(["w1", "w2", "w3"])
    act = chance.choice(["issue"] * 5 + ["next"] * 3 + ["miss", "back", "hold", "cancel", "transfer", "undo"])
    there = trial.window(window)["ticket_id"]
    status = trial.ticket(there)["status"] if there else None
    if act == "issue":
        line = chance.choice(["tax", "tax", "social"])
        trial.issue(line, visitor_class=chance.choice(["ordinary"] * 4 + ["priority", "booked"]), always_open=True)
    elif act == "next":
        trial.call_next(window, finish="completed" if status == "called" else None)
    elif act == "miss" and status == "called":
        trial.no_show(window, early=True)
    elif act == "back":
        missed = [row for row in trial.rows("tickets") if row["status"] == "no_show" and not row["reinstated_at"]]
        since = [row for row in missed if (trial.clock.now() - row["ended_at"]).total_seconds() < 1500]
        if since:
            trial.reinstate(since[0]["id"])
    elif act == "hold" and status:
        trial.hold(window, reason="papers", minutes=3)
    elif act == "transfer" and status:
        trial.transfer(window, line="social")
    elif act == "undo":
        if trial.call_next(window, finish="completed" if status == "called" else None) is not None:
            trial.undo(window)
    elif act == "cancel":
        waiting = [row for row in trial.rows("tickets") if row["status"] == "waiting"]
        if waiting:
            trial.cancel(chance.choice(waiting)["id"])


def test_a_call_out_of_order_is_named(trial: Trial) -> None:
    """A journal whose first ticket was not the one that the order gives."""
    came(trial, "ordinary", "ordinary")
    trial.open("w1")
    first = trial.rows("tickets")[0]["id"]
    hide = update(tickets).where(tickets.c.hall_id == trial.hall, tickets.c.id == first)
    trial.store.write(lambda connection: connection.execute(hide.values(parked="late")))
    assert trial.call_next("w1")["number"] == "A002"
    trial.store.write(lambda connection: connection.execute(hide.values(parked=None)))
    [fault] = verified(trial)
    assert "A002" in fault and "the order gives A001" in fault


def test_nobody_is_overtaken_more_often_than_the_cap_allows(trial: Trial) -> None:
    reordered(trial, max_overtakes=2)
    came(trial, "ordinary", seconds=1)
    came(trial, *["priority"] * 5, seconds=1)
    trial.clock.forward(seconds=60)
    trial.open("w1")
    assert all_called(trial) == ["A002", "A003", "A001", "A004", "A005", "A006"]
    passed = trial.rows("overtakings")
    assert [row["kind"] for row in passed] == ["priority", "priority"]
    assert verified(trial) == []


def test_who_has_waited_longest_of_all_is_passed_by_nobody(trial: Trial) -> None:
    reordered(trial, max_wait_minutes=10)
    came(trial, "ordinary", seconds=601)
    came(trial, "priority", "priority", seconds=300)
    trial.open("w1")
    assert all_called(trial)[0] == "A001"


def test_first_come_first_served_calls_in_the_order_of_issue(trial: Trial) -> None:
    reordered(trial, preset="first_come")
    came(trial, "ordinary", "priority", "booked", "ordinary")
    trial.open("w1")
    assert all_called(trial) == ["A001", "A002", "A003", "A004"]


def test_one_priority_goes_after_two_others(trial: Trial) -> None:
    reordered(trial, preset="one_priority_after", priority_every=2)
    came(trial, *["ordinary"] * 6, "priority", "priority")
    trial.open("w1")
    assert all_called(trial) == ["A001", "A002", "A007", "A003", "A004", "A008", "A005", "A006"]


def test_ahead_falls_to_nought_exactly_when_called(trial: Trial) -> None:
    came(trial, "ordinary", "priority", "ordinary", "booked", "ordinary")
    trial.open("w1")
    while waiting := [row["id"] for row in trial.rows("tickets") if row["status"] == "waiting"]:
        told = {key: trial.standing(key)["ahead"] for key in waiting}
        called = trial.call_next("w1", finish="completed")
        assert [key for key, ahead in told.items() if ahead == 0] == [called["id"]]
        trial.clock.forward(seconds=45)


def test_the_list_in_calling_order_is_the_order_of_the_calls(trial: Trial) -> None:
    came(trial, "ordinary", "priority", "ordinary", "booked", "ordinary")
    trial.issue("social")
    trial.open("w2")
    listed = [row["number"] for row in trial.listed(status="waiting", window="w2")]
    numbers = []
    while (answer := trial.call_next("w2", finish="completed")) is not None:
        numbers.append(answer["number"])
    assert listed == numbers


def test_the_same_order_again_writes_nothing(trial: Trial) -> None:
    reordered(trial, max_overtakes=5)
    seq = trial.seq
    reordered(trial, max_overtakes=5)
    assert trial.seq == seq


@pytest.mark.parametrize(
    ("ranks", "code"), [({"nowhere": {"tax": 1}}, "not_found"), ({"w1": {"fund": 1}}, "line_not_served")]
)
def test_a_rank_for_what_is_not_there_is_refused(trial: Trial, ranks: dict[str, dict[str, int]], code: str) -> None:
    assert refused(lambda: reordered(trial, ranks)).code == code
