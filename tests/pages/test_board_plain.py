"""The plain board for old browsers: without any script, with a script of 2009, and how an old browser comes to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import TrialHall
from tests.pages.relay import Relay
from tests.parts import free_port

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PRIVATE = ("priority", "3021", '"why"', '"class"', '"clerk"', '"note"', "visitor_class", "reason")


@pytest.fixture
def relay() -> Iterator[Relay]:
    running = Relay(free_port()).start()
    yield running
    running.kill()


def fill(relay: Relay) -> None:
    relay.publish(relay.called("A023", "w3"), relay.called("C108", "w14", ago=60))
    relay.move(relay.call("B001", "w9", ago=100), "missed", "no_show")
    relay.wait(social=18)
    message = {"text": {"zh-CN": "二号电梯维修", "en": "Lift 2 is being repaired"}, "until": None}
    relay.publish({"type": "message.set", "data": {"message": message}})


def shows_the_truth(plain: Page) -> None:
    expect(plain.locator(".call")).to_have_count(2)
    expect(plain.locator(".call.fresh")).to_contain_text("A023")
    expect(plain.locator(".call").nth(1)).to_contain_text("Window 14")
    expect(plain.locator(".waiting tr", has_text="Social insurance")).to_contain_text("18")
    expect(plain.locator(".missed")).to_contain_text("B001")
    expect(plain.locator(".bulletin")).to_have_text("Lift 2 is being repaired")


def test_without_any_script_the_plain_board_is_true_and_stays_so(page: OpenPage, relay: Relay) -> None:
    fill(relay)
    plain = page(f"{relay.url}/board/plain?language=en", java_script_enabled=False)
    shows_the_truth(plain)
    relay.call("A024", "w5")
    expect(plain.locator(".call").first).to_contain_text("A024")


def test_with_a_script_of_2009_it_renews_itself_and_says_when_it_cannot(page: OpenPage, relay: Relay) -> None:
    fill(relay)
    plain = page(f"{relay.url}/board/plain?language=en")
    shows_the_truth(plain)
    assert serious_faults(plain) == []
    relay.call("A024", "w5")
    expect(plain.locator(".call").first).to_contain_text("A024")
    relay.kill()
    expect(plain.locator("#stale.stale")).to_contain_text("Please go by the window screens")
    relay.call("A025", "w6")
    relay.start()
    expect(plain.locator(".call").first).to_contain_text("A025")
    expect(plain.locator("#stale.stale")).to_have_count(0)


def test_a_client_that_hears_nothing_says_so_without_any_script(page: OpenPage, relay: Relay) -> None:
    relay.set(silent_seconds=40)
    plain = page(f"{relay.url}/board/plain", java_script_enabled=False)
    expect(plain.locator(".stale")).to_have_text("数据已40秒未更新，请以窗口屏和广播为准")


def test_the_plain_boards_script_is_of_2009() -> None:
    """Chromium cannot run as an old browser; what such a one would choke on is looked for in the text."""
    folder = Path(__file__).parents[2] / "display" / "pages"
    for name in ("plain.js", "old.js"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not [word for word in ("=>", "`", "let ", "const ", "fetch(", "Promise", "async ") if word in text]


@pytest.mark.parametrize("script", [True, False])
def test_a_browser_too_old_for_modules_is_led_to_the_plain_board(page: OpenPage, relay: Relay, script: bool) -> None:
    fill(relay)
    old = page("about:blank", java_script_enabled=script)
    old.add_init_script("delete HTMLScriptElement.supports")
    old.goto(f"{relay.url}/board?language=en&zone=a")
    expect(old.locator(".call")).to_have_count(1)
    assert "/board/plain?" in old.url and "zone=a" in old.url and "language=en" in old.url


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    running = TrialHall(tmp_path_factory.mktemp("hall"))
    running.display = running.server.token("display")  # type: ignore[attr-defined]
    yield running
    running.server.stop()


def test_the_servers_board_hears_and_shows_neither_class_nor_name(page: OpenPage, hall: TrialHall) -> None:
    board = page("about:blank")
    heard: list[str] = []
    board.on("websocket", lambda line: line.on("framereceived", lambda frame: heard.append(str(frame))))
    board.goto(f"{hall.url}/board#token={hall.display}")  # type: ignore[attr-defined]
    expect(board.locator(".waiting li").first).to_be_visible()
    hall.issue(1)
    hall.issue(1, visitor_class="priority")
    hall.ask("POST", "windows/w3/open", hall.clerk)
    called = hall.ask("POST", "windows/w3/call-next", hall.clerk)["ticket"]
    expect(board.locator(".call")).to_contain_text(called["number"])
    assert any(called["number"] in frame for frame in heard)
    said = " ".join(heard) + board.content()
    assert [word for word in PRIVATE if word in said] == []


def test_an_old_browser_comes_in_at_the_server_by_fragment_or_by_password(page: OpenPage, hall: TrialHall) -> None:
    token = hall.display  # type: ignore[attr-defined]
    plain = page(f"{hall.url}/board/plain?language=en")
    expect(plain.locator(".empty")).to_contain_text("not registered")
    plain.goto("about:blank")
    plain.goto(f"{hall.url}/board/plain?language=en#token={token}")
    expect(plain.locator(".waiting tr", has_text="Social insurance")).to_be_visible()
    credentials = {"username": "screen", "password": token}
    without = page(f"{hall.url}/board/plain", java_script_enabled=False, http_credentials=credentials)
    expect(without.locator(".waiting tr", has_text="社会保险")).to_be_visible()
