"""The page behind the slip's code, on a real server: whole without script, live with one, small over the wire."""

import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.parts import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PUBLIC = "https://hall.example"
LARGEST_VIEW = 60 * 1024

WATCHED = """
    window.felt = [];
    window.kept = [];
    navigator.vibrate = (times) => window.felt.push(times) > 0;
    const request = async (kind) => (window.kept.push(kind), { release: async () => {}, addEventListener() {} });
    Object.defineProperty(navigator, "wakeLock", { value: { request } });
"""
"""A machine without a motor and a battery notes what a phone would have felt and kept awake."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HALLCALL_PUBLIC_URL", PUBLIC)
        running = ServerProcess(tmp_path_factory.mktemp("phone") / "server")
    with running:
        yield running


class Line:
    """One line of the hall, its desk and the window that serves it."""

    def __init__(self, server: ServerProcess, line: str, window: str) -> None:
        self.server, self.line, self.window = server, line, window
        self.desk, self.clerk = server.token("desk"), server.token("supervisor")

    def send(self, token: str, path: str, **body: object) -> Any:
        url = f"{self.server.url}/api/v1/halls/binjiang/{path}"
        answer = requests.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        assert answer.ok, answer.text
        return answer.json() if answer.content else {}

    def issue(self, **more: object) -> dict[str, Any]:
        return dict(self.send(self.desk, "tickets", **({"line": self.line} | more))["ticket"])

    def at(self, act: str, **body: object) -> Any:
        return self.send(self.clerk, f"windows/{self.window}/{act}", **body)

    def address(self, ticket: dict[str, Any]) -> str:
        assert ticket["track_url"].startswith(f"{PUBLIC}/t/")
        return self.server.url + str(ticket["track_url"]).removeprefix(PUBLIC)

    def call(self, ticket: dict[str, Any]) -> None:
        self.at("call", number=ticket["number"], reason="test")


@pytest.fixture(scope="module")
def passports(server: ServerProcess) -> Line:
    return Line(server, "passport", "w13")


@pytest.fixture
def window(passports: Line) -> Iterator[Line]:
    """Open and free before each test, and nobody left waiting."""
    passports.at("open", take_over=True)
    while passports.at("call-next", finish="completed"):
        pass
    yield passports


def opened(page: OpenPage, address: str, **options: Any) -> Page:
    phone = page(address, 390, 844, **options)
    expect(phone.locator("html[data-live=yes]")).to_be_attached()
    return phone


def test_without_script_the_page_is_whole_and_its_forms_work(page: OpenPage, window: Line) -> None:
    window.issue()
    phone = page(window.address(window.issue(language="en")), 390, 844, java_script_enabled=False)
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    expect(phone.locator(".figure")).to_have_text("1person")
    expect(phone.locator("noscript")).to_have_count(1)
    phone.get_by_text("I am late: 15 more minutes").click()
    phone.get_by_role("button", name="Put me off").click()
    expect(phone.locator("#words")).to_contain_text("Put off for you until")
    phone.get_by_text("Cancel my number").click()
    phone.get_by_role("button", name="Cancel J").click()
    expect(phone.locator("#words")).to_have_text("This number was cancelled")


def test_a_code_nobody_has_is_answered_for_people(page: OpenPage, server: ServerProcess) -> None:
    phone = page(f"{server.url}/t/guessed-code-of-22-chars", 390, 844, locale="en-GB")
    expect(phone.locator("h1")).to_contain_text("This slip is not known here")
    assert requests.get(f"{server.url}/t/guessed-code-of-22-chars", timeout=20).status_code == 404
    assert serious_faults(phone) == []


@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en", "dark"), ("zh-CN", "dark")])
def test_it_can_be_read_by_everyone_in_every_state(page: OpenPage, window: Line, language: str, scheme: str) -> None:
    ticket = window.issue(matter="passport", language=language)
    phone = opened(page, window.address(ticket), color_scheme=scheme)
    for summary in ("#why summary", "#late summary", "#cancel summary"):
        phone.locator(summary).click()
    assert serious_faults(phone) == []
    window.call(ticket)
    expect(phone.locator("#called")).to_be_visible()
    assert serious_faults(phone) == []
    phone.locator("#understood").click()
    expect(phone.locator(".state")).to_have_css("background-color", "rgb(255, 179, 0)")
    assert serious_faults(phone) == []
    window.at("complete")
    expect(phone.locator("#words")).to_contain_text({"zh-CN": "已办理结束", "en": "Finished"}[language])
    expect(phone.locator("script[type=module]")).to_have_count(0)  # loaded anew, without any
    assert serious_faults(phone) == []


def test_the_figure_falls_by_itself_until_the_call_fills_the_screen(page: OpenPage, window: Line) -> None:
    first, own = window.issue(), window.issue()
    phone = page("about:blank", 390, 844)
    phone.add_init_script(WATCHED)
    phone.goto(window.address(own))
    expect(phone.locator("#ahead")).to_have_text("1")
    expect(phone.locator("#zone")).to_have_text("二楼B区")
    window.call(first)
    expect(phone.locator("#ahead")).to_have_text("0")
    expect(phone.locator("#wait")).to_have_text("下一位就是您，请做好准备")
    window.at("call-next", finish="completed")
    called = phone.locator("#called")
    expect(called).to_be_visible()
    expect(called).to_contain_text("13号窗口")
    expect(called).to_have_css("background-color", "rgb(255, 179, 0)")
    box = called.bounding_box()
    assert box and (box["width"], box["height"]) == (390, 844)
    phone.wait_for_function("felt.length > 0 && kept.includes('screen')")
    phone.keyboard.press("Enter")  # the key has the focus
    expect(called).to_be_hidden()
    window.at("recall")
    expect(called).to_be_visible()
    window.at("start")
    expect(called).to_be_hidden()
    expect(phone.locator("#words")).to_have_text("正在13号窗口办理")


def test_a_call_that_came_before_the_page_fills_the_screen_too(page: OpenPage, window: Line) -> None:
    ticket = window.issue()
    window.call(ticket)
    phone = opened(page, window.address(ticket))
    expect(phone.locator("#called")).to_be_visible()


def test_late_and_cancel_are_asked_once_more_and_done_in_place(page: OpenPage, window: Line) -> None:
    phone = opened(page, window.address(window.issue()))
    phone.evaluate("window.same = true")
    phone.locator("#late summary").click()
    phone.get_by_role("button", name="确定推迟").click()
    expect(phone.locator("#words")).to_contain_text("已为您推迟")
    expect(phone.locator("#late")).to_be_hidden()
    assert phone.evaluate("window.same")
    phone.locator("#cancel summary").click()
    expect(phone.locator("#cancel p")).to_contain_text("作废")
    phone.locator("#cancel form button").click()
    expect(phone.locator("#words")).to_have_text("此号已取消")


def test_what_the_server_refuses_is_said_on_the_page(page: OpenPage, window: Line) -> None:
    ticket = window.issue()
    phone = opened(page, window.address(ticket))
    phone.locator("#late summary").click()
    assert requests.post(f"{window.address(ticket)}/late", timeout=20).ok  # on another phone
    phone.evaluate("document.querySelector('#late').hidden = false")
    phone.locator("#late form").evaluate("form => form.requestSubmit()")
    expect(phone.locator("#refused")).to_contain_text("已推迟过一次")


def test_large_type_keeps_every_control_within_the_screen(page: OpenPage, window: Line) -> None:
    phone = opened(page, window.address(window.issue(language="en", matter="passport")))
    phone.locator("#large").click()
    expect(phone.locator("html")).to_have_class("large")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.reload()
    expect(phone.locator("html")).to_have_class("large")


def test_a_lost_line_is_said_and_found_again(page: OpenPage, window: Line) -> None:
    phone = opened(page, window.address(window.issue()))
    expect(phone.locator("#stale")).to_be_hidden()
    phone.context.set_offline(True)
    expect(phone.locator("#stale")).to_contain_text("正在重新连接")
    expect(phone.locator("#stale")).to_contain_text("秒未更新，请以窗口屏和广播为准")
    phone.context.set_offline(False)
    expect(phone.locator("#stale")).to_be_hidden()


def test_the_kiosk_can_read_the_code_of_who_has_no_slip(page: OpenPage, window: Line, server: ServerProcess) -> None:
    tickets = [window.issue() for _ in range(5)]
    url = f"{server.url}/api/v1/halls/binjiang/remote-tickets"
    taken = requests.post(url, json={"line": "passport", "language": "en"}, timeout=20).json()["ticket"]
    phone = opened(page, f"{server.url}/t/{taken['code']}", color_scheme="dark")
    expect(phone.locator("#words")).to_contain_text("scan this code at the kiosk")
    picture = Image.open(io.BytesIO(phone.locator("#qr svg").screenshot()))
    (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == taken["track_url"]
    assert serious_faults(phone) == []
    assert window.send(window.desk, "tickets/scan", code=read.text)["action"] == "arrived"
    expect(phone.locator("#qr")).to_be_hidden()
    expect(phone.locator("#ahead")).to_have_text(str(len(tickets)))


def test_the_first_view_is_small_and_soon_live(browser: Any, window: Line) -> None:
    """Every byte that the browser takes from the wire until the page is live; how soon is printed, not judged here."""
    address = window.address(window.issue(matter="passport"))
    context = browser.new_context(viewport={"width": 390, "height": 844})
    try:
        phone = context.new_page()
        wire = phone.context.new_cdp_session(phone)
        taken: list[float] = []
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", lambda told: taken.append(told["encodedDataLength"]))
        wire.on("Network.webSocketFrameReceived", lambda told: taken.append(len(told["response"]["payloadData"])))
        began = time.perf_counter()
        phone.goto(address, wait_until="commit")
        phone.wait_for_selector("html[data-live=yes]", state="attached")
        print(f"live after {1000 * (time.perf_counter() - began):.0f} ms, {sum(taken):.0f} bytes")
        phone.wait_for_load_state("networkidle")
        assert len(taken) >= 6 and 8_000 < sum(taken) <= LARGEST_VIEW
    finally:
        context.close()


def test_modules_and_styles_are_packed_for_browsers_that_unpack_them(server: ServerProcess) -> None:
    url = f"{server.url}/web/packages/socket.io.js"
    packed = requests.get(url, headers={"Accept-Encoding": "gzip"}, timeout=20)
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=20)
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["Content-Length"]) < 0.5 * int(plain.headers["Content-Length"])
    assert {answer.headers["Vary"] for answer in (packed, plain)} == {"Accept-Encoding"}
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert requests.get(url, headers=again, timeout=20).status_code == 304
