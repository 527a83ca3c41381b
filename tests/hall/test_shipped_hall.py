"""The hall that config.yaml ships is believable, and nothing in it is hardly meant."""

from collections import Counter
from pathlib import Path

import pytest

from hall.doubts import warnings
from hall.layout import Hall
from hall.settings import Settings, load_settings

SHIPPED = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(SHIPPED, {})


@pytest.fixture(scope="module")
def hall(settings: Settings) -> Hall:
    return settings.halls[0]


def changed(settings: Settings, **parts: object) -> Settings:
    """The settings with parts of their hall replaced."""
    hall = settings.halls[0].model_copy(update=parts)
    return settings.model_copy(update={"halls": [hall]})


def test_the_hall_is_as_large_as_a_city_hall(hall: Hall) -> None:
    assert len(hall.units) >= 8 and {unit.kind for unit in hall.units} == {"local", "dual", "vertical"}
    assert len(hall.matters) >= 64
    assert 12 <= len(hall.lines) <= 16
    assert [window.name for window in hall.windows] == [str(n) for n in range(1, 17)]
    assert Counter(window.zone for window in hall.windows) == {"a": 8, "b": 8}
    assert {zone.floor for zone in hall.zones} == {1, 2}


def test_one_line_has_eight_windows_and_one_a_single_window(hall: Hall) -> None:
    served = Counter(line for window in hall.windows for line in window.lines)
    assert served["general"] >= 8
    assert served["passport"] == 1


def test_every_line_is_led_to_by_a_matter(hall: Hall) -> None:
    assert {matter.line for matter in hall.matters} == {line.id for line in hall.lines}


def test_every_matter_stands_in_a_current_category(hall: Hall) -> None:
    current = next(one for one in hall.category_sets if one.id == "current")
    assert {one.id for one in hall.category_sets} == {"2011", "current"}
    assert {matter.category for matter in hall.matters} == {category.id for category in current.categories}


def test_every_name_is_in_chinese_and_english_and_stands_once(hall: Hall) -> None:
    for parts in (hall.zones, hall.units, hall.lines, hall.matters):
        names = [part.name for part in parts]
        assert all(set(name) == {"zh-CN", "en"} for name in names)
        assert len({name["zh-CN"] for name in names}) == len({name["en"] for name in names}) == len(parts)
    assert not [matter.id for matter in hall.matters if len(matter.name["en"]) > 40]


def test_eight_lines_are_common(hall: Hall) -> None:
    assert sum(line.common for line in hall.lines) == 8


def test_there_are_a_kiosk_two_boards_and_one_loudspeaker(settings: Settings) -> None:
    devices = settings.devices
    assert [kiosk.printer.address for kiosk in devices.kiosks] == ["127.0.0.1:9100"]
    assert [display.zone for display in devices.displays if not display.speaks] == ["a", "b"]
    assert [display.zone for display in devices.displays if display.speaks] == [None]


def test_the_shipped_hall_raises_no_doubt(settings: Settings) -> None:
    assert warnings(settings) == []


def test_a_line_no_window_serves_is_a_doubt_and_so_are_its_matters(settings: Settings, hall: Hall) -> None:
    windows = [window for window in hall.windows if "passport" not in window.lines]
    said = warnings(changed(settings, windows=windows))
    assert said == [
        "binjiang: no window serves line passport; matters without a window: "
        "passport, hong-kong-macao-permit, taiwan-permit"
    ]


def test_a_zone_without_windows_and_a_unit_without_matters_are_doubts(settings: Settings, hall: Hall) -> None:
    windows = [window for window in hall.windows if window.zone == "a"]
    matters = [matter for matter in hall.matters if matter.unit != "fund"]
    said = warnings(changed(settings, windows=windows, matters=matters))
    assert "binjiang: zone b has no window" in said and "binjiang: unit fund has no matter" in said


def test_hours_that_never_begin_are_a_doubt(settings: Settings) -> None:
    said = warnings(changed(settings, issuing=[], calling=[]))
    assert [line.split(",")[0] for line in said] == [
        "binjiang: issuing is empty",
        "binjiang: calling is empty",
    ]


def test_too_many_common_lines_and_no_guide_are_doubts(settings: Settings, hall: Hall) -> None:
    lines = [line.model_copy(update={"common": True}) for line in hall.lines]
    said = warnings(changed(settings, lines=lines, guide_line=None))
    assert len(said) == 2 and "guide_line is not set" in said[0] and "16 lines are common" in said[1]


def test_a_name_left_in_chinese_is_a_doubt(settings: Settings, hall: Hall) -> None:
    zones = [zone.model_copy(update={"name": {"zh-CN": "一楼"}}) for zone in hall.zones]
    assert warnings(changed(settings, zones=zones)) == ["binjiang: 2 names have no en text, the first is 一楼"]


def with_displays(settings: Settings, **parts: object) -> Settings:
    displays = [display.model_copy(update=parts) for display in settings.devices.displays]
    devices = settings.devices.model_copy(update={"displays": displays})
    return settings.model_copy(update={"devices": devices})


def test_a_hall_in_which_no_display_speaks_is_a_doubt(settings: Settings) -> None:
    said = warnings(with_displays(settings, speaks=False))
    assert said == ["devices: no display speaks, so no call is heard"]


def test_a_zone_that_no_loudspeaker_reaches_is_a_doubt(settings: Settings) -> None:
    assert warnings(with_displays(settings, speaks=True, zone="a")) == ["devices: no display speaks for zone b"]
