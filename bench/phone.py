"""The phone page on a phone that never saw it: how soon it is live, and what it took from the wire."""

from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from hall.link import Link
from hall.settings import load_settings
from server.commands.processes import Child, answers, create_token, free_port, hallcall
from tests.browser import chromium


@dataclass
class Views:
    """Each view is a new browser context, with nothing kept from before."""

    milliseconds: list[float] = field(default_factory=list)
    bytes: int = 0


def measure_phone(folder: Path, config: Path, count: int) -> Views:
    port, hall = free_port(), load_settings(config).halls[0]
    url, environment = f"http://127.0.0.1:{port}", {"HALLCALL_DATA_DIR": str(folder)}
    environment["HALLCALL_PUBLIC_URL"] = url
    serve = hallcall("serve", "--config", str(config), "--port", str(port), "--always-open")
    child = Child("server", serve, folder / "server.log", environment).start()
    try:
        child.wait_until(lambda: answers(f"{url}/readyz"))
        desk = Link(url, create_token(config, environment, "desk"), hall.id)
        tickets = [desk.post("tickets", line=hall.lines[0].id)["ticket"] for _ in range(count)]
        return _views([ticket["track_url"] for ticket in tickets])
    finally:
        child.stop()


def _views(addresses: list[str]) -> Views:
    views = Views()
    path, arguments = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        for address in addresses:
            _view(browser, address, views)
        browser.close()
    return views


def _view(browser: Browser, address: str, views: Views) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page, taken = context.new_page(), list[float]()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")

    def loaded(told: dict[str, Any]) -> None:
        taken.append(told["encodedDataLength"])

    wire.on("Network.loadingFinished", loaded)
    begun = perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("html[data-live=yes]", state="attached")
    views.milliseconds.append((perf_counter() - begun) * 1000)
    page.wait_for_load_state("networkidle")
    views.bytes = max(views.bytes, int(sum(taken)))
    context.close()
