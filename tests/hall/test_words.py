"""Numbers and moves as DESIGN writes them."""

from hypothesis import given
from hypothesis import strategies as st

from hall.words import (
    TICKET_EVENTS,
    TICKET_MOVES,
    UNFINISHED,
    WINDOW_EVENTS,
    WINDOW_MOVES,
    TicketStatus,
    WindowStatus,
    number_text,
)


def test_a_number_has_at_least_three_digits() -> None:
    assert number_text("A", 1) == "A001"
    assert number_text("A", 23) == "A023"


def test_a_number_grows_past_999_and_never_wraps() -> None:
    assert number_text("A", 999) == "A999"
    assert number_text("A", 1000) == "A1000"
    assert number_text("AB", 12345) == "AB12345"


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_two_ordinals_never_share_a_number(one: int, other: int) -> None:
    assert (number_text("A", one) == number_text("A", other)) is (one == other)


def test_every_move_of_a_ticket_leaves_an_event() -> None:
    assert set(TICKET_MOVES) | {"issue"} == set(TICKET_EVENTS)


def test_every_move_of_a_window_leaves_an_event() -> None:
    assert set(WINDOW_MOVES) == set(WINDOW_EVENTS)


def test_no_move_leads_out_of_a_finished_ticket() -> None:
    finished = set(TicketStatus) - UNFINISHED
    assert finished == {TicketStatus.COMPLETED, TicketStatus.CANCELLED, TicketStatus.EXPIRED}
    assert not [move for move, table in TICKET_MOVES.items() if finished & set(table)]


def test_every_unfinished_ticket_can_expire() -> None:
    assert set(TICKET_MOVES["expire"]) == UNFINISHED


def test_a_closed_window_can_only_open() -> None:
    assert [move for move, table in WINDOW_MOVES.items() if WindowStatus.CLOSED in table] == ["open"]
