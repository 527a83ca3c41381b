"""An ID-card reader that speaks the line protocol of docs/readers.md, as a TCP server or on a pseudo-terminal.

By hand: `python -m tests.kiosk.card_simulator 7410`, then each line typed is a card's number (empty: none came).
"""

import contextlib
import json
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.caller.pad_simulators import PtyDevice

Reply = Callable[[dict[str, Any]], None]


class Reader:
    """What a maker's program does behind either line."""

    def __init__(self) -> None:
        self.silent = False
        self.asked: list[dict[str, Any]] = []
        self.wish: str | None = None

    def hear(self, line: str) -> None:
        asked = json.loads(line)
        self.asked.append(asked)
        if self.silent:
            return
        if asked["do"] == "hello":
            self.say({"id": asked["id"], "state": "ready", "reader": "simulator 1"})
        elif asked["do"] == "read":
            self.wish = asked["id"]
            self.say({"id": asked["id"], "state": "waiting"})
        elif asked["id"] == self.wish:
            self.wish = None

    def place(self, number: str, **more: Any) -> None:
        """A card is put down."""
        self.say({"id": self.wish, "state": "read", "number": number, **more})
        self.wish = None

    def fail(self, why: str) -> None:
        self.say({"id": self.wish, "state": "failed", "why": why})
        self.wish = None

    def say(self, answer: dict[str, Any]) -> None:
        self.send_line((json.dumps(answer, ensure_ascii=False) + "\n").encode())

    def send_line(self, data: bytes) -> None:
        raise NotImplementedError


class TcpReader(Reader):
    def __init__(self, port: int = 0) -> None:
        super().__init__()
        self._listening = socket.create_server(("127.0.0.1", port))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._talking: socket.socket | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                self._talking, _ = self._listening.accept()
                with contextlib.suppress(OSError), self._talking.makefile() as lines:
                    for line in lines:
                        self.hear(line)

    def send_line(self, data: bytes) -> None:
        assert self._talking
        self._talking.sendall(data)

    def close(self) -> None:
        self._listening.close()
        if self._talking:
            with contextlib.suppress(OSError):
                self._talking.shutdown(socket.SHUT_RDWR)
            self._talking.close()


class SerialReader(Reader, PtyDevice):
    def __init__(self, path: Path) -> None:
        Reader.__init__(self)
        PtyDevice.__init__(self, path)
        self.address = str(path)

    def send_line(self, data: bytes) -> None:
        self.send(data)


if __name__ == "__main__":
    by_hand = TcpReader(int(sys.argv[1]))
    print(f"An ID-card reader at {by_hand.address}; type a number to place its card", flush=True)
    for typed in sys.stdin:
        by_hand.place(typed.strip()) if typed.strip() else by_hand.fail("no_card")
