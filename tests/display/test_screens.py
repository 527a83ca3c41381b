"""What a display client knows of its pages: painted, behind, frozen or gone; what it may show between calls."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from display.relay import Relay
from display.screens import Screens
from hall.devices.display import Display as Settings
from hall.health import Condition

BOARD = {"epoch": "one", "seq": 7, "calls": []}


class Clock:
    now = 1000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def made(clock: Clock) -> Callable[..., Screens]:
    def make(**settings: Any) -> Screens:
        relay = Relay(lambda message, data, page: None)
        relay.take_board(BOARD, [])
        return Screens(Settings(id="d", name="D", **settings), relay, lambda: clock.now)

    return make


def report(seq: int = 7, **more: Any) -> dict[str, Any]:
    return {"page": "board", "epoch": "one", "seq": seq, "legible_metres": 14.1, "digit_px": 110, **more}


def only(found: Screens) -> Condition:
    (condition,) = found.conditions()
    return condition


def test_a_page_that_painted_the_boards_seq_is_well_and_says_its_legible_distance(made: Any) -> None:
    found = made()
    found.painted("p1", report())
    assert (only(found).state, only(found).facts["legible_metres"], only(found).facts["seq"]) == ("ok", 14.1, 7)
    assert found.reports()[0]["seq"] == 7


def test_a_page_behind_for_long_is_named_and_well_again_when_it_has_caught_up(made: Any, clock: Clock) -> None:
    found = made()
    found.painted("p1", report(6))
    assert only(found).state == "ok", "it has just come"
    clock.now += 11
    assert only(found).code == "behind"
    found.painted("p1", report(7, epoch="another"))
    assert only(found).code == "behind"
    found.painted("p1", report())
    assert only(found).state == "ok"


def test_a_page_that_stopped_painting_is_frozen(made: Any, clock: Clock) -> None:
    found = made()
    found.painted("p1", report())
    clock.now += 21
    assert only(found).code == "frozen"


def test_a_screen_without_a_page_is_a_fault_but_a_loudspeaker_needs_none(made: Any, clock: Clock) -> None:
    silent, loud = made(), made(speaks=True)
    assert only(silent).state == "unknown", "a browser takes its time to start"
    clock.now += 61
    assert (only(silent).code, only(loud).code) == ("no_page", "")
    loud.painted("p1", report())
    loud.gone("p1")
    clock.now += 61
    assert only(loud).code == "no_page"


@pytest.mark.parametrize("rubbish", [None, 7, "board", {}, {"page": "elsewhere", "seq": 7}])
def test_rubbish_from_a_page_is_no_page(made: Any, rubbish: Any) -> None:
    found = made()
    found.painted("p1", rubbish)
    assert found.reports() == []


def test_only_pictures_and_films_of_the_folder_are_offered(made: Any, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    for name in ("b.MP4", "a.png", "notes.txt", ".hidden.png"):
        (folder / name).write_bytes(b"x")
    (tmp_path / "secret.png").write_bytes(b"x")
    found = made(media=folder)
    assert found.media() == [{"name": "a.png", "kind": "picture"}, {"name": "b.MP4", "kind": "film"}]
    assert found.medium("a.png") == (folder / "a.png").resolve()
    assert found.medium("../secret.png") is None and found.medium("notes.txt") is None
    assert made(media=tmp_path / "gone").media() == [], "a folder that is not there stops nothing"
