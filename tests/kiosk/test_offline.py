"""A kiosk cut off from the real server: it goes on by itself, and nothing is lost or given twice when it is back."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from hall.devices.kiosk import Offline
from hall.devices.printer import Printer
from hall.link import Link
from hall.words import Role
from printers.virtual import VirtualPrinter
from server.audit.verifying import faults
from server.auth import create_token
from server.db import open_engine
from server.people import digest_of
from server.tables.people import tokens
from tests.kiosk.cut import CutLine
from tests.kiosk.lossy import LossyLine
from tests.kiosk.rig import Rig, wait_for
from tests.parts import ROOT, ServerProcess
from tests.server.trial import SetClock, open_trial_store

MORNING = "2026-11-23T09:05:00+08:00@1"
NEXT_MORNING = "2026-11-24T08:30:00+08:00@1"


class Clock:
    """The kiosk's own: an hour slow, and it can be put ahead."""

    def __init__(self) -> None:
        self.ahead = -3600.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def shipped_hall(folder: Path) -> Path:
    """The shipped hall with addresses on its slips, and documents asked for in one line."""
    config = folder / "config.yaml"
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    text = text.replace("  port: 8000\n", "  port: 8000\n  public_url: https://hall.example.gov.cn\n", 1)
    text = text.replace("{id: health, prefix: N,", "{id: health, prefix: N, identity: typed,", 1)
    config.write_text(text, encoding="utf-8")
    return config


def token_of(real: ServerProcess, role: Role) -> str:
    """Straight from the database: a command's start takes seconds."""
    store = open_trial_store(f"sqlite:///{real.folder}/hallcall.sqlite3", SetClock())
    made = store.write(lambda connection: create_token(connection, "binjiang", role, None, None, SetClock().now()))
    store.engine.dispose()
    return made


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    with ServerProcess(folder, config=shipped_hall(folder), clock=MORNING, always_open=False) as running:
        yield running


@pytest.fixture(autouse=True)
def audited(real: ServerProcess) -> Iterator[None]:
    """Whatever was handed over, the journal is whole, tells what the tables tell, and every call was right."""
    yield
    engine = open_engine(f"sqlite:///{real.folder}/hallcall.sqlite3")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")  # one moment of a hall that goes on
        assert faults(connection) == []
    engine.dispose()


@pytest.fixture(scope="module")
def desk(real: ServerProcess) -> Link:
    return Link(real.url, token_of(real, Role.SUPERVISOR))


@pytest.fixture
def line(real: ServerProcess) -> Iterator[CutLine]:
    with CutLine(real.port) as running:
        yield running


@pytest.fixture
def token(real: ServerProcess) -> str:
    """Each test's kiosk has bands of its own."""
    return token_of(real, Role.KIOSK)


@pytest.fixture
def start(line: CutLine, token: str, paper: VirtualPrinter, tmp_path: Path) -> Iterator[Any]:
    running: list[Rig] = []

    def begin(url: str = line.url, waits: bool = True, **more: Any) -> Rig:
        printer = Printer(address=paper.address, timeout_seconds=5)
        rig = Rig(url, tmp_path / "kiosk", printer, token=token, waits=waits, **{"now": Clock(), **more})
        running.append(rig)
        if waits:
            wait_for(lambda: rig.kiosk.alone.can())
        return rig

    yield begin
    for rig in running:
        rig.stop()


def is_cut_off(kiosk: Rig) -> bool:
    return bool(kiosk.catalogue()["link"] == "down")


def cut(line: CutLine, kiosk: Rig) -> None:
    line.cut()
    wait_for(lambda: is_cut_off(kiosk))


def mend(line: CutLine, kiosk: Rig) -> None:
    line.mend()
    wait_for(lambda: not is_cut_off(kiosk))


def ticket_at(desk: Link, ticket: dict[str, Any]) -> dict[str, Any]:
    return dict(desk.get(f"tickets/{ticket['id']}")["ticket"])


