"""hallcall-caller over a real pseudo-terminal against the real server."""

import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.parts import ROOT, ServerProcess

pytestmark = pytest.mark.xdist_group("terminal")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>()][0-9A-Za-z]?")
HOME = "\x1b[H"
"""What the terminal is sent before each whole picture."""


class Terminal:
    """hallcall-caller in a terminal of its own: keys in, the last picture out."""

    def __init__(self, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40", "NO_COLOR": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "caller.cli", *arguments],
            stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self._sent = ""

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def read(self, seconds: float) -> str:
        """The newest picture, after what came within some time."""
        if select.select([self.master], [], [], seconds)[0]:
            with contextlib.suppress(OSError):  # the program ended
                self._sent += os.read(self.master, 65536).decode(errors="ignore")
        return ANSI.sub("", self._sent.rpartition(HOME)[2] or self._sent)

    def wait_for(self, pattern: str, seconds: float = 40) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            shown = self.read(0.2)
            if re.search(pattern, shown):
                return shown
        raise AssertionError(f"{pattern!r} was not shown within {seconds} s; the screen:\n{self.read(0)}")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


class TrialHall:
    def __init__(self, folder: Path) -> None:
        self.server = ServerProcess(folder, clock="2026-11-23T09:00:00+08:00@1").start()
        self.kiosk = self.server.token("kiosk", name="kiosk-1")
        self.clerk = self.server.token("clerk", window="w3", name="3021")
        self.free_clerk = self.server.token("clerk", name="3007")

    def ask(self, method: str, path: str, token: str | None = None, **body: Any) -> Any:
        url = f"{self.server.url}/api/v1/halls/binjiang/{path}"
        headers = {"Authorization": f"Bearer {token or self.clerk}"}
        answer = requests.request(method, url, json=body or None, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def issue(self, count: int) -> list[str]:
        asked = [self.ask("POST", "tickets", self.kiosk, line="social") for _ in range(count)]
        return [one["ticket"]["number"] for one in asked]

    def status(self, number: str) -> str:
        return str(self.ask("GET", f"tickets?number={number}")["tickets"][0]["status"])


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    started = TrialHall(tmp_path_factory.mktemp("hall"))
    yield started
    started.server.stop()


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for one in opened:
        one.close()


def test_a_whole_job_by_single_keys_and_over_a_killed_server(hall: TrialHall, terminals: list[Terminal]) -> None:
    first, second, third, fourth, fifth = hall.issue(5)
    clerk = Terminal("--server", hall.server.url, "--token", hall.clerk)
    terminals.append(clerk)
    clerk.wait_for(r"3 号窗口.*未开放")
    clerk.wait_for("等我办理的 5 人")
    clerk.press("o")
    clerk.wait_for("服务中")
    clerk.press("n")
    clerk.wait_for(f"{first}.*已叫 1 次")
    clerk.press("n")  # within two seconds: it would ask, never call
    clerk.wait_for(f"{first} 是否已办完")
    clerk.press("\x1b")
    clerk.wait_for("R] 重呼")
    clerk.press("r")
    clerk.wait_for(f"{first}.*已叫 2 次")
    clerk.press("a")
    clerk.wait_for(f"{first}.*办理中")
    time.sleep(2)
    clerk.press("nn")  # a double press calls one
    clerk.wait_for(f"{second}.*已叫 1 次")
    assert hall.status(first) == "completed" and hall.status(third) == "waiting"
    clerk.wait_for(f"{second} 是否已办完")
    clerk.press("\x1b")
    clerk.press("m")
    clerk.wait_for(rf"{second} 还差 \d+ 秒")
    clerk.press("\r")
    clerk.wait_for("窗口空闲")
    assert hall.status(second) == "no_show"

    hall.server.kill()
    clerk.wait_for(rf"(?s)09:\d\d 的名单，网络恢复前请按此人工叫号.*{third}.*{fourth}.*{fifth}")
    hall.server.start()
    clerk.wait_for("● 服务中")

    clerk.press("c")
    clerk.wait_for("号码：")
    clerk.press(f"{fifth.lower()}\r")
    clerk.wait_for(f"为什么先叫 {fifth}")
    clerk.press("2")
    clerk.wait_for(f"{fifth}.*已叫 1 次")
    clerk.press("p4")
    clerk.wait_for("办完后暂停")
    clerk.press("f")
    clerk.wait_for("暂停服务，13:30 恢复")
    clerk.press("q")
    assert clerk.process.wait(60) == 0


def test_the_rarer_moves_by_single_keys(hall: TrialHall, terminals: list[Terminal]) -> None:
    token = hall.server.token("clerk", window="w6", name="3006")
    first, second, third = [hall.ask("POST", "tickets", hall.kiosk, line="fund")["ticket"]["number"] for _ in range(3)]
    clerk = Terminal("--server", hall.server.url, "--token", token)
    terminals.append(clerk)
    clerk.wait_for(r"6 号窗口.*未开放")
    clerk.press("o")
    clerk.wait_for("服务中")
    clerk.press("n")
    clerk.wait_for(f"{first}.*已叫 1 次")
    clerk.wait_for(r"\[Z\] 撤销 \d+ 秒")
    clerk.press("z")
    clerk.wait_for("已撤销")
    assert hall.status(first) == "waiting"
    time.sleep(2)  # a second Next within two seconds is ignored
    clerk.press("n")
    clerk.wait_for(f"{first}.*已叫 1 次")
    clerk.press("a")
    clerk.wait_for(f"{first}.*办理中")
    clerk.press("h1\r")
    clerk.wait_for("我挂起的 1 人")
    clerk.wait_for(f"{first} +补充材料")
    clerk.press("b")
    clerk.wait_for(f"{first}.*办理中")
    clerk.press("v")
    clerk.wait_for("改办哪一项")
    clerk.press("gjj")
    clerk.wait_for("▶ .*公积金")
    clerk.press("\r")
    clerk.wait_for(f"{first} 已改业务")
    clerk.press("d1")
    clerk.wait_for(f"{first} 已结束办理")
    ended = hall.ask("GET", f"tickets?number={first}")["tickets"][0]
    assert (ended["status"], ended["outcome"]) == ("completed", "accepted")

    time.sleep(2)
    clerk.press("n")
    clerk.wait_for(f"{second}.*已叫 1 次")
    clerk.press("t")
    clerk.wait_for(f"{second} 转到哪里")
    clerk.press("综合")
    clerk.wait_for("▶ 综合受理 · 等候 0 人")
    clerk.press("\rn")
    clerk.wait_for("备注（只有工作人员能看到）：")
    clerk.press("缺照片\r")
    clerk.wait_for("转到“综合受理”")
    clerk.press("b")
    clerk.wait_for(f"{second} 已转走")
    sent = hall.ask("GET", f"tickets?number={second}")["tickets"][0]
    assert (sent["line"], sent["note"], sent["route"][0]["window"]) == ("general", "缺照片", "w6")
    clerk.press("w")
    clerk.wait_for("没有号，办什么")
    clerk.press("\x1b[B\r")
    clerk.wait_for("D001.*办理中")
    assert hall.status(third) == "waiting"
    clerk.press("f")
    clerk.wait_for("窗口空闲")


def test_a_window_in_use_is_taken_over_only_after_a_yes(hall: TrialHall, terminals: list[Terminal]) -> None:
    hall.ask("POST", "windows/w3/open", take_over=True)
    asked = ("--server", hall.server.url, "--token", hall.free_clerk, "--window", "3", "--language", "en")
    no = Terminal(*asked)
    terminals.append(no)
    no.wait_for("Window 3 is used by 3021")
    no.press("n\n")
    assert no.process.wait(60) != 0
    yes = Terminal(*asked)
    terminals.append(yes)
    yes.wait_for("Window 3 is used by 3021")
    yes.press("y\n")
    yes.wait_for(r"Window 3.*● Open")
    windows = hall.ask("GET", "windows")["windows"]
    assert next(one["clerk"] for one in windows if one["id"] == "w3") == "3007"


def test_an_unknown_window_and_a_wrong_token_end_with_words(hall: TrialHall, terminals: list[Terminal]) -> None:
    lost = Terminal("--server", hall.server.url, "--token", hall.free_clerk, "--window", "99")
    wrong = Terminal("--server", hall.server.url, "--token", "nonsense")
    terminals.extend([lost, wrong])
    assert "没有 99 号窗口" in lost.wait_for("99 号窗口")
    assert lost.process.wait(60) == 1
    wrong.wait_for("Error: .+")
    assert wrong.process.wait(60) == 1


def test_without_a_terminal_it_says_so(hall: TrialHall) -> None:
    command = [sys.executable, "-m", "caller.cli", "--token", hall.clerk]
    ran = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1 and "需要在终端里使用" in ran.stderr
