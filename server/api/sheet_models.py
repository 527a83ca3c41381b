"""Bodies of the day and month sheets."""

from datetime import date
from typing import Annotated, Literal

from flask_openapi3 import MediaType, Schema
from flask_openapi3.models.data_type import DataType
from pydantic import BaseModel, ConfigDict, Field

from server.api.models import HallPath, Language
from server.files.answers import XLSX


class DayPath(HallPath):
    day: Annotated[date, Field(description="a day such as 2026-11-23")]


class MonthPath(HallPath):
    month: Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="a month such as 2026-11")]


class SheetQuery(BaseModel):
    form: Literal["json", "csv", "xlsx"] = "json"
    language: Language | None = None


class Figures(BaseModel):
    """What each figure says: docs/decisions/0025-sheets.md."""

    issued: int | None
    served: int
    missed: int
    cancelled: int
    expired: int
    unfinished: int
    called: int
    mean_wait_seconds: int | None
    p90_wait_seconds: int | None
    within_15: float | None
    within_30: float | None
    mean_service_seconds: int | None


class NamedFigures(Figures):
    id: str | None
    """None: of no unit."""
    name: str | None


class TimedFigures(Figures):
    at: str
    """An hour such as 09:00 in a day's sheet, a day in a month's."""


class SheetRoot(BaseModel):
    """The last row of the journal that belongs to the day: its hash proves everything up to there."""

    seq: int
    hash: str


class Sheet(BaseModel):
    model_config = ConfigDict(
        openapi_extra={"content": {kind: MediaType(schema=Schema(type=DataType.STRING)) for kind in ("text/csv", XLSX)}}
    )  # type: ignore[typeddict-unknown-key]

    hall: str
    so_far: bool
    root: SheetRoot | None
    total: Figures
    lines: list[NamedFigures]
    units: list[NamedFigures]
    windows: list[NamedFigures]
    times: list[TimedFigures]


class DaySheet(Sheet):
    day: str


class MonthSheet(Sheet):
    month: str
