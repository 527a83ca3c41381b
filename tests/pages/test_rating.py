"""Rating in Chromium: the tablet that belongs to one ticket, the form on the phone, and the case of a bad answer."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.parts import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PUBLIC = "https://hall.example"
LANGUAGES = {
    "zh-CN": ("请您评价本次服务", "不满意", "感谢您的评价"),
    "en": ("How was this service?", "Dissatisfied", "Thank"),
}


class Rated:
    """A real server with the shipped layout, and window 3 as the window in question."""

    def __init__(self, folder: Path) -> None:
        self.server = ServerProcess(folder, clock="2026-11-23T09:00:00+08:00@1").start()
        roles = ("desk", "clerk", "display", "supervisor")
        self.desk, self.clerk, self.screen, self.supervisor = (self.server.token(role) for role in roles)
        self.act("open")

    def ask(self, method: str, path: str, token: str, **body: Any) -> Any:
        url = f"{self.server.url}/api/v1/halls/binjiang/{path}"
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, url, json=body if method == "POST" else None, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def act(self, act: str) -> Any:
        return self.ask("POST", f"windows/w3/{act}", self.clerk)

    def called(self, language: str = "zh-CN") -> dict[str, Any]:
        ticket: dict[str, Any] = self.ask("POST", "tickets", self.desk, line="social", language=language)["ticket"]
        self.act("call-next")
        return ticket

    def served(self, language: str = "zh-CN") -> dict[str, Any]:
        ticket = self.called(language)
        self.act("start")
        self.act("complete")
        return ticket

    def phone(self, ticket: dict[str, Any]) -> str:
        return self.server.url + str(ticket["track_url"]).removeprefix(PUBLIC)

    def cases(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "cases", self.supervisor)["cases"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rated]:
    before = os.environ.get("HALLCALL_PUBLIC_URL")
    os.environ["HALLCALL_PUBLIC_URL"] = PUBLIC
    started = Rated(tmp_path_factory.mktemp("rated"))
    yield started
    started.server.stop()
    os.environ.pop("HALLCALL_PUBLIC_URL")
    if before is not None:
        os.environ["HALLCALL_PUBLIC_URL"] = before


@pytest.fixture
def hall(house: Rated) -> Iterator[Rated]:
    """The window is left free."""
    yield house
    window = house.ask("GET", "windows/w3", house.supervisor)["window"]
    if window["ticket"]:
        house.act("complete")


def at_window(page: OpenPage, hall: Rated, **options: Any) -> Page:
    size = {"width": 1280, "height": 800, **options}
    opened = page(f"{hall.server.url}/rate/w3#token={hall.screen}", **size)
    expect(opened.locator("main .window-name")).to_be_visible()
    return opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_levels_stand_on_the_tablet_until_one_is_touched(page: OpenPage, hall: Rated, language: str) -> None:
    title, _, thanks = LANGUAGES[language]
    tablet = at_window(page, hall)
    hall.served(language)
    expect(tablet.locator("h1")).to_have_text(title)
    expect(tablet.locator(".level")).to_have_count(5)
    assert serious_faults(tablet) == []
    tablet.locator(".level").first.click()
    expect(tablet.locator(".said.ok")).to_contain_text(thanks)
    expect(tablet.locator(".idle h1")).to_have_text("滨江市政务服务中心")


def test_the_page_closes_when_the_next_is_called_whatever_stands_on_it(page: OpenPage, hall: Rated) -> None:
    tablet = at_window(page, hall)
    hall.served()
    expect(tablet.locator(".level")).to_have_count(5)
    hall.called()
    expect(tablet.locator(".idle")).to_be_visible()
    for act in ("start", "complete"):
        hall.act(act)
    tablet.locator(".level").last.click()
    tablet.fill("textarea", "这是前一位写的")
    hall.called()
    expect(tablet.locator(".idle")).to_be_visible()
    for act in ("start", "complete"):
        hall.act(act)
    tablet.locator(".level").last.click()
    assert tablet.input_value("textarea") == "", "what the one before wrote is nobody else's"


def test_a_bad_answer_asks_why_and_tells_the_code_of_its_case(page: OpenPage, hall: Rated) -> None:
    before = {case["id"] for case in hall.cases()}
    tablet = at_window(page, hall)
    hall.served()
    tablet.get_by_role("button", name="不满意", exact=True).click()
    assert serious_faults(tablet) == []
    tablet.get_by_text("办理太慢").click()
    tablet.fill("textarea", "等到中午也没有办好")
    tablet.get_by_role("button", name="提交").click()
    expect(tablet.locator(".code")).to_be_visible()
    assert serious_faults(tablet) == []
    code = tablet.locator(".code").inner_text()
    (case,) = [one for one in hall.cases() if one["id"] not in before]
    assert (case["level"], case["reasons"], case["words"]) == (2, ["slow"], "等到中午也没有办好")
    seen = requests.get(f"{hall.server.url}/api/v1/cases/{code}", timeout=30).json()["case"]
    assert seen["status"] == "open"
    tablet.get_by_role("button", name="好了").click()
    expect(tablet.locator(".idle")).to_be_visible()


def test_the_tablet_is_worked_by_keyboard_and_can_be_gone_back_on(page: OpenPage, hall: Rated) -> None:
    tablet = at_window(page, hall)
    hall.served()
    expect(tablet.locator(".level")).to_have_count(5)
    for _ in range(5):
        tablet.keyboard.press("Tab")
    tablet.keyboard.press("Enter")
    expect(tablet.locator("form.why")).to_be_visible()
    tablet.get_by_role("button", name="返回").focus()
    tablet.keyboard.press("Enter")
    expect(tablet.locator(".level")).to_have_count(5)


def test_a_tablet_that_is_switched_on_late_offers_what_is_left(page: OpenPage, hall: Rated) -> None:
    hall.served()
    expect(at_window(page, hall).locator(".level")).to_have_count(5)


def test_rated_by_phone_the_tablet_offers_nothing_more(page: OpenPage, hall: Rated) -> None:
    ticket = hall.served()
    phone = page(hall.phone(ticket), width=390, height=844, java_script_enabled=False)
    phone.get_by_text("基本满意").click()
    phone.get_by_role("button", name="提交").click()
    expect(phone.locator(".thanks")).to_be_visible()
    expect(at_window(page, hall).locator(".idle")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "width", "height"), [("zh-CN", 1280, 800), ("zh-CN", 800, 1280), ("en", 800, 1280), ("en", 1024, 600)]
)
def test_every_key_lies_on_the_tablet(page: OpenPage, hall: Rated, language: str, width: int, height: int) -> None:
    tablet = at_window(page, hall, width=width, height=height)
    hall.served(language)
    expect(tablet.locator(".level")).to_have_count(5)
    assert_on_screen(tablet, ".level", 5, width, height)
    tablet.locator(".level").last.click()
    assert_on_screen(tablet, ".reasons label", 8, width, height)
    assert_on_screen(tablet, ".foot .key", 2, width, height)


def assert_on_screen(tablet: Page, parts: str, count: int, width: int, height: int) -> None:
    expect(tablet.locator(parts)).to_have_count(count)
    for part in tablet.locator(parts).all():
        box = part.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, (parts, box)
        assert box["y"] >= 0 and box["y"] + box["height"] <= height, (parts, box)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_phone_rates_without_a_script_and_follows_its_case(page: OpenPage, hall: Rated, language: str) -> None:
    title, bad, thanks = LANGUAGES[language]
    ticket = hall.served(language)
    plain = page(hall.phone(ticket), width=390, height=844, java_script_enabled=False)
    expect(plain.locator(".rating h2")).to_have_text(title)
    expect(plain.locator(".why-not")).to_be_hidden()
    plain.get_by_text(bad, exact=True).click()
    expect(plain.locator(".why-not")).to_be_visible()
    plain.locator("#rating-words").fill("words of a visitor")
    plain.get_by_role("button", name={"zh-CN": "提交", "en": "Send"}[language]).click()
    plain.wait_for_url("**/c/*")
    code = plain.locator("h1.code").inner_text()
    expect(plain.locator(".rating")).to_have_count(0)
    (case,) = [one for one in hall.cases() if one["words"] == "words of a visitor" and one["status"] == "open"]
    hall.ask("POST", f"cases/{case['id']}/answer", hall.supervisor, answer="已更换设备")
    page_of_case = page(f"{hall.server.url}/c/{code}?language={language}", width=390, height=844)
    expect(page_of_case.locator(".said")).to_have_text("已更换设备")
    assert serious_faults(page_of_case) == []
    page_of_case.locator(".level").first.click()
    page_of_case.locator(".rating .primary").click()
    expect(page_of_case.locator(".thanks")).to_contain_text(thanks)
    expect(page_of_case.locator(".rating")).to_have_count(0)
    assert next(one for one in hall.cases() if one["id"] == case["id"])["follow_up"] == 5
    again = page(hall.phone(ticket), width=390, height=844)
    expect(again.locator(".rating .thanks")).to_contain_text(thanks)
    assert serious_faults(again) == [] and code not in again.content()


def test_a_form_sent_twice_leads_to_the_same_case(hall: Rated) -> None:
    ticket = hall.served()
    form = {"level": "1", "request_id": "pressed-twice-0123456789"}
    places = [
        requests.post(f"{hall.phone(ticket)}/rating", data=form, allow_redirects=False, timeout=30).headers["Location"]
        for _ in range(2)
    ]
    assert places[0] == places[1] and places[0].startswith("/c/")


@pytest.mark.parametrize("form", [{}, {"level": "9"}, {"level": "x"}])
def test_a_form_that_says_nothing_changes_nothing(hall: Rated, form: dict[str, str]) -> None:
    ticket = hall.served()
    answer = requests.post(f"{hall.phone(ticket)}/rating", data=form, timeout=30)
    assert answer.status_code == 200 and 'name="level"' in answer.text


def test_there_is_nothing_to_rate_before_the_end(hall: Rated) -> None:
    ticket = hall.called()
    assert 'name="level"' not in requests.get(hall.phone(ticket), timeout=30).text
    requests.post(f"{hall.phone(ticket)}/rating", data={"level": "5"}, timeout=30)
    hall.act("start")
    hall.act("complete")
    assert 'name="level"' in requests.get(hall.phone(ticket), timeout=30).text


def test_a_code_is_looked_up_by_hand_and_a_wrong_one_is_said_to_be_wrong(page: OpenPage, hall: Rated) -> None:
    desk = page(f"{hall.server.url}/c?language=zh-CN", width=390, height=844)
    assert serious_faults(desk) == []
    desk.fill("#code", "aaaa bbbb cccc")
    desk.get_by_role("button", name="查询").click()
    expect(desk.locator(".notice.red")).to_contain_text("没有找到这个查询码")
    assert serious_faults(desk) == []
