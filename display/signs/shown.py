"""What a sign shows of the board: numbers and windows, paused, closed; never a name or a class."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from display.calls import Layout
from display.server_time import moment
from hall.board import Board
from hall.devices.sign import Sign
from hall.texts import say
from hall.words import TicketStatus, WindowStatus

CALL_SECONDS = 180
"""A number that nobody came for leaves the hall's signs after so long, as it leaves the boards."""
TURN_SECONDS = 5
"""What has no room takes turns, each so long."""

State = Literal["number", "free", "paused", "closed", "calls", "lost", "test"]


@dataclass(frozen=True, slots=True)
class Picture:
    """All that one sign shows at one moment. `number` and `until` (13:30) also by themselves, for registers."""

    state: State
    rows: tuple[str, ...]
    number: str = ""
    until: str = ""


def shown(board: Board, sign: Sign, layout: Layout, now: datetime) -> Picture:
    """`now` by the server's clock. A window that the hall no longer has is closed."""
    if sign.window is None:
        return Picture("calls", _call_rows(board, sign, now))
    window = next((one for one in board["windows"] if one["id"] == sign.window), None)
    if window is None or window["status"] == WindowStatus.CLOSED:
        return Picture("closed", (_fit(sign, _words(sign, "closed")),))
    if window["ticket"]:
        number = str(window["ticket"]["number"])
        return Picture("number", (number,), number=number)
    if window["status"] == WindowStatus.PAUSED:
        until = _clock_time(window["until"], layout)
        return Picture("paused", _paused_rows(sign, until, now), until=until)
    return Picture("free", (_fit(sign, _words(sign, "free")),))


def lost(sign: Sign) -> Picture | None:
    """Once the server was silent for too long; None: what it showed last goes on standing."""
    if sign.lost_text:
        return Picture("lost", (sign.lost_text,))
    if sign.window is None:
        return Picture("lost", (_fit(sign, _words(sign, "lost"), _words(sign, "lost_short")),))
    return None


def test_picture(sign: Sign) -> Picture:
    """Eights everywhere: a technician sees each dead segment and whether rows and columns are right."""
    return Picture("test", ("8" * sign.columns,) * sign.rows, number="A888")


def _paused_rows(sign: Sign, until: str, now: datetime) -> tuple[str, ...]:
    paused = _fit(sign, _words(sign, "paused"), _words(sign, "paused_short"))
    if not until:
        return (paused,)
    back = _fit(sign, _words(sign, "back_at", time=until), until)
    beside = f"{paused} {back}"
    if sign.rows == 1 and _cells(sign, beside) <= sign.columns:
        return (beside,)
    return (paused, back) if sign.rows > 1 else ((paused, back)[_turn(now, 2)],)


def _call_rows(board: Board, sign: Sign, now: datetime) -> tuple[str, ...]:
    windows = {one["id"]: one for one in board["windows"]}
    since = now - timedelta(seconds=CALL_SECONDS)
    calls = [
        _call_row(call, windows[call["window"]]["name"], sign)
        for call in board["calls"]
        if call["status"] == TicketStatus.CALLED
        and call["window"] in windows
        and sign.zone in (None, windows[call["window"]]["zone"])
        and moment(call["at"]) > since
    ]
    if not calls:
        return (_fit(sign, _words(sign, "listen"), _words(sign, "listen_short")),)
    return _in_turns(calls, sign.rows, now)


def _call_row(call: dict[str, Any], window: str, sign: Sign) -> str:
    """The number on the left, its window on the right, in the longest words there is room for."""
    number = str(call["number"])
    room = sign.columns - _cells(sign, number) - 1
    where = _longest(sign, room, _words(sign, "window", name=window), _words(sign, "window_short", name=window))
    where = where or window
    return number + " " * max(1, sign.columns - _cells(sign, number) - _cells(sign, where)) + where


def _in_turns(calls: Sequence[str], rows: int, now: datetime) -> tuple[str, ...]:
    """The newest stands still where there is more than one row; those without room follow each other below it."""
    if len(calls) <= rows:
        return tuple(calls)
    fixed = 1 if rows > 1 else 0
    size = rows - fixed
    rest = calls[fixed:]
    first = _turn(now, -(-len(rest) // size)) * size
    return (*calls[:fixed], *rest[first : first + size])


def _turn(now: datetime, turns: int) -> int:
    return int(now.timestamp() // TURN_SECONDS) % turns


def _clock_time(until: str | None, layout: Layout) -> str:
    """13:30, by the hall's clock."""
    if not until:
        return ""
    zone = layout.get("hall", {}).get("time_zone")
    return f"{moment(until).astimezone(ZoneInfo(zone) if zone else None):%H:%M}"


def _words(sign: Sign, key: str, **values: str) -> str:
    return say(sign.language, f"signs.{key}", **values)


def _fit(sign: Sign, *texts: str) -> str:
    """The first that there is room for, else the last."""
    return _longest(sign, sign.columns, *texts) or texts[-1]


def _longest(sign: Sign, room: int, *texts: str) -> str | None:
    return next((text for text in texts if _cells(sign, text) <= room), None)


def _cells(sign: Sign, text: str) -> int:
    """Columns: a Chinese character takes two, as it takes two bytes."""
    return len(text.encode(sign.letters, "replace"))
