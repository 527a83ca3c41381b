"""From events to what is said: languages, floors, zones, and what a snapshot still owes."""

import pytest

from display.calls import Announcer

WINDOWS = [
    {"id": "w3", "name": "3", "zone": "a", "lines": [{"id": "tax", "rank": 1}]},
    {"id": "w12", "name": "12", "zone": "b", "lines": [{"id": "tax", "rank": 1}, {"id": "land", "rank": 1}]},
]
LAYOUT = {"zones": [{"id": "a", "floor": 1}, {"id": "b", "floor": 2}]}
BOARD = {"windows": WINDOWS, "calls": []}


def ticket(number="A023", window="w3", line="tax", language="zh-CN", calls=1, status="called"):
    at = "2026-11-23T01:00:00Z"
    return {"id": number, "number": number, "window": window, "line": line, "language": language, "calls": calls,
            "status": status, "called_at": at, "first_called_at": at}  # fmt: skip


def said(announcer, *tickets, layout=LAYOUT, kind="ticket.called"):
    events = [{"type": kind, "ticket": one, "data": {}} for one in tickets]
    return [call.sentences for call in announcer.from_events(BOARD, events, layout)]


def test_a_call_is_said_in_the_halls_language():
    assert said(Announcer(["zh-CN"]), ticket()) == [("请A零二三号，到三号窗口办理。",)]


def test_the_tickets_own_language_follows_the_halls():
    sentences = said(Announcer(["zh-CN"]), ticket(language="en"))
    assert sentences == [("请A零二三号，到三号窗口办理。", "A, zero, two, three: please go to Window 3.")]


def test_a_language_is_never_said_twice_and_one_without_a_voice_is_left_out():
    assert len(said(Announcer(["zh-CN", "en"]), ticket(language="en"))[0]) == 2
    assert len(said(Announcer(["zh-CN"]), ticket(language="bo"))[0]) == 1


def test_a_window_on_another_floor_is_said_with_its_floor():
    announcer = Announcer(["zh-CN"])
    assert said(announcer, ticket(window="w12")) == [("请A零二三号，到二楼十二号窗口办理。",)]
    assert said(announcer, ticket(window="w12"), layout={}) == [("请A零二三号，到十二号窗口办理。",)]


def test_a_loudspeaker_of_the_second_floor_says_the_first():
    assert said(Announcer(["zh-CN"], zone="b"), ticket()) == [("请A零二三号，到一楼三号窗口办理。",)]


def test_a_loudspeaker_of_a_zone_speaks_for_whoever_may_wait_there():
    announcer = Announcer(["zh-CN"], zone="a")
    assert len(said(announcer, ticket(window="w3"))) == 1
    assert len(said(announcer, ticket(window="w12", line="tax"))) == 1  # window 3 of its zone serves tax too
    assert said(announcer, ticket(window="w12", line="land")) == []


@pytest.mark.parametrize(("kind", "count"), [("ticket.called", 1), ("ticket.recalled", 1), ("ticket.started", 0),
                                             ("ticket.completed", 0), ("ticket.of_tomorrow", 0)])  # fmt: skip
def test_only_calls_and_recalls_are_spoken(kind, count):
    assert len(said(Announcer(["zh-CN"]), ticket(), kind=kind)) == count


def test_the_third_call_asks_to_hurry():
    assert said(Announcer(["zh-CN"]), ticket(calls=3), kind="ticket.recalled") == [("请A零二三号尽快到三号窗口办理。",)]


def test_a_snapshot_gives_those_who_are_called_oldest_first_and_not_those_being_served():
    shown = [("A003", "called", 3), ("A002", "serving", 2), ("A001", "called", 1)]
    calls = [
        {**ticket(number, status=status), "at": f"2026-11-23T01:00:0{second}Z"} for number, status, second in shown
    ]
    made = Announcer(["zh-CN"]).from_events({**BOARD, "calls": calls}, [], LAYOUT)
    assert [call.number for call in made] == ["A001", "A003"]
