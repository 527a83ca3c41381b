"""Booking a slot: by anyone for themselves, and what the holder of a booking's code may do with it."""

import hashlib
import hmac
from functools import partial
from typing import Any

from flask import Response, current_app, g, jsonify, request
from flask_openapi3 import Tag
from pydantic import SecretStr

from hall.day import business_day
from hall.errors import HallError
from hall.identity import booker_number
from hall.words import Role
from server import queries
from server.actions import bookings as actions
from server.actions.bookings import WantedSlot
from server.api.booking_models import (
    ArriveBooking,
    ArrivedAnswer,
    BookingAnswer,
    BookingsAnswer,
    BookingsQuery,
    ChangeBooking,
    FindBooking,
    NewBooking,
    SlotsAnswer,
    SlotsQuery,
)
from server.api.context import command, house, language, ticket_body, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import CodePath, Empty, ErrorAnswer, HallPath
from server.bookings import booking_answer, booking_list, booking_of, offer
from server.people import Principal
from server.rows import Row

tag = Tag(name="bookings", description="Slots of a line, booked beforehand")
api = Api(
    "bookings",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer, 429: ErrorAnswer},
    abp_security=[{}, {"token": []}],
)


@api.get("/halls/<hall>/slots", responses={200: SlotsAnswer})
def slots(path: HallPath, query: SlotsQuery) -> Any:
    """The lines that can be booked, the days of one, the slots of a day: each with the places left."""
    store, said = house().store, query.language or language()
    layout = store.read(partial(queries.known_layout, hall=path.hall))
    return store.read(lambda connection: offer(connection, layout, store.clock.now(), said, query.line, query.day))


@api.post("/halls/<hall>/bookings", responses={201: BookingAnswer})
def make_booking(path: HallPath, body: NewBooking) -> tuple[Response, int]:
    """Books a place of a slot; one a person a day."""
    if g.get("principal") is None and not house().bookings.allows(request.remote_addr):
        raise HallError("too_many")
    wanted = WantedSlot(body.line, body.matter, body.at, body.person, body.language)
    by = g.principal or Principal("visitor", path.hall, Role.DESK, "visitor")
    actor = by.id if g.principal else _actor(path.hall, body.person)
    booking = command(path.hall, body, lambda tx: actions.make_booking(tx, by, wanted), actor)
    return jsonify({"booking": booking}), 201


def _actor(hall: str, number: SecretStr) -> str:
    """Whose request it is, so that the same request_id of two visitors is not the same request."""
    said = f"{hall} {booker_number(number.get_secret_value())}".encode()
    return f"visitor-{hmac.new(current_app.config['SECRET_KEY'].encode(), said, hashlib.sha256).hexdigest()[:24]}"


@api.get("/halls/<hall>/bookings", responses={200: BookingsAnswer}, security=[{"token": []}])
def bookings(path: HallPath, query: BookingsQuery) -> Any:
    """A day's bookings, to staff, and how many came."""
    store = house().store
    layout = store.read(partial(queries.known_layout, hall=path.hall))
    now = store.clock.now()
    day = query.day or business_day(now, layout.time_zone)
    return store.read(lambda connection: booking_list(connection, layout, now, day, query.line))


@api.post("/halls/<hall>/bookings/find", responses={200: BookingAnswer}, security=[{"token": []}])
def find_booking(path: HallPath, body: FindBooking) -> Any:
    """Today's booking of a visitor at the desk who has no code at hand."""
    return {"booking": command(path.hall, body, lambda tx: actions.find_booking(tx, body.person))}


def _known(code: str) -> Row:
    """The booking of a code; `too_many` to an address that keeps guessing."""
    try:
        return house().store.read(partial(booking_of, code=code))
    except HallError:
        if g.get("principal") is None and not house().misses.allows(request.remote_addr):
            raise HallError("too_many") from None
        raise


@api.get("/bookings/<code>", responses={200: BookingAnswer})
def booking(path: CodePath) -> Any:
    """One's own booking, behind its code."""
    row, store = _known(path.code), house().store
    layout = store.read(partial(queries.known_layout, hall=row["hall_id"]))
    return {"booking": booking_answer(layout, row, store.clock.now())}


def _holder(row: Row) -> Principal:
    """Who holds the code: nobody known, but one and the same for repeated requests."""
    return Principal(f"visitor-{row['id'][-12:]}", row["hall_id"], Role.DESK, "visitor")


@api.post("/bookings/<code>/cancel", responses={200: BookingAnswer})
def cancel_booking(path: CodePath, body: Empty) -> Any:
    """Gives the place back."""
    row = _known(path.code)
    by = _holder(row)
    done = command(row["hall_id"], body, lambda tx: actions.cancel_booking(tx, by, path.code), by.id)
    return {"booking": done}


@api.post("/bookings/<code>/change", responses={200: BookingAnswer})
def change_booking(path: CodePath, body: ChangeBooking) -> Any:
    """Another slot of the same line; for another day the number is asked for again."""
    row = _known(path.code)
    by = _holder(row)
    change = partial(actions.change_booking, by=by, code=path.code, at=body.at, number=body.person)
    return {"booking": command(row["hall_id"], body, change, by.id)}


@api.post("/bookings/<code>/arrive", responses={200: ArrivedAnswer}, security=[{"token": []}])
def arrive_booking(path: CodePath, body: ArriveBooking) -> Any:
    """Checks in at kiosk or desk and answers with the number."""
    row, by = _known(path.code), who()
    if row["hall_id"] != by.hall:
        raise HallError("not_found", what="code", id="")
    done = command(by.hall, body, lambda tx: actions.arrive_booking(tx, by, path.code, body.device))
    return {"booking": done["booking"], **ticket_body(done["ticket"])}
