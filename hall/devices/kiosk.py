"""A kiosk as the settings name it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from hall.devices.printer import Printer
from hall.devices.reader import CardReader, Scanner
from hall.mistakes import expected, mistake_at, refuse
from hall.values import Part, Slug, Text


class Offline(Part):
    """How a kiosk goes on when the server does not answer. Where bands begin is a rule of the hall."""

    numbers: Annotated[int, Field(ge=0, le=2000), expected("a number of tickets from 0 to 2000")] = 20
    """Numbers of each line kept for an outage; 0: without the server this kiosk gives none."""
    hours: Annotated[int, Field(ge=1, le=24), expected("hours from 1 to 24")] = 4
    """How long after it heard of the server last it goes on; never past the day."""


class Kiosk(Part):
    id: Slug
    name: Text
    printer: Printer = Printer()
    scanner: Scanner | None = None
    card_reader: CardReader | None = None
    offline: Offline = Offline()
    idle_seconds: Annotated[int, Field(ge=10, le=3600), expected("seconds from 10 to 3600")] = 60
    warning_seconds: Annotated[int, Field(ge=5, le=3600), expected("seconds from 5 to 3600")] = 20
    result_seconds: Annotated[int, Field(ge=3, le=600), expected("seconds from 3 to 600")] = 12

    @model_validator(mode="after")
    def _warns_in_time(self) -> Self:
        if self.warning_seconds >= self.idle_seconds:
            words = f"less than idle_seconds ({self.idle_seconds})"
            refuse("Kiosk", [mistake_at(("warning_seconds",), self.warning_seconds, words)])
        return self
