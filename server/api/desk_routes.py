"""The guide desk: class after proof, a guide, a ticket's story, who called at a kiosk, numbers without paper."""

from typing import Annotated, Any

from flask_openapi3 import Tag
from pydantic import BaseModel, Field, model_validator

from hall.texts import best_language
from hall.words import Proof, VisitorClass
from server import desk
from server.actions import desk as actions
from server.actions import transfers
from server.actions.transfers import Sending, Target
from server.api.context import command, house, language, ticket_body, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import (
    Body,
    Empty,
    ErrorAnswer,
    HallPath,
    Key,
    LanguageQuery,
    Named,
    Reason,
    SlipPath,
    TicketPath,
)
from server.api.serving_models import Note
from server.api.ticket_models import SlipAnswer, Ticket, TicketAnswer
from server.story import ticket_story

api = Api(
    "desk",
    __name__,
    url_prefix="/api/v1/halls",
    abp_tags=[Tag(name="desk", description="What the guide desk does for visitors")],
    abp_responses={**REFUSALS, 409: ErrorAnswer},
    abp_security=[{"token": []}],
)


class ChangeClass(Body):
    visitor_class: Annotated[VisitorClass, Field(strict=False)]
    proof: Annotated[Proof, Field(strict=False, description="what was shown; needed unless ordinary")] | None = None
    words: Reason | None = None

    @model_validator(mode="after")
    def _with_proof(self) -> "ChangeClass":
        if self.visitor_class != VisitorClass.ORDINARY and self.proof is None:
            raise ValueError("proof is needed")
        return self


class MarkGuide(Body):
    wanted: bool


class Send(Body):
    line: Key | None = None
    window: Key | None = None
    note: Note | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _one_target(self) -> "Send":
        if (self.line is None) == (self.window is None):
            raise ValueError("either line or window is needed")
        return self


class DevicePath(HallPath):
    device: Key


class Sentence(BaseModel):
    at: str
    type: str
    text: str
    by: str | None


class StoryAnswer(BaseModel):
    ticket: Ticket
    sentences: list[Sentence]
    may: list[str]


class Wanted(BaseModel):
    device: str
    name: str
    at: str


class Unprinted(BaseModel):
    id: str
    ticket: str
    number: str
    line: str
    device: str
    device_name: str
    status: str
    reason: str | None
    at: str


class DeskAnswer(BaseModel):
    """What waits for someone of the desk."""

    wanted: list[Wanted]
    unprinted: list[Unprinted]


class Device(Named):
    role: str


class DevicesAnswer(BaseModel):
    devices: list[Device]


class WantedAnswer(BaseModel):
    wanted: bool


@api.get("/<hall>/desk", responses={200: DeskAnswer})
def desk_now(path: HallPath) -> Any:
    """Visitors who called at a kiosk, and numbers without paper."""
    store = house().store
    return store.read(
        lambda connection: {
            "wanted": desk.wanted_calls(connection, path.hall),
            "unprinted": desk.unprinted(connection, path.hall, store.clock.now()),
        }
    )


@api.get("/<hall>/devices", responses={200: DevicesAnswer})
def devices(path: HallPath) -> Any:
    """Where a slip may be printed."""
    return {"devices": house().store.read(lambda connection: desk.device_list(connection, path.hall))}


@api.get("/<hall>/tickets/<ticket>/story", responses={200: StoryAnswer})
def story(path: TicketPath, query: LanguageQuery) -> Any:
    """What happened to a ticket, in sentences with their times, and what may be done for it now."""
    store, said = house().store, best_language([query.language]) if query.language else language()
    told = store.read(lambda connection: ticket_story(connection, path.hall, path.ticket, said, store.clock.now()))
    return {**told, **ticket_body(told["ticket"])}


@api.post("/<hall>/tickets/<ticket>/class", responses={200: TicketAnswer})
def change_class(path: TicketPath, body: ChangeClass) -> Any:
    """Another class for a waiting ticket, after proof."""
    by, proof = who(), body.proof and body.proof.value
    return ticket_body(
        command(
            path.hall,
            body,
            lambda tx: actions.change_class(tx, by, path.ticket, body.visitor_class, proof, body.words),
        )
    )


@api.post("/<hall>/tickets/<ticket>/guide", responses={200: TicketAnswer})
def mark_guide(path: TicketPath, body: MarkGuide) -> Any:
    """Someone of the desk goes along, or no longer."""
    by = who()
    return ticket_body(command(path.hall, body, lambda tx: actions.mark_guide(tx, by, path.ticket, body.wanted)))


@api.post("/<hall>/tickets/<ticket>/transfer", responses={200: TicketAnswer})
def send_waiting(path: TicketPath, body: Send) -> Any:
    """Sends a waiting number to another line or to one window, with its seniority."""
    by, sending = who(), Sending(Target(body.line, body.window), note=body.note, reason=body.reason)
    return ticket_body(command(path.hall, body, lambda tx: transfers.send_waiting(tx, by, path.ticket, sending)))


@api.post("/<hall>/slips/<slip>/dismiss", responses={200: SlipAnswer})
def dismiss_slip(path: SlipPath, body: Empty) -> Any:
    """A number without paper is dealt with."""
    by = who()
    return command(path.hall, body, lambda tx: actions.dismiss_slip(tx, by, path.slip))


@api.post("/<hall>/kiosk-help", responses={200: WantedAnswer})
def ask_for_desk(path: HallPath, body: Empty) -> Any:
    """A visitor at this kiosk asks someone of the desk to come."""
    by = who()
    return command(path.hall, body, lambda tx: actions.ask_for_desk(tx, by))


@api.post("/<hall>/kiosk-help/<device>/answer", responses={200: WantedAnswer})
def answer_kiosk(path: DevicePath, body: Empty) -> Any:
    """Someone of the desk goes there."""
    by = who()
    return command(path.hall, body, lambda tx: actions.answer_kiosk(tx, by, path.device))
