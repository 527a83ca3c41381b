"""The touch page as tests find it: its start, in a language and with modes switched on."""

import re
import time

from playwright.sync_api import Page, expect

WORDS = {
    "zh-CN": {"next": "下一位取号", "large": "大字", "contrast": "高对比", "low": "低位", "common": "常办业务"},
    "en": {"next": "Next visitor", "large": "Large", "contrast": "Contrast", "low": "Low reach", "common": "Most used"},
}

CHINESE = re.compile("[\u4e00-\u9fff]")


def at_start(shown: Page, language: str = "zh-CN", *modes: str) -> Page:
    expect(shown.locator(".choice").first).to_be_visible()
    if language != "zh-CN":
        shown.locator(".language").click()
        expect(shown.locator(".tab").first).to_have_text(WORDS[language]["common"])
        expect(shown.locator(".name", has_text=CHINESE)).to_have_count(0)  # names come a moment after the words
    for mode in modes:
        shown.locator(".mode", has_text=WORDS[language][mode]).click()
    return shown


def read_code(shown: Page, code: str) -> None:
    """As a code reader types: real keys, of a millisecond each by their own time, however slow the machine."""
    line, began = shown.context.new_cdp_session(shown), time.time()
    for n, key in enumerate([*code, "Enter"]):
        enter = {"text": "\r", "code": "Enter", "windowsVirtualKeyCode": 13} if key == "Enter" else {"text": key}
        pressed = {"key": key, "timestamp": began + n / 1000, **enter}
        line.send("Input.dispatchKeyEvent", {"type": "keyDown", **pressed})
        line.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})
    line.detach()
