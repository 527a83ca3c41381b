"""The kiosk with the real server: slips known there, reprints from the desk, and a server killed and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hall.devices.printer import Printer
from hall.link import Link
from printers.virtual import VirtualPrinter
from tests.kiosk.rig import Rig, wait_for
from tests.parts import ServerProcess


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def desk(real: ServerProcess) -> Link:
    return Link(real.url, real.token("desk"))


@pytest.fixture(scope="module")
def token(real: ServerProcess) -> str:
    return real.token("kiosk")


@pytest.fixture
def kiosk(real: ServerProcess, token: str, paper: VirtualPrinter, tmp_path: Path) -> Iterator[Rig]:
    printer = Printer(address=paper.address, timeout_seconds=5)
    with Rig(real.url, tmp_path / "kiosk", printer, token=token) as running:
        wait_for(lambda: running.kiosk.follower and running.kiosk.follower.up)
        yield running


def slips_of(desk: Link, ticket: dict[str, Any]) -> list[tuple[str, str | None]]:
    found = desk.get("slips")["slips"]
    return [(slip["status"], slip["reason"]) for slip in found if slip["ticket"] == ticket["id"]]


def test_the_server_knows_of_each_slip_and_a_reprint_from_the_desk_bears_its_mark(
    desk: Link, kiosk: Rig, paper: VirtualPrinter
) -> None:
    ticket = kiosk.touch("one-touch-1", line="tax", language="en").json()["ticket"]
    wait_for(lambda: slips_of(desk, ticket) == [("printed", None)])
    desk.post(f"tickets/{ticket['id']}/reprint")
    wait_for(lambda: slips_of(desk, ticket) == [("printed", None)] * 2)
    assert [slip["number"] for slip in paper.slips()] == [ticket["number"]] * 2
    assert "Reprint" in paper.slips()[0]["text"]
    assert "Reprint" not in paper.slips()[1]["text"]


def test_a_slip_without_paper_is_failed_at_the_server_and_its_ticket_waits(
    desk: Link, kiosk: Rig, paper: VirtualPrinter
) -> None:
    paper.become(paper="out")
    ticket = kiosk.touch("one-touch-2").json()["ticket"]
    wait_for(lambda: slips_of(desk, ticket) == [("failed", "paper_out")])
    assert desk.get(f"tickets/{ticket['id']}")["ticket"]["status"] == "waiting"


def test_another_ticket_shows_at_once_in_the_counts_of_every_kiosk(desk: Link, kiosk: Rig) -> None:
    before = kiosk.touch("one-touch-7", line="tax").json()["ticket"]["ahead"]
    desk.post("tickets", line="tax")

    def waiting() -> int:
        return next(int(line["waiting"]) for line in kiosk.catalogue()["lines"] if line["id"] == "tax")

    wait_for(lambda: waiting() >= before + 2)


def test_a_server_killed_and_back_is_found_again_and_one_touch_is_one_ticket(
    real: ServerProcess, kiosk: Rig, desk: Link
) -> None:
    real.kill()
    first = kiosk.touch("one-touch-9").json()["ticket"]
    assert first["offline"] is True
    wait_for(lambda: kiosk.catalogue()["link"] == "down")
    real.start()
    wait_for(lambda: kiosk.catalogue()["link"] == "up")
    assert kiosk.touch("one-touch-9").json()["ticket"] == first
    assert desk.get(f"tickets/{first['id']}")["ticket"]["status"] == "waiting"
