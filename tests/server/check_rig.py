"""A running hall with every device of its settings, for the check before opening: real links and heartbeats."""

import os
import subprocess
import time
import uuid
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import requests

from hall.health import Condition
from hall.heartbeat import Heartbeat, Outcome
from hall.link import Follower, Link
from hall.words import Role
from server.auth import create_token
from server.clock import Clock
from server.commands.processes import hallcall
from tests.parts import ROOT, ServerProcess, new_database
from tests.server.trial import open_trial_store

KIOSK, BOARDS, SPEAKER = "一楼取号机", ("一楼大屏", "二楼大屏"), "大厅广播"
HEARD = Outcome(True, "spoken", {"seconds": 3.2})


def made_token(folder: Path, role: str, window: str | None = None, name: str = "9001") -> str:
    """A token in a server's SQLite database, past its command line: a process costs more than a second."""
    store = open_trial_store(new_database(folder / "hallcall.sqlite3"), Clock())
    made = partial(create_token, hall="binjiang", role=Role(role), window=window, name=name, now=store.clock.now())
    token = store.write(made)
    store.engine.dispose()
    return token


class Device:
    """What a device's main object does for its operator: heartbeats with conditions, tests, and a board it follows."""

    def __init__(self, url: str, token: str, conditions: list[Condition], tests: dict[str, Outcome]) -> None:
        self.link = Link(url, token)
        self.conditions = conditions
        self.tests = tests
        answers = {what: lambda what=what: self.tests[what] for what in tests}  # type: ignore[misc]
        self.heartbeat = Heartbeat(self.link, lambda: self.conditions, answers, self._board, every_seconds=0.3)
        self.follower: Follower | None = None
        self.heartbeat.start()
        self.follower = self.link.follow(lambda board, events: None, on_message=self.heartbeat.on_message)

    def _board(self) -> Any:
        return self.follower.board if self.follower else None

    def stop(self) -> None:
        self.heartbeat.stop()
        if self.follower:
            self.follower.stop()


class Hall:
    """The shipped hall on a server of its own, with its devices enrolled under the names of the settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = ServerProcess(folder, clock="real").start()
        self.url = self.server.url
        self.admin = Link(self.url, self.token("system_admin"), "binjiang", "en", timeout=20)
        self.devices: dict[str, Device] = {}

    @cache  # noqa: B019
    def token(self, role: str) -> str:
        return made_token(self.folder, role)

    def enrol(self, kind: str, name: str, conditions: list[Condition], **tests: Outcome) -> Device:
        made = self.admin.post("devices/enrolments", role=kind, name=name)
        said = {"code": made["code"], "request_id": str(uuid.uuid4())}
        token = requests.post(f"{self.url}/api/v1/enrol", json=said, timeout=20).json()["token"]
        self.devices[name] = Device(self.url, token, conditions, tests)
        return self.devices[name]

    def enrol_all(self) -> None:
        self.enrol("kiosk", KIOSK, [Condition("printer", "ok")])
        for name in BOARDS:
            self.enrol("display", name, [])
        self.enrol("display", SPEAKER, [Condition("speaker", "ok")], announcement=HEARD)
        self.until(self.all_heard)

    def all_heard(self) -> bool:
        """Whether the server knows what each device can do: only then are they asked for it."""
        known = self.lines()
        return all(known.get(("device", name), {}).get("state") == "ok" for name in self.devices)

    def lines(self) -> dict[tuple[str, str], dict[str, Any]]:
        """{(part, device): line} as they are now."""
        return {(one["part"], one["device"]): one for one in self.admin.get("self-check")["lines"]}

    def until(self, true: Callable[[], Any], seconds: float = 40) -> Any:
        end = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < end, "it did not come true"
            time.sleep(0.1)
        return found

    def typed(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, **self.server.environment, "COLUMNS": "200"}
        return subprocess.run(
            hallcall(*arguments), capture_output=True, text=True, env=environment, cwd=ROOT, timeout=150
        )

    def stop(self) -> None:
        for device in self.devices.values():
            device.stop()
        self.server.stop()
