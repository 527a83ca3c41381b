"""A disk that is full: commands are refused in plain words, nothing is half there, and with room it goes on."""

import resource
import uuid
from pathlib import Path
from typing import Any

import requests

from tests.parts import ServerProcess
from tests.server.check_rig import made_token


def limit_files(pid: int, size: int) -> None:
    """No file of that process may grow beyond so many bytes: what a full disk does to a database's log."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_on_a_full_disk_nothing_is_half_written_and_with_room_it_goes_on(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        here = f"{server.url}/api/v1/halls/binjiang"
        headers = {"Authorization": f"Bearer {made_token(tmp_path, 'kiosk')}", "Accept-Language": "en"}

        def issue(touch: str) -> requests.Response:
            said = {"line": "social", "request_id": touch}
            return requests.post(f"{here}/tickets", json=said, headers=headers, timeout=30)

        def board() -> Any:
            return requests.get(f"{here}/board", headers=headers, timeout=30).json()

        assert [issue(str(uuid.uuid4())).status_code for _ in range(3)] == [201] * 3
        limit_files(server.pid, (tmp_path / "hallcall.sqlite3-wal").stat().st_size)
        before = board()
        refused = [issue(f"touch-{n}") for n in range(3)]
        assert {answer.status_code for answer in refused} == {503}
        assert {answer.json()["error"]["code"] for answer in refused} == {"unavailable"}
        assert {**board(), "at": ""} == {**before, "at": ""}
        assert requests.get(f"{server.url}/readyz", timeout=30).status_code == 200
        limit_files(server.pid, resource.RLIM_INFINITY)
        again = [issue(f"touch-{n}") for n in range(3)]
        assert [answer.json()["ticket"]["number"] for answer in again] == ["A004", "A005", "A006"]
        assert server.alive and "Traceback" not in again[0].text
    with ServerProcess(tmp_path) as server:
        headers = {"Authorization": f"Bearer {made_token(tmp_path, 'supervisor')}"}
        board_now = requests.get(f"{server.url}/api/v1/halls/binjiang/board", headers=headers, timeout=30).json()
        assert board_now["waiting"]["social"] == 6
