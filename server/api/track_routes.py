"""What a visitor asks with the slip's code: the own ticket, nobody else's."""

from typing import Any

from flask_openapi3 import APIBlueprint, Tag

from hall.words import Role
from server import queries
from server.actions import tickets as actions
from server.api.context import command, house
from server.api.hall_routes import REFUSALS
from server.api.models import CodePath, Empty, ErrorAnswer, TrackAnswer
from server.people import Principal

tag = Tag(name="track", description="What the slip's own code opens")
api = APIBlueprint(
    "track",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[tag],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{}],
)


@api.get("/track/<code>", responses={200: TrackAnswer})
def track(path: CodePath) -> Any:
    """The visitor's own ticket, behind the slip's code."""
    store = house().store
    row = store.read(lambda connection: queries.tracked_ticket(connection, path.code))
    answer, _ = store.read(
        lambda connection: queries.one_ticket(connection, row["hall_id"], row["id"], store.clock.now())
    )
    return {"ticket": {key: answer[key] for key in _TRACKED}}


_TRACKED = ("number", "line", "status", "ahead", "expected_wait", "window", "issued_at", "calls")


@api.post("/track/<code>/cancel", responses={200: TrackAnswer})
def cancel_tracked(path: CodePath, body: Empty) -> Any:
    """The visitor gives the number back."""
    row = house().store.read(lambda connection: queries.tracked_ticket(connection, path.code))
    visitor = Principal(f"visitor-{row['id'][-12:]}", row["hall_id"], Role.DESK, "visitor")
    answer = command(
        row["hall_id"], body, lambda tx: actions.cancel_ticket(tx, visitor, row["id"], "visitor"), visitor.id
    )
    return {"ticket": {key: answer[key] for key in _TRACKED}}
