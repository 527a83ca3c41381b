"""Cases of bad ratings and complaints: opened, assigned, stated, answered, closed; and what their visitors see."""

from functools import partial
from hashlib import sha256
from typing import Any

from flask import Response, g, jsonify, request
from flask_openapi3 import Tag

from hall.errors import HallError
from server import cases
from server.actions import cases as actions
from server.actions.complaining import Complaint, open_case
from server.actions.visitor import visitor_of
from server.api.case_models import (
    AssignCase,
    CaseAnswer,
    CaseAnswerBody,
    CasePath,
    CasesAnswer,
    CasesQuery,
    CaseWords,
    NewCase,
    NewCaseAnswer,
    OwnCaseAnswer,
    OwnComplaint,
    VisitorsCaseAnswer,
)
from server.api.context import command, house, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import CodePath, Empty, ErrorAnswer, HallPath
from server.api.rating_models import Rating
from server.api.track_routes import known_ticket
from server.cases import Wanted
from server.center.ratings import moment_of
from server.command import Action
from server.rows import Row

api = Api(
    "cases",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="cases", description="Complaints and bad ratings, until they are put right")],
    abp_responses={**REFUSALS, 409: ErrorAnswer, 429: ErrorAnswer},
    abp_security=[{"token": []}],
)


@api.get("/halls/<hall>/cases", responses={200: CasesAnswer})
def case_list(path: HallPath, query: CasesQuery) -> Any:
    """The cases, the earliest due first, with how many are open and late; a unit sees its own."""
    store, by = house().store, who()
    now, wanted = store.clock.now(), Wanted(**query.model_dump())
    return store.read(lambda connection: cases.case_list(connection, by, wanted, now))


@api.post("/halls/<hall>/cases", responses={201: NewCaseAnswer})
def open_case_at_desk(path: HallPath, body: NewCase) -> tuple[Response, int]:
    """The desk takes a complaint down; the answer has the visitor's code, this once."""
    by, said = who(), Complaint(body.words, body.unit, window=body.window, contact=body.contact)
    made = command(path.hall, body, lambda tx: open_case(tx, by, said, taken_down=True))
    return jsonify({**_told(made["case"]), "code": made["code"]}), 201


@api.get("/halls/<hall>/cases/<case>", responses={200: CaseAnswer})
def one_case(path: CasePath) -> Any:
    """One case with its steps, without the visitor's code, and without a ticket whose number was not given."""
    return _told(path.case)


def _told(case: str) -> dict[str, Any]:
    store, by = house().store, who()
    return {"case": store.read(partial(cases.one_case, by=by, case=case, now=store.clock.now()))}


def _acted(path: CasePath, body: Any, action: Action) -> dict[str, Any]:
    command(path.hall, body, action)
    return _told(path.case)


@api.post("/halls/<hall>/cases/<case>/assign", responses={200: CaseAnswer})
def assign_case(path: CasePath, body: AssignCase) -> Any:
    """Somebody of the center sees to a case."""
    by = who()
    return _acted(path, body, lambda tx: actions.assign_case(tx, by, path.case, body.owner))


@api.post("/halls/<hall>/cases/<case>/statement", responses={200: CaseAnswer})
def state_case(path: CasePath, body: CaseWords) -> Any:
    """The unit complained of says how it sees it; the center's own note something."""
    by = who()
    return _acted(path, body, lambda tx: actions.state_case(tx, by, path.case, body.words))


@api.post("/halls/<hall>/cases/<case>/answer", responses={200: CaseAnswer})
def answer_case(path: CasePath, body: CaseAnswerBody) -> Any:
    """Answers a case; its visitor reads it by the case's code."""
    by = who()
    return _acted(path, body, lambda tx: actions.answer_case(tx, by, path.case, body.answer))


@api.post("/halls/<hall>/cases/<case>/close", responses={200: CaseAnswer})
def close_case(path: CasePath, body: Empty) -> Any:
    """Closes an answered case once the matter is put right."""
    by = who()
    return _acted(path, body, lambda tx: actions.close_case(tx, by, path.case))


@api.post("/track/<code>/complaint", responses={201: OwnCaseAnswer}, security=[{}])
def complain_tracked(path: CodePath, body: OwnComplaint) -> tuple[Response, int]:
    """The visitor of a slip complains; the answer is the case's own code."""
    ticket = known_ticket(path.code)
    return jsonify({"code": complain(ticket, body)}), 201


def complain(ticket: Row, body: OwnComplaint) -> str:
    """Opens a case for a slip's visitor, by the end of the next day; its code.

    What is kept of the request leads to no ticket: its id is random, and only a hash of it is kept.
    """
    here = house()
    at = here.store.read(partial(moment_of, hall=ticket["hall_id"], now=here.store.clock.now()))
    if (at.day - ticket["day"]).days > 1:
        raise HallError("rating_closed")
    if not here.complaints.allows(ticket["track_code"]):
        raise HallError("too_many")
    of_visit = {"line": ticket["line_id"], "matter": ticket["matter_id"], "window": ticket["window_id"]}
    said = Complaint(
        body.words,
        contact=body.contact or None,
        ticket=ticket["id"] if body.give_number else None,
        **(of_visit if body.about == "visit" else {}),
    )
    seed = f"complained {ticket['track_code']} {body.request_id}"
    key = sha256(seed.encode()).hexdigest() if body.request_id else None
    by = visitor_of(ticket["hall_id"], ticket["id"])
    made = here.store.in_hall(
        ticket["hall_id"], "visitor", key, lambda tx: open_case(tx, by, said, taken_down=False), "complain"
    )
    return str(made["code"])


@api.get("/cases/<code>", responses={200: VisitorsCaseAnswer}, security=[{}])
def case_of_code(path: CodePath) -> Any:
    """How far a case is, for who has its code."""
    return {"case": _guessed(lambda: house().store.read(partial(cases.case_for_visitor, code=path.code)))}


@api.post("/cases/<code>/rating", responses={200: VisitorsCaseAnswer}, security=[{}])
def rate_case(path: CodePath, body: Rating) -> Any:
    """The visitor's one rating of how a case was answered."""
    store = house().store
    rated = partial(cases.rate_case, code=path.code, given=body.given, now=store.clock.now())
    return {"case": _guessed(lambda: store.write(rated))}


def _guessed(asked: Any) -> Any:
    """Codes are not to be guessed: an address that has missed too often is turned away."""
    try:
        return asked()
    except HallError as error:
        if error.code == "not_found" and g.get("principal") is None and not house().misses.allows(request.remote_addr):
            raise HallError("too_many") from None
        raise
