"""`hallcall run`, `demo` and `replay` as a newcomer types them: real processes on a temporary data folder."""

import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import yaml

from hall.link import Link
from server.commands.processes import Child, answers, hallcall
from tests.parts import ROOT, free_port

pytestmark = pytest.mark.xdist_group("together")

HEAD = "date,class,priority,arrive_s,queue_s,outcome,start_s,end_s,window\n"


def served(n: int) -> str:
    at = 36000 + 60 * n
    return f"2026-11-23,SI,{0 if n % 5 else 2},{at},60,AGENT,{at + 60},{at + 200},W0{1 + n % 2}"


SHORT_DAY = [
    *(served(n) for n in range(24)),
    *(f"2026-11-23,TX,0,{36030 + 120 * n},{200 if n % 3 else 1},HANG,,," for n in range(9)),
    "2026-11-23,TX,0,36500,0,AGENT,36500,36900,W03",
]


def typed(folder: Path, *arguments: str, **environment: str) -> Child:
    return Child(
        arguments[0],
        hallcall(*arguments),
        folder / "typed.log",
        {"HALLCALL_DATA_DIR": str(folder / "data"), "COLUMNS": "300", **environment},
        ROOT,
    ).start()


def ended(child: Child, seconds: float) -> int:
    assert child.process is not None
    return child.process.wait(seconds)


def test_the_demo_shows_every_step_and_ends_with_0(tmp_path: Path) -> None:
    demo = typed(tmp_path, "demo", "--keep", str(tmp_path / "kept"))
    assert ended(demo, 120) == 0, demo.said()
    steps = re.findall(r"^✓ (\w+)", demo.said(), re.MULTILINE)
    assert steps == ["hall", "window", "kiosk", "printer", "call", "board", "board", "voice", "served"]
    number = re.search(r"number (\w+) for", demo.said())
    assert number is not None
    slips = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "kept" / "slips").glob("*.json")]
    assert [slip["number"] for slip in slips] == [number[1]]
    assert list((tmp_path / "kept" / "display" / "sound").glob("c-*.wav"))


def test_the_demo_names_the_step_that_is_missing_and_ends_with_1(tmp_path: Path) -> None:
    """A loudspeaker that is none: everything happens but the voice."""
    settings = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    for display in settings["devices"]["displays"]:
        display["speaks"] = False
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")
    demo = typed(tmp_path, "demo", "--config", str(config))
    assert ended(demo, 120) == 1
    assert "✓ board" in demo.said()
    assert "✗ voice: no sound was made" in demo.said()


