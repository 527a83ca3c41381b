"""Bodies and answers of the hall today: lent lines, suspended lines, and how all stands."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from hall.words import WindowStatus
from server.api.hall_models import SuspendedLine
from server.api.models import Body, HallPath, Key, Named, Reason, Wait, WindowPath
from server.api.window_models import Until


class LinePath(HallPath):
    line: Key


class LentPath(WindowPath):
    line: Key


class Lend(Body):
    line: Key
    rank: Annotated[int, Field(ge=1, le=9, description="1: with the window's first lines")] = 1
    until: Until
    reason: Reason


class Because(Body):
    reason: Reason


class Suspend(Body):
    reason: Reason
    until: Until
    move_to: Annotated[Key | None, Field(description="the line where those who wait go on; null: they are served")] = (
        None
    )


class LentAnswer(BaseModel):
    window: str
    line: str
    until: str | None = None


class SuspendedAnswer(BaseModel):
    line: str
    reason: str
    until: str
    moved_to: str | None
    moved: Annotated[list[str], Field(description="the numbers that go on in the other line")]


class ResumedAnswer(BaseModel):
    line: str


class LineToday(Named):
    prefix: str
    open: bool
    reason_text: str | None
    suspended: SuspendedLine | None
    waiting: int
    expected_wait: Wait | None
    windows_open: int
    waits_since: Annotated[str | None, Field(description="since when the longest waiting waits")]
    windows: Annotated[list[str], Field(description="those that serve it, open or not")]
    complaints: Annotated[bool, Field(description="the line of complaints: its numbers go to no other, nor any to it")]


class ServedLine(BaseModel):
    id: str
    rank: int
    until: Annotated[str | None, Field(description="lent until then; null: the window's own")]


class TicketThere(BaseModel):
    id: str
    number: str
    line: str
    status: str


class WindowNow(Named):
    zone: str
    zone_name: str
    floor: int
    status: WindowStatus
    reason: str | None
    until: str | None
    closing: str | None
    clerk: str | None
    lines: list[ServedLine]
    ticket: TicketThere | None
    since: str | None
    served: int
    mean_service_seconds: int | None
    last_for: list[str]


class Waits(BaseModel):
    amber_minutes: int
    red_minutes: int


class HallToday(BaseModel):
    at: str
    day: str
    message: dict[str, Any] | None
    tidal: Annotated[int, Field(description="more than so many waiting ask for another window")]
    waits: Waits
    lines: list[LineToday]
    windows: list[WindowNow]
