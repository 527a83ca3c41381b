"""Folding: a snapshot of the hall's board and the events after it give the board of now."""

from operator import itemgetter
from typing import Any

from hall.events import Event
from hall.words import AT_A_WINDOW, TicketStatus

_AT_AND_NUMBER = itemgetter("at", "number")
_NO_SHOW = TicketStatus.NO_SHOW  # looking a member up costs as much as comparing with it
Board = dict[str, Any]
"""{epoch, seq, at, day, calls: [call], missed: [{id, number, at}], windows: [window], waiting: {line: count}, message}

call: {id, number, window, line, status, at (last called), first_called_at, calls, language}, newest first.
window: {id, name, zone, status, until, closing, lines: [{id, rank}], ticket: {id, number, status} or None}.
message: what the boards say beside the calls, {text: {language: words}, until: time or None}, or None.
"""


def call_of(ticket: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": ticket["id"],
        "number": ticket["number"],
        "window": ticket["window"],
        "line": ticket["line"],
        "status": ticket["status"],
        "at": ticket["called_at"],
        "first_called_at": ticket["first_called_at"],
        "calls": ticket["calls"],
        "language": ticket["language"],
    }


def fold(board: Board, event: Event) -> Board:
    """The board after `event`. What is older is dropped; a type or field it does not know changes only `seq`."""
    if event["seq"] <= board["seq"]:
        return board
    data = event["data"]
    after = board.copy()
    after["seq"], after["at"] = event["seq"], event["at"]
    if event["type"] == "day.started":
        return {
            **after,
            "day": data["day"],
            "calls": [],
            "missed": [],
            "waiting": dict.fromkeys(board["waiting"], 0),
        }
    if "window" in data:
        changed = data["window"]
        key = changed["id"]
        after["windows"] = [changed if window["id"] == key else window for window in board["windows"]]
    if "waiting" in data:
        after["waiting"] = board["waiting"] | data["waiting"]
    if "board" in data:
        after |= data["board"]
    if "message" in data:
        after["message"] = data["message"]
    if "ticket" in event:
        _fold_ticket(after, event["ticket"], event["at"])
    return after


def _fold_ticket(board: Board, ticket: dict[str, Any], at: str) -> None:
    calls, missed = _without(board["calls"], ticket["id"]), _without(board["missed"], ticket["id"])
    if ticket["status"] in AT_A_WINDOW:
        calls = sorted([*calls, call_of(ticket)], key=_AT_AND_NUMBER, reverse=True)
    elif ticket["status"] == _NO_SHOW:
        missed = sorted([*missed, {"id": ticket["id"], "number": ticket["number"], "at": at}], key=_AT_AND_NUMBER)
    board["calls"], board["missed"] = calls, missed


def _without(listed: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The same list where the ticket is not in it, as with most events."""
    for one in listed:
        if one["id"] == key:
            return [other for other in listed if other["id"] != key]
    return listed
