"""From the hall's events to what the loudspeaker says: which calls, in which languages, with which floor."""

from collections.abc import Iterator, Sequence
from typing import Any

from display.asked import Call
from display.making import Phrase
from display.server_time import moment
from hall.board import Board, call_of
from hall.events import Event
from hall.wording import SPOKEN, THIRD_CALL, announcement, phrases
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
        self.languages = tuple(one for one in languages if one in SPOKEN) or SPOKEN[:1]
        """The hall's."""
        self.kept = tuple(dict.fromkeys((*self.languages, "en")))
        """Those in which stems are kept: most tickets in another language than the hall's are in English."""
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

    def phrases_soon(self, board: Board, events: list[Event]) -> list[Phrase]:
        """Who is called, in the words of a first call, for each number that has just been issued."""
        issued = [event["ticket"] for event in events if event["type"] == "ticket.issued"]
        ours = [one for one in issued if self._serves(one["line"], board)]
        return [
            Phrase(language, phrases(announcement(one["number"], "1", None, language, 1, self._yao))[0])
            for one in ours
            for language in self._languages_for(one["language"])
        ]

    def phrases_to_keep(self, board: Board, layout: Layout) -> Iterator[Phrase]:
        """Where to go, for every window there is, as it is said at the first and at the third call, and in a burst."""
        ours = [
            one
            for one in board["windows"]
            if any(self._is_ours(line["id"], one["zone"], board) for line in one["lines"])
        ]
        for window in ours:
            way = window["name"], self._floor_to_say(window["zone"], layout)
            for language in self.kept:
                for calls in (1, THIRD_CALL):
                    yield Phrase(language, phrases(announcement("A001", *way, language, calls))[1])
            for calls in (1, THIRD_CALL):
                sentence = announcement("A001", *way, self.languages[0], calls, brief=True)
                yield Phrase(self.languages[0], phrases(sentence)[1], quick=True)

    def _call(self, called: dict[str, Any], board: Board, layout: Layout) -> Call | None:
        window = next((one for one in board["windows"] if one["id"] == called["window"]), None)
        if window is None or not self._is_ours(called["line"], window["zone"], board):
            return None
        floor = self._floor_to_say(window["zone"], layout)
        languages = self._languages_for(called["language"])
        way = called["number"], window["name"], floor
        sentences = tuple(announcement(*way, language, called["calls"], self._yao) for language in languages)
        brief = announcement(*way, languages[0], called["calls"], self._yao, brief=True)
        at = moment(called["at"])
        return Call(called["id"], called["number"], called["calls"], at, languages, sentences, brief)

    def _is_ours(self, line: str, zone: str, board: Board) -> bool:
        return self._zone in (None, zone) or self._serves(line, board)

    def _serves(self, line: str, board: Board) -> bool:
        """Whether a window of our zone does."""
        if self._zone is None:
            return True
        ours = (window for window in board["windows"] if window["zone"] == self._zone)
        return any(line == served["id"] for window in ours for served in window["lines"])

    def _languages_for(self, language: str | None) -> tuple[str, ...]:
        """The hall's, then the ticket's own."""
        return tuple(dict.fromkeys((*self.languages, *([language] if language in SPOKEN else []))))

    def _floor_to_say(self, zone: str, layout: Layout) -> int | None:
        floors: dict[str, int] = {one["id"]: one["floor"] for one in layout.get("zones", [])}
        if zone not in floors:
            return None
        here = floors.get(self._zone or "", min(floors.values()))
        return None if floors[zone] == here else floors[zone]
