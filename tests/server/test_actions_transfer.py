"""Tickets sent on: to a line, a window, a person, back again, along a route; batches, matters and endings."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from hall.errors import HallError
from server.db import Store
from tests.server.trial import Trial, layout, refused

SECRET = "needs the blue form 4711"


def house(store: Store) -> Trial:
    """A hall where `deed` goes from tax to social to fund, and `permit` to both in any order; social takes 3 pieces."""
    parts = layout("parts").model_dump(mode="json")
    deed = {"id": "deed", "name": "过户", "unit": "u", "category": "licence", "line": "tax"}
    both = {"lines": ["social", "fund"]}
    permit = {**deed, "id": "permit", "name": "许可", "route": {**both, "any_order": True}}
    lines = [{**one, "batch_limit": 3} if one["id"] == "social" else one for one in parts["lines"]]
    matters = [*parts["matters"], {**deed, "route": both}, permit]
    return Trial.found(store, store.clock, lines=lines, matters=matters)  # type: ignore[arg-type]


@pytest.fixture
def hall(store: Store) -> Any:
    found = house(store)
    for window in ("w1", "w2", "w3", "w9"):
        found.open(window, by=found.clerk(window))
    yield found
    assert found.faults() == []


def called(hall: Trial, window: str = "w1", line: str | None = "tax", **more: Any) -> dict[str, Any]:
    """A ticket at a window, being served there."""
    ticket = hall.issue(line, **more)
    at(hall, "call_number", window, ticket["number"])
    at(hall, "serve", window)
    return ticket


def at(hall: Trial, act: str, window: str, *given: Any, **more: Any) -> Any:
    return getattr(hall, act)(window, *given, by=hall.clerk(window), **more)


def last(hall: Trial) -> dict[str, Any]:
    return hall.events()[-1]


def test_a_transfer_keeps_number_and_seniority_and_frees_the_window(hall: Trial) -> None:
    ticket = called(hall)
    hall.clock.forward(minutes=5)
    answer = at(hall, "transfer", "w1", line="social", note=SECRET)
    row = hall.ticket(ticket["id"])
    assert (answer["number"], answer["status"], answer["line"]) == (ticket["number"], "waiting", "social")
    assert (row["queued_at"], row["joined_at"]) == (row["issued_at"], hall.clock.at)
    assert (row["window_id"], row["calls"], row["first_called_at"], row["started_at"]) == (None, 0, None, None)
    assert hall.window("w1")["ticket_id"] is None
    event = last(hall)
    assert event["type"] == "ticket.transferred" and event["data"]["waiting"] == {"social": 1}
    assert (event["data"]["from"], event["data"]["to"]) == ("tax", {"line": "social"})


def test_the_note_travels_with_the_ticket_and_stands_in_no_event(hall: Trial) -> None:
    called(hall)
    assert at(hall, "transfer", "w1", line="social", note=SECRET)["note"] == SECRET
    assert at(hall, "call_next", "w2")["note"] == SECRET
    assert at(hall, "serve", "w2")["note"] == SECRET
    at(hall, "transfer", "w2", line="tax")
    assert at(hall, "call_next", "w3")["note"] == SECRET
    assert SECRET not in str(hall.events())


def test_who_comes_by_transfer_goes_before_those_who_came_to_the_hall_later(hall: Trial) -> None:
    first = called(hall)
    hall.clock.forward(minutes=1)
    hall.issue("social")
    at(hall, "transfer", "w1", line="social")
    assert at(hall, "call_next", "w2")["number"] == first["number"]


def test_a_transfer_to_its_own_line_puts_it_back_there(hall: Trial) -> None:
    first = called(hall)
    hall.clock.forward(minutes=1)
    hall.issue("tax")
    at(hall, "transfer", "w1", line="tax")
    assert hall.ticket(first["id"])["queued_at"] == hall.ticket(first["id"])["issued_at"]
    assert at(hall, "call_next", "w1")["number"] == first["number"]


def test_a_waiting_number_is_sent_to_another_line(hall: Trial) -> None:
    ticket = hall.issue("tax")
    at(hall, "transfer", "w1", line="left", number=ticket["number"])
    assert last(hall)["data"]["waiting"] == {"tax": 0, "left": 1}
    assert at(hall, "call_next", "w9")["number"] == ticket["number"]


def test_a_waiting_number_of_other_lines_is_not_a_clerks_to_send_but_a_supervisors(hall: Trial) -> None:
    number = hall.issue("left")["number"]
    assert refused(lambda: at(hall, "transfer", "w1", line="tax", number=number)).code == "line_not_served"
    assert hall.transfer("w1", by=hall.supervisor, line="tax", number=number)["line"] == "tax"


def test_a_number_at_another_window_is_not_sent_from_here(hall: Trial) -> None:
    ticket = called(hall, "w2")
    error = refused(lambda: at(hall, "transfer", "w1", line="social", number=ticket["number"]))
    assert (error.status, error.code) == (409, "illegal_move")
    assert at(hall, "transfer", "w2", line="social", number=ticket["number"])["line"] == "social"


def test_to_a_window_it_waits_for_that_window_alone(hall: Trial) -> None:
    ticket = called(hall)
    at(hall, "transfer", "w1", window_to="w9")
    assert hall.ticket(ticket["id"])["pool"] == "w:w9"
    assert [at(hall, "call_next", window) for window in ("w1", "w2", "w3")] == [None] * 3
    assert at(hall, "call_number", "w9", ticket["number"])["number"] == ticket["number"]
    assert hall.rows("halls")[0]["pooled"] == 0


def test_to_a_person_by_name_or_id(hall: Trial) -> None:
    for key in ("w9", hall.clerk("w9").id):
        ticket = called(hall)
        at(hall, "transfer", "w1", clerk=key)
        assert hall.ticket(ticket["id"])["pool"] == f"c:{hall.clerk('w9').id}"
        assert at(hall, "call_number", "w9", ticket["number"], finish="completed")["number"] == ticket["number"]


@pytest.mark.parametrize("to", [{"window_to": "w9"}, {"clerk": "w9"}], ids=str)
def test_next_at_that_window_calls_who_was_sent_there_and_undoing_sends_them_back(
    hall: Trial, to: dict[str, str]
) -> None:
    ticket = called(hall)
    at(hall, "transfer", "w1", **to)
    pool = hall.ticket(ticket["id"])["pool"]
    assert pool and at(hall, "call_next", "w3") is None
    assert at(hall, "call_next", "w9")["number"] == ticket["number"]
    at(hall, "undo", "w9")
    assert hall.ticket(ticket["id"])["pool"] == pool and hall.rows("halls")[0]["pooled"] == 1
    assert at(hall, "call_next", "w9")["number"] == ticket["number"]


@pytest.mark.parametrize("to", [{"line": "none"}, {"window_to": "w404"}, {"clerk": "nobody"}], ids=str)
def test_to_what_is_not_there_is_refused_and_nothing_is_written(hall: Trial, to: dict[str, str]) -> None:
    called(hall)
    before = hall.all_rows()
    assert refused(lambda: at(hall, "transfer", "w1", **to)).status == 404
    assert hall.all_rows() == before


def test_nobody_is_sent_to_a_closed_window(hall: Trial) -> None:
    called(hall)
    at(hall, "close", "w9")
    assert refused(lambda: at(hall, "transfer", "w1", window_to="w9")).code == "window_not_open"
    assert refused(lambda: at(hall, "transfer", "w1", clerk="w9")).code == "not_found"


@pytest.mark.parametrize("after_current", [False, True])
@pytest.mark.parametrize("to", [{"window_to": "w2"}, {"clerk": "w2"}], ids=str)
def test_whoever_waits_for_a_window_that_closes_waits_in_the_line_again(
    hall: Trial, to: dict[str, str], after_current: bool
) -> None:
    ticket = called(hall)
    at(hall, "transfer", "w1", **to)
    if after_current:
        called(hall, "w2")
    at(hall, "close", "w2", after_current=after_current)
    if after_current:
        at(hall, "complete", "w2")
    assert hall.types()[-2:] == ["window.closed", "ticket.changed"]
    assert hall.ticket(ticket["id"])["pool"] == ""
    assert at(hall, "call_next", "w1")["number"] == ticket["number"]


def test_whoever_waits_for_a_clerk_whose_window_is_taken_over_waits_in_the_line_again(hall: Trial) -> None:
    ticket = called(hall)
    at(hall, "transfer", "w1", clerk="w2")
    hall.open("w2", by=hall.clerk("other"), take_over=True)
    assert hall.ticket(ticket["id"])["pool"] == ""


def test_a_ticket_that_was_held_does_not_come_back_to_a_window_closed_since(hall: Trial) -> None:
    ticket = called(hall)
    at(hall, "transfer", "w1", window_to="w9")
    at(hall, "call_number", "w9", ticket["number"])
    at(hall, "hold", "w9", minutes=5)
    at(hall, "close", "w9")
    hall.clock.forward(minutes=6)
    hall.look()
    assert at(hall, "call_next", "w1")["number"] == ticket["number"]


def test_come_back_returns_it_to_the_window_that_sent_it(hall: Trial) -> None:
    ticket = called(hall)
    at(hall, "transfer", "w1", line="social", come_back=True)
    at(hall, "call_next", "w2")
    at(hall, "serve", "w2")
    answer = at(hall, "complete", "w2", outcome="advice")
    assert (answer["status"], answer["number"]) == ("waiting", ticket["number"])
    row = hall.ticket(ticket["id"])
    assert (row["pool"], row["line_id"], row["route"]) == ("w:w1", "tax", None)
    assert last(hall)["data"]["because"] == "back" and last(hall)["data"]["outcome"] == "advice"
    assert at(hall, "call_next", "w3") is None
    assert at(hall, "call_number", "w1", ticket["number"])["number"] == ticket["number"]
    assert at(hall, "complete", "w1")["status"] == "completed"


def test_come_back_to_a_window_closed_since_goes_to_its_line(hall: Trial) -> None:
    ticket = called(hall)
    at(hall, "transfer", "w1", line="social", come_back=True)
    at(hall, "close", "w1")
    at(hall, "call_next", "w2")
    at(hall, "complete", "w2")
    assert hall.ticket(ticket["id"])["pool"] == ""
    assert at(hall, "call_next", "w3")["number"] == ticket["number"]


def test_a_window_about_to_pause_pauses_when_its_ticket_is_sent_on(hall: Trial) -> None:
    called(hall)
    at(hall, "pause", "w1", after_current=True)
    at(hall, "transfer", "w1", line="social")
    assert hall.types()[-2:] == ["ticket.transferred", "window.paused"]


def legs_left(hall: Trial, ticket: dict[str, Any]) -> list[str]:
    return [leg["line"] for leg in hall.ticket(ticket["id"])["route"] or []]


def test_a_route_takes_one_number_through_its_lines_and_then_ends(hall: Trial) -> None:
    ticket = called(hall, line=None, matter="deed")
    assert legs_left(hall, ticket) == ["social", "fund"]
    hall.clock.forward(minutes=9)
    assert at(hall, "complete", "w1", outcome="accepted")["line"] == "social"
    assert at(hall, "call_next", "w2")["number"] == ticket["number"]
    at(hall, "serve", "w2")
    assert at(hall, "call_next", "w2") is None  # Next completes the leg in passing
    row = hall.ticket(ticket["id"])
    assert (row["line_id"], row["status"], row["route"], row["queued_at"]) == (
        "fund",
        "waiting",
        None,
        row["issued_at"],
    )
    assert at(hall, "call_next", "w3")["number"] == ticket["number"]
    assert at(hall, "complete", "w3", outcome="collected")["status"] == "completed"
    moved = [event["data"]["because"] for event in hall.events() if event["type"] == "ticket.transferred"]
    assert moved == ["route", "route"] and hall.types().count("ticket.completed") == 1


def test_each_leg_counts_as_served_at_its_window(hall: Trial) -> None:
    called(hall, line=None, matter="deed")
    hall.clock.forward(seconds=60)
    at(hall, "complete", "w1")
    hall.clock.forward(seconds=600)
    at(hall, "call_next", "w2")
    at(hall, "serve", "w2")
    hall.clock.forward(seconds=30)
    at(hall, "complete", "w2")
    figures = [(hall.window(key)["served"], hall.window(key)["service_seconds"]) for key in ("w1", "w2")]
    assert figures == [(1, 60), (1, 30)]


def test_in_any_order_the_leg_with_the_fewest_waiting_for_each_window_comes_first(hall: Trial) -> None:
    for _ in range(3):
        hall.issue("social")
    ticket = called(hall, line=None, matter="permit")
    assert at(hall, "complete", "w1")["line"] == "fund"
    assert legs_left(hall, ticket) == ["social"]


def test_a_leg_that_no_window_is_open_for_comes_last(hall: Trial) -> None:
    hall.issue("social")
    at(hall, "close", "w3")
    called(hall, line=None, matter="permit")
    assert at(hall, "complete", "w1")["line"] == "social"


def test_all_ends_the_whole_route(hall: Trial) -> None:
    ticket = called(hall, line=None, matter="deed")
    assert at(hall, "complete", "w1", whole=True)["status"] == "completed"
    assert legs_left(hall, ticket) == []


def test_a_transfer_to_a_leg_of_the_route_takes_that_leg(hall: Trial) -> None:
    ticket = called(hall, line=None, matter="deed")
    at(hall, "transfer", "w1", line="social")
    assert legs_left(hall, ticket) == ["fund"]


def test_a_missed_or_cancelled_ticket_goes_no_further(hall: Trial) -> None:
    ticket = hall.issue(None, matter="deed")
    at(hall, "call_next", "w1")
    at(hall, "no_show", "w1", early=True)
    assert hall.ticket(ticket["id"])["status"] == "no_show"


def test_of_a_batch_the_lines_limit_is_served_and_the_rest_goes_to_the_tail(hall: Trial) -> None:
    batch = hall.issue("social", count=7)
    hall.clock.forward(minutes=1)
    other = hall.issue("social")
    served = []
    for _ in range(4):
        served.append(at(hall, "call_next", "w2")["number"])
        hall.clock.forward(minutes=1)
        at(hall, "complete", "w2")
    assert served == [batch["number"], other["number"], batch["number"], batch["number"]]
    assert hall.ticket(batch["id"])["status"] == "completed" and hall.ticket(batch["id"])["count"] == 1
    rest = [event["data"]["pieces"] for event in hall.events() if event["type"] == "ticket.transferred"]
    assert rest == [3, 3]


def test_a_batch_within_the_limit_is_done_at_once(hall: Trial) -> None:
    hall.issue("social", count=3)
    at(hall, "call_next", "w2")
    assert at(hall, "complete", "w2")["status"] == "completed"


def test_another_matter_is_in_hand_on_the_same_number_in_the_same_line(hall: Trial) -> None:
    ticket = called(hall, line=None, matter="invoice")
    answer = at(hall, "change_matter", "w1", "pension")
    assert (answer["matter"], answer["line"], answer["number"]) == ("pension", "tax", ticket["number"])
    assert last(hall)["data"]["matters"] == ["pension"]
    at(hall, "change_matter", "w1", "invoice", add=True)
    assert last(hall)["data"]["matters"] == ["pension", "invoice"]
    assert hall.ticket(ticket["id"])["matter_id"] == "invoice"


def test_the_matter_in_hand_already_writes_nothing(hall: Trial) -> None:
    called(hall, line=None, matter="invoice")
    before = hall.all_rows()
    at(hall, "change_matter", "w1", "invoice")
    assert hall.all_rows() == before


def test_an_unknown_matter_is_not_found(hall: Trial) -> None:
    called(hall)
    assert refused(lambda: at(hall, "change_matter", "w1", "none")).status == 404


def test_a_changed_matter_brings_its_own_route(hall: Trial) -> None:
    ticket = called(hall, line=None, matter="invoice")
    at(hall, "change_matter", "w1", "deed")
    assert legs_left(hall, ticket) == ["social", "fund"]
    at(hall, "complete", "w1")
    at(hall, "call_next", "w2")
    at(hall, "serve", "w2")
    at(hall, "change_matter", "w2", "permit")
    assert legs_left(hall, ticket) == ["fund"], "where it is already is no leg to come"
    at(hall, "change_matter", "w2", "pension")
    assert legs_left(hall, ticket) == []


def test_a_visitor_without_a_number_is_served_at_once(hall: Trial) -> None:
    hall.issue("tax")
    answer = at(hall, "walk_in", "w1", "social")
    assert (answer["status"], answer["window"], answer["number"]) == ("serving", "w1", "B001")
    assert hall.types()[-3:] == ["ticket.issued", "ticket.called", "ticket.started"]
    assert hall.events()[-2]["data"]["why"] == {"chosen": True, "walk_in": True}
    assert not [slip for slip in hall.rows("slips") if slip["ticket_id"] == answer["id"]]


@pytest.mark.parametrize(
    "before, line, code",
    [
        (lambda hall: called(hall), "tax", "window_busy"),
        (lambda hall: at(hall, "pause", "w1"), "tax", "window_not_open"),
        (lambda hall: None, "left", "line_not_served"),
        (lambda hall: None, "none", "not_found"),
    ],
)
def test_a_visitor_without_a_number_needs_an_open_empty_window_of_the_line(
    hall: Trial, before: Callable[[Trial], Any], line: str, code: str
) -> None:
    before(hall)
    rows = hall.all_rows()
    assert refused(lambda: at(hall, "walk_in", "w1", line)).code == code
    assert hall.all_rows() == rows


def test_outcome_case_number_and_note_are_kept_and_the_last_two_are_for_staff_alone(hall: Trial) -> None:
    ticket = called(hall)
    answer = at(hall, "complete", "w1", outcome="accepted", case_number="(2026)17", note=SECRET)
    row = hall.ticket(ticket["id"])
    assert (row["outcome"], row["case_number"], row["note"]) == ("accepted", "(2026)17", SECRET)
    assert (answer["case_number"], answer["note"]) == ("(2026)17", SECRET)
    assert last(hall)["ticket"]["outcome"] == "accepted"
    assert "2026)17" not in str(hall.events()) and SECRET not in str(hall.events())


def test_another_clerk_takes_over_with_the_visitor_at_the_window(hall: Trial) -> None:
    ticket = called(hall)
    other = hall.clerk("other")
    hall.open("w1", by=other, take_over=True)
    assert hall.window("w1")["ticket_id"] == ticket["id"]
    assert hall.ticket(ticket["id"])["status"] == "serving"
    assert refused(lambda: at(hall, "complete", "w1")).code == "window_taken"
    assert hall.complete("w1", by=other)["number"] == ticket["number"]


Act = Callable[[Trial], Any]


def both(hall: Trial, one: Act, two: Act) -> list[str]:
    """What two get who act at the same moment; neither waits for the other longer than a minute."""
    start, got = threading.Barrier(2), ["", ""]

    def run(place: int, act: Act) -> None:
        start.wait(30)
        try:
            act(hall)
            got[place] = "done"
        except HallError as error:
            got[place] = f"{error.status} {error.code}"

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate((one, two))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(got)


def send(hall: Trial) -> Any:
    return at(hall, "transfer", "w1", line="social")


def finish(hall: Trial) -> Any:
    return at(hall, "complete", "w1")


def restart(hall: Trial) -> Any:
    return at(hall, "serve", "w1")


@pytest.mark.parametrize(
    "one, two, allowed",
    [
        (send, send, [["409 window_empty", "done"]]),
        (send, finish, [["409 window_empty", "done"]]),
        (send, restart, [["409 illegal_move", "done"], ["409 window_empty", "done"]]),
        (send, lambda hall: hall.transfer("w1", by=hall.supervisor, line="left"), [["409 window_empty", "done"]]),
        (
            lambda hall: at(hall, "walk_in", "w9", "left"),
            lambda hall: at(hall, "walk_in", "w9", "left"),
            [["409 window_busy", "done"]],
        ),
        (
            lambda hall: at(hall, "change_matter", "w1", "pension"),
            send,
            [["409 window_empty", "done"], ["done", "done"]],
        ),
    ],
    ids=[
        "double click",
        "finished and sent",
        "a stale page",
        "two on one ticket",
        "two without numbers",
        "changed and sent",
    ],
)
def test_double_clicks_and_stale_pages_get_409_and_block_nobody(
    hall: Trial, one: Act, two: Act, allowed: list[list[str]]
) -> None:
    for _ in range(3):
        called(hall)
        assert both(hall, one, two) in allowed
        at(hall, "open", "w1")
        for window in ("w1", "w2", "w9"):
            at(hall, "call_next", window, finish="completed")
            if hall.window(window)["ticket_id"]:
                at(hall, "complete", window)
