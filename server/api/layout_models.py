"""Bodies and answers of the catalogue's calls; a part's value is what config.yaml writes of it."""

from typing import Annotated, Any, Literal

from flask import request
from flask_openapi3 import FileStorage, MediaType, Schema
from flask_openapi3.models.data_type import DataType
from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.api.models import Body, HallPath, Key, Language, Limit, Reason
from server.files.answers import XLSX

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
    form: Annotated[Literal["json", "csv", "xlsx"], Field(description="as a file it holds all that is found")] = "json"
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


class ImportForm(Body):
    file: Annotated[FileStorage, Field(description="CSV or XLSX, its first row the headers of an export, or codes")]
    reason: Reason
    check: Annotated[Literal["true", "false"], Field(description="true: only look, write nothing")] = "false"
    language: Annotated[Language | None, Field(description="in which mistakes are told")] = None

    @model_validator(mode="before")
    @classmethod
    def _as_sent(cls, _value: Any) -> Any:
        """The texts themselves: flask-openapi3 makes the number of a reason that looks like one."""
        texts = {name: text for name, text in request.form.items() if name != "file"}
        return {**texts, **request.files.to_dict()}


class Change(BaseModel):
    part: str
    id: str
    name: dict[str, str]
    kind: Literal["added", "changed", "closed", "reopened", "reordered"]
    fields: Annotated[dict[str, list[Any]], Field(description="{field: [before, after]}")]


class Changes(BaseModel):
    changes: list[Change]


class Imported(Changes):
    """How many rows are new, other than before, or as they were; of the changes the first 200."""

    added: int
    changed: int
    same: int


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
    """The parts; as a file a row for each."""

    model_config = ConfigDict(
        openapi_extra={"content": {kind: MediaType(schema=Schema(type=DataType.STRING)) for kind in ("text/csv", XLSX)}}
    )  # type: ignore[typeddict-unknown-key]

    parts: list[OnePart]
    total: int
    after: str | None
