"""A keypad over a real pseudo-terminal against the real server: whole days, outages, unplugging."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from caller.pads.agent import PadAgent
from hall.devices.pad import Pad
from hall.link import Link
from tests.caller.pad_simulators import SerialPadSimulator
from tests.kiosk.rig import wait_for
from tests.parts import ROOT, ServerProcess

pytestmark = pytest.mark.xdist_group("pads")


class Clock:
    """The pad's own, which can be put ahead: a clerk who takes her time."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


class Clerk:
    """Someone with nothing but a pad: presses counted, each after a while."""

    def __init__(
        self, server: ServerProcess, folder: Path, window: str, patience_seconds: float = 15, **settings: Any
    ) -> None:
        self.pad = SerialPadSimulator(folder / f"pad-{window}")
        self.clock = Clock()
        self.words: list[str] = []
        token = server.token("clerk", window=window, name=f"pad-{window}")
        wanted = Pad(id=window, name=window, window=window, address=str(self.pad.path), **settings)
        self.agent = PadAgent(
            wanted, Link(server.url, token, timeout=patience_seconds), "en", self.words.append, self.clock
        )
        self.agent.start()
        self.presses = 0

    def press(self, key: str) -> str:
        """The beep it was answered with."""
        before = len(self.pad.beeps())
        self.clock.ahead += 3
        self.pad.press(key)
        self.presses += 1
        return self.pad.wait_for_beep(before)

    def stop(self) -> None:
        self.agent.stop()
        self.pad.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Its clock runs fast: 90 seconds pass in nine."""
    with ServerProcess(tmp_path_factory.mktemp("hall"), clock="2026-11-23T09:00:00+08:00@10") as running:
        yield running


@pytest.fixture(scope="module")
def kiosk(server: ServerProcess) -> Link:
    return Link(server.url, server.token("kiosk"))


@pytest.fixture(scope="module")
def desk(server: ServerProcess) -> Link:
    return Link(server.url, server.token("desk"))


StartClerk = Callable[..., Clerk]


@pytest.fixture
def clerk_at(server: ServerProcess, tmp_path: Path) -> Iterator[StartClerk]:
    running: list[Clerk] = []

    def start(window: str, **settings: Any) -> Clerk:
        running.append(Clerk(server, tmp_path, window, **settings))
        return running[-1]

    yield start
    for one in running:
        one.stop()


def issue(kiosk: Link, line: str, count: int) -> list[str]:
    return [str(kiosk.post("tickets", line=line)["ticket"]["number"]) for _ in range(count)]


def status(desk: Link, number: str) -> str:
    return str(desk.get("tickets", number=number)["tickets"][0]["status"])


def window(desk: Link, key: str) -> dict[str, Any]:
    return next(one for one in desk.get("windows")["windows"] if one["id"] == key)


def wait_until_missed(desk: Link, key: str) -> None:
    """The hall's rule: 90 seconds since the first call."""
    first = datetime.fromisoformat(window(desk, key)["ticket"]["first_called_at"])
    wait_for(lambda: (datetime.fromisoformat(desk.get("catalogue")["at"]) - first).total_seconds() > 91)


def test_a_whole_day_of_a_clerk_by_four_keys(clerk_at: StartClerk, kiosk: Link, desk: Link) -> None:
    numbers = issue(kiosk, "passport", 12)
    clerk = clerk_at("w13", next_on_called="completed")
    clerk.pad.wait_for("S", "C")
    clerk.pad.wait_for("W", "12")
    for place, number in enumerate(numbers, 1):
        assert clerk.press("F1") == "B1"
        clerk.pad.wait_for("N", number)
        clerk.pad.wait_for("W", str(12 - place))
        if place == 4:
            nobody_comes(clerk, desk)
        if place == 8:  # a break once this visitor is done, by the only window for passports: asked once
            assert (clerk.press("F4"), clerk.press("F4")) == ("B3", "B1")
            assert clerk.press("F1") == "B1"
            clerk.pad.wait_for("S", "P")
    assert clerk.press("F1") == "B1"  # the last visitor goes
    clerk.pad.wait_for("N", "")
    assert (clerk.press("F4"), clerk.press("F4")) == ("B3", "B1")
    clerk.pad.wait_for("S", "P")
    assert [status(desk, number) for number in numbers] == ["completed"] * 3 + ["no_show"] + ["completed"] * 8
    # 12 calls, 3 keys for whom nobody saw, 3 for the break, 3 for the evening.
    assert clerk.presses == 21
    assert clerk.agent.test()["presses"] == 21


def nobody_comes(clerk: Clerk, desk: Link) -> None:
    """Too early, called again, and after the hall's time it counts."""
    assert clerk.press("F3") == "B2"
    wait_for(lambda: clerk.pad.shows("M").endswith("s"))
    assert clerk.press("F2") == "B1"
    wait_until_missed(desk, "w13")
    assert clerk.press("F3") == "B1"
    clerk.pad.wait_for("N", "")


def test_asked_next_waits_for_a_second_press_and_a_double_press_calls_one(
    clerk_at: StartClerk, kiosk: Link, desk: Link
) -> None:
    first, second, third = issue(kiosk, "property", 3)
    clerk = clerk_at("w9")
    clerk.pad.wait_for("W", "3")
    clerk.clock.ahead += 3
    clerk.pad.press("F1", "F1", "F1")  # an impatient finger
    clerk.pad.wait_for("N", first)
    clerk.pad.wait_for("W", "2")
    assert clerk.press("F1") == "B3"
    clerk.pad.wait_for("M", f"{first}?")
    assert clerk.press("F1") == "B1"
    clerk.pad.wait_for("N", second)
    assert clerk.press("F1") == "B3"
    assert clerk.press("F3") == "B1"
    clerk.pad.wait_for("N", third)
    assert [status(desk, one) for one in (first, second, third)] == ["completed", "no_show", "called"]
    assert clerk.press("F9") == "B2" and clerk.words[-1].startswith("F9  The settings give this key no meaning")


