"""Bodies and answers of the catalogue's calls; a part's value is what config.yaml writes of it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from server.api.models import Body, HallPath, Key, Language, Limit, Reason

PartName = Literal["zones", "units", "lines", "matters", "windows", "assignments"]
Value = Annotated[dict[str, Any], Field(description="as config.yaml writes it")]


class PartsPath(HallPath):
    part: PartName


class PartPath(PartsPath):
    id: Key


class PartsQuery(BaseModel):
    text: Annotated[str, Field(max_length=80, description="in its id or a name; a matter also by its pinyin")] = ""
    unit: Key | None = None
    line: Key | None = None
    state: Literal["open", "closed"] = "open"
    language: Language | None = None
    limit: Limit = 100
    after: Key | None = None


class PutPart(Body):
    value: Value
    before: Annotated[Value | None, Field(description="as the editor was shown it; null: it is new, or was closed")]
    reason: Reason


class ClosePart(Body):
    reason: Reason


class ChangeSettings(Body):
    values: Annotated[Value, Field(min_length=1)]
    before: Value
    reason: Reason


class Change(BaseModel):
    part: str
    id: str
    name: dict[str, str]
    kind: Literal["added", "changed", "closed", "reopened", "reordered"]
    fields: Annotated[dict[str, list[Any]], Field(description="{field: [before, after]}")]


class Changes(BaseModel):
    changes: list[Change]


class LayoutAnswer(BaseModel):
    version: int
    settings: Value
    zones: list[Value]
    units: list[Value]
    lines: list[Value]
    windows: list[Value]
    counts: dict[str, int]
    closed: dict[str, int]


class OnePart(BaseModel):
    value: Value
    closed: bool


class PartsAnswer(BaseModel):
    parts: list[OnePart]
    total: int
    after: str | None
