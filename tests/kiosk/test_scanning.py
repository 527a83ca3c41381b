"""The kiosk with the real server: slips and bookings scanned, linked numbers, documents, and answers that were lost."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from hall.devices.kiosk import Offline
from hall.devices.printer import Printer
from hall.link import Link
from printers.virtual import VirtualPrinter
from tests.kiosk.lossy import LossyLine
from tests.kiosk.rig import Rig, wait_for
from tests.parts import ROOT, ServerProcess

DOCUMENT = "11010519491231002X"
PRINCIPAL = "E12345678"


class Clock:
    """The kiosk's own, which can be put ahead."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The shipped hall on a morning, with addresses on its slips and documents asked for in one line."""
    folder = tmp_path_factory.mktemp("server")
    config = folder / "config.yaml"
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    text = text.replace("  port: 8000\n", "  port: 8000\n  public_url: https://hall.example.gov.cn\n", 1)
    text = text.replace("{id: health, prefix: N,", "{id: health, prefix: N, identity: typed,", 1)
    config.write_text(text, encoding="utf-8")
    clock = "2026-11-23T09:05:00+08:00@1"
    with ServerProcess(folder, config=config, clock=clock, always_open=False) as running:
        yield running


@pytest.fixture(scope="module")
def desk(real: ServerProcess) -> Link:
    return Link(real.url, real.token("desk"))


@pytest.fixture(scope="module")
def clerk(real: ServerProcess) -> Link:
    link = Link(real.url, real.token("clerk", window="w12"))
    link.post("windows/w12/open")
    return link


@pytest.fixture
def token(real: ServerProcess) -> str:
    return real.token("kiosk")


@pytest.fixture
def kiosk(real: ServerProcess, token: str, paper: VirtualPrinter, tmp_path: Path) -> Iterator[Rig]:
    with Rig(real.url, tmp_path / "kiosk", Printer(address=paper.address), token=token) as running:
        yield running


def scan(kiosk: Rig, code: str, language: str = "zh-CN") -> requests.Response:
    body = {"touch_id": f"scan-{time.monotonic_ns()}", "code": code, "language": language}
    headers = {"Accept-Language": language}
    return requests.post(f"{kiosk.url}/local/scan", json=body, headers=headers, timeout=30)


def take(kiosk: Rig, line: str, **more: Any) -> Any:
    body = {"touch_id": f"touch-{time.monotonic_ns()}", "line": line, **more}
    return requests.post(f"{kiosk.url}/local/tickets", json=body, timeout=30).json()


def miss(clerk: Link, number: str) -> None:
    called = clerk.post("windows/w12/call", number=number, reason="trial", finish="completed")
    assert called["ticket"]["number"] == number
    clerk.post("windows/w12/no-show", early=True)


def test_a_missed_number_scanned_waits_again_and_a_second_scan_finds_it(kiosk: Rig, clerk: Link) -> None:
    ticket = take(kiosk, "household")["ticket"]
    miss(clerk, ticket["number"])
    told = scan(kiosk, ticket["track_url"]).json()
    assert (told["action"], told["ticket"]["status"], told["slip"]) == ("reinstated", "waiting", None)
    again = scan(kiosk, ticket["track_url"].rpartition("/")[2]).json()
    assert (again["action"], again["ticket"]["ahead"]) == ("found", told["ticket"]["ahead"])


def test_a_number_missed_twice_says_why_it_does_not_come_back_in_the_pages_language(kiosk: Rig, clerk: Link) -> None:
    ticket = take(kiosk, "household")["ticket"]
    miss(clerk, ticket["number"])
    scan(kiosk, ticket["track_url"])
    miss(clerk, ticket["number"])
    chinese, english = (scan(kiosk, ticket["track_url"], one).json()["error"] for one in ("zh-CN", "en"))
    assert chinese == {**english, "message": f"{ticket['number']} 已恢复过一次，请重新取号。"}
    assert english["code"] == "already_reinstated" and "take a new" in english["message"].lower()


