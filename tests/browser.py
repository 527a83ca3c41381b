"""A real Chromium for the tests: `page(url, width, height)` opens a page in a context of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
PREPARED = ROOT / "build" / "chromium" / "chromium"
"""Where tests/prepare puts the one from npm when the machine has none."""
ARGUMENTS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
SINGLE_PROCESS = ["--single-process", "--no-zygote", "--disable-gpu"]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

PATIENCE = 60_000  # ms; a machine that runs all tests at once is slow; what is timed is in bench/
expect.set_options(timeout=PATIENCE)

OpenPage = Callable[..., Page]


def chromium() -> tuple[str, list[str]]:
    """The Chromium to run and its arguments: HALLCALL_CHROMIUM, the machine's or the prepared one."""
    named = os.environ.get("HALLCALL_CHROMIUM")
    own = named or shutil.which("chromium") or shutil.which("chromium-browser") or str(PREPARED)
    packed = Path(own) == PREPARED or "sparticuz" in own  # the npm one only works in a single process
    return own, ARGUMENTS + (SINGLE_PROCESS if packed else [])


def headless() -> tuple[str, list[str]]:
    """The one without a window around its pages, where it is there: it opens a page at a third of the CPU."""
    named = os.environ.get("HALLCALL_CHROMIUM")
    shell = None if named else shutil.which("chromium-headless-shell")
    return (shell, ARGUMENTS) if shell else chromium()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path, arguments = headless()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=arguments)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[OpenPage]:
    """`page(url, width=…, height=…, locale=…)`: a page whose uncaught errors fail the test that opened it."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(url: str, width: int = 1920, height: int = 1080, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        opened = context.new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.goto(url)
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, errors


LATER = """(seconds) => {
    const before = performance.now.bind(performance);
    performance.now = () => before() + 1000 * seconds;
}"""


def pass_seconds(opened: Page, seconds: float) -> None:
    """The page's own clock, which only rises, put on: what waits by it is over at once, on a slow machine too."""
    opened.evaluate(LATER, seconds)


STILL = "() => { const at = performance.now(); window.goes = performance.now; performance.now = () => at; }"
GOES = "() => { performance.now = window.goes; }"


@contextmanager
def one_moment(opened: Page) -> Iterator[None]:
    """The page's own clock stands: what is done meanwhile is quick, on a slow machine too."""
    opened.evaluate(STILL)
    yield
    opened.evaluate(GOES)


SETTLED = """Promise.race([
    Promise.allSettled(document.getAnimations().map((one) => one.finished)),
    new Promise((done) => setTimeout(done, 1500)),
])"""
"""A transition is read by axe with the colours of its middle; a pulse without an end is not waited for."""


def serious_faults(opened: Page) -> list[str]:
    """What axe-core calls serious or critical on the page as it stands, once its colours have settled."""
    opened.evaluate(SETTLED)
    if opened.evaluate("typeof axe") == "undefined":  # half a megabyte, given to a page once
        opened.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found = opened.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['html']} {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
