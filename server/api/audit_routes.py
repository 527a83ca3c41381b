"""Audit: how the journal stands, its proof, its events, the access log, and erasing what is personal."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from flask_openapi3 import Tag

from hall.texts import best_language, catalogue, say
from server.api.audit_models import (
    AccessAnswer,
    AccessQuery,
    AuditState,
    ErasureAnswer,
    ErasurePath,
    ErasuresAnswer,
    EventsAnswer,
    EventsQuery,
    NewErasure,
    VerificationAnswer,
)
from server.api.context import house, language, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import Empty, ErrorAnswer, HallPath
from server.audit import auditing, erasures
from server.audit.auditing import Searched, Wanted
from server.audit.personal import Asked
from server.files.answers import csv_answer, xlsx_answer

api = Api(
    "audit",
    __name__,
    url_prefix="/api/v1/halls/<hall>",
    abp_tags=[Tag(name="audit", description="What was done, by whom, and that nobody changed it since")],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)
PAGE = 500


@api.get("/audit", responses={200: AuditState})
def audit_state(path: HallPath) -> Any:
    """Where the journal stands, its last verification, and the root of every finished day."""
    here = house()
    return here.store.read(partial(auditing.audit_state, hall=path.hall, now=here.store.clock.now()))


@api.post("/audit/verify", responses={202: VerificationAnswer})
def begin_verification(path: HallPath, body: Empty) -> Any:
    """Has the whole journal verified, beside the hall's work; one that runs already is answered."""
    return {"verification": auditing.begin_verification(house().store, path.hall, who())}, 202


@api.get("/audit/events", responses={200: EventsAnswer})
def audit_events(path: HallPath, query: EventsQuery) -> Any:
    """Events of a day (today's, where none is named) in words, by number, type and person; as a file all of them."""
    said = best_language([query.language]) if query.language else language()
    wanted = Searched(query.day, query.number, query.type, query.by, query.after)
    if query.form != "json":
        header = ["seq", "at", "type", "number", "window", "text", "by", "body"]
        rows = _every(partial(_events, path.hall, said), wanted, header, "seq")
        return _file(query.form, f"{path.hall}-journal-{query.day or 'today'}", header, rows, said)
    found = _events(path.hall, said, wanted, query.limit + 1)
    return {"events": found[: query.limit], "more": len(found) > query.limit}


@api.get("/access-log", responses={200: AccessAnswer})
def access_log(path: HallPath, query: AccessQuery) -> Any:
    """Who signed in, was refused, took something out: the newest first; as a file all of them."""
    wanted = Wanted(query.what, query.actor, query.since, query.until, query.after)
    if query.form != "json":
        said = best_language([query.language]) if query.language else language()
        header = ["id", "at", "actor", "name", "role", "what", "detail"]
        rows = _every(partial(_lines, path.hall), wanted, header, "id")
        return _file(query.form, f"{path.hall}-access-log", header, rows, said)
    found = _lines(path.hall, wanted, query.limit + 1)
    kinds = house().store.read(partial(auditing.access_kinds, hall=path.hall))
    return {"lines": found[: query.limit], "kinds": kinds, "more": len(found) > query.limit}


def _events(hall: str, said: str, wanted: Searched, limit: int) -> list[dict[str, Any]]:
    find = partial(auditing.found_events, hall=hall, searched=wanted, language=said, limit=limit)
    return house().store.read(find)


def _lines(hall: str, wanted: Wanted, limit: int) -> list[dict[str, Any]]:
    return house().store.read(partial(auditing.access_lines, hall=hall, wanted=wanted, limit=limit))


def _every(page: Any, wanted: Any, header: list[str], key: str) -> Iterator[list[Any]]:
    """All rows, a page at a time: no other request waits for a long file."""
    while found := page(wanted, PAGE):
        yield from ([one[column] for column in header] for one in found)
        wanted = replace(wanted, after=found[-1][key])


def _file(form: str, name: str, header: list[str], rows: Iterator[list[Any]], said: str) -> Any:
    words = catalogue(said, "audit")
    told = [say(said, f"audit.column_{one}") if f"audit.column_{one}" in words else one for one in header]
    return (csv_answer if form == "csv" else xlsx_answer)(name, told, rows)


@api.get("/erasures", responses={200: ErasuresAnswer}, endpoint="erasures")
def erasure_list(path: HallPath) -> Any:
    """What was asked to be erased, and what was."""
    return {"erasures": house().store.read(partial(erasures.erasure_list, hall=path.hall))}


@api.post("/erasures", responses={201: ErasureAnswer})
def ask_erasure(path: HallPath, body: NewErasure) -> Any:
    """Asks that what is personal of a ticket, booking or case be erased."""
    wanted = erasures.Request(Asked(body.what, body.named, body.day), body.reason)
    store = house().store
    asked = store.write(partial(erasures.ask_erasure, by=who(), wanted=wanted, now=store.clock.now()))
    return {"erasure": asked}, 201


@api.post("/erasures/<erasure>/do", responses={200: ErasureAnswer})
def do_erasure(path: ErasurePath, body: Empty) -> Any:
    """Erases for good; not by who has asked for it."""
    store = house().store
    done = partial(erasures.do_erasure, by=who(), key=path.erasure, now=store.clock.now())
    return {"erasure": store.write(done)}
