"""Bodies of audit, access log and erasure."""

from datetime import date
from typing import Annotated, Literal, Self

from flask_openapi3 import MediaType, Schema
from flask_openapi3.models.data_type import DataType
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from server.api.models import CLEAN, Body, HallPath, Key, Language, Limit, Reason
from server.files.answers import XLSX

Form = Literal["json", "csv", "xlsx"]
Word = Annotated[str, Field(min_length=1, max_length=40, pattern=CLEAN)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(3000, 1, 1))]
Place = Annotated[int, Field(ge=0, lt=1 << 53)]
_FILES = ConfigDict(
    openapi_extra={"content": {kind: MediaType(schema=Schema(type=DataType.STRING)) for kind in ("text/csv", XLSX)}}
)  # type: ignore[typeddict-unknown-key]


class ErasurePath(HallPath):
    erasure: Key


class DayRoot(BaseModel):
    day: str
    seq: int
    hash: str


class Kept(BaseModel):
    day: str
    seq: int
    at: str


class Verification(BaseModel):
    state: Literal["running", "whole", "broken", "stopped"]
    asked_by: str
    began_at: str
    ended_at: str | None
    seq: int
    faults: list[str]


class AuditState(BaseModel):
    seq: int
    head: str
    at: str
    kept_from: Kept | None
    verification: Verification | None
    days: list[DayRoot]


class VerificationAnswer(BaseModel):
    verification: Verification


class EventsQuery(BaseModel):
    day: Day | None = None
    number: Word | None = None
    type: Word | None = None
    by: Word | None = None
    after: Place | None = None
    limit: Limit = 100
    form: Form = "json"
    language: Language | None = None


class FoundEvent(BaseModel):
    seq: int
    at: str
    type: str
    number: str | None
    window: str | None
    text: str
    by: str | None
    body: str


class EventsAnswer(BaseModel):
    model_config = _FILES
    events: list[FoundEvent]
    more: bool


class AccessQuery(BaseModel):
    what: Word | None = None
    actor: Word | None = None
    since: Day | None = None
    until: Day | None = None
    after: Place | None = None
    limit: Limit = 100
    form: Form = "json"
    language: Language | None = None


class AccessLine(BaseModel):
    id: int
    at: str
    actor: str | None
    name: str | None
    role: str | None
    what: str
    detail: str


class AccessAnswer(BaseModel):
    model_config = _FILES
    lines: list[AccessLine]
    kinds: list[str]
    more: bool


class NewErasure(Body):
    what: Literal["ticket", "booking", "case"]
    named: Annotated[str, Field(min_length=1, max_length=40, pattern=CLEAN, description="a number, or a code")]
    day: Annotated[Day, Field(strict=False)] | None = None
    reason: Reason

    @model_validator(mode="after")
    def _a_number_is_of_a_day(self) -> Self:
        if self.what == "ticket" and self.day is None:
            raise PydanticCustomError("missing", "a number is given anew every day")
        return self


class Erasure(BaseModel):
    id: str
    what: str
    named: str
    reason: str
    asked_by: str
    asked_at: str
    done_by: str | None
    done_at: str | None


class ErasureAnswer(BaseModel):
    erasure: Erasure


class ErasuresAnswer(BaseModel):
    erasures: list[Erasure]
