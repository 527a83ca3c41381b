"""A real server with the shipped layout and the clerk's page before it: what all tests of that page begin with."""

from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Page, Route, expect

from tests.browser import OpenPage, pass_seconds
from tests.parts import ServerProcess

HALL = "binjiang"
MORNING = "2026-11-23T09:00:00+08:00"


class TrialHall:
    """A real server with the shipped layout, and who may ask it."""

    def __init__(self, folder: Path, clock: str = f"{MORNING}@1", config: Path | None = None) -> None:
        self.server = ServerProcess(folder, clock=clock, config=config).start()
        self.url = self.server.url
        self.kiosk = self.server.token("kiosk", name="kiosk-1")
        self.clerk = self.server.token("clerk", name="3021")
        self.supervisor = self.server.token("supervisor", name="1007")

    def ask(self, method: str, path: str, token: str | None = None, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or self.supervisor}"}
        url = f"{self.url}/api/v1/halls/{HALL}/{path}"
        answer = requests.request(method, url, json=body or None, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def issue(self, count: int = 1, **body: Any) -> list[str]:
        body = {"line": "social", **body}
        asked = [self.ask("POST", "tickets", self.kiosk, **body) for _ in range(count)]
        return [one["ticket"]["number"] for one in asked]

    def ticket(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"tickets?number={number}")["tickets"][0]
        return found

    def window(self, key: str = "w3") -> dict[str, Any]:
        return next(one for one in self.windows() if one["id"] == key)

    def windows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", "windows")["windows"]
        return found

    def numbers(self, status: str) -> set[str]:
        return {one["number"] for one in self.tickets(status)}

    def tickets(self, status: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"tickets?status={status}&limit=500")["tickets"]
        return found

    def clear(self) -> None:
        """Nobody waits, every window is closed."""
        for ticket in self.tickets("waiting"):
            self.ask("POST", f"tickets/{ticket['id']}/cancel")
        for ticket in self.tickets("held"):
            self.ask("POST", f"tickets/{ticket['id']}/cancel")
        for window in self.windows():
            if window["ticket"]:
                self.ask("POST", f"windows/{window['id']}/complete", all=True)
            if window["status"] != "closed" and not window["closing"]:
                self.ask("POST", f"windows/{window['id']}/close")


def sign_in(page: OpenPage, hall: TrialHall, token: str | None = None, language: str = "zh-CN", **options: Any) -> Page:
    """The clerk's page of 420 px beside a case system, a window not yet chosen."""
    opened = page(
        f"{hall.url}/clerk?language={language}#token={token or hall.clerk}",
        **{"width": 420, "height": 900, **options},
    )
    expect(opened.locator(".choose, .work")).to_be_visible()
    assert "token" not in opened.url
    return opened


def at_window(page: OpenPage, hall: TrialHall, name: str = "3", **options: Any) -> Page:
    """Window 3 chosen and opened, by keyboard."""
    opened = sign_in(page, hall, **options)
    opened.keyboard.type(name)
    opened.keyboard.press("Enter")
    expect(opened.locator(".work")).to_be_visible()
    opened.keyboard.press("o")
    expect(opened.locator(".state.open")).to_be_visible()
    return opened


TYPED = """(keys) => { for (const key of keys) {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
} }"""


def typed_ahead(opened: Page, *keys: str) -> None:
    """All within one moment of the page, however slow the machine."""
    opened.evaluate(TYPED, list(keys))


def two_seconds_later(opened: Page) -> None:
    """A second Next is no longer ignored."""
    pass_seconds(opened, 2.05)


def here(opened: Page) -> Any:
    return opened.locator(".now .number")


class Held:
    """The page's next command to the server, `call-next` say, goes no further until it is let go."""

    def __init__(self, opened: Page, command: str) -> None:
        self.opened = opened
        self.held: list[Route] = []
        opened.route(f"**/{command}", lambda route: self.held.append(route), times=1)

    def let_go(self) -> None:
        while not self.held:  # the test's own time limit ends it
            self.opened.wait_for_timeout(20)
        self.held[0].continue_()
