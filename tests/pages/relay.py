"""A small real relay for page tests, started, killed and steered from here.

Each change is an event folded by hall.board and kept here, so that a relay started again on the same port goes
on where the killed one stopped.
"""

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from hall.board import Board, fold
from hall.layout import Hall
from hall.settings import load_settings
from tests.pages.relay_process import stamp

ROOT = Path(__file__).parents[2]


class Relay:
    """A relay with the hall of config.yaml (or another), on a port of its own."""

    def __init__(self, port: int, hall: Hall | None = None, sound: str | None = None, sounds: Path = ROOT) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.hall = hall or load_settings(ROOT / "config.yaml", {}).halls[0]
        self.more = {"sound": sound, "sounds": str(sounds)}
        self.lines: dict[str, dict[str, Any]] = {}
        self.board = empty_board(self.hall)
        self.tickets = 0
        self.pid: int | None = None

    def start(self) -> "Relay":
        start = {"hall": self.hall.model_dump(mode="json"), "board": self.board, "lines": self.lines}
        relays = _relays()
        assert relays.stdin and relays.stdout
        print(json.dumps({**start, **self.more, "port": self.port}), file=relays.stdin, flush=True)
        self.pid = int(relays.stdout.readline())
        for _ in range(600):
            try:
                requests.get(f"{self.url}/orders/heard", timeout=1)
                return self
            except requests.RequestException:
                time.sleep(0.1)
        raise TimeoutError("the relay did not start")

    def kill(self) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
                while True:  # until it is gone
                    os.kill(self.pid, 0)
                    time.sleep(0.01)
            self.pid = None

    def order(self, path: str, body: Any) -> None:
        requests.post(f"{self.url}/orders/{path}", json=body, timeout=30).raise_for_status()

    def set(self, **values: Any) -> None:
        self.order("set", values)

    def heard(self) -> list[dict[str, Any]]:
        return list(requests.get(f"{self.url}/orders/heard", timeout=30).json()["heard"])

    def painted(self) -> list[dict[str, Any]]:
        """What pages said last of what they painted."""
        return list(requests.get(f"{self.url}/orders/heard", timeout=30).json()["painted"])

    def publish(self, *events: dict[str, Any], lose: bool = False) -> None:
        """Writes the events after the board's last and sends them at once, or loses them on the way."""
        whole = [self._envelope(event, n) for n, event in enumerate(events, start=1)]
        for event in whole:
            self.board = fold(self.board, event)
        if self.pid:
            self.order("events", {"events": whole, "lose": lose})

    def _envelope(self, event: dict[str, Any], n: int) -> dict[str, Any]:
        seq = self.board["seq"] + n
        hall, epoch = self.hall.id, self.board["epoch"]
        return {"v": 1, "epoch": epoch, "hall": hall, "seq": seq, "at": stamp(), "data": {}, **event}

    def call(self, number: str, window: str, ago: float = 0, **more: Any) -> dict[str, Any]:
        """Calls a number to a window; returns its ticket. `ago`: seconds since it was called."""
        event = self.called(number, window, ago, **more)
        self.publish(event)
        return dict(event["ticket"])

    def called(self, number: str, window: str, ago: float = 0, **more: Any) -> dict[str, Any]:
        """The event of a call, not yet published."""
        prefix = number.rstrip("0123456789")
        line = next((one.id for one in self.hall.lines if one.prefix == prefix), self.hall.lines[0].id)
        at = stamp(datetime.now(UTC) - timedelta(seconds=ago))
        ticket = {
            "id": f"ticket-{number}",
            "number": number,
            "line": line,
            "status": "called",
            "window": window,
        }
        ticket |= {"calls": 1, "called_at": at, "first_called_at": at, "language": "zh-CN", **more}
        at_window = {key: ticket[key] for key in ("id", "number", "status")}
        return {
            "type": "ticket.called",
            "ticket": ticket,
            "data": {"window": self._window(window, ticket=at_window)},
        }

    def move(self, ticket: dict[str, Any], kind: str, status: str) -> dict[str, Any]:
        """A later event of a ticket, such as ("started", "serving") or ("missed", "no_show")."""
        ticket = {**ticket, "status": status}
        stays = status in ("called", "serving")
        at_window = {key: ticket[key] for key in ("id", "number", "status")} if stays else None
        window = self._window(ticket["window"], ticket=at_window)
        self.publish({"type": f"ticket.{kind}", "ticket": ticket, "data": {"window": window}})
        return ticket

    def window(self, window: str, **after: Any) -> None:
        """Opens, pauses or closes a window."""
        self.publish({"type": "window.opened", "window": window, "data": {"window": self._window(window, **after)}})

    def wait(self, **counts: int) -> None:
        """How many wait in each line from now on."""
        self.publish({"type": "ticket.issued", "data": {"waiting": counts}})

    def _window(self, window: str, **after: Any) -> dict[str, Any]:
        now = next(one for one in self.board["windows"] if one["id"] == window)
        return {**now, **after}


@functools.cache
def _relays() -> "subprocess.Popen[str]":
    """Makes the relays, and ends with this process, which holds the other end of its input."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.pages.relay_process"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        start_new_session=True,
    )  # fmt: skip


def empty_board(hall: Hall) -> Board:
    windows = [
        {
            "id": w.id,
            "name": w.name,
            "zone": w.zone,
            "status": "open",
            "until": None,
            "closing": None,
            "lines": [{"id": key, "rank": rank} for key, rank in w.lines.items()],
            "ticket": None,
        }
        for w in hall.windows
    ]
    waiting = {line.id: 0 for line in hall.lines}
    now = stamp()
    board = {"epoch": "first", "seq": 1, "at": now, "day": now[:10], "calls": [], "missed": []}
    return {**board, "windows": windows, "waiting": waiting}
