"""Bodies and answers of the calls about devices."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from hall.health import State
from server.api.models import CLEAN, Body, HallPath, Key

Short = Annotated[str, Field(max_length=40, pattern=CLEAN)]
Long = Annotated[str, Field(max_length=300, pattern=CLEAN)]
Value = Annotated[str, Field(max_length=200, pattern=CLEAN)] | int | Annotated[float, Field(allow_inf_nan=False)] | bool
Facts = Annotated[dict[Short, Value | None], Field(max_length=30)]
At = Annotated[AwareDatetime, Field(strict=False)]
What = Literal["print", "announcement", "sign"]
Kind = Literal["kiosk", "display", "caller"]
Count = Annotated[int, Field(ge=0, lt=1 << 53)]


class DevicePath(HallPath):
    device: Key


class TestPath(HallPath):
    test: Key


class Said(BaseModel):
    """One part of a device, as hall.health has it."""

    part: Short
    state: State
    code: Short = ""
    id: Short = ""
    detail: Long = ""
    facts: Facts = Field(default_factory=dict)


class LastError(BaseModel):
    at: At
    text: Long


class Beat(Body):
    """What a device says of itself. Old and new ones are not told apart: the last that came counts."""

    version: Short
    at: Annotated[At, Field(description="the device's own clock")]
    drift_seconds: Annotated[
        float | None,
        Field(allow_inf_nan=False, ge=-1e10, le=1e10, description="its clock less the server's, as it measured it"),
    ] = None
    seq: Annotated[Count | None, Field(description="the last event its board shows")] = None
    epoch: Short | None = None
    can: Annotated[list[What], Field(max_length=3, description="the tests it can do")] = Field(default_factory=list)
    conditions: Annotated[list[Said], Field(max_length=200)]
    last_error: LastError | None = None


class AskedTest(BaseModel):
    id: str
    what: What


class BeatAnswer(BaseModel):
    at: str
    tests: list[AskedTest]


class TestResult(Body):
    ok: bool
    detail: Long = ""
    facts: Facts = Field(default_factory=dict)


class NewEnrolment(Body):
    role: Kind
    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
    window: Key | None = None


class EnrolmentAnswer(BaseModel):
    code: str
    name: str
    kind: str
    window: str | None
    expires_at: str


class UseCode(Body):
    code: Key
    kind: Annotated[Kind | None, Field(description="what the device is: another's code is not used up")] = None


class EnrolledAnswer(BaseModel):
    token: str
    id: str
    hall: str
    kind: str
    window: str | None
    name: str


class AskTest(Body):
    what: What


class AskedAnswer(BaseModel):
    id: str
    device: str
    what: What


class DeviceState(BaseModel):
    id: str
    name: str
    kind: str
    window: str | None
    state: str
    conditions: list[Said]
    version: str | None
    seen_at: str | None
    drift_seconds: float | None
    seq: int | None
    behind: int | None
    last_error: dict[str, str] | None
    can: list[str]
    tests: list[dict[str, Any]]


class OpenEnrolment(BaseModel):
    id: str
    name: str
    kind: str
    window: str | None
    expires_at: str


class Alarm(BaseModel):
    said: str
    remedy: str


class DeviceStates(BaseModel):
    at: str
    seq: int
    version: str
    clock: Annotated[Alarm | None, Field(description="why the server's clock is not believed")]
    devices: list[DeviceState]
    enrolments: list[OpenEnrolment]
