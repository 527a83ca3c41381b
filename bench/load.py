"""Many clients at once on plain keep-alive sockets, in a process of its own so that it is not the limit.

`python -m bench.load` reads one JSON object from stdin and writes one to stdout:
{host, port, token, paths: [a path for each connection], body: {…}, seconds?, count?} →
{answers: {status: n}, seconds, milliseconds: [each answer's]}.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Client:
    """One connection with one request under way."""

    sock: socket.socket
    head: bytes
    body: bytes
    """The body after its request_id."""
    begun: float = 0.0
    buffer: bytes = b""

    def ask(self) -> None:
        body = b'{"request_id":"%s"%s' % (uuid.uuid4().hex.encode(), self.body)
        self.begun = time.perf_counter()
        self.sock.sendall(b"%sContent-Length: %d\r\n\r\n%s" % (self.head, len(body), body))

    def answered(self) -> int | None:
        """The status once the whole answer is there."""
        chunk = self.sock.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed a connection")
        self.buffer += chunk
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < content_length(head):
            return None
        self.buffer = b""
        return int(head[9:12])


def content_length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    return 0 if at < 0 else int(lower[at + 17 :].split(b"\r\n", 1)[0])


@dataclass
class Load:
    """Every connection asks again as soon as it has its answer, until the time or the count is reached."""

    seconds: float
    count: int
    answers: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    _asked: int = 0

    def play(self, clients: list[Client]) -> float:
        begun = time.perf_counter()
        end = begun + self.seconds
        with selectors.DefaultSelector() as selector:
            for client in clients:
                selector.register(client.sock, selectors.EVENT_READ, client)
                self._ask(client)
            while len(self.milliseconds) < self._asked:
                for key, _ in selector.select(10):
                    if self._take(key.data) and self._asked < self.count and time.perf_counter() < end:
                        self._ask(key.data)
        return time.perf_counter() - begun

    def _ask(self, client: Client) -> None:
        self._asked += 1
        client.ask()

    def _take(self, client: Client) -> bool:
        status = client.answered()
        if status is None:
            return False
        self.answers[status] += 1
        self.milliseconds.append((time.perf_counter() - client.begun) * 1000)
        return True


def connect(wanted: dict[str, Any], path: str) -> Client:
    sock = socket.create_connection((wanted["host"], wanted["port"]), timeout=30)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {wanted['host']}:{wanted['port']}\r\n"
        f"Authorization: Bearer {wanted['token']}\r\nContent-Type: application/json\r\n"
    )
    body = json.dumps(wanted["body"])[1:]
    return Client(sock, head.encode(), (body if body == "}" else f",{body}").encode())


def main() -> None:
    wanted = json.load(sys.stdin)
    clients = [connect(wanted, path) for path in wanted["paths"]]
    load = Load(wanted.get("seconds", 600), wanted.get("count", 10**9))
    seconds = load.play(clients)
    json.dump({"answers": load.answers, "seconds": seconds, "milliseconds": load.milliseconds}, sys.stdout)


def run_load(**wanted: Any) -> dict[str, Any]:
    """The answer of a load process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(wanted), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    main()
