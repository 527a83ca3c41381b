"""A device's heartbeat against a small real server that is late, lies or says nonsense."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import structlog

from hall.enrolment import Enrolled, keep, kept, own_link
from hall.health import Condition
from hall.heartbeat import Heartbeat, Outcome
from hall.link import Link

WAIT_SECONDS = 30


class SmallServer(ThreadingHTTPServer):
    """Answers heartbeats with its own time and the tests it was given; `broken`: with nonsense."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Answers)
        self.beats: list[dict[str, Any]] = []
        self.results: list[tuple[str, dict[str, Any]]] = []
        self.tests: list[dict[str, str]] = []
        self.ahead = timedelta()
        self.broken: bytes | None = None
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Answers(BaseHTTPRequestHandler):
    server: SmallServer

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        where = self.path.rpartition("/devices/")[2]
        if where == "heartbeat":
            self.server.beats.append(said)
        else:
            self.server.results.append((where, said))
        at = (datetime.now(UTC) + self.server.ahead).isoformat()
        answer = self.server.broken or json.dumps({"at": at, "tests": self.server.tests}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None: ...


def until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


@pytest.fixture
def server() -> Iterator[SmallServer]:
    made = SmallServer()
    yield made
    made.stop()


def beating(server: SmallServer, conditions: Any = list, **more: Any) -> Heartbeat:
    made = Heartbeat(Link(server.url, "token", "h"), conditions, every_seconds=0.05, **more)
    made.start()
    return made


def test_it_tells_how_its_parts_are_and_how_far_its_clock_is_off(server: SmallServer) -> None:
    server.ahead = timedelta(seconds=100)
    device = beating(server, lambda: [Condition("printer", "warning", "near_end", detail="x" * 1000)])
    until(lambda: len(server.beats) > 2)
    device.stop()
    last = server.beats[-1]
    assert last["conditions"][0]["code"] == "near_end" and len(last["conditions"][0]["detail"]) <= 300
    assert -115 < last["drift_seconds"] < -85
    assert server.beats[0]["drift_seconds"] is None


def test_it_begins_before_there_is_a_server() -> None:
    probe = SmallServer()
    port = probe.server_port
    probe.stop()
    device = Heartbeat(Link(f"http://127.0.0.1:{port}", "token", "h"), list, every_seconds=0.05)
    device.start()
    time.sleep(0.5)
    late = SmallServer(port)
    until(lambda: late.beats)
    device.stop()
    late.stop()


@pytest.mark.parametrize("nonsense", [b"{}", b"[]", b"not json", b'{"at": "noon", "tests": []}', b'{"at": 1}'])
def test_it_survives_whatever_the_server_says(server: SmallServer, nonsense: bytes) -> None:
    server.broken = nonsense
    device = beating(server)
    until(lambda: server.beats)
    server.broken = None
    heard = len(server.beats)
    until(lambda: len(server.beats) > heard + 1)
    device.stop()


def test_a_device_that_cannot_say_how_it_is_says_so(server: SmallServer) -> None:
    def broken() -> list[Condition]:
        raise RuntimeError("no idea")

    device = beating(server, broken)
    until(lambda: server.beats)
    device.stop()
    assert [(one["part"], one["code"]) for one in server.beats[0]["conditions"]] == [("device", "broken")]


def test_a_test_is_done_once_however_often_it_is_heard_of(server: SmallServer) -> None:
    done: list[str] = []

    def printed() -> Outcome:
        done.append("print")
        return Outcome(True, "printed", {"seconds": 1.5})

    server.tests = [{"id": "t1", "what": "print"}]
    device = beating(server, tests={"print": printed})
    device.on_message("test", {"id": "t1", "what": "print"})
    until(lambda: server.results and len(server.beats) > 3)
    server.tests = [{"id": "t2", "what": "sign"}]
    until(lambda: len(server.results) == 2)
    device.stop()
    assert done == ["print"]
    first, second = server.results
    assert first[0] == "tests/t1" and first[1]["ok"] and first[1]["facts"] == {"seconds": 1.5}
    assert second[0] == "tests/t2" and not second[1]["ok"], "what it cannot do it says"


def test_a_test_that_breaks_does_not_stop_the_next(server: SmallServer) -> None:
    def broken() -> Outcome:
        raise OSError("jammed")

    device = beating(server, tests={"print": broken})
    for said in (None, "rubbish", {"id": "t0", "what": "print"}, {"id": "t1", "what": "print"}):
        device.on_message("test", said)
    until(lambda: len(server.results) == 2)
    device.stop()
    assert all("jammed" in said["detail"] for _, said in server.results)


def test_the_last_thing_that_went_wrong_is_told(server: SmallServer) -> None:
    device = beating(server)
    structlog.get_logger("a.part").error("slip.broke", slip="s1")
    until(lambda: server.beats and (server.beats[-1]["last_error"] or {}).get("text") == "slip.broke slip=s1")
    device.stop()


def test_a_token_is_kept_for_its_owner_alone_and_used_at_the_next_start(tmp_path: Path) -> None:
    assert kept(tmp_path) is None
    keep(Enrolled("http://hall:8000", "h", "secret", "一楼取号机"), tmp_path)
    assert (tmp_path / "device.json").stat().st_mode & 0o777 == 0o600
    link = own_link(tmp_path, None, None, None)
    assert (link.server, link.token, link.hall) == ("http://hall:8000", "secret", "h")
    assert own_link(tmp_path, "http://other", "token", None).token == "token", "the command line goes first"
