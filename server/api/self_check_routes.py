"""The check before opening: begun here, and read here line by line."""

from functools import partial
from typing import Any

from flask import current_app
from flask_openapi3 import Tag
from pydantic import BaseModel, Field

from server.api.context import command, house, language, who
from server.api.described import Api
from server.api.device_routes import push, watch
from server.api.hall_routes import REFUSALS
from server.api.models import Empty, HallPath
from server.command import Done, Tx
from server.devices import enrolling
from server.devices.self_check import TESTED, SelfCheck
from server.devices.states import device_states
from server.journal import Draft, iso

api = Api(
    "self_check",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="self-check", description="Whether the hall may open")],
    abp_responses=REFUSALS,
    abp_security=[{"token": []}],
)


class CheckQuery(BaseModel):
    seq: int | None = Field(None, ge=0, lt=1 << 53, description="that of the check's beginning")


class BegunAnswer(BaseModel):
    seq: int


class CheckLine(BaseModel):
    part: str
    device: str
    id: str
    state: str
    code: str
    name: str
    said: str
    remedy: str
    detail: str


class CheckAnswer(BaseModel):
    at: str
    green: bool
    lines: list[CheckLine]


@api.post("/halls/<hall>/self-check", responses={201: BegunAnswer})
def begin_check(path: HallPath, body: Empty) -> Any:
    """Writes an event that every board must show, and asks each loudspeaker and sign for a test."""
    by = who()

    def checked(tx: Tx) -> Done:
        return Done({"seq": tx.hall.seq + 1}, [Draft("hall.checked", {"by": by.name})])

    answer = command(path.hall, body, checked)
    store, moment = house().store, watch().moment()
    for state in store.read(lambda connection: device_states(connection, path.hall, moment)):
        for what in TESTED.keys() & set(state.can):
            ask = partial(enrolling.ask_test, who=by, device=state.id, what=what, now=store.clock.now())
            asked = store.write(partial(ask, request_id=body.request_id and f"{body.request_id} {state.id} {what}"))
            push().ask_test(state.id, {"id": asked["id"], "what": asked["what"]})
    return answer, 201


@api.get("/halls/<hall>/self-check", responses={200: CheckAnswer}, endpoint="self_check")
def self_check(path: HallPath, query: CheckQuery) -> Any:
    """Every line of the check in words; `green` when nothing is wrong and nothing is left untried."""
    check: SelfCheck = current_app.extensions["self_check"]
    said, moment = language(), watch().moment()
    lines = house().store.read(lambda connection: list(check.lines(connection, path.hall, moment, query.seq, said)))
    return {
        "at": iso(moment.now),
        "green": all(one.state in ("ok", "warning") for one in lines),
        "lines": [one.told(said) for one in lines],
    }
