"""What the boards say beside the calls."""

from typing import Annotated, Any

from flask_openapi3 import Tag
from pydantic import BaseModel, Field

from server.actions.messages import set_message
from server.api.band_models import Moment
from server.api.context import command, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import CLEAN, Body, ErrorAnswer, HallPath, Language

tag = Tag(name="message", description="What the boards say beside the calls")
api = Api(
    "message",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)
Words = Annotated[str, Field(min_length=1, max_length=100, pattern=CLEAN)]


class NewMessage(Body):
    text: Annotated[dict[Language, Words] | None, Field(max_length=10, description="by language; null takes it away")]
    until: Moment | None = None


class MessageAnswer(BaseModel):
    message: dict[str, Any] | None


@api.post("/halls/<hall>/message", responses={200: MessageAnswer})
def set_board_message(path: HallPath, body: NewMessage) -> Any:
    """Every board of the hall shows these words beside the calls, until `until` or the next ones."""
    by = who()
    return command(path.hall, body, lambda tx: set_message(tx, by, body.text, body.until))
