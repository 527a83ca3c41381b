"""The virtual printer's page: slips as pictures, newest first, and its paper taken out and put back."""

import io
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.serving import make_server

from hall.devices.printer import Printer
from printers.device import print_bytes, print_slip
from printers.virtual import VirtualPrinter
from printers.web import create_app
from tests.browser import OpenPage, serious_faults
from tests.printers.samples import CHINESE, ENGLISH, LONG, TRACK, codes_in


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "slips") as running:
        yield running


@pytest.fixture
def client(printer: VirtualPrinter) -> FlaskClient:
    return create_app(printer).test_client()


@pytest.fixture
def address(printer: VirtualPrinter) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(printer), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def known(printer: VirtualPrinter) -> Printer:
    return Printer(address=printer.address)


def test_slips_are_listed_newest_first_and_seen_as_pictures(printer: VirtualPrinter, client: FlaskClient) -> None:
    for slip in (CHINESE, LONG):
        assert print_slip(slip, known(printer)).ok
    answer = client.get("/slips").get_json()
    assert [slip["number"] for slip in answer["slips"]] == ["AB1234", "A023"]
    assert answer["count"] == 2
    newest = answer["slips"][0]
    assert set(newest) >= {"name", "at", "url", "text"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", newest["at"])
    assert "补打" in newest["text"]
    assert newest["codes"] == [TRACK]
    picture = Image.open(io.BytesIO(client.get(newest["url"]).data))
    assert picture.size == (newest["width"], newest["height"])
    assert codes_in(picture) == [TRACK]


def test_slips_are_still_there_after_a_restart(printer: VirtualPrinter) -> None:
    print_slip(CHINESE, known(printer))
    printer.stop()
    with VirtualPrinter(printer.folder) as again:
        assert [slip["number"] for slip in again.slips()] == ["A023"]


def test_old_pictures_make_room(tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path, kept=3) as printer:
        for _ in range(5):
            assert print_slip(CHINESE, known(printer)).ok
        assert len(list(tmp_path.glob("*.png"))) == len(printer.slips()) == 3


def test_the_paper_is_taken_out_and_put_back(printer: VirtualPrinter, client: FlaskClient) -> None:
    assert client.post("/paper", json={"state": "out"}).get_json()["printer"]["paper"] == "out"
    assert print_slip(CHINESE, known(printer)).reason == "paper_out"
    client.post("/paper", json={"state": "ok"})
    assert print_slip(CHINESE, known(printer)).ok


@pytest.mark.parametrize("body", ['{"state": "wet"}', "[]", "{}", "{", '{"state": null}', '{"state": ["out"]}'])
def test_a_wrong_order_is_refused_and_changes_nothing(printer: VirtualPrinter, client: FlaskClient, body: str) -> None:
    assert client.post("/paper", data=body, content_type="application/json").status_code == 422
    assert printer.condition.paper == "ok"


def test_a_form_of_another_site_cannot_take_the_paper_out(printer: VirtualPrinter, client: FlaskClient) -> None:
    assert client.post("/paper", data={"state": "out"}).status_code == 422
    assert client.post("/paper", data='{"state": "out"}', content_type="text/plain").status_code == 422
    assert printer.condition.paper == "ok"


@pytest.mark.parametrize(
    "path",
    ["/slips/../cli.py", "/slips/x.png", "/slips/20260101-1.json", "/pages/printers/../cli.py",
     "/pages/printers/__init__.py", "/web/nothing.js", "/texts/en/errors.json", "/texts/../en/printers.json", "/no"],
)  # fmt: skip
def test_only_its_own_files_are_given_out(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"]


def test_bytes_it_does_not_know_are_told_on_the_page(printer: VirtualPrinter, client: FlaskClient) -> None:
    result = print_bytes(b"\x1b@Hello\x1bX", known(printer))
    assert (result.ok, result.reason) == (False, "unconfirmed")
    assert "1b 58" in client.get("/slips").get_json()["printer"]["refused"]
    assert print_slip(CHINESE, known(printer)).ok


def test_the_page_speaks_the_readers_language(client: FlaskClient) -> None:
    assert "虚拟打印机" in client.get("/?language=zh-CN").text
    assert "Virtual printer" in client.get("/", headers={"Accept-Language": "en-GB,en;q=0.8"}).text
    assert 'lang="zh-CN"' in client.get("/?language=xx", headers={"Accept-Language": "fr"}).text
    assert json.loads(client.get("/texts/en/printers.json").data)["printers.take_paper"] == "Take the paper out"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_slip_appears_on_the_open_page_by_itself(
    printer: VirtualPrinter, address: str, page: OpenPage, language: str
) -> None:
    opened = page(f"{address}/?language={language}", width=1280, height=800)
    opened.wait_for_selector(".empty")
    assert serious_faults(opened) == []
    assert print_slip(ENGLISH if language == "en" else CHINESE, known(printer)).ok
    picture = opened.wait_for_selector(".slip img", timeout=5000)
    assert picture and "A023" in (picture.get_attribute("alt") or "")
    assert opened.locator(".slip a").get_attribute("href") == TRACK
    assert serious_faults(opened) == []


@pytest.mark.browser
def test_the_pages_keys_take_the_paper_out_and_put_it_back(
    printer: VirtualPrinter, address: str, page: OpenPage
) -> None:
    opened = page(f"{address}/?language=zh-CN", width=420, height=800)
    opened.get_by_role("button", name="取出打印纸").click()
    opened.wait_for_selector("text=缺纸")
    assert printer.condition.paper == "out"
    assert serious_faults(opened) == []
    opened.get_by_role("button", name="English").click()
    opened.get_by_role("button", name="Put paper in").click()
    opened.wait_for_selector("text=Enough paper")
    assert printer.condition.paper == "ok"
    assert opened.evaluate("document.documentElement.scrollWidth") <= 420
