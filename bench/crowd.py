"""A crowded hall: 32 clerks calling with 10,000 waiting, against the same server's empty authenticated POST."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench.load import run_load
from hall.link import Link
from server.commands.processes import Child, answers, create_token, free_port, hallcall

CLERKS = 32
WAITING = 10_000
ROUNDS = 4
CALLS_A_ROUND = 1500
PING_SECONDS = 1.0
LINES = ("a", "b", "c")


@dataclass
class Kind:
    """All answers of one kind of request."""

    count: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)

    def add(self, load: dict[str, Any], cpu: float) -> None:
        self.count += sum(load["answers"].values())
        self.seconds += load["seconds"]
        self.cpu_seconds += cpu
        self.milliseconds += load["milliseconds"]

    @property
    def a_second(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_milliseconds(self) -> float:
        """The server's own work for one of them: hardly moved by what else the machine does."""
        return self.cpu_seconds / self.count * 1000


@dataclass
class Figures:
    ping: Kind = field(default_factory=Kind)
    call: Kind = field(default_factory=Kind)
    issues_a_second: float = 0.0


def layout() -> dict[str, object]:
    """Every window serves every line, as in a hall of general windows."""
    return {
        "halls": [
            {
                "id": "crowd",
                "name": "拥挤大厅",
                "issuing": ["00:00-23:59"],
                "calling": ["00:00-23:59"],
                "zones": [{"id": "z", "name": "一楼"}],
                "units": [{"id": "u", "name": "综合"}],
                "category_sets": [{"id": "c", "name": "现行", "categories": [{"id": "s", "name": "公共服务"}]}],
                "lines": [{"id": line, "name": line, "prefix": line.upper()} for line in LINES],
                "matters": [],
                "windows": [
                    {"id": f"w{n}", "name": str(n), "zone": "z", "lines": dict.fromkeys(LINES, 1)}
                    for n in range(1, CLERKS + 1)
                ],
            }
        ]
    }


@contextmanager
def crowd_server(folder: Path) -> Iterator[tuple[Child, int, str, str]]:
    """(the server, its port, a clerk's token, a desk's token)"""
    config = folder / "crowd.yaml"
    config.write_text(yaml.safe_dump(layout(), allow_unicode=True), encoding="utf-8")
    environment = {"HALLCALL_DATA_DIR": str(folder / "crowd")}
    (folder / "crowd").mkdir()
    port = free_port()
    arguments = hallcall("serve", "--config", str(config), "--port", str(port), "--always-open")
    server = Child("server", arguments, folder / "crowd.log", environment).start()
    try:
        server.wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        clerk, desk = (create_token(config, environment, role) for role in ("clerk", "desk"))
        yield server, port, clerk, desk
    finally:
        server.stop()


def measure_crowd(folder: Path) -> Figures:
    """Calls and pings in turn, so that what else the machine does strikes both alike."""
    figures = Figures()
    with crowd_server(folder) as (server, port, clerk, desk):
        base = {"host": "127.0.0.1", "port": port}
        hall = "/api/v1/halls/crowd"
        count = WAITING + ROUNDS * CALLS_A_ROUND
        issue = [f"{hall}/tickets"] * CLERKS
        for line in LINES:
            filled = run_load(**base, token=desk, paths=issue, body={"line": line}, count=-(-count // len(LINES)))
            must_be({"201"}, filled["answers"])
            figures.issues_a_second = sum(filled["answers"].values()) / filled["seconds"]
        link = Link(f"http://127.0.0.1:{port}", clerk)
        for number in range(1, CLERKS + 1):
            link.post(f"windows/w{number}/open")
        calls = [f"{hall}/windows/w{number}/call-next" for number in range(1, CLERKS + 1)]
        for _ in range(ROUNDS):
            _round(figures, server, base, clerk, calls)
    return figures


def _round(figures: Figures, server: Child, base: dict[str, object], clerk: str, calls: list[str]) -> None:
    before = cpu_seconds(server.pid)
    ping = run_load(**base, token=clerk, paths=["/api/v1/ping"] * CLERKS, body={}, seconds=PING_SECONDS)
    must_be({"200", "204"}, ping["answers"])
    between = cpu_seconds(server.pid)
    called = run_load(**base, token=clerk, paths=calls, body={"finish": "completed"}, count=CALLS_A_ROUND)
    must_be({"200"}, called["answers"])
    figures.ping.add(ping, between - before)
    figures.call.add(called, cpu_seconds(server.pid) - between)


def cpu_seconds(pid: int) -> float:
    """What the process has used of the processors since its start (Linux: proc(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def must_be(statuses: set[str], answers: dict[str, int]) -> None:
    if not set(answers) <= statuses:
        raise RuntimeError(f"the server answered {answers}")
