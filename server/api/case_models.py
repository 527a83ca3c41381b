"""Bodies and answers of cases: those of bad ratings, and complaints."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from hall.words import RatingReason
from server.api.models import CLEAN, Body, HallPath, Key, Limit

CaseStatus = Literal["open", "answered", "closed"]
CaseKind = Literal["rating", "complaint"]
Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=CLEAN)]
# Left out whenever the body is written down: what is kept of a request would outlive their erasure.
OwnWords = Annotated[str, Field(min_length=1, max_length=1000, pattern=CLEAN, exclude=True)]
Contact = Annotated[str | None, Field(max_length=120, pattern=CLEAN, exclude=True)]


class CasesQuery(BaseModel):
    status: CaseStatus | None = None
    kind: CaseKind | None = None
    unit: Key | None = None
    overdue: bool = False
    limit: Limit = 100
    after: Key | None = None


class CasePath(HallPath):
    case: Key


class NewCase(Body):
    """Taken down at the desk."""

    words: OwnWords
    unit: Key | None = None
    window: Key | None = None
    contact: Contact = None


class OwnComplaint(Body):
    """By the visitor of a slip."""

    words: OwnWords
    about: Annotated[Literal["visit", "hall"], Field(description="the service asked for, or the hall itself")] = "visit"
    give_number: Annotated[bool, Field(description="whether the case may name the own number")] = False
    contact: Contact = None


class AssignCase(Body):
    owner: Annotated[Key | None, Field(description="None: the supervisor on duty")] = None


class CaseWords(Body):
    words: OwnWords


class CaseAnswerBody(Body):
    answer: Words


class VisitorsCase(BaseModel):
    kind: CaseKind
    words: str | None
    status: CaseStatus
    opened_on: date
    answer_by: date
    right_by: date
    answer: str | None
    answered_at: str | None
    closed_at: str | None
    follow_up: int | None
    may_rate: bool


class Case(BaseModel):
    id: str
    kind: CaseKind
    status: CaseStatus
    opened_on: date
    answer_by: date
    right_by: date
    overdue: bool
    unit: str | None
    line: str | None
    window: str | None
    owner: str | None
    opened_by: str | None
    level: int | None
    reasons: list[RatingReason]
    words: str | None
    contact: str | None
    number: Annotated[str | None, Field(description="where the visitor gave it")]
    answer: str | None
    answered_at: str | None
    closed_at: str | None
    follow_up: int | None


class CaseStep(BaseModel):
    at: str
    what: Literal["assigned", "noted", "stated", "answered", "closed", "rated"]
    by: str
    words: str | None


class WholeCase(Case):
    steps: list[CaseStep]
    may: list[Literal["state", "answer", "close", "assign"]]
    people: list[str]


class CaseAnswer(BaseModel):
    case: WholeCase


class CaseCounts(BaseModel):
    open: int
    answered: int
    closed: int
    overdue: int
    due_today: int


class CasesAnswer(BaseModel):
    cases: list[Case]
    after: str | None
    counts: CaseCounts


class NewCaseAnswer(CaseAnswer):
    code: Annotated[str, Field(description="for the visitor alone; told this once")]


class OwnCaseAnswer(BaseModel):
    code: str


class VisitorsCaseAnswer(BaseModel):
    case: VisitorsCase
