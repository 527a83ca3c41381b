"""Kiosks without network: their bands, and the tickets they hand over when the server is back."""

from typing import Any

from flask import Response, jsonify
from flask_openapi3 import Tag

from server.actions import bands as actions
from server.api.band_models import BandsAnswer, OfflineTicket, WantedBands
from server.api.context import command, house, ticket_body, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import ErrorAnswer, HallPath
from server.api.ticket_models import TicketAnswer

tag = Tag(name="offline", description="Kiosks that go on without network")
api = Api(
    "offline",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)


@api.post("/halls/<hall>/bands", responses={200: BandsAnswer})
def take_bands(path: HallPath, body: WantedBands) -> Any:
    """A kiosk's numbers for an outage, topped up, and all it must know to go on by itself today."""
    by, always_open = who(), house().always_open
    rests = [actions.Rest(one.prefix, one.first, one.next) for one in body.returned]
    return command(path.hall, body, lambda tx: actions.take_bands(tx, by, body.size, rests, always_open))


@api.post("/halls/<hall>/tickets/offline", responses={201: TicketAnswer})
def hand_over(path: HallPath, body: OfflineTicket) -> tuple[Response, int]:
    """A ticket that the kiosk gave without network takes the place of its issue."""
    by = who()
    given = actions.Given(**body.model_dump(exclude={"request_id"}))
    return jsonify(ticket_body(command(path.hall, body, lambda tx: actions.hand_over(tx, by, given)))), 201
