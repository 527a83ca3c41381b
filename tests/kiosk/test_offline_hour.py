"""Two kiosks without network for a simulated hour while the server goes on: merged without a clash, all in place.

HALLCALL_OFFLINE=600 for the whole size: so many tickets at each kiosk, and so many more at the server.
"""

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hall.devices.kiosk import Offline
from hall.devices.printer import Printer
from hall.link import Link
from hall.words import Role
from server.audit.verifying import faults
from server.db import open_engine
from tests.kiosk.cut import CutLine
from tests.kiosk.rig import Rig, wait_for
from tests.kiosk.test_offline import token_of
from tests.parts import ServerProcess

SIZE = int(os.environ.get("HALLCALL_OFFLINE", "24"))
SECONDS = max(5.0, SIZE / 8)
SPEED = 3600 / SECONDS
START = "2026-11-23T09:00:00+08:00"
LINES = ("social", "tax")


class Clock:
    """Runs as fast as the server's, and is wrong by hours."""

    def __init__(self, wrong_by: float) -> None:
        self.begins = datetime.fromisoformat(START).timestamp() + wrong_by
        self.began = time.monotonic()

    def __call__(self) -> float:
        return self.begins + (time.monotonic() - self.began) * SPEED


def all_tickets(desk: Link) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        answer = desk.get("tickets", limit=500, after=after)
        found += answer["tickets"]
        if (after := answer["after"]) is None:
            return found


def spread(give: Callable[[int], Any]) -> None:
    """`SIZE` times over the hour."""
    began = time.monotonic()
    for n in range(SIZE):
        time.sleep(max(0.0, began + n * SECONDS / SIZE - time.monotonic()))
        give(n)


@pytest.mark.timeout(900)
def test_an_hour_without_network_is_merged_without_a_clash(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "server", clock=f"{START}@{SPEED}") as real, CutLine(real.port) as line:
        desk = Link(real.url, token_of(real, Role.SUPERVISOR), timeout=20)
        kiosks = [
            Rig(
                line.url, tmp_path / f"kiosk-{place}", Printer(kind="file", address=str(tmp_path / f"paper-{place}")),
                Clock(wrong_by), token_of(real, Role.KIOSK), offline=Offline(numbers=max(SIZE, 20), hours=24),
            )
            for place, wrong_by in enumerate((-40_000.0, 30_000.0))
        ]  # fmt: skip
        try:
            for kiosk in kiosks:
                wait_for(kiosk.kiosk.alone.can)
            line.cut()
            for kiosk in kiosks:
                wait_for(lambda kiosk=kiosk: kiosk.kiosk.catalogues.down)  # type: ignore[misc]
            given = give_for_an_hour(kiosks, desk)
            began = time.monotonic()
            line.mend()
            for kiosk in kiosks:
                wait_for(lambda kiosk=kiosk: not kiosk.kiosk.catalogues.down, 120)  # type: ignore[misc]
            took = time.monotonic() - began
            check_merged(desk, given)
            check_calls(desk)
            engine = open_engine(f"sqlite:///{real.folder}/hallcall.sqlite3")
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")  # one moment of a hall that goes on
                assert faults(connection) == []
            engine.dispose()
            print(f"{SIZE} at each of 2 kiosks, {SIZE} at the server: handed over in {took:.1f} s")
        finally:
            for kiosk in kiosks:
                kiosk.stop()


def give_for_an_hour(kiosks: list[Rig], desk: Link) -> list[dict[str, Any]]:
    """Every ticket that a visitor got, from three places at once."""
    given: list[dict[str, Any]] = []

    def at_kiosk(kiosk: Rig, n: int) -> None:
        answer = kiosk.touch(f"touch-nr-{n:05d}", line=LINES[n % 2])
        assert answer.status_code == 201, answer.text
        given.append(answer.json()["ticket"])

    def at_desk(n: int) -> None:
        given.append(desk.post("tickets", line=LINES[n % 2])["ticket"])

    ways = [lambda n, kiosk=kiosk: at_kiosk(kiosk, n) for kiosk in kiosks]
    threads = [threading.Thread(target=spread, args=(give,)) for give in (*ways, at_desk)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def check_merged(desk: Link, given: list[dict[str, Any]]) -> None:
    there = {one["id"]: one for one in all_tickets(desk)}
    assert len(given) == 3 * SIZE and {one["id"] for one in given} == there.keys()
    numbers = [one["number"] for one in there.values()]
    assert len(set(numbers)) == len(numbers)
    assert all(there[one["id"]]["number"] == one["number"] for one in given)
    assert {one["status"] for one in there.values()} == {"waiting"}
    online = sorted(one["number"] for one in there.values() if not one.get("offline"))
    assert online == sorted(f"{prefix}{n:03d}" for prefix in prefixes(online) for n in range(1, SIZE // 2 + 1))
    # Each at the moment of its issue, whatever the kiosk's clock said.
    apart = [abs(moment(there[one["id"]]["queued_at"]) - moment(one["issued_at"])) for one in given]
    assert max(apart) < 0.01
    hour = [moment(one["queued_at"]) for one in there.values() if one.get("offline")]
    online_hour = [moment(one["queued_at"]) for one in there.values() if not one.get("offline")]
    # Within seconds of ours, which are hours of this hall's.
    assert abs(min(hour) - min(online_hour)) < 10_000 and abs(max(hour) - max(online_hour)) < 10_000


def prefixes(numbers: list[str]) -> set[str]:
    return {number[0] for number in numbers}


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def check_calls(desk: Link) -> None:
    """The windows call them all, in the order of their issue."""
    desk.post("windows/w1/open")
    called = []
    while (answer := desk.post("windows/w1/call-next", finish="completed")) is not None and len(called) < 3 * SIZE:
        called.append(answer["ticket"])
    by_line = {line: [one["queued_at"] for one in called if one["line"] == line] for line in LINES}
    assert all(places == sorted(places) for places in by_line.values())
    assert any(by_line.values())
