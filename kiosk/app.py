"""The kiosk PC's own small web server: the touch page, its texts, and JSON for that page alone."""

from io import BytesIO
from typing import Annotated, Any

import segno
import structlog
from flask import Flask, Response, abort, request, send_file
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hall import texts
from hall.errors import HallError, LinkDown, Refused
from hall.web import asset, fingerprint, inside, page
from kiosk.client import Kiosk
from kiosk.pages import FOLDER
from kiosk.store import Slip
from printers.slip import slip_from, windows_text

LARGEST_BODY = 64 * 1024
DOMAINS = frozenset({"kiosk", "common", "errors"})

log = structlog.get_logger("kiosk.app")

Key = Annotated[str, Field(min_length=1, max_length=64)]


class Asked(BaseModel):
    """What one touch asks for."""

    model_config = ConfigDict(extra="ignore")

    touch_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
    line: Key | None = None
    matter: Key | None = None
    language: str = texts.DEFAULT

    @model_validator(mode="after")
    def _one_thing(self) -> "Asked":
        if (self.line is None) == (self.matter is None):
            raise ValueError("either line or matter")
        if self.language not in texts.languages():
            raise ValueError("language is not known")
        return self

    def body(self) -> dict[str, Any]:
        what = {"line": self.line} if self.line else {"matter": self.matter}
        return {**what, "language": self.language}


def make_app(kiosk: Kiosk) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    _add_page(app, kiosk)
    _add_local(app, kiosk)
    _add_paper_and_sound(app, kiosk)
    _add_errors(app)
    return app


def _add_page(app: Flask, kiosk: Kiosk) -> None:
    @app.get("/")
    def start() -> Response:
        name = kiosk.settings.name
        document, policy = page(
            name, "/pages/kiosk/kiosk.js", texts.DEFAULT, _page_data(kiosk), ["/pages/kiosk/kiosk.css"],
            fingerprint(FOLDER),
        )  # fmt: skip
        return Response(
            document,
            mimetype="text/html",
            headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"},
        )

    @app.get("/web/<path:path>")
    def web(path: str) -> Response:
        file = asset(path) or abort(404)
        return send_file(file, conditional=True, max_age=0)

    @app.get("/pages/kiosk/<path:path>")
    def pages(path: str) -> Response:
        file = inside(FOLDER, path)
        if not file or file.suffix not in (".js", ".css", ".svg"):
            abort(404)
        return send_file(file, conditional=True, max_age=0)

    @app.get("/texts/<language>/<domain>.json")
    def words(language: str, domain: str) -> Any:
        if language not in texts.languages() or domain not in DOMAINS:
            abort(404)
        return texts.catalogue(language, domain)

    @app.get("/healthz")
    def healthz() -> Any:
        return {"ok": True, "link": "up" if kiosk.catalogues.up else "down"}


def _page_data(kiosk: Kiosk) -> dict[str, Any]:
    settings = kiosk.settings
    return {
        "languages": texts.languages(),
        "idle_seconds": settings.idle_seconds,
        "warning_seconds": settings.warning_seconds,
        "result_seconds": settings.result_seconds,
        "version": fingerprint(FOLDER),
    }


def _add_local(app: Flask, kiosk: Kiosk) -> None:
    @app.get("/local/catalogue")
    def catalogue() -> Any:
        language = request.args.get("language", texts.DEFAULT)
        known = kiosk.catalogues.get(language)
        printer = kiosk.printing.state
        return {
            **(known or {}),
            "known": known is not None,
            "age_seconds": kiosk.catalogues.age_seconds(language),
            "link": "up" if kiosk.catalogues.up else "down",
            "printer": {"ok": printer.ok, "reason": printer.reason, "near_end": printer.near_end},
            "version": fingerprint(FOLDER),
        }

    @app.post("/local/help")
    def help_wanted() -> Any:
        """Someone of the guide desk is asked to come here."""
        request.get_json()  # only JSON: another site's page cannot send it without asking first
        return kiosk.link.post("kiosk-help")

    @app.post("/local/tickets")
    def tickets() -> Any:
        # Only JSON: another site's page cannot send it without asking first.
        asked = Asked.model_validate(request.get_json())
        try:
            issued = kiosk.issuing.issue(asked.touch_id, asked.body())
        except (LinkDown, Refused):
            kiosk.catalogues.ask_again()
            raise
        slip = kiosk.store.slip(issued.slip)
        told = _told(issued.ticket, kiosk.catalogues.get(asked.language), asked.language)
        return {"ticket": issued.ticket, "slip": _slip_json(slip) if slip else None, "told": told}, 201


def _told(ticket: dict[str, Any], known: dict[str, Any] | None, language: str) -> dict[str, Any]:
    """What the screen says beside the number: the very words of the slip."""
    if not known:
        return {"line": ticket["line"]}
    slip = slip_from(ticket, known, language)
    return {
        "line": slip.line,
        "place": slip.waiting_place,
        "windows": windows_text(slip.windows, language) if slip.windows else None,
        "windows_count": len(slip.windows),
        "missed_rule": slip.missed_rule,
    }


def _slip_json(slip: Slip) -> dict[str, Any]:
    state = "printing" if slip.state == "sending" else slip.state
    return {"id": slip.id, "state": state, "reason": slip.reason}


def _add_paper_and_sound(app: Flask, kiosk: Kiosk) -> None:
    @app.get("/local/slips/<slip_id>")
    def slip(slip_id: str) -> Any:
        found = kiosk.store.slip(slip_id) or abort(404)
        return {"slip": _slip_json(found)}

    @app.get("/local/slips/<slip_id>/code.svg")
    def code(slip_id: str) -> Response:
        """The QR code of the ticket's own page, for who holds the phone up to the screen."""
        found = kiosk.store.slip(slip_id) or abort(404)
        address = found.ticket.get("track_url") or abort(404)
        picture = BytesIO()
        segno.make(address, error="m").save(picture, kind="svg", scale=8, border=2, dark="#10243A")
        return Response(picture.getvalue(), mimetype="image/svg+xml")

    @app.get("/local/speech")
    def speech() -> Response:
        wav = kiosk.speech.wav(request.args.get("text", ""), request.args.get("language", texts.DEFAULT))
        return send_file(wav or abort(404), mimetype="audio/wav", max_age=3600)


def _add_errors(app: Flask) -> None:
    """Refusals as the server words them: {"error": {code, message, details}}."""

    @app.errorhandler(LinkDown)
    def link_down(error: LinkDown) -> Any:
        log.warning("issue.link_down", why=str(error))
        return _error(503, "link_down")

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        log.warning("issue.refused", code=error.code, message=error.message)
        return _error(error.status, error.code, error.message, error.details)

    @app.errorhandler(HallError)
    def wrong(error: HallError) -> Any:
        return _error(error.status, error.code, details=error.details)

    @app.errorhandler(ValidationError)
    def bad_body(error: ValidationError) -> Any:
        fields = [".".join(map(str, one["loc"])) or "body" for one in error.errors()]
        return _error(422, "bad_body", details={"fields": fields})


def _error(status: int, code: str, message: str = "", details: dict[str, Any] | None = None) -> Any:
    return {"error": {"code": code, "message": message or code, "details": details or {}}}, status
