"""What visitors open on their own phones: the ticket behind the slip's code, and taking a number from afar."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import segno
from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug import Response as AnyResponse

from hall.errors import HallError
from hall.texts import DEFAULT, catalogue, languages, say, text_in
from hall.why import why_words
from hall.words import UNFINISHED
from server import queries
from server.actions import tickets as actions
from server.actions import visitor
from server.api.context import house
from server.api.track_models import RemoteTicket
from server.api.track_routes import known_ticket, standing, subscribe_visitor, take_remote
from server.pages.browsing import public_file
from server.pages.rating import complaint_block, rating_block
from server.rows import Row
from server.tracking import language_of, overtaken_by

pages = Blueprint("visitor", __name__, template_folder="templates")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
Say = Callable[..., str]
LIVE = sorted(status.value for status in UNFINISHED)


@pages.get("/t/worker.js")
def worker() -> Response:
    """From here, so that it may speak for the pages below /t/."""
    return public_file("worker.js")


@pages.get("/t/<code>")
def phone(code: str) -> Response:
    """The visitor's own ticket behind the slip's QR code: whole without any script, live with one."""
    try:
        return _phone(code, known_ticket(code))
    except HallError as error:
        return _lost(error)


@pages.post("/t/<code>/<act>")
def press(code: str, act: str) -> AnyResponse:
    """A form of the phone page: `cancel`, `late` or `notify`."""
    try:
        ticket = known_ticket(code)
    except HallError as error:
        return _lost(error)
    try:
        done = _ACTS[act](ticket) if act in _ACTS else {}
    except HallError as error:
        return _refused(code, ticket, error)
    if request.accept_mimetypes.best == "application/json":
        return jsonify({"ticket": standing(ticket), **done})
    return redirect(f"/t/{code}", 303)


def _moved(ticket: Row, move: Any) -> dict[str, Any]:
    by = visitor.visitor_of(ticket["hall_id"], ticket["id"])
    house().store.in_hall(ticket["hall_id"], by.id, None, lambda tx: move(tx, by, ticket["id"]))
    return {}


def _notify(ticket: Row) -> dict[str, Any]:
    subscribe_visitor(ticket, "sms", request.form.get("address", ""))
    return {"done": _words(ticket)("notify_kept")}


_ACTS: dict[str, Callable[[Row], dict[str, Any]]] = {
    "cancel": partial(_moved, move=partial(actions.cancel_ticket, reason="visitor")),
    "late": partial(_moved, move=visitor.come_later),
    "notify": _notify,
}


def _refused(code: str, ticket: Row, error: HallError) -> Response:
    words = _words(ticket)("refused")
    if error.code in ("already_late", "too_many"):
        words = say(language_of(ticket), f"errors.{error.code}", number=ticket["number"])
    if request.accept_mimetypes.best == "application/json":
        response = jsonify({"refused": words})
    else:
        response = _phone(code, ticket, words)
    response.status_code = error.status
    return response


def _words(ticket: Row) -> Say:
    return _said(language_of(ticket))


def _said(language: str) -> Say:
    return lambda key, **values: say(language, f"phone.{key}", **values)


def _phone(code: str, row: Row, refused: str | None = None) -> Response:
    here, language = house(), language_of(row)
    layout = here.store.read(partial(queries.known_layout, hall=row["hall_id"]))
    overtaken = here.store.read(partial(overtaken_by, row=row, now=here.store.clock.now()))
    matter = layout.matters.get(row["matter_id"] or "")
    ticket = standing(row)
    return _sent(
        render_template(
            "phone.html",
            ticket=ticket,
            hall=text_in(layout.name, language),
            taken_at=f"{row['issued_at'].astimezone(layout.time_zone):%H:%M}",
            qr=_qr(f"{here.notices.public_url}/t/{code}") if ticket["parked"] == "remote" else None,
            papers=[text_in(paper, language) for paper in matter["more"].papers] if matter else [],
            why=why_words(overtaken, language),
            live=ticket["status"] in LIVE,
            here=f"/t/{code}",
            channels=here.notices.channels,
            soon=here.notices.soon,
            data=_data(code, ticket, language),
            rating=rating_block(row, code, language),
            complaint=complaint_block(row, code, language, _complaint_refused(language)),
            refused=refused,
            language=language,
            say=_said(language),
            hide=lambda hidden: Markup(" hidden") if hidden else "",
        )
    )


def _complaint_refused(language: str) -> str | None:
    return say(language, "rating.complaint_refused") if request.args.get("complaint") == "refused" else None


def _qr(text: str) -> Markup:
    """What the kiosk reads from the phone of someone who has no slip."""
    return Markup(segno.make(text, error="m").svg_inline(border=3, dark="#10243A", light="#FFFFFF", omitsize=True))


def _data(code: str, ticket: dict[str, Any], language: str) -> dict[str, Any]:
    """What the script needs beside the page itself."""
    texts = catalogue(language, "phone")
    people = texts["phone.people"]
    return {
        "code": code,
        "ticket": ticket,
        "live": LIVE,
        "title": say(language, "phone.title", number=ticket["number"]),
        "people": people if isinstance(people, list) else [people],
        **{key: texts[f"phone.{key}"] for key in ("stale", "reconnecting", "refused", "sound_on", "notify_kept")},
        "push_key": house().notices.push_key,
    }


def _sent(document: str) -> Response:
    response = make_response(document)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


def _lost(error: HallError) -> Response:
    """For people: a code nobody knows, or too many of them."""
    language = _language()
    words = say(language, "phone.too_many" if error.code == "too_many" else "phone.lost")
    response = _sent(render_template("lost.html", words=words, language=language))
    response.status_code = error.status
    return response


def _language() -> str:
    asked = request.values.get("language", "")
    best = request.accept_languages.best_match(list(languages()))
    return asked if asked in languages() else best or DEFAULT


@pages.route("/remote", methods=["GET", "POST"])
def remote() -> AnyResponse:
    """Taking a number from afar, without any script."""
    here, language = house(), _language()
    hall = request.values.get("hall", "")
    hall = hall if hall in here.halls else here.halls[0]
    refused = None
    if request.method == "POST":
        try:
            body = RemoteTicket(
                line=request.form.get("line", "").replace("\0", "")[:80],
                language=language,
                request_id=request.form.get("request_id", "").replace("\0", "").ljust(16, "-")[:64],
            )
            return redirect(f"/t/{take_remote(hall, body)['code']}", 303)
        except HallError as error:
            reason = error.details.get("reason", "")
            known = reason in ("remote_full", "no_remote")
            refused = say(language, f"errors.line_{reason}" if known else "phone.too_many")
    return _remote_page(hall, language, refused)


def _remote_page(hall: str, language: str, refused: str | None) -> Response:
    here = house()
    now, always_open = here.store.clock.now(), here.always_open
    layout = here.store.read(partial(queries.known_layout, hall=hall))
    shown = here.store.read(
        lambda connection: queries.catalogue(connection, hall, language, now, always_open, here.public_url)
    )
    lines = [line for line in shown["lines"] if line["open"] and layout.lines[line["id"]].more.remote_share]
    return _sent(
        render_template(
            "remote.html",
            hall=text_in(layout.name, language),
            hall_id=hall,
            lines=lines,
            refused=refused,
            request_id=secrets.token_urlsafe(16),
            language=language,
            languages=languages(),
            say=_said(language),
        )
    )
