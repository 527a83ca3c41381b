"""A printer as the settings name it."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hall.layout import Part
from hall.mistakes import expected, mistake_at, refuse

ADDRESSES = {
    "network": (
        re.compile(r"[^\s:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}"),
        'HOST:PORT such as "192.168.1.60:9100"',
    ),
    "usb": (re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}"), 'VENDOR:PRODUCT in hex such as "04b8:0e15"'),
    "serial": (re.compile(r"\S+"), "a serial device such as /dev/ttyS0 or COM3"),
    "file": (re.compile(r".+"), "a file or device such as /dev/usb/lp0"),
}


class Printer(Part):
    kind: Literal["network", "usb", "serial", "file"] = "network"
    address: Annotated[str, Field(max_length=200), expected("a text in quotes")] = "127.0.0.1:9100"
    """network HOST:PORT · usb VENDOR:PRODUCT (hex) · serial DEVICE · file PATH"""
    width_dots: Literal[384, 512, 576] = 576
    encoding: Literal["gb18030", "raster"] = "gb18030"
    """`raster` draws every line, for printers without Chinese characters."""
    baud: Annotated[int, Field(ge=300, le=921600), expected("a speed such as 9600")] = 9600
    timeout_seconds: Annotated[float, Field(gt=0, le=30), expected("seconds, more than 0 and at most 30")] = 3

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        form, words = ADDRESSES[self.kind]
        if not form.fullmatch(self.address):
            refuse("Printer", [mistake_at(("address",), self.address, f"{words} for a {self.kind} printer")])
        return self