def events_of(desk: Link, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    since, found = 0, []
    while events := desk.get("journal", since=since, limit=500)["events"]:
        found += [one for one in events if one.get("ticket", {}).get("id") == ticket["id"]]
        since = events[-1]["seq"]
    return found


def test_cut_off_it_goes_on_and_hands_over_in_order(
    start: Any, line: CutLine, desk: Link, paper: VirtualPrinter
) -> None:
    kiosk = start()
    before = kiosk.touch("online-touch-1").json()["ticket"]
    cut(line, kiosk)
    shown = kiosk.catalogue()
    assert shown["offline"] is True
    assert {one["waiting"] for one in shown["lines"]} == {None}
    given = [kiosk.touch(f"offline-touch-{n}", line="tax").json() for n in range(3)]
    tickets = [one["ticket"] for one in given]
    numbers = [one["number"] for one in tickets]
    first = int(numbers[0][1:])
    assert first > 800 and numbers == [f"{numbers[0][0]}{first + n}" for n in range(3)]
    assert {one["ahead"] for one in tickets} == {None}
    assert kiosk.slip_ended(given[2]["slip"]["id"])["state"] == "printed"
    paper_text = paper.slips()[0]["text"]
    assert "离线取号" in paper_text and numbers[2] in paper_text and "前面" not in paper_text
    during = desk.post("tickets", line="tax")["ticket"]
    mend(line, kiosk)
    there = [ticket_at(desk, one) for one in tickets]
    assert [one["number"] for one in there] == numbers
    assert {(one["status"], one["offline"]) for one in there} == {("waiting", True)}
    places = [one["queued_at"] for one in there]
    assert places == sorted(places) and places[0] > before["queued_at"] and places[2] < during["queued_at"]
    wait_for(lambda: [one["type"] for one in events_of(desk, tickets[0])] == ["ticket.issued", "slip.printed"])
    assert events_of(desk, tickets[0])[0]["data"]["offline"] is True
    assert not kiosk.touch("online-touch-2", line="tax").json()["ticket"].get("offline")
    codes = [one["track_url"].rpartition("/")[2] for one in tickets]
    assert desk.post("tickets/scan", code=codes[1])["ticket"]["number"] == numbers[1]


def test_one_touch_is_one_number_through_cut_restart_and_return(start: Any, line: CutLine, desk: Link) -> None:
    kiosk = start()
    cut(line, kiosk)
    first = kiosk.touch("one-touch-1").json()["ticket"]
    assert kiosk.touch("one-touch-1").json()["ticket"] == first
    kiosk.stop()
    again = start(waits=False)
    wait_for(lambda: is_cut_off(again))
    assert again.touch("one-touch-1").json()["ticket"] == first
    second = again.touch("one-touch-2").json()["ticket"]
    assert int(second["number"][1:]) == int(first["number"][1:]) + 1
    mend(line, again)
    assert again.touch("one-touch-1").json()["ticket"] == first
    assert [ticket_at(desk, one)["number"] for one in (first, second)] == [first["number"], second["number"]]
    assert [one["type"] for one in events_of(desk, first)].count("ticket.issued") == 1


def test_what_the_kiosk_cannot_check_alone_is_refused_plainly(start: Any, line: CutLine) -> None:
    kiosk = start()
    first = kiosk.touch("online-touch-1").json()["ticket"]
    cut(line, kiosk)
    refused = kiosk.touch("offline-touch-1", line="health")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "cut_off")
    assert refused.json()["error"]["message"] == "网络中断，此业务请到导办台取号"
    health = next(one for one in kiosk.catalogue("en")["lines"] if one["id"] == "health")
    assert (health["open"], health["reason_text"]) == (False, "Network down: please go to the guide desk for this")
    assert kiosk.touch("offline-touch-2", **{"with": first["id"]}).json()["error"]["details"]["reason"] == "not_offline"


def test_a_kiosk_whose_token_was_revoked_does_not_go_on_alone(start: Any, real: ServerProcess) -> None:
    kiosk = start()
    store = open_trial_store(f"sqlite:///{real.folder}/hallcall.sqlite3", SetClock())
    whose = tokens.c.digest == digest_of(kiosk.kiosk.link.token)
    store.write(lambda connection: connection.execute(update(tokens).where(whose).values(revoked_at=SetClock().now())))
    store.engine.dispose()
    wait_for(lambda: not kiosk.kiosk.catalogues.up)
    assert kiosk.touch("offline-touch-1").json()["error"]["code"] == "no_token"


def test_used_up_and_expired_it_says_so(start: Any, line: CutLine, desk: Link) -> None:
    clock = Clock()
    kiosk = start(offline=Offline(numbers=2, hours=1), now=clock)
    cut(line, kiosk)
    given = [kiosk.touch(f"offline-touch-{n}").json()["ticket"] for n in range(2)]
    answer = kiosk.touch("offline-touch-3").json()["error"]
    assert (answer["code"], answer["message"]) == ("cut_off", "备用号码已取完，请到导办台取号")
    (link, band) = (one for one in kiosk.kiosk.conditions() if one.part in ("link", "band"))
    assert (link.code, band.state, band.code, band.facts["not_handed_over"]) == ("down", "fault", "used_up", 2)
    clock.ahead += 3601
    assert kiosk.touch("offline-touch-4", line="tax").json()["error"]["code"] == "link_down"
    assert kiosk.catalogue()["offline"] is False
    mend(line, kiosk)
    wait_for(lambda: [one.state for one in kiosk.kiosk.conditions() if one.part in ("link", "band")] == ["ok", "ok"])
    cut(line, kiosk)
    more = kiosk.touch("offline-touch-5").json()["ticket"]
    assert int(more["number"][1:]) > int(given[1]["number"][1:])
    mend(line, kiosk)
    assert {ticket_at(desk, one)["status"] for one in [*given, more]} == {"waiting"}


