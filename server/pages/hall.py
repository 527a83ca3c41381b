"""The hall's own public pages: no sign-in, whole without a script, made at most once a second however many look."""

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from sqlalchemy import Connection

from hall.errors import HallError
from hall.texts import best_language, languages, say
from server import public_hall, queries
from server.api.context import house

pages = Blueprint("hall_pages", __name__, template_folder="templates")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LIVE_SECONDS, REST_SECONDS = 5, 60
_LONGEST_WORDS = 80


class Kept:
    """Answers kept for some seconds; of many who ask for one that is gone, one makes it and the others wait."""

    def __init__(self) -> None:
        self._found: dict[Any, tuple[float, Any]] = {}
        self._locks: dict[Any, threading.Lock] = {}

    def get(self, key: Any, seconds: float, make: Callable[[Connection], Any]) -> Any:
        if not self._is_fresh(key):
            with self._locks.setdefault(key, threading.Lock()):
                if not self._is_fresh(key):
                    self._found[key] = (monotonic() + seconds, house().store.read(make))
        return self._found[key][1]

    def _is_fresh(self, key: Any) -> bool:
        return key in self._found and monotonic() < self._found[key][0]


def _kept() -> Kept:
    kept: Kept = current_app.extensions.setdefault("public_pages", Kept())
    return kept


@pages.get("/hall")
def hall_page() -> Response:
    """What is so in the hall, its rules, where what is served, its figures."""
    hall, language = _hall(), _language()
    values = {"live": _live(hall, language), "about": _about(hall, language), "figures": _figures(hall, language)}
    return _sent("hall.html", hall, language, LIVE_SECONDS, **values)


@pages.get("/hall/live")
def hall_live() -> Response:
    """What of the page changes by the second, for its script."""
    return _cacheable(jsonify(_live(_hall(), _language())), LIVE_SECONDS)


@pages.get("/hall/matters")
def hall_matters() -> Response:
    """The matters of a unit, or those that a few words find, with all that a visitor must know to come."""
    hall, language = _hall(), _language()
    layout = house().store.read(partial(queries.known_layout, hall=hall))
    unit, words = request.args.get("unit") or None, request.args.get("q", "").strip()[:_LONGEST_WORDS]
    if unit is not None and unit not in layout.units:
        raise HallError("not_found", what="unit", id=unit[:80])
    found = public_hall.matter_list(layout, unit, words, language) if unit or words else {"matters": [], "more": 0}
    named = {"unit": unit, "words": words, "about": _about(hall, language), **found}
    return _sent("hall_matters.html", hall, language, REST_SECONDS, **named)


def _live(hall: str, language: str) -> Any:
    here = house()

    def made(connection: Connection) -> dict[str, Any]:
        return public_hall.live(connection, hall, language, here.store.clock.now(), here.always_open)

    return _kept().get(("live", hall, language), 1, made)


def _about(hall: str, language: str) -> Any:
    return _kept().get(("about", hall, language), 5, partial(public_hall.about, hall=hall, language=language))


def _figures(hall: str, language: str) -> Any:
    """Of days that are over; a number handed over late is counted some minutes later."""
    made = partial(public_hall.statistics, hall=hall, language=language, now=house().store.clock.now())
    return _kept().get(("figures", hall, language), 600, made)


def _hall() -> str:
    asked, halls = request.args.get("hall"), house().halls
    if asked is not None and asked not in halls:
        raise HallError("not_found", what="hall", id=asked[:80])
    return asked or halls[0]


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in languages() else best_language([one for one, _ in request.accept_languages])


def _sent(template: str, hall: str, language: str, seconds: int, **values: Any) -> Response:
    def words(key: str, /, **given: Any) -> str:
        return say(language, key if "." in key else f"hall_page.{key}", **given)

    given = {"hall": hall, "one_hall": len(house().halls) == 1, "language": language, "languages": languages()}
    response = make_response(render_template(template, say=words, **given, **values))
    response.headers["Content-Security-Policy"] = POLICY
    return _cacheable(response, seconds)


def _cacheable(response: Response, seconds: int) -> Response:
    """Anyone between may keep it for so long, and learns by its mark that nothing has changed."""
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.vary.add("Accept-Language")
    response.add_etag()
    response.make_conditional(request)
    return response
