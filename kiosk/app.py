"""The kiosk PC's own small web server: the touch page, its texts, and JSON for that page alone."""

from io import BytesIO
from typing import Any

import segno
import structlog
from flask import Flask, Response, abort, request, send_file
from pydantic import ValidationError

from hall import texts
from hall.errors import HallError, LinkDown, Refused
from hall.suspended import suspended_words
from hall.web import asset, fingerprint, inside, page
from kiosk.bodies import Asked, Scanned
from kiosk.client import Kiosk
from kiosk.offline import CutOff, words
from kiosk.pages import FOLDER
from kiosk.reading import add_readers
from kiosk.store import Slip
from kiosk.watchdog import PageLife
from printers.slip import notes_of, slip_from, windows_text

LARGEST_BODY = 64 * 1024
DOMAINS = frozenset({"kiosk", "common", "errors"})

log = structlog.get_logger("kiosk.app")

WORDED = frozenset({
    "too_late", "already_reinstated", "not_reinstated", "arrive_early", "arrive_late", "precedence_over",
    "already_waiting", "agent_limit", "identity_needed", "visit_over",
})  # fmt: skip
"""Refusals whose own words a visitor understands; they are said in the page's language."""
TIMELESS = frozenset({"over", "quota", "slot_quota", "capacity"})
"""Why a line is closed, where no time need be told."""


def make_app(kiosk: Kiosk) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    _add_page(app, kiosk)
    _add_state(app, kiosk)
    _add_touches(app, kiosk)
    _add_paper_and_sound(app, kiosk)
    add_readers(app, kiosk.readers)
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
        "scanner": settings.scanner is not None,
        "version": fingerprint(FOLDER),
    }


def _add_state(app: Flask, kiosk: Kiosk) -> None:
    life = PageLife()

    @app.get("/local/alive")
    def alive() -> Any:
        """Whether the page lives, for the browser's watchdog: 503 when it was not heard `within` seconds."""
        age = life.age_seconds
        within = request.args.get("within", 20.0, type=float)
        return {"age_seconds": age}, 200 if age is not None and age <= within else 503

    @app.get("/local/catalogue")
    def catalogue() -> Any:
        """The catalogue and how this kiosk is; without the matters where the page has those of this `matters_mark`."""
        life.heard()  # the page asks four times a second
        language = request.args.get("language", texts.DEFAULT)
        known = kiosk.catalogues.get(language)
        printer = kiosk.printing.state
        alone = known is not None and kiosk.catalogues.down and kiosk.alone.can()
        shown = dict(known or {})
        if "matters_mark" in shown and shown["matters_mark"] == request.args.get("matters_mark"):
            del shown["matters"]
        if alone:
            shown["lines"] = [kiosk.alone.shown(one, shown, language) for one in shown["lines"]]
        return {
            **shown,
            "offline": alone and any(one["open"] for one in shown["lines"]),
            "known": known is not None,
            "age_seconds": kiosk.catalogues.age_seconds(language),
            "link": "up" if kiosk.catalogues.up else "down",
            "help_wanted": kiosk.help.wanted,
            "printer": {
                "ok": printer.ok,
                "reason": printer.reason,
                "near_end": printer.near_end,
                "stopped": kiosk.printing.stopped,
            },
            "card_reader": kiosk.readers.can_read_cards,
            "version": fingerprint(FOLDER),
        }


def _add_touches(app: Flask, kiosk: Kiosk) -> None:
    """What a visitor asks for. Only JSON: another site's page cannot send it without asking first."""

    @app.post("/local/help")
    def help_wanted() -> Any:
        """Someone of the guide desk is asked to come here."""
        request.get_json()
        kiosk.help.ask()
        return {"wanted": True}

    @app.post("/local/tickets")
    def tickets() -> Any:
        asked = Asked.model_validate(request.get_json())
        try:
            issued = kiosk.issuing.issue(asked.touch_id, asked.body(), kiosk.readers.numbers(asked))
        except (LinkDown, Refused, CutOff):
            kiosk.catalogues.ask_again()
            raise
        if issued.ticket.get("offline"):  # the page learns at once how things stand
            kiosk.catalogues.ask_again()
        return _shown(kiosk, issued.ticket, issued.slip, asked.language), 201

    @app.post("/local/scan")
    def scan() -> Any:
        """What a slip's or a booking's code stands for is done; the answer speaks the ticket's language."""
        scanned = Scanned.model_validate(request.get_json())
        done = kiosk.issuing.scan(scanned.touch_id, scanned.code)
        own = done.ticket.get("language")
        language = own if scanned.language == texts.DEFAULT and own in texts.languages() else scanned.language
        return {**_shown(kiosk, done.ticket, done.slip, language), "action": done.action, "language": language}


def _shown(kiosk: Kiosk, ticket: dict[str, Any], slip_id: str | None, language: str) -> dict[str, Any]:
    """What the page shows of a ticket."""
    slip = kiosk.store.slip(slip_id) if slip_id else None
    told = _told(ticket, kiosk.catalogues.get(language), language)
    return {"ticket": ticket, "slip": _slip_json(slip) if slip else None, "told": told}


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
        "notes": [*notes_of(slip)],
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

    @app.errorhandler(CutOff)
    def cut_off(error: CutOff) -> Any:
        log.warning("issue.cut_off", line=error.line, why=error.why)
        spoken = texts.best_language([one for one, _ in request.accept_languages])
        return _error(503, "cut_off", words(spoken, error.why), {"line": error.line, "reason": error.why})

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        log.warning("issue.refused", code=error.code, message=error.message)
        return _error(error.status, error.code, _message(error), error.details)

    @app.errorhandler(HallError)
    def wrong(error: HallError) -> Any:
        spoken = texts.best_language([one for one, _ in request.accept_languages])
        message = texts.say(spoken, "errors.kiosk_stopped") if error.code == "kiosk_stopped" else ""
        return _error(error.status, error.code, message, error.details)

    @app.errorhandler(ValidationError)
    def bad_body(error: ValidationError) -> Any:
        fields = [".".join(map(str, one["loc"])) or "body" for one in error.errors()]
        return _error(422, "bad_body", details={"fields": fields})


def _message(error: Refused) -> str:
    """Why, in the page's language; nothing where the hall's words are not for visitors: the page has its own."""
    spoken = texts.best_language([one for one, _ in request.accept_languages])
    if error.code in WORDED:
        return texts.say(spoken, f"errors.{error.code}", **error.details)
    reason = error.details.get("reason")
    if reason == "suspended":
        return suspended_words(spoken, error.details.get("why", ""), error.details.get("at", ""))
    return texts.say(spoken, f"errors.line_{reason}") if reason in TIMELESS else ""


def _error(status: int, code: str, message: str = "", details: dict[str, Any] | None = None) -> Any:
    return {"error": {"code": code, "message": message, "details": details or {}}}, status
