"""The pages that people's browsers open on the server, and the modules, styles and texts they are made of."""

from functools import partial
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
)
from werkzeug import Response as AnyResponse

import caller.pages
import display.pages
from hall import web
from hall.errors import HallError
from hall.texts import DEFAULT, catalogue, languages, say, text_in
from hall.words import UNFINISHED
from server import queries
from server.api.context import house

pages = Blueprint("pages", __name__, template_folder="templates")
ROOMS = {"caller": caller.pages.FOLDER, "display": display.pages.FOLDER}


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in languages() else DEFAULT


def _data() -> dict[str, Any]:
    halls = house().halls
    asked = request.args.get("hall")
    return {"hall": asked if asked in halls else halls[0], "languages": languages(), "speaks": False}


def _sent(document: str, policy: str) -> Response:
    response = make_response(document)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/")
def start() -> AnyResponse:
    return redirect("/board")


@pages.get("/clerk")
def clerk() -> Response:
    """The window client's page."""
    language = _language()
    styles = [f"/pages/caller/{file.name}" for file in sorted(ROOMS["caller"].glob("*.css"))]
    return _sent(
        *web.page(
            say(language, "caller.title"),
            "/pages/caller/clerk.js",
            language,
            _data(),
            styles,
            web.fingerprint(ROOMS["caller"]),
        )
    )


@pages.get("/board")
def board() -> Response:
    """The hall board, silent: the display client serves the same page with sound."""
    zone = request.args.get("zone")
    return _sent(*display.pages.board_page(_language(), {**_data(), **({"zone": zone} if zone else {})}))


@pages.get("/window/<window>")
def window(window: str) -> Response:
    """The screen over one window."""
    return _sent(*display.pages.window_page(_language(), {**_data(), "window": window}))


@pages.get("/t/<code>")
def phone(code: str) -> Response:
    """The visitor's own ticket behind the slip's QR code: no script, so that any phone can show it."""
    store = house().store
    row = store.read(partial(queries.tracked_ticket, code=code))
    ticket, _ = store.read(partial(queries.one_ticket, hall=row["hall_id"], ticket=row["id"], now=store.clock.now()))
    layout = store.read(partial(queries.known_layout, hall=row["hall_id"]))
    language = row["language"] if row["language"] in languages() else DEFAULT
    response = make_response(
        render_template(
            "phone.html",
            ticket=ticket,
            hall=text_in(layout.name, language),
            line=text_in(layout.lines[row["line_id"]].name, language),
            window=layout.windows[row["window_id"]].name if row["window_id"] else "",
            live=row["status"] in UNFINISHED,
            language=language,
            say=lambda key, **values: say(language, f"server.{key}", **values),
        )
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'"
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/web/<path:path>")
def shared(path: str) -> Response:
    found = web.asset(path)
    if found is None:
        raise HallError("not_found", what="", id=path)
    return _file(found)


@pages.get("/pages/<room>/<path:path>")
def room_file(room: str, path: str) -> Response:
    found = web.inside(ROOMS[room], path) if room in ROOMS else None
    if found is None:
        raise HallError("not_found", what="", id=path)
    return _file(found)


def _file(path: Any) -> Response:
    response = send_file(path, max_age=0, etag=True)
    if path.suffix == ".js":
        response.mimetype = "text/javascript"
    return response


@pages.get("/texts/<language>/<domain>.json")
def texts(language: str, domain: str) -> Response:
    if language not in languages() or not domain.isidentifier():
        raise HallError("not_found", what="", id=domain)
    return jsonify(catalogue(language, domain))


@pages.get("/api/v1/docs")
def docs() -> Response:
    """The OpenAPI description as a page to read."""
    spec = current_app.api_doc  # type: ignore[attr-defined]
    response = make_response(render_template("docs.html", spec=spec, language=_language()))
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'"
    return response
