"""A printer without a printer: real ESC/POS over TCP, each slip drawn from its bytes to a picture.

It has paper that can run out, a cover, and the faults of real ones: slow, mute, dropping the line.
"""

import contextlib
import json
import os
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from printers.decoder import Decoder, Printed, UnknownBytes

Paper = Literal["ok", "near_end", "out"]
KEPT = 500
"""So many pictures stay in the folder; older ones go."""
CHUNK = 4096
IDLE_SECONDS = 60

log = structlog.get_logger("printers.virtual")


@dataclass(frozen=True)
class Condition:
    """What can be wrong with it."""

    paper: Paper = "ok"
    slips_left: int | None = None
    """So many slips until the paper is out."""
    cover_open: bool = False
    offline: bool = False
    mute: bool = False
    """Takes bytes and answers nothing."""
    delay_seconds: float = 0.0
    """Before each answer."""
    drop_after: int | None = None
    """Cuts the connection after so many bytes of it."""


class VirtualPrinter:
    """Listens from the start (`port` 0: any free one); `with` stops it."""

    def __init__(
        self, folder: Path, port: int = 0, host: str = "127.0.0.1", width: int = 576, kept: int = KEPT
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.width = width
        self.kept = kept
        self.refused: str | None = None
        """The last bytes it did not know."""
        self.received: list[bytes] = []
        """What came, a connection each, the last 20."""
        self.last_slip_at = 0.0
        """time.monotonic() at the cut of the newest slip."""
        self._condition = Condition()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server = _Server((host, port), self)
        self.host = host
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def condition(self) -> Condition:
        return self._condition

    def become(self, **changes: Any) -> None:
        """Breaks it or puts it right: `become(paper="out")`, `become(mute=True)`."""
        with self._lock:
            self._condition = replace(self._condition, **changes)

    def slips(self) -> list[dict[str, Any]]:
        """[{name, at, url, text, number, codes}], the newest first."""
        found = []
        for path in sorted(self.folder.glob("*.json"), reverse=True):
            with contextlib.suppress(OSError, ValueError):
                found.append(json.loads(path.read_text("utf-8")))
        return found

    def stop(self) -> None:
        """Vanishes: no new connection, and the open ones are cut."""
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "VirtualPrinter":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def converse(self, connection: socket.socket) -> None:
        """One connection: obeys and answers until it ends, is dropped, or speaks what it does not know."""
        with self._lock:
            self._open.add(connection)
        decoder = Decoder(self.width, answer=lambda question: self._answer(connection, question))
        try:
            for data in self._arriving(connection):
                for printed in decoder.feed(data):
                    self._slip(printed)
            if decoder.fed_out:  # without a cutter someone tears it off
                self._slip(decoder.tear())
        except UnknownBytes as error:
            self.refused = str(error)
            log.warning("printer.unknown_bytes", reason=str(error))
        except OSError as error:
            log.info("printer.line_lost", reason=str(error))
        finally:
            with self._lock:
                self._open.discard(connection)

    def _arriving(self, connection: socket.socket) -> Iterator[bytes]:
        connection.settimeout(IDLE_SECONDS)
        self.received = [*self.received[-19:], b""]
        while data := connection.recv(CHUNK):
            self.received[-1] += data
            most = self.condition.drop_after
            if most is not None and len(self.received[-1]) > most:
                return
            yield data

    def _answer(self, connection: socket.socket, question: int) -> None:
        condition = self.condition
        if condition.delay_seconds:
            time.sleep(condition.delay_seconds)
        if not condition.mute:
            connection.sendall(bytes((status_byte(condition, question),)))

    def _slip(self, printed: Printed) -> None:
        """Draws it if there is paper. Without, it is lost: nothing is printed when paper is back."""
        if self.condition.paper == "out":
            log.info("printer.no_paper", number=printed.largest)
            return
        self.last_slip_at = time.monotonic()
        save(printed, self.folder, self.kept)
        self._use_paper()

    def _use_paper(self) -> None:
        with self._lock:
            left = self._condition.slips_left
            if left is not None:
                paper: Paper = "out" if left <= 1 else self._condition.paper
                self._condition = replace(self._condition, paper=paper, slips_left=left - 1 if left > 1 else None)

    def state(self) -> dict[str, Any]:
        return {**asdict(self.condition), "refused": self.refused}


def status_byte(condition: Condition, question: int) -> int:
    """The answer to DLE EOT n: 1 printer, 2 cause of being offline, 3 error, 4 paper."""
    out = condition.paper == "out"
    match question:
        case 1:
            return 0x12 | (0x08 if out or condition.cover_open or condition.offline else 0)
        case 2:
            return 0x12 | (0x04 if condition.cover_open else 0) | (0x20 if out else 0)
        case 4:
            return 0x12 | (0x60 if out else 0) | (0x0C if out or condition.paper == "near_end" else 0)
        case _:
            return 0x12


def save(printed: Printed, folder: Path, kept: int = KEPT) -> dict[str, Any]:
    """NAME.png and NAME.json; the JSON comes last and whole, so that what is listed is there."""
    at = datetime.now(UTC)
    name = f"{at:%Y%m%d-%H%M%S-%f}"
    printed.picture.save(folder / f"{name}.png", optimize=False)
    slip = {
        "name": name,
        "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "url": f"/slips/{name}.png",
        "text": printed.text,
        "number": printed.largest,
        "codes": list(printed.codes),
        "width": printed.picture.width,
        "height": printed.picture.height,
    }
    unfinished = folder / f"{name}.part"
    unfinished.write_text(json.dumps(slip, ensure_ascii=False), "utf-8")
    os.replace(unfinished, folder / f"{name}.json")
    _forget_old(folder, kept)
    return slip


def _forget_old(folder: Path, kept: int) -> None:
    for path in sorted(folder.glob("*.json"))[:-kept]:
        path.unlink(missing_ok=True)
        path.with_suffix(".png").unlink(missing_ok=True)


class _Server(socketserver.ThreadingTCPServer):
    request_queue_size = 64
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], printer: VirtualPrinter) -> None:
        self.printer = printer
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Line)


class _Line(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.printer.converse(self.request)
