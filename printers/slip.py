"""The slip as data: what is true about a ticket when it is printed, in words, and the pieces paper is made of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

from PIL import Image

from hall.texts import say

RANGE_FROM = 4
"""So many windows in a row are written as a range: 1–4号."""

Style = Literal["mark", "hall", "line", "number", "ahead", "place", "small"]


@dataclass(frozen=True)
class Slip:
    hall: str
    line: str
    number: str
    ahead: int | None
    expected_wait: tuple[int, int] | None
    """Minutes, low and high."""
    waiting_place: str | None
    windows: tuple[str, ...]
    issued_at: datetime
    """In the hall's own time zone; the machine's where the hall is not known."""
    missed_rule: str | None
    order_note: str | None
    track_url: str | None
    language: str
    reprint: bool = False
    offline: bool = False
    booked: tuple[str, str] | None = None
    """The slot that was booked, its start and end in the hall's time."""
    count: int = 1
    """Pieces an agent brings."""
    linked: tuple[str, ...] = ()
    """The numbers of the same person."""
    legs: tuple[str, ...] = ()
    """The lines this number goes on to."""


@dataclass(frozen=True)
class Text:
    """Parts stand on one line where they fit, else each on its own."""

    parts: tuple[str, ...]
    style: Style


@dataclass(frozen=True)
class Box:
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Rule:
    """A dashed line across the paper."""


@dataclass(frozen=True)
class Code:
    """A QR code."""

    content: str


@dataclass(frozen=True)
class Picture:
    """A logo; no wider than the paper."""

    image: Image.Image


Piece = Text | Box | Rule | Code | Picture


def slip_from(ticket: dict[str, Any], catalogue: dict[str, Any], language: str, reprint: bool = False) -> Slip:
    """The slip of an API ticket, with names from the catalogue of that language and the hall's local time.

    A kiosk that has no catalogue yet gives {}: what it would tell is then left out.
    """
    hall = catalogue.get("hall", {})
    line: dict[str, Any] = next((one for one in catalogue.get("lines", []) if one["id"] == ticket["line"]), {})
    windows = ticket.get("windows") or []
    wait = ticket.get("expected_wait")
    zone = ZoneInfo(hall["time_zone"]) if hall else None
    return Slip(
        hall=hall.get("name", ""),
        line=line.get("name", ""),
        number=ticket["number"],
        ahead=ticket.get("ahead"),
        expected_wait=(round(wait["low"]), round(wait["high"])) if wait else None,
        waiting_place=_place(windows, line.get("zones", []), catalogue.get("zones", []), language),
        windows=tuple(window["name"] for window in windows),
        issued_at=datetime.fromisoformat(ticket["issued_at"]).astimezone(zone),
        missed_rule=_missed_rule(catalogue.get("rules", {}), language, bool(ticket.get("track_url"))),
        order_note=_order_note(catalogue, language),
        track_url=ticket.get("track_url"),
        language=language,
        reprint=reprint,
        offline=bool(ticket.get("offline")),
        booked=(ticket["booked"]["starts"], ticket["booked"]["ends"]) if ticket.get("booked") else None,
        count=ticket.get("count", 1),
        linked=tuple(ticket.get("linked", ())),
        legs=_legs(ticket.get("route") or [], catalogue.get("lines", [])),
    )


def _legs(route: list[dict[str, Any]], lines: list[dict[str, Any]]) -> tuple[str, ...]:
    names = {line["id"]: line["name"] for line in lines}
    return tuple(names[leg["line"]] for leg in route if leg.get("line") in names)


def _place(
    windows: list[dict[str, Any]],
    line_zones: list[dict[str, Any]],
    zones: list[dict[str, Any]],
    language: str,
) -> str | None:
    used = {window.get("zone") for window in windows}
    names = [zone["name"] for zone in zones if zone["id"] in used] or [zone["name"] for zone in line_zones]
    return say(language, "printers.or").join(names) or None


def _missed_rule(rules: dict[str, Any], language: str, with_code: bool) -> str | None:
    """A slip without a code cannot be scanned at a kiosk: the desk goes by its number."""
    if rules.get("reinstate_policy", "expire") == "expire":
        return None
    key = "printers.missed_rule" if with_code else "printers.missed_rule_desk"
    return say(language, key, minutes=rules["reinstate_within_minutes"])


def _order_note(catalogue: dict[str, Any], language: str) -> str | None:
    """Names only the kinds of number that this hall really lets in between."""
    rules = catalogue.get("rules", {})
    order = rules.get("order", {})
    in_between = order.get("preset") != "first_come" or order.get("weights")
    kinds = [one["id"] for one in catalogue.get("classes", []) if in_between and one["id"] in ("priority", "booked")]
    if rules.get("reinstate_policy") in ("interleave", "after_n"):
        kinds.append("reinstated")
    if not kinds:
        return None
    return joined_kinds(kinds, language)


