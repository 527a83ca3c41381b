"""What reads codes and cards at a kiosk, as the settings name it."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hall.mistakes import expected, mistake_at, refuse
from hall.values import Part

Address = Annotated[str, Field(max_length=200, pattern=r"^\S+$"), expected("a device such as /dev/ttyACM0 or COM3")]
Baud = Annotated[int, Field(ge=300, le=921600), expected("a speed such as 9600")]


class Scanner(Part):
    """A scanner on a serial port; one that types like a keyboard needs no settings."""

    address: Address
    baud: Baud = 9600


class CardReader(Part):
    """An ID-card reader that speaks the line protocol of docs/readers.md."""

    kind: Literal["tcp", "serial"] = "tcp"
    address: Address = "127.0.0.1:7410"
    """tcp HOST:PORT of its maker's program · serial DEVICE"""
    baud: Baud = 9600
    place_seconds: Annotated[int, Field(ge=5, le=60), expected("seconds from 5 to 60")] = 20
    """How long a visitor has to place the card."""

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.kind == "tcp" and not re.fullmatch(r"[^\s:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", self.address):
            refuse("CardReader", [mistake_at(("address",), self.address, 'HOST:PORT such as "127.0.0.1:7410"')])
        return self
