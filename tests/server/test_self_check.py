"""The check before opening: red with a remedy for whatever does not work, green only once all of it was proved."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hall.devices import Devices
from hall.health import Condition, State
from hall.heartbeat import Outcome
from hall.texts import languages
from server.backups import note_last, write_backup
from server.devices.self_check import Line, SelfCheck, device_lines
from server.devices.states import Device, Moment
from tests.server.check_rig import BOARDS, HEARD, KIOSK, SPEAKER, Hall
from tests.server.trial import Trial


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    started = Hall(tmp_path_factory.mktemp("checked"))
    yield started
    started.stop()


def test_an_operator_works_the_list_down_until_it_is_green(hall: Hall) -> None:
    """The morning of an IT operator: nothing is there, then all of it, then a roll of paper and a loudspeaker fail."""
    red = hall.typed("self-check", "--server", hall.url)
    assert red.returncode == 1 and "还不能开馆" in red.stdout, red.stderr
    for device in (KIOSK, *BOARDS, SPEAKER):
        assert device in red.stdout
    assert "在设备页登记" in red.stdout and "hallcall-backup.timer" in red.stdout

    hall.enrol_all()
    assert hall.typed("backup").returncode == 0
    green = hall.typed("self-check", "--server", hall.url, "--language", "en")
    assert green.returncode == 0, green.stdout + green.stderr
    assert "Ready to open" in green.stdout and "played to its end, 3.2 s" in green.stdout
    assert "Shows event" in green.stdout and "proved" in green.stdout

    hall.devices[KIOSK].conditions = [Condition("printer", "fault", "paper_out")]
    hall.devices[SPEAKER].tests["announcement"] = Outcome(False, "no sound card")
    hall.until(lambda: hall.lines()["printer", KIOSK]["state"] == "fault")
    again = hall.typed("self-check", "--server", hall.url, "--language", "en")
    assert again.returncode == 1
    for words in ("out of paper", "put in a new roll", "The test was not heard", "no sound card", "(2)"):
        assert words in again.stdout

    hall.devices[KIOSK].conditions = [Condition("printer", "warning", "near_end")]
    hall.devices[SPEAKER].tests["announcement"] = HEARD
    hall.until(lambda: hall.lines()["printer", KIOSK]["state"] == "warning")
    seq = hall.admin.post("self-check")["seq"]
    near = hall.until(lambda: (now := hall.admin.get("self-check", seq=seq))["green"] and now)
    assert "Have a new roll ready and change it soon." in [line["remedy"] for line in near["lines"]]


def test_a_board_that_does_not_show_the_checks_event_is_not_green(hall: Hall) -> None:
    """A page that stands still, whatever its connection says."""
    (name, *_) = BOARDS
    if name not in hall.devices:
        hall.enrol_all()
    hall.until(lambda: hall.lines().get(("device", name), {}).get("state") == "ok")
    hall.devices[name].stop()
    frozen = hall.devices[name]._board()["seq"]
    seq = hall.admin.post("self-check")["seq"]
    assert frozen < seq

    def line(board: str) -> dict[str, Any]:
        lines = hall.admin.get("self-check", seq=seq)["lines"]
        return next(one for one in lines if (one["part"], one["device"]) == ("board", board))

    hall.until(lambda: line(BOARDS[1])["state"] == "ok")
    assert line(name)["state"] == "unknown" and f"has not shown event {seq}" in line(name)["said"].lower()
    assert line(name)["remedy"]


def test_without_a_server_it_says_so(tmp_path: Path, hall: Hall) -> None:
    away = hall.typed("self-check", "--server", "http://127.0.0.1:9")
    assert away.returncode == 1 and "does not answer" in away.stderr and "Traceback" not in away.stderr


def told(trial: Trial, check: SelfCheck, part: str, language: str = "en") -> list[dict[str, Any]]:
    moment = Moment(trial.clock, trial.clock.now())
    lines = trial.store.read(lambda connection: list(check.lines(connection, trial.hall, moment, None, language)))
    return [one.told(language) for one in lines if one.part == part]


@pytest.mark.parametrize("hours, code", [(1, "ok"), (25, "ok"), (27, "old")])
def test_a_backup_must_be_of_last_night(trial: Trial, tmp_path: Path, hours: int, code: str) -> None:
    check = SelfCheck(tmp_path, None)
    assert [one["code"] for one in told(trial, check, "backup")] == ["none"]
    made = trial.clock.now() - timedelta(hours=hours)
    file = tmp_path / "elsewhere.sqlite3"
    note_last(tmp_path / "backups", file, write_backup(trial.store, file, made))
    (line,) = told(trial, check, "backup")
    assert line["code"] == code and str(hours) in line["said"]
    with file.open("ab") as opened:
        opened.write(b"-")
    assert [one["code"] for one in told(trial, check, "backup")] == ["gone"]
    file.unlink()
    assert [one["code"] for one in told(trial, check, "backup")] == ["gone"]
    (tmp_path / "backups" / "last.json").write_text("{")
    assert [one["code"] for one in told(trial, check, "backup")] == ["none"]


def test_a_line_without_a_window_is_named_with_its_matters(trial: Trial, tmp_path: Path) -> None:
    assert [one["state"] for one in told(trial, SelfCheck(tmp_path, None), "layout")] == ["ok"]
    lines = [
        {"id": "tax", "name": "税务", "prefix": "A"},
        {"id": "lost", "name": {"zh-CN": "婚姻", "en": "Marriage"}, "prefix": "B"},
    ]
    matters = [{"id": "wed", "name": "结婚", "unit": "u", "category": "licence", "line": "lost"}]
    windows = [{"id": "w1", "name": "1", "zone": "a", "lines": {"tax": 1}}]
    bare = Trial.found(trial.store, trial.clock, lines=lines, matters=matters, windows=windows, guide_line=None)
    (line,) = told(bare, SelfCheck(tmp_path, None), "layout")
    assert (line["state"], line["said"]) == ("fault", 'No window serves "Marriage" (1 matters)')


def test_a_clock_in_doubt_is_red(trial: Trial, tmp_path: Path) -> None:
    check = SelfCheck(tmp_path, None)
    trial.issue()
    assert [one["state"] for one in told(trial, check, "clock")] == ["ok"]
    trial.clock.forward(minutes=-30)
    (line,) = told(trial, check, "clock")
    assert line["state"] == "fault" and "30 min behind" in line["said"] and "hallcall clock accept" in line["remedy"]


def test_what_stands_in_the_settings_and_was_never_heard_is_red(trial: Trial, tmp_path: Path) -> None:
    named = {
        "kiosks": [{"id": "kiosk-1", "name": "取号机"}],
        "displays": [{"id": "board", "name": "大屏"}],
        "pads": [{"id": "pad-1", "name": "1号叫号器", "window": "w1", "kind": "serial", "address": "/dev/ttyUSB0"}],
    }
    check = SelfCheck(tmp_path, Devices.model_validate(named))
    missing = {(one["part"], one["device"]) for part in ("device", "pad") for one in told(trial, check, part)}
    assert missing == {("device", "取号机"), ("device", "大屏"), ("pad", "1号叫号器")}


def board(state: State, code: str = "", **facts: Any) -> Condition:
    return Condition("board", state, code, "a", facts=facts)


@pytest.mark.parametrize(
    "conditions, can, found",
    [
        ([board("ok", seq=7)], [], [("ok", "ok")]),
        ([board("ok", seq=9), board("ok", seq=6)], [], [("ok", "ok"), ("unknown", "late")]),
        ([board("ok", seq=None)], [], [("unknown", "late")]),
        ([board("fault", "frozen", seq=7)], [], [("fault", "frozen")]),
        ([board("unknown", pages=0)], [], [("unknown", "no_page")]),
        ([board("unknown", pages=0)], ["announcement"], []),  # a loudspeaker without a screen
        ([], [], [("unknown", "late")]),
    ],
)
def test_each_page_of_a_display_must_show_the_checks_event(
    trial: Trial, conditions: list[Condition], can: list[str], found: list[tuple[str, str]]
) -> None:
    device = Device("t-1", trial.hall, "大屏", "display", None, "ok", conditions, can=can)
    lines = device_lines(device, Moment(trial.clock, trial.clock.now()), 7)
    assert [(one.state, one.code) for one in lines if one.part == "board"] == found


def test_a_printer_nobody_has_asked_yet_is_not_said_to_have_paper(trial: Trial) -> None:
    device = Device("t-1", trial.hall, "取号机", "kiosk", None, "ok", [Condition("printer", "unknown")])
    (line,) = (one for one in device_lines(device, Moment(trial.clock, trial.clock.now()), 7) if one.part == "printer")
    assert line.state == "unknown" and line.told("en")["said"] == "Not known yet"


@pytest.mark.parametrize("language", languages())
def test_a_condition_in_words_never_fails(language: str) -> None:
    """Whatever a device of another version says."""
    for line in (
        Line("printer", "fault", "paper_out", "取号机"),
        Line("printer", "fault", "on_fire", "取号机"),
        Line("thermometer", "warning", "cold", "取号机"),
        Line("board", "ok", "ok"),
        Line("speaker", "ok", "ok"),
    ):
        assert json.dumps(line.told(language)) and line.told(language)["said"]
