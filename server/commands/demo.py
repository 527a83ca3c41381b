"""`hallcall demo`: one visit through every real part, each step printed with its evidence."""

import sys
import tempfile
import time
import uuid
import wave
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import requests
import socketio
from rich.console import Console

from hall.board import Board
from hall.errors import LinkDown, Refused, SettingsError
from hall.events import Event
from hall.link import Follower
from server.commands.processes import NotStarted, end_on_signals
from server.commands.together import House, Ports

STEP_SECONDS = 10.0
SILENT_PEAK = 1000
"""Of 32,767 steps: what a chime and a voice are well above."""

console = Console(highlight=False, soft_wrap=True)


class Missing(Exception):
    """A step that did not happen: its name, and what was seen instead."""


@click.command()
@click.option("--config", default="config.yaml", show_default=True, type=click.Path(path_type=Path))
@click.option("--keep", type=click.Path(path_type=Path), help="Keep slip, sound and logs in this new folder.")
def demo(config: Path, keep: Path | None) -> None:
    """Play one visit on a temporary data folder and show the evidence of each step.

    Kiosk, slip, call, board, voice, service. Ends with 0 only if all of it happened.
    """
    end_on_signals()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hallcall-demo-") as name:
        folder = (keep or Path(name)).resolve()
        house: House | None = None
        try:
            house = House(folder, config, Ports(), hands=("clerk",))
            house.start()
            say("hall", f"server, kiosk, printer and board run in {folder}", time.monotonic() - begun)
            Visit(house).play()
        except (Missing, NotStarted, SettingsError, LinkDown, Refused) as error:
            console.print(f"[red]✗[/red] {error}", style=None)
            sys.exit(1)
        except KeyboardInterrupt:
            console.print("demo interrupted")
            sys.exit(1)
        finally:
            if house:
                house.stop()
    console.print(f"[green]All of it happened[/green], in {time.monotonic() - begun:.1f} s.")


def say(step: str, evidence: str, seconds: float | None = None) -> None:
    took = f" [dim]({seconds * 1000:.0f} ms)[/dim]" if seconds is not None else ""
    console.print(f"[green]✓[/green] [bold]{step:9}[/bold] {evidence}{took}")


