"""Who is slow is hung up on, and keeps nobody else waiting."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gevent
import pytest

from server.patience import PatientServer, _Handler

BIG = b"x" * 50_000_000


class _Hasty(_Handler):
    stall_seconds, head_seconds, body_seconds = 1.5, 1.0, 1.2


def _app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [])
    return [BIG if environ["PATH_INFO"] == "/big" else b"read %d" % len(body)]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server in a thread of its own, as patient as a test can wait for."""
    found: list[int] = []
    ready, over = threading.Event(), threading.Event()

    def serve() -> None:
        class Server(PatientServer):
            handler_class = _Hasty

        server = Server(("127.0.0.1", 0), _app, log=None, error_log=None)
        server.start()
        found.append(server.server_port)
        ready.set()
        while not over.is_set():
            gevent.sleep(0.02)
        server.stop(0)

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(10)
    yield found[0]
    over.set()
    thread.join(10)


def said(port: int, first: bytes, drop: bytes = b"", every: float = 0.1) -> tuple[bytes, bool]:
    """What comes back to who says `first` and then one `drop` after another; and whether the line is cut at last."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        line.sendall(first)
        line.settimeout(every)
        heard = b""
        while time.monotonic() - began < 30:
            try:
                more = line.recv(65536)
                if not more:
                    return heard, True
                heard += more
            except TimeoutError:
                with contextlib.suppress(OSError):  # cut just now, which the next look tells
                    line.sendall(drop)
            except OSError:
                return heard, True
    return heard, False


def test_whoever_says_nothing_or_takes_all_day_to_say_it_is_hung_up_on(port: int) -> None:
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    chunks = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    slow = {
        "silence": (b"", b""),
        "a line": (b"GET", b"/"),
        "a head": (b"GET / HTTP/1.1\r\n", b"X: y\r\n"),
        "a body": (post, b"z"),
        "chunks": (chunks, b"1\r\nz\r\n"),
    }
    with ThreadPoolExecutor(len(slow)) as pool:
        found = dict(zip(slow, pool.map(lambda one: said(port, *one), slow.values()), strict=True))
    for name, (heard, cut) in found.items():
        assert cut, name
        assert heard == b"" or b" 400 " in heard.split(b"\r\n")[0], (name, heard)


def test_whoever_does_not_take_the_answer_is_hung_up_on(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        line.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        time.sleep(5)
        taken = 0
        while more := line.recv(1 << 20):
            taken += len(more)
    assert taken < len(BIG)
    assert "Traceback" not in capfd.readouterr().err


def test_who_is_a_little_slow_is_served_and_may_ask_again(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        for _ in range(3):
            line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
            time.sleep(0.2)
            line.sendall(b"cd")
            heard = b""
            while not heard.endswith(b"read 4"):
                heard += line.recv(65536)
