"""Rooms as processes: started in a group of their own, watched by their log, ended together."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

import requests

READY_SECONDS = 60.0
STOP_SECONDS = 5.0


class NotStarted(Exception):
    """A process ended or stayed silent instead of becoming ready; carries the last lines of its log."""


def free_port(wanted: int = 0, host: str = "127.0.0.1") -> int:
    """`wanted` when nothing listens there, else one of the machine's choice."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    raise OSError("no free port")


class Child:
    """One process of a room, its output in `log`. `environment` is added to this process's own."""

    def __init__(
        self,
        name: str,
        arguments: list[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._arguments = arguments
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self._cwd = cwd
        self.process: subprocess.Popen[bytes] | None = None
        self._log_begin = 0

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was not started"
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> "Child":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._log_begin = out.tell()
            # Its own session: Ctrl-C reaches only the parent, which ends the children in order.
            self.process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._cwd,
                start_new_session=True,
            )
        return self

    def said(self) -> str:
        """What it wrote since its last start."""
        with self.log.open("rb") as log:
            log.seek(self._log_begin)
            return log.read().decode("utf-8", "replace")

    def last_lines(self, count: int = 12) -> str:
        return "\n".join(self.said().strip().splitlines()[-count:]) or "(it wrote nothing)"

    def wait_until(self, ready: Callable[[], object], seconds: float = READY_SECONDS) -> "Child":
        end = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise NotStarted(f"{self.name} ended before it was ready:\n{self.last_lines()}")
            if time.monotonic() > end:
                raise NotStarted(f"{self.name} was not ready after {seconds:.0f} s:\n{self.last_lines()}")
            time.sleep(0.03)
        return self

    def wait_for_line(self, pattern: str, seconds: float = READY_SECONDS) -> re.Match[str]:
        self.wait_until(lambda: re.search(pattern, self.said()), seconds)
        found = re.search(pattern, self.said())
        assert found is not None
        return found

    def end(self) -> None:
        """Asks it to end; returns at once."""
        self._signal(signal.SIGTERM)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        self.end()
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to it and to what it started."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


def stop_all(children: list[Child]) -> None:
    """All at once: together they may take `STOP_SECONDS`, not each."""
    for child in children:
        child.end()
    end = time.monotonic() + STOP_SECONDS
    for child in children:
        child.stop(max(0.0, end - time.monotonic()))


def answers(url: str, status: int = 200) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(url, timeout=1).status_code == status
    return False


def hallcall(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "server.cli", *arguments]


def room(module: str, *arguments: str) -> list[str]:
    """A device's command line, by its module: a device installed alone has the same."""
    return [sys.executable, "-m", module, *arguments]


def create_token(config: Path, environment: Mapping[str, str], role: str, **to: str | None) -> str:
    """A token of `hallcall token create-many`. `to`: hall, window, name."""
    return create_tokens(config, environment, {"one": {"role": role, **to}})["one"]


def create_tokens(
    config: Path, environment: Mapping[str, str], wanted: Mapping[str, Mapping[str, str | None]]
) -> dict[str, str]:
    """{key: token} for {key: role, hall, window, name}: in one process, as each costs more than a second."""
    made = subprocess.run(
        hallcall("token", "create-many", "--config", str(config)),
        env={**os.environ, **environment},
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        timeout=30,
    )
    if made.returncode:
        raise NotStarted(f"hallcall token create-many failed:\n{made.stderr or made.stdout}")
    return dict(json.loads(made.stdout.strip().splitlines()[-1]))


def end_on_signals() -> None:
    """SIGTERM and SIGHUP become the KeyboardInterrupt that Ctrl-C is, so one `finally` ends the children.

    SIGINT is named too: a shell that starts a job in the background has it ignored, and Python leaves that so.
    """

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
