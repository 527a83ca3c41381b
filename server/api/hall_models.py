"""Answers about a hall as a whole: its catalogue, its board, its journal."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from hall.words import TicketStatus
from server.api.models import Key, Limit, Named, Wait


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


class BoardQuery(BaseModel):
    zone: Key | None = None


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


class JournalQuery(BaseModel):
    since: Annotated[int, Field(ge=0, lt=1 << 53)] = 0
    epoch: Key | None = None
    limit: Limit = 200


class JournalAnswer(BaseModel):
    answer: Literal["up_to_date", "events", "resync"]
    epoch: str
    seq: int
    events: list[dict[str, Any]]
    more: bool
