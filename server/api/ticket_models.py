"""Bodies and answers of tickets and their slips."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from hall.identity import document_number
from hall.words import Lane, Proof, TicketStatus, VisitorClass
from server.api.models import Body, Key, Language, Limit, Reason, Wait, WindowPlace


def _document(number: SecretStr | None) -> SecretStr | None:
    try:
        if number is not None:
            document_number(number.get_secret_value())
    except ValueError:
        raise PydanticCustomError("document", "not the number of a document") from None
    return number


# Left out whenever the body is written down: what is kept of a request would betray it to who tries all numbers.
DocumentNumber = Annotated[
    SecretStr | None,
    Field(exclude=True, description="the number of a document, from a reader or typed"),
    AfterValidator(_document),
]


class NewTicket(Body):
    line: Key | None = None
    matter: Key | None = None
    person: DocumentNumber = None
    principal: DocumentNumber = None
    visitor_class: Annotated[VisitorClass, Field(strict=False)] = VisitorClass.ORDINARY
    language: Language = "zh-CN"
    proof: Annotated[Proof, Field(strict=False, description="what was shown for the class")] | None = None
    words: Reason | None = None
    device: Annotated[Key, Field(description="the device that prints the slip")] | None = None
    count: Annotated[int, Field(ge=1, le=99, description="pieces an agent brings")] = 1
    complaint_of: Annotated[Key | None, Field(description="the unit complained of, in the line of complaints")] = None
    linked: Key | None = Field(None, alias="with", description="the same person's other ticket, by id or code")

    @model_validator(mode="after")
    def _line_or_matter(self) -> "NewTicket":
        if self.line is None and self.matter is None:
            raise ValueError("line or matter is needed")
        return self


class WithReason(Body):
    reason: Reason | None = None


class Reprint(Body):
    device: Key | None = None


class SlipResult(Body):
    result: Literal["printed", "failed"]
    reason: Reason | None = None


class TicketsQuery(BaseModel):
    status: TicketStatus | None = None
    guide: Annotated[bool, Field(description="only those whom someone of the desk goes along with, next first")] = False
    window: Key | None = None
    number: Key | None = None
    visit: Annotated[Key | None, Field(description="the linked tickets of one person, by their visit_id")] = None
    limit: Limit = 100
    after: Key | None = None


class SlipsQuery(BaseModel):
    device: Key | None = None
    limit: Limit = 100


class SlipKey(BaseModel):
    id: str


class Ticket(BaseModel):
    id: str
    number: str
    day: str
    line: str
    matter: str | None
    visitor_class: VisitorClass = Field(alias="class")
    language: str
    status: TicketStatus
    ahead: int | None
    expected_wait: Wait | None
    windows: list[WindowPlace]
    window: str | None
    issued_at: str
    queued_at: str
    first_called_at: str | None
    called_at: str | None
    calls: int
    started_at: str | None
    ended_at: str | None
    outcome: str | None
    track_url: str | None
    slip: SlipKey | None
    lane: Annotated[Lane | None, Field(description="where it is not the class")] = None
    pool: Annotated[str, Field(description="w:WINDOW or c:CLERK, where it waits for them alone")] = ""
    parked: Annotated[
        Literal["linked", "late", "remote"] | None, Field(description="why it cannot be called just now")
    ] = None
    joined_at: Annotated[str | None, Field(description="came to its line, where that is not queued_at")] = None
    return_at: str | None = None
    late_at: str | None = None
    reinstated_at: str | None = None
    arrived_at: str | None = None
    route: Annotated[list[dict[str, Any]] | None, Field(description="legs still to come")] = None
    visit_id: Annotated[str | None, Field(description="links the tickets of one person")] = None
    count: int = 1
    guide: bool = False
    remote: bool = False
    booking_id: str | None = None
    offline: Annotated[bool, Field(description="given by a kiosk without network")] = False
    note: Annotated[str | None, Field(description="to staff alone")] = None
    hold_reason: Annotated[str | None, Field(description="to staff alone")] = None
    held_by: Annotated[str | None, Field(description="to staff alone")] = None
    case_number: Annotated[str | None, Field(description="to staff alone")] = None


class TicketAnswer(BaseModel):
    ticket: Ticket


class TicketsAnswer(BaseModel):
    tickets: list[Ticket]
    after: str | None


class Slip(BaseModel):
    id: str
    ticket: str
    number: str
    device: str
    reprint: bool
    status: Literal["pending", "printed", "failed"]
    reason: str | None
    at: str


class SlipsAnswer(BaseModel):
    slips: list[Slip]


class ReportedSlip(BaseModel):
    id: str
    device: str
    reprint: bool
    status: str
    reason: str | None


class SlipAnswer(BaseModel):
    slip: ReportedSlip
