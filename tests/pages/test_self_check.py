"""The page of the check before opening in Chromium, against the real server with every device of its settings."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from hall.health import Condition
from hall.heartbeat import Outcome
from tests.browser import OpenPage, serious_faults
from tests.server.check_rig import HEARD, KIOSK, SPEAKER, Hall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    started = Hall(tmp_path_factory.mktemp("checked"))
    started.enrol_all()
    yield started
    started.stop()


def opened(page: OpenPage, hall: Hall, role: str = "system_admin", language: str = "zh-CN", **size: int) -> Page:
    token = hall.token(role)
    return page(f"{hall.url}/self-check?language={language}#token={token}", **{"width": 1440, "height": 900, **size})


def test_the_check_is_run_and_worked_down_to_green(page: OpenPage, hall: Hall) -> None:
    hall.devices[KIOSK].conditions = [Condition("printer", "fault", "paper_out")]
    hall.devices[SPEAKER].tests["announcement"] = Outcome(False, "no sound card")
    shown = opened(page, hall)
    shown.get_by_role("button", name="开始自检").click()
    expect(shown.get_by_role("button", name="再检查一次")).to_be_visible()
    expect(shown.locator(".verdict.red")).to_contain_text("还不能开馆")
    left = shown.locator(".to-do > li")
    expect(left.filter(has_text="还没有备份")).to_contain_text("hallcall backup")
    expect(left.filter(has_text=KIOSK)).to_contain_text("换")
    expect(left.filter(has_text=SPEAKER)).to_contain_text("no sound card")
    assert serious_faults(shown) == []
    assert hall.typed("backup").returncode == 0
    hall.devices[KIOSK].conditions = [Condition("printer", "ok")]
    hall.devices[SPEAKER].tests["announcement"] = HEARD
    shown.get_by_role("button", name="再检查一次").click()
    expect(shown.get_by_role("heading", name="可以开馆")).to_be_visible()
    expect(shown.locator(".groups article").filter(has_text=SPEAKER)).to_contain_text("试播已播完，3.2秒")
    assert serious_faults(shown) == []


def test_the_desk_may_look_and_not_begin_and_a_clerk_neither(page: OpenPage, hall: Hall) -> None:
    shown = opened(page, hall, "desk", "en")
    expect(shown.get_by_role("heading", name="Check before opening")).to_be_visible()
    expect(shown.locator(".verdict")).to_be_visible()
    expect(shown.get_by_role("button", name="Run the check")).to_have_count(0)
    expect(opened(page, hall, "clerk").get_by_text("您的岗位不使用此页")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_hinders_anyone_on_the_page(page: OpenPage, hall: Hall, width: int) -> None:
    hall.devices[KIOSK].conditions = [Condition("printer", "fault", "unconfirmed", detail="DLE EOT 4: 0x72")]
    shown = opened(page, hall, language="en", width=width)
    expect(shown.locator(".to-do > li").filter(has_text=KIOSK)).to_be_visible()
    assert serious_faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_keyboard_alone_the_check_is_begun(page: OpenPage, hall: Hall) -> None:
    shown = opened(page, hall, language="en")
    key = shown.get_by_role("button", name="Run the check")
    expect(key).to_be_visible()
    for _ in range(20):
        shown.keyboard.press("Tab")
        if key.evaluate("(one) => one === document.activeElement"):
            break
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("button", name="Check again")).to_be_visible()