def test_a_number_is_called_by_its_figures(clerk_at: StartClerk, kiosk: Link, desk: Link) -> None:
    numbers = issue(kiosk, "construction", 3)
    clerk = clerk_at("w16")
    clerk.pad.wait_for("W", "3")
    for key in numbers[-1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").lstrip("0"):
        clerk.pad.press(key)
    clerk.pad.wait_for("M", f"{int(numbers[-1][1:])}_")
    assert clerk.press("E") == "B1"
    clerk.pad.wait_for("N", numbers[-1])
    clerk.pad.press("9", "9")
    clerk.pad.wait_for("M", "99_")
    clerk.pad.press("D", "D")
    clerk.pad.wait_for("M", "")
    clerk.pad.press("9")
    assert clerk.press("E") == "B2"
    clerk.pad.wait_for("M", "pad_no_number")
    assert window(desk, "w16")["ticket"]["number"] == numbers[-1]


def test_over_an_outage_presses_are_refused_at_once_and_never_made_up_for(
    server: ServerProcess, clerk_at: StartClerk, kiosk: Link, desk: Link
) -> None:
    first, second = issue(kiosk, "tax", 2)
    clerk = clerk_at("w11", next_on_called="completed")
    clerk.pad.wait_for("W", "2")
    clerk.press("F1")
    clerk.pad.wait_for("N", first)
    server.kill()
    assert [clerk.press("F1") for _ in range(4)] == ["B2"] * 4
    clerk.pad.wait_for("S", "X")
    assert clerk.agent.conditions()[1].code == "down"
    server.start()
    clerk.pad.wait_for("S", "O")
    assert clerk.pad.shows("N") == first and status(desk, second) == "waiting"
    assert clerk.agent.conditions()[1].state == "ok"
    assert clerk.press("F1") == "B1"
    clerk.pad.wait_for("N", second)


def test_what_is_pressed_while_the_server_hangs_is_dropped_and_not_done_later(
    server: ServerProcess, clerk_at: StartClerk, kiosk: Link, desk: Link
) -> None:
    numbers = issue(kiosk, "utilities", 4)
    clerk = clerk_at("w7", patience_seconds=2, next_on_called="completed")
    clerk.pad.wait_for("W", "4")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        before = len(clerk.pad.beeps())
        for _ in range(3):
            clerk.clock.ahead += 3
            clerk.pad.press("F1")
        wait_for(lambda: clerk.pad.beeps()[before:] == ["B2"] * 3)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    wait_for(lambda: clerk.pad.shows("S") in ("O", "C"))
    # Only what was on its way when the server hung may still be done.
    assert status(desk, numbers[0]) in ("waiting", "called")
    assert [status(desk, one) for one in numbers[1:]] == ["waiting"] * 3


def test_a_pad_comes_first_is_pulled_out_and_comes_back_with_all_it_showed(
    server: ServerProcess, clerk_at: StartClerk, kiosk: Link
) -> None:
    issue(kiosk, "civil", 2)
    server.kill()
    clerk = clerk_at("w8")
    clerk.pad.wait_for("M", "no_server")
    assert clerk.press("F1") == "B2"
    server.start()
    clerk.pad.wait_for("W", "2")
    clerk.pad.unplug()
    wait_for(lambda: clerk.agent.conditions()[0].code == "unplugged")
    clerk.pad.lines.clear()
    clerk.pad.plug_in()
    clerk.pad.wait_for("W", "2")
    wait_for(lambda: clerk.agent.conditions()[0].state == "ok")
    clerk.pad.lines.clear()
    clerk.pad.send(b"?\n")
    clerk.pad.wait_for("S", "C")
    assert clerk.agent.conditions()[0].facts["last_read_at"]
    clerk.pad.send(b"\xff\xfe\x00\n" * 3)
    wait_for(lambda: clerk.agent.conditions()[0].code == "rubbish")
    assert clerk.press("F1") == "B1"
    assert clerk.agent.conditions()[0].state == "ok"


def test_the_command_serves_a_pad_of_the_settings_and_names_what_is_wrong(
    server: ServerProcess, kiosk: Link, tmp_path: Path
) -> None:
    (number,) = issue(kiosk, "collect", 1)
    pad = SerialPadSimulator(tmp_path / "pad")
    config = tmp_path / "config.yaml"
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    line = f"    - {{id: pad-10, name: Pad 10, window: w10, address: {pad.path}}}\n"
    config.write_text(text.replace("devices:\n", f"devices:\n  pads:\n{line}", 1), encoding="utf-8")
    command = [sys.executable, "-m", "caller.cli", "pad", "--config", str(config), "--window", "w10"]
    command += ["--server", server.url, "--language", "en", "--token", server.token("clerk", window="w10")]
    with (tmp_path / "said").open("w+") as said:
        running = subprocess.Popen(command, stdout=said, stderr=said, cwd=ROOT)
        try:
            pad.wait_for("W", "1")
            pad.press("F1")
            pad.wait_for("N", number)
            pad.unplug()
            wait_for(lambda: "The keypad was unplugged. Plug it in again" in (tmp_path / "said").read_text())
        finally:
            running.terminate()
            assert running.wait(30) == 0
    assert f"F1 next  {number} called" in (tmp_path / "said").read_text()
