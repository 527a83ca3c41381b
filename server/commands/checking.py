"""What must be true after a replay, derived from the journal: nobody twice, nobody lost, a true board."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hall.board import Board, fold
from hall.events import Event, public
from hall.link import Link
from hall.words import TicketStatus
from server.commands.playing import Tally

PAGE = 500
ENDED = {TicketStatus.COMPLETED, TicketStatus.NO_SHOW, TicketStatus.CANCELLED, TicketStatus.EXPIRED}


@dataclass
class Story:
    """The journal after a snapshot, read once in order."""

    board: Board
    statuses: dict[str, str] = field(default_factory=dict)
    numbers: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    gaps: list[str] = field(default_factory=list)

    def take(self, event: Event) -> None:
        if event["seq"] != self.board["seq"] + 1:
            self.gaps.append(f"after seq {self.board['seq']} the journal has {event['seq']}")
        self.board = fold(self.board, public(event))
        ticket = event.get("ticket")
        if ticket is None:
            return
        self.statuses[ticket["id"]] = ticket["status"]
        if event["type"] == "ticket.issued":
            self.numbers[self.board["day"], ticket["number"]] += 1
        elif event["type"] == "ticket.called":
            self.calls[ticket["id"]] += 1


def read_story(link: Link, before: Board, until: int) -> Story:
    """The hall's journal from the snapshot `before` up to seq `until`."""
    story = Story(before)
    while story.board["seq"] < until:
        page = link.get("journal", since=story.board["seq"], limit=PAGE)
        events = [event for event in page["events"] if event["seq"] <= until]
        if not events or page["epoch"] != before["epoch"]:
            story.gaps.append(f"the journal answers {page['answer']} after seq {story.board['seq']}")
            break
        for event in events:
            story.take(event)
    return story


def faults(story: Story, board: Board, tally: Tally, alone: bool) -> list[str]:
    """What is wrong, a line each. `alone`: nobody but the replay was in the hall."""
    found = [f"{len(tally.errors)} errors, the first: {tally.errors[0]}"] if tally.errors else []
    found += story.gaps
    found += [f"number {number} of {day} was given {n} times" for (day, number), n in story.numbers.items() if n > 1]
    found += [f"ticket {ticket} was called {n} times" for ticket, n in story.calls.items() if n > 1 and alone]
    found += _lost(story, tally, alone)
    found += [f"board: {key} differs from the folded journal" for key in differences(story.board, board)]
    return found


def _lost(story: Story, tally: Tally, alone: bool) -> list[str]:
    unknown = [ticket for ticket in tally.issued if ticket not in story.statuses]
    open_ended = [ticket for ticket in tally.issued if story.statuses.get(ticket, "completed") not in ENDED]
    undone = [ticket for ticket in tally.completed if story.statuses.get(ticket) != "completed"]
    served = [ticket for ticket in tally.gone if story.statuses.get(ticket) == "completed" and alone]
    return [
        f"{len(tickets)} tickets {what}, the first {tickets[0]}"
        for what, tickets in (
            ("answered as issued are not in the journal", unknown),
            ("never ended", open_ended),
            ("answered as completed are not", undone),
            ("were refused to the clerk who had called them", served),
        )
        if tickets
    ]


def differences(folded: Board, told: Board) -> list[str]:
    """The keys in which two boards differ. `at` is the moment of the answer, not of the hall."""
    return [key for key in {**folded, **told} if key != "at" and _plain(folded.get(key)) != _plain(told.get(key))]


def _plain(value: Any) -> Any:
    return {key: one for key, one in value.items() if one} if isinstance(value, dict) else value
