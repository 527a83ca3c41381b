"""The relay speaks the server's contract to its pages and never calls an old board fresh."""

import pytest

from display.relay import Relay
from hall.board import fold


def board(seq, epoch="e"):
    return {"epoch": epoch, "seq": seq, "at": "2026-11-23T01:00:00Z", "day": "2026-11-23", "calls": [], "missed": [],
            "windows": [], "waiting": {}}  # fmt: skip


def event(seq):
    return {"v": 1, "epoch": "e", "hall": "h", "seq": seq, "at": "2026-11-23T01:00:00Z", "type": "x", "data": {}}


class Wire:
    """A relay and what it sent: (message, data, page or None)."""

    def __init__(self, upto=0):
        self.sent = []
        self.relay = Relay(lambda message, data, page: self.sent.append((message, data, page)))
        if upto:
            self.relay.take_link(True)
            self.relay.take_board(board(1), [])
            for seq in range(2, upto + 1):
                self.relay.take_board(fold(self.relay.board, event(seq)), [event(seq)])
            self.sent.clear()

    @property
    def names(self):
        return [message for message, _, _ in self.sent]


def test_a_new_page_gets_how_the_line_stands_and_the_snapshot():
    wire = Wire(upto=3)
    wire.relay.welcome("p", None, None)
    assert [(message, page) for message, _, page in wire.sent] == [("upstream", "p"), ("snapshot", "p")]
    assert wire.sent[0][1]["up"] is True and wire.sent[1][1]["seq"] == 3


def test_a_page_that_comes_back_gets_only_what_it_missed():
    wire = Wire(upto=5)
    wire.relay.welcome("p", 3, "e")
    assert wire.names == ["upstream", "events"] and [one["seq"] for one in wire.sent[1][1]] == [4, 5]
    wire.sent.clear()
    wire.relay.welcome("p", 5, "e")
    assert wire.names == ["upstream"]


@pytest.mark.parametrize(("since", "epoch"), [(3, "other"), (0, "e"), (99, "e"), ("x", "e"), (None, "e")])
def test_a_page_whose_place_is_not_known_gets_a_snapshot(since, epoch):
    wire = Wire(upto=5)
    wire.relay.welcome("p", since, epoch)
    assert wire.names == ["upstream", "snapshot"]


def test_since_is_answered_as_the_journal_would():
    relay = Wire(upto=5).relay
    assert relay.since(5) == {"answer": "up_to_date", "epoch": "e", "seq": 5, "events": [], "more": False}
    assert [one["seq"] for one in relay.since(2)["events"]] == [3, 4, 5]
    assert relay.since(0)["answer"] == relay.since(6)["answer"] == relay.since(None)["answer"] == "resync"
    assert Wire().relay.since(0)["answer"] == "resync"


def test_events_go_to_every_page_and_a_new_snapshot_too():
    wire = Wire(upto=1)
    wire.relay.take_board(board(2), [event(2)])
    wire.relay.take_board(board(9, "other"), [])
    assert [(message, page) for message, _, page in wire.sent] == [("events", None), ("snapshot", None)]
    assert wire.relay.since(9)["answer"] == "up_to_date"


def test_a_tick_is_passed_on_only_when_the_relay_is_not_behind():
    wire = Wire(upto=3)
    for epoch, seq in [("e", 4), ("other", 3)]:
        wire.relay.take_tick({"epoch": epoch, "seq": seq, "at": "2026-11-23T01:00:00Z"})
    assert wire.sent == []
    wire.relay.take_tick({"epoch": "e", "seq": 2, "at": "2026-11-23T01:00:05Z"})
    assert wire.sent == [("tick", {"epoch": "e", "seq": 3, "at": "2026-11-23T01:00:05Z"}, None)]


def test_a_cut_line_is_told_with_the_time_it_last_spoke():
    wire = Wire(upto=3)
    heard = wire.relay.heard_at
    wire.relay.take_link(False)
    assert wire.sent == [("upstream", {"up": False, "since": heard}, None)]
