"""What people wait for: touch to slip, call to board, call to voice, edit to kiosk, on real parts."""

import threading
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
import socketio

from bench.wire import Wire
from server.commands.processes import free_port
from server.commands.together import House, Ports

PATIENCE_SECONDS = 10.0


class Bench:
    """A whole house with a wire before its printer; `touches()`, `calls()` and `edits()` give milliseconds."""

    def __init__(self, folder: Path, config: Path) -> None:
        ports = Ports(printer=free_port())
        self.wire = Wire(ports.printer)
        self.house = House(
            folder,
            config,
            ports,
            hands=("clerk", "desk", "system_admin"),
            kiosk_options=["--printer", f"network:127.0.0.1:{self.wire.port}"],
            display_options=["--output", "page"],
        )
        self._board: dict[str, float] = {}
        self._heard = threading.Condition()

    def __enter__(self) -> "Bench":
        try:
            self.house.start()
        except BaseException:
            self.house.stop()
            raise
        self.line = next(iter(self.house.layout.windows[0].lines))
        return self

    def __exit__(self, *_: object) -> None:
        self.house.stop()
        self.wire.close()

    def touches(self, count: int) -> tuple[list[float], list[float]]:
        """(touch to the number on the screen, touch to the slip's last byte at the printer)"""
        screen, paper = [], []
        with requests.Session() as page:
            for _ in range(count):
                begun = time.perf_counter()
                asked = {"touch_id": str(uuid.uuid4()), "line": self.line, "language": "zh-CN"}
                answer = page.post(f"{self.house.kiosk_url}/local/tickets", json=asked, timeout=PATIENCE_SECONDS)
                answer.raise_for_status()
                screen.append((time.perf_counter() - begun) * 1000)
                self._wait_printed(page, answer.json()["slip"]["id"])
                paper.append((self.wire.last_slip_byte - begun) * 1000)
        return screen, paper

    def _wait_printed(self, page: requests.Session, slip: str) -> None:
        end = time.perf_counter() + PATIENCE_SECONDS
        while (state := page.get(f"{self.house.kiosk_url}/local/slips/{slip}").json()["slip"]["state"]) != "printed":
            if state == "failed" or time.perf_counter() > end:
                raise RuntimeError(f"slip {slip} is {state}")
            time.sleep(0.02)

    def calls(self, count: int) -> tuple[list[float], list[float]]:
        """(call-next to the changed board, call-next to the start of speech); the speaker is free each time."""
        desk, clerk = self.house.link("desk"), self.house.link("clerk")
        window = f"windows/{self.house.window['id']}"
        for _ in range(count):
            desk.post("tickets", line=self.line)
        follower = self.house.link("display").follow(self._on_board)
        page = self._page()
        clerk.post(f"{window}/open")
        board, voice = [], []
        for _ in range(count):
            begun, wall = time.perf_counter(), time.time()
            ticket = clerk.post(f"{window}/call-next", finish="completed")["ticket"]["id"]
            self._wait_seen(ticket)
            board.append((self._board[ticket] - begun) * 1000)
            voice.append((self._spoken_at(ticket) - wall) * 1000)
        page.disconnect()
        follower.stop()
        return board, voice

    def edits(self, count: int) -> list[float]:
        """An administrator's edit of a matter to the catalogue that the kiosk gives its page."""
        admin, taken = self.house.link("system_admin"), []
        for place in range(count):
            shown = admin.get("layout/matters", limit=1)["parts"][0]["value"]
            name = f"{place} {shown['name']['zh-CN'].split()[-1]}"
            begun = time.perf_counter()
            value = {**shown, "name": {**shown["name"], "zh-CN": name}}
            admin.post(f"layout/matters/{shown['id']}", value=value, before=shown, reason="bench")
            self._wait_named(name)
            taken.append((time.perf_counter() - begun) * 1000)
        return taken

    def _wait_named(self, name: str) -> None:
        """Asks as the page does, only oftener: the matters come where they are others than the last."""
        end, mark = time.perf_counter() + PATIENCE_SECONDS, ""
        while True:
            asked, address = {"matters_mark": mark}, f"{self.house.kiosk_url}/local/catalogue"
            known = requests.get(address, params=asked, timeout=PATIENCE_SECONDS).json()
            mark = known["matters_mark"]
            if name in [one["name"] for one in known.get("matters", [])]:
                return
            if time.perf_counter() > end:
                raise RuntimeError(f"the kiosk does not know {name}")
            time.sleep(0.01)

    def _wait_seen(self, ticket: str) -> None:
        with self._heard:
            if not self._heard.wait_for(lambda: ticket in self._board, PATIENCE_SECONDS):
                raise RuntimeError("a call was not seen")

    def _spoken_at(self, ticket: str) -> float:
        """When the page was given the sound, by the display client's own log; waits until it has been played."""
        end = time.perf_counter() + PATIENCE_SECONDS
        while time.perf_counter() < end:
            log = requests.get(f"{self.house.display_url}/sound/log", timeout=PATIENCE_SECONDS).json()["log"]
            for entry in log:
                if entry["ticket"] == ticket and entry["ended_at"]:
                    return datetime.fromisoformat(entry["started_at"]).timestamp()
            time.sleep(0.03)
        raise RuntimeError("a call was not heard")

    def _page(self) -> socketio.Client:
        """The board page as a browser opens it; its sound is over at once, so the speaker is free again."""
        page = socketio.Client(reconnection=False, handle_sigint=False)

        page.on("play", lambda sound: page.emit("played", {"id": sound["id"]}))
        page.connect(self.house.display_url, transports=["websocket"])
        page.emit("can_play")
        time.sleep(6)  # the display client must know the server's time before it judges a call's age
        return page

    def _on_board(self, _board: dict[str, Any], events: list[dict[str, Any]]) -> None:
        now = time.perf_counter()
        with self._heard:
            self._board |= {one["ticket"]["id"]: now for one in events if one["type"] == "ticket.called"}
            self._heard.notify()
