"""The page behind the slip's code, in the ticket's language, on a real server."""

from pathlib import Path

import pytest
import requests

from tests.parts import ServerProcess

PUBLIC = "https://hall.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("HALLCALL_PUBLIC_URL", PUBLIC)
    with ServerProcess(tmp_path_factory.mktemp("phone") / "server") as running:
        yield running
    monkeypatch.undo()


def send(server: ServerProcess, token: str, path: str, **body: object) -> requests.Response:
    url = f"{server.url}/api/v1/halls/binjiang/{path}"
    return requests.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=5)


def test_the_code_on_a_slip_opens_the_visitors_own_page_in_their_language(server: ServerProcess) -> None:
    desk, clerk = server.token("desk"), server.token("clerk")
    ticket = send(server, desk, "tickets", line="passport", language="en").json()["ticket"]
    assert ticket["track_url"].startswith(f"{PUBLIC}/t/")
    address = server.url + ticket["track_url"].removeprefix(PUBLIC)
    waiting = requests.get(address, timeout=5)
    assert waiting.status_code == 200 and ticket["number"] in waiting.text
    assert "People ahead of you" in waiting.text and 'lang="en"' in waiting.text
    window = ticket["windows"][0]
    assert send(server, clerk, f"windows/{window['id']}/open").status_code == 200
    assert send(server, clerk, f"windows/{window['id']}/call-next").json()["ticket"]["id"] == ticket["id"]
    assert f"Please go to Window {window['name']}" in requests.get(address, timeout=5).text


def test_a_guessed_code_shows_nobody(server: ServerProcess) -> None:
    assert requests.get(f"{server.url}/t/guessed-code-of-22-chars", timeout=5).status_code == 404


def test_the_phone_page_is_small_and_runs_no_script(server: ServerProcess, tmp_path: Path) -> None:
    desk = server.token("desk")
    ticket = send(server, desk, "tickets", line="passport").json()["ticket"]
    answer = requests.get(server.url + ticket["track_url"].removeprefix(PUBLIC), timeout=5)
    assert "<script" not in answer.text and "script-src" not in answer.headers["Content-Security-Policy"]
    assert len(answer.content) < 4096
