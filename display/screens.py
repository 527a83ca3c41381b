"""The pages in this display client's screens: how they look, what they show between calls, and what they painted."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from display.relay import Relay
from hall.devices.display import Display as Settings
from hall.health import Condition
from hall.web import inside

FILMS, PICTURES = (".mp4", ".webm"), (".jpg", ".jpeg", ".png", ".webp", ".svg")
MOST_MEDIA = 200
FROZEN_SECONDS = 20.0
"""A page says every 5 s what it has painted."""
BEHIND_SECONDS = 10.0
AWAY_SECONDS = 60.0
"""What a browser may take to start, or to load its page anew."""
PAGES = ("board", "window")


@dataclass(slots=True)
class Painted:
    """What one page last said, by this machine's clock."""

    report: dict[str, Any]
    heard: float
    level: float
    """When its `seq` was last the board's own."""


class Screens:
    """`pages` of one client; the settings say what is expected of them."""

    def __init__(self, settings: Settings, relay: Relay, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._settings = settings
        self._relay = relay
        self._pages: dict[str, Painted] = {}
        self._lock = threading.Lock()
        self._seen = False
        self._away_since = self._now()

    def look(self) -> dict[str, Any]:
        """What the settings say of a page's look, as the pages read it."""
        wanted = self._settings
        more = {"media": wanted.media is not None, "media_volume": wanted.media_volume}
        return {"layout": wanted.layout, "flash": wanted.flash, "diagonal": wanted.diagonal_inches, **more}

    def media(self) -> list[dict[str, str]]:
        """The folder's pictures and films by name; none when it cannot be read."""
        folder = self._settings.media
        try:
            found = sorted(one.name for one in folder.iterdir() if one.is_file()) if folder else []
        except OSError:
            return []
        kinds = {suffix: kind for kind, suffixes in (("film", FILMS), ("picture", PICTURES)) for suffix in suffixes}
        named = [{"name": one, "kind": kinds.get(Path(one).suffix.lower(), "")} for one in found]
        return [one for one in named if one["kind"] and not one["name"].startswith(".")][:MOST_MEDIA]

    def medium(self, name: str) -> Path | None:
        folder = self._settings.media
        known = folder and any(one["name"] == name for one in self.media())
        return inside(folder, name) if folder and known else None

    def painted(self, page: str, report: Any) -> None:
        """`{page, seq, epoch, layout, digit_px, legible_metres}`, as display/pages/painted.js sends it."""
        if not isinstance(report, dict) or report.get("page") not in PAGES:
            return
        now = self._now()
        with self._lock:
            before = self._pages.get(page)
            level = now if before is None or self._is_level(report) else before.level
            self._pages[page] = Painted(report, now, level)
            self._seen = True

    def gone(self, page: str) -> None:
        with self._lock:
            if self._pages.pop(page, None) is not None and not self._pages:
                self._away_since = self._now()

    def reports(self) -> list[dict[str, Any]]:
        """What each page last painted: {page, seq, …, ago_seconds}."""
        now = self._now()
        with self._lock:
            return [{**one.report, "ago_seconds": round(now - one.heard, 1)} for one in self._pages.values()]

    def conditions(self) -> list[Condition]:
        """Part `board`, one for each page; without a page one that says so."""
        now = self._now()
        with self._lock:
            return [self._condition(one, now) for one in self._pages.values()] or [self._without(now)]

    def _is_level(self, report: dict[str, Any]) -> bool:
        board = self._relay.board
        return board is None or (report.get("epoch") == board["epoch"] and report.get("seq") == board["seq"])

    def _condition(self, page: Painted, now: float) -> Condition:
        facts = {name: page.report.get(name) for name in ("seq", "legible_metres", "digit_px", "layout")}
        facts["pages"] = len(self._pages)
        name = str(page.report.get("window") or page.report.get("zone") or page.report["page"])
        if now - page.heard > FROZEN_SECONDS:
            return Condition("board", "fault", "frozen", name, f"silent for {now - page.heard:.0f} s", facts)
        if not self._is_level(page.report) and now - page.level > BEHIND_SECONDS:
            return Condition("board", "fault", "behind", name, f"behind for {now - page.level:.0f} s", facts)
        return Condition("board", "ok", "", name, "", facts)

    def _without(self, now: float) -> Condition:
        """A loudspeaker may well have no screen; one that had a page, and every silent client, should have one."""
        if now - self._away_since < AWAY_SECONDS or (self._settings.speaks and not self._seen):
            return Condition("board", "unknown", facts={"pages": 0})
        return Condition("board", "fault", "no_page", facts={"pages": 0})
