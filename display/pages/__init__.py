"""The pages of boards and window screens, the same from the server (silent) and the display client (with sound)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

from hall import web
from hall.devices.display import Flash, Layout
from hall.texts import languages, say

FOLDER = Path(__file__).parent
OLD = "/pages/display/old.js"
LAYOUTS = get_args(Layout)
FLASHES = get_args(Flash)


def board_page(language: str, data: dict[str, Any]) -> tuple[str, str]:
    """The hall board's document and its Content-Security-Policy.

    data: {hall, zone?, window?, token?, speaks}; `speaks`: this origin's Socket.IO sends `play`, and
    its `/status` says which way the sound goes. Of a display's settings also {layout, flash, diagonal, media,
    media_volume}.
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
        fallback=(OLD, plain_address(language, data)) if name == "board" else None,
    )


def plain_address(language: str, data: dict[str, Any]) -> str:
    asked = {"hall": data["hall"], "zone": data.get("zone"), "language": language}
    return "/board/plain?" + urlencode({name: value for name, value in asked.items() if value})


def screen_look(asked: Mapping[str, str]) -> dict[str, Any]:
    """What the address of a board asks of its look (`?layout=split&flash=off&diagonal=55`); what is unknown is left."""
    look: dict[str, Any] = {
        name: asked[name] for name, known in (("layout", LAYOUTS), ("flash", FLASHES)) if asked.get(name) in known
    }
    diagonal = asked.get("diagonal", "")
    return {**look, "diagonal": int(diagonal)} if diagonal.isdecimal() and 0 < int(diagonal) < 1000 else look
