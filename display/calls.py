"""From the hall's events to what the loudspeaker says: which calls, in which languages, with which floor."""

from collections.abc import Sequence
from typing import Any

from display.server_time import moment
from display.speaker import Call
from hall.board import Board, call_of
from hall.events import Event
from hall.wording import SPOKEN, announcement
from hall.words import TicketStatus

CALLED = ("ticket.called", "ticket.recalled")

Layout = dict[str, Any]
"""The catalogue's answer, or {} while it is not known."""


class Announcer:
    """Makes the calls that one loudspeaker speaks: with a `zone`, those of people who may wait there (to windows
    in it, and of lines that windows in it serve too); without, the whole hall's.

    Where a window is on another floor than the loudspeaker, the floor is said; one without a zone takes its
    listeners to be on the lowest floor.
    """

    def __init__(self, languages: Sequence[str], zone: str | None = None, yao: bool = False) -> None:
        self._languages = tuple(one for one in languages if one in SPOKEN)
        self._zone = zone
        self._yao = yao

    def from_events(self, board: Board, events: list[Event], layout: Layout) -> list[Call]:
        """In order; without events (a snapshot) those who are called at the moment, oldest first."""
        if events:
            called = [call_of(event["ticket"]) for event in events if event["type"] in CALLED]
        else:
            called = [one for one in reversed(board["calls"]) if one["status"] == TicketStatus.CALLED]
        calls = (self._call(one, board, layout) for one in called)
        return [call for call in calls if call is not None]

    def _call(self, called: dict[str, Any], board: Board, layout: Layout) -> Call | None:
        window = next((one for one in board["windows"] if one["id"] == called["window"]), None)
        if window is None or not self._is_ours(called["line"], window["zone"], board):
            return None
        floor = self._floor_to_say(window["zone"], layout)
        languages = self._languages_for(called["language"])
        sentences = tuple(
            announcement(called["number"], window["name"], floor, language, called["calls"], self._yao)
            for language in languages
        )
        at = moment(called["at"])
        return Call(called["id"], called["number"], called["calls"], at, languages, sentences)

    def _is_ours(self, line: str, zone: str, board: Board) -> bool:
        if self._zone in (None, zone):
            return True
        ours = (window for window in board["windows"] if window["zone"] == self._zone)
        return any(line == served["id"] for window in ours for served in window["lines"])

    def _languages_for(self, language: str | None) -> tuple[str, ...]:
        """The hall's, then the ticket's own."""
        wanted = (*self._languages, *([language] if language in SPOKEN else []))
        return tuple(dict.fromkeys(wanted)) or SPOKEN[:1]

    def _floor_to_say(self, zone: str, layout: Layout) -> int | None:
        floors: dict[str, int] = {one["id"]: one["floor"] for one in layout.get("zones", [])}
        if zone not in floors:
            return None
        here = floors.get(self._zone or "", min(floors.values()))
        return None if floors[zone] == here else floors[zone]
