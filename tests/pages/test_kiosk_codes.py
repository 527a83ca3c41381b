"""At the touch page with a code reader: slips and bookings scanned; one more thing, pieces, documents, a warning."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hall.devices.printer import Printer
from hall.layout import Hall
from hall.link import Link
from hall.settings import load_settings
from printers.virtual import VirtualPrinter
from tests.browser import OpenPage, pass_seconds
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.rig import Rig, wait_for
from tests.kiosk.touch_page import at_start, read_code
from tests.parts import ROOT, ServerProcess

pytestmark = pytest.mark.browser

DOCUMENT = "11010519491231002X"
OpenKiosk = Callable[..., Page]


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
    with Rig(server.url, tmp_path / "kiosk", Printer(address=paper.address)) as running:
        yield running


@pytest.fixture
def opened(page: OpenPage, kiosk: Rig) -> OpenKiosk:
    return lambda language="zh-CN": at_start(page(kiosk.url, 1080, 1920), language)


def press(shown: Page, name: str) -> None:
    shown.locator(".choice").filter(has=shown.locator(".name", has_text=re.compile(f"^{name}$"))).click()


def figures(shown: Page, text: str) -> None:
    for one in text:
        shown.locator(".figure", has_text=re.compile(f"^{one}$")).click()


def known(server: FakeServer, code: str, action: str, **more: Any) -> None:
    line = server.layout.lines[0]
    ticket = server._ticket(line, None, {"language": "zh-CN"}) | {"number": "A023", "ahead": 2, "slip": None}
    server.codes[code] = {"action": action, "ticket": ticket | more, "booking": None}


@pytest.mark.parametrize(
    ("action", "more", "words"),
    [
        ("reinstated", {}, "已恢复，前面还有2人"),
        ("arrived", {}, "已到达登记，前面还有2人"),
        ("found", {}, "您的号码A023还在排队，前面还有2人"),
        ("found", {"parked": "linked"}, "您的另一个号码正在办理，办完再叫A023"),
        ("found", {"status": "called", "ahead": 0}, "正在叫A023，请到窗口办理"),
        ("found", {"status": "completed", "ahead": None}, "A023已经办理结束"),
        ("found", {"status": "expired", "ahead": None}, "A023已经失效，请重新取号"),
        ("arrived", {"slip": {"id": "s1"}, "class": "booked"}, "预约签到成功，请取走小票"),
        ("precedence", {"slip": {"id": "s1"}, "class": "booked"}, "昨天没有办到，今天优先安排，请取走小票"),
    ],
)
def test_a_scanned_code_is_answered_in_one_sentence(
    opened: OpenKiosk, server: FakeServer, action: str, more: dict[str, Any], words: str
) -> None:
    known(server, "Jx0dQ2y7wYb3aXc9eFgH1A", action, **more)
    shown = opened()
    read_code(shown, "https://hall.example.gov.cn/t/Jx0dQ2y7wYb3aXc9eFgH1A")
    expect(shown.locator("h1")).to_contain_text(words)
    expect(shown.locator(".big")).to_have_text("A023")
    assert server.tickets == []


def test_a_reader_works_on_every_screen_and_its_enter_presses_no_key(opened: OpenKiosk, server: FakeServer) -> None:
    known(server, "Jx0dQ2y7wYb3aXc9eFgH1A", "found")
    shown = opened()
    for way in (".ways .blue", ".ways .amber", ".search-key", ".ways .plain"):
        shown.locator(way).click()
        shown.locator(".back").focus()
        if way == ".search-key":
            shown.locator(".field").focus()
        read_code(shown, "Jx0dQ2y7wYb3aXc9eFgH1A")
        expect(shown.locator(".plain.outcome")).to_be_visible()
        shown.locator(".next").click()
        expect(shown.locator(".tab").first).to_be_visible()
        pass_seconds(shown, 0.5)
    shown.locator(".choice").first.focus()
    read_code(shown, "6901234567892")
    expect(shown.locator("dialog")).to_contain_text("没有找到这个码")
    assert len(server.scanned) == 5
    assert server.tickets == []


def test_a_hand_in_the_search_field_is_no_reader(opened: OpenKiosk, server: FakeServer) -> None:
    shown = opened("en")
    shown.locator(".search-key").click()
    expect(shown.get_by_role("textbox")).to_be_focused()
    shown.keyboard.type("passport")
    shown.keyboard.press("Enter")
    expect(shown.locator(".choice", has_text=re.compile("passport", re.I)).first).to_be_visible()
    assert server.scanned == []


def test_a_booking_code_can_be_typed_with_capitals_and_small_letters(opened: OpenKiosk, server: FakeServer) -> None:
    known(server, "aB3-x_9", "arrived", slip={"id": "s1"})
    shown = opened()
    shown.locator(".ways .plain").click()
    shown.locator(".choice").click()
    for key in ("a", "abc", "B", "ABC", "3", "-", "x", "_", "9"):
        shown.locator(".letter", has_text=re.compile(f"^{key}$")).click()
    shown.locator(".confirm").click()
    expect(shown.locator(".outcome")).to_contain_text("预约签到成功")
    assert server.scanned == ["aB3-x_9"]


def test_the_screen_speaks_the_language_of_the_ticket_and_the_next_visitors_again(
    opened: OpenKiosk, server: FakeServer
) -> None:
    known(server, "Jx0dQ2y7wYb3aXc9eFgH1A", "reinstated", language="en")
    shown = opened()
    read_code(shown, "Jx0dQ2y7wYb3aXc9eFgH1A")
    expect(shown.locator("h1")).to_contain_text("You are waiting again, 2 people ahead")
    expect(shown.locator(".of-line")).to_have_text("Social insurance")
    shown.locator(".next").click()
    expect(shown.locator("h1")).to_have_text("请选择您要办理的业务")


def test_one_more_thing_joins_the_number_and_any_other_touch_is_the_next_visitors(
    opened: OpenKiosk, server: FakeServer
) -> None:
    shown = opened()
    press(shown, "社会保险")
    shown.locator(".more").click()
    expect(shown.locator(".notice")).to_contain_text("与A001一起排队")
    press(shown, "医疗保障")
    expect(shown.locator(".note")).to_have_text("同一人：A001")
    pass_seconds(shown, 0.8)
    shown.locator("header").click()
    expect(shown.locator(".tab").first).to_be_visible()
    press(shown, "医疗保障")
    expect(shown.locator(".big")).to_have_text("B002")
    assert [body.get("with") for body in server.bodies] == [None, "t1", None]


def test_who_wants_no_more_leaves_nothing_to_join(opened: OpenKiosk, server: FakeServer) -> None:
    shown = opened()
    press(shown, "社会保险")
    shown.locator(".more").click()
    pass_seconds(shown, 0.5)
    shown.locator(".back", has_text="不再办了").click()
    expect(shown.locator(".notice")).to_have_count(0)
    pass_seconds(shown, 0.5)
    press(shown, "社会保险")
    expect(shown.locator(".big")).to_have_text("A002")
    assert "with" not in server.bodies[1]


def test_an_agent_types_the_pieces_and_a_line_above_its_limit_says_so(opened: OpenKiosk, server: FakeServer) -> None:
    shown = opened()
    press(shown, "税务")
    expect(shown.locator(".confirm")).to_have_text("取号（1件）")
    figures(shown, "12")
    expect(shown.locator(".entry-note")).to_contain_text("每次叫号办5件")
    shown.locator(".confirm").click()
    expect(shown.locator(".note")).to_have_text("本号办理12件")
    assert server.bodies[0]["count"] == 12


def test_a_document_is_typed_masked_checked_and_forgotten(opened: OpenKiosk, server: FakeServer, kiosk: Rig) -> None:
    server.lines["social"] = {"identity": "typed"}
    wait_for(lambda: "typed" in {one["identity"] for one in kiosk.catalogue()["lines"]})
    shown = opened()
    press(shown, "社会保险")
    expect(shown.locator(".hint")).to_have_text("只用来核对一人一号，本机不保存，大厅当晚销毁")
    shown.locator(".tab").nth(1).click()
    figures(shown, DOCUMENT[:-1])
    figures(shown, "1")
    expect(shown.locator(".entry.masked > span")).to_have_text("•" * 17 + "1")
    assert DOCUMENT[:6] not in shown.content()
    shown.locator(".confirm").click()
    expect(shown.locator("h1")).to_have_text("请输入被代办人的证件号码")
    figures(shown, DOCUMENT)
    shown.locator(".confirm").click()
    expect(shown.locator("dialog")).to_contain_text("请核对证件号码")
    assert server.bodies == []
    shown.locator("dialog .key").click()
    shown.locator(".tab").first.click()
    figures(shown, DOCUMENT)
    shown.locator(".show").click()
    expect(shown.locator(".entry.masked > span")).to_have_text("1101 0519 4912 3100 2X")
    shown.locator(".confirm").click()
    expect(shown.locator(".big")).to_have_text("A001")
    assert [(body["person"], body.get("principal")) for body in server.bodies] == [(DOCUMENT, None)]
    assert DOCUMENT not in shown.content()


def test_who_may_pass_closing_is_warned_and_asked_first(opened: OpenKiosk, server: FakeServer) -> None:
    words = "可能到下班也办不完，建议改天再来或预约"
    server.lines["social"] = {"waiting": 90, "warning": "may_pass_closing", "warning_text": words}
    shown = opened()
    expect(shown.locator(".choice").first).to_contain_text(words)
    press(shown, "社会保险")
    expect(shown.locator("dialog")).to_contain_text("90 人等候")
    shown.locator("dialog .key", has_text="不取了").click()
    assert server.tickets == []
    press(shown, "社会保险")
    shown.locator("dialog .primary").click()
    expect(shown.locator(".big")).to_have_text("A001")


def test_the_help_key_says_that_someone_comes_until_the_desk_has_answered(
    page: OpenPage, paper: VirtualPrinter, tmp_path: Path
) -> None:
    with ServerProcess(tmp_path / "server") as server:
        desk = Link(server.url, server.token("desk"))
        with Rig(server.url, tmp_path / "kiosk", Printer(address=paper.address), token=server.token("kiosk")) as kiosk:
            wait_for(lambda: kiosk.kiosk.follower and kiosk.kiosk.follower.up)
            shown = at_start(page(kiosk.url, 1080, 1920))
            shown.locator(".ways .amber").click()
            shown.locator(".choice").click()
            expect(shown.locator(".choice")).to_contain_text("导办员马上就来")
            pass_seconds(shown, 0.5)
            shown.locator(".back").click()
            expect(shown.locator(".ways .amber")).to_have_text("导办员马上就来")
            device = desk.get("desk")["wanted"][0]["device"]
            desk.post(f"kiosk-help/{device}/answer")
            expect(shown.locator(".ways .amber")).to_have_text("需要优先或帮助")
