"""Whatever anybody of any role says over Socket.IO, the server goes on, answers no 500 and tells nothing of its inside.

HALLCALL_FUZZ_SECONDS sets how long it is tried: 600 for a release, a few in the suite.
"""

import json
import os
import random
import time
from typing import Any

import pytest
import requests
import websocket

from hall.words import Role
from tests.server.served import Home
from tests.server.test_track import code_of

SECONDS = float(os.environ.get("HALLCALL_FUZZ_SECONDS", "4"))
INSIDE = ("Traceback", 'File "', "sqlite3", "psycopg", "sqlalchemy", ".py")
WORDS = ("since", "connect", "disconnect", "snapshot", "events", "message", "error", "", "__proto__", "tick", "painted")

pytestmark = [pytest.mark.load, pytest.mark.timeout(SECONDS + 180)]


class Stranger:
    """Makes up what to say, with the token of each role in turn; the seed tells it all again."""

    def __init__(self, seed: int, home: Home, code: str) -> None:
        self.random = random.Random(seed)
        self.token = home.token(list(Role)[seed % len(Role)])
        self.hall = home.hall
        self.code = code

    def value(self, depth: int = 0) -> Any:
        kind = self.random.randrange(11 if depth < 4 else 8)
        simple = (
            None, True, self.random.randrange(-(1 << 70), 1 << 70), self.random.uniform(-1e308, 1e308),
            self.text(), "", self.hall, self.token,
        )  # fmt: skip
        if kind < len(simple):
            return simple[kind]
        if kind == 8:
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        keys = ("token", "hall", "since", "epoch", "track", self.text())
        return {self.random.choice(keys): self.value(depth + 1) for _ in range(self.random.randrange(5))}

    def text(self) -> str:
        return "".join(chr(self.random.choice((0, 34, 92, 0x202E, 0x4E00, 0x1F600, 65, 49))) for _ in range(7))

    def said(self) -> str | bytes:
        """One frame: noise, a packet with a wrong head, or a true event with wrong things in it."""
        asked = json.dumps([self.random.choice(WORDS), *(self.value() for _ in range(self.random.randrange(4)))])
        kinds = (
            lambda: self.random.randbytes(self.random.randrange(200)),
            lambda: self.text(),
            lambda: f"{self.random.randrange(10)}{self.text()}",
            lambda: f"4{self.random.randrange(10)}{json.dumps(self.value())}",
            lambda: f"40/{self.text()},{json.dumps(self.value())}",
            lambda: f"42{asked}",
            lambda: f"42{self.random.randrange(1 << 40)}{asked}",
            lambda: f"42{json.dumps([self.value(), self.value()])}",
            lambda: f"45{self.random.randrange(9)}-{asked}",
            lambda: "42" + "[" * self.random.randrange(3000),
            lambda: "42" + json.dumps(["since", "9" * self.random.randrange(70_000)]),
            lambda: "3probe",
            lambda: "1",
        )
        made: str | bytes = self.random.choice(kinds)()
        return made

    def greeting(self) -> str:
        """A connection as it should be in one of two, else with anything in place of its parts."""
        true, phone = {"token": self.token, "hall": self.hall}, {"track": self.code}
        wrong = {**true, "since": self.value(), "epoch": self.value()}
        return f"40{json.dumps(self.random.choice((true, phone, self.value(), wrong)))}"


def talk(home: Home, stranger: Stranger) -> list[str]:
    """One connection; returns what the server said in it."""
    address = home.served.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    heard: list[str] = []
    line = websocket.create_connection(address, timeout=30)
    try:
        line.send(stranger.greeting())
        for _ in range(stranger.random.randrange(1, 12)):
            frame = stranger.said()
            line.send(frame, websocket.ABNF.OPCODE_BINARY if isinstance(frame, bytes) else websocket.ABNF.OPCODE_TEXT)
        line.settimeout(0.05)
        while True:
            heard.append(str(line.recv()))
            if heard[-1] == "":
                return heard
    except (websocket.WebSocketException, OSError):
        return heard  # hung up on, or nothing more to hear
    finally:
        line.close()


def write_letters(home: Home, stranger: Stranger) -> list[requests.Response]:
    """The same by polling: each body is refused or taken, never an error of the server's own."""
    address = f"{home.served.url}/socket.io/?EIO=4&transport=polling"
    opened = requests.get(address, timeout=10)
    mine = f"{address}&sid={json.loads(opened.text[1:])['sid']}"
    bodies = [stranger.greeting(), stranger.said()]
    posted = [
        requests.post(mine, data=body if isinstance(body, bytes) else body.encode(), timeout=10) for body in bodies
    ]
    strange = requests.get(f"{address}&sid={stranger.random.choice(('', 'x', '%00', '../..', '9' * 5000))}", timeout=10)
    return [opened, *posted, strange]


def test_a_stranger_on_the_socket_breaks_nothing_and_learns_nothing(home: Home) -> None:
    seed, end, talks, code = 0, time.monotonic() + SECONDS, 0, code_of(home, home.issue())
    while time.monotonic() < end or talks < 20:
        seed += 1
        stranger = Stranger(seed, home, code)
        heard = talk(home, stranger)
        answers = write_letters(home, stranger) if seed % 5 == 0 else []
        assert [one.status_code for one in answers if one.status_code >= 500] == [], seed
        heard += [one.text for one in answers]
        assert [one for one in heard if any(word in one for word in INSIDE)] == [], seed
        talks += 1
    print(f"{talks} connections")
    assert requests.get(f"{home.served.url}/readyz", timeout=10).status_code == 200
    with home.client() as board:
        end = time.monotonic() + 30
        while not board.named("snapshot"):
            assert time.monotonic() < end, "no board is served any more"
            time.sleep(0.05)
    assert "Traceback" not in home.served.process.said()


@pytest.mark.parametrize("auth", [{"token": "\ud800"}, {"track": "\ud800"}, {"track": "\0"}])
def test_what_no_text_can_hold_is_nobodys_code(home: Home, auth: dict[str, str]) -> None:
    line = websocket.create_connection(
        home.served.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket", timeout=10
    )
    line.send("40" + json.dumps(auth))
    while (said := str(line.recv())).startswith("0"):
        pass
    assert said.startswith("44") and "code" in said, said
    line.close()
    assert "Traceback" not in home.served.process.said()


def test_an_event_whose_name_is_no_text_is_passed_over(home: Home) -> None:
    address = home.served.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    line = websocket.create_connection(address, timeout=10)
    line.send("40" + json.dumps({"token": home.token("display"), "hall": home.hall}))
    for frame in ("42[{}]", "42[[1]]", "42[null]", "421[{}]", '427["since",0]'):
        line.send(frame)
    while not str(line.recv()).startswith("437["):
        pass
    line.close()
    assert "Traceback" not in home.served.process.said()
