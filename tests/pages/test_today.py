"""The hall today in Chromium against the real server: a supervisor lends, suspends, pauses, moves; others look on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import TrialHall
from tests.pages.office import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    started = TrialHall(tmp_path_factory.mktemp("today"))
    yield started
    started.server.stop()


def dialog(shown: Page) -> Page:
    expect(shown.locator("dialog")).to_be_visible()
    return shown.locator("dialog")  # type: ignore[return-value]


def test_a_supervisors_morning(page: OpenPage, hall: TrialHall) -> None:
    hall.issue(12)
    shown = opened(page, hall, "today", "supervisor")
    alarm = shown.locator(".alarm.red")
    expect(alarm).to_contain_text("社会保险没有窗口办理")
    hall.ask("POST", "windows/w12/open")
    expect(shown.locator("[data-window=w12]")).to_contain_text("空闲")

    alarm.get_by_role("button", name="请窗口兼办").click()
    form = dialog(shown)
    form.locator("select").nth(1).select_option("w12")
    form.get_by_label("到几点").fill("11:00")
    form.get_by_label("理由").fill("社保人多")
    form.get_by_role("button", name="确定").click()
    expect(shown.locator("[data-window=w12]")).to_contain_text("兼办")
    assert hall.ask("POST", "windows/w12/call-next")["ticket"]["number"] == "A001"
    expect(shown.locator("[data-window=w12]")).to_contain_text("A001")
    expect(shown.locator(".alarm.amber")).to_contain_text("等候11人")

    shown.locator("[data-line=social]").click()
    dialog(shown).get_by_role("button", name="暂停取号").click()
    form = dialog(shown)
    form.get_by_label("到几点").fill("11:30")
    form.get_by_label("转到其他业务").check()
    form.locator("select").last.select_option("general")
    form.get_by_role("button", name="确定").click()
    expect(shown.locator("[data-line=social]")).to_contain_text("暂停取号，11:30恢复")
    expect(shown.locator("[data-line=general]")).to_contain_text("11人")
    assert {one["line"] for one in hall.tickets("waiting")} == {"general"}

    shown.get_by_label("查找号码").fill("a005")
    shown.keyboard.press("Enter")
    form = dialog(shown)
    form.get_by_label("取消号码").check()
    form.get_by_label("理由").fill("群众已离开")
    form.get_by_role("button", name="确定").click()
    expect(shown.locator("[data-line=general]")).to_contain_text("10人")
    assert hall.ticket("A005")["status"] == "cancelled"

    shown.locator("[data-window=w12]").click()
    dialog(shown).get_by_role("button", name="暂停窗口").click()
    form = dialog(shown)
    expect(form.get_by_text("暂停后公安户政、社会保险没有窗口办理")).to_be_visible()
    form.locator("select").last.select_option("w1")
    form.get_by_label("到几点").fill("11:00")
    form.get_by_role("button", name="确定").click()
    expect(shown.locator("[data-window=w12]")).to_contain_text("办完即暂停")
    assert hall.window("w12")["closing"] == "pause"

    shown.get_by_role("button", name="大屏通知").click()
    form = dialog(shown)
    form.get_by_label("通知内容（中文）").fill("二号电梯维修")
    form.get_by_role("button", name="显示").click()
    expect(shown.get_by_text("已办理")).to_be_visible()
    assert hall.ask("GET", "board")["message"]["text"] == {"zh-CN": "二号电梯维修"}


def test_leadership_looks_and_cannot_act(page: OpenPage, hall: TrialHall) -> None:
    shown = opened(page, hall, "today", "leadership", language="en")
    expect(shown.locator(".tile").first).to_be_visible()
    expect(shown.get_by_role("button", name="Lend to a window")).to_have_count(0)
    shown.locator("[data-window=w12]").click()
    expect(dialog(shown).get_by_role("button")).to_have_text(["Back"])


@pytest.mark.parametrize(("language", "width", "large"), [("zh-CN", 1440, False), ("en", 390, True)])
def test_nothing_hinders_anyone_on_the_page(
    page: OpenPage, hall: TrialHall, language: str, width: int, large: bool
) -> None:
    shown = opened(page, hall, "today", "supervisor", language=language, width=width)
    expect(shown.locator(".tile").first).to_be_visible()
    if large:
        shown.evaluate("document.documentElement.classList.add('large', 'contrast')")
    assert serious_faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown.locator("[data-line=tax]").focus()
    shown.keyboard.press("Enter")
    shown.locator("dialog .key:not(.primary)").first.press("Enter")
    expect(shown.locator("dialog select").first).to_be_visible()
    assert serious_faults(shown) == []
    shown.keyboard.press("Escape")
    expect(shown.locator("dialog")).to_have_count(0)
