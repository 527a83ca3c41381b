"""Bodies and answers of ratings and of the cases that bad ones open."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from hall.words import RatingReason
from server.api.models import CLEAN, Body, Key
from server.center.ratings import BAD, Given

Level = Annotated[int, Field(ge=1, le=5, description="5 very satisfied … 1 very dissatisfied")]
Week = Annotated[date, Field(lt=date(3000, 1, 1), description="any day of a finished week; without it the last")]
Reasons = Annotated[list[Annotated[RatingReason, Field(strict=False)]], Field(max_length=len(RatingReason))]


class Rating(Body):
    level: Level
    reasons: Reasons = Field(default_factory=list)
    words: Annotated[str, Field(max_length=500, pattern=CLEAN)] | None = None

    @model_validator(mode="after")
    def _only_the_dissatisfied_are_asked_why(self) -> "Rating":
        if self.level > BAD and (self.reasons or self.words):
            raise PydanticCustomError("reasons", "reasons and words only with level 2 and below")
        return self

    @property
    def given(self) -> Given:
        words = (self.words or "").strip()
        return Given(self.level, list(dict.fromkeys(one.value for one in self.reasons)), words or None)


class TabletRating(Rating):
    ticket: Key


class RatedAnswer(BaseModel):
    rated: bool
    case: str | None = Field(description="the code of the case that a bad rating opened")


class MayRateAnswer(BaseModel):
    open: bool
    rated: bool
    until: date = Field(description="the last day for it")
    reasons: list[RatingReason]


class TabletTicket(BaseModel):
    id: str
    number: str
    language: str
    seconds: int = Field(description="for so long the levels are offered")


class TabletAnswer(BaseModel):
    ticket: TabletTicket | None
    reasons: list[RatingReason]


class WeekQuery(BaseModel):
    week: Week | None = None


class TotalsQuery(WeekQuery):
    by: Literal["line", "unit", "window"] = "window"


Levels = dict[Literal["5", "4", "3", "2", "1"], int]


class Total(BaseModel):
    """Null below five."""

    total: int | None
    levels: Levels | None


class NamedTotal(Total):
    id: str


class WindowTotalAnswer(Total):
    since: date = Field(alias="from")
    to: date


class TotalsAnswer(BaseModel):
    since: date = Field(alias="from")
    to: date
    totals: list[NamedTotal]
