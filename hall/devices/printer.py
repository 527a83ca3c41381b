"""A printer as the settings name it: how it is reached, what it can do, and what a kiosk does when it cannot."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hall.mistakes import expected, mistake_at, refuse
from hall.values import Part

QUEUE = re.compile(r"[^\s/#'\"\\-][^\s/#'\"\\]*")
ADDRESSES = {
    "network": (
        re.compile(r"[^\s:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}"),
        'HOST:PORT such as "192.168.1.60:9100"',
    ),
    "usb": (re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}"), 'VENDOR:PRODUCT in hex such as "04b8:0e15"'),
    "serial": (re.compile(r"\S+"), "a serial device such as /dev/ttyS0 or COM3"),
    "file": (re.compile(r".+"), "a file or device such as /dev/usb/lp0"),
    "cups": (QUEUE, "the name of a print queue as lpstat -e tells it"),
    "windows": (re.compile(r"\S.*"), "the name of a Windows printer"),
}


class PrinterProfile(Part):
    """One printer: `width_dots` 384 for 58 mm paper, 512 or 576 for 80 mm."""

    kind: Literal["network", "usb", "serial", "file", "cups", "windows"] = "network"
    address: Annotated[str, Field(max_length=200), expected("a text in quotes")] = "127.0.0.1:9100"
    """network HOST:PORT · usb VENDOR:PRODUCT (hex) · serial DEVICE · file PATH · cups QUEUE · windows NAME"""
    width_dots: Literal[384, 512, 576] = 576
    encoding: Literal["gb18030", "raster"] = "gb18030"
    """`raster` draws every line, for printers without Chinese characters."""
    cutter: bool = True
    """Without a cutter the paper is fed far enough to be torn off."""
    buzzer: bool = False
    """Beeps when a slip is out."""
    baud: Annotated[int, Field(ge=300, le=921600), expected("a speed such as 9600")] = 9600
    timeout_seconds: Annotated[float, Field(gt=0, le=30), expected("seconds, more than 0 and at most 30")] = 3
    """How long an answer may take; a job in a print queue gets four times as long."""

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        form, words = ADDRESSES[self.kind]
        if not form.fullmatch(self.address):
            refuse("Printer", [mistake_at(("address",), self.address, f"{words} for a {self.kind} printer")])
        return self


class Printer(PrinterProfile):
    """A kiosk's printer."""

    fallback: PrinterProfile | None = None
    """Gets the slip when this one could not begin it."""
    stop_after_unprinted: (
        Annotated[int, Field(ge=1, le=100), expected("a number of slips from 1 to 100, or nothing")] | None
    ) = None
    """After so many slips in a row without paper the kiosk gives no more numbers until the printer is well again."""
    template: Annotated[str, Field(min_length=1, max_length=500), expected("the name of a file")] | None = None
    """How the slip is laid out; None: as shipped."""
