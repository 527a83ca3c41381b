"""Booking on a phone and at the desk, in a real browser against a real server."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.parts import ServerProcess

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
numbers = iter(range(13800000000, 13800001000))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Monday, 09:05, with the shipped hall's own hours and calendar."""
    clock = "2026-11-23T09:05:00+08:00@1"
    with ServerProcess(tmp_path_factory.mktemp("booking"), clock=clock, always_open=False) as running:
        yield running


def ask(server: ServerProcess, path: str, **body: Any) -> dict[str, Any]:
    url, token = f"{server.url}/api/v1/halls/binjiang/{path}", {"Authorization": f"Bearer {desk(server)}"}
    answer = requests.post(url, json=body, headers=token, timeout=20) if body else requests.get(url, timeout=20)
    assert answer.ok, answer.text
    return dict(answer.json())


@cache
def desk(server: ServerProcess) -> str:
    """Whom no limit for strangers touches."""
    return server.token("desk")


def slots(server: ServerProcess, line: str, day: str) -> list[dict[str, Any]]:
    return list(ask(server, f"slots?line={line}&day={day}")["slots"])


def key(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name)


def to_number(page: Page, line: str, day: str, time: str) -> None:
    key(page, line).click()
    key(page, day).click()
    key(page, time).click()
    expect(page.locator("input[name=person]")).to_be_visible()


def book(page: Page, number: str, action: str = "确认预约") -> None:
    page.locator("input[name=person]").fill(number)
    key(page, action).click()


def test_a_phone_books_changes_and_cancels(server: ServerProcess, page: OpenPage) -> None:
    opened, number = page(f"{server.url}/booking", locale="zh-CN", **PHONE), str(next(numbers))
    to_number(opened, "不动产登记", "11月24日周二", "09:30")
    expect(opened.locator(".said")).to_have_text("不动产登记 · 11月24日周二 · 09:30–10:00")
    book(opened, number)
    expect(opened.get_by_role("heading", name="预约成功")).to_be_visible()
    expect(opened.locator(".rows")).to_contain_text("08:30–09:50")
    expect(opened.locator(".rows")).to_contain_text(f"**{number[-4:]}")
    code = opened.locator(".letters").inner_text().split()[-1]
    assert opened.url.endswith(f"/booking/{code}")
    key(opened, "改期").click()
    key(opened, "11月24日周二").click()
    expect(opened.locator(".slots .key", has_text="当前预约")).to_have_attribute("aria-disabled", "true")
    key(opened, "14:00").click()
    expect(opened.get_by_role("heading", name="已改期")).to_be_visible()
    key(opened, "改期").click()
    key(opened, "11月25日周三").click()
    key(opened, "10:00").click()
    expect(opened.get_by_role("heading", name="请再填一次预约时的号码")).to_be_visible()
    book(opened, number, "确认改期")
    expect(opened.locator(".rows")).to_contain_text("11月25日周三")
    key(opened, "取消预约").click()
    opened.locator("dialog").get_by_role("button", name="取消预约", exact=True).click()
    expect(opened.get_by_role("heading", name="预约已取消")).to_be_visible()
    assert [one["left"] for one in slots(server, "property", "2026-11-25")][3] == 3


def test_the_page_speaks_the_phones_language_and_the_other_at_a_touch(server: ServerProcess, page: OpenPage) -> None:
    opened = page(f"{server.url}/booking", locale="en-GB", **PHONE)
    expect(opened.get_by_role("heading", name="What would you like to book?")).to_be_visible()
    key(opened, "Passports and permits").click()
    expect(key(opened, "Tue 24 Nov")).to_be_visible()
    key(opened, "中文").click()
    expect(opened.get_by_role("heading", name="哪一天来？")).to_be_visible()
    expect(opened.locator(".said")).to_have_text("出入境证件")


def test_what_is_full_cannot_be_chosen_and_closed_days_are_not_offered(server: ServerProcess, page: OpenPage) -> None:
    at = slots(server, "civil", "2026-11-24")[0]["at"]
    for _ in range(2):
        ask(server, "bookings", line="civil", at=at, person=str(next(numbers)))
    opened = page(f"{server.url}/booking#line=civil", locale="zh-CN", **PHONE)
    expect(key(opened, "11月24日周二")).to_be_visible()
    offered = opened.locator(".days").inner_text()
    assert "周六" not in offered and "周日" not in offered
    key(opened, "11月24日周二").click()
    full = opened.locator(".slots .key").first
    expect(full).to_contain_text("约满")
    expect(full).to_have_attribute("aria-disabled", "true")
    full.click(force=True)
    expect(opened.get_by_role("heading", name="几点来？")).to_be_visible()


def test_a_place_taken_meanwhile_is_said_and_another_can_be_chosen(server: ServerProcess, page: OpenPage) -> None:
    opened, number = page(f"{server.url}/booking", locale="zh-CN", **PHONE), str(next(numbers))
    to_number(opened, "民政婚姻", "11月26日周四", "08:30")
    at = slots(server, "civil", "2026-11-26")[0]["at"]
    for _ in range(2):
        ask(server, "bookings", line="civil", at=at, person=str(next(numbers)))
    book(opened, number)
    expect(opened.get_by_role("alert")).to_have_text("08:30 已约满，请另选时间。")
    opened.get_by_role("link", name="返回").click()
    expect(opened.locator(".slots .key").first).to_contain_text("约满")
    key(opened, "09:00").click()
    book(opened, number)
    expect(opened.get_by_role("heading", name="预约成功")).to_be_visible()


