"""Bodies and answers of windows: opened, closed, calling."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from hall.words import WindowStatus
from server.api.models import CLEAN, Body, Reason
from server.api.ticket_models import Ticket


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
