"""Bodies and answers of holding, taking back, and scanning a slip."""

from typing import Annotated, Literal

from pydantic import Field

from server.api.booking_models import Booking
from server.api.models import CLEAN, Body, Reason
from server.api.ticket_models import TicketAnswer


class Hold(Body):
    reason: Reason
    minutes: (
        Annotated[int, Field(ge=1, le=480, description="back in its line after them; without, when taken")] | None
    ) = None


class Resume(Body):
    number: Annotated[str, Field(min_length=1, max_length=12, pattern=CLEAN)]


class Scan(Body):
    code: Annotated[
        str,
        Field(
            min_length=1,
            max_length=300,
            pattern=CLEAN,
            description="what the slip's code holds, bare or as an address; staff may type a number of today",
        ),
    ]


class ScanAnswer(TicketAnswer):
    action: Literal["reinstated", "arrived", "precedence", "found"]
    booking: Annotated[Booking | None, Field(description="the booking that its visitor has just come for")]