def test_a_code_nobody_knows_is_not_found_and_nothing_happens(kiosk: Rig) -> None:
    answers = [scan(kiosk, code) for code in ("6901234567892", "https://elsewhere.example/t/x", "'; DROP TABLE")]
    assert {(one.status_code, one.json()["error"]["code"]) for one in answers} == {(404, "not_found")}
    assert scan(kiosk, "").status_code == 422


def test_who_has_booked_checks_in_with_the_code_and_the_slip_bears_the_slot(
    kiosk: Rig, desk: Link, paper: VirtualPrinter
) -> None:
    slots = desk.get("slots", line="property", day="2026-11-23")["slots"]
    booked = desk.post("bookings", line="property", at=slots[0]["at"], person="13800138000", language="en")["booking"]
    told = scan(kiosk, booked["code"]).json()
    assert (told["action"], told["language"], told["ticket"]["class"]) == ("arrived", "en", "booked")
    kiosk.slip_ended(told["slip"]["id"])
    slip = paper.slips()[0]["text"]
    assert f"Booked for {slots[0]['starts']}-{slots[0]['ends']}" in slip  # the printer has no longer dash
    assert "Property registration" in slip
    again = scan(kiosk, booked["code"]).json()
    assert (again["action"], again["ticket"]["number"], again["slip"]) == ("found", told["ticket"]["number"], None)


def test_who_comes_too_early_for_a_booking_is_told_from_when(kiosk: Rig, desk: Link) -> None:
    last = desk.get("slots", line="property", day="2026-11-23")["slots"][-1]
    booked = desk.post("bookings", line="property", at=last["at"], person="13800138001")["booking"]
    error = scan(kiosk, booked["code"]).json()["error"]
    assert error["code"] == "arrive_early"
    assert error["message"] == f"您预约的是 {last['starts']}，{booked['check_in_from']} 起可以签到，请稍候。"


def test_one_more_thing_joins_the_number_just_issued_and_its_slip_names_it(
    kiosk: Rig, desk: Link, paper: VirtualPrinter
) -> None:
    first = take(kiosk, "social")["ticket"]
    second = take(kiosk, "tax", count=3, **{"with": first["id"]})
    third = take(kiosk, "fund", **{"with": second["ticket"]["id"]})
    kiosk.slip_ended(third["slip"]["id"])
    visits = {
        desk.get(f"tickets/{one['id']}")["ticket"]["visit_id"] for one in (first, second["ticket"], third["ticket"])
    }
    assert len(visits) == 1 and None not in visits
    assert second["told"]["notes"] == ["本号办理3件", f"同一人：{first['number']}"]
    assert f"同一人：{second['ticket']['number']}、{first['number']}" in paper.slips()[0]["text"]


def test_a_matter_with_a_way_on_has_its_legs_on_the_slip(kiosk: Rig, paper: VirtualPrinter) -> None:
    body = {"touch_id": "one-with-legs", "matter": "property-transfer"}
    told = requests.post(f"{kiosk.url}/local/tickets", json=body, timeout=30).json()
    kiosk.slip_ended(told["slip"]["id"])
    assert "接着办：税务、缴费取件" in paper.slips()[0]["text"].replace("\n", "")


