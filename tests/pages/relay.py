"""A small real relay for page tests: serves the pages and speaks the contract's Socket.IO, in its own process.

`Relay` starts, kills and steers it: each change is an event folded by hall.board, kept here, so that a relay
started again on the same port goes on where the killed one stopped.
"""

import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from flask import Flask, Response, abort, request, send_file
from flask_socketio import SocketIO

from display import pages
from hall import web
from hall.board import Board, fold
from hall.layout import Hall
from hall.settings import load_settings
from hall.texts import catalogue, text_in

ROOT = Path(__file__).parents[2]
SECONDS_BETWEEN_TICKS = 1


def stamp(at: datetime | None = None) -> str:
    return (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --- the process -------------------------------------------------------------------------------------------


class State:
    """What the relay knows: the board, the events since it began, and what the display client would say."""

    def __init__(self, start: dict[str, Any]) -> None:
        self.hall = Hall.model_validate(start["hall"])
        self.board: Board = start["board"]
        self.lines: dict[str, dict[str, Any]] = start["lines"]
        self.sound: str | None = start["sound"]
        self.events: list[dict[str, Any]] = []
        self.mute = False
        self.hole = False
        self.heard: list[dict[str, Any]] = []


def make_app(state: State) -> tuple[Flask, SocketIO]:
    app = Flask(__name__)
    sockets = SocketIO(app, async_mode="threading", cors_allowed_origins=[])
    _serve_pages(app, state)
    _speak_contract(sockets, state)
    _take_orders(app, sockets, state)
    return app, sockets


def _serve_pages(app: Flask, state: State) -> None:
    def document(made: tuple[str, str]) -> Response:
        return Response(made[0], content_type="text/html", headers={"Content-Security-Policy": made[1]})

    def data(**more: Any) -> dict[str, Any]:
        spoken = state.sound is not None
        return {"hall": state.hall.id, "speaks": spoken, "languages": ["zh-CN", "en"], **more}

    @app.get("/board")
    def board() -> Response:
        language = request.args.get("language", "zh-CN")
        return document(pages.board_page(language, data(zone=request.args.get("zone"))))

    @app.get("/window/<window>")
    def window_screen(window: str) -> Response:
        return document(pages.window_page(request.args.get("language", "zh-CN"), data(window=window)))

    @app.get("/web/<path:path>")
    def shared(path: str) -> Response:
        return send_file(web.asset(path) or abort(404))

    @app.get("/pages/display/<path:path>")
    def own(path: str) -> Response:
        return send_file(web.inside(pages.FOLDER, path) or abort(404))

    @app.get("/texts/<language>/<domain>.json")
    def texts(language: str, domain: str) -> dict[str, Any]:
        return dict(catalogue(language, domain))

    @app.get("/api/v1/halls/<hall>/catalogue")
    def the_catalogue(hall: str) -> dict[str, Any]:
        return catalogue_of(state, request.args.get("language", "zh-CN"))

    @app.get("/status")
    def status() -> dict[str, Any]:
        return {"sound": state.sound}

    @app.get("/sound/<name>")
    def sound(name: str) -> Response:
        return send_file(ROOT / "build" / "test-sounds" / name)


def catalogue_of(state: State, language: str) -> dict[str, Any]:
    """The answer of the server's catalogue, as far as screens read it."""
    hall = state.hall
    zones = [{"id": z.id, "name": text_in(z.name, language), "floor": z.floor} for z in hall.zones]
    open_windows = [w["id"] for w in state.board["windows"] if w["status"] == "open"]
    return {
        "hall": {"id": hall.id, "name": text_in(hall.name, language), "time_zone": hall.time_zone},
        "zones": zones,
        "guide_line": hall.guide_line,
        "lines": [
            {
                "id": line.id,
                "name": text_in(line.name, language),
                "prefix": line.prefix,
                "open": True,
                "reason": None,
                "opens_at": None,
                "expected_wait": None,
                "windows_open": sum(line.id in w.lines for w in hall.windows if w.id in open_windows),
                "zones": [
                    z for z in zones if any(w.zone == z["id"] and line.id in w.lines for w in hall.windows)
                ],
                **state.lines.get(line.id, {}),
            }
            for line in hall.lines
        ],
    }


def _speak_contract(sockets: SocketIO, state: State) -> None:
    @sockets.on("connect")
    def connect(auth: dict[str, Any]) -> None:
        if auth.get("epoch") == state.board["epoch"] and auth.get("since", -1) >= 0:
            missing = [event for event in state.events if event["seq"] > auth["since"]]
            if not missing or missing[0]["seq"] == auth["since"] + 1:
                sockets.emit("events", missing, to=request.sid)  # type: ignore[attr-defined]
                return
        sockets.emit("snapshot", {**state.board, "at": stamp()}, to=request.sid)  # type: ignore[attr-defined]

    @sockets.on("since")
    def since(seq: int) -> dict[str, Any]:
        events = [event for event in state.events if event["seq"] > seq]
        board = state.board
        gap = seq < board["seq"] and (not events or events[0]["seq"] != seq + 1)
        answer = "resync" if gap else "events" if events else "up_to_date"
        return {
            "answer": answer,
            "epoch": board["epoch"],
            "seq": board["seq"],
            "events": events,
            "more": False,
        }

    @sockets.on("can_play")
    def can_play(*_: Any) -> None:
        state.heard.append({"can_play": True})

    @sockets.on("played")
    def played(answer: dict[str, Any]) -> None:
        state.heard.append(answer)


def _take_orders(app: Flask, sockets: SocketIO, state: State) -> None:
    @app.post("/orders/events")
    def events() -> dict[str, Any]:
        for event in request.json["events"]:
            state.events.append(event)
            state.board = fold(state.board, event)
        if not request.json.get("lose"):
            sockets.emit("events", request.json["events"])
        return {}

    @app.post("/orders/set")
    def put() -> dict[str, Any]:
        for name, value in request.json.items():
            setattr(state, name, value)
        return {}

    @app.post("/orders/emit/<name>")
    def emit(name: str) -> dict[str, Any]:
        sockets.emit(name, request.json)
        return {}

    @app.get("/orders/heard")
    def heard() -> dict[str, Any]:
        return {"heard": state.heard}


def tick_for_ever(sockets: SocketIO, state: State) -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_TICKS)
        if not state.mute:
            board = state.board
            sockets.emit("tick", {"epoch": board["epoch"], "seq": board["seq"], "at": stamp()})


