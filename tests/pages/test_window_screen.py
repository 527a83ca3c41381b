"""The window screen in Chromium: its number, its state in words, and the page as loudspeaker."""

import math
import struct
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import OpenPage, serious_faults
from tests.pages.relay import Relay
from tests.parts import free_port

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def relay() -> Iterator[Relay]:
    running = Relay(free_port()).start()
    yield running
    running.kill()


def test_the_current_number_fills_the_screen_until_it_is_done(page: OpenPage, relay: Relay) -> None:
    screen = page(f"{relay.url}/window/w3")
    expect(screen.locator("main.free")).to_contain_text("空闲")
    ticket = relay.call("A023", "w3")
    expect(screen.locator("main.called .current")).to_have_text("A023")
    assert screen.locator(".current").bounding_box()["width"] > 0.6 * 1920
    expect(screen.locator("main")).to_contain_text("请到本窗口办理")
    relay.move(ticket, "started", "serving")
    expect(screen.locator("main.serving")).to_contain_text("正在办理")
    relay.move(ticket, "completed", "completed")
    expect(screen.locator("main.free")).to_be_visible()


def test_a_call_is_also_said_in_the_language_of_its_ticket(page: OpenPage, relay: Relay) -> None:
    screen = page(f"{relay.url}/window/w3")
    expect(screen.locator("main.free")).to_be_visible()
    relay.call("A023", "w3", language="en")
    expect(screen.locator("main.called .own")).to_have_text("Please come to this window")
    expect(screen.locator("main.called")).to_contain_text("请到本窗口办理")
    assert serious_faults(screen) == []
    relay.call("A024", "w3")
    expect(screen.locator(".current")).to_have_text("A024")
    expect(screen.locator(".own")).to_have_count(0)


def test_calls_to_other_windows_leave_it_alone(page: OpenPage, relay: Relay) -> None:
    screen = page(f"{relay.url}/window/w3")
    expect(screen.locator("main.free")).to_be_visible()
    relay.call("A023", "w4")
    relay.call("A024", "w3")
    expect(screen.locator(".current")).to_have_text("A024")


@pytest.mark.parametrize(
    ("language", "paused", "closed"),
    [("zh-CN", "暂停服务\n13:30恢复", "未开放"), ("en", "Paused\nBack at 13:30", "Closed")],
)
def test_paused_and_closed_are_said_in_words(
    page: OpenPage, relay: Relay, language: str, paused: str, closed: str
) -> None:
    screen = page(f"{relay.url}/window/w3?language={language}")
    relay.window("w3", status="paused", until="2099-11-23T05:30:00Z")
    expect(screen.locator("main.paused")).to_be_visible()
    expect(screen.locator("header .clock")).to_be_visible()
    assert screen.locator("main").inner_text().replace("\n\n", "\n") == paused
    assert serious_faults(screen) == []
    relay.window("w3", status="paused", until="2026-11-23T05:30:00Z")  # long past: no promise any more
    expect(screen.locator("main.paused .back")).to_have_count(0)
    relay.window("w3", status="closed", until=None)
    expect(screen.locator("main.closed .state")).to_have_text(closed)
    assert serious_faults(screen) == []


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920), (1280, 720), (1920, 540)])
def test_long_numbers_and_long_names_stay_on_every_shape_of_screen(
    page: OpenPage, relay: Relay, width: int, height: int
) -> None:
    relay.call("AB1023", "w16")
    screen = page(f"{relay.url}/window/w16?language=en", width=width, height=height)
    expect(screen.locator(".current")).to_be_visible()
    for part in (".current", ".words:not(.own)", ".own", "header .clock"):
        box = screen.locator(part).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, part
        assert box["y"] >= 0 and box["y"] + box["height"] <= height, part


def test_an_unknown_window_is_named_as_such(page: OpenPage, relay: Relay) -> None:
    screen = page(f"{relay.url}/window/w99")
    expect(screen.locator("main")).to_contain_text("没有这个窗口")


def test_a_cut_off_window_screen_says_so(page: OpenPage, relay: Relay) -> None:
    screen = page(f"{relay.url}/window/w3")
    expect(screen.locator("main.free")).to_be_visible()
    relay.kill()
    expect(screen.locator("footer.stale")).to_contain_text("请听窗口工作人员叫号")
    relay.start()
    expect(screen.locator("footer.stale")).to_have_count(0)


def tone(path: Path, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22050)
        frames = (int(9000 * math.sin(n / 8)) for n in range(int(22050 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", frame) for frame in frames))


def wait_for_answers(relay: Relay, count: int) -> list[dict[str, str]]:
    for _ in range(600):
        answers = [answer for answer in relay.heard() if "id" in answer]
        if len(answers) >= count:
            return answers
        time.sleep(0.1)
    raise TimeoutError(f"{len(answers)} of {count} answers")


def test_the_page_plays_what_it_is_sent_one_after_another_and_says_when(page: OpenPage, tmp_path: Path) -> None:
    tone(tmp_path / "call.wav", 0.6)
    relay = Relay(free_port(), sound="none", sounds=tmp_path).start()
    try:
        screen = page(f"{relay.url}/board")
        expect(screen.locator("footer .sound")).to_have_text("语音由本屏播放")
        assert {"can_play": True} in relay.heard()
        for name in ("one", "two", "three"):
            url = "/sound/gone.wav" if name == "two" else "/sound/call.wav"
            relay.order("emit/play", {"id": name, "url": url, "duration": 0.6, "text": "", "language": "zh-CN"})
        one, two, three = wait_for_answers(relay, 3)
    finally:
        relay.kill()
    assert [one["id"], two["id"], three["id"]] == ["one", "two", "three"]
    assert "error" not in one and "error" in two and "error" not in three
    assert one["ended_at"] <= two["started_at"] and two["ended_at"] <= three["started_at"]


def test_a_screen_that_does_not_speak_says_nothing_about_sound(page: OpenPage, relay: Relay) -> None:
    screen = page(f"{relay.url}/board")
    expect(screen.locator(".waiting li").first).to_be_visible()
    assert screen.locator("footer .sound").inner_text() == ""
    assert relay.heard() == []
