"""The device page in Chromium against the real server: what is wrong, tests, enrolment and revoking, by everyone."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from hall.enrolment import enrol
from hall.health import Condition
from hall.heartbeat import Heartbeat, Outcome
from hall.link import Link
from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import HALL, TrialHall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]

PAPER = Condition("printer", "fault", "paper_out", detail="DLE EOT 4: 0x7e")
CLOCK = 75.0


class DeviceHall(TrialHall):
    """A hall with a kiosk without paper, a board whose clock is fast, and a keypad that is well."""

    def __init__(self, folder: Any) -> None:
        super().__init__(folder, clock="real")
        self.admin = self.server.token("system_admin", name="9001")
        self.printed = threading.Event()
        self.devices = [
            self.device("kiosk", "一楼取号机", [PAPER], {"print": self._print}),
            self.device("display", "一楼大屏", [Condition("speaker", "ok", facts={"legible_metres": 14})], late=-CLOCK),
            self.device("caller", "3号窗口键盘", [Condition("pad", "ok")], window="w3"),
        ]
        self.enrolled("display", "二楼大屏")

    def device(
        self, role: str, name: str, conditions: list[Condition], tests: Any = None, late: float = 0, **more: Any
    ) -> Heartbeat:
        made = Heartbeat(
            self.enrolled(role, name, **more),
            lambda: conditions,
            tests,
            every_seconds=0.5,
            now=lambda: time.time() - late,
        )
        made.start()
        return made

    def enrolled(self, role: str, name: str, **more: Any) -> Link:
        made = self.ask("POST", "devices/enrolments", self.admin, role=role, name=name, **more)
        token = requests.post(f"{self.url}/api/v1/enrol", json={"code": made["code"]}, timeout=10).json()["token"]
        return Link(self.url, token, HALL)

    def _print(self) -> Outcome:
        self.printed.set()
        return Outcome(False, "paper_out")

    def stop(self) -> None:
        for device in self.devices:
            device.stop()
        self.server.stop()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceHall]:
    started = DeviceHall(tmp_path_factory.mktemp("devices"))
    yield started
    started.stop()


def opened(page: OpenPage, hall: DeviceHall, language: str = "zh-CN", width: int = 1440, token: str = "") -> Page:
    shown = page(f"{hall.url}/devices?language={language}#token={token or hall.admin}", width, 900)
    expect(shown.locator("tr.ok")).to_have_count(1)
    return shown


def row(shown: Page, name: str) -> Locator:
    return shown.locator(f"[data-device='{name}']")


def test_every_device_stands_there_the_red_ones_first_with_what_to_do(page: OpenPage, hall: DeviceHall) -> None:
    shown = opened(page, hall)
    names = shown.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.device)")
    assert set(names[:2]) == {"一楼取号机", "一楼大屏"} and names[-1] == "3号窗口键盘"
    kiosk = row(shown, "一楼取号机")
    expect(kiosk).to_contain_text("故障")
    expect(kiosk).to_contain_text("打印机缺纸")
    expect(kiosk).to_contain_text("换上新纸卷")
    expect(kiosk.locator(".paper")).to_have_text("缺纸")
    board = row(shown, "一楼大屏")
    expect(board.locator(".clock")).to_have_text("快1分钟")
    expect(board).to_contain_text("14米内看得清")
    expect(row(shown, "二楼大屏")).to_contain_text("未连接")
    expect(shown.locator(".sums .red")).to_contain_text("2")


def test_a_test_slip_is_asked_for_and_its_end_is_shown(page: OpenPage, hall: DeviceHall) -> None:
    shown = opened(page, hall)
    row(shown, "一楼取号机").get_by_role("button", name="试打小票").click()
    expect(row(shown, "一楼取号机").locator(".tested")).to_contain_text("没有成功 打印机缺纸")
    assert hall.printed.is_set()


def test_a_device_is_let_in_by_the_code_on_the_page_and_shut_out_there(
    page: OpenPage, hall: DeviceHall, tmp_path: Path
) -> None:
    shown = opened(page, hall)
    shown.get_by_role("button", name="添加设备").click()
    shown.get_by_label("窗口叫号设备").check()
    shown.get_by_label("名称").fill("5号窗口键盘")
    shown.get_by_label("所在窗口").select_option(label="5")
    shown.get_by_role("button", name="生成注册码").click()
    code = shown.locator("[data-code]").inner_text()
    enrolled = enrol(hall.url, code, "caller", tmp_path)
    assert enrolled.window == "w5"
    device = Heartbeat(Link(hall.url, enrolled.token, HALL), list, every_seconds=0.5)
    device.start()
    shown.get_by_role("button", name="完成").click()
    expect(row(shown, "5号窗口键盘")).to_contain_text("正常")
    row(shown, "5号窗口键盘").get_by_role("button", name="注销").click()
    shown.get_by_role("dialog").get_by_role("button", name="注销").click()
    expect(row(shown, "5号窗口键盘")).to_have_count(0)
    device.stop()


def test_a_supervisor_may_look_and_a_clerk_may_not(page: OpenPage, hall: DeviceHall) -> None:
    shown = opened(page, hall, token=hall.supervisor)
    expect(shown.get_by_role("button", name="试打小票")).to_have_count(0)
    expect(shown.get_by_role("button", name="添加设备")).to_have_count(0)
    other = page(f"{hall.url}/devices#token={hall.clerk}")
    expect(other.get_by_text("您的岗位不使用此页")).to_be_visible()


@pytest.mark.parametrize("language, width", [("zh-CN", 1440), ("en", 420)])
def test_nothing_hinders_anyone_on_the_device_page(page: OpenPage, hall: DeviceHall, language: str, width: int) -> None:
    shown = opened(page, hall, language, width)
    assert serious_faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown.locator(".head .key.primary").click()
    expect(shown.get_by_role("dialog")).to_be_visible()
    assert serious_faults(shown) == []
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("dialog")).to_have_count(0)
