"""The touch page while the kiosk goes on by itself: calm, plain, and with numbers."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hall.texts import say
from tests.browser import OpenPage, serious_faults
from tests.kiosk.conftest import StartKiosk
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.test_screens import faults_of
from tests.kiosk.touch_page import WORDS, at_start

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("HALLCALL_PICTURES")
SEEN = [(language, modes) for language in WORDS for modes in ((), ("large", "low", "contrast"))]

CutOff = Callable[..., Page]
WORDS_OF = {
    "social": {"zh-CN": "社会保险", "en": "Social insurance"},
    "medical": {"zh-CN": "医疗保障", "en": "Medical insurance"},
}


@pytest.fixture
def cut_off(page: OpenPage, start_kiosk: StartKiosk, server: FakeServer) -> Iterator[CutOff]:
    server.bands, server.without_band = True, {"medical"}
    server.public_url = "https://hall.example.gov.cn"

    def open_page(language: str = "zh-CN", *modes: str) -> Page:
        kiosk = start_kiosk(result_seconds=60)
        shown = at_start(page(kiosk.url, 1080, 1920), language, *modes)
        server.down = True
        expect(shown.locator(".notice.blue")).to_have_text(say(language, "kiosk.offline_lead"))
        return shown

    yield open_page


def keep_picture(shown: Page, name: str) -> None:
    if PICTURES:
        shown.screenshot(path=Path(PICTURES) / f"{name}.png")


@pytest.mark.parametrize(("language", "modes"), SEEN)
def test_without_network_the_page_says_so_calmly_and_gives_numbers(
    cut_off: CutOff, server: FakeServer, language: str, modes: tuple[str, ...]
) -> None:
    shown = cut_off(language, *modes)
    assert shown.locator(".notice.red").count() == 0
    key = shown.locator(".choice", has_text=WORDS_OF["social"][language])
    expect(key).to_contain_text(say(language, "kiosk.offline_open"))
    closed = shown.locator(".choice", has_text=WORDS_OF["medical"][language])
    expect(closed).to_contain_text(say(language, "kiosk.offline_not_offline"))
    assert faults_of(shown, "low" in modes) == [] and serious_faults(shown) == []
    keep_picture(shown, f"start-{language}-{len(modes)}")
    key.click()
    expect(shown.locator(".big")).to_have_text("A801")
    expect(shown.locator("main")).to_contain_text(say(language, "kiosk.offline_valid"))
    assert shown.locator(".facts").count() == 0  # nobody knows how many are ahead
    assert faults_of(shown, "low" in modes) == [] and serious_faults(shown) == []
    keep_picture(shown, f"taken-{language}-{len(modes)}")


def test_what_was_given_is_handed_over_and_the_page_is_as_before(cut_off: CutOff, server: FakeServer) -> None:
    shown = cut_off()
    shown.locator(".choice").first.click()
    expect(shown.locator(".big")).to_have_text("A801")
    shown.locator(".next").click()
    server.down = False
    expect(shown.locator(".notice")).to_have_count(0)
    assert [(one["prefix"], one["ordinal"]) for one in server.handed] == [("A", 801)]
    shown.locator(".choice").first.click()
    expect(shown.locator(".big")).to_have_text("A001")
