"""A device's line home, against a small real Socket.IO and HTTP server that misbehaves on command."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from hall.errors import LinkDown, Refused
from hall.link import Link

HALL = "h"


def event(seq: int, epoch: str = "e1") -> dict[str, Any]:
    return {
        "v": 1,
        "epoch": epoch,
        "hall": HALL,
        "seq": seq,
        "at": f"2026-11-23T01:00:{seq % 60:02d}Z",
        "type": "ticket.issued",
        "data": {"waiting": {"a": seq}},
    }


class Quiet(WSGIRequestHandler):
    """Says nothing of a client that hung up in the middle, which is what these tests are about."""

    def log(self, type: str, message: str, *args: Any) -> None: ...


class SmallHall:
    """Speaks the contract: snapshot or events on connect, `since`, and whatever a test tells it to send."""

    def __init__(self, port: int = 0) -> None:
        self.epoch, self.seq = "e1", 0
        self.connections: list[dict[str, Any]] = []
        self.asked_since: list[int] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.page = 1000
        self.mute = False
        self.answers: list[tuple[int, Any]] = []
        self.sio = socketio.Server(async_mode="threading", cors_allowed_origins="*")
        self.sio.on("connect", self._connect)
        self.sio.on("since", lambda sid, n: self.since(n))
        app = socketio.WSGIApp(self.sio, self._http)
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
        self.port = self._server.port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def drop_all(self) -> None:
        for sid in list(self.sio.manager.get_participants("/", None)):
            self.sio.disconnect(sid[0])

    def snapshot(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "seq": self.seq,
            "at": "2026-11-23T01:00:00Z",
            "day": "2026-11-23",
            "calls": [],
            "missed": [],
            "windows": [],
            "waiting": {"a": self.seq},
        }

    def since(self, seq: int) -> dict[str, Any]:
        self.asked_since.append(seq)
        answer = "events" if seq < self.seq else "up_to_date" if seq == self.seq else "resync"
        last = min(self.seq, seq + self.page)
        return {
            "answer": answer,
            "epoch": self.epoch,
            "seq": self.seq,
            "events": [event(n, self.epoch) for n in range(seq + 1, last + 1)],
            "more": last < self.seq,
        }

    def happen(self, tell: bool = True) -> None:
        self.seq += 1
        if tell:
            self.sio.emit("events", [event(self.seq, self.epoch)])

    def tick(self) -> None:
        self.sio.emit("tick", {"epoch": self.epoch, "seq": self.seq, "at": "2026-11-23T01:00:00Z"})

    def _connect(self, sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
        self.connections.append(auth)
        if self.mute:
            return
        if auth.get("epoch") == self.epoch and auth.get("since", self.seq + 1) <= self.seq:
            self.sio.emit("events", self.since(auth["since"])["events"], to=sid)
        else:
            self.sio.emit("snapshot", self.snapshot(), to=sid)

    def _http(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        body = json.loads(request.get_data() or b"{}")
        self.requests.append((request.path, {**body, **request.args, "bearer": request.headers["Authorization"]}))
        if request.path == "/api/v1/session":
            self.answers.append((200, {"session": {"role": "kiosk", "hall": HALL}}))
        status, answer = self.answers.pop(0)
        if status == 0:
            time.sleep(answer)
        return Response(json.dumps(answer) if status != 204 else "", status=status or 200)(environ, start_response)


@pytest.fixture
def hall() -> Iterator[SmallHall]:
    hall = SmallHall()
    yield hall
    with contextlib.suppress(OSError):
        hall.stop()


def until(true: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.01)


class Screen:
    """What a display would keep: the boards it was shown and the seqs it was told of."""

    def __init__(self, hall: SmallHall | str, timeout: float = 10, **how: Any) -> None:
        self.seqs: list[int] = []
        self.links: list[bool] = []
        self.messages: list[tuple[str, Any]] = []
        self.snapshots = 0
        url = hall if isinstance(hall, str) else hall.url
        self.follower = Link(url, "t", HALL, timeout=timeout).follow(
            self._board, self.links.append, lambda name, data: self.messages.append((name, data)), **how
        )

    def _board(self, board: dict[str, Any], events: list[dict[str, Any]]) -> None:
        self.snapshots += not events
        self.seqs += [one["seq"] for one in events]
        self.board = board


@pytest.fixture
def screen(hall: SmallHall) -> Iterator[Screen]:
    screen = Screen(hall)
    until(lambda: screen.follower.up)
    yield screen
    screen.follower.stop()


def test_a_follower_folds_every_event_once_and_in_order(hall: SmallHall, screen: Screen) -> None:
    for _ in range(200):
        hall.happen()
    until(lambda: screen.board["seq"] == 200)
    assert screen.seqs == list(range(1, 201))
    assert screen.board["waiting"] == {"a": 200}
    assert screen.links == [True]


def test_a_gap_is_noticed_and_asked_for_page_by_page(hall: SmallHall, screen: Screen) -> None:
    hall.page = 2
    for _ in range(5):
        hall.happen(tell=False)
    hall.happen()
    until(lambda: screen.board["seq"] == 6)
    assert screen.seqs == [1, 2, 3, 4, 5, 6]
    assert hall.asked_since[0] == 0


def test_a_lost_last_event_is_noticed_by_the_tick(hall: SmallHall, screen: Screen) -> None:
    hall.happen(tell=False)
    hall.tick()
    until(lambda: screen.board["seq"] == 1)
    assert screen.seqs == [1]
    assert ("tick", {"epoch": "e1", "seq": 1, "at": "2026-11-23T01:00:00Z"}) in screen.messages


def test_swapped_events_are_put_in_order_and_older_ones_dropped(hall: SmallHall, screen: Screen) -> None:
    hall.seq = 3
    hall.sio.emit("events", [event(2)])
    hall.sio.emit("events", [event(1), event(2), event(3)])
    hall.sio.emit("events", [event(1)])
    hall.happen()
    until(lambda: screen.board["seq"] == 4)
    assert screen.seqs == [1, 2, 3, 4]


def test_after_a_break_only_what_was_missed_is_fetched(hall: SmallHall, screen: Screen) -> None:
    hall.happen()
    until(lambda: screen.board["seq"] == 1)
    hall.drop_all()
    hall.happen(tell=False)
    until(lambda: len(hall.connections) == 2)
    until(lambda: screen.board["seq"] == 2)
    assert hall.connections[1]["since"] == 1
    assert hall.connections[1]["epoch"] == "e1"
    assert screen.snapshots == 1
    assert screen.links == [True, False, True]


def test_another_epoch_brings_a_new_snapshot_without_calling_the_link_down(hall: SmallHall, screen: Screen) -> None:
    hall.epoch, hall.seq = "e2", 7
    hall.tick()
    until(lambda: screen.board["epoch"] == "e2")
    assert screen.board["seq"] == 7
    assert "since" not in hall.connections[-1]
    assert screen.links == [True]


def test_a_seq_beyond_the_servers_means_a_new_snapshot(hall: SmallHall, screen: Screen) -> None:
    for _ in range(3):
        hall.happen()
    until(lambda: screen.board["seq"] == 3)
    hall.seq = 1
    hall.tick()
    until(lambda: screen.board["seq"] == 1)
    assert screen.snapshots == 2


def test_a_server_that_comes_back_on_its_port_is_found_within_seconds(hall: SmallHall) -> None:
    port = hall.port
    hall.stop()
    screen = Screen(hall)
    until(lambda: screen.links == [False])
    time.sleep(1.5)
    again = SmallHall(port)
    until(lambda: screen.follower.up)
    assert screen.links == [False, True]
    screen.follower.stop()
    again.stop()


def test_a_server_that_falls_silent_is_left_for_a_new_connection(hall: SmallHall) -> None:
    screen = Screen(hall, silence_seconds=1.5)
    until(lambda: screen.follower.up)
    hall.mute = True
    until(lambda: len(hall.connections) >= 2)
    assert screen.links[:2] == [True, False]
    hall.mute = False
    until(lambda: screen.links[-1])
    screen.follower.stop()


def test_a_server_that_accepts_and_never_answers_does_not_hold_the_follower() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        screen = Screen(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout=1)
        until(lambda: screen.links == [False])
        begun = time.monotonic()
        screen.follower.stop()
        assert time.monotonic() - begun < 5


def test_a_callback_that_breaks_does_not_end_the_follower(hall: SmallHall) -> None:
    seen: list[int] = []

    def on_board(board: dict[str, Any], events: list[dict[str, Any]]) -> None:
        seen.append(board["seq"])
        if board["seq"] == 1:
            raise ZeroDivisionError("a screen's own mistake")

    follower = Link(hall.url, "t", HALL).follow(on_board)
    until(lambda: follower.up)
    hall.happen()
    until(lambda: len(hall.connections) == 2)
    until(lambda: follower.up)
    hall.happen()
    until(lambda: 2 in seen)
    follower.stop()


def test_stop_ends_the_thread_at_once(hall: SmallHall) -> None:
    before = set(threading.enumerate())
    screen = Screen(hall)
    until(lambda: screen.follower.up)
    assert followers_threads() - before
    begun = time.monotonic()
    screen.follower.stop()
    assert time.monotonic() - begun < 3
    until(lambda: not followers_threads() - before)


def followers_threads() -> set[threading.Thread]:
    """The follower's own and its connection's; the small hall has others, which end when it pleases."""
    return {one for one in threading.enumerate() if one.name == "hall-link" or "_loop" in one.name}


def test_a_request_without_an_answer_is_sent_again_with_the_same_request_id(hall: SmallHall) -> None:
    hall.answers = [(503, {}), (201, {"ticket": {"number": "A001"}})]
    answer = Link(hall.url, "t", HALL).post("tickets", line="a")
    assert answer == {"ticket": {"number": "A001"}}
    (_, first), (path, second) = hall.requests
    assert path == "/api/v1/halls/h/tickets"
    assert first["request_id"] == second["request_id"]
    assert second["bearer"] == "Bearer t"


def test_a_slow_server_is_a_link_that_is_down(hall: SmallHall) -> None:
    hall.answers = [(0, 1.0)]
    with pytest.raises(LinkDown):
        Link(hall.url, "t", HALL, timeout=0.2).post("tickets", tries=1, line="a")


def test_no_server_is_a_link_that_is_down(hall: SmallHall) -> None:
    hall.stop()
    with pytest.raises(LinkDown):
        Link(hall.url, "t", HALL).get("board")


def test_a_refusal_carries_the_contracts_code_message_and_details(hall: SmallHall) -> None:
    hall.answers = [(409, {"error": {"code": "window_taken", "message": "已有人", "details": {"clerk": "8"}}})]
    with pytest.raises(Refused) as refused:
        Link(hall.url, "t", HALL).post("windows/w3/open")
    assert (refused.value.status, refused.value.code) == (409, "window_taken")
    assert refused.value.details == {"clerk": "8"}
    assert str(refused.value) == "已有人"


def test_nobody_waiting_is_none_and_a_query_leaves_out_what_is_none(hall: SmallHall) -> None:
    hall.answers = [(204, None), (200, {"tickets": []})]
    link = Link(hall.url, "t", HALL)
    assert link.post("windows/w3/call-next") is None
    assert link.get("tickets", status="waiting", window=None) == {"tickets": []}
    assert hall.requests[1][1] == {"status": "waiting", "bearer": "Bearer t"}


def test_without_a_hall_the_tokens_own_is_used_and_a_slash_leads_out_of_it(hall: SmallHall) -> None:
    link = Link(hall.url, "t")
    assert link.hall == HALL
    hall.answers = [(200, {}), (200, {})]
    link.get("board")
    link.get("/halls")
    asked = [path for path, _ in hall.requests]
    assert asked == ["/api/v1/session", "/api/v1/halls/h/board", "/api/v1/halls"]