def test_a_bad_config_stops_the_demo_with_the_mistake(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("server: {port: high}\n", "utf-8")
    demo = typed(tmp_path, "demo", "--config", str(config))
    assert ended(demo, 60) == 1
    assert "server.port" in demo.said()
    assert "Traceback" not in demo.said()


class Run:
    """`hallcall run` on free ports, until its links are printed."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.data = folder / "data"
        self.ports = [free_port() for _ in range(3)]
        options = zip(("--port", "--kiosk-port", "--display-port"), map(str, self.ports), strict=True)
        self.child = typed(folder, "run", *(part for option in options for part in option), *more)
        self.child.wait_for_line("Ctrl-C ends it all", 120)
        self.url = f"http://127.0.0.1:{self.ports[0]}"

    def link(self, role: str) -> str:
        return self.child.wait_for_line(rf"{role}\s.*(http\S+)", 1)[1]

    def token(self, name: str) -> str:
        return str(json.loads((self.data / "run-tokens.json").read_text())[name])


@pytest.fixture(scope="module")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Run]]:
    """`begin()`: the hall that all tests here share, started where it does not run: it is eight processes."""
    folder, runs = tmp_path_factory.mktemp("house"), []

    def running() -> Run:
        if not runs or not runs[-1].child.alive:
            runs.append(Run(folder))
        return runs[-1]

    yield running
    for run in runs:
        run.child.stop(15)


@pytest.fixture
def run(begin: Callable[[], Run]) -> Run:
    return begin()


def test_run_prints_a_link_a_role_that_opens_and_restarts_what_dies(run: Run) -> None:
    staff, others = ("Clerk", "Desk", "Order", "Devices"), ("Window", "Rating", "Booking", "Remote", "API")
    for role in ("Kiosk", "Printer", *staff, "Board", *others):
        assert requests.get(run.link(role), timeout=10).status_code == 200, role
    signed_in = {"Clerk": "clerk", "Desk": "desk", "Order": "supervisor", "Devices": "system_admin"}
    signed_in |= {"Window": "display", "Rating": "display"}
    for role, known_as in signed_in.items():
        token = run.link(role).partition("#token=")[2]
        session = requests.post(f"{run.url}/api/v1/session", json={"token": token}, timeout=30).json()["session"]
        assert session["role"] == known_as
    slip = Link(run.url, run.token("desk")).post("tickets", line="social")["ticket"]
    assert slip["track_url"].startswith(f"{run.url}/t/"), "the code of a slip leads to the phone's page"
    assert requests.get(slip["track_url"], timeout=10).status_code == 200
    Link(run.url, run.token("desk")).post(f"tickets/{slip['id']}/cancel")
    assert (run.data / "run-tokens.json").stat().st_mode & 0o777 == 0o600
    children = processes(run.child.pid)
    assert len(children) >= 4
    kiosk = next(pid for pid, words in children.items() if "kiosk.cli" in words)
    assert not any(run.token("kiosk") in words for words in children.values()), "a token on a command line"
    os.kill(kiosk, signal.SIGKILL)
    run.child.wait_for_line("The kiosk ended with -9", 60)
    run.child.wait_for_line(r"Starting the kiosk again \(1 of 3\)", 60)
    run.child.wait_until(lambda: answers(f"http://127.0.0.1:{run.ports[1]}/healthz"), 60)


def test_ctrl_c_ends_every_process_and_the_next_run_keeps_the_tokens(begin: Callable[[], Run]) -> None:
    first = begin()
    token = first.token("clerk")
    children = processes(first.child.pid)
    os.kill(first.child.pid, signal.SIGINT)
    assert ended(first.child, 60) == 0
    assert not [pid for pid in children if runs(pid)]
    assert begin().token("clerk") == token


def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        run = typed(tmp_path, "run", "--port", str(busy.getsockname()[1]))
        assert ended(run, 60) == 1
    assert "is taken; choose another with PORT=" in run.said()


def processes(parent: int) -> dict[int, str]:
    """{pid: command line} of the processes that `parent` started."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.csv"
    path.write_text(HEAD + "\n".join(SHORT_DAY) + "\n", "utf-8")
    return path


def test_a_replayed_day_loses_nobody_and_leaves_a_true_board(tmp_path: Path, day: Path) -> None:
    replay = typed(tmp_path, "replay", str(day), "--speed", "200")
    assert ended(replay, 120) == 0, replay.said()
    told = dict(re.findall(r"│ ([\w ]+?)\s*│ (\d+)", replay.said()))
    assert told["issued"] == "34"
    assert int(told["served"]) + int(told["cancelled"]) == 34
    assert int(told["cancelled"]) >= 1
    assert told["errors"] == "0"
    assert "✓ no number twice, nobody lost, board equals journal" in replay.said()


def test_a_day_is_replayed_in_a_running_hall_and_leaves_a_window_free(run: Run, tmp_path: Path, day: Path) -> None:
    options = ["--server", run.url, "--token-file", str(run.data / "run-tokens.json"), "--leave-window", "w1"]
    replay = typed(tmp_path / "replay", "replay", str(day), "--speed", "300", *options)
    assert ended(replay, 120) == 0, replay.said()
    display = Link(run.url, run.token("display"))
    opened = {
        event["window"]
        for event in display.get("journal", since=0, limit=500)["events"]
        if event["type"] == "window.opened"
    }
    assert opened and "w1" not in opened
    assert {window["status"] for window in display.get("windows")["windows"]} == {"closed"}
    assert sum(display.get("board")["waiting"].values()) == 0


def test_a_file_that_is_no_day_ends_the_replay_in_words(tmp_path: Path) -> None:
    path = tmp_path / "no.csv"
    path.write_text("a,b\n1,2\n")
    replay = typed(tmp_path, "replay", str(path))
    assert ended(replay, 60) == 1
    assert "missing columns" in replay.said()
    assert "Traceback" not in replay.said()
