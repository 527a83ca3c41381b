"""Devices and server as an operator starts them: enrolled by a code, in any order, the server last, nobody at hand."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from hall.link import Link
from server.commands.processes import Child, answers, hallcall, room
from tests.parts import ROOT, ServerProcess, VirtualPrinter, free_port

WAIT_SECONDS = 90
"""What is waited for; the seconds it took are in the report, and a busy machine is slow."""


def until(true: Callable[[], Any]) -> Any:
    end = time.monotonic() + WAIT_SECONDS
    while not (found := true()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
    return found


class Hall:
    """A server, a kiosk with a printer, and a loudspeaker; each its own process on its own data folder."""

    def __init__(self, folder: Path, printer: VirtualPrinter) -> None:
        self.folder = folder
        self.server = ServerProcess(folder / "server", clock="real")
        self.kiosk_port, self.display_port = free_port(), free_port()
        kiosk = ["--port", str(self.kiosk_port), "--printer", f"network:{printer.address}"]
        self.kiosk = self._device("kiosk", *kiosk)
        self.display = self._device("display", "--port", str(self.display_port), "--output", "page")

    def _device(self, kind: str, *options: str) -> Child:
        arguments = room(f"{kind}.cli", "--data-dir", str(self.folder / kind), *options)
        return Child(kind, arguments, self.folder / f"{kind}.log", cwd=ROOT)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        named = hallcall(words[0], "--config", str(self.server.config), *words[1:])
        return _run(named, {**os.environ, **self.server.environment})

    def enrol(self, kind: str, name: str) -> None:
        """As an operator does it: a code from the shell, typed on the device."""
        code = self.command("devices", "enrol", "--role", kind, "--name", name).stdout.split()[0]
        on_device = ["enrol", "--server", self.server.url, "--code", code, "--data-dir", str(self.folder / kind)]
        done = _run(room(f"{kind}.cli", *on_device), dict(os.environ))
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        for child in (self.kiosk, self.display):
            child.stop()
        self.server.stop()


def _run(words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=WAIT_SECONDS)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with VirtualPrinter(tmp_path / "printer") as printer:
        made = Hall(tmp_path, printer)
        yield made
        made.stop()


def test_enrolled_devices_start_before_their_server_and_are_usable_soon_after_it(hall: Hall) -> None:
    hall.server.start()
    hall.enrol("kiosk", "一楼取号机")
    hall.enrol("display", "大厅广播")
    admin = Link(hall.server.url, hall.server.token("system_admin"), "binjiang")
    hall.server.stop()

    hall.kiosk.start(), hall.display.start()
    until(lambda: answers(f"http://127.0.0.1:{hall.kiosk_port}/healthz"))
    until(lambda: answers(f"http://127.0.0.1:{hall.display_port}/healthz"))
    began = time.monotonic()
    hall.server.start()
    served = time.monotonic()

    def by_name() -> dict[str, Any]:
        return {one["name"]: one for one in admin.get("devices/states")["devices"] if one["seen_at"]}

    until(lambda: set(by_name()) == {"一楼取号机", "大厅广播"} and by_name()["一楼取号机"]["state"] == "ok")
    until(lambda: _takes_a_number(hall.kiosk_port))
    after, alone = time.monotonic() - began, time.monotonic() - served
    print(json.dumps({"usable_seconds_after_start": round(after, 1), "after_ready": round(alone, 1)}), file=sys.stderr)

    kiosk = by_name()["一楼取号机"]
    admin.post(f"devices/{kiosk['id']}/tests", what="print")
    assert until(lambda: _ended(by_name()["一楼取号机"]))["state"] == "ok"
    shown = hall.command("devices", "--language", "en")
    assert shown.returncode in (0, 1) and "一楼取号机" in shown.stdout
    assert hall.command("devices", "revoke", "一楼取号机").returncode == 0
    until(lambda: not _takes_a_number(hall.kiosk_port))


def _ended(device: dict[str, Any]) -> Any:
    return next((test for test in device["tests"] if test["state"] != "waiting"), None)


def _takes_a_number(port: int) -> bool:
    body = {"touch_id": f"touch-{time.monotonic_ns()}", "line": "social", "language": "zh-CN"}
    answer = requests.post(f"http://127.0.0.1:{port}/local/tickets", json=body, timeout=30)
    return answer.status_code in (200, 201) and not answer.json().get("ticket", {}).get("offline")
