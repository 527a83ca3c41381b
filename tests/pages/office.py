"""Opening an office page as somebody: what the tests of those pages begin with."""

from playwright.sync_api import Page, expect

from tests.browser import OpenPage
from tests.pages.clerk_hall import TrialHall


def opened(
    page: OpenPage,
    hall: TrialHall,
    path: str,
    role: str,
    language: str = "zh-CN",
    unit: str | None = None,
    name: str = "9001",
    **options: object,
) -> Page:
    """The page at /PATH, signed in with a token of that role (and unit); 1440×900 unless said otherwise."""
    token = hall.server.token(role, name=name, unit=unit)
    size = {"width": 1440, "height": 900, **options}
    joint = "&" if "?" in path else "?"
    shown = page(f"{hall.url}/{path}{joint}language={language}#token={token}", **size)
    expect(shown.locator(".office")).to_be_visible()
    assert "token" not in shown.url
    return shown
