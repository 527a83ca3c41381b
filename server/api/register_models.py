"""Bodies and answers of the register of what should be in the hall."""

from datetime import date
from typing import Annotated, Any, Literal

from flask_openapi3 import MediaType, Schema
from flask_openapi3.models.data_type import DataType
from pydantic import BaseModel, ConfigDict, Field

from hall.words import Entry
from server.api.models import CLEAN, Body, HallPath, Key, Language, Limit
from server.files.answers import XLSX

Words = Annotated[str, Field(min_length=1, max_length=500, pattern=CLEAN)]
DocumentNumber = Annotated[str, Field(min_length=1, max_length=80, pattern=CLEAN, description="as on the paper")]
Day = Annotated[date, Field(strict=False)]


class RegisterQuery(BaseModel):
    language: Language | None = None


class MattersQuery(RegisterQuery):
    form: Literal["json", "csv", "xlsx"] = "json"
    unit: Key | None = None
    entry: Entry | None = None
    text: Annotated[str, Field(max_length=80, pattern=CLEAN, description="part of the name")] = ""
    limit: Limit = 100
    after: Key | None = None


class MatterPath(HallPath):
    matter: Key


class ExemptionPath(HallPath):
    exemption: Key


class ConsultationPath(HallPath):
    consultation: Key


class Proposal(Body):
    matter: Key
    kind: Annotated[Literal["exempt", "separate"], Field(description="not in a hall, or in a hall of its own")]
    reason: Words


class Approval(Body):
    document_number: DocumentNumber
    decided_on: Day
    review_due: Day
    replaces: Annotated[
        DocumentNumber | None, Field(description="of a review: the document that holds until now; null: a proposal")
    ] = None


class WithWords(Body):
    reason: Words


class NewConsultation(Body):
    matter: Key
    reason: Words


class UnitFigures(BaseModel):
    id: str
    name: str
    kind: str
    should: int
    is_in: int
    pending: int
    percentage: float | None
    exempt: int
    separate: int
    consultation: int
    overdue: int


class MatterOfRegister(BaseModel):
    id: str
    name: str
    unit: str
    unit_name: str
    entry: Entry
    line: str
    line_name: str
    windows: list[str]
    exemption: dict[str, Any] | None
    consultation: dict[str, Any] | None


class Checked(BaseModel):
    day: str
    at: str
    should: int
    is_in: int
    count: int
    findings: list[dict[str, Any]]


class RegisterAnswer(BaseModel):
    day: str
    totals: dict[str, float | None]
    units: list[UnitFigures]
    waiting: list[MatterOfRegister]
    checked: Checked | None


class MattersAnswer(BaseModel):
    """The matters; as a file the same rows."""

    model_config = ConfigDict(
        openapi_extra={"content": {kind: MediaType(schema=Schema(type=DataType.STRING)) for kind in ("text/csv", XLSX)}}
    )  # type: ignore[typeddict-unknown-key]

    matters: list[MatterOfRegister]
    after: str | None


class ExemptionAnswer(BaseModel):
    exemption: str
    status: str


class ConsultationAnswer(BaseModel):
    consultation: str
    status: str
    signed: dict[str, bool]


class EnteredAnswer(BaseModel):
    matter: str
    entry: Entry
