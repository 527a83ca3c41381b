"""The one handler of refusals: every error leaves as the contract's JSON, in the caller's language, without a trace."""

from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from hall.errors import HallError
from hall.expected import expected_in
from hall.suspended import suspended_words
from hall.texts import say
from server.api.context import house, language
from server.layout.refusals import said

log = structlog.get_logger(__name__)

_CODES = {
    400: "bad_request",
    401: "no_token",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "bad_media_type",
    429: "too_many",
    503: "unavailable",
}


def refusal(code: str, status: int, details: dict[str, Any]) -> Response:
    if code == "bad_layout":
        details = _translated(details)
    message = say(language(), f"errors.{code}", **_said(details))
    if code == "line_closed" and details["reason"] == "suspended":
        message = suspended_words(language(), details.get("why", ""), details.get("at", ""))
    if code == "layout_refused":
        message = "\n".join([message, *(said(language(), one) for one in details["refusals"])])
    response = jsonify({"error": {"code": code, "message": message, "details": details}})
    response.status_code = status
    return response


def _translated(details: dict[str, Any]) -> dict[str, Any]:
    """What was expected of a layout, here and in each of its mistakes, in the caller's language."""
    told = {**details, "expected": expected_in(language(), details["expected"])}
    return told | {"mistakes": [_translated(one) for one in details["mistakes"]]} if "mistakes" in details else told


def _said(details: dict[str, Any]) -> dict[str, Any]:
    return {name: details.get(name, "") for name in _NAMES} | details


_NAMES = (
    "field",
    "expected",
    "what",
    "id",
    "number",
    "window",
    "clerk",
    "status",
    "move",
    "line",
    "calls",
    "seconds",
    "minutes",
    "request_id",
    "role",
    "reason",
    "linked",
)


_EXPECTED = {
    "missing": "needed",
    "extra_forbidden": "unknown",
    "string_type": "text",
    "string_too_short": "length",
    "string_too_long": "length",
    "too_short": "some",
    "bool_type": "bool",
    "int_type": "number",
    "int_parsing": "number",
    "greater_than_equal": "range",
    "less_than_equal": "range",
    "less_than": "range",
    "literal_error": "choice",
    "enum": "choice",
    "document": "document",
}
"""The words of `errors.expected_…` for pydantic's kinds of mistakes; any other is `form`."""


def bad_value(error: ValidationError, field: str) -> HallError:
    """The refusal of a value of the layout that a body holds in `field`, as `bad_body`."""
    found = error.errors(include_url=False, include_input=False)
    mistakes = [{"field": ".".join(map(str, (field, *one["loc"]))), "expected": _expected(one)} for one in found]
    return HallError("bad_body", **mistakes[0], mistakes=mistakes)


def bad_body(error: ValidationError) -> Response:
    """422 naming the first field that is wrong, in the caller's language; all of them in the details."""
    found = error.errors(include_url=False, include_input=False)
    mistakes = [{"field": ".".join(map(str, one["loc"])) or "body", "expected": _expected(one)} for one in found]
    return refusal("bad_body", 422, {**mistakes[0], "mistakes": mistakes})


def _expected(mistake: Any) -> str:
    if mistake["type"] == "expected":
        return expected_in(language(), mistake["ctx"]["words"])
    given = {"expected": "", **mistake.get("ctx", {})}
    return say(language(), f"errors.expected_{_EXPECTED.get(mistake['type'], 'form')}", **given)


def _record(error: HallError) -> None:
    """Who was not let do what stands in the access log; a wrong code has its own line there.

    A flood does not fill the disk: of each person and address so many lines an hour, of strangers so many in all, and
    how many were left out stands in the next. A stranger's address may hold the code of a slip: only its route is told.
    """
    if error.code == "code_wrong":
        return
    who = g.get("principal")
    path = request.path if who else f"{request.url_rule} {request.remote_addr}"
    parts = [error.code, error.details.get("what"), request.method, path, *((who.role, who.name) if who else ())]
    told = house().refusals.allows(who.id if who else None, f"{error.code} {path}", " ".join(filter(None, parts)))
    if told is not None:
        house().gate.record("refused", who, told)


def add_refusals(app: Flask) -> None:
    @app.errorhandler(HallError)
    def refused(error: HallError) -> Response:
        if error.status in (401, 403, 429):
            _record(error)
        return refusal(error.code, error.status, error.details)

    @app.errorhandler(HTTPException)
    def turned_away(error: HTTPException) -> Response:
        if error.response is not None:
            return make_response(error.response)
        code = _CODES.get(error.code or 500, "internal")
        answer = refusal(code, error.code or 500, {})
        for name, value in error.get_headers():
            if name.lower() in ("allow", "location"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.exception("request_failed", error=type(error).__name__)
        return refusal("internal", 500, {})
