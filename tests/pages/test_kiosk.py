"""What visitors do at the touch page, in a real Chromium, in both languages."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from hall.devices.printer import Printer
from hall.layout import Hall
from hall.settings import load_settings
from printers.virtual import VirtualPrinter
from tests.browser import OpenPage, one_moment, pass_seconds
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.rig import Rig, wait_for
from tests.kiosk.touch_page import WORDS, at_start
from tests.parts import ROOT, ServerProcess

pytestmark = pytest.mark.browser

RING_SECONDS = 300
"""Longer than any test: the rings of those tests that wait for it are hurried on."""
BOTH = pytest.mark.parametrize("language", list(WORDS))


@pytest.fixture
def layout() -> Hall:
    return load_settings(ROOT / "config.yaml", {}).halls[0]


@pytest.fixture
def server(layout: Hall) -> Iterator[FakeServer]:
    running = FakeServer(layout)
    yield running
    running.stop()


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "slips") as running:
        yield running


@pytest.fixture
def kiosk(server: FakeServer, paper: VirtualPrinter, tmp_path: Path) -> Iterator[Rig]:
    printer = Printer(address=paper.address)
    with Rig(server.url, tmp_path / "kiosk", printer, result_seconds=RING_SECONDS) as running:
        yield running


OpenKiosk = Callable[..., Page]


@pytest.fixture
def opened(page: OpenPage, kiosk: Rig) -> OpenKiosk:
    """`opened("en", "large", "low")`: the start page in a language and modes."""

    def open_kiosk(language: str = "zh-CN", *modes: str) -> Page:
        return at_start(page(kiosk.url, 1080, 1920), language, *modes)

    return open_kiosk


def line(shown: Page, name: str) -> Locator:
    return shown.locator(".choice").filter(has=shown.locator(".name", has_text=re.compile(f"^{name}$")))


def number(shown: Page) -> str:
    return shown.locator(".big").inner_text()


def touch_twice(shown: Page, target: Locator) -> None:
    box = target.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    with one_moment(shown):
        shown.mouse.dblclick(x, y)


@BOTH
def test_one_touch_on_a_common_line_gives_a_number_and_a_slip(
    opened: OpenKiosk, paper: VirtualPrinter, language: str
) -> None:
    shown = opened(language)
    shown.locator(".choice").first.click()
    expect(shown.locator(".big")).to_have_text("A001")
    wait_for(lambda: paper.slips())
    assert paper.slips()[0]["number"] == "A001"
    assert shown.locator(".next").inner_text().strip().endswith(WORDS[language]["next"])


def test_visitors_in_both_languages_take_at_least_ten_numbers_a_minute(
    page: OpenPage, paper: VirtualPrinter, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with ServerProcess(tmp_path / "server") as server:
        printer = Printer(address=paper.address)
        with Rig(server.url, tmp_path / "kiosk", printer, token=server.token("kiosk")) as kiosk:
            shown = at_start(page(kiosk.url, 1080, 1920))
            started = time.monotonic()
            taken = [visit(shown, visitor) for visitor in range(16)]
            a_minute = 60 * len(taken) / (time.monotonic() - started)
            wait_for(lambda: len(paper.slips()) == len(taken))
    record_property("tickets_a_minute", round(a_minute))
    print(f"{a_minute:.0f} tickets a minute")
    assert len(set(taken)) == len(taken)
    assert {slip["number"] for slip in paper.slips()} == set(taken)
    assert a_minute >= 10


def visit(shown: Page, visitor: int) -> str:
    """Every second visitor reads English; a line in turn; then a touch beside the keys, or on the key."""
    at_start(shown, ("zh-CN", "en")[visitor % 2])
    shown.locator(".choice").nth(visitor % 8).click()
    expect(shown.locator(".big, .confirm")).to_be_visible()
    if shown.locator(".confirm").count():  # the tax line asks how many pieces: one
        shown.locator(".confirm").click()
    expect(shown.locator(".big")).to_be_visible()
    taken = number(shown)
    if visitor % 3:
        shown.locator(".next").click()
    else:
        pass_seconds(shown, 0.8)
        shown.locator("header").click()
    expect(shown.locator(".tab").first).to_have_text("常办业务")
    return taken


def test_a_double_touch_gives_one_number_and_the_number_stays(opened: OpenKiosk, server: FakeServer) -> None:
    shown = opened()
    touch_twice(shown, shown.locator(".choice").first)
    expect(shown.locator(".big")).to_have_text("A001")
    shown.wait_for_timeout(300)
    expect(shown.locator(".big")).to_have_text("A001")
    assert len(server.tickets) == 1


def test_a_double_touch_on_next_visitor_presses_nothing_on_the_start_page(opened: OpenKiosk) -> None:
    shown = opened()
    shown.locator(".choice").first.click()
    expect(shown.locator(".next")).to_be_visible()
    pass_seconds(shown, 0.8)
    touch_twice(shown, shown.locator(".next"))
    shown.wait_for_timeout(300)
    expect(shown.locator("h1")).to_have_text("请选择您要办理的业务")
    assert shown.locator("[aria-pressed=true]").count() == 1


def test_the_number_goes_when_the_ring_is_full_and_nothing_of_the_visitor_stays(opened: OpenKiosk) -> None:
    shown = opened("en", "large", "contrast", "low")
    shown.locator(".choice").first.click()
    expect(shown.locator(".ring")).to_be_visible()
    pass_seconds(shown, RING_SECONDS)
    expect(shown.locator("h1")).to_have_text("请选择您要办理的业务")
    assert shown.evaluate("document.documentElement.className") == ""
    assert shown.evaluate("document.documentElement.lang") == "zh-CN"
    assert not shown.locator(".low").count()


def test_a_closed_line_says_why_and_gives_no_number(opened: OpenKiosk, server: FakeServer) -> None:
    server.lines["social"] = {"open": False, "reason": "not_yet", "reason_text": "08:00 开始取号"}
    shown = opened()
    closed = line(shown, "社会保险")
    expect(closed).to_have_class(re.compile("closed"))
    expect(closed).to_contain_text("08:00 开始取号")
    assert closed.evaluate("key => getComputedStyle(key).borderStyle") == "dashed"
    closed.click(force=True)
    expect(shown.locator("dialog")).to_contain_text("社会保险现在不能取号")
    shown.locator("dialog .key").click()
    expect(shown.locator("dialog")).to_have_count(0)
    assert server.tickets == []


def test_a_line_without_a_window_says_when_it_is_back_and_gives_a_number(opened: OpenKiosk, server: FakeServer) -> None:
    server.lines["social"] = {"windows_open": 0, "resumes_at": "2026-11-23T05:30:00Z"}
    server.lines["tax"] = {"windows_open": 0}
    shown = opened()
    expect(line(shown, "社会保险")).to_contain_text("该业务窗口13:30恢复办理，您可以先取号")
    expect(line(shown, "税务")).to_contain_text("暂无窗口办理，您可以先取号")
    line(shown, "税务").click()
    shown.locator(".confirm").click()
    expect(shown.locator(".big")).to_be_visible()


def test_waiting_counts_change_on_the_page_by_themselves(opened: OpenKiosk, server: FakeServer, kiosk: Rig) -> None:
    shown = opened()
    wait_for(lambda: kiosk.kiosk.follower and kiosk.kiosk.follower.up)
    expect(line(shown, "税务")).to_contain_text("无需等候")
    server.send_waiting(tax=12)
    expect(line(shown, "税务")).to_contain_text("12 人等候")


def test_a_matter_that_is_edited_is_found_by_its_new_name_on_the_page_that_stands(
    opened: OpenKiosk, server: FakeServer, kiosk: Rig
) -> None:
    shown = opened()
    wait_for(lambda: kiosk.kiosk.follower and kiosk.kiosk.follower.up)
    shown.locator(".search-key").click()
    expect(shown.get_by_role("textbox")).to_be_focused()
    shown.keyboard.insert_text("改了名的")
    expect(shown.locator(".none")).to_be_visible()
    server.rename(server.layout.matters[0].id, "改了名的事项")
    expect(line(shown, "改了名的事项")).to_be_visible()
    shown.locator(".back").click()
    shown.locator(".language").click()
    expect(shown.locator(".search-key", has_text="Search")).to_be_visible()
    english = server.layout.matters[0].name["en"]
    shown.locator(".search-key").click()
    expect(shown.get_by_role("textbox")).to_be_focused()
    shown.keyboard.type(english[:20])
    expect(line(shown, english)).to_be_visible()


@pytest.mark.parametrize(("keys", "matter"), [("PTHZ", "普通护照申领"), ("JIEHUN", "结婚登记")])
def test_initials_and_pinyin_on_the_screen_keyboard_lead_to_a_matter_and_its_number(
    opened: OpenKiosk, server: FakeServer, keys: str, matter: str
) -> None:
    shown = opened()
    shown.locator(".search-key").click()
    for key in keys:
        shown.locator(".letter", has_text=re.compile(f"^{key}$")).click()
    line(shown, matter).click()
    expect(shown.locator(".big")).to_be_visible()
    chosen = next(one for one in server.layout.matters if one.name["zh-CN"] == matter)
    assert server.tickets[0]["matter"] == chosen.id


def test_chinese_and_english_typed_into_the_field_are_found(opened: OpenKiosk) -> None:
    shown = opened()
    shown.locator(".search-key").click()
    expect(shown.get_by_role("textbox")).to_be_focused()
    shown.keyboard.insert_text("社保")
    expect(line(shown, "社会保险")).to_be_visible()
    shown.locator(".letter.wide").first.click()
    shown.keyboard.insert_text("qxqx")
    expect(shown.locator(".none")).to_contain_text("没有找到“qxqx”")
    shown.locator(".back").click()
    shown.locator(".language").click()
    shown.locator(".search-key", has_text="Search").click()
    expect(shown.get_by_role("textbox")).to_be_focused()
    shown.keyboard.type("passport")
    expect(shown.locator(".choice", has_text=re.compile("passport", re.I)).first).to_be_visible()


def test_by_department_and_by_category_lead_to_a_number_in_three_touches(opened: OpenKiosk, server: FakeServer) -> None:
    for tab in (1, 2):
        shown = opened()
        shown.locator(".tab").nth(tab).click()
        shown.locator(".choice.group").nth(1).click()
        shown.locator(".choice").last.click()
        expect(shown.locator(".big")).to_be_visible()
    assert len(server.tickets) == 2


def test_not_sure_leads_to_the_guide_desk_and_help_promises_nothing_untrue(
    opened: OpenKiosk, server: FakeServer
) -> None:
    shown = opened()
    shown.locator(".ways .amber").click()
    expect(shown.locator("main")).to_contain_text("请到导办台")
    shown.locator(".ways .blue").click()
    shown.locator(".choice").click()
    expect(shown.locator(".big")).to_be_visible()
    assert server.tickets[0]["line"] == server.layout.guide_line


def test_someone_of_the_desk_is_asked_to_come_once_and_the_page_says_so(opened: OpenKiosk, server: FakeServer) -> None:
    shown = opened()
    shown.locator(".ways .amber").click()
    shown.locator(".choice").click()
    expect(shown.locator(".choice")).to_contain_text("已通知导办台")
    shown.locator(".choice").click()
    expect(shown.locator(".choice")).to_contain_text("请在这里稍候")
    assert server.help_wanted == 1


def test_without_a_link_the_page_says_so_takes_no_touch_and_comes_back(opened: OpenKiosk, server: FakeServer) -> None:
    shown = opened()
    server.down = True
    expect(shown.locator(".notice.red")).to_contain_text("网络暂时中断，现在不能取号")
    shown.locator(".choice").first.click(force=True)
    assert shown.locator(".choice:not([aria-disabled])").count() == 0
    server.down = False
    expect(shown.locator(".notice")).to_have_count(0)
    assert server.tickets == []
    shown.locator(".choice").first.click()
    expect(shown.locator(".big")).to_have_text("A001")


def test_a_touch_into_a_dead_link_can_be_tried_again_and_gives_one_number(
    opened: OpenKiosk, server: FakeServer
) -> None:
    shown = opened()
    server.down = True
    shown.locator(".choice").first.click()
    expect(shown.locator("dialog")).to_contain_text("没有取到号")
    server.down = False
    shown.locator("dialog .primary").click()
    expect(shown.locator(".big")).to_have_text("A001")
    assert len(server.tickets) == 1


def test_a_number_that_could_not_be_printed_stays_until_touched_and_the_next_visitor_is_warned(
    opened: OpenKiosk, paper: VirtualPrinter
) -> None:
    shown = opened()
    paper.become(paper="out")
    shown.locator(".choice").first.click()
    words = "本机暂不能出票，您的号码A001有效，请记下或到导办台补打"
    expect(shown.locator(".outcome")).to_have_text(words)
    pass_seconds(shown, RING_SECONDS)
    shown.wait_for_timeout(300)
    expect(shown.locator(".big")).to_have_text("A001")
    shown.locator("header").click()
    expect(shown.locator(".notice.amber")).to_contain_text("本机现在不能打印小票")
    paper.become(paper="ok")
    expect(shown.locator(".notice")).to_have_count(0)


def test_a_page_left_alone_warns_and_goes_back_to_the_start(opened: OpenKiosk) -> None:
    shown = opened("en", "large")
    shown.locator(".ways .blue").click()
    pass_seconds(shown, 41)  # of the sixty, of which the last twenty are warned of
    expect(shown.locator("dialog")).to_contain_text("Are you still there?")
    shown.locator("dialog .primary").click()
    expect(shown.locator("dialog")).to_have_count(0)
    expect(shown.locator("h1")).to_have_text("Not sure what you need?")
    pass_seconds(shown, 41)
    expect(shown.locator("dialog")).to_contain_text("Are you still there?")
    pass_seconds(shown, 20)
    expect(shown.locator("h1")).to_have_text("请选择您要办理的业务")
    assert shown.evaluate("document.documentElement.className") == ""


def test_a_number_can_be_taken_with_the_keyboard_alone_and_the_focus_is_seen(opened: OpenKiosk) -> None:
    shown = opened()
    for _ in range(4):
        shown.keyboard.press("Tab")
    focused = shown.locator(":focus-visible")
    expect(focused).to_have_class(re.compile("choice"))
    assert focused.evaluate("key => getComputedStyle(key).outlineStyle") == "solid"
    shown.keyboard.press("Enter")
    expect(shown.locator(".big")).to_be_visible()
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    expect(shown.locator("h1")).to_have_text("请选择您要办理的业务")


@BOTH
def test_spoken_help_reads_the_screen_from_sounds_of_the_kiosk(opened: OpenKiosk, language: str) -> None:
    shown = opened(language)
    title = shown.locator("h1").inner_text()
    with shown.expect_response(lambda answer: "/local/speech" in answer.url) as heard:
        shown.locator(".mode").nth(2).click()
    assert heard.value.status in (200, 206)
    assert heard.value.headers["content-type"].startswith("audio/")
    assert said_in(heard.value.url) == title
    digits = {"zh-CN": "A 零 零 一", "en": "A zero zero one"}[language]
    with shown.expect_request(lambda asked: digits in said_in(asked.url)):
        shown.locator(".choice").first.click()


def said_in(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query)).get("text", "")
