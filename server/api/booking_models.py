"""Bodies and answers of booking."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from hall.day import told_moment
from hall.identity import booker_number
from server.api.models import Body, Key, Language, Named
from server.api.ticket_models import Ticket


def _number(number: SecretStr | None) -> SecretStr | None:
    try:
        if number is not None:
            booker_number(number.get_secret_value())
    except ValueError:
        raise PydanticCustomError("document", "not a number of a phone or a document") from None
    return number


# Left out whenever the body is written down, as every number of a person is.
_SAID = Field(exclude=True, description="the number of a phone or a document")
BookerNumber = Annotated[SecretStr, _SAID, AfterValidator(_number)]
NumberAgain = Annotated[SecretStr | None, _SAID, AfterValidator(_number)]


Moment = Annotated[
    datetime, Field(strict=False, description="a slot's start as the slots tell it"), AfterValidator(told_moment)
]


class SlotsQuery(BaseModel):
    line: Key | None = None
    day: date | None = None
    language: Language | None = None


class BookingsQuery(BaseModel):
    day: date | None = None
    line: Key | None = None


class NewBooking(Body):
    line: Key | None = None
    matter: Key | None = None
    at: Moment
    person: BookerNumber
    language: Language = "zh-CN"

    @model_validator(mode="after")
    def _line_or_matter(self) -> "NewBooking":
        if self.line is None and self.matter is None:
            raise ValueError("line or matter is needed")
        return self


class ChangeBooking(Body):
    at: Moment
    person: NumberAgain = None


class FindBooking(Body):
    person: BookerNumber


class ArriveBooking(Body):
    device: Annotated[Key, Field(description="the device that prints the slip")] | None = None


class DayOffer(BaseModel):
    day: str
    text: str
    left: int


class SlotOffer(BaseModel):
    at: str
    starts: str
    ends: str
    left: int


class SlotsAnswer(BaseModel):
    hall: Named
    lines: list[Named]
    days: list[DayOffer]
    slots: list[SlotOffer]


BookingStatus = Literal["booked", "arrived", "cancelled", "no_show"]


class Booking(BaseModel):
    code: str
    qr: Annotated[str, Field(description="the code as a picture, a data: address")]
    hall: str
    line: str
    line_name: str
    matter: str | None
    day: str
    day_text: str
    at: str
    starts: str
    ends: str
    check_in_from: str
    check_in_until: str
    tail: str
    status: BookingStatus


class BookingAnswer(BaseModel):
    booking: Booking


class ArrivedAnswer(BookingAnswer):
    ticket: Ticket


class ListedBooking(BaseModel):
    id: str
    line: str
    at: str
    starts: str
    tail: str
    status: BookingStatus
    ticket: str | None


class BookingCounts(BaseModel):
    booked: int
    arrived: int
    cancelled: int
    no_show: int


class BookingsAnswer(BaseModel):
    day: str
    counts: BookingCounts
    bookings: list[ListedBooking]
