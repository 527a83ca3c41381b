"""A visitor's rating on the phone, and the page of the case that a bad one opened; both without any script."""

import secrets
from datetime import date
from functools import partial
from typing import Any

from babel.dates import format_date
from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from pydantic import ValidationError
from werkzeug import Response as AnyResponse

from hall.errors import HallError
from hall.texts import DEFAULT, languages, say, text_in
from hall.words import RatingReason
from server import cases, queries
from server.api.case_models import OwnComplaint
from server.api.case_routes import complain
from server.api.context import house
from server.api.track_routes import known_ticket
from server.center import ratings
from server.center.ratings import BAD, Given
from server.rows import Row

pages = Blueprint("visitor_ratings", __name__, template_folder="templates")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def rating_block(ticket: Row, code: str, language: str) -> dict[str, Any] | None:
    """What `rating.html` shows on the page of a ticket; None while there is nothing to rate."""
    store = house().store
    at = store.read(partial(ratings.moment_of, hall=ticket["hall_id"], now=store.clock.now()))
    if not ratings.may_be_rated(at, ticket):
        return None
    rated = store.read(partial(ratings.was_rated, ticket=ticket))
    return {"rated": rated, **_form(f"/t/{code}/rating", language)}


def _form(action: str, language: str) -> dict[str, Any]:
    return {
        "action": action,
        "request_id": secrets.token_urlsafe(16),
        "levels": (5, 4, 3, 2, 1),
        "reasons": [reason.value for reason in RatingReason],
        "language": language,
        "say": lambda key, **values: say(language, f"rating.{key}", **values),
    }


def _given() -> Given:
    """The form as it came; what was written before a better level was chosen is left out."""
    level = request.form.get("level", "")
    if level not in {"1", "2", "3", "4", "5"}:
        raise HallError("bad_body", field="level", expected="1 … 5")
    if int(level) > BAD:
        return Given(int(level), [], None)
    asked = request.form.getlist("reasons")
    words = request.form.get("words", "").replace("\0", "").strip()[:500]
    return Given(int(level), [one.value for one in RatingReason if one.value in asked], words or None)


@pages.post("/t/<code>/rating")
def rate(code: str) -> AnyResponse:
    """Rates a ticket: back to its page, or on to the case that a bad rating opened."""
    try:
        ticket, store = known_ticket(code), house().store
        given, request_id, now = _given(), request.form.get("request_id", "")[:64] or None, store.clock.now()
        answer = store.write(lambda connection: ratings.rate(connection, ticket, given, request_id, now))
    except HallError as error:
        return _lost(error) if error.code in ("not_found", "too_many") else redirect(f"/t/{code}", 303)
    language = ticket["language"] if ticket["language"] in languages() else DEFAULT
    return redirect(f"/c/{answer['case']}?language={language}" if answer["case"] else f"/t/{code}", 303)


def complaint_block(ticket: Row, code: str, language: str, refused: str | None = None) -> dict[str, Any] | None:
    """What `complaint.html` shows on the page of a ticket; None once its day is too long ago."""
    store = house().store
    at = store.read(partial(ratings.moment_of, hall=ticket["hall_id"], now=store.clock.now()))
    if (at.day - ticket["day"]).days > 1:
        return None
    return {
        "action": f"/t/{code}/complaint",
        "request_id": secrets.token_urlsafe(16),
        "case": store.read(partial(cases.code_of_ticket, ticket=ticket)),
        "line": text_in(at.layout.lines[ticket["line_id"]].name, language),
        "number": ticket["number"],
        "refused": refused,
        "say": lambda key, **values: say(language, f"rating.{key}", **values),
    }


@pages.post("/t/<code>/complaint")
def complain_of(code: str) -> AnyResponse:
    """Opens a case for what a visitor wrote, and leads to its page."""
    try:
        ticket = known_ticket(code)
    except HallError as error:
        return _lost(error)
    form = request.form
    language = ticket["language"] if ticket["language"] in languages() else DEFAULT
    try:
        body = OwnComplaint(
            words=_plain_words("words", 1000),
            about="hall" if form.get("about") == "hall" else "visit",
            give_number=form.get("give_number") == "yes",
            contact=_plain_words("contact", 120) or None,
            request_id=form.get("request_id", "")[:64] or None,
        )
        return redirect(f"/c/{complain(ticket, body)}?language={language}", 303)
    except (HallError, ValidationError):
        return redirect(f"/t/{code}?complaint=refused#complaint", 303)


def _plain_words(field: str, most: int) -> str:
    return request.form.get(field, "").replace("\0", "").strip()[:most]


@pages.get("/c")
def look_up() -> AnyResponse:
    """Where a case's code is typed in."""
    code = request.args.get("code", "").strip()
    if code:
        return redirect(f"/c/{_plain(code)}?language={_language()}", 303)
    return _sent(200, case=None, missing=False)


@pages.get("/c/<code>")
def case(code: str) -> Response:
    """How far a case is, what was answered, and the one rating that may follow."""
    try:
        return _case(code)
    except HallError as error:
        return _lost(error)


@pages.post("/c/<code>/rating")
def rate_again(code: str) -> AnyResponse:
    """The follow-up rating."""
    store = house().store
    try:
        store.write(partial(cases.rate_case, code=code, given=_given(), now=store.clock.now()))
    except HallError as error:
        if error.code == "not_found":
            return _lost(error)
    return redirect(f"/c/{_plain(code)}?language={_language()}", 303)


def _case(code: str) -> Response:
    store, language = house().store, _language()
    row = store.read(partial(cases.case_of_code, code=code))
    found = store.read(partial(cases.case_for_visitor, code=code))
    hall = store.read(partial(queries.known_layout, hall=row["hall_id"])).name
    form = _form(f"/c/{row['code']}/rating?language={language}", language)
    return _sent(200, hall=text_in(hall, language), code=row["code"], case=found, rating=form)


def _lost(error: HallError) -> Response:
    """No such code; an address that has missed too often is turned away."""
    missed = error.code == "not_found" and g.get("principal") is None
    if error.code == "too_many" or (missed and not house().misses.allows(request.remote_addr)):
        return _sent(429, case=None, missing="too_many")
    return _sent(404, case=None, missing="not_found")


def _plain(code: str) -> str:
    return "".join(one for one in code.upper() if one.isalnum() or one == "-")[:40]


def _language() -> str:
    asked = request.args.get("language", "")
    best = request.accept_languages.best_match(list(languages()))
    return asked if asked in languages() else best or DEFAULT


def _sent(status: int, **values: Any) -> Response:
    language = _language()

    def words(key: str, **given: Any) -> str:
        return str(say(language, f"rating.{key}", **given))

    def day(iso: str) -> str:
        return str(format_date(date.fromisoformat(iso), "long", locale=language.replace("-", "_")))

    first = house().store.read(partial(queries.known_layout, hall=house().halls[0])).name
    named = {"hall": text_in(first, language), **values}
    response = make_response(render_template("case.html", language=language, say=words, day=day, **named), status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response
