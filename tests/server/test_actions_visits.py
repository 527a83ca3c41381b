"""Linked tickets of one person: never called at two windows, never missed while one is served."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from hall.errors import HallError
from server.actions.visitor import arrive_ticket, come_later
from server.db import Store
from tests.server.trial import Trial, layout, refused

WINDOWS = ("w1", "w2", "w3")


@pytest.fixture
def hall(trial: Trial) -> Iterator[Trial]:
    for window in (*WINDOWS, "w9"):
        trial.open(window, by=trial.clerk(window))
    yield trial


def at(hall: Trial, act: str, window: str, *given: Any, **more: Any) -> Any:
    return getattr(hall, act)(window, *given, by=hall.clerk(window), **more)


def visit(hall: Trial, *lines: str) -> list[dict[str, Any]]:
    """Linked tickets of one person, taken one after another."""
    first = hall.issue(lines[0], always_open=True)
    more = []
    for line in lines[1:]:
        hall.clock.forward(minutes=3)
        more.append(hall.issue(line, linked=first["id"], always_open=True))
    return [first, *more]


def parked(hall: Trial, ticket: dict[str, Any]) -> str | None:
    found: str | None = hall.ticket(ticket["id"])["parked"]
    return found


def test_each_ticket_of_a_visit_has_its_first_issue_time(hall: Trial) -> None:
    first, second, third = visit(hall, "tax", "social", "left")
    rows = [hall.ticket(one["id"]) for one in (first, second, third)]
    assert {row["queued_at"] for row in rows} == {rows[0]["issued_at"]}
    assert {row["visit_id"] for row in rows} == {first["id"]}
    assert [row["issued_at"] for row in rows] == sorted({row["issued_at"] for row in rows})


def test_one_more_is_linked_by_the_slips_code_too(hall: Trial) -> None:
    first = hall.issue("tax", by=hall.desk)
    second = hall.issue("social", linked=first["track_code"])
    assert hall.ticket(second["id"])["visit_id"] == first["id"]


def test_a_linked_ticket_goes_before_those_who_came_between(hall: Trial) -> None:
    first = hall.issue("tax")
    hall.clock.forward(minutes=1)
    hall.issue("left")
    hall.clock.forward(minutes=1)
    second = hall.issue("left", linked=first["id"])
    assert second["ahead"] == 0
    assert at(hall, "call_next", "w9")["number"] == second["number"]


def test_while_one_is_called_the_others_wait_aside_and_come_back_after(hall: Trial) -> None:
    first, second = visit(hall, "tax", "left")
    at(hall, "call_next", "w1")
    assert (parked(hall, second), hall.types()[-1]) == ("linked", "ticket.changed")
    assert at(hall, "call_next", "w9") is None
    at(hall, "serve", "w1")
    at(hall, "complete", "w1")
    assert parked(hall, second) is None
    assert at(hall, "call_next", "w9")["number"] == second["number"]
    assert parked(hall, first) is None


def test_a_ticket_linked_to_one_at_a_window_waits_aside_at_once(hall: Trial) -> None:
    first = hall.issue("tax")
    at(hall, "call_next", "w1")
    second = hall.issue("left", linked=first["id"])
    assert parked(hall, second) == "linked"
    at(hall, "complete", "w1")
    assert parked(hall, second) is None


LEAVING = {
    "complete": lambda hall: at(hall, "complete", "w1"),
    "no show": lambda hall: at(hall, "no_show", "w1", early=True),
    "hold": lambda hall: at(hall, "hold", "w1"),
    "transfer": lambda hall: at(hall, "transfer", "w1", line="social"),
    "undo": lambda hall: at(hall, "undo", "w1"),
    "cancel": lambda hall: hall.cancel(hall.window("w1")["ticket_id"]),
    "next": lambda hall: at(hall, "call_next", "w1", finish="completed"),
}


@pytest.mark.parametrize("way", LEAVING)
def test_however_it_leaves_the_window_the_others_can_be_called_again(hall: Trial, way: str) -> None:
    _first, second = visit(hall, "tax", "left")
    at(hall, "call_next", "w1")
    seq = hall.seq
    LEAVING[way](hall)
    assert parked(hall, second) is None
    changed = [event for event in hall.events(seq) if event["type"] == "ticket.changed"]
    assert [event["ticket"]["number"] for event in changed] == [second["number"]]


def test_each_whose_state_changed_has_one_event_and_no_other(hall: Trial) -> None:
    tickets = visit(hall, "tax", "social", "left", "right")
    hall.cancel(tickets[3]["id"])
    seq = hall.seq
    at(hall, "call_next", "w1")
    assert hall.types(seq) == ["ticket.called", "ticket.changed", "ticket.changed"]
    seq = hall.seq
    at(hall, "recall", "w1")
    at(hall, "serve", "w1")
    assert hall.types(seq) == ["ticket.recalled", "ticket.started"]


def test_a_linked_number_is_not_chosen_while_another_is_at_a_window(hall: Trial) -> None:
    first, second = visit(hall, "tax", "left")
    at(hall, "call_next", "w1")
    before = hall.all_rows()
    error = refused(lambda: at(hall, "call_number", "w9", second["number"]))
    assert (error.status, error.code, error.details["linked"]) == (409, "linked_busy", first["number"])
    assert hall.all_rows() == before


def test_the_same_window_finishes_one_and_takes_the_next_of_the_visit(hall: Trial) -> None:
    _first, second = visit(hall, "tax", "social")
    at(hall, "call_next", "w1")
    at(hall, "serve", "w1")
    assert at(hall, "call_number", "w1", second["number"])["number"] == second["number"]


def test_a_held_one_is_not_taken_back_while_another_is_at_a_window(hall: Trial) -> None:
    first, second = visit(hall, "tax", "left")
    at(hall, "call_next", "w1")
    at(hall, "hold", "w1")
    at(hall, "call_next", "w9")
    assert refused(lambda: at(hall, "resume", "w1", first["number"])).code == "linked_busy"
    at(hall, "transfer", "w9", line="right")
    at(hall, "resume", "w1", first["number"])
    assert parked(hall, second) == "linked"


def test_a_held_one_that_returns_meanwhile_waits_aside(hall: Trial) -> None:
    first, _second = visit(hall, "tax", "left")
    at(hall, "call_next", "w1")
    at(hall, "hold", "w1", minutes=1)
    at(hall, "call_next", "w9")
    hall.clock.forward(minutes=2)
    hall.look()
    assert parked(hall, first) == "linked"
    at(hall, "complete", "w9")
    assert at(hall, "call_next", "w1")["number"] == first["number"]


def test_who_comes_later_is_not_called_for_having_another_number_done(hall: Trial) -> None:
    _first, second = visit(hall, "tax", "left")
    hall.run(hall.desk, lambda tx: come_later(tx, hall.desk, second["id"]))
    at(hall, "call_next", "w1")
    assert parked(hall, second) == "late"
    hall.clock.forward(minutes=16)
    hall.look()
    assert parked(hall, second) == "linked"
    at(hall, "complete", "w1")
    assert parked(hall, second) is None


def test_a_number_from_afar_waits_for_its_visitor_whatever_the_others_do(store: Store, hall: Trial) -> None:
    lines = [{**one, "remote_share": 100} for one in layout("x").model_dump(mode="json")["lines"]]
    there = Trial.found(store, hall.clock, lines=lines)
    there.open("w1")
    first = there.issue("tax")
    second = there.issue("social", linked=first["id"], remote=True)
    there.call_next("w1")
    there.complete("w1")
    assert parked(there, second) == "remote"
    there.run(there.desk, lambda tx: arrive_ticket(tx, there.desk, second["id"]))
    assert there.call_next("w1")["number"] == second["number"]
    assert there.faults() == []


@pytest.mark.parametrize("end", ["complete", "no_show"])
def test_nothing_is_linked_to_a_visit_that_is_over(hall: Trial, end: str) -> None:
    first = hall.issue("tax")
    at(hall, "call_next", "w1")
    at(hall, end, "w1", **({"early": True} if end == "no_show" else {}))
    before = hall.all_rows()
    assert refused(lambda: hall.issue("left", linked=first["id"])).code == "visit_over"
    assert hall.all_rows() == before


def test_what_is_linked_to_is_known_and_a_kiosks_own(hall: Trial) -> None:
    assert refused(lambda: hall.issue("left", linked="none")).status == 404
    other = hall.issue("tax", by=hall.desk)
    assert refused(lambda: hall.issue("left", linked=other["id"])).code == "not_allowed"


def test_a_code_of_another_hall_links_to_nothing(store: Store, hall: Trial) -> None:
    there = Trial.found(store, hall.clock)
    code = there.issue("tax")["track_code"]
    assert refused(lambda: hall.issue("left", linked=code)).status == 404


ROUNDS = 100


def test_three_windows_press_next_at_once_on_one_linked_visitor_a_hundred_times(
    hall: Trial, other_store: Store
) -> None:
    """Each time two tickets of one person wait; three windows, one of them in another process, press Next together."""
    start, end = threading.Barrier(4), threading.Barrier(4)
    got: dict[str, str | None] = {}

    def press(place: int, window: str) -> None:
        here = replace(hall, store=other_store) if place == 2 else hall
        for _ in range(2 * ROUNDS):
            start.wait(60)
            try:
                answer = here.call_next(window, by=here.clerk(window))
                got[window] = answer and answer["number"]
            except HallError as error:
                got[window] = error.code
            end.wait(60)

    threads = [threading.Thread(target=press, args=one, daemon=True) for one in enumerate(WINDOWS)]
    for thread in threads:
        thread.start()
    called: Counter[str] = Counter()
    for _ in range(ROUNDS):
        numbers = {one["number"] for one in visit(hall, "tax", "tax")}
        for _each in numbers:
            start.wait(60)
            end.wait(60)
            winners = [window for window in WINDOWS if got[window] in numbers]
            assert len(winners) == 1 and [got[one] for one in WINDOWS if one not in winners] == [None, None]
            called[str(got[winners[0]])] += 1
            at(hall, "complete", winners[0])
    assert len(called) == 2 * ROUNDS and set(called.values()) == {1}
    assert {row["status"] for row in hall.rows("tickets")} == {"completed"}
    assert "ticket.missed" not in hall.types()
