"""What a visitor asks with the slip's code: the own ticket, nobody else's; and a number from afar."""

from functools import partial
from typing import Any

from flask import Response, g, jsonify, request
from flask_openapi3 import Tag

from hall.errors import HallError
from hall.why import shown_kinds, why_words
from hall.words import UNFINISHED, Role, VisitorClass
from server.actions import tickets as actions
from server.actions import visitor
from server.actions.tickets import Wanted
from server.api.context import command, house
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import CodePath, Empty, ErrorAnswer, HallPath
from server.api.track_models import RemoteTicket, Subscribe, SubscribedAnswer, TakenAnswer, TrackAnswer, WhyAnswer
from server.people import Principal
from server.rows import Row
from server.tracking import language_of, overtaken_by, tracked_standing, tracked_ticket

tag = Tag(name="track", description="What the slip's own code opens")
api = Api(
    "track",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer, 429: ErrorAnswer},
    abp_security=[{}],
)


def known_ticket(code: str) -> Row:
    """The ticket of a code. `not_found`, and `too_many` to an address that keeps guessing.

    A right code is always answered: who shares a guesser's address, as all phones of one hall may, loses nothing.
    """
    try:
        return house().store.read(partial(tracked_ticket, code=code))
    except HallError:
        if g.get("principal") is None and not house().misses.allows(request.remote_addr):
            raise HallError("too_many") from None
        raise


def standing(ticket: Row) -> dict[str, Any]:
    """The ticket as its phone shows it now."""
    store = house().store
    hall, key, now = ticket["hall_id"], ticket["id"], store.clock.now()
    found: dict[str, Any] = store.read(partial(tracked_standing, hall=hall, wanted=[key], now=now))[key]
    return found


@api.get("/track/<code>", responses={200: TrackAnswer})
def track(path: CodePath) -> Any:
    """The visitor's own ticket, behind the slip's code."""
    return {"ticket": standing(known_ticket(path.code))}


@api.get("/track/<code>/why", responses={200: WhyAnswer})
def why(path: CodePath) -> Any:
    """How many who came later were called before, by kind only from three up."""
    ticket, store = known_ticket(path.code), house().store
    kinds = store.read(partial(overtaken_by, row=ticket, now=store.clock.now()))
    words = why_words(kinds, language_of(ticket))
    return {"why": {"total": sum(kinds.values()), "kinds": shown_kinds(kinds), "words": words}}


def _as_visitor(path: CodePath, body: Empty, move: Any) -> Any:
    ticket = known_ticket(path.code)
    by = visitor.visitor_of(ticket["hall_id"], ticket["id"])
    command(ticket["hall_id"], body, lambda tx: move(tx, by, ticket["id"]), by.id)
    return {"ticket": standing(ticket)}


@api.post("/track/<code>/cancel", responses={200: TrackAnswer})
def cancel_tracked(path: CodePath, body: Empty) -> Any:
    """The visitor gives the number back."""
    return _as_visitor(path, body, partial(actions.cancel_ticket, reason="visitor"))


@api.post("/track/<code>/late", responses={200: TrackAnswer})
def come_later(path: CodePath, body: Empty) -> Any:
    """The visitor of a waiting ticket comes 15 minutes later, once."""
    return _as_visitor(path, body, visitor.come_later)


@api.post("/track/<code>/subscribe", responses={200: SubscribedAnswer})
def subscribe(path: CodePath, body: Subscribe) -> Any:
    """The visitor wants to be told at an address that the turn comes near and that it has come, until the day ends."""
    subscribe_visitor(known_ticket(path.code), body.channel, body.address)
    return {"subscription": {"channel": body.channel, "on": body.address is not None}}


def subscribe_visitor(ticket: Row, channel: str, address: str | None) -> None:
    if ticket["status"] not in UNFINISHED:
        raise HallError("illegal_move", move="subscribe", number=ticket["number"], status=ticket["status"])
    house().notices.subscribe(ticket, channel, address)


@api.post("/halls/<hall>/remote-tickets", responses={201: TakenAnswer})
def issue_remote_ticket(path: HallPath, body: RemoteTicket) -> tuple[Response, int]:
    """Takes a number from afar, where the line allows it; it is called once its visitor has checked in."""
    return jsonify({"ticket": take_remote(path.hall, body)}), 201


def take_remote(hall: str, body: RemoteTicket) -> dict[str, Any]:
    here = house()
    if g.get("principal") is None and not here.takings.allows(request.remote_addr):
        raise HallError("too_many")
    by = Principal("remote", hall, Role.DESK, "visitor")
    wanted = Wanted(body.line, body.matter, VisitorClass.ORDINARY.value, body.language)
    answer = command(hall, body, lambda tx: visitor.issue_remote(tx, by, wanted, here.always_open), by.id)
    code, base = answer["track_code"], here.public_url
    url = f"{base.rstrip('/')}/t/{code}" if base else None
    return {**standing(known_ticket(code)), "code": code, "track_url": url}
