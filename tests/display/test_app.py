"""The display client's own web server: what its pages are told to look like, media, and the plain board."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from display.app import fill_app, make_sockets
from display.client import Display
from hall.devices.display import Display as Settings
from hall.link import Link


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    (tmp_path / "welcome.png").write_bytes(b"\x89PNG")
    app = Flask("display", static_folder=None)
    settings = Settings(id="d", name="D", layout="split", flash="off", diagonal_inches=55, media=tmp_path)
    display = Display(
        Link("http://127.0.0.1:9", "token", "trial"), tmp_path, lambda *_: None, speaks=False, screen=settings
    )
    fill_app(app, make_sockets(app), display)
    return app.test_client()


def test_the_board_looks_as_the_settings_say_unless_its_address_says_otherwise(client: FlaskClient) -> None:
    assert '"layout": "split", "flash": "off", "diagonal": 55.0, "media": true' in client.get("/board").text
    asked = client.get("/board?layout=calls&flash=rainbow&diagonal=x").text
    assert '"layout": "calls", "flash": "off", "diagonal": 55.0' in asked


def test_media_are_listed_and_served(client: FlaskClient) -> None:
    assert client.get("/media").json == {"media": [{"name": "welcome.png", "kind": "picture"}]}
    assert client.get("/media/welcome.png").data == b"\x89PNG"
    assert client.get("/media/other.png").status_code == 404


def test_the_plain_board_of_a_client_that_never_reached_the_server_says_that_it_connects(client: FlaskClient) -> None:
    answer = client.get("/board/plain?language=en")
    assert answer.status_code == 200 and "Connecting…" in answer.text
    assert '<meta http-equiv="refresh" content="3">' in answer.text
