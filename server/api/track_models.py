"""Bodies and answers of what a visitor does with the slip's code, or from afar."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from hall.words import TicketStatus
from server.api.models import CLEAN, Body, Key, Language, Wait, WindowPlace

Channel = Literal["webhook", "sms", "wechat", "webpush"]


class TrackedTicket(BaseModel):
    """The visitor's own ticket; `place`, `words` and `wait_words` say it in the ticket's language."""

    seq: int
    number: str
    line: str
    line_name: str
    status: TicketStatus
    parked: Literal["linked", "late", "remote"] | None
    ahead: int | None
    expected_wait: Wait | None
    window: str | None
    windows: list[WindowPlace]
    zone: str
    place: str
    calls: int
    issued_at: str
    called_at: str | None
    may_be_late: bool
    words: str | None
    wait_words: str | None
    notice: str | None


class TrackAnswer(BaseModel):
    ticket: TrackedTicket


class Overtaken(BaseModel):
    total: int
    kinds: dict[str, int] | None
    """Only from three up."""
    words: str


class WhyAnswer(BaseModel):
    why: Overtaken


class Subscribe(Body):
    """`address` null takes the subscription back."""

    channel: Channel
    address: Annotated[str, Field(min_length=1, max_length=2000, pattern=CLEAN)] | None


class Subscribed(BaseModel):
    channel: Channel
    on: bool


class SubscribedAnswer(BaseModel):
    subscription: Subscribed


class RemoteTicket(Body):
    """Whoever knows the request_id is answered with the code: it must not be guessed."""

    request_id: Annotated[str, Field(min_length=16, max_length=64, pattern=CLEAN)] | None = None
    line: Key | None = None
    matter: Key | None = None
    language: Language = "zh-CN"

    @model_validator(mode="after")
    def _line_or_matter(self) -> "RemoteTicket":
        if self.line is None and self.matter is None:
            raise ValueError("line or matter is needed")
        return self


class Taken(TrackedTicket):
    code: str
    track_url: str | None


class TakenAnswer(BaseModel):
    ticket: Taken
