"""A TCP printer that fails at random: it refuses, drops the line, is late or mute, out of paper, or talks nonsense."""

import random
import re
import socketserver
import threading
import time
from typing import Any

NUMBER = re.compile(rb"\x1d!\x33\x1bE\x01([A-Z]+\d+)\n")
TOKEN = re.compile(rb"\x10\x04([\x01\x02\x04])|\x1dV\x01")
MARK = "补打".encode("gb18030")
FAULTS = ("refuse", "drop", "delay", "slow", "out", "runs_out", "garbage", "falls_mute")


class FlakyPrinter:
    """`papers`: (number, whether it is marked as a reprint) of each slip that was cut, in order."""

    def __init__(self, seed: int, share: float, delay_seconds: float) -> None:
        self.papers: list[tuple[str, bool]] = []
        self.met: dict[str, int] = {}
        """How many connections met which fault."""
        self.delay_seconds = delay_seconds
        self._random = random.Random(seed)
        self._share = share
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Line)
        self._server.printer = self
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> "FlakyPrinter":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_fault(self) -> tuple[str, int]:
        """The fault of the next connection, and after how many bytes it drops, if that is it."""
        with self._lock:
            fault = self._random.choice(FAULTS) if self._random.random() < self._share else "none"
            self.met[fault] = self.met.get(fault, 0) + 1
            return fault, self._random.randrange(700)

    def noise(self) -> bytes:
        with self._lock:
            return self._random.randbytes(self._random.randrange(1, 4))


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    printer: FlakyPrinter


class _Line(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        printer: FlakyPrinter = self.server.printer  # type: ignore[attr-defined]
        self.fault, self.drop_at = printer.next_fault()
        self.cuts = 0
        if self.fault == "refuse":
            return
        try:
            self._converse(printer)
        except OSError:
            return

    def _converse(self, printer: FlakyPrinter) -> None:
        data, came = b"", 0
        while chunk := self.request.recv(256):
            came += len(chunk)
            if self.fault == "drop" and came > self.drop_at:
                return
            data += chunk
            while token := TOKEN.search(data):
                before, data = data[: token.start()], data[token.end() :]
                if token[1]:
                    self._answer(printer, token[1][0])
                    data = before + data
                else:
                    self._cut(printer, before)

    def _cut(self, printer: FlakyPrinter, slip: bytes) -> None:
        self.cuts += 1
        found = NUMBER.search(slip)
        printer.papers.append((found[1].decode() if found else "?", MARK in slip))

    def _answer(self, printer: FlakyPrinter, question: int) -> None:
        if self.fault == "falls_mute" and self.cuts:
            return
        if self.fault in ("delay", "slow"):
            time.sleep(printer.delay_seconds * (1.5 if self.fault == "delay" else 0.1))
        if self.fault == "garbage":
            self.request.sendall(printer.noise())
            return
        out = self.fault == "out" or (self.fault == "runs_out" and self.cuts > 0)
        answers: dict[int, Any] = {1: 0x1A if out else 0x12, 2: 0x32 if out else 0x12, 4: 0x7E if out else 0x12}
        self.request.sendall(bytes((answers[question],)))
