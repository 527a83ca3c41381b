"""What bodies and answers of many routes are made of, as OpenAPI tells them: keys, paths, names, refusals."""

from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


class LanguageQuery(BaseModel):
    language: Language | None = None


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
