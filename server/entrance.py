"""What stands before every route: who comes in, to which hall, with what body."""

from secrets import compare_digest

from flask import Flask, g, request, session
from werkzeug.exceptions import BadRequest

from hall.errors import HallError
from server.api.context import house
from server.auth import Gate
from server.doorway import harden, refuse_other_sites
from server.files.uploads import LARGEST_FILE
from server.matrix import ANYONE, MAY
from server.people import Principal

LARGEST_BODY = 64 * 1024
UPLOADS = {"import_parts": LARGEST_FILE + LARGEST_BODY}
"""Calls that take a form with a file rather than JSON, and how large it may be."""
LONGEST_FIELD = 400
FILES = frozenset({"shared", "room_file", "texts"})
UNGUARDED = frozenset({"pages", "hall_pages", "sign_in_pages", "visitor", "visitor_ratings", "operator", "static"})
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def guard(app: Flask, gate: Gate) -> None:
    """Nothing of a request runs before it was let in and its body read; what leaves is hardened."""

    @app.before_request
    def let_in() -> None:
        if request.endpoint is None:
            return
        if "\0" in request.path:  # PostgreSQL takes none in a text, not even to look for it
            raise HallError("not_found", what="", id="")
        room, _, name = request.endpoint.rpartition(".")
        unsafe = request.method in UNSAFE
        if unsafe and "Authorization" not in request.headers:
            refuse_other_sites(house().public_url)
        if room == "pages" and name not in FILES:
            _see_page_opened(gate)
        if room in UNGUARDED or name in UNGUARDED or name == "openapi_json":
            if unsafe:
                _whole_body()
            return
        g.principal = _principal(gate, name)
        gate.check(name, g.principal)
        _check_hall(g.principal)
        if unsafe:
            _read_form(UPLOADS[name]) if name in UPLOADS else _read_body()

    app.after_request(harden)


def _principal(gate: Gate, name: str) -> Principal | None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return gate.by_secret(secret.strip())
    found = gate.by_cookie(session)
    if found is None or request.method not in UNSAFE:
        return found
    if not compare_digest(request.headers.get("X-CSRF-Token", "").encode(), str(session["csrf"]).encode()):
        if MAY.get(name) is ANYONE and name in MAY:  # asked as a stranger may: with a link, or to sign in anew
            return None
        raise HallError("csrf")
    if found.session:
        gate.saw(found.session)
    return found


def _see_page_opened(gate: Gate) -> None:
    """Whoever opens a page is there; what an open page asks by itself does not keep a session alive."""
    found = gate.by_cookie(session) if "key" in session else None
    if found is not None and found.session:
        gate.saw(found.session)


def _check_hall(principal: Principal | None) -> None:
    """A token is good for its own hall only; an unknown hall is unknown to everyone."""
    hall = (request.view_args or {}).get("hall")
    if hall is None or principal is None or hall == principal.hall:
        return
    if hall in house().halls:
        raise HallError("not_allowed", role=principal.role)
    raise HallError("not_found", what="hall", id=hall)


def _read_body() -> None:
    """Broken JSON is refused here, before anything runs; no body at all is an empty one."""
    if not _whole_body():
        return
    try:
        request.get_json()
    except (BadRequest, RecursionError):
        raise HallError("bad_body", field="body", expected="JSON") from None


def _whole_body() -> bytes:
    data = request.get_data(cache=True)
    if request.content_length is None and len(data) >= LARGEST_BODY:  # a body in chunks is only cut off
        raise HallError("too_large")
    return data


def _read_form(largest: int) -> None:
    """A form with a file is read here; no text of it is as long as to nest deeper than JSON's reader goes."""
    request.max_content_length = largest
    for name, text in request.form.items():
        if len(text) > LONGEST_FIELD:
            raise HallError("bad_body", field=name, expected=f"<= {LONGEST_FIELD}")
