"""The push, heard by real Socket.IO clients: snapshot, events in order, since, ticks, and who sees what."""

import json
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import socketio

from hall.board import Board, fold
from hall.events import public
from tests.server.served import Heard, Home

SAME = ("epoch", "seq", "day", "calls", "missed", "windows", "waiting")


def wait_for(true: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def caught_up(heard: Heard, seq: int) -> None:
    wait_for(lambda: seq <= max([event["seq"] for event in heard.events()] + snapshots(heard)))


def snapshots(heard: Heard) -> list[int]:
    return [board["seq"] for board in heard.named("snapshot")] or [0]


def folded(heard: Heard) -> Board:
    """What a screen would show: its snapshot and every event after it."""
    board: Board = heard.named("snapshot")[0]
    for event in heard.events():
        assert event["seq"] <= board["seq"] + 1, "a gap"
        board = fold(board, public(event))
    return board


def is_as_the_tables(heard: Heard, home: Home) -> None:
    told = home.tables()
    caught_up(heard, told["seq"])
    seen = folded(heard)
    assert {key: seen[key] for key in SAME} == {key: told[key] for key in SAME}


def test_a_client_gets_the_snapshot_then_each_event_in_order(home: Home) -> None:
    home.issue()
    with home.client() as heard:
        wait_for(lambda: heard.named("snapshot"))
        snapshot = heard.named("snapshot")[0]
        assert snapshot["seq"] == 1 and snapshot["waiting"]["tax"] == 1
        home.issue()
        home.called("w1")
        caught_up(heard, 5)
        events = [event for event in heard.events() if event["seq"] > 1]
        assert [event["seq"] for event in events] == [2, 3, 4, 5]
        assert [event["type"] for event in events] == ["ticket.issued"] * 2 + ["window.opened", "ticket.called"]
        assert {"v", "epoch", "hall", "seq", "at", "type", "data", "ticket", "window"} == set(events[-1])
        assert {"id", "number", "line", "status"} <= set(events[-1]["ticket"])
        is_as_the_tables(heard, home)


def test_who_was_away_gets_the_events_it_missed(home: Home) -> None:
    for _ in range(3):
        home.issue()
    with home.client(since=1, epoch=home.board()["epoch"]) as heard:
        caught_up(heard, 3)
        assert [event["seq"] for event in heard.events()] == [2, 3] and not heard.named("snapshot")


def test_who_missed_nothing_gets_neither_snapshot_nor_events(home: Home) -> None:
    home.issue()
    with home.client(since=1) as heard:
        wait_for(lambda: heard.named("tick"))
        assert not heard.named("snapshot") and not heard.named("events")


@pytest.mark.parametrize("auth", [{"since": 1, "epoch": "another"}, {"since": 99}, {"since": -1}, {"since": "1"}])
def test_another_epoch_or_an_impossible_since_gets_a_snapshot(home: Home, auth: dict[str, Any]) -> None:
    home.issue()
    with home.client(**auth) as heard:
        wait_for(lambda: heard.named("snapshot"))
        assert heard.named("snapshot")[0]["seq"] == 1


def test_a_client_may_ask_since(home: Home) -> None:
    for _ in range(3):
        home.issue(visitor_class="priority")
    with home.client() as heard, home.client("clerk") as staff:
        said = heard.socket.call("since", 1)
        assert (said["answer"], said["seq"], said["more"]) == ("events", 3, False)
        assert [event["seq"] for event in said["events"]] == [2, 3] and "class" not in said["events"][0]["ticket"]
        assert staff.socket.call("since", 1)["events"][0]["ticket"]["class"] == "priority"
        assert heard.socket.call("since", 3)["answer"] == "up_to_date"
        assert heard.socket.call("since", 4)["answer"] == "resync"
        assert heard.socket.call("since", (3, "another"))["answer"] == "resync"
        for odd in (-1, "x", None, 1 << 60, True, [1], {"since": "x"}):
            assert heard.socket.call("since", odd)["error"]["code"] == "bad_body"
        assert heard.socket.call("since", {"since": 3})["answer"] == "up_to_date"


def test_a_tick_comes_at_once_and_every_five_seconds(home: Home) -> None:
    with home.client() as heard:
        wait_for(lambda: len(heard.named("tick")) >= 2)
        tick = heard.named("tick")[-1]
        assert set(tick) == {"epoch", "seq", "at"} and tick["epoch"] == home.board()["epoch"]


def test_screens_see_no_note_reason_clerk_class_or_why_and_staff_the_whole(home: Home) -> None:
    with home.client() as heard, home.client("clerk") as staff:
        home.issue(visitor_class="priority")
        home.issue()
        home.act("w1", "open")
        home.act("w1", "call", number="A002", reason="secret-reason")
        home.act("w1", "no-show", early=True)
        home.act("w1", "pause", reason="secret-pause")
        home.act("w1", "open")
        home.act("w1", "call-next")
        home.act("w1", "complete", outcome="secret-outcome")
        for one in (heard, staff):
            caught_up(one, home.seq)
        public, whole = json.dumps(heard.messages), json.dumps(staff.messages)
        for word in ("priority", "secret-reason", "secret-pause", "secret-outcome", "clerk-one", '"why"', "track"):
            assert word not in public, word
        for word in ("priority", "secret-reason", "secret-pause", "secret-outcome", "clerk-one", '"why"'):
            assert word in whole, word
        assert [event["seq"] for event in heard.events()] == [event["seq"] for event in staff.events()]


def refused(home: Home, auth: Any) -> Any:
    client = socketio.Client(reconnection=False, handle_sigint=False)
    told: list[Any] = []
    client.on("connect_error", told.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(home.served.url, auth=auth, transports=["websocket"], wait_timeout=10)
    return told


def test_without_a_good_token_nobody_connects(home: Home, served: Any) -> None:
    for auth in (None, {}, {"token": ""}, {"token": "made-up"}, {"token": 5}, {"hall": home.hall}):
        assert "no_token" in str(refused(home, auth))
    stranger = served.home()
    assert "not_allowed" in str(refused(home, {"token": stranger.token("display"), "hall": home.hall}))
    assert "not_allowed" in str(refused(home, {"token": home.token("display"), "hall": "atlantis"}))


def test_halls_hear_nothing_of_each_other(home: Home, served: Any) -> None:
    stranger = served.home()
    with home.client() as heard, stranger.client() as other:
        home.issue()
        caught_up(heard, 1)
        time.sleep(0.2)
        assert not other.events()


def test_a_reprint_reaches_its_own_device_alone(home: Home) -> None:
    ticket = home.issue()
    with home.client("kiosk") as own, home.client("kiosk", token=home.token("kiosk", name="two")) as other:
        again = home.post(f"tickets/{ticket['id']}/reprint", "desk").json()["ticket"]
        wait_for(lambda: own.named("print"))
        asked = own.named("print")[0]
        assert asked["slip"]["id"] == again["slip"]["id"] and asked["reprint"] is True
        assert asked["ticket"]["number"] == "A001"
        assert not other.named("print")


def test_a_client_that_polls_hears_the_same(home: Home) -> None:
    heard = Heard()
    auth = {"token": home.token("display")}
    heard.socket.connect(home.served.url, auth=auth, transports=["polling"], wait_timeout=60)
    try:
        wait_for(lambda: heard.named("snapshot"))
        home.issue()
        is_as_the_tables(heard, home)
    finally:
        heard.socket.disconnect()


KEYS = ["open", "call-next", "call-next", "recall", "start", "complete", "no-show", "pause", "close", "cancel"]
STORM = ["issue"] * 4 + KEYS
MORE: dict[str, dict[str, Any]] = {"no-show": {"early": True}, "call-next": {"finish": "completed"}}


def storm(home: Home, seed: int, commands: int) -> None:
    """Random keys pressed at kiosks and windows; refusals belong to it."""
    dice = random.Random(seed)
    window = f"w{(1, 2, 3, 9)[seed % 4]}"
    for _ in range(commands):
        act = dice.choice(STORM)
        if act == "issue":
            home.post("tickets", "kiosk", {"line": dice.choice(["tax", "social", "left", "right"])})
            continue
        if act == "cancel":
            for one in home.get("tickets", "desk", limit=20).json()["tickets"][-1:]:
                home.post(f"tickets/{one['id']}/cancel", "desk")
            continue
        more: dict[str, Any] = MORE.get(act, {})
        more = {"after_current": True} if act in ("pause", "close") and dice.random() < 0.5 else more
        assert home.act(window, act, "supervisor", **more).status_code < 500


def test_after_a_storm_every_client_shows_what_the_tables_say(home: Home) -> None:
    home.issue()
    with home.client() as from_start, home.client("clerk") as staff:
        threads = [threading.Thread(target=storm, args=(home, seed, 40), daemon=True) for seed in range(4)]
        for thread in threads:
            thread.start()
        late = []
        for _ in range(3):
            time.sleep(0.3)
            late.append(home.client())
        heard = [client.__enter__() for client in late]
        for thread in threads:
            thread.join(60)
        try:
            assert home.seq > 60
            for one in (from_start, staff, *heard):
                is_as_the_tables(one, home)
            assert home.board() == {**home.tables(), "at": home.board()["at"]}
        finally:
            for client in late:
                client.__exit__(None, None, None)


def test_a_client_that_lost_its_link_folds_on_with_since(home: Home) -> None:
    with home.client() as first:
        home.called("w1")
        caught_up(first, home.seq)
        board = folded(first)
    home.act("w1", "complete")
    home.issue()
    with home.client(since=board["seq"], epoch=board["epoch"]) as again:
        wait_for(lambda: again.events())
        for event in again.events():
            board = fold(board, event)
    told = home.tables()
    assert {key: board[key] for key in SAME} == {key: told[key] for key in SAME}
