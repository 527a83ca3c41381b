"""After a power cut everything comes up in any order, the server last, and works without anybody's hand."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from hall.link import Link
from server.commands.processes import Child, room, stop_all
from tests.parts import ROOT, ServerProcess, VirtualPrinter, free_port
from tests.server.check_rig import made_token

pytestmark = pytest.mark.xdist_group("together")

WAIT_SECONDS = 60  # 30 on a machine that does nothing else


class Morning:
    """A kiosk, its printer, a loudspeaker's display client and the server, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.server = ServerProcess(folder / "server", clock="real")
        self.printer = VirtualPrinter(folder / "printer")
        self.ports = {"kiosk": free_port(), "display": free_port()}
        options = {"kiosk": ["--printer", f"network:{self.printer.address}"], "display": ["--id", "loudspeaker"]}
        self.devices = {
            kind: Child(
                kind,
                room(f"{kind}.cli", *self._options(kind), "--data-dir", str(folder / kind), *options[kind]),
                folder / f"{kind}.log",
                {"HALLCALL_TOKEN": made_token(self.server.folder, kind, name=kind)},
                ROOT,
            )
            for kind in self.ports
        }
        self.desk = Link(self.server.url, made_token(self.server.folder, "supervisor"), "binjiang", "en", timeout=30)

    def _options(self, kind: str) -> list[str]:
        return ["--server", self.server.url, "--config", str(ROOT / "config.yaml"), "--port", str(self.ports[kind])]

    def begin(self, name: str) -> None:
        if name == "printer":
            self.printer.__enter__()
        elif name == "server":
            self.server.start()
        else:
            self.devices[name].start()

    def local(self, kind: str, method: str, path: str, body: Any = None) -> Any:
        url = f"http://127.0.0.1:{self.ports[kind]}{path}"
        with contextlib.suppress(requests.RequestException, ValueError):
            return requests.request(method, url, json=body, timeout=30).json()
        return {}

    def end(self) -> None:
        stop_all([child for child in self.devices.values() if child.process])
        self.server.stop()
        self.printer.__exit__()


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    started = Morning(tmp_path)
    yield started
    started.end()


def soon(true: Callable[[], Any]) -> Any:
    end = time.monotonic() + WAIT_SECONDS
    while not (found := true()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
    return found


def test_whatever_starts_first_the_hall_works_once_the_server_is_there(morning: Morning) -> None:
    for name in ("display", "kiosk", "printer"):
        morning.begin(name)
    soon(lambda: all(morning.local(kind, "GET", "/healthz").get("link") == "down" for kind in morning.ports))
    morning.begin("server")
    began, touches = time.monotonic(), itertools.count()

    def taken() -> Any:
        touch = {"line": "social", "language": "zh-CN", "touch_id": f"touch-{next(touches)}-abc"}
        return morning.local("kiosk", "POST", "/local/tickets", touch).get("ticket")

    issued = soon(taken)
    morning.desk.post("windows/w1/open")
    soon(lambda: any(slip["status"] == "printed" for slip in morning.desk.get("slips")["slips"]))
    soon(lambda: morning.local("display", "GET", "/healthz").get("link") == "up")
    called = morning.desk.post("windows/w1/call-next")["ticket"]
    assert called["number"] == issued["number"]

    def spoken() -> bool:
        log = morning.local("display", "GET", "/sound/log").get("log", [])
        return any(entry.get("number") == called["number"] for entry in log)

    soon(spoken)

    def both_well() -> bool:
        states = morning.desk.get("devices/states")["devices"]
        heard = {one["name"]: one["behind"] for one in states if one["seen_at"]}
        return heard.keys() >= {"kiosk", "display"} and not any(heard.values())

    soon(both_well)
    print(f"everything worked {time.monotonic() - began:.1f} s after the server was ready")
