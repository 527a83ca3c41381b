"""A small real server that answers the calls a kiosk makes, so that it can be cut off, slowed and asked."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request
from flask_socketio import SocketIO
from pypinyin import Style, lazy_pinyin
from werkzeug.serving import make_server

from hall.layout import Hall
from hall.layout.parts import Line
from hall.texts import text_in
from hall.words import number_text
from kiosk.cli import QuietRequests

HALL = "binjiang"


class FakeServer:
    """Binjiang's hall on a free port: real HTTP and Socket.IO, tickets in memory."""

    def __init__(self, layout: Hall, port: int = 0) -> None:
        self.layout = layout.model_copy(deep=True)  # tests edit it
        self.down = False
        self.slow_seconds = 0.0
        self.public_url: str | None = None
        self.lines: dict[str, dict[str, Any]] = {}
        """What of a line the catalogue says otherwise: {"tax": {"open": False, "reason_text": "…"}}."""
        self.tickets: list[dict[str, Any]] = []
        self.reports: list[dict[str, Any]] = []
        self.help_wanted = 0
        self.scanned: list[str] = []
        self.codes: dict[str, Any] = {}
        """What a scanned code is answered with: {"abc": {"action": "found", "ticket": …, "booking": None}}."""
        self.bodies: list[dict[str, Any]] = []
        """What was asked with each number, as it came."""
        self.answers: dict[str, Any] = {}
        self.bands = False
        """Whether kiosks get numbers for an outage."""
        self.without_band: set[str] = set()
        self.handed: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        app = Flask(__name__)
        self._sockets = SocketIO(app, async_mode="threading", cors_allowed_origins=[])
        self._answer_http(app)
        self._answer_sockets()
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietRequests)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._stopping = threading.Event()
        for work in (self._server.serve_forever, self._tick):
            threading.Thread(target=work, daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()

    def send_print(self, slip: str, ticket: dict[str, Any]) -> None:
        """What the desk's reprint sends to the kiosk's own room."""
        self._sockets.emit("print", {"slip": {"id": slip}, "ticket": ticket, "reprint": True})

    def send_waiting(self, **counts: int) -> None:
        """An event that changes how many wait in a line."""
        self._board["waiting"] |= counts
        for line, count in counts.items():
            self.lines.setdefault(line, {})["waiting"] = count
        self._emit("ticket.issued", {"waiting": counts})

    def _emit(self, kind: str, data: dict[str, Any]) -> None:
        self._board["seq"] += 1
        event = {"v": 1, "epoch": "e1", "hall": HALL, "seq": self._board["seq"], "at": _now(), "type": kind}
        self._sockets.emit("events", [{**event, "data": data}])

    def rename(self, matter: str, name: str) -> None:
        """The center edits a matter."""
        found = next(one for one in self.layout.matters if one.id == matter)
        found.name["zh-CN"] = name
        self._emit("layout.changed", {})

    def _answer_http(self, app: Flask) -> None:
        @app.before_request
        def cut_off() -> Response | None:
            time.sleep(self.slow_seconds)
            return Response("down", 503) if self.down else None

        @app.get("/api/v1/session")
        def session() -> Any:
            return {"session": {"role": "kiosk", "hall": HALL, "window": None, "name": "kiosk"}}

        @app.get(f"/api/v1/halls/{HALL}/catalogue")
        def catalogue() -> Any:
            return self._catalogue(request.args["language"])

        @app.post(f"/api/v1/halls/{HALL}/kiosk-help")
        def kiosk_help() -> Any:
            self.help_wanted += 1
            return {"wanted": True}

        @app.post(f"/api/v1/halls/{HALL}/tickets")
        def tickets() -> Any:
            return self._issue(request.get_json())

        @app.post(f"/api/v1/halls/{HALL}/tickets/scan")
        def scan() -> Any:
            code = request.get_json()["code"]
            self.scanned.append(code)
            found = self.codes.get(code.rpartition("/")[2])
            missing = {"error": {"code": "not_found", "message": "没有找到", "details": {"what": "code", "id": ""}}}
            return found or (missing, 404)

        @app.post(f"/api/v1/halls/{HALL}/bands")
        def bands() -> Any:
            lines = [line for line in self.layout.lines if line.id not in self.without_band]
            ends = time.time() + 3600
            held = [{"prefix": one.prefix, "first": 801, "next": 801, "last": 820, "back": False} for one in lines]
            hours = [{"id": one.id, "prefix": one.prefix, "hours": [[ends - 9999, ends]]} for one in lines]
            day = {"epoch": "e1", "day": "2026-11-23", "ends_at": ends}
            return {**day, "bands": held if self.bands else [], "lines": hours if self.bands else []}

        @app.post(f"/api/v1/halls/{HALL}/tickets/offline")
        def offline() -> Any:
            self.handed.append(request.get_json())
            return {"ticket": {}}, 201

        @app.get(f"/api/v1/halls/{HALL}/slips")
        def slip_list() -> Any:
            return {"slips": []}

        @app.post(f"/api/v1/halls/{HALL}/slips/<slip>")
        def slips(slip: str) -> Any:
            self.reports.append({"slip": slip, **request.get_json()})
            return {"slip": {"id": slip}}

    def _answer_sockets(self) -> None:
        windows: list[Any] = []
        self._board: dict[str, Any] = {"epoch": "e1", "seq": 1, "at": _now(), "calls": [], "windows": windows}
        self._board["waiting"] = {line.id: 0 for line in self.layout.lines}

        @self._sockets.on("connect")
        def connect(auth: Any = None) -> None:
            self._board["waiting"] |= {key: line["waiting"] for key, line in self.lines.items() if "waiting" in line}
            self._sockets.emit("snapshot", self._board, to=request.sid)  # type: ignore[attr-defined]

        @self._sockets.on("since")
        def since(seq: int) -> Any:
            return {"answer": "resync", "epoch": "e1", "seq": self._board["seq"], "events": [], "more": False}

    def _tick(self) -> None:
        while not self._stopping.wait(5):
            self._sockets.emit("tick", {"epoch": "e1", "seq": self._board["seq"], "at": _now()})

    def _issue(self, body: dict[str, Any]) -> Any:
        with self._lock:
            if body["request_id"] in self.answers:
                return self.answers[body["request_id"]], 201
            matter = next((one for one in self.layout.matters if one.id == body.get("matter")), None)
            line = next(one for one in self.layout.lines if one.id == (matter.line if matter else body["line"]))
            if not self.lines.get(line.id, {}).get("open", True):
                return {"error": {"code": "line_closed", "message": "现在不能取号", "details": {}}}, 409
            self.bodies.append(body)
            answer = {"ticket": self._ticket(line, matter and matter.id, body)}
            self.answers[body["request_id"]] = answer
            self.tickets.append(answer["ticket"])
            return answer, 201

    def _ticket(self, line: Line, matter: str | None, body: dict[str, Any]) -> dict[str, Any]:
        before = [ticket for ticket in self.tickets if ticket["line"] == line.id]
        key = f"t{len(self.tickets) + 1}"
        windows = [w for w in self.layout.windows if line.id in w.lines]
        return {
            "id": key,
            "number": number_text(line.prefix, len(before) + 1),
            "day": "2026-11-23",
            "line": line.id,
            "matter": matter,
            "class": "ordinary",
            "language": body["language"],
            "status": "waiting",
            "parked": None,
            "count": body.get("count", 1),
            "ahead": len(before) + 5,
            "expected_wait": {"low": 15, "likely": 19, "high": 25},
            "windows": [{"id": w.id, "name": w.name, "zone": w.zone} for w in windows],
            "issued_at": _now(),
            "track_url": f"{self.public_url}/t/{key}" if self.public_url else None,
            "slip": {"id": f"slip-{key}"},
        }

    def _catalogue(self, language: str) -> dict[str, Any]:
        hall = self.layout
        zones = [{"id": z.id, "name": text_in(z.name, language), "floor": z.floor} for z in hall.zones]
        current = hall.category_sets[-1].categories
        return {
            "hall": {"id": HALL, "name": text_in(hall.name, language), "time_zone": hall.time_zone},
            "at": _now(),
            "day": "2026-11-23",
            "units": [{"id": u.id, "name": text_in(u.name, language)} for u in hall.units],
            "categories": [{"id": c.id, "name": text_in(c.name, language)} for c in current],
            "lines": [self._line(line, zones, language) for line in hall.lines],
            "matters": [
                {
                    "id": m.id,
                    "name": text_in(m.name, language),
                    "unit": m.unit,
                    "category": m.category,
                    "line": m.line,
                    "initials": "".join(lazy_pinyin(m.name["zh-CN"], style=Style.FIRST_LETTER)),
                    "pinyin": "".join(lazy_pinyin(m.name["zh-CN"])),
                }
                for m in hall.matters
            ],
            "classes": [],
            "zones": zones,
            "guide_line": hall.guide_line,
            "rules": hall.rules.model_dump(mode="json"),
            "public_url": self.public_url,
        }

    def _line(self, line: Line, zones: list[dict[str, Any]], language: str) -> dict[str, Any]:
        serving = {w.zone for w in self.layout.windows if line.id in w.lines}
        return {
            "id": line.id,
            "name": text_in(line.name, language),
            "prefix": line.prefix,
            "common": line.common,
            "open": True,
            "reason": None,
            "reason_text": None,
            "opens_at": None,
            "resumes_at": None,
            "waiting": 0,
            "expected_wait": None,
            "windows_open": 1,
            "batch_limit": line.batch_limit,
            "identity": line.identity,
            "warning": None,
            "warning_text": None,
            "zones": [zone for zone in zones if zone["id"] in serving],
            **self.lines.get(line.id, {}),
        }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
