"""The page of the virtual printer: its slips as pictures, the newest first, and its paper to take out."""

import re
from typing import Any

from flask import Flask, Response, jsonify, request, send_file
from werkzeug.exceptions import HTTPException

from hall import web
from hall.texts import best_language, catalogue, languages, say
from printers.pages import FOLDER
from printers.virtual import VirtualPrinter

SHOWN = 40
PAPER = ("ok", "near_end", "out")
NAME = re.compile(r"[0-9-]+\.png")


def create_app(printer: VirtualPrinter) -> Flask:
    app = Flask("hallcall-printers", static_folder=None)
    _pages(app)
    _files(app)
    _slips(app, printer)
    return app


def _pages(app: Flask) -> None:
    @app.get("/")
    def home() -> Response:
        asked = request.args.get("language")
        language = asked if asked in languages() else best_language(list(request.accept_languages.values()))
        document, policy = web.page(
            say(language, "printers.page_title"),
            "/pages/printers/virtual.js",
            language,
            {"languages": list(languages())},
            ["/pages/printers/virtual.css"],
        )
        return Response(document, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})

    @app.get("/texts/<language>/<domain>.json")
    def texts(language: str, domain: str) -> Response | tuple[Response, int]:
        if language not in languages() or domain not in ("printers", "common"):
            return _missing()
        return jsonify(catalogue(language, domain))


def _files(app: Flask) -> None:
    @app.get("/web/<path:path>")
    def shared(path: str) -> Response | tuple[Response, int]:
        file = web.asset(path)
        return send_file(file) if file else _missing()

    @app.get("/pages/printers/<path:path>")
    def own(path: str) -> Response | tuple[Response, int]:
        file = web.inside(FOLDER, path)
        return send_file(file) if file and file.suffix in (".js", ".css") else _missing()


def _slips(app: Flask, printer: VirtualPrinter) -> None:
    @app.get("/slips")
    def slips() -> Response:
        found = printer.slips()
        answer = jsonify({"slips": found[:SHOWN], "count": len(found), "printer": printer.state()})
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.get("/slips/<name>")
    def picture(name: str) -> Response | tuple[Response, int]:
        file = printer.folder / name
        if not NAME.fullmatch(name) or not file.is_file():
            return _missing()
        return send_file(file.resolve(), max_age=3600)

    @app.post("/paper")
    def paper() -> Response | tuple[Response, int]:
        # Only JSON: another site's form cannot send it unasked.
        wanted: Any = request.get_json(silent=True)
        state = wanted.get("state") if isinstance(wanted, dict) else None
        if state not in PAPER:
            return jsonify({"error": {"code": "bad_body", "message": "state: ok, near_end or out"}}), 422
        printer.become(paper=state, slips_left=None)
        return jsonify({"printer": printer.state()})

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"error": {"code": "bad_request", "message": error.name}}), error.code or 500


def _missing() -> tuple[Response, int]:
    return jsonify({"error": {"code": "not_found", "message": "not found"}}), 404
