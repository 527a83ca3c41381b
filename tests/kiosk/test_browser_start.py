"""The kiosk's browser as deploy/ starts it: the page comes up, and comes back when the browser dies or hangs."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from server.commands.processes import Child, room
from tests.browser import chromium
from tests.kiosk.conftest import StartKiosk
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.rig import Rig, wait_for
from tests.parts import ROOT, free_port

DEPLOY = ROOT / "deploy"
UNITS = ("hallcall-kiosk.service", "hallcall-kiosk-browser.service")

pytestmark = pytest.mark.browser


@pytest.fixture
def kiosk(start_kiosk: StartKiosk) -> Rig:
    return start_kiosk()


@pytest.fixture
def shown(kiosk: Rig, tmp_path: Path) -> Iterator[Child]:
    folder = tmp_path / "run"
    folder.mkdir()
    program, arguments = chromium()
    environment = {
        "HALLCALL_KIOSK_PAGE": f"{kiosk.url}/",
        "HALLCALL_BROWSER": program,
        "HALLCALL_BROWSER_FLAGS": " ".join(["--headless=new", "--disable-dev-shm-usage", *arguments]),
        "HALLCALL_SILENCE": "12",
        "RUNTIME_DIRECTORY": str(folder),
    }
    child = Child("browser", [str(DEPLOY / "kiosk-browser")], tmp_path / "shown.log", environment)
    yield child.start()
    child.kill()


def page_lives(kiosk: Rig) -> bool:
    return requests.get(f"{kiosk.url}/local/alive", params={"within": 3}, timeout=30).ok


def pid_of(shown: Child) -> int:
    return int((shown.log.parent / "run" / "browser.pid").read_text() or 0)


def test_the_page_opens_and_comes_back_after_the_browser_died_or_hung(kiosk: Rig, shown: Child) -> None:
    wait_for(lambda: page_lives(kiosk), 60)
    first = pid_of(shown)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: pid_of(shown) != first, 40)
    wait_for(lambda: page_lives(kiosk), 60)
    second = pid_of(shown)
    for hung in [second, *children_of(second)]:
        with contextlib.suppress(ProcessLookupError):  # one of its many may end by itself
            os.kill(hung, signal.SIGSTOP)
    wait_for(lambda: pid_of(shown) != second, 60)
    wait_for(lambda: page_lives(kiosk), 60)
    said = shown.said()
    assert "The browser has ended" in said and "has not been heard" in said
    # Chromium says so when a flag is none.
    assert not re.search(r"(?i)unknown (flag|option)|unrecognized", said)


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
    return [one for child in map(int, found) for one in (child, *children_of(child))]


def test_told_to_end_it_takes_its_browser_along(kiosk: Rig, shown: Child) -> None:
    wait_for(lambda: page_lives(kiosk), 60)
    own = pid_of(shown)
    os.kill(shown.pid, signal.SIGTERM)
    wait_for(lambda: not shown.alive, 40)
    wait_for(lambda: not Path(f"/proc/{own}").exists(), 40)


def test_the_page_is_alive_only_while_it_asks(kiosk: Rig) -> None:
    url = f"{kiosk.url}/local/alive"
    assert (requests.get(url, timeout=30).status_code, requests.get(url, timeout=30).json()["age_seconds"]) == (
        503,
        None,
    )
    kiosk.catalogue()
    assert requests.get(url, timeout=30).ok
    wait_for(lambda: requests.get(url, params={"within": 0.05}, timeout=30).status_code == 503)


def test_the_program_tells_systemd_that_it_is_ready_and_goes_on_telling(server: FakeServer, tmp_path: Path) -> None:
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.settimeout(40)
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
    arguments = ["--server", server.url, "--token", "kiosk-token", "--port", str(free_port())]
    arguments += ["--printer", f"file:{tmp_path / 'paper'}", "--data-dir", str(tmp_path / "kiosk")]
    child = Child("kiosk", room("kiosk.cli", *arguments), tmp_path / "kiosk.log", environment, ROOT).start()
    try:
        assert told.recv(100) == b"READY=1\nWATCHDOG=1"
        assert [told.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
        os.kill(child.pid, signal.SIGSTOP)  # a program that hangs says no more, and systemd ends it
        told.settimeout(1.5)
        with pytest.raises(TimeoutError):
            while told.recv(100):
                pass
    finally:
        child.kill()
        told.close()


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong_with_the_units(unit: str, tmp_path: Path) -> None:
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    assert "Restart=always" in text and "WatchdogSec=" in text
    if not shutil.which("systemd-analyze"):
        return  # said of the text alone
    for name in UNITS:  # the programs stand elsewhere on a kiosk
        there = re.sub(
            r"^ExecStart=\S+", "ExecStart=/bin/true", (DEPLOY / name).read_text(encoding="utf-8"), flags=re.M
        )
        (tmp_path / name).write_text(there, encoding="utf-8")
    found = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit)], capture_output=True, text=True, timeout=60,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    complaints = [one for one in found.stderr.splitlines() if unit in one]
    assert complaints == []


def test_the_policies_let_the_browser_show_the_page_alone() -> None:
    policies = json.loads((DEPLOY / "kiosk-policies.json").read_text(encoding="utf-8"))
    assert (policies["URLBlocklist"], policies["URLAllowlist"]) == (["*"], ["http://127.0.0.1:8100/"])
    assert policies["DeveloperToolsAvailability"] == 2


def test_the_script_is_sound_bash() -> None:
    checked = subprocess.run(["bash", "-n", str(DEPLOY / "kiosk-browser")], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "") and os.access(DEPLOY / "kiosk-browser", os.X_OK)
