"""The parts that other tests stand on."""

import socket
import sys
import time
from pathlib import Path

import psycopg
import pytest

from server.commands.processes import Child, NotStarted, free_port, stop_all
from tests.parts import PostgresServer


def child(tmp_path: Path, code: str) -> Child:
    return Child("child", [sys.executable, "-c", code], tmp_path / "child.log")


def test_each_postgres_database_is_new_and_empty_and_syncs_its_commits() -> None:
    server = PostgresServer.shared()
    first, second = server.url(), server.url()
    assert first != second
    with psycopg.connect(first.replace("+psycopg", "")) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.xdist_group("kept")
def test_a_group_of_tests_is_kept_in_one_worker(request: pytest.FixtureRequest) -> None:
    """Else every server that a module shares is started by each worker, and nothing tells but the time it takes."""
    spread = request.config.getoption("loadgroup", False)
    assert not spread or request.node.nodeid.endswith("@kept")


def test_a_process_that_ends_too_early_tells_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="no paper in tray 3"):
        child(tmp_path, "print('no paper in tray 3')").start().wait_until(lambda: False)


def test_a_line_of_the_log_is_waited_for(tmp_path: Path) -> None:
    waiting = child(tmp_path, "import time; time.sleep(0.2); print('port 8123'); time.sleep(60)").start()
    try:
        assert waiting.wait_for_line(r"port (\d+)", 60)[1] == "8123"
    finally:
        waiting.kill()


def test_stopping_reaches_what_the_process_started_even_if_it_will_not_end(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print('grandchild', one.pid, flush=True); time.sleep(60)"
    )
    parent = child(tmp_path, code).start()
    grandchild = int(parent.wait_for_line(r"grandchild (\d+)", 60)[1])
    parent.stop(0.5)
    assert not parent.alive
    end = time.monotonic() + 20
    while runs(grandchild):
        assert time.monotonic() < end
        time.sleep(0.02)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_many_are_stopped_at_once(tmp_path: Path) -> None:
    children = [child(tmp_path, "import time; time.sleep(60)").start() for _ in range(3)]
    stop_all(children)
    assert not any(one.alive for one in children)


def test_a_busy_port_is_replaced_by_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        assert free_port(taken) != taken
    assert free_port(taken) == taken
