"""The plain board: the same facts as one HTML table, for browsers that run no modules, or no script at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader

from hall.board import Board
from hall.texts import say
from hall.words import TicketStatus

FRESH = timedelta(seconds=10)
SHOWN = timedelta(minutes=3)
EVERY_SECONDS = 3
ROWS = 6
LINES_A_PAGE = 8
LINES_BESIDE_WORDS = 5
TURN_SECONDS = 9
MISSED_SHOWN = 6
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)

Words = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Moment:
    """What there is to show: the board and the catalogue in the page's language, at the hall's time `now`."""

    board: Board
    catalogue: dict[str, Any]
    now: datetime
    silent_seconds: int = 0
    """How long nothing has been heard from the server, when this page is not the server's own."""


def plain_page(
    language: str, moment: Moment | None, zone: str | None = None, *, why: str = "connecting", sign_in: str = ""
) -> tuple[str, str]:
    """The document and its Content-Security-Policy. `moment` None: there is nothing to show, for the reason `why`.

    `sign_in`: where a browser that runs no script is asked for its token.
    """

    def words(key: str, **values: Any) -> str:
        return say(language, f"display.{key}", **values)

    asked: dict[str, Any] = {"language": language, "say": words, "nothing": why if moment is None else "", "stale": ""}
    asked["again"] = f"{EVERY_SECONDS}; url={sign_in}" if sign_in else EVERY_SECONDS
    # plain.js fills in the number where the line is broken; it never says less than two
    later = {
        f"stale_{unit}": words(key, n=99).replace("99", "\n")
        for unit, key in (("seconds", "stale"), ("minutes", "stale_minutes"))
    }
    shown = {} if moment is None else _shown(moment, zone, language, words)
    return PAGES.get_template("plain.html").render({**asked, **later, **shown}), POLICY


def _shown(moment: Moment, zone: str | None, language: str, words: Words) -> dict[str, Any]:
    catalogue, board = moment.catalogue, moment.board
    local = moment.now.astimezone(ZoneInfo(catalogue["hall"]["time_zone"]))
    calls = _calls(moment, zone, words, language)
    lines = [one for one in catalogue["lines"] if zone is None or zone in [z["id"] for z in one["zones"]]]
    bulletins = [one for one in (_message(moment, language), *_suspended(catalogue), _issuing(moment, words)) if one]
    shown = _page(lines, LINES_BESIDE_WORDS if bulletins else LINES_A_PAGE, moment.now)
    return {
        "hall": catalogue["hall"]["name"],
        "zone": next((one["name"] for one in catalogue["zones"] if one["id"] == zone), ""),
        "time": f"{local:%H:%M}",
        "time_seconds": f"{local:%H:%M:%S}",
        "calls": calls[:ROWS],
        "more": [f"{one['number']} → {one['window']}" for one in calls[ROWS:]],
        "quiet": _quiet(catalogue["lines"], words),
        "lines": [_line(one, board["waiting"].get(one["id"], 0), words) for one in shown],
        "missed": [one["number"] for one in board["missed"][: -MISSED_SHOWN - 1 : -1]],
        "bulletins": _page(bulletins, 1, moment.now),
        "stale": _stale(moment.silent_seconds, words),
    }


def _page(found: list[Any], size: int, now: datetime) -> list[Any]:
    """One page of a list too long for the screen; the pages take turns."""
    pages = max(1, -(-len(found) // size))
    first = int(now.timestamp()) // TURN_SECONDS % pages * size
    return found[first : first + size]


def _calls(moment: Moment, zone: str | None, words: Words, language: str) -> list[dict[str, Any]]:
    """As display/pages/calls.js chooses them."""
    windows = {one["id"]: one for one in moment.board["windows"]}
    zones = {one["id"]: one for one in moment.catalogue["zones"]}
    found = []
    for call in moment.board["calls"]:
        window, age = windows.get(call["window"]), moment.now - datetime.fromisoformat(call["at"])
        if window is None or (zone is not None and window["zone"] != zone):
            continue
        if age < FRESH or (call["status"] == TicketStatus.CALLED and age < SHOWN):
            floor = _floor(zones, window["zone"], language)
            name = _window_name(window["name"], language)
            found.append({"number": call["number"], "window": name, "floor": floor, "fresh": age < FRESH})
    return found


def _window_name(name: str, language: str) -> str:
    """Words of their own stand alone, as on the board."""
    plain = name.replace("-", "").replace("_", "")
    return say(language, "common.window", name=name) if plain.isascii() and plain.isalnum() else name


def _floor(zones: dict[str, Any], zone: str, language: str) -> str:
    if len({one["floor"] for one in zones.values()}) < 2 or zone not in zones:
        return ""
    floor = zones[zone]["floor"]
    spelled = "零一二三四五六七八九"[floor] if language.startswith("zh") and 0 <= floor < 10 else floor
    return say(language, "common.floor", floor=spelled)


def _line(line: dict[str, Any], waiting: int, words: Words) -> dict[str, Any]:
    return {"name": line["name"], "n": waiting, "wait": _wait(line, waiting, words)}


def _wait(line: dict[str, Any], waiting: int, words: Words) -> str:
    """As display/pages/side.js says it."""
    if line.get("suspended"):
        return words("suspended", time=line["suspended"]["at"])
    if not line["open"] and not waiting:
        return words("from", time=line["opens_at"]) if line["opens_at"] else words("no_tickets")
    if not line["windows_open"]:
        return words("no_window")
    if not waiting:
        return words("nobody_waits")
    wait = line["expected_wait"]
    if wait is None:
        return words("people", n=waiting)
    if wait["low"] == wait["high"]:
        return words("minutes_about", n=wait["low"])
    return words("minutes_range", low=wait["low"], high=wait["high"])


def _quiet(lines: list[dict[str, Any]], words: Words) -> str:
    opens = sorted(one["opens_at"] for one in lines if one["opens_at"])
    return words("issuing_from", time=opens[0]) if opens and not any(one["open"] for one in lines) else words("listen")


def _message(moment: Moment, language: str) -> str:
    message = moment.board.get("message")
    if not message or (message["until"] and datetime.fromisoformat(message["until"]) < moment.now):
        return ""
    text: dict[str, str] | str = message["text"]
    return text if isinstance(text, str) else text.get(language, next(iter(text.values())))


def _suspended(catalogue: dict[str, Any]) -> list[str]:
    return [one["suspended"]["text"] for one in catalogue["lines"] if one.get("suspended")]


def _issuing(moment: Moment, words: Words) -> str:
    lines = moment.catalogue["lines"]
    if not lines or any(one["open"] or one["reason"] not in ("over", "quota") for one in lines):
        return ""
    unfinished = moment.board["calls"] or any(moment.board["waiting"].values())
    return words("issuing_over_serving" if unfinished else "issuing_over")


def _stale(seconds: int, words: Words) -> str:
    if seconds < 12:
        return ""
    return words("stale", n=seconds) if seconds < 120 else words("stale_minutes", n=seconds // 60)
