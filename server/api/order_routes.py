"""The order of a hall: its presets and the expert page."""

from typing import Annotated, Any

from flask_openapi3 import Tag
from pydantic import BaseModel, Field

from hall.layout.rules import Order
from server import queries
from server.actions.ordering import change_order, order_state
from server.api.context import command, house, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import Body, ErrorAnswer, HallPath, Key, Reason

tag = Tag(name="order", description="Who is next, and by which rule")
api = Api(
    "order",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)
Rank = Annotated[int, Field(ge=1, le=9)]


class NewOrder(Body):
    order: Annotated[Order, Field(strict=False)]
    ranks: Annotated[dict[Key, dict[Key, Rank]], Field(max_length=500, default_factory=dict)]
    reason: Reason


class OrderAnswer(BaseModel):
    order: dict[str, Any]
    red_wait_minutes: int
    ranks: dict[str, dict[str, int]]


@api.get("/halls/<hall>/order", responses={200: OrderAnswer})
def order(path: HallPath) -> Any:
    """The order that calls follow now."""
    return house().store.read(lambda connection: order_state(queries.known_layout(connection, path.hall)))


@api.post("/halls/<hall>/order", responses={200: OrderAnswer})
def set_order(path: HallPath, body: NewOrder) -> Any:
    """Another order from the next call on; who changed it and why is kept."""
    by = who()
    return command(path.hall, body, lambda tx: change_order(tx, by, body.order, body.ranks, body.reason))
