"""Slips at a real TCP printer that is out of paper, gone or slow, and over a restart of the kiosk."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from hall.devices.printer import Printer, PrinterProfile
from hall.texts import say
from kiosk.printing import LATEST_SECONDS
from kiosk.store import Slip, Store
from printers.virtual import VirtualPrinter
from tests.browser import OpenPage, expect, serious_faults
from tests.kiosk.conftest import ROOT, StartKiosk
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.rig import Rig, wait_for
from tests.parts import free_port


def numbers(paper: VirtualPrinter) -> list[str]:
    return [slip["number"] for slip in reversed(paper.slips())]


def slip_of(answer: requests.Response) -> str:
    return str(answer.json()["slip"]["id"])


def test_a_slip_is_printed_and_the_server_knows(
    start_kiosk: StartKiosk, server: FakeServer, paper: VirtualPrinter
) -> None:
    kiosk = start_kiosk()
    slip = slip_of(kiosk.touch("one-touch-1"))
    assert kiosk.slip_ended(slip) == {"id": slip, "state": "printed", "reason": None}
    wait_for(lambda: server.reports)
    assert numbers(paper) == ["A001"]
    assert (server.reports[0]["slip"], server.reports[0]["result"]) == (slip, "printed")


def test_slips_of_eight_touches_at_once_are_each_printed_once(start_kiosk: StartKiosk, paper: VirtualPrinter) -> None:
    kiosk = start_kiosk()
    slips = [slip_of(kiosk.touch(f"touch-nr-{n}")) for n in range(8)]
    assert {kiosk.slip_ended(slip)["state"] for slip in slips} == {"printed"}
    assert numbers(paper) == [f"A{n:03d}" for n in range(1, 9)]


def test_without_paper_the_ticket_stays_the_server_knows_and_nothing_comes_out_later(
    start_kiosk: StartKiosk, server: FakeServer, paper: VirtualPrinter
) -> None:
    kiosk = start_kiosk()
    paper.become(paper="out")
    answer = kiosk.touch("one-touch-1")
    ended = kiosk.slip_ended(slip_of(answer))
    assert answer.json()["ticket"]["number"] == "A001"
    assert (ended["state"], ended["reason"]) == ("failed", "paper_out")
    assert kiosk.catalogue()["printer"]["ok"] is False
    wait_for(lambda: server.reports)
    assert (server.reports[0]["result"], server.reports[0]["reason"]) == ("failed", "paper_out")
    paper.become(paper="ok")
    kiosk.slip_ended(slip_of(kiosk.touch("one-touch-2")))
    assert numbers(paper) == ["A002"]
    assert kiosk.catalogue()["printer"]["ok"] is True


def test_a_printer_that_is_gone_fails_the_slip_and_warns_the_next_visitor(
    start_kiosk: StartKiosk, paper: VirtualPrinter
) -> None:
    kiosk = start_kiosk()
    wait_for(lambda: kiosk.catalogue()["printer"]["ok"])
    paper.stop()
    assert kiosk.slip_ended(slip_of(kiosk.touch("one-touch-1")))["state"] == "failed"
    assert kiosk.catalogue()["printer"]["ok"] is False


def test_a_printer_gone_at_the_start_is_known_before_the_first_touch(server: FakeServer, tmp_path: Path) -> None:
    nobody = Printer(address=f"127.0.0.1:{free_port()}", timeout_seconds=1)
    with Rig(server.url, tmp_path / "kiosk", nobody) as kiosk:
        wait_for(lambda: kiosk.catalogue()["printer"]["ok"] is False)


def test_a_slip_that_waited_longer_than_thirty_seconds_is_never_printed(
    start_kiosk: StartKiosk, server: FakeServer, paper: VirtualPrinter, tmp_path: Path
) -> None:
    store = Store(tmp_path / "kiosk" / "kiosk.sqlite3")
    ticket = {**TICKET, "number": "A077"}
    store.keep_slip(Slip("old", ticket, "zh-CN", False, time.time() - LATEST_SECONDS - 1))
    store.keep_slip(Slip("young", {**TICKET, "number": "A078"}, "zh-CN", False, time.time() - 5))
    store.close()
    kiosk = start_kiosk()
    assert kiosk.slip_ended("old") == {"id": "old", "state": "failed", "reason": "late"}
    assert kiosk.slip_ended("young")["state"] == "printed"
    assert numbers(paper) == ["A078"]
    wait_for(lambda: len(server.reports) == 2)


def test_a_reprint_from_the_desk_bears_its_mark_and_comes_once(
    start_kiosk: StartKiosk, server: FakeServer, paper: VirtualPrinter
) -> None:
    kiosk = start_kiosk()
    wait_for(lambda: kiosk.kiosk.follower and kiosk.kiosk.follower.up)
    for _ in range(2):
        server.send_print("slip-again", {**TICKET, "number": "A005"})
    wait_for(lambda: server.reports)
    time.sleep(0.3)
    assert [slip["number"] for slip in paper.slips()] == ["A005"]
    assert "补打" in paper.slips()[0]["text"]


def test_an_english_ticket_has_an_english_slip(start_kiosk: StartKiosk, paper: VirtualPrinter) -> None:
    kiosk = start_kiosk()
    kiosk.slip_ended(slip_of(kiosk.touch("one-touch-1", language="en")))
    assert "Social insurance" in paper.slips()[0]["text"]


def test_reports_reach_the_server_when_the_link_is_back(
    start_kiosk: StartKiosk, server: FakeServer, paper: VirtualPrinter
) -> None:
    kiosk = start_kiosk()
    paper.become(delay_seconds=1.5)
    slip = slip_of(kiosk.touch("one-touch-1"))
    server.down = True
    assert kiosk.slip_ended(slip)["state"] == "printed"
    assert server.reports == []
    server.down = False
    wait_for(lambda: server.reports)


def test_a_kiosk_killed_while_printing_loses_nothing_and_prints_nothing_twice(
    server: FakeServer, paper: VirtualPrinter, tmp_path: Path
) -> None:
    paper.become(delay_seconds=2)
    port = free_port()
    process = start_process(server, paper, port, tmp_path)
    answers = [touch(port, f"touch-nr-{n}") for n in range(2)]
    first, second = (answer["slip"]["id"] for answer in answers)
    wait_for(lambda: any(received for received in paper.received if len(received) > 100))
    process.kill()
    process.wait()
    paper.become(delay_seconds=0.0)
    process = start_process(server, paper, port, tmp_path)
    try:
        wait_for(lambda: {one["slip"] for one in server.reports} == {first, second})
        states = {key: slip_state(port, key) for key in (first, second)}
        assert states[first] == ("failed", "interrupted")
        assert states[second] == ("printed", None)
        assert touch(port, "touch-nr-0")["ticket"] == answers[0]["ticket"]
        assert len(server.tickets) == 2
        assert numbers(paper).count("A001") <= 1
        assert numbers(paper).count("A002") == 1
    finally:
        process.terminate()
        process.wait(10)


def start_process(server: FakeServer, paper: VirtualPrinter, port: int, folder: Path) -> "subprocess.Popen[bytes]":
    arguments = ["--server", server.url, "--token", "t", "--port", str(port), "--data-dir", str(folder / "kiosk")]
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.cli", *arguments, "--printer", f"network:{paper.address}"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(lambda: link_of(port) == "up")
    return process


def link_of(port: int) -> Any:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).json()["link"]
    except requests.RequestException:
        return None


def touch(port: int, touch_id: str) -> Any:
    body = {"touch_id": touch_id, "line": "social", "language": "zh-CN"}
    return requests.post(f"http://127.0.0.1:{port}/local/tickets", json=body, timeout=10).json()


def slip_state(port: int, slip: str) -> tuple[str, str | None]:
    found = requests.get(f"http://127.0.0.1:{port}/local/slips/{slip}", timeout=30).json()["slip"]
    return found["state"], found["reason"]


TICKET: dict[str, Any] = {
    "id": "t9",
    "number": "A009",
    "line": "social",
    "language": "zh-CN",
    "ahead": 3,
    "expected_wait": None,
    "windows": [],
    "issued_at": "2026-11-23T01:42:10Z",
    "track_url": None,
}


# A fallback printer, and a kiosk that stops


def start_with(server: FakeServer, folder: Path, paper: VirtualPrinter, **options: Any) -> Rig:
    return Rig(server.url, folder / "kiosk", Printer(address=paper.address, timeout_seconds=5, **options))


def codes(kiosk: Rig) -> set[tuple[str, str]]:
    return {(one.id, one.code) for one in kiosk.kiosk.printing.conditions() if one.state != "ok"}


def test_what_the_printer_cannot_begin_comes_out_of_its_fallback(
    server: FakeServer, paper: VirtualPrinter, tmp_path: Path
) -> None:
    with VirtualPrinter(tmp_path / "second") as second, start_with(
        server, tmp_path, paper, fallback=PrinterProfile(address=second.address, timeout_seconds=5)
    ) as kiosk:  # fmt: skip
        paper.become(paper="out")
        assert kiosk.slip_ended(slip_of(kiosk.touch("one-touch-1")))["state"] == "printed"
        assert (numbers(paper), numbers(second)) == ([], ["A001"])
        assert kiosk.catalogue()["printer"]["ok"] is True
        assert codes(kiosk) == {("main", "paper_out")}
        paper.become(paper="ok")
        assert kiosk.slip_ended(slip_of(kiosk.touch("one-touch-2")))["state"] == "printed"
        assert (numbers(paper), numbers(second)) == (["A002"], ["A001"])


def test_a_slip_that_may_lie_at_the_printer_does_not_come_out_of_the_fallback_too(
    server: FakeServer, paper: VirtualPrinter, tmp_path: Path
) -> None:
    with VirtualPrinter(tmp_path / "second") as second, start_with(
        server, tmp_path, paper, fallback=PrinterProfile(address=second.address, timeout_seconds=5)
    ) as kiosk:  # fmt: skip
        paper.become(slips_left=1)  # it is printed, and then the paper is out
        ended = kiosk.slip_ended(slip_of(kiosk.touch("one-touch-1")))
        assert (ended["state"], ended["reason"]) == ("failed", "paper_out")
        assert (numbers(paper), numbers(second)) == (["A001"], [])


def test_after_two_slips_that_did_not_come_out_the_kiosk_gives_no_more_until_it_is_put_right(
    server: FakeServer, paper: VirtualPrinter, tmp_path: Path
) -> None:
    with start_with(server, tmp_path, paper, stop_after_unprinted=2) as kiosk:
        paper.become(cover_open=True)
        for n in range(2):
            answer = kiosk.touch(f"touch-nr-{n}")
            assert answer.status_code == 201
            kiosk.slip_ended(slip_of(answer))
        refused = kiosk.touch("touch-nr-2")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "kiosk_stopped")
        assert "导办台" in refused.json()["error"]["message"]
        assert kiosk.touch("touch-nr-1").json()["ticket"]["number"] == "A002"  # the same touch, the same number
        assert kiosk.catalogue()["printer"]["stopped"] is True
        assert codes(kiosk) == {("", "cover_open"), ("kiosk", "stopped")}
        assert len(server.tickets) == 2
        paper.become(cover_open=False)
        wait_for(lambda: not kiosk.catalogue()["printer"]["stopped"])
        assert kiosk.slip_ended(slip_of(kiosk.touch("touch-nr-3")))["state"] == "printed"
        assert (numbers(paper), codes(kiosk)) == (["A003"], set())


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_of_a_kiosk_that_stopped_names_the_guide_desk_and_gives_no_number(
    server: FakeServer, paper: VirtualPrinter, tmp_path: Path, page: OpenPage, language: str
) -> None:
    with start_with(server, tmp_path, paper, stop_after_unprinted=1) as kiosk:
        paper.become(paper="out")
        kiosk.slip_ended(slip_of(kiosk.touch("one-touch-1")))
        shown = page(kiosk.url, 1080, 1920)
        if language == "en":
            shown.get_by_role("button", name="English").click()
        expect(shown.get_by_role("alert")).to_contain_text(say(language, "kiosk.stopped"))
        expect(shown.locator(".choice").first).to_have_attribute("aria-disabled", "true")
        assert serious_faults(shown) == []
        paper.become(paper="ok")
        expect(shown.get_by_role("alert")).to_have_count(0)
        expect(shown.locator(".choice").first).not_to_have_attribute("aria-disabled", "true")


def test_one_slip_that_comes_out_begins_the_count_anew(
    server: FakeServer, paper: VirtualPrinter, tmp_path: Path
) -> None:
    with start_with(server, tmp_path, paper, stop_after_unprinted=2) as kiosk:
        for n, state in enumerate(["out", "ok", "out"]):
            paper.become(paper=state)
            kiosk.slip_ended(slip_of(kiosk.touch(f"touch-nr-{n}")))
        assert kiosk.touch("touch-nr-9").status_code == 201


def test_a_template_with_a_mistake_is_told_and_the_shipped_one_prints(
    server: FakeServer, paper: VirtualPrinter, tmp_path: Path
) -> None:
    own = tmp_path / "slip.yaml"
    own.write_text("pieces:\n  - {say: numbr}\n", encoding="utf-8")
    with start_with(server, tmp_path, paper, template=str(own)) as kiosk:
        kiosk.slip_ended(slip_of(kiosk.touch("one-touch-1")))
        assert "前面还有" in paper.slips()[0]["text"]
        [told] = [one for one in kiosk.kiosk.printing.conditions() if one.code == "template"]
        assert f'{own}:2: pieces.0.say.0 = "numbr": expected' in told.detail
        pieces = "pieces: [{say: reprint}, {say: number, style: number}, {say: offline}, {words: 咨询电话 12345}]"
        own.write_text(pieces, encoding="utf-8")
        kiosk.slip_ended(slip_of(kiosk.touch("one-touch-2")))
        assert paper.slips()[0]["text"].splitlines() == ["A002", "咨询电话 12345"]
        assert codes(kiosk) == set()


def test_a_test_print_is_no_ticket(start_kiosk: StartKiosk, server: FakeServer, paper: VirtualPrinter) -> None:
    kiosk = start_kiosk()
    assert kiosk.kiosk.test_print().ok
    assert [slip["number"] for slip in paper.slips()] == ["A000"]
    assert server.tickets == server.reports == []
    paper.become(paper="out")
    assert kiosk.kiosk.test_print().detail == "paper_out"
