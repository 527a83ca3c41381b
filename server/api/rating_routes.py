"""Ratings by the tablet and the slip's code, their totals, and the cases of bad ones."""

from datetime import timedelta
from functools import partial
from typing import Any

from flask import g, request
from flask_openapi3 import Tag
from sqlalchemy import Connection

from hall.errors import HallError
from hall.words import RatingReason, Role
from server import cases, ratings, satisfaction
from server.api.context import house, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import CodePath, Empty, ErrorAnswer, HallPath, WindowPath
from server.api.rating_models import (
    CaseAnswer,
    CaseAnswerBody,
    CasePath,
    CasesAnswer,
    CasesQuery,
    MayRateAnswer,
    RatedAnswer,
    Rating,
    TabletAnswer,
    TabletRating,
    TotalsAnswer,
    TotalsQuery,
    VisitorsCaseAnswer,
    WeekQuery,
    WindowTotalAnswer,
)
from server.api.track_routes import known_ticket

tag = Tag(name="ratings", description="What visitors say of a service, and what becomes of it")
api = Api(
    "ratings",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer, 429: ErrorAnswer},
    abp_security=[{"token": []}],
)
REASONS = list(RatingReason)


@api.get("/track/<code>/rating", responses={200: MayRateAnswer}, security=[{}])
def may_rate(path: CodePath) -> Any:
    """Whether the slip's holder may rate now."""
    ticket, store = known_ticket(path.code), house().store

    def asked(connection: Connection) -> dict[str, Any]:
        at = ratings.moment_of(connection, ticket["hall_id"], store.clock.now())
        rated = ratings.was_rated(connection, ticket)
        return {"open": ratings.may_be_rated(at, ticket) and not rated, "rated": rated}

    until = ticket["day"] + timedelta(days=1)
    return {**store.read(asked), "until": until.isoformat(), "reasons": REASONS}


@api.post("/track/<code>/rating", responses={200: RatedAnswer}, security=[{}])
def rate_tracked(path: CodePath, body: Rating) -> Any:
    """The visitor's answer, once."""
    ticket, store = known_ticket(path.code), house().store
    now = store.clock.now()
    return store.write(lambda connection: ratings.rate(connection, ticket, body.given, body.request_id, now))


@api.get("/halls/<hall>/windows/<window>/rating", responses={200: TabletAnswer})
def tablet(path: WindowPath) -> Any:
    """The ticket that the window's tablet may ask about now."""
    store = house().store
    now = store.clock.now()

    def asked(connection: Connection) -> dict[str, Any] | None:
        at = ratings.moment_of(connection, path.hall, now)
        ticket = ratings.ticket_at_tablet(connection, at, path.window, ratings.SHOWN)
        if ticket is None:
            return None
        left = ratings.SHOWN - (now - ticket["ended_at"])
        return {**{key: ticket[key] for key in ("id", "number", "language")}, "seconds": int(left.total_seconds())}

    return {"ticket": store.read(asked), "reasons": REASONS}


@api.post("/halls/<hall>/windows/<window>/rating", responses={200: RatedAnswer})
def rate_at_tablet(path: WindowPath, body: TabletRating) -> Any:
    """The visitor's answer on the window's tablet, until the next is called there."""
    store = house().store
    now, asked = store.clock.now(), (body.given, body.request_id)
    return store.write(
        lambda connection: ratings.rate_at_tablet(connection, path.hall, path.window, body.ticket, *asked, now)
    )


@api.get("/halls/<hall>/windows/<window>/ratings", responses={200: WindowTotalAnswer})
def window_ratings(path: WindowPath, query: WeekQuery) -> Any:
    """A finished week's ratings of a window, of five or more; a clerk sees what was said of the own service."""
    by, store = who(), house().store
    if by.window is not None and by.window != path.window:
        raise HallError("not_allowed", role=by.role)
    clerk, now = by.name if by.role == Role.CLERK else None, store.clock.now()
    return store.read(
        lambda connection: satisfaction.window_totals(connection, path.hall, path.window, clerk, query.week, now)
    )


@api.get("/halls/<hall>/ratings", responses={200: TotalsAnswer})
def rating_totals(path: HallPath, query: TotalsQuery) -> Any:
    """A finished week's ratings by line, unit or window, each of five or more."""
    store = house().store
    now = store.clock.now()
    return store.read(lambda connection: satisfaction.totals(connection, path.hall, query.by, query.week, now))


@api.get("/halls/<hall>/cases", responses={200: CasesAnswer})
def case_list(path: HallPath, query: CasesQuery) -> Any:
    """The cases that bad ratings opened, the earliest due first."""
    store = house().store
    now, page = store.clock.now(), (query.status, query.limit, query.after)
    return store.read(lambda connection: cases.case_list(connection, path.hall, now, *page))


@api.get("/halls/<hall>/cases/<case>", responses={200: CaseAnswer})
def one_case(path: CasePath) -> Any:
    """One case, without the visitor's code and without any ticket."""
    store = house().store
    return {"case": store.read(partial(cases.one_case, hall=path.hall, case=path.case, now=store.clock.now()))}


@api.post("/halls/<hall>/cases/<case>/answer", responses={200: CaseAnswer})
def answer_case(path: CasePath, body: CaseAnswerBody) -> Any:
    """Answers a case; its visitor reads it by the case's code."""
    store = house().store
    answered = partial(cases.answer_case, hall=path.hall, case=path.case, answer=body.answer, now=store.clock.now())
    return {"case": store.write(answered)}


@api.post("/halls/<hall>/cases/<case>/close", responses={200: CaseAnswer})
def close_case(path: CasePath, body: Empty) -> Any:
    """Closes an answered case once the matter is put right."""
    store = house().store
    return {"case": store.write(partial(cases.close_case, hall=path.hall, case=path.case, now=store.clock.now()))}


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
