"""The parts of a replay that need no server: the day's file, its layout, the agenda, the checks."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bench import made_day
from hall.settings import Settings
from server.commands.agenda import Agenda, HallTime
from server.commands.checking import Story, faults
from server.commands.dayfile import BadDay, layout_of_day, read_day
from server.commands.playing import Tally
from server.commands.stage import choose_seats

HEAD = "date,class,priority,arrive_s,queue_s,outcome,start_s,end_s,window\n"
DAY = (
    "2026-11-23,SI,0,3600,30,AGENT,3630,3700,W02\n"
    "2026-11-23,TX,2,3610,0,AGENT,3610,3900,W01\n"
    "2026-11-23,SI,0,3620,100,HANG,,,\n"
    "2026-11-23,SI,0,3650,80,AGENT,3730,3790,W02\n"
    "2026-11-24,SI,0,10,0,AGENT,10,20,W09\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "day.csv"
    path.write_text(HEAD + DAY, encoding="utf-8")
    return path


def test_a_day_knows_its_arrivals_its_leavers_and_each_windows_services(file: Path) -> None:
    day = read_day(file)
    assert [(one.kind, one.at, one.leaves_at, one.priority) for one in day.arrivals] == [
        ("SI", 3600, None, False),
        ("TX", 3610, None, True),
        ("SI", 3620, 3720, False),
        ("SI", 3650, None, False),
    ]
    second = day.windows[1]
    assert (second.name, second.kinds, second.opens, second.closes) == ("W02", ("SI",), 3630, 3790)
    assert second.services == (70, 60)
    assert day.kinds == ["SI", "TX"]


def test_another_day_of_the_file_is_played_when_named(file: Path) -> None:
    assert len(read_day(file, "2026-11-24").arrivals) == 1
    with pytest.raises(BadDay, match="2026-11-23 to 2026-11-24"):
        read_day(file, "2026-12-01")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "missing columns"),
        (HEAD, "no arrivals"),
        (HEAD + "2026-11-23,SI,0,soon,0,AGENT,1,2,W1\n", "line 2: arrive_s = 'soon'"),
        (HEAD + "2026-11-23,SI,0,5,0,HANG,,,\n", "nobody was served"),
    ],
)
def test_a_file_that_cannot_be_played_says_why(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(BadDay, match=told):
        read_day(path)


def test_the_layout_of_a_day_holds_its_lines_and_windows(file: Path) -> None:
    hall = Settings.model_validate(layout_of_day(read_day(file))).halls[0]
    assert [(line.id, line.prefix) for line in hall.lines] == [("line-si", "A"), ("line-tx", "B")]
    assert [(window.id, window.name, window.lines) for window in hall.windows] == [
        ("w01", "1", {"line-tx": 1}),
        ("w02", "2", {"line-si": 1}),
    ]


def test_the_made_day_in_the_repository_is_what_its_recipe_makes(tmp_path: Path) -> None:
    kept = made_day.FILE.read_bytes()
    made_day.write(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == kept
    assert 120 <= len(read_day(made_day.FILE).arrivals) <= 200


def test_a_running_halls_closed_windows_are_chosen_by_the_lines_they_share(file: Path) -> None:
    def window(key: str, *lines: str) -> dict[str, Any]:
        return {"id": key, "lines": [{"id": line, "rank": 1} for line in lines]}

    free = [window("w1", "x"), window("w2", "tax"), window("w3", "social", "tax")]
    day = read_day(file)
    seats = choose_seats(day, {"SI": "social", "TX": "tax"}, free)
    assert [(seat.window, seat.day.name) for seat in seats] == [("w2", "W01"), ("w3", "W02")]
    # With one window less its line is still served, by whichever day is busiest.
    seats = choose_seats(day, {"SI": "social", "TX": "tax"}, [window("w4", "social"), window("w5", "tax")])
    assert {seat.window for seat in seats} == {"w4", "w5"}


def test_acts_are_played_in_order_of_their_second_and_may_add_acts() -> None:
    played: list[str] = []
    agenda = Agenda(HallTime(1000, speed=1000), threads=1)
    agenda.at(1300, lambda: played.append("later"))
    agenda.at(1100, lambda: (played.append("first"), agenda.at(1200, lambda: played.append("added"))))  # type: ignore[func-returns-value,arg-type]
    begun = time.monotonic()
    agenda.play()
    assert played == ["first", "added", "later"]
    assert time.monotonic() - begun >= 0.3
    assert len(agenda.lags) == 3


def test_slow_acts_do_not_hold_up_others() -> None:
    together = threading.Barrier(8, timeout=30)
    agenda = Agenda(HallTime(0, speed=1), threads=8)
    for _ in range(8):
        agenda.at(0, together.wait)  # type: ignore[arg-type]
    agenda.play()


def test_an_act_that_breaks_ends_the_play() -> None:
    agenda = Agenda(HallTime(0, speed=1))
    agenda.at(0, lambda: 1 // 0)  # type: ignore[arg-type,return-value]
    agenda.at(3600, lambda: None)
    with pytest.raises(ZeroDivisionError):
        agenda.play()


def board(seq: int, **more: Any) -> dict[str, Any]:
    empty = {"calls": [], "missed": [], "windows": [], "waiting": {}}
    return {"epoch": "e", "seq": seq, "at": "", "day": "2026-11-23", **empty, **more}


def event(seq: int, kind: str, ticket: str, status: str, number: str = "A001") -> dict[str, Any]:
    body = {"id": ticket, "number": number, "line": "a", "status": status, "window": None, "calls": 0}
    body |= {"called_at": None, "first_called_at": None, "language": "zh-CN"}
    return {"v": 1, "epoch": "e", "hall": "h", "seq": seq, "at": "", "type": kind, "ticket": body, "data": {}}


def test_a_number_given_twice_a_lost_visitor_and_a_false_board_are_found() -> None:
    story = Story(board(0))
    for told in (
        event(1, "ticket.issued", "t1", "waiting"),
        event(2, "ticket.issued", "t2", "waiting"),
        event(3, "ticket.cancelled", "t2", "cancelled"),
        event(5, "ticket.issued", "t3", "waiting", "A002"),
    ):
        story.take(told)
    tally = Tally(issued={"t1": {}, "t2": {}, "t9": {}}, completed=["t2"])
    found = "\n".join(faults(story, board(5, waiting={"a": 1}), tally, alone=True))
    assert "number A001 of 2026-11-23 was given 2 times" in found
    assert "after seq 3 the journal has 5" in found
    assert "1 tickets answered as issued are not in the journal, the first t9" in found
    assert "1 tickets never ended, the first t1" in found
    assert "1 tickets answered as completed are not, the first t2" in found
    assert "board: waiting differs" in found


def test_a_clean_story_has_no_faults() -> None:
    story = Story(board(0))
    story.take(event(1, "ticket.issued", "t1", "waiting"))
    story.take(event(2, "ticket.completed", "t1", "completed"))
    assert faults(story, board(2), Tally(issued={"t1": {}}, completed=["t1"]), alone=True) == []
