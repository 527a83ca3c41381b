"""The template's preview page: slips that follow the text, mistakes in words, and a file that is written whole."""

import base64
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.serving import make_server

from printers.sample import TRACK
from printers.template import SHIPPED
from printers.web import create_app
from tests.browser import OpenPage, expect, serious_faults
from tests.printers.samples import codes_in

SMALL = "pieces:\n  - {say: reprint}\n  - {say: number, style: number}\n  - {say: offline}\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(SHIPPED.read_text("utf-8"), "utf-8")
    return path


@pytest.fixture
def client(own: Path) -> FlaskClient:
    return create_app(None, own).test_client()


def asked(text: str, **changes: Any) -> dict[str, Any]:
    return {"text": text, "width": 576, "encoding": "gb18030", "sample": "usual"} | changes


def pictures(client: FlaskClient, text: str, **changes: Any) -> list[Image.Image]:
    answer = client.post("/template/preview", json=asked(text, **changes)).get_json()
    assert answer["mistake"] is None
    return [Image.open(io.BytesIO(base64.b64decode(one["picture"].partition(",")[2]))) for one in answer["slips"]]


@pytest.mark.parametrize("width", [384, 512, 576])
@pytest.mark.parametrize("encoding", ["gb18030", "raster"])
def test_a_text_is_seen_as_slips_in_both_languages(client: FlaskClient, width: int, encoding: str) -> None:
    chinese, english = pictures(client, SHIPPED.read_text("utf-8"), width=width, encoding=encoding)
    assert (chinese.width, english.width) == (width, width)
    assert codes_in(chinese) == codes_in(english) == [TRACK]
    assert chinese.tobytes() != english.tobytes()
    assert all(not codes_in(one) for one in pictures(client, SMALL, width=width, encoding=encoding))


def test_a_mistake_comes_with_its_line_and_without_slips(client: FlaskClient, own: Path) -> None:
    answer = client.post("/template/preview", json=asked(SMALL + "  - {say: nothing}\n")).get_json()
    assert answer["mistake"].startswith(f"{own}:5: pieces.3.say.0")
    assert answer["slips"] == []


@pytest.mark.parametrize(
    "changes", [{"text": 3}, {"width": 400}, {"encoding": []}, {"sample": None}, {"text": "x" * 99_999}]
)
def test_a_wrong_question_is_refused(client: FlaskClient, changes: dict[str, Any]) -> None:
    assert client.post("/template/preview", json=asked(SMALL) | changes).status_code == 422
    assert client.post("/template/preview", data={"text": SMALL}).status_code == 422


def test_a_text_without_mistakes_is_written_and_one_with_is_not(client: FlaskClient, own: Path) -> None:
    assert client.post("/template/save", json={"text": SMALL}).get_json()["text"] == SMALL
    answer = client.post("/template/save", json={"text": "pieces: []"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "not_saved")
    assert client.post("/template/save", data={"text": "x"}).status_code == 422
    assert own.read_text("utf-8") == SMALL
    assert [one.name for one in own.parent.iterdir()] == ["own.yaml"]


def test_the_shipped_template_is_never_written(tmp_path: Path) -> None:
    before = SHIPPED.read_text("utf-8")
    client = create_app(None).test_client()
    assert client.post("/template/save", json={"text": SMALL}).status_code == 403
    assert client.get("/template/text").get_json() == {"text": before, "file": None}
    assert SHIPPED.read_text("utf-8") == before
    assert client.get("/").headers["Location"] == "/template"


def test_a_file_that_is_not_there_yet_begins_with_the_shipped_text(tmp_path: Path) -> None:
    client = create_app(None, tmp_path / "new.yaml").test_client()
    assert client.get("/template/text").get_json()["text"] == SHIPPED.read_text("utf-8")
    client.post("/template/save", json={"text": SMALL})
    assert (tmp_path / "new.yaml").read_text("utf-8") == SMALL


@pytest.fixture
def address(own: Path) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(None, own), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.browser
def test_the_page_follows_what_is_written_here_and_in_the_file(own: Path, address: str, page: OpenPage) -> None:
    opened = page(f"{address}/template?language=zh-CN", width=1440, height=900)
    pictures = opened.locator("figure img")
    expect(pictures).to_have_count(2)
    assert serious_faults(opened) == []
    first = pictures.first.get_attribute("src") or ""
    opened.get_by_role("button", name="58毫米").click()
    expect(pictures.first).to_have_attribute("width", "192")
    expect(pictures.first).not_to_have_attribute("src", first)
    written = opened.locator("textarea")
    written.fill(SMALL + "  - {say: nothing}\n")
    expect(opened.locator("#mistake")).to_contain_text("pieces.3.say.0")
    expect(opened.get_by_role("button", name="保存到文件")).to_have_attribute("aria-disabled", "true")
    assert serious_faults(opened) == []
    written.fill(SMALL)
    expect(opened.locator("#mistake")).to_have_count(0)
    opened.get_by_role("button", name="保存到文件").click()
    expect(opened.locator(".told")).to_contain_text("已保存")
    assert own.read_text("utf-8") == SMALL
    own.write_text(SMALL + "  - {code: track}\n", "utf-8")  # in another editor
    expect(written).to_have_value(SMALL + "  - {code: track}\n")
    opened.get_by_role("button", name="English").click()
    with opened.expect_download() as download:
        opened.get_by_role("link", name="Download the picture").last.click()
    assert download.value.suggested_filename == "slip-en-384.png"
    expect(pictures.first).to_have_attribute("width", "192")
    opened.set_viewport_size({"width": 390, "height": 844})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
