"""The pages of boards and window screens, the same from the server (silent) and the display client (with sound)."""

from pathlib import Path
from typing import Any

from hall import web
from hall.texts import languages, say

FOLDER = Path(__file__).parent


def board_page(language: str, data: dict[str, Any]) -> tuple[str, str]:
    """The hall board's document and its Content-Security-Policy.

    data: {hall, zone?, window?, token?, speaks}; `speaks`: this origin's Socket.IO sends `play`, and
    its `/status` says which way the sound goes.
    """
    return _page("board", language, data)


def window_page(language: str, data: dict[str, Any]) -> tuple[str, str]:
    """The window screen's document and its Content-Security-Policy; `data` as `board_page`, with `window`."""
    return _page("window", language, data)


def rate_page(language: str, data: dict[str, Any]) -> tuple[str, str]:
    """The document of the tablet at a window on which a service is rated, and its Content-Security-Policy."""
    return _page("rate", language, data)


def _page(name: str, language: str, data: dict[str, Any]) -> tuple[str, str]:
    shared = [] if name == "rate" else ["/pages/display/screen.css"]
    return web.page(
        title=say(language, "rating.tablet_title" if name == "rate" else f"display.{name}_title"),
        module=f"/pages/display/{name}.js",
        language=language,
        data={**data, "language": language, "languages": list(languages())},
        styles=[*shared, f"/pages/display/{name}.css"],
        version=web.fingerprint(FOLDER),
    )