def test_the_number_of_a_document_is_nowhere_on_the_kiosk_nor_at_the_server(
    kiosk: Rig, real: ServerProcess, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = DOCUMENT[:-1] + "1"
    assert take(kiosk, "health", person=wrong)["error"]["details"] == {"fields": ["person"]}
    assert take(kiosk, "health")["error"]["code"] == "identity_needed"
    told = take(kiosk, "health", person=DOCUMENT, principal=PRINCIPAL)
    assert told["ticket"]["number"].startswith("N")
    again = take(kiosk, "health", person=DOCUMENT, principal=PRINCIPAL)
    assert again["error"]["message"].endswith(told["ticket"]["number"])
    kiosk.slip_ended(told["slip"]["id"])
    said = "".join(capfd.readouterr()).encode()
    kept = [path.read_bytes() for folder in (tmp_path, real.folder) for path in folder.rglob("*") if path.is_file()]
    for number in (DOCUMENT, wrong, PRINCIPAL):
        assert not [one for one in (said, *kept) if number.encode() in one]


def lose_a_touch(line: LossyLine, kiosk: Rig, desk: Link, touch: str) -> dict[str, Any]:
    """A number the hall has given and the kiosk does not know of."""
    before = {one["id"] for one in desk.get("slips")["slips"]}
    line.losing = True
    assert kiosk.touch(touch).status_code == 503
    line.losing = False
    wait_for(lambda: kiosk.catalogue()["link"] == "up")
    lost = [one for one in desk.get("slips")["slips"] if one["id"] not in before]
    assert len(lost) == 1
    return dict(lost[0])


def test_a_number_nobody_saw_is_taken_back_when_the_link_returns_and_never_given_out(
    real: ServerProcess, desk: Link, token: str, paper: VirtualPrinter, tmp_path: Path
) -> None:
    clock = Clock()
    printer = Printer(address=paper.address)
    with (
        LossyLine(real.port) as line,
        Rig(line.url, tmp_path / "k", printer, clock, token, offline=Offline(numbers=0)) as kiosk,
    ):
        lost = lose_a_touch(line, kiosk, desk, "lost-touch-1")

        def taken_back() -> bool:
            clock.ahead += 5
            return bool(desk.get(f"tickets/{lost['ticket']}")["ticket"]["status"] == "cancelled")

        wait_for(taken_back)
        again = kiosk.touch("lost-touch-1").json()["ticket"]
    assert again["number"] != lost["number"] and again["status"] == "waiting"
    events = desk.get("journal", since=0, limit=500)["events"]
    reasons = [one["data"]["reason"] for one in events if one["type"] == "ticket.cancelled"]
    assert reasons == ["never_shown"]


def test_who_tries_again_in_time_gets_the_number_that_was_lost_and_keeps_it(
    real: ServerProcess, desk: Link, token: str, paper: VirtualPrinter, tmp_path: Path
) -> None:
    clock = Clock()
    printer = Printer(address=paper.address)
    with (
        LossyLine(real.port) as line,
        Rig(line.url, tmp_path / "k", printer, clock, token, offline=Offline(numbers=0)) as kiosk,
    ):
        lost = lose_a_touch(line, kiosk, desk, "lost-touch-2")
        assert kiosk.touch("lost-touch-2").json()["ticket"]["number"] == lost["number"]
        clock.ahead += 60
        # The next lost one is looked after, and this one left alone meanwhile.
        other = lose_a_touch(line, kiosk, desk, "lost-touch-3")

        def taken_back() -> bool:
            clock.ahead += 5
            return bool(desk.get(f"tickets/{other['ticket']}")["ticket"]["status"] == "cancelled")

        wait_for(taken_back)
    assert desk.get(f"tickets/{lost['ticket']}")["ticket"]["status"] == "waiting"


def test_the_desk_answers_and_the_promise_at_the_kiosk_ends(kiosk: Rig, desk: Link) -> None:
    wait_for(lambda: kiosk.kiosk.follower and kiosk.kiosk.follower.up)
    requests.post(f"{kiosk.url}/local/help", json={}, timeout=30)
    assert kiosk.catalogue()["help_wanted"] is True
    device = desk.get("desk")["wanted"][-1]["device"]
    desk.post(f"kiosk-help/{device}/answer")
    wait_for(lambda: not kiosk.catalogue()["help_wanted"])


def test_a_reprint_at_the_same_kiosk_names_the_same_persons_numbers_again(
    kiosk: Rig, desk: Link, paper: VirtualPrinter
) -> None:
    wait_for(lambda: kiosk.kiosk.follower and kiosk.kiosk.follower.up)
    first = take(kiosk, "social")["ticket"]
    second = take(kiosk, "medical", **{"with": first["id"]})
    kiosk.slip_ended(second["slip"]["id"])
    desk.post(f"tickets/{second['ticket']['id']}/reprint")
    wait_for(lambda: paper.slips()[0]["text"].startswith("补打"))
    assert f"同一人：{first['number']}" in paper.slips()[0]["text"]
