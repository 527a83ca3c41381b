"""The pages that people's browsers open on the server, and the modules, styles and texts they are made of."""

import gzip
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

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
    session,
)
from sqlalchemy import Connection
from werkzeug import Response as AnyResponse

import caller.pages
import display.pages
import server.office
import server.public
from display.pages.plain import Moment, plain_page
from hall import web
from hall.errors import HallError
from hall.texts import DEFAULT, best_language, catalogue, domains, languages, say
from server import queries
from server.api.context import house
from server.office import OFFICE
from server.people import Principal

pages = Blueprint("pages", __name__, template_folder="templates")
ROOMS = {
    "caller": caller.pages.FOLDER,
    "display": display.pages.FOLDER,
    "public": server.public.FOLDER,
    "office": server.office.FOLDER,
}
PACKED = (".js", ".css")


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
    """Whoever comes without an address in mind is told about the hall."""
    return redirect("/hall")


@pages.get("/clerk")
def clerk() -> Response:
    """The window client's page."""
    return staff_page("caller.title", "clerk.js", "clerk.css")


@pages.get("/desk")
def desk() -> Response:
    """The guide desk's page."""
    return staff_page("desk.title", "desk.js", "clerk.css", "desk.css")


def _office_page(path: str) -> Response:
    """A page of supervisors and administrators, with the navigation between them."""
    made = OFFICE[path]
    led = [{"path": key, "roles": [role.value for role in one.roles]} for key, one in OFFICE.items()]
    styles = ("office.css", *made.styles)
    return staff_page(made.title, made.module, *styles, room="office", data={"pages": led, "page": path})


for _path in OFFICE:
    pages.add_url_rule(f"/{_path}", f"office_{_path}", partial(_office_page, _path))


def staff_page(
    title: str, module: str, *styles: str, room: str = "caller", data: dict[str, Any] | None = None
) -> Response:
    language = _language()
    links = [f"/pages/{room}/{style}" for style in styles]
    version = web.fingerprint(ROOMS[room])
    given = {**_data(), **(data or {})}
    return _sent(*web.page(say(language, title), f"/pages/{room}/{module}", language, given, links, version))


@pages.get("/booking")
@pages.get("/booking/<code>")
def booking(code: str = "") -> Response:
    """Booking a slot, on a phone or at the desk; with a code one's own booking."""
    asked = request.args.get("language", "")
    said = asked if asked in languages() else best_language([one for one, _ in request.accept_languages])
    version, room = web.fingerprint(ROOMS["public"]), "/pages/public"
    return _sent(
        *web.page(say(said, "booking.title"), f"{room}/booking.js", said, _data(), [f"{room}/booking.css"], version)
    )


@pages.get("/board")
def board() -> Response:
    """The hall board, silent: the display client serves the same page with sound."""
    zone = request.args.get("zone")
    look = display.pages.screen_look(request.args)
    return _sent(*display.pages.board_page(_language(), {**_data(), **look, **({"zone": zone} if zone else {})}))


@pages.get("/board/plain")
def board_plain() -> Response:
    """The board for old browsers. One that runs no script gives its token as the password of HTTP Basic."""
    who = _screen()
    if who is None and "basic" in request.args:
        return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="board"'})
    here, language = house(), _language()
    moment = None if who is None else here.store.read(lambda connection: _moment(connection, who.hall, language))
    sign_in = "" if who else f"/board/plain?{urlencode({**request.args, 'basic': '1'})}"
    return _sent(*plain_page(language, moment, request.args.get("zone"), why="refused", sign_in=sign_in))


def _screen() -> Principal | None:
    """Who may see the board: of a session, or of HTTP Basic."""
    gate, given = house().gate, request.authorization
    if given is not None and given.type == "basic":
        return gate.by_secret(given.password or "")
    return gate.by_cookie(session)


def _moment(connection: Connection, hall: str, language: str) -> Moment:
    here = house()
    now = here.store.clock.now()
    names = queries.catalogue(connection, hall, language, now, here.always_open, None)
    return Moment(queries.board(connection, hall), names, now)


@pages.get("/window/<window>")
def window(window: str) -> Response:
    """The screen over one window."""
    return _sent(*display.pages.window_page(_language(), {**_data(), "window": window}))


@pages.get("/rate/<window>")
def rate(window: str) -> Response:
    """The tablet at a window, on which a service is rated."""
    return _sent(*display.pages.rate_page(_language(), {**_data(), "window": window}))


@pages.get("/web/<path:path>")
def shared(path: str) -> Response:
    found = web.asset(path)
    if found is None:
        raise HallError("not_found", what="", id=path)
    return _file(found)


@pages.get("/pages/<room>/<path:path>")
def room_file(room: str, path: str) -> Response:
    found = web.inside(ROOMS[room], path) if room in ROOMS else None
    if found is None or found.suffix not in PACKED:
        raise HallError("not_found", what="", id=path)
    return _file(found)


def public_file(name: str) -> Response:
    return _file(ROOMS["public"] / name)


def _file(path: Path) -> Response:
    """A file as the browser may keep it; modules and styles packed once, for browsers that unpack them."""
    packed = path.suffix in PACKED and request.accept_encodings.quality("gzip") > 0
    response = _packed_file(path) if packed else send_file(path, max_age=0, etag=True)
    if path.suffix == ".js":
        response.mimetype = "text/javascript"
    if path.suffix in PACKED:
        response.vary.add("Accept-Encoding")
    return response


def _packed_file(path: Path) -> Response:
    response = make_response(_packed(path, path.stat().st_mtime_ns))
    response.mimetype = "text/css"
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@lru_cache(256)
def _packed(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


@pages.get("/texts/<language>/<domain>.json")
def texts(language: str, domain: str) -> Response:
    if language not in languages() or domain not in domains():
        raise HallError("not_found", what="", id=domain)
    return jsonify(catalogue(language, domain))


@pages.get("/api/v1/docs")
def docs() -> Response:
    """The OpenAPI description as a page to read."""
    spec = current_app.api_doc  # type: ignore[attr-defined]
    response = make_response(render_template("docs.html", spec=spec, language=_language()))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response
