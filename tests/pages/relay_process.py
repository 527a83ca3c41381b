"""The relays' processes: each serves the pages, speaks the contract's Socket.IO, and does what it is ordered to.

One process has loaded everything and makes a relay of each line of its input, so that a relay begins at once.
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request, send_file
from flask_socketio import SocketIO

from display import pages
from display.pages.plain import Moment, plain_page
from hall import web
from hall.board import Board, fold
from hall.layout import Hall
from hall.layout.parts import Window
from hall.texts import catalogue, text_in

SECONDS_BETWEEN_TICKS = 1


def stamp(at: datetime | None = None) -> str:
    return (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class State:
    """What the relay knows: the board, the events since it began, and what the display client would say."""

    def __init__(self, start: dict[str, Any]) -> None:
        self.hall = Hall.model_validate(start["hall"])
        self.board: Board = start["board"]
        self.lines: dict[str, dict[str, Any]] = start["lines"]
        self.sound: str | None = start["sound"]
        self.sounds = Path(start["sounds"])
        self.events: list[dict[str, Any]] = []
        self.mute = False
        self.closed = False
        self.heard: list[dict[str, Any]] = []
        self.painted: list[dict[str, Any]] = []
        self.media: list[dict[str, str]] = []
        self.silent_seconds = 0


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
        look = {**pages.screen_look(request.args), "media": bool(state.media), "media_volume": 0.8}
        return document(pages.board_page(language, data(zone=request.args.get("zone"), **look)))

    @app.get("/board/plain")
    def board_plain() -> Response:
        language = request.args.get("language", "zh-CN")
        moment = Moment(state.board, catalogue_of(state, language), datetime.now(UTC), state.silent_seconds)
        return document(plain_page(language, moment, request.args.get("zone")))

    @app.get("/media")
    def media() -> dict[str, Any]:
        return {"media": state.media}

    @app.get("/media/<name>")
    def medium(name: str) -> Response:
        return send_file(state.sounds / name)

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
        return send_file(state.sounds / name)


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
                "zones": [z for z in zones if any(w.zone == z["id"] and line.id in w.lines for w in hall.windows)],
                **state.lines.get(line.id, {}),
            }
            for line in hall.lines
        ],
    }


def serving(hall: Hall, line: str) -> list[Window]:
    return [window for window in hall.windows if line in window.lines]


def _speak_contract(sockets: SocketIO, state: State) -> None:
    @sockets.on("connect")
    def connect(auth: dict[str, Any]) -> None:
        if state.closed:
            raise ConnectionRefusedError("no_token")
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
        state.sound = "page"

    @sockets.on("painted")
    def painted(report: dict[str, Any]) -> None:
        state.painted = [*state.painted[-20:], report]

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
        return {"heard": state.heard, "painted": state.painted}


def tick_for_ever(sockets: SocketIO, state: State) -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_TICKS)
        if not state.mute:
            board = state.board
            sockets.emit("tick", {"epoch": board["epoch"], "seq": board["seq"], "at": stamp()})


def run(start: dict[str, Any]) -> None:
    state = State(start)
    app, sockets = make_app(state)
    threading.Thread(target=tick_for_ever, args=(sockets, state), daemon=True).start()
    sockets.run(app, port=start["port"], allow_unsafe_werkzeug=True)


def main() -> None:
    """Tells the pid of each relay; ends with its input, and the relays with it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who was killed is gone at once
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os.dup2(2, 1)  # where the pids are told, Flask says hello
            run(json.loads(line))
        print(pid, flush=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
