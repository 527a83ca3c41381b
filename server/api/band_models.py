"""Bodies and answers of kiosks without network."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from hall.day import told_moment
from server.api.models import Body, Key, Language, RequestId

LARGEST = 999_999
Prefix = Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")]
Ordinal = Annotated[int, Field(ge=1, le=LARGEST)]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


Moment = Annotated[datetime, Field(strict=False), AfterValidator(told_moment)]


class Rest(BaseModel):
    """What a kiosk gives back of a band: all from `next` on."""

    prefix: Prefix
    first: Ordinal
    next: Ordinal


class WantedBands(Body):
    size: Annotated[int, Field(ge=0, le=2000, description="numbers of each line for an outage")]
    returned: Annotated[list[Rest], Field(default_factory=list, max_length=200)]


class Band(BaseModel):
    prefix: str
    first: int
    last: int
    next: int
    back: bool = Field(description="to be given back")


class LineHours(BaseModel):
    id: str
    prefix: str
    hours: list[tuple[float, float]] = Field(description="when it gives numbers today, in seconds since 1970")


class BandsAnswer(BaseModel):
    epoch: str
    day: str
    ends_at: float = Field(description="when the business day ends, in seconds since 1970")
    bands: list[Band]
    lines: list[LineHours]


class OfflineTicket(Body):
    id: Uuid
    prefix: Prefix
    ordinal: Ordinal
    day: Annotated[date, Field(strict=False)]
    line: Key
    matter: Key | None = None
    language: Language = "zh-CN"
    count: Annotated[int, Field(ge=1, le=99)] = 1
    issued_at: Annotated[Moment, Field(description="by the kiosk's clock, corrected by its offset at the last contact")]
    contact_at: Annotated[Moment, Field(description="when the kiosk heard of the server last, by the server's clock")]
    track_code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]
    slip: Uuid
    touch: RequestId
