"""The event envelope and what of it everyone may see."""

from typing import Any

Event = dict[str, Any]

VERSION = 1
PUBLIC_TICKET = (
    "id",
    "number",
    "line",
    "status",
    "window",
    "calls",
    "called_at",
    "first_called_at",
    "language",
)
PUBLIC_WINDOW = ("id", "name", "zone", "floor", "status", "until", "closing", "lines", "ticket")
PUBLIC_DATA = ("waiting", "day", "message")


ARRANGING = ("layout.", "line.", "matter.", "window.lines_")


def rearranges(event: Event) -> bool:
    """Whether the catalogue is another after it: which lines and matters there are, where they are served, whether
    they give numbers."""
    return bool(event["type"].startswith(ARRANGING))


def pick(source: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: source[key] for key in keys if key in source}


def public(event: Event) -> Event:
    """The event for boards and phones: no notes, reasons, clerks, classes or why; every seq is kept.

    Event: {v, epoch, hall, seq, at, type, ticket?, window?, data}. `data.window` holds the window's state after,
    `data.waiting` the counts a line after, `data.board` of a changed layout every window and line after.
    """
    data = pick(event["data"], PUBLIC_DATA)
    if "window" in event["data"]:
        data["window"] = pick(event["data"]["window"], PUBLIC_WINDOW)
    seen = {**event, "data": data}
    if "board" in event["data"]:
        board = event["data"]["board"]
        data["board"] = {**board, "windows": [pick(window, PUBLIC_WINDOW) for window in board["windows"]]}
    if "ticket" in event:
        seen["ticket"] = pick(event["ticket"], PUBLIC_TICKET)
    return seen
