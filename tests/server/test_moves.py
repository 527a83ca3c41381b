"""Every move from every status: in the tables of docs/glossary.md, or refused and nothing written."""

from collections.abc import Callable
from typing import Any

import pytest

from hall.words import TICKET_EVENTS, TICKET_MOVES, WINDOW_MOVES, TicketStatus, WindowStatus
from tests.server.trial import Trial, refused

T, W = TicketStatus, WindowStatus

# docs/glossary.md as a reader has it.
GLOSSARY = {
    "call": {T.WAITING: T.CALLED},
    "recall": {T.CALLED: T.CALLED},
    "start": {T.CALLED: T.SERVING},
    "complete": {T.CALLED: T.COMPLETED, T.SERVING: T.COMPLETED},
    "no_show": {T.CALLED: T.NO_SHOW},
    "hold": {T.CALLED: T.HELD, T.SERVING: T.HELD},
    "resume": {T.HELD: T.SERVING},
    "return": {T.HELD: T.WAITING},
    "transfer": {T.WAITING: T.WAITING, T.CALLED: T.WAITING, T.SERVING: T.WAITING},
    "change_matter": {T.SERVING: T.SERVING},
    "reinstate": {T.NO_SHOW: T.WAITING},
    "undo": {T.CALLED: T.WAITING, T.SERVING: T.CALLED},
    "change": {T.WAITING: T.WAITING},
    "cancel": {T.WAITING: T.CANCELLED, T.CALLED: T.CANCELLED, T.HELD: T.CANCELLED},
}
WINDOW_GLOSSARY = {
    "open": {W.CLOSED: W.OPEN, W.OPEN: W.OPEN, W.PAUSED: W.OPEN},
    "pause": {W.OPEN: W.PAUSED},
    "close": {W.OPEN: W.CLOSED, W.PAUSED: W.CLOSED},
}
REACHABLE = (T.WAITING, T.CALLED, T.SERVING, T.HELD, T.NO_SHOW, T.COMPLETED, T.CANCELLED, T.EXPIRED)

MOVES: dict[str, Callable[[Trial, dict[str, Any]], Any]] = {
    "call": lambda trial, ticket: trial.call_number("w1", ticket["number"]),
    "recall": lambda trial, ticket: trial.recall("w1"),
    "start": lambda trial, ticket: trial.serve("w1"),
    "complete": lambda trial, ticket: trial.complete("w1"),
    "no_show": lambda trial, ticket: trial.no_show("w1", early=True),
    "cancel": lambda trial, ticket: trial.cancel(ticket["id"]),
    "hold": lambda trial, ticket: trial.hold("w1"),
    "resume": lambda trial, ticket: trial.resume("w1", ticket["number"]),
    "reinstate": lambda trial, ticket: trial.reinstate(ticket["id"]),
    "undo": lambda trial, ticket: trial.undo("w1"),
    "transfer": lambda trial, ticket: trial.transfer("w1", line="social", number=ticket["number"]),
    "change_matter": lambda trial, ticket: trial.change_matter("w1", "pension"),
}
NEEDS_A_TICKET_THERE = {"recall", "start", "complete", "no_show", "hold", "undo", "change_matter"}
BY_NUMBER = {"call", "resume", "transfer"}
HELD_MINUTES = 10


def brought_to(trial: Trial, status: TicketStatus) -> dict[str, Any]:
    """A ticket in a status, by the moves that lead there; window w1 is open."""
    ticket = trial.issue()
    trial.open("w1")
    if status == T.EXPIRED:
        trial.clock.set("2026-11-24T09:00:00+08:00")
        trial.open("w1")
    elif status == T.CANCELLED:
        trial.cancel(ticket["id"])
    elif status != T.WAITING:
        trial.call_next("w1")
    if status in (T.SERVING, T.COMPLETED):
        trial.serve("w1")
    if status == T.COMPLETED:
        trial.complete("w1")
    if status == T.NO_SHOW:
        trial.no_show("w1", early=True)
    if status == T.HELD:
        trial.hold("w1", minutes=HELD_MINUTES)
    assert trial.ticket(ticket["id"])["status"] == status
    return ticket


def expected_refusal(move: str, status: TicketStatus) -> str:
    if move in NEEDS_A_TICKET_THERE and status not in (T.CALLED, T.SERVING):
        return "window_empty"
    # A number of another day is not known today.
    return "not_found" if move in BY_NUMBER and status == T.EXPIRED else "illegal_move"