def joined_kinds(kinds: list[str], language: str) -> str:
    """The order note that names these kinds of number."""
    words = [say(language, f"printers.kind_{kind}") for kind in sorted(kinds, key=KINDS.index)]
    *first, last = words
    joined = say(language, "printers.and").join(
        [*([say(language, "printers.comma").join(first)] if first else []), last]
    )
    return say(language, "printers.order_note", kinds=joined)


KINDS = ["priority", "booked", "reinstated"]


def sayings(slip: Slip) -> dict[str, str]:
    """{name: sentence} in the slip's language: what is known and true of it, and nothing else."""
    said = {
        "reprint": say(slip.language, "printers.reprint") if slip.reprint else None,
        "hall": slip.hall,
        "line": slip.line,
        "number": slip.number,
        **_load(slip),
        **_where(slip),
        **_notes(slip),
        "issued_at": f"{slip.issued_at:%Y-%m-%d %H:%M}",
        "valid_today": say(slip.language, "printers.valid_today"),
        "offline": say(slip.language, "printers.offline") if slip.offline else None,
        "missed_rule": slip.missed_rule,
        "order_note": slip.order_note,
        "scan": say(slip.language, "printers.scan") if slip.track_url else None,
    }
    return {name: sentence for name, sentence in said.items() if sentence and sentence.strip()}


def values_of(slip: Slip) -> dict[str, str]:
    """{name: value}: what a template's own words may be filled with, as far as it is known."""
    values = {
        "hall": slip.hall,
        "line": slip.line,
        "number": slip.number,
        "ahead": "" if slip.ahead is None else str(slip.ahead),
        "place": slip.waiting_place or "",
        "windows": windows_text(slip.windows, slip.language) if slip.windows else "",
        "date": f"{slip.issued_at:%Y-%m-%d}",
        "time": f"{slip.issued_at:%H:%M}",
    }
    return {name: value for name, value in values.items() if value.strip()}


def _load(slip: Slip) -> dict[str, str]:
    said = {}
    if slip.ahead is not None:
        said["ahead"] = say(slip.language, "printers.ahead" if slip.ahead else "printers.ahead_none", n=slip.ahead)
    if slip.expected_wait is not None:
        low, high = slip.expected_wait
        key = "printers.wait" if low < high else "printers.wait_about"
        said["wait"] = say(slip.language, key if low or high else "printers.wait_short", low=low, high=high)
    return said


def _where(slip: Slip) -> dict[str, str]:
    said = {}
    if slip.waiting_place:
        said["place"] = say(slip.language, "printers.place", place=slip.waiting_place)
    if slip.windows:
        names = windows_text(slip.windows, slip.language)
        said["windows"] = say(slip.language, "printers.windows", n=len(slip.windows), windows=names)
    return said


def notes_of(slip: Slip) -> tuple[str, ...]:
    """What is particular about this number: its slot, pieces, the same person's others, and its way on."""
    return tuple(_notes(slip).values())


def _notes(slip: Slip) -> dict[str, str]:
    said = {}
    if slip.booked:
        said["booked"] = say(slip.language, "printers.booked", starts=slip.booked[0], ends=slip.booked[1])
    if slip.count > 1:
        said["count"] = say(slip.language, "printers.count", n=slip.count)
    comma = say(slip.language, "printers.comma")
    if slip.linked:
        said["linked"] = say(slip.language, "printers.linked", numbers=comma.join(slip.linked))
    if slip.legs:
        said["legs"] = say(slip.language, "printers.legs", lines=comma.join(slip.legs))
    return said


def windows_text(names: Sequence[str], language: str) -> str:
    """3、4、5号; four and more in a row as 1–8号, in the order of their signs."""
    keyed = sorted({_sign(name) for name in names})
    runs = [
        [sign for _, sign in run]
        for _, run in groupby(enumerate(keyed), key=lambda one: (one[1][0], one[1][1] - one[0]))
    ]
    shown = say(language, "printers.comma").join(one for run in runs for one in _run_text(run))
    return say(language, "printers.window_names", windows=shown) if keyed and keyed[-1][1] >= 0 else shown


def _sign(name: str) -> tuple[str, int, str]:
    found = re.fullmatch(r"(.*?)([1-9]\d*)", name)
    return (found[1], int(found[2]), name) if found else (name, -1, name)


def _run_text(run: list[tuple[str, int, str]]) -> list[str]:
    names = [name for _, _, name in run]
    return [f"{names[0]}–{names[-1]}"] if len(names) >= RANGE_FROM else names
