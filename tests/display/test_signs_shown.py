"""What a sign shows of a board, by itself: numbers, paused until, closed, calls in turn; never more than is its."""

from datetime import UTC, datetime, timedelta

import pytest

from display.signs.shown import lost, shown
from display.signs.shown import test_picture as eights
from hall.devices.sign import Sign

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LAYOUT = {"hall": {"time_zone": "Asia/Shanghai"}}
ASCII = {"encoding": "ascii"}


def a_sign(**more):
    return Sign.model_validate({"id": "s", "name": "s", "wire": "tcp://sign:1", "window": "w3", "display": "d"} | more)


def hall_sign(**more):
    return a_sign(**{"window": None, "columns": 16, "rows": 2} | more)


def a_board(status="open", number=None, until=None, calls=()):
    """Window w3 in zone a, w12 in zone b. A call: (number, window, seconds ago, status)."""
    ticket = None if number is None else {"id": "t", "number": number, "status": "called"}
    w3 = {"id": "w3", "name": "3", "zone": "a", "status": status, "until": until, "closing": None, "ticket": ticket}
    w12 = {**w3, "id": "w12", "name": "12", "zone": "b", "ticket": None}
    at = {number: (NOW - timedelta(seconds=ago)).isoformat() for number, _, ago, _ in calls}
    made = [
        {"id": number, "number": number, "window": window, "status": status, "at": at[number]}
        for number, window, _, status in calls
    ]
    return {"windows": [w3, w12], "calls": made, "missed": [], "waiting": {}}


def rows(board, sign, seconds=0):
    return shown(board, sign, LAYOUT, NOW + timedelta(seconds=seconds)).rows


def test_a_window_sign_shows_the_number_at_its_window_and_nothing_else():
    picture = shown(a_board(number="A023"), a_sign(rows=2, columns=16), LAYOUT, NOW)
    assert (picture.state, picture.rows, picture.number) == ("number", ("A023",), "A023")


@pytest.mark.parametrize("more, words", [({}, ("空闲",)), (ASCII, ("Free",))])
def test_an_open_window_without_a_number_is_free(more, words):
    assert rows(a_board(), a_sign(**more)) == words


@pytest.mark.parametrize("more, words", [({}, ("未开放",)), (ASCII, ("Closed",))])
def test_a_closed_window_says_so_and_so_does_one_the_hall_no_longer_has(more, words):
    assert rows(a_board(status="closed"), a_sign(**more)) == words
    assert rows(a_board(), a_sign(window="w99", **more)) == words


UNTIL = "2026-11-23T05:30:00+00:00"


@pytest.mark.parametrize(
    "more, words",
    [
        ({"rows": 2, "columns": 10}, ("暂停服务", "13:30恢复")),
        ({"columns": 18}, ("暂停服务 13:30恢复",)),
        ({"rows": 2, "columns": 10, **ASCII}, ("Paused", "Back 13:30")),
        ({"columns": 20, **ASCII}, ("Paused Back 13:30",)),
    ],
)
def test_a_paused_window_says_by_the_halls_clock_when_it_opens_again(more, words):
    picture = shown(a_board("paused", until=UNTIL), a_sign(**more), LAYOUT, NOW)
    assert (picture.state, picture.rows, picture.until) == ("paused", words, "13:30")


@pytest.mark.parametrize(
    "columns, words", [(9, ("暂停服务", "13:30恢复")), (8, ("暂停服务", "13:30")), (5, ("暂停", "13:30"))]
)
def test_where_both_have_no_room_paused_and_its_time_take_turns(columns, words):
    sign = a_sign(columns=columns)
    seen = [rows(a_board("paused", until=UNTIL), sign, seconds)[0] for seconds in (0, 5, 10, 15)]
    assert sorted(seen[:2]) == sorted(words) and seen[:2] == seen[2:]


def test_a_pause_without_an_end_says_only_that():
    assert rows(a_board("paused"), a_sign(rows=2)) == ("暂停服务",)


def test_a_number_at_the_window_goes_before_its_pause():
    assert rows(a_board("paused", number="A023", until=UNTIL), a_sign()) == ("A023",)


CALLS = [("A023", "w3", 5, "called"), ("B007", "w12", 30, "called"), ("C001", "w3", 60, "serving")]


def test_a_hall_sign_shows_number_and_window_newest_first_and_nobody_who_is_served():
    assert rows(a_board(calls=CALLS), hall_sign()) == ("A023     3号窗口", "B007    12号窗口")
    assert [len(row.encode("gb18030")) for row in rows(a_board(calls=CALLS), hall_sign())] == [16, 16]


def test_the_words_of_a_hall_sign_become_shorter_with_its_columns():
    assert [rows(a_board(calls=CALLS[:1]), hall_sign(columns=columns)) for columns in (12, 9, 6)] == [
        ("A023 3号窗口",),
        ("A023  3号",),
        ("A023 3",),
    ]
    assert rows(a_board(calls=CALLS[:1]), hall_sign(columns=14, **ASCII)) == ("A023  Window 3",)
    assert rows(a_board(calls=CALLS[:1]), hall_sign(columns=9, **ASCII)) == ("A023  > 3",)


def test_a_hall_sign_of_a_zone_shows_the_calls_of_its_windows():
    assert rows(a_board(calls=CALLS), hall_sign(zone="b")) == ("B007    12号窗口",)


def test_a_number_that_nobody_came_for_leaves_the_hall_sign_after_three_minutes():
    calls = [("A023", "w3", 179, "called"), ("B007", "w12", 181, "called")]
    assert rows(a_board(calls=calls), hall_sign()) == ("A023     3号窗口",)


def test_a_hall_sign_without_calls_asks_to_listen():
    assert rows(a_board(), hall_sign()) == ("请留意叫号",)
    assert rows(a_board(), hall_sign(columns=8)) == ("请等候",)


def test_of_a_burst_the_newest_stands_and_each_other_gets_its_turn():
    calls = [(f"A{n:03}", "w3", 13 - n, "called") for n in range(12, 0, -1)]
    seen = [rows(a_board(calls=calls), hall_sign(), 5 * turn) for turn in range(11)]
    assert {first for first, _ in seen} == {"A012     3号窗口"}
    assert sorted(second[:4] for _, second in seen) == [f"A{n:03}" for n in range(1, 12)]
    three = [rows(a_board(calls=calls), hall_sign(rows=1), 5 * turn) for turn in range(12)]
    assert sorted(row[:4] for (row,) in three) == [f"A{n:03}" for n in range(1, 13)]


def test_when_the_server_is_lost_a_window_sign_keeps_its_number_and_a_hall_sign_says_listen():
    assert lost(a_sign()) is None
    assert lost(hall_sign()).rows == ("请留意广播",)
    assert lost(hall_sign(columns=8)).rows == ("请听广播",)
    assert lost(hall_sign(**ASCII)).rows == ("Please listen",)
    assert lost(a_sign(lost_text="请听叫号")).rows == ("请听叫号",)


def test_a_test_picture_lights_everything():
    assert eights(hall_sign()).rows == ("8" * 16, "8" * 16)
