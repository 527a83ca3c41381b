"""Folding: a snapshot of the hall's board and the events after it give the board of now."""

from typing import Any

from hall.events import Event
from hall.words import AT_A_WINDOW, TicketStatus

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
    after = {**board, "seq": event["seq"], "at": event["at"]}
    if event["type"] == "day.started":
        return {
            **after,
            "day": data["day"],
            "calls": [],
            "missed": [],
            "waiting": dict.fromkeys(board["waiting"], 0),
        }
    if "window" in data:
        after["windows"] = [
            data["window"] if window["id"] == data["window"]["id"] else window for window in board["windows"]
        ]
    if "waiting" in data:
        after["waiting"] = {**board["waiting"], **data["waiting"]}
    if "board" in data:
        after |= data["board"]
    if "message" in data:
        after["message"] = data["message"]
    if "ticket" in event:
        _fold_ticket(after, event["ticket"], event["at"])
    return after


def _fold_ticket(board: Board, ticket: dict[str, Any], at: str) -> None:
    calls = [call for call in board["calls"] if call["id"] != ticket["id"]]
    missed = [one for one in board["missed"] if one["id"] != ticket["id"]]
    if ticket["status"] in AT_A_WINDOW:
        calls.append(call_of(ticket))
        calls.sort(key=lambda call: (call["at"], call["number"]), reverse=True)
    elif ticket["status"] == TicketStatus.NO_SHOW:
        missed.append({"id": ticket["id"], "number": ticket["number"], "at": at})
        missed.sort(key=lambda one: (one["at"], one["number"]))
    board["calls"], board["missed"] = calls, missed
