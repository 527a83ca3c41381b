"""A real `hallcall serve` for tests: one process with many halls, of which every test gets one of its own."""

import itertools
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
import socketio
import yaml

from hall.events import Event
from hall.words import Role
from server import queries
from server.auth import create_token
from server.db import Store
from server.journal import events_since
from tests.parts import ServerProcess
from tests.server.trial import MORNING, SetClock, layout, open_trial_store

HALLS = 80


def written_config(folder: Path, halls: int = HALLS, **changes: Any) -> Path:
    """A config.yaml with halls hall-0, hall-1 … of the trial's layout, issuing all day."""
    path = folder / "config.yaml"
    all_day = {"issuing": ["00:00-23:59"], "calling": ["00:00-23:59"]}
    written = [layout(f"hall-{place}", **all_day, **changes).model_dump(mode="json") for place in range(halls)]
    path.write_text(yaml.safe_dump({"halls": written}, allow_unicode=True), encoding="utf-8")
    return path


class Served:
    """The running server, and a store on its database for what only its operator may do or see."""

    def __init__(self, folder: Path, database_url: str | None = None, halls: int = HALLS, **changes: Any) -> None:
        config = written_config(folder, halls, **changes)
        # Not the real time: a test that runs over midnight would see the day end.
        clock = f"{MORNING.isoformat()}@1"
        self.process = ServerProcess(folder, clock=clock, database_url=database_url, config=config)
        self.database_url = database_url or f"sqlite:///{folder}/hallcall.sqlite3"
        self._numbers = itertools.count()

    @property
    def url(self) -> str:
        return self.process.url

    @cached_property
    def store(self) -> Store:
        return open_trial_store(self.database_url, SetClock())

    def home(self) -> "Home":
        """The next hall that no test has touched."""
        return Home(self, f"hall-{next(self._numbers)}")

    def __enter__(self) -> "Served":
        self.process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
        self.store.engine.dispose()


@dataclass
class Home:
    """One hall of the server, and a token for each role in it."""

    served: Served
    hall: str
    _tokens: dict[tuple[str, str | None, str], str] = field(default_factory=dict)

    def token(self, role: str, window: str | None = None, name: str = "one") -> str:
        key = (role, window, name)
        if key not in self._tokens:
            self._tokens[key] = self.served.store.write(
                lambda connection: create_token(
                    connection, self.hall, Role(role), window, f"{role}-{name}", SetClock().now()
                )
            )
        return self._tokens[key]

    def forget(self, role: str) -> None:
        """Its next token is a new one."""
        self._tokens = {key: token for key, token in self._tokens.items() if key[0] != role}

    def ask(self, method: str, path: str, role: str | None = None, body: Any = None, **more: Any) -> requests.Response:
        """`path` under the hall, or from the root with a leading slash. `more`: token, headers, data, params."""
        token = more.pop("token", None) or (role and self.token(role))
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        url = self.served.url + (path if path.startswith("/") else f"/api/v1/halls/{self.hall}/{path}")
        if body is not None:
            more["data"] = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        return requests.request(method, url, headers=headers, timeout=20, **more)

    def post(self, path: str, role: str = "clerk", body: Any = None, **more: Any) -> requests.Response:
        return self.ask("POST", path, role, {} if body is None else body, **more)

    def get(self, path: str, role: str = "clerk", **query: Any) -> requests.Response:
        return self.ask("GET", path, role, params=query)

    def issue(self, line: str = "tax", role: str = "kiosk", **more: Any) -> dict[str, Any]:
        answer = self.post("tickets", role, {"line": line, "request_id": str(uuid.uuid4()), **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["ticket"])

    def act(self, window: str, act: str, role: str = "clerk", **body: Any) -> requests.Response:
        return self.post(f"windows/{window}/{act}", role, body)

    def called(self, window: str = "w1", line: str = "tax") -> dict[str, Any]:
        """A ticket called at an open window."""
        self.issue(line)
        assert self.act(window, "open").status_code == 200
        return dict(self.act(window, "call-next").json()["ticket"])

    def board(self) -> dict[str, Any]:
        return dict(self.get("board").json())

    @property
    def seq(self) -> int:
        return int(self.board()["seq"])

    def tables(self) -> dict[str, Any]:
        """The board as the tables give it, past the server."""
        return self.served.store.read(lambda connection: queries.board(connection, self.hall))

    def events(self, since: int = 0) -> list[Event]:
        return self.served.store.read(lambda connection: events_since(connection, self.hall, since, 1_000_000))

    @contextmanager
    def client(self, role: str = "display", **auth: Any) -> Iterator["Heard"]:
        """A connected Socket.IO client and what it heard."""
        heard = Heard()
        given = {"token": auth.pop("token", None) or self.token(role), "hall": self.hall, **auth}
        heard.socket.connect(self.served.url, auth=given, transports=["websocket"], wait_timeout=60)
        try:
            yield heard
        finally:
            # In a thread: the client library waits three seconds for the other end's farewell.
            threading.Thread(target=heard.socket.disconnect, daemon=True).start()


class Heard:
    """A python-socketio client that keeps every message in the order of its arrival."""

    def __init__(self) -> None:
        self.socket = socketio.Client(reconnection=False, handle_sigint=False)
        self.messages: list[tuple[str, Any]] = []
        # Kept in the thread that reads: the client gives every message a thread of its own, where two may swap places.
        reader = self.socket.eio
        handle = reader._trigger_event
        reader._trigger_event = lambda *given, **options: handle(*given, **{**options, "run_async": False})
        self.socket._trigger_event = self._keep

    def _keep(self, name: str, namespace: str = "/", *given: Any) -> None:
        self.messages.append((name, given[0] if given else None))

    def named(self, name: str) -> list[Any]:
        return [data for heard, data in self.messages if heard == name]

    def events(self) -> list[Event]:
        return [event for batch in self.named("events") for event in batch]
