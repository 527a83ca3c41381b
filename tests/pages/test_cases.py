"""Complaints in Chromium: a visitor complains on the phone, the supervisor answers and closes, the unit cannot."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import TrialHall
from tests.pages.office import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]
WORDS = "窗口工作人员一直在打电话，等了四十分钟"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    patch = pytest.MonkeyPatch()
    patch.setenv("HALLCALL_PUBLIC_URL", "https://hall.example")
    started = TrialHall(tmp_path_factory.mktemp("cases"))
    yield started
    started.server.stop()
    patch.undo()


def test_from_the_phone_to_the_close_and_the_unit_complained_of_cannot(page: OpenPage, hall: TrialHall) -> None:
    ticket = hall.ask("POST", "tickets", line="social")["ticket"]
    phone = page(hall.url + ticket["track_url"].removeprefix("https://hall.example"), width=390, height=844)
    expect(phone.locator("html[data-live=yes]")).to_be_attached()
    phone.get_by_text("我要投诉").click()
    phone.get_by_label("请说明经过").fill(WORDS)
    assert serious_faults(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_role("button", name="提交").click()
    expect(phone.locator("h1.code")).to_be_visible()
    expect(phone.get_by_text(WORDS)).to_be_visible()

    unit = opened(page, hall, "cases", "unit_head", unit="hrss", name="head")
    unit.locator(".item").click()
    unit.get_by_label("本单位说明").fill("当时正在请示上级")
    unit.get_by_role("button", name="提交说明").click()
    expect(unit.locator(".story")).to_contain_text("当时正在请示上级")
    expect(unit.get_by_role("button", name="答复", exact=True)).to_have_count(0)
    expect(unit.get_by_role("button", name="办结", exact=True)).to_have_count(0)

    office = opened(page, hall, "cases", "supervisor")
    office.locator(".item").click()
    expect(office.locator(".story")).to_contain_text("当时正在请示上级")
    office.get_by_label("答复群众").fill("已批评教育，向您致歉")
    office.get_by_role("button", name="答复", exact=True).click()
    office.get_by_role("button", name="办结", exact=True).click()
    expect(office.locator(".case .tag")).to_have_text("已办结")
    phone.reload()
    expect(phone.get_by_text("已批评教育，向您致歉")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 390)])
def test_the_desk_takes_a_complaint_down_and_nothing_hinders_anyone(
    page: OpenPage, hall: TrialHall, language: str, width: int
) -> None:
    shown = opened(page, hall, "cases", "desk", language=language, width=width)
    shown.locator(".toolbar .key.primary").click()
    shown.locator("dialog select").first.select_option("tax")
    shown.locator("dialog textarea").fill(WORDS)
    assert serious_faults(shown) == []
    shown.keyboard.press("Tab")
    shown.locator("dialog button[type=submit]").click()
    expect(shown.locator("dialog .code")).to_be_visible()
    shown.locator("dialog .key.primary").click()
    expect(shown.locator(".case blockquote")).to_have_text(WORDS)
    assert serious_faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_that_was_typed_is_lost_and_a_cut_is_dated(page: OpenPage, hall: TrialHall) -> None:
    for words in ("厕所锁着", "等候区没有座位"):
        hall.ask("POST", "cases", words=words)
    shown = opened(page, hall, "cases", "supervisor", width=390)
    case = shown.locator(".case")
    shown.get_by_role("button", name="厕所锁着").press("Enter")
    expect(case).to_be_focused()
    case.get_by_label("答复群众").fill("已请物业开门")
    shown.get_by_role("button", name="返回列表").click()
    expect(shown.get_by_role("button", name="厕所锁着")).to_be_focused()
    shown.get_by_role("button", name="等候区没有座位").click()
    expect(case.get_by_label("答复群众")).to_have_value("")
    shown.get_by_role("button", name="返回列表").click()
    shown.get_by_role("button", name="厕所锁着").click()
    expect(case.get_by_label("答复群众")).to_have_value("已请物业开门")

    shown.get_by_role("button", name="登记投诉").click()
    shown.get_by_label("反映的情况").fill(WORDS)
    shown.context.set_offline(True)
    shown.get_by_role("dialog").get_by_role("button", name="登记").click()
    expect(shown.get_by_role("dialog").locator(".notice")).to_contain_text("网络不通")
    expect(shown.locator(".head")).to_contain_text(re.compile(r"网络不通，这是09:\d\d的情况"))
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("dialog")).to_have_count(0)
    shown.context.set_offline(False)
    expect(shown.get_by_text("网络不通")).to_have_count(0)
    shown.get_by_role("button", name="登记投诉").click()
    expect(shown.get_by_label("反映的情况")).to_have_value(WORDS)
