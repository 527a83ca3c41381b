"""The display client's own small web server: its pages, their Socket.IO line, recordings, and how things stand.

To its pages it speaks the server's contract (`snapshot`, `events`, `tick`, `since`); beside that it sends
`upstream {up, since}`, `speaking {on}` and `play`, and takes `can_play` and `played` (display/page_sound.py) and
`painted` (display/screens.py).
"""

from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request, send_file
from flask_socketio import SocketIO

from display.client import Display
from display.pages import FOLDER, board_page, screen_look, window_page
from display.pages.plain import Moment, plain_page
from hall import texts, web
from hall.errors import LinkDown, Refused

PAGE_FILES = (".js", ".css", ".svg")


def make_sockets(app: Flask) -> SocketIO:
    """Pages of our own origin only, which is Flask-SocketIO's default."""
    return SocketIO(app, async_mode="threading")


def fill_app(app: Flask, sockets: SocketIO, display: Display) -> None:
    _add_pages(app, display)
    _add_files(app, display)
    _add_api(app, display)
    _add_sockets(sockets, display)


def _add_pages(app: Flask, display: Display) -> None:
    def data(**more: Any) -> dict[str, Any]:
        # The hall in the pages' requests is ours whatever they write there: this client has one line home.
        return {"hall": "here", "speaks": display.speaks, "languages": display.languages, **more}

    @app.get("/")
    @app.get("/board")
    def board() -> Response:
        zone = request.args.get("zone", display.zone)
        look = {**display.screens.look(), **screen_look(request.args), **({"zone": zone} if zone else {})}
        return _document(*board_page(_language(), data(**look)))

    @app.get("/board/plain")
    def board_plain() -> Response:
        zone = request.args.get("zone", display.zone)
        return _document(*plain_page(_language(), _moment(display), zone or None))

    @app.get("/window/<window>")
    def window(window: str) -> Response:
        look = {**display.screens.look(), "media": False}
        return _document(*window_page(_language(), {**data(window=window), **look, "speaks": False}))


def _moment(display: Display) -> Moment | None:
    """What can be said of the hall now; None while there never was an answer."""
    board = display.relay.board
    try:
        catalogue = display.layouts.get(_language())
    except (LinkDown, Refused):
        return None
    silent = display.relay.silent_seconds()
    return None if board is None else Moment(board, catalogue, display.server_time.now(), silent)


def _add_files(app: Flask, display: Display) -> None:
    @app.get("/web/<path:path>")
    def shared(path: str) -> Response:
        return _file(web.asset(path))

    @app.get("/pages/display/<path:path>")
    def pages(path: str) -> Response:
        file = web.inside(FOLDER, path)
        return _file(file if file and file.suffix in PAGE_FILES else None)

    @app.get("/media/<name>")
    def medium(name: str) -> Response:
        return _file(display.screens.medium(name))

    @app.get("/texts/<language>/<domain>.json")
    def words(language: str, domain: str) -> Any:
        if language not in texts.languages() or domain not in texts.domains():
            abort(404)
        return texts.catalogue(language, domain)


def _add_api(app: Flask, display: Display) -> None:
    @app.get("/catalogue", defaults={"hall": "here"})
    @app.get("/api/v1/halls/<hall>/catalogue")
    def catalogue(hall: str) -> Any:
        try:
            return display.layouts.get(_language())
        except LinkDown:
            return _error(503, "unavailable", "")
        except Refused as refused:
            return _error(refused.status, refused.code, refused.message)

    @app.get("/media")
    def media() -> Any:
        return {"media": display.screens.media()}

    @app.get("/sound/<name>")
    def sound(name: str) -> Response:
        return _file(display.recorder.find(name))

    @app.get("/sound/log")
    def sound_log() -> Any:
        return {"log": list(display.speaker.log)}

    @app.get("/status")
    def status() -> Any:
        return display.status()

    @app.get("/healthz")
    def healthz() -> Any:
        now = display.status()
        return {"ok": True, "link": now["link"], "sound": now["sound_text"]}


def _add_sockets(sockets: SocketIO, display: Display) -> None:
    def connect(auth: Any = None) -> None:
        asked = auth if isinstance(auth, dict) else {}
        display.relay.welcome(_page_id(), asked.get("since"), asked.get("epoch"))

    def disconnect(_reason: Any = None) -> None:
        display.page.gone(_page_id())
        display.screens.gone(_page_id())

    def since(seq: Any = None, *_more: Any) -> dict[str, Any]:
        return display.relay.since(seq)

    def can_play(_data: Any = None) -> None:
        if display.speaks:
            display.page.can_play(_page_id())

    def played(answer: Any = None) -> None:
        display.page.played(_page_id(), answer if isinstance(answer, dict) else {})

    def painted(report: Any = None) -> None:
        display.screens.painted(_page_id(), report)

    for handler in (connect, disconnect, since, can_play, played, painted):
        sockets.on_event(handler.__name__, handler)


def _page_id() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _language() -> str:
    """What the address asks; a screen speaks the hall's language, whatever its browser prefers."""
    asked = request.args.get("language", "")
    return asked if asked in texts.languages() else texts.DEFAULT


def _document(document: str, policy: str) -> Response:
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return Response(document, mimetype="text/html", headers=headers)


def _file(path: Path | None) -> Response:
    if path is None:
        abort(404)
    response = send_file(path, max_age=0, etag=True)
    if path.suffix == ".js":
        response.mimetype = "text/javascript"
    return response


def _error(status: int, code: str, message: str) -> tuple[dict[str, Any], int]:
    return {"error": {"code": code, "message": message, "details": {}}}, status