@pytest.mark.parametrize("wrong", ["12345", "110101199003070000", "+86 138"])
def test_a_wrong_number_is_said_and_stays_to_be_put_right(server: ServerProcess, page: OpenPage, wrong: str) -> None:
    opened = page(f"{server.url}/booking", locale="zh-CN", **PHONE)
    to_number(opened, "不动产登记", "11月26日周四", "10:00")
    if wrong == "12345":  # five figures are some document's
        ask(server, "bookings", line="civil", at=slots(server, "civil", "2026-11-26")[4]["at"], person=wrong)
    book(opened, wrong)
    expect(opened.get_by_role("alert")).to_be_visible()
    expect(opened.locator("input[name=person]")).to_have_value(wrong)


def test_the_phones_back_key_goes_one_question_back(server: ServerProcess, page: OpenPage) -> None:
    opened = page(f"{server.url}/booking", locale="zh-CN", **PHONE)
    to_number(opened, "不动产登记", "11月27日周五", "15:00")
    for title in ("几点来？", "哪一天来？", "您要预约什么业务？"):
        opened.go_back()
        expect(opened.get_by_role("heading", name=title)).to_be_visible()
    opened.go_forward()
    opened.reload()
    expect(opened.get_by_role("heading", name="哪一天来？")).to_be_visible()


def test_a_phone_finds_its_last_booking_again(server: ServerProcess, page: OpenPage) -> None:
    opened = page(f"{server.url}/booking", locale="zh-CN", **PHONE)
    to_number(opened, "不动产登记", "11月27日周五", "09:00")
    book(opened, str(next(numbers)))
    expect(opened.get_by_role("heading", name="预约成功")).to_be_visible()
    opened.goto(f"{server.url}/booking")
    key(opened, "查看上次预约").click()
    expect(opened.get_by_role("heading", name="您的预约")).to_be_visible()


def test_a_guessed_code_shows_nobody(server: ServerProcess, page: OpenPage) -> None:
    opened = page(f"{server.url}/booking/guessed-code-of-22-chars", locale="en-GB", **PHONE)
    expect(opened.get_by_role("alert")).to_contain_text("Not found")
    assert opened.locator(".rows").count() == 0


def test_it_is_booked_by_keyboard_alone(server: ServerProcess, page: OpenPage) -> None:
    opened = page(f"{server.url}/booking", locale="zh-CN", **PHONE)
    for name in ("不动产登记", "11月30日周一", "16:30"):
        expect(key(opened, name)).to_be_visible()
        for _ in range(30):
            opened.keyboard.press("Tab")
            if name in (opened.evaluate("document.activeElement.innerText") or ""):
                break
        opened.keyboard.press("Enter")
    expect(opened.locator("input[name=person]")).to_be_visible()
    opened.locator("h1").focus()
    opened.keyboard.press("Tab")
    opened.keyboard.type(str(next(numbers)))
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("heading", name="预约成功")).to_be_visible()


def test_the_desk_finds_a_booking_by_number_and_checks_it_in(server: ServerProcess, page: OpenPage) -> None:
    number = str(next(numbers))
    at = slots(server, "property", "2026-11-23")[0]["at"]
    ask(server, "bookings", line="property", at=at, person=number)
    opened = page(f"{server.url}/booking#token={desk(server)}", width=1440, height=900, locale="zh-CN")
    opened.locator("input[name=person]").fill(number)
    key(opened, "搜索").click()
    key(opened, "签到取号").click()
    expect(opened.locator(".given")).to_contain_text("E001")
    assert serious_faults(opened) == []


def test_the_desk_books_for_a_visitor_and_tells_who_is_too_early(server: ServerProcess, page: OpenPage) -> None:
    opened = page(f"{server.url}/booking#token={desk(server)}", width=1440, height=900, locale="zh-CN")
    to_number(opened, "出入境证件", "11月24日周二", "09:00")
    book(opened, str(next(numbers)))
    expect(key(opened, "打印")).to_be_visible()
    key(opened, "签到取号").click()
    expect(opened.get_by_role("alert")).to_contain_text("您预约的是 09:00")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_every_screen_is_whole_without_a_serious_fault(server: ServerProcess, page: OpenPage, locale: str) -> None:
    opened = page(f"{server.url}/booking", locale=locale, **PHONE)
    chinese = locale == "zh-CN"

    def whole() -> None:
        assert serious_faults(opened) == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    for place in (".choice", ".days .key", ".slots .key", "input[name=person]"):
        expect(opened.locator(place).first).to_be_visible()
        whole()
        if place != "input[name=person]":
            opened.locator(f"{place}:not([aria-disabled])").last.click()
    opened.locator("header .key").first.click()  # large type
    book(opened, str(next(numbers)), "确认预约" if chinese else "Book")
    expect(opened.locator(".code img")).to_be_visible()
    whole()
    opened.locator(".ways .danger").click()
    expect(opened.locator("dialog")).to_be_visible()
    whole()