def main() -> None:
    port, start = int(sys.argv[1]), json.load(sys.stdin)
    state = State(start)
    app, sockets = make_app(state)
    threading.Thread(target=tick_for_ever, args=(sockets, state), daemon=True).start()
    sockets.run(app, port=port, allow_unsafe_werkzeug=True)


# --- the hand that steers it -------------------------------------------------------------------------------


class Relay:
    """A relay with the hall of config.yaml (or another), on a port of its own."""

    def __init__(self, port: int, hall: Hall | None = None, sound: str | None = None) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.hall = hall or load_settings(ROOT / "config.yaml", {}).halls[0]
        self.sound = sound
        self.lines: dict[str, dict[str, Any]] = {}
        self.board = empty_board(self.hall)
        self.tickets = 0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "Relay":
        start = {"hall": self.hall.model_dump(mode="json"), "board": self.board, "lines": self.lines}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.pages.relay", str(self.port)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        )  # fmt: skip
        assert self.process.stdin
        self.process.stdin.write(json.dumps({**start, "sound": self.sound}))
        self.process.stdin.close()
        for _ in range(100):
            try:
                requests.get(f"{self.url}/orders/heard", timeout=1)
                return self
            except requests.RequestException:
                time.sleep(0.1)
        raise TimeoutError("the relay did not start")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def order(self, path: str, body: Any) -> None:
        requests.post(f"{self.url}/orders/{path}", json=body, timeout=5).raise_for_status()

    def set(self, **values: Any) -> None:
        self.order("set", values)

    def heard(self) -> list[dict[str, Any]]:
        return list(requests.get(f"{self.url}/orders/heard", timeout=5).json()["heard"])

    def publish(self, *events: dict[str, Any], lose: bool = False) -> None:
        """Writes the events after the board's last and sends them at once, or loses them on the way."""
        whole = [self._envelope(event, n) for n, event in enumerate(events, start=1)]
        for event in whole:
            self.board = fold(self.board, event)
        if self.process:
            self.order("events", {"events": whole, "lose": lose})

    def _envelope(self, event: dict[str, Any], n: int) -> dict[str, Any]:
        seq = self.board["seq"] + n
        hall, epoch = self.hall.id, self.board["epoch"]
        return {"v": 1, "epoch": epoch, "hall": hall, "seq": seq, "at": stamp(), "data": {}, **event}

    def call(self, number: str, window: str, ago: float = 0, **more: Any) -> dict[str, Any]:
        """Calls a number to a window; returns its ticket. `ago`: seconds since it was called."""
        event = self.called(number, window, ago, **more)
        self.publish(event)
        return dict(event["ticket"])

    def called(self, number: str, window: str, ago: float = 0, **more: Any) -> dict[str, Any]:
        """The event of a call, not yet published."""
        prefix = number.rstrip("0123456789")
        line = next((one.id for one in self.hall.lines if one.prefix == prefix), self.hall.lines[0].id)
        at = stamp(datetime.now(UTC) - timedelta(seconds=ago))
        ticket = {
            "id": f"ticket-{number}",
            "number": number,
            "line": line,
            "status": "called",
            "window": window,
        }
        ticket |= {"calls": 1, "called_at": at, "first_called_at": at, "language": "zh-CN", **more}
        at_window = {key: ticket[key] for key in ("id", "number", "status")}
        return {
            "type": "ticket.called",
            "ticket": ticket,
            "data": {"window": self._window(window, ticket=at_window)},
        }

    def move(self, ticket: dict[str, Any], kind: str, status: str) -> dict[str, Any]:
        """A later event of a ticket: ("started", "serving"), ("completed", "completed"), ("missed", "no_show") …"""
        ticket = {**ticket, "status": status}
        stays = status in ("called", "serving")
        at_window = {key: ticket[key] for key in ("id", "number", "status")} if stays else None
        window = self._window(ticket["window"], ticket=at_window)
        self.publish({"type": f"ticket.{kind}", "ticket": ticket, "data": {"window": window}})
        return ticket

    def window(self, window: str, **after: Any) -> None:
        """Opens, pauses or closes a window."""
        self.publish(
            {"type": "window.opened", "window": window, "data": {"window": self._window(window, **after)}}
        )

    def wait(self, **counts: int) -> None:
        """How many wait in each line from now on."""
        self.publish({"type": "ticket.issued", "data": {"waiting": counts}})

    def _window(self, window: str, **after: Any) -> dict[str, Any]:
        now = next(one for one in self.board["windows"] if one["id"] == window)
        return {**now, **after}


def empty_board(hall: Hall) -> Board:
    windows = [
        {
            "id": w.id,
            "name": w.name,
            "zone": w.zone,
            "status": "open",
            "until": None,
            "closing": None,
            "lines": [{"id": key, "rank": rank} for key, rank in w.lines.items()],
            "ticket": None,
        }
        for w in hall.windows
    ]
    waiting = {line.id: 0 for line in hall.lines}
    now = stamp()
    board = {"epoch": "first", "seq": 1, "at": now, "day": now[:10], "calls": [], "missed": []}
    return {**board, "windows": windows, "waiting": waiting}


if __name__ == "__main__":
    main()