class Visit:
    """One visitor, from the touch to the end of the service."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.clerk = house.link("clerk")
        self.window = f"windows/{house.window['id']}"
        self.server_board = HallBoard(house)
        self.page = BoardPage(house.display_url)

    def play(self) -> None:
        try:
            self._look_on()
            ticket = self._take_number()
            self._get_slip(ticket)
            called = self._be_called(ticket)
            self._be_seen(ticket, called)
            self._be_heard(ticket, called)
            self._be_served(ticket)
        finally:
            self.page.close()
            self.server_board.close()

    def _look_on(self) -> None:
        begun = time.monotonic()
        self.page.open()
        wait_for("board", lambda: self.server_board.board and self.page.events is not None, "no snapshot came")
        self.clerk.post(f"{self.window}/open")
        opened = f"window {self.house.window['name']} is open, two boards look on over Socket.IO"
        say("window", opened, time.monotonic() - begun)

    def _take_number(self) -> dict[str, Any]:
        lines = {one.id: one for one in self.house.layout.lines}
        line = next(iter(self.house.layout.windows[0].lines))
        begun = time.monotonic()
        asked = {"touch_id": str(uuid.uuid4()), "line": line, "language": "zh-CN"}
        answer = requests.post(f"{self.house.kiosk_url}/local/tickets", json=asked, timeout=STEP_SECONDS)
        if answer.status_code != 201:
            raise Missing(f"kiosk: no ticket was issued: HTTP {answer.status_code} {answer.text[:300]}")
        ticket: dict[str, Any] = answer.json()["ticket"]
        name = lines[line].name["zh-CN"]
        say("kiosk", f"number {ticket['number']} for {name}, {ticket['ahead']} ahead", time.monotonic() - begun)
        self.touched = begun
        return ticket

    def _get_slip(self, ticket: dict[str, Any]) -> None:
        slip = wait_for("printer", lambda: self._slip_of(ticket["number"]), "no slip came out")
        seconds = time.monotonic() - self.touched
        picture = self.house.folder / "slips" / f"{slip['name']}.png"
        if not picture.read_bytes().startswith(b"\x89PNG"):
            raise Missing(f"printer: {picture} is not a picture")
        text = " / ".join(line.strip() for line in slip["text"].splitlines() if line.strip())
        say("printer", f"{picture} ({picture.stat().st_size} bytes): {text}", seconds)

    def _slip_of(self, number: str) -> dict[str, Any] | None:
        slips = requests.get(f"{self.house.slips_url}/slips", timeout=2).json()["slips"]
        return next((slip for slip in slips if slip["number"] == number), None)

    def _be_called(self, ticket: dict[str, Any]) -> float:
        called = time.monotonic()
        answer = self.clerk.post(f"{self.window}/call-next")
        if answer is None or answer["ticket"]["id"] != ticket["id"]:
            raise Missing(f"call: call-next answered {answer}")
        say("call", f"{ticket['number']} to window {self.house.window['name']}", time.monotonic() - called)
        return called

    def _be_seen(self, ticket: dict[str, Any], called: float) -> None:
        self._seen_by("server", self.server_board, ticket, called)
        self._seen_by("display client", self.page, ticket, called)

    def _seen_by(self, name: str, board: "HallBoard | BoardPage", ticket: dict[str, Any], called: float) -> None:
        at, event = wait_for("board", lambda: board.call_of(ticket["id"]), f"no event by the {name}")
        shown = f"seq {event['seq']} {event['type']} {ticket['number']} to {event['ticket']['window']}"
        say("board", f"{name}: {shown}", at - called)

    def _be_heard(self, ticket: dict[str, Any], called: float) -> None:
        told = "no sound was made"
        entry = wait_for("voice", lambda: self._spoken(ticket["id"]), told)
        path = self.house.folder / "display" / "sound" / entry["wav"]
        seconds, peak = measure(path)
        if entry["result"] == "chime_only" or peak < SILENT_PEAK:
            raise Missing(f"voice: {path} holds no speech (peak {peak}); {entry}")
        way = {"page": "played by the board page", "sound_card": "played by the sound card"}[entry["way"]]
        say("voice", f"{entry['text']} {path} ({seconds:.1f} s, peak {peak}), {way}")

    def _spoken(self, ticket: str) -> dict[str, Any] | None:
        entries = requests.get(f"{self.house.display_url}/sound/log", timeout=2).json()["log"]
        playing = ("playing", "spoken", "chime_only")
        return next((one for one in entries if one["ticket"] == ticket and one["result"] in playing), None)

    def _be_served(self, ticket: dict[str, Any]) -> None:
        self.clerk.post(f"{self.window}/start")
        self.clerk.post(f"{self.window}/complete")
        final = self.clerk.get(f"tickets/{ticket['id']}")["ticket"]
        if final["status"] != "completed":
            raise Missing(f"served: {ticket['number']} is {final['status']}")
        wait_for("board", lambda: not (self.server_board.board or {"calls": [1]})["calls"], "it still shows the call")
        say("served", f"{ticket['number']} arrived {final['started_at']}, completed {final['ended_at']}, off the board")


class HallBoard:
    """A screen of the hall on the server itself, over Socket.IO."""

    def __init__(self, house: House) -> None:
        self.board: Board | None = None
        self._calls: dict[str, tuple[float, Event]] = {}
        self._follower: Follower = house.link("display").follow(self._on_board)

    def _on_board(self, board: Board, events: list[Event]) -> None:
        self._calls |= calls_in(events)
        self.board = board

    def call_of(self, ticket: str) -> tuple[float, Event] | None:
        return self._calls.get(ticket)

    def close(self) -> None:
        self._follower.stop()


class BoardPage:
    """The display client's board page as a browser would open it: it gets the events and plays the sounds."""

    def __init__(self, url: str) -> None:
        self.events: dict[str, tuple[float, Event]] | None = None
        self._url = url
        self._client = socketio.Client(reconnection=False, handle_sigint=False)
        self._client.on("snapshot", self._on_snapshot)
        self._client.on("events", self._on_events)
        self._client.on("play", lambda sound: self._client.emit("played", {"id": sound["id"]}))

    def open(self) -> None:
        self._client.connect(self._url, transports=["websocket"], wait_timeout=STEP_SECONDS)
        self._client.emit("can_play")

    def _on_snapshot(self, _board: Board) -> None:
        self.events = self.events or {}

    def _on_events(self, events: list[Event]) -> None:
        self.events = (self.events or {}) | calls_in(events)

    def call_of(self, ticket: str) -> tuple[float, Event] | None:
        return (self.events or {}).get(ticket)

    def close(self) -> None:
        self._client.disconnect()


def calls_in(events: list[Event]) -> dict[str, tuple[float, Event]]:
    """{ticket: (when we heard it, the event)} of the calls among them."""
    now = time.monotonic()
    return {one["ticket"]["id"]: (now, one) for one in events if one["type"] == "ticket.called"}


def wait_for(step: str, happened: Callable[[], Any], otherwise: str) -> Any:
    end = time.monotonic() + STEP_SECONDS
    while not (found := happened()):
        if time.monotonic() > end:
            raise Missing(f"{step}: {otherwise} within {STEP_SECONDS:.0f} s")
        time.sleep(0.01)
    return found


def measure(path: Path) -> tuple[float, int]:
    """(seconds, loudest of 32,767 steps) of a WAV file."""
    with wave.open(str(path), "rb") as file:
        samples = array("h", file.readframes(file.getnframes()))
        return file.getnframes() / file.getframerate(), max((abs(one) for one in samples), default=0)