def test_the_moves_in_the_code_are_those_of_the_glossary() -> None:
    assert {move: TICKET_MOVES[move] for move in GLOSSARY} == GLOSSARY
    assert set(TICKET_MOVES) == {*GLOSSARY, "expire"}
    assert WINDOW_MOVES == WINDOW_GLOSSARY


@pytest.mark.parametrize("status", REACHABLE, ids=str)
@pytest.mark.parametrize("move", MOVES)
def test_a_ticket_moves_as_the_table_says_or_nothing_is_written(trial: Trial, move: str, status: TicketStatus) -> None:
    ticket = brought_to(trial, status)
    before = trial.all_rows()
    after = GLOSSARY[move].get(status)
    if after is not None:
        answer = MOVES[move](trial, ticket)
        assert answer["status"] == after == trial.ticket(ticket["id"])["status"]
        assert trial.seq == before["halls"][0]["seq"] + 1
        return
    error = refused(lambda: MOVES[move](trial, ticket))
    assert error.code == expected_refusal(move, status)
    assert error.status == (404 if error.code == "not_found" else 409)
    assert trial.all_rows() == before


@pytest.mark.parametrize("status", REACHABLE, ids=str)
def test_when_the_time_of_a_hold_is_up_only_a_held_ticket_returns(trial: Trial, status: TicketStatus) -> None:
    ticket = brought_to(trial, status)
    before = trial.all_rows()
    trial.clock.forward(minutes=HELD_MINUTES)
    trial.look()
    after = GLOSSARY["return"].get(status)
    assert after is not None or trial.all_rows() == before
    assert after is None or trial.ticket(ticket["id"])["status"] == after
    assert trial.seq == before["halls"][0]["seq"] + (0 if after is None else 1)


WINDOW_ACTS: dict[str, Callable[[Trial], Any]] = {
    "open": lambda trial: trial.open("w1"),
    "pause": lambda trial: trial.pause("w1"),
    "close": lambda trial: trial.close("w1"),
}


def window_brought_to(trial: Trial, status: WindowStatus) -> None:
    if status != W.CLOSED:
        trial.open("w1")
    if status == W.PAUSED:
        trial.pause("w1")
    assert trial.window("w1")["status"] == status


@pytest.mark.parametrize("status", WindowStatus, ids=str)
@pytest.mark.parametrize("move", WINDOW_ACTS)
def test_a_window_moves_as_the_table_says_or_nothing_is_written(trial: Trial, move: str, status: WindowStatus) -> None:
    window_brought_to(trial, status)
    before = trial.all_rows()
    after = WINDOW_GLOSSARY[move].get(status)
    if after is None:
        error = refused(lambda: WINDOW_ACTS[move](trial))
        assert (error.code, error.status) == ("illegal_move", 409)
        assert trial.all_rows() == before
        return
    WINDOW_ACTS[move](trial)
    assert trial.window("w1")["status"] == after
    again = move == "open" and status == W.OPEN
    assert trial.seq == before["halls"][0]["seq"] + (0 if again else 1)
    assert not again or trial.all_rows() == before


@pytest.mark.parametrize("status", (T.CALLED, T.SERVING), ids=str)
@pytest.mark.parametrize("move", ("pause", "close"))
def test_a_window_with_a_ticket_neither_pauses_nor_closes(trial: Trial, move: str, status: TicketStatus) -> None:
    ticket = brought_to(trial, status)
    before = trial.all_rows()
    error = refused(lambda: WINDOW_ACTS[move](trial))
    assert (error.code, error.status) == ("window_busy", 409)
    assert error.details["number"] == ticket["number"]
    assert trial.all_rows() == before


@pytest.mark.parametrize("status", (T.CALLED, T.SERVING), ids=str)
@pytest.mark.parametrize("left", ("complete", "hold"))
@pytest.mark.parametrize("move, end", (("pause", W.PAUSED), ("close", W.CLOSED)))
def test_after_current_the_window_leaves_once_its_ticket_has_left(
    trial: Trial, move: str, end: WindowStatus, left: str, status: TicketStatus
) -> None:
    brought_to(trial, status)
    (trial.pause if move == "pause" else trial.close)("w1", after_current=True)
    assert (trial.window("w1")["status"], trial.window("w1")["closing"]) == (W.OPEN, move)
    seq = trial.seq
    getattr(trial, left)("w1")
    assert (trial.window("w1")["status"], trial.window("w1")["closing"]) == (end, None)
    past = {"pause": "window.paused", "close": "window.closed"}[move]
    assert trial.types(seq) == [TICKET_EVENTS[left], past]
