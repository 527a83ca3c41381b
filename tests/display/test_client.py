"""The whole display client beside a real server: board and voice through restarts, its pages, its end."""

import os
import signal
import subprocess
import sys
import time

import pytest
import requests
import socketio

from hall.link import Link
from hall.wording import announcement
from tests.display.rig import wait_until
from tests.parts import ROOT, ServerProcess, free_port


class DisplayProcess:
    """`hallcall-display` as it is started on a screen's PC."""

    def __init__(self, server, token, folder, **environment):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        arguments = ["--server", server.url, "--port", str(self.port), "--data-dir", str(folder)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "display.cli", *arguments],
            env={**os.environ, "HALLCALL_TOKEN": token, **environment},
            cwd=ROOT,
        )
        wait_until(lambda: self.answers() and self.get("status")["link"] == "up")

    def answers(self):
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.RequestException:
            return False

    def get(self, path):
        return requests.get(f"{self.url}/{path}", timeout=30).json()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


class Page:
    """A board page as far as the client sees it: it offers itself as loudspeaker and plays at once."""

    def __init__(self, url):
        self.heard, self.played = [], []
        self._socket = socketio.Client(reconnection=False)
        # Heard in the thread that reads: the client gives every message a thread of its own, where two may swap places.
        reader = self._socket.eio
        handle = reader._trigger_event
        reader._trigger_event = lambda *given, **options: handle(*given, **{**options, "run_async": False})
        self._socket.on("*", lambda name, data=None: self.heard.append((name, data)))
        self._socket.on("play", self._play)
        self._socket.connect(url, transports=["websocket"], wait_timeout=60)
        self._socket.emit("can_play", {})

    def _play(self, call):
        self.played.append(call)
        self._socket.emit("played", {"id": call["id"]})

    def ask_since(self, seq):
        return self._socket.call("since", seq)

    def names(self):
        return [name for name, _ in self.heard]

    def close(self):
        self._socket.disconnect()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ServerProcess(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def links(server):
    return {role: Link(server.url, server.token(role)) for role in ("kiosk", "clerk", "display")}


@pytest.fixture
def hall(links):
    """A kiosk, a clerk, and a window nobody sits at, with its first line."""
    windows = links["clerk"].get("windows")["windows"]
    window = next(one for one in windows if one["status"] == "closed")
    links["clerk"].post(f"windows/{window['id']}/open")
    yield links["kiosk"], links["clerk"], window["id"], window["lines"][0]["id"]
    # A client that starts within 20 s would speak a call still standing, as it should.
    links["clerk"].post(f"windows/{window['id']}/complete")
    links["clerk"].post(f"windows/{window['id']}/close")


@pytest.fixture
def display(server, links, tmp_path):
    running = DisplayProcess(server, links["display"].token, tmp_path / "display")
    yield running
    running.stop()


def test_a_call_reaches_page_and_voice_and_the_voice_is_a_recording_that_can_be_fetched(hall, display):
    kiosk, clerk, window, line = hall
    page = Page(display.url)
    wait_until(lambda: "snapshot" in page.names())
    page.heard.clear()
    kiosk.post("tickets", line=line, language="en")
    number = clerk.post(f"windows/{window}/call-next")["ticket"]["number"]
    wait_until(lambda: len(page.played) > 1)
    play, second = page.played[:2]
    assert play["text"].startswith(announcement(number, "1", None, "zh-CN").split("，")[0])
    assert second["text"].startswith(announcement(number, "1", None, "en").split(":")[0] + ": please go to Window")
    sound = requests.get(display.url + play["url"], timeout=30)
    assert sound.headers["Content-Type"] in ("audio/x-wav", "audio/wav") and len(sound.content) > 100_000
    events = [event for name, data in page.heard if name == "events" for event in data]
    assert [event["type"] for event in events] == ["ticket.issued", "ticket.called"]
    assert page.ask_since(events[0]["seq"])["events"] == events[1:]
    wait_until(lambda: display.get("sound/log")["log"][0]["result"] == "spoken")
    assert display.get("status")["sound"] == display.get("sound/log")["log"][0]["way"] == "page"
    page.close()
    wait_until(lambda: display.get("status")["sound"] == "none")


def test_only_the_first_page_plays(hall, display):
    kiosk, clerk, window, line = hall
    first = Page(display.url)
    wait_until(lambda: display.get("status")["sound"] == "page")
    second = Page(display.url)
    kiosk.post("tickets", line=line)
    clerk.post(f"windows/{window}/call-next")
    wait_until(lambda: bool(first.played))
    time.sleep(0.2)
    assert second.played == []
    first.close()
    clerk.post(f"windows/{window}/recall")
    wait_until(lambda: bool(second.played))
    second.close()


class BusyPage(Page):
    """Plays as long as a sound lasts, and longer: whatever is called meanwhile has to wait."""

    def _play(self, call):
        self.played.append(call)

    def end(self):
        for call in self.played:
            self._socket.emit("played", {"id": call["id"]})


def test_calls_held_cancelled_or_undone_before_they_were_spoken_never_are(hall, display):
    kiosk, clerk, window, line = hall
    page = BusyPage(display.url)
    tickets = [kiosk.post("tickets", line=line)["ticket"] for _ in range(4)]
    clerk.post(f"windows/{window}/call-next")
    wait_until(lambda: bool(page.played))
    clerk.post(f"windows/{window}/complete")
    clerk.post(f"windows/{window}/call-next")
    clerk.post(f"windows/{window}/hold", reason="papers")
    clerk.post(f"windows/{window}/call-next")
    kiosk.post(f"tickets/{tickets[2]['id']}/cancel")
    clerk.post(f"windows/{window}/call-next")
    clerk.post(f"windows/{window}/undo")
    wait_until(lambda: display.get("status")["waiting"] == 0)
    clerk.post(f"windows/{window}/call-next")  # the one undone, called anew

    def heard():
        page.end()
        return [one["number"] for one in display.get("sound/log")["log"] if one["rounds"]]

    wait_until(lambda: len(heard()) == 2)
    assert heard() == [tickets[0]["number"], tickets[3]["number"]]
    page.close()


def test_a_server_that_dies_and_comes_back_is_told_to_the_page_and_calls_go_on(server, hall, display):
    kiosk, clerk, window, line = hall
    page = Page(display.url)
    kiosk.post("tickets", line=line)
    server.kill()
    wait_until(lambda: ("upstream", False) in [(name, data["up"]) for name, data in page.heard if name == "upstream"])
    assert display.get("status")["link"] == "down"
    late = Page(display.url)
    wait_until(lambda: late.names()[:2] == ["upstream", "snapshot"])
    assert late.heard[0][1]["up"] is False
    late.close()
    server.start()
    wait_until(lambda: display.get("status")["link"] == "up")
    clerk.post(f"windows/{window}/call-next", tries=5)
    wait_until(lambda: bool(page.played))
    page.close()


def test_without_a_speech_engine_the_board_goes_on_and_says_so(server, links, hall, tmp_path):
    display = DisplayProcess(server, links["display"].token, tmp_path / "mute", ESPEAK_DATA_PATH="/nowhere")
    try:
        kiosk, clerk, window, line = hall
        page = Page(display.url)
        kiosk.post("tickets", line=line)
        clerk.post(f"windows/{window}/call-next")
        wait_until(lambda: bool(page.played))
        assert page.played[0]["duration"] < 1  # the chime
        assert "no voice data in /nowhere" in display.get("healthz")["sound"]
        assert "events" in page.names()
        page.close()
    finally:
        display.stop()


def test_the_voice_worker_killed_from_outside_is_back_for_the_next_call(hall, display):
    kiosk, clerk, window, line = hall
    page = Page(display.url)
    wait_until(lambda: display.get("status")["voice"]["ready"])
    os.kill(display.get("status")["voice"]["pid"], signal.SIGKILL)
    kiosk.post("tickets", line=line)
    clerk.post(f"windows/{window}/call-next")
    wait_until(lambda: bool(page.played))
    assert page.played[0]["duration"] > 5
    page.close()


def test_sigterm_ends_the_client_and_its_worker(display):
    wait_until(lambda: display.get("status")["voice"]["ready"])
    worker = display.get("status")["voice"]["pid"]
    display.process.terminate()
    assert display.process.wait(60) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_a_client_killed_outright_leaves_no_worker_behind(display):
    wait_until(lambda: display.get("status")["voice"]["ready"])
    worker = display.get("status")["voice"]["pid"]
    display.process.kill()
    display.process.wait(60)

    def gone():
        try:
            with open(f"/proc/{worker}/stat") as file:
                return file.read().split()[2] == "Z"
        except FileNotFoundError:
            return True

    wait_until(gone)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 200), ("board?zone=b", 200), ("window/w1", 200), ("healthz", 200), ("status", 200), ("sound/log", 200),
        ("texts/en/display.json", 200), ("texts/xx/display.json", 404), ("texts/en/..%2F..%2Fdisplay.json", 404),
        ("pages/display/board.js", 200), ("pages/display/__init__.py", 404), ("web/modules/live.js", 200),
        ("web/packages/preact.js", 200), ("web/../pyproject.toml", 404),
        ("sound/c-000000000000000000000000.wav", 404), ("sound/..%2F..%2Fserver.log", 404),
        ("catalogue?language=en", 200), ("api/v1/halls/here/catalogue?language=en", 200),
    ],
)  # fmt: skip
def test_what_is_served_and_what_is_not(shared_display, path, status):
    assert requests.get(f"{shared_display.url}/{path}", timeout=30).status_code == status


@pytest.fixture(scope="module")
def shared_display(server, links, tmp_path_factory):
    running = DisplayProcess(server, links["display"].token, tmp_path_factory.mktemp("display"))
    yield running
    running.stop()
