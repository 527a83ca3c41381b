"""Ratings by the tablet and the slip's code, and their totals."""

from datetime import timedelta
from typing import Any

from flask_openapi3 import Tag
from sqlalchemy import Connection

from hall.errors import HallError
from hall.words import RatingReason, Role
from server.api.context import house, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import CodePath, ErrorAnswer, HallPath, WindowPath
from server.api.rating_models import (
    MayRateAnswer,
    RatedAnswer,
    Rating,
    TabletAnswer,
    TabletRating,
    TotalsAnswer,
    TotalsQuery,
    WeekQuery,
    WindowTotalAnswer,
)
from server.api.track_routes import known_ticket
from server.center import ratings, satisfaction

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
