"""The printers' pages: a virtual printer's slips as pictures, the newest first, and the preview of a template."""

import re
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, redirect, request, send_file
from werkzeug.exceptions import HTTPException

from hall import web
from hall.texts import best_language, catalogue, languages, say
from printers.pages import FOLDER
from printers.preview import add_preview
from printers.virtual import VirtualPrinter

SHOWN = 40
LARGEST_BODY = 512 * 1024
PAPER = ("ok", "near_end", "out")
NAME = re.compile(r"[0-9-]+\.png")


def create_app(printer: VirtualPrinter | None, template: Path | None = None) -> Flask:
    """`template`: the file whose preview is shown; without a virtual printer that is the only page."""
    app = Flask("hallcall-printers", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    _pages(app, printer is not None)
    _files(app)
    _rest(app)
    add_preview(app, template)
    if printer:
        _slips(app, printer)
    return app


def _pages(app: Flask, with_printer: bool) -> None:
    @app.get("/")
    def home() -> Response:
        if not with_printer:
            return redirect("/template")  # type: ignore[return-value]
        return _page("virtual", "printers.page_title", True)

    @app.get("/template")
    def template() -> Response:
        return _page("template", "printers.template_title", with_printer)

    @app.get("/texts/<language>/<domain>.json")
    def texts(language: str, domain: str) -> Response | tuple[Response, int]:
        if language not in languages() or domain not in ("printers", "common"):
            return _missing()
        return jsonify(catalogue(language, domain))


def _page(name: str, title: str, with_printer: bool) -> Response:
    asked = request.args.get("language")
    language = asked if asked in languages() else best_language(list(request.accept_languages.values()))
    document, policy = web.page(
        say(language, title),
        f"/pages/printers/{name}.js",
        language,
        {"languages": list(languages()), "with_printer": with_printer},
        [f"/pages/printers/{name}.css"],
    )
    return Response(document, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _files(app: Flask) -> None:
    @app.get("/web/<path:path>")
    def shared(path: str) -> Response | tuple[Response, int]:
        file = web.asset(path)
        return send_file(file) if file else _missing()

    @app.get("/pages/printers/<path:path>")
    def own(path: str) -> Response | tuple[Response, int]:
        file = web.inside(FOLDER, path)
        return send_file(file) if file and file.suffix in (".js", ".css") else _missing()


def _rest(app: Flask) -> None:
    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"error": {"code": "bad_request", "message": error.name}}), error.code or 500


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


def _missing() -> tuple[Response, int]:
    return jsonify({"error": {"code": "not_found", "message": "not found"}}), 404
