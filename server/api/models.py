"""Bodies and answers of the API, as OpenAPI tells them."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from hall.identity import document_number
from hall.words import Lane, Proof, TicketStatus, VisitorClass, WindowStatus

CLEAN = r"^[^\u0000]*$"
Key = Annotated[str, Field(max_length=80, pattern=CLEAN)]
Reason = Annotated[str, Field(min_length=1, max_length=200, pattern=CLEAN, description="a code or any text")]
RequestId = Annotated[str, Field(min_length=1, max_length=64, pattern=CLEAN)]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", max_length=12)]
Limit = Annotated[int, Field(ge=1, le=500)]


class HallPath(BaseModel):
    hall: Key


class TicketPath(HallPath):
    ticket: Key


class SlipPath(HallPath):
    slip: Key


class WindowPath(HallPath):
    window: Key


class CodePath(BaseModel):
    code: Key


class Body(BaseModel):
    """Every writing call may be repeated with its request_id and answers as the first time."""

    model_config = ConfigDict(extra="forbid", strict=True)
    request_id: RequestId | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_body_is_empty(cls, value: Any) -> Any:
        return {} if value is None else value


class Empty(Body):
    pass


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


class OpenWindow(Body):
    take_over: bool = False


Until = Annotated[
    str,
    Field(
        max_length=40,
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d|\d{4}-\d{2}-\d{2}T[0-9:.]{5,15}(Z|[+-]\d{2}:\d{2}))$",
        description="13:30 today in the hall's zone, or ISO 8601 with a zone",
    ),
]


class PauseWindow(Body):
    reason: Reason | None = None
    until: Until | None = None
    after_current: bool = False


class CloseWindow(Body):
    reason: Reason | None = None
    after_current: bool = False


Finish = Literal["completed", "no_show"]


class CallNext(Body):
    finish: Finish | None = None


class CallNumber(Body):
    number: Annotated[str, Field(min_length=1, max_length=12, pattern=CLEAN)]
    reason: Reason
    finish: Finish | None = None


class NoShow(Body):
    early: bool = False


class SignIn(Body):
    token: Annotated[str, Field(min_length=1, max_length=200, pattern=CLEAN)]


class LanguageQuery(BaseModel):
    language: Language | None = None


class BoardQuery(BaseModel):
    zone: Key | None = None


class JournalQuery(BaseModel):
    since: Annotated[int, Field(ge=0, lt=1 << 53)] = 0
    epoch: Key | None = None
    limit: Limit = 200


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


class Named(BaseModel):
    id: str
    name: str


class Wait(BaseModel):
    """Minutes."""

    low: int
    likely: int
    high: int


class WindowPlace(Named):
    zone: str


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


class RankedLine(BaseModel):
    id: str
    rank: int


class Window(BaseModel):
    id: str
    name: str
    zone: str
    floor: int
    status: WindowStatus
    reason: str | None
    until: str | None
    closing: Literal["pause", "close"] | None
    clerk: str | None
    lines: list[RankedLine]
    ticket: Ticket | None
    last_for: list[str] = Field(description="the lines that no other open window serves")


class WindowAnswer(BaseModel):
    window: Window


class LastWindow(BaseModel):
    """The lines that a window leaves without any while people may still come."""

    code: Literal["last_window"]
    lines: list[str]
    message: str


class LeftAnswer(WindowAnswer):
    warning: LastWindow | None


class WindowsAnswer(BaseModel):
    windows: list[Window]


class TodayAnswer(BaseModel):
    served: int
    mean_service_seconds: int | None
    overtime_seconds: int


class HallsAnswer(BaseModel):
    halls: list[Named]


class Zone(Named):
    floor: int


class SuspendedLine(BaseModel):
    """No numbers for a stated reason; `text` is for those who hold one already."""

    reason: str
    until: str
    at: str
    moved_to: str | None
    text: str


class CatalogueLine(Named):
    prefix: str
    common: bool
    batch_limit: Annotated[int | None, Field(description="pieces of one ticket served at one call")]
    identity: Literal["none", "typed", "card"]
    open: bool
    reason: str | None
    reason_text: str | None
    opens_at: str | None
    resumes_at: str | None
    waiting: int
    expected_wait: Wait | None
    windows_open: int
    suspended: SuspendedLine | None
    warning: Literal["may_pass_closing"] | None
    warning_text: str | None
    zones: list[Zone]


class CatalogueMatter(Named):
    unit: str
    category: str
    line: str
    pinyin: str
    initials: str
    papers: list[str]


class CatalogueHall(Named):
    time_zone: str
    calling: list[str]


class CatalogueAnswer(BaseModel):
    hall: CatalogueHall
    at: str
    day: str
    units: list[Named]
    categories: list[Named]
    zones: list[Zone]
    lines: list[CatalogueLine]
    matters: list[CatalogueMatter]
    classes: list[Named]
    outcomes: list[Named]
    guide_line: str | None
    rules: dict[str, Any]
    public_url: str | None


class BoardCall(BaseModel):
    id: str
    number: str
    window: str
    line: str
    status: TicketStatus
    at: str
    first_called_at: str
    calls: int
    language: str


class Missed(BaseModel):
    id: str
    number: str
    at: str


class BoardAnswer(BaseModel):
    epoch: str
    seq: int
    at: str
    day: str
    calls: list[BoardCall]
    missed: list[Missed]
    windows: list[dict[str, Any]]
    waiting: dict[str, int]
    message: dict[str, Any] | None


class JournalAnswer(BaseModel):
    answer: Literal["up_to_date", "events", "resync"]
    epoch: str
    seq: int
    events: list[dict[str, Any]]
    more: bool


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


class Session(BaseModel):
    role: str
    hall: str
    window: str | None
    name: str
    csrf: str
    unit: str | None
    account: Annotated[bool, Field(description="signed in, not by a token")]
    must: Annotated[Literal["", "password", "second_factor"], Field(description="to be done before anything else")]
    home: Annotated[str, Field(description="the page where this role begins")]
    at: Annotated[str, Field(description="the hall's time of this answer")]


class SessionAnswer(BaseModel):
    session: Session


class Ok(BaseModel):
    ok: bool


class Refusal(BaseModel):
    code: str
    message: str
    details: dict[str, Any]


class ErrorAnswer(BaseModel):
    error: Refusal

    @classmethod
    @cache
    def model_json_schema(cls, *args: Any, **how: Any) -> dict[str, Any]:  # type: ignore[override]
        """Every route asks for it eight times."""
        return super().model_json_schema(*args, **how)
