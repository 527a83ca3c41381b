"""Scanners and ID-card readers at a kiosk: real pseudo-terminals, a real TCP server, the real page."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from hall.devices.reader import CardReader, Scanner
from hall.texts import say
from tests.browser import OpenPage, serious_faults
from tests.caller.pad_simulators import PtyDevice
from tests.kiosk.card_simulator import Reader, SerialReader, TcpReader
from tests.kiosk.conftest import StartKiosk
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.rig import Rig, wait_for
from tests.kiosk.test_screens import faults_of, press
from tests.kiosk.touch_page import at_start

NUMBER = "11010519491231002X"
OTHER = "1357924"


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[PtyDevice]:
    made = PtyDevice(tmp_path / "scanner")
    yield made
    made.close()


@pytest.fixture
def reader() -> Iterator[TcpReader]:
    made = TcpReader()
    yield made
    made.close()


def condition(kiosk: Rig, part: str) -> Any:
    return next(one for one in kiosk.kiosk.conditions() if one.part == part)


def reads(kiosk: Rig, after: int | None) -> Any:
    return requests.get(f"{kiosk.url}/local/reads", params={"after": after}, timeout=40).json()


def test_the_page_hears_at_once_of_each_code_however_the_scanner_ends_it(
    start_kiosk: StartKiosk, scanner: PtyDevice
) -> None:
    kiosk = start_kiosk(scanner=Scanner(address=str(scanner.path)))
    wait_for(lambda: condition(kiosk, "scanner").state == "ok")
    place = reads(kiosk, None)["last"]
    for end in (b"\r\n", b"\r", b"\n", b""):
        scanner.send(b"https://hall.example.gov.cn/t/AbC-123_x" + end)
        heard = reads(kiosk, place)
        assert heard["codes"] == ["https://hall.example.gov.cn/t/AbC-123_x"]
        place = heard["last"]


def test_noise_of_a_scanner_is_rubbish_and_becomes_a_condition_until_a_code_is_read(
    start_kiosk: StartKiosk, scanner: PtyDevice
) -> None:
    kiosk = start_kiosk(scanner=Scanner(address=str(scanner.path)))
    wait_for(lambda: condition(kiosk, "scanner").state == "ok")
    place = 0
    for noise in (b"\x00\xff\xfe\x80\r", b"\x1b[2J\x07\r", b"7" * 10_240 + b"\r"):
        threading.Thread(target=scanner.send, args=(noise,), daemon=True).start()
        heard = reads(kiosk, place)
        assert heard["codes"] == [None]
        place = heard["last"]
    assert condition(kiosk, "scanner").code == "rubbish"
    scanner.send(b"6901234567892\r")
    assert reads(kiosk, place)["codes"] == ["6901234567892"]
    assert condition(kiosk, "scanner").state == "ok"
    scanner.unplug()
    wait_for(lambda: condition(kiosk, "scanner").code == "unplugged")


@pytest.fixture(params=["tcp", "serial"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Any]]:
    made: Any = TcpReader() if request.param == "tcp" else SerialReader(tmp_path / "reader")
    yield request.param, made
    made.close()


def ask_card(kiosk: Rig, reader: Reader, wish: str) -> tuple[threading.Thread, list[requests.Response]]:
    answers: list[requests.Response] = []

    def ask() -> None:
        answers.append(requests.post(f"{kiosk.url}/local/card", json={"wish": wish}, timeout=60))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    wait_for(lambda: reader.wish == wish)
    return asking, answers


def test_a_cards_number_goes_to_the_hall_and_is_nowhere_else(
    start_kiosk: StartKiosk,
    server: FakeServer,
    either: tuple[Any, Any],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    kind, reader = either
    server.lines["health"] = {"identity": "card"}
    kiosk = start_kiosk(card_reader=CardReader(kind=kind, address=reader.address))
    wait_for(lambda: kiosk.catalogue()["card_reader"])
    asking, answers = ask_card(kiosk, reader, "wish-0001")
    reader.place(f" {NUMBER.lower()} ", name="张三", photo="x" * 20_000)
    asking.join(60)
    assert answers[0].json()["tail"] == "**002X"
    body = {"touch_id": "touch-0001", "line": "health", "person_card": answers[0].json()["card"]}
    taken = requests.post(f"{kiosk.url}/local/tickets", json=body, timeout=30)
    assert taken.status_code == 201
    assert server.bodies[-1]["person"] == NUMBER
    said = "".join(capfd.readouterr()) + answers[0].text + taken.text
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in (NUMBER, NUMBER.lower(), "张三"):
        assert secret not in said and not [one for one in kept if secret.encode() in one]
    forgotten = requests.post(
        f"{kiosk.url}/local/tickets", json={**body, "touch_id": "touch-0002", "person_card": "gone"}, timeout=15
    )
    assert forgotten.json()["error"]["code"] == "identity_needed"


def test_a_card_that_is_not_read_is_named_by_its_reason(start_kiosk: StartKiosk, reader: TcpReader) -> None:
    kiosk = start_kiosk(card_reader=CardReader(address=reader.address))
    wait_for(lambda: kiosk.catalogue()["card_reader"])
    for turn, (answer, code) in enumerate(
        [
            (lambda: reader.fail("no_card"), "card_no_card"),
            (lambda: reader.fail("chip_broken"), "card_unreadable"),
            (lambda: reader.place(NUMBER[:-1] + "1"), "card_unreadable"),
            (lambda: requests.post(f"{kiosk.url}/local/card/cancel", json={"wish": "wish-0003"}), "card_cancelled"),
            (reader.close, "card_gone"),
        ]
    ):
        asking, answers = ask_card(kiosk, reader, f"wish-000{turn}")
        answer()
        asking.join(60)
        assert answers[0].json()["error"]["code"] == code
    wait_for(lambda: condition(kiosk, "card_reader").code == "unplugged")
    assert kiosk.catalogue()["card_reader"] is False


def test_a_reader_that_says_nothing_or_nonsense_is_a_fault_with_a_remedy(
    start_kiosk: StartKiosk, reader: TcpReader
) -> None:
    reader.silent = True
    kiosk = start_kiosk(card_reader=CardReader(address=reader.address))
    wait_for(lambda: condition(kiosk, "card_reader").code == "no_answer")
    reader.send_line(b"READY\n" * 3)
    wait_for(lambda: condition(kiosk, "card_reader").code == "rubbish")
    reader.silent = False
    reader.say({"id": "x", "state": "ready"})
    wait_for(lambda: condition(kiosk, "card_reader").state == "ok")
    assert say("zh-CN", "devices.card_reader.no_answer.remedy").startswith("给阅读器断电重启")


@pytest.mark.browser
def test_a_scanned_slip_is_shown_on_any_screen_and_rubbish_gets_a_plain_word(
    page: OpenPage, start_kiosk: StartKiosk, server: FakeServer, scanner: PtyDevice
) -> None:
    kiosk = start_kiosk(scanner=Scanner(address=str(scanner.path)))
    kiosk.touch("touch-of-someone")
    ticket = {**server.tickets[0], "slip": None, "status": "waiting"}
    server.codes["codeofaslip"] = {"action": "found", "ticket": ticket, "booking": None}
    shown = at_start(page(kiosk.url, 1080, 1920))
    wait_for(lambda: condition(kiosk, "scanner").state == "ok")
    shown.wait_for_load_state("load")
    send_until(scanner, b"\xff\xfe\x00\r", shown, "没有读清")
    shown.locator("dialog .key.primary").click()
    shown.locator(".ways .blue").click()
    scanner.send(b"https://hall.example.gov.cn/t/codeofaslip\r\n")
    expect(shown.locator("main")).to_contain_text(ticket["number"])
    assert server.scanned[-1].endswith("codeofaslip")


def send_until(scanner: PtyDevice, data: bytes, shown: Page, words: str) -> None:
    """The page may not have asked for codes yet: what was read before is not for it."""
    dialog = shown.locator("dialog", has_text=words)
    wait_for(lambda: scanner.send(data) or shown.wait_for_timeout(500) or dialog.count())


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_card_is_placed_and_after_a_failure_the_number_is_typed(
    page: OpenPage, start_kiosk: StartKiosk, server: FakeServer, reader: TcpReader, language: str
) -> None:
    server.lines["medical"] = {"identity": "card"}
    kiosk = start_kiosk(card_reader=CardReader(address=reader.address))
    wait_for(lambda: kiosk.catalogue()["card_reader"])
    shown = at_start(page(kiosk.url, 1080, 1920), language)
    press(shown, server, "medical")
    expect(shown.locator("h1")).to_have_text(say(language, "kiosk.card_own"))
    wait_for(lambda: shown.wait_for_timeout(50) or reader.wish)
    assert faults_of(shown, False) == [] and serious_faults(shown) == []
    shown.locator(".tab").nth(1).click()
    wait_for(lambda: shown.wait_for_timeout(50) or len([one for one in reader.asked if one["do"] == "read"]) == 2)
    wait_for(lambda: shown.wait_for_timeout(50) or reader.wish)
    reader.place(NUMBER)
    expect(shown.locator(".tail")).to_have_text("•••• 002X")
    assert faults_of(shown, False) == [] and serious_faults(shown) == []
    shown.locator(".confirm").click()
    expect(shown.locator("h1")).to_have_text(say(language, "kiosk.card_principal"))
    wait_for(lambda: shown.wait_for_timeout(50) or reader.wish)
    reader.fail("no_card")
    expect(shown.locator(".notice")).to_have_text(say(language, "kiosk.card_no_card"))
    assert faults_of(shown, False) == [] and serious_faults(shown) == []
    for figure in OTHER:
        shown.locator(".figure", has_text=figure).first.click()
    shown.locator(".confirm").click()
    expect(shown.locator(".big")).to_be_visible()
    assert (server.bodies[-1]["person"], server.bodies[-1]["principal"]) == (NUMBER, OTHER)