def test_a_number_whose_answer_was_lost_is_taken_back_when_the_touch_got_one_offline(
    start: Any, real: ServerProcess, desk: Link
) -> None:
    with LossyLine(real.port) as lossy:
        kiosk = start(lossy.url)
        known = {one["id"] for one in desk.get("slips")["slips"]}
        lossy.losing = True
        shown = kiosk.touch("lost-touch-1").json()["ticket"]
        (lost,) = (one for one in desk.get("slips")["slips"] if one["id"] not in known)
        assert shown["offline"] is True and shown["number"] != lost["number"]
        lossy.losing = False
        wait_for(lambda: not is_cut_off(kiosk))
        assert kiosk.touch("lost-touch-1").json()["ticket"] == shown
        assert ticket_at(desk, shown)["status"] == "waiting"
        assert ticket_at(desk, {"id": lost["ticket"]})["status"] == "cancelled"
        assert events_of(desk, {"id": lost["ticket"]})[-1]["data"]["reason"] == "never_shown"


def test_a_hand_over_whose_answer_was_lost_is_no_second_ticket(start: Any, real: ServerProcess, desk: Link) -> None:
    with LossyLine(real.port) as lossy:
        kiosk = start(lossy.url)
        lossy.losing = True
        wait_for(lambda: is_cut_off(kiosk))
        ticket = kiosk.touch("offline-touch-1").json()["ticket"]
        body = kiosk.kiosk.store.read("SELECT body FROM given")[0][0]
        # As the server had it once already, without the kiosk's hearing of it.
        Link(real.url, kiosk.kiosk.link.token).post("tickets/offline", **json.loads(body))
        lossy.losing = False
        wait_for(lambda: not is_cut_off(kiosk))
    assert [one["type"] for one in events_of(desk, ticket)].count("ticket.issued") == 1
    assert kiosk.kiosk.store.read("SELECT state FROM given") == [("handed",)]


def test_power_lost_in_the_middle_of_a_print_loses_no_number(
    start: Any, line: CutLine, desk: Link, paper: VirtualPrinter
) -> None:
    kiosk = start()
    cut(line, kiosk)
    kiosk.kiosk.printing.stop()
    ticket = kiosk.touch("offline-touch-1").json()["ticket"]
    kiosk.kiosk.store.move(ticket["slip"]["id"], "sending")  # its bytes are on the way, and the power goes
    again = start(waits=False)
    wait_for(lambda: is_cut_off(again))
    assert again.slip_ended(ticket["slip"]["id"])["reason"] == "interrupted"
    assert again.touch("offline-touch-1").json()["ticket"] == ticket
    mend(line, again)
    assert ticket_at(desk, ticket)["number"] == ticket["number"]
    wait_for(lambda: events_of(desk, ticket)[-1]["type"] == "slip.failed")
    assert paper.slips() == []


def test_a_day_that_ended_meanwhile_expires_its_numbers(
    start: Any, line: CutLine, real: ServerProcess, desk: Link, tmp_path: Path
) -> None:
    clock = Clock()
    kiosk = start(now=clock)
    cut(line, kiosk)
    ticket = kiosk.touch("offline-touch-1").json()["ticket"]
    real.kill()
    clock.ahead += 23.4 * 3600
    assert kiosk.touch("offline-touch-2").json()["error"]["code"] == "link_down"
    # Of its own: the others' hall does not come back from the next day.
    folder = Path(shutil.copytree(real.folder, tmp_path / "later"))
    later = ServerProcess(folder, port=real.port, config=real.config, clock=NEXT_MORNING, always_open=False)
    try:
        with later:
            mend(line, kiosk)
            there = ticket_at(desk, ticket)
            assert (there["status"], there["day"], there["number"]) == ("expired", "2026-11-23", ticket["number"])
            wait_for(lambda: kiosk.kiosk.alone.band.contact.day == "2026-11-24")
            cut(line, kiosk)
            fresh = kiosk.touch("offline-touch-3").json()["ticket"]
            assert fresh["day"] == "2026-11-24"
            mend(line, kiosk)
            assert ticket_at(desk, fresh)["status"] == "waiting"
    finally:
        real.start()


def test_a_line_suspended_before_the_cut_gives_no_number_without_network(start: Any, line: CutLine, desk: Link) -> None:
    kiosk = start()
    desk.post("lines/utilities/suspend", reason="system", until="23:30")

    def shown() -> dict[str, Any]:
        return dict(next(one for one in kiosk.catalogue()["lines"] if one["id"] == "utilities"))

    wait_for(lambda: not shown()["open"])
    said = "该业务暂停取号：系统故障，23:30恢复"
    assert shown()["reason_text"] == said
    refused = kiosk.touch("touch-suspended", "utilities")
    assert (refused.status_code, refused.json()["error"]["message"]) == (409, said)
    cut(line, kiosk)
    assert (shown()["open"], shown()["reason_text"]) == (False, said)
    assert kiosk.touch("touch-alone", "utilities").status_code == 503
    assert kiosk.touch("touch-other", "social").status_code == 201
    mend(line, kiosk)
    desk.post("lines/utilities/resume", reason="repaired")
    wait_for(lambda: shown()["open"])
