"""Every screen of the touch page at its true size: keys large and within reach, words whole, no serious fault."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hall.devices.printer import Printer
from hall.layout import Hall
from hall.texts import say
from printers.virtual import VirtualPrinter
from tests.browser import OpenPage, pass_seconds, serious_faults
from tests.kiosk.conftest import StartKiosk
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.rig import Rig
from tests.kiosk.touch_page import WORDS, at_start, read_code

pytestmark = pytest.mark.browser

LEAST_PX = 96
REACH_PX = 630
BOTH = pytest.mark.parametrize("language", list(WORDS))
PASSES = {"zh-CN": say("zh-CN", "errors.line_may_pass_closing"), "en": say("en", "errors.line_may_pass_closing")}
MODES = [(), ("large",), ("contrast",), ("large", "low", "contrast")]


@BOTH
@pytest.mark.parametrize("modes", MODES, ids=lambda modes: "+".join(modes) or "plain")
def test_every_screen_has_large_keys_whole_words_and_no_serious_fault(
    page: OpenPage, start_kiosk: StartKiosk, server: FakeServer, language: str, modes: tuple[str, ...]
) -> None:
    server.lines["social"] = {"waiting": 18, "expected_wait": {"low": 25, "likely": 30, "high": 40}}
    server.lines["tax"] = {"waiting": 3, "windows_open": 0, "resumes_at": "2026-11-23T05:30:00Z"}
    server.lines["fund"] = {"open": False, "reason": "over", "reason_text": "今日取号已结束"}
    server.lines["medical"] = {"identity": "typed"}
    server.lines["property"] = {"batch_limit": 5}
    server.lines["business"] = {"waiting": 90, "warning": "may_pass_closing", "warning_text": PASSES[language]}
    server.public_url = "https://hall.example.gov.cn"
    kiosk = start_kiosk(idle_seconds=600, result_seconds=600)  # as long as a slow machine looks at a screen
    shown = at_start(page(kiosk.url, 1080, 1920), language, *modes)
    for name in chain(screens(shown), asking_screens(shown, server), number_screens(shown, server)):
        assert faults_of(shown, "low" in modes) == [], name
        # Larger type and a lower reach change no colour, word or role.
        if modes in ((), ("contrast",)):
            assert serious_faults(shown) == [], name


def screens(shown: Page) -> Iterator[str]:
    """The screens of choosing."""
    yield "start"
    shown.locator(".tab").nth(1).click()
    yield "units"
    shown.locator(".choice").nth(1).click()
    yield "unit"
    shown.locator(".back").click()
    shown.locator(".tab").nth(2).click()
    yield "categories"
    shown.locator(".choice").first.click()
    yield "category"
    shown.locator(".search-key").click()
    shown.keyboard.type("s")
    yield "search"
    shown.locator(".ways .blue").click()
    yield "guide"
    shown.locator(".ways .amber").click()
    yield "help"
    pass_seconds(shown, 0.5)
    shown.locator(".back").click()


def asking_screens(shown: Page, server: FakeServer) -> Iterator[str]:
    """The screens on which something is scanned or typed."""
    shown.locator(".ways .plain").click()
    yield "scan"
    shown.locator(".choice").click()
    yield "code"
    back(shown, 2)
    for line in ("property", "medical"):
        press(shown, server, line)
        yield line
        if line == "medical":
            shown.locator(".tab").nth(1).click()
            shown.locator(".figure.small").first.click()
            yield "letters"
        back(shown)


def number_screens(shown: Page, server: FakeServer) -> Iterator[str]:
    """A number with all that may be said of it, one more for the same person, and one that was missed."""
    press(shown, server, "social")
    expect(shown.locator(".after img")).to_be_visible()
    yield "taken"
    shown.locator(".more").click()
    yield "joins"
    press(shown, server, "social")
    expect(shown.locator(".note")).to_be_visible()
    yield "linked"
    ticket = {**server.tickets[0], "slip": None, "status": "waiting"}
    server.codes["codeofaslip"] = {"action": "found", "ticket": ticket, "booking": None}
    read_code(shown, "https://hall.example.gov.cn/t/codeofaslip")
    expect(shown.locator(".plain")).to_be_visible()
    yield "found"


def back(shown: Page, times: int = 1) -> None:
    for _ in range(times):
        pass_seconds(shown, 0.5)  # nobody touches twice at one spot within the time of a double touch
        shown.locator(".back").click()


def press(shown: Page, server: FakeServer, line: str) -> None:
    """Touches a line's key on the start page, on whichever of its pages it is."""
    language = shown.evaluate("document.documentElement.lang")
    name = next(one for one in server.layout.lines if one.id == line).name[language]
    key = shown.locator(".choice").filter(has=shown.locator(".name", has_text=re.compile(f"^{name}$")))
    expect(shown.locator(".tab")).to_have_count(3)
    while not key.count():
        shown.locator(".pager .key").last.click()
        pass_seconds(shown, 0.5)
    key.click()


MEASURE = """() => [...document.querySelectorAll('button, input')].map((key) => {
  const { top, bottom, left, right, width, height } = key.getBoundingClientRect();
  return { text: key.innerText || 'field', top, bottom, left, right, width, height,
           cut: key.scrollHeight > key.clientHeight + 2 || key.scrollWidth > key.clientWidth + 2 };
})"""
WORDS_CUT = """() => [...document.querySelectorAll('main, main p, main h1, .fit')]
  .filter((part) => part.scrollWidth > part.clientWidth + 2 ||
    (part.matches('main') && part.scrollHeight > part.clientHeight + 2))
  .map((part) => part.innerText)"""


def faults_of(shown: Page, low: bool) -> list[Any]:
    """What is wrong with a screen at rest: on a slow machine it still changes when it is first looked at."""
    for _ in range(100):
        if not (found := faults_now(shown, low)):
            break
        shown.wait_for_timeout(250)
    return found


def faults_now(shown: Page, low: bool) -> list[Any]:
    """Keys too small, outside the screen, above the reach line in low mode, or with words that are cut."""
    keys = shown.evaluate(MEASURE)
    top = REACH_PX if low else 0
    return [
        key
        for key in keys
        if min(key["width"], key["height"]) < LEAST_PX
        or key["top"] < top
        or key["bottom"] > 1920
        or key["left"] < 0
        or key["right"] > 1080
        or key["cut"]
    ] + shown.evaluate(WORDS_CUT)


@pytest.mark.parametrize("count", [4, 16])
def test_few_and_many_lines_both_fill_the_page_well(
    page: OpenPage, layout: Hall, paper: VirtualPrinter, tmp_path: Path, count: int
) -> None:
    common = [one.model_copy(update={"common": True}) for one in layout.lines]
    more = [common[0].model_copy(update={"id": f"more-{n}", "prefix": f"Z{'ABCDEFGH'[n]}"}) for n in range(8)]
    lines = (common + more)[:count]
    known = {one.id for one in lines}
    matters = [one for one in layout.matters if one.line in known]
    server = FakeServer(layout.model_copy(update={"lines": lines, "matters": matters}))
    try:
        with Rig(server.url, tmp_path / "kiosk", Printer(address=paper.address)) as kiosk:
            shown = at_start(page(kiosk.url, 1080, 1920))
            assert faults_of(shown, low=False) == []
            assert shown.locator(".choice").count() == min(count, 8)
            if count > 8:
                shown.locator(".pager .key").last.click()
                expect(shown.locator(".pager span")).to_have_text("2 / 2")
                assert shown.locator(".choice").count() == 8
    finally:
        server.stop()
