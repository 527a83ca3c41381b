"""An LED sign as the settings name it: what it hangs on, what it can show, and of whom."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import InitErrorDetails

from hall.mistakes import expected, mistake_at, refuse
from hall.values import Part, Slug, Text

TCP = re.compile(r"tcp://(?P<address>([^\s:/]+|\[[0-9a-fA-F:]+\]):\d{1,5})")
SERIAL = re.compile(r"serial://(?P<address>[^\s?]+)\?baud=(?P<baud>[1-9]\d{2,6})(&bits=(?P<bits>[78][NEO][12]))?")
WIRE_WORDS = "tcp://HOST:PORT, or serial://DEVICE?baud=SPEED such as serial:///dev/ttyUSB0?baud=9600"

ADDRESSES = {"line": (0, 99), "alpha": (0, 255), "modbus": (0, 247)}
"""{kind: its lowest and highest address}; 0 is every sign on the wire, of which none answers."""
ALPHA_LETTERS = 120
"""A priority message holds 125 bytes (Alpha Sign Communications Protocol, 9708-8061)."""


@dataclass(frozen=True, slots=True)
class WirePlace:
    """Where a wire is. `baud` None: a TCP address."""

    address: str
    baud: int | None = None
    bits: str = "8N1"


class Sign(Part):
    id: Slug
    name: Text
    kind: Literal["line", "alpha", "modbus"] = "line"
    """The family whose protocol it speaks (docs/signs.md)."""
    wire: Annotated[str, Field(max_length=200), expected(WIRE_WORDS)]
    """tcp://HOST:PORT · serial://DEVICE?baud=9600, with &bits=7E1 where the sign wants other than its family's."""
    address: Annotated[int, Field(ge=0, le=255), expected("a whole number from 0 up")] = 1
    """Which sign of its wire; 0: whatever hangs there."""
    display: Slug
    """The display client that drives it."""
    window: Slug | None = None
    """A window sign shows this window's number."""
    zone: Slug | None = None
    """A hall sign shows the calls of a zone; without window and zone the whole hall's."""
    columns: Annotated[int, Field(ge=4, le=80), expected("4 to 80 columns; a Chinese character takes two")] = 8
    rows: Annotated[int, Field(ge=1, le=12), expected("1 to 12 rows")] = 1
    encoding: Literal["gb18030", "ascii"] | None = None
    """None: ascii for Alpha, else gb18030. A sign of ascii shows English."""
    answers: bool = True
    """Whether it says that it understood; false where the cable has no way back."""
    checksum: bool = True
    """Of the line protocol: whether its frames end with one."""
    register_from: Annotated[int, Field(ge=0, le=65532), expected("a register from 0 to 65532")] = 0
    """Of Modbus: the first of the four holding registers."""
    lost_text: Text | None = None
    """Shown once the server was silent for too long. None: a window sign keeps its number, a hall sign says listen."""

    @property
    def letters(self) -> str:
        """The encoding of its texts."""
        return self.encoding or ("ascii" if self.kind == "alpha" else "gb18030")

    @property
    def language(self) -> str:
        return "en" if self.letters == "ascii" else "zh-CN"

    @property
    def place(self) -> WirePlace:
        if found := TCP.fullmatch(self.wire):
            return WirePlace(found["address"])
        found = SERIAL.fullmatch(self.wire)
        assert found is not None  # as validated
        bits = found["bits"] or ("7E1" if self.kind == "alpha" else "8N1")
        return WirePlace(found["address"], int(found["baud"]), bits)

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        refuse("Sign", list(_mistakes(self)))
        return self


def _mistakes(sign: Sign) -> Iterator[InitErrorDetails]:
    lowest, highest = ADDRESSES[sign.kind]
    if not TCP.fullmatch(sign.wire) and not SERIAL.fullmatch(sign.wire):
        yield mistake_at(("wire",), sign.wire, WIRE_WORDS)
    if not lowest <= sign.address <= highest:
        yield mistake_at(("address",), sign.address, f"{lowest} to {highest} for a {sign.kind} sign")
    if sign.address == 0 and sign.answers and sign.kind != "alpha":
        yield mistake_at(("answers",), True, "false: to address 0 no sign answers")
    if sign.window is not None and sign.zone is not None:
        yield mistake_at(("zone",), sign.zone, "a window or a zone, not both")
    if sign.kind == "modbus" and sign.window is None:
        yield mistake_at(("kind",), sign.kind, "line or alpha for a hall sign; registers hold one window's number")
    if sign.kind == "alpha" and sign.letters != "ascii":
        yield mistake_at(("encoding",), sign.encoding, "ascii for an alpha sign")
    if sign.kind == "alpha" and sign.rows * (sign.columns + 1) > ALPHA_LETTERS:
        yield mistake_at(("rows",), sign.rows, f"rows × columns of at most {ALPHA_LETTERS} for an alpha sign")
    if sign.lost_text and sign.letters == "ascii" and not sign.lost_text.isascii():
        yield mistake_at(("lost_text",), sign.lost_text, "plain English letters, as the sign shows no others")


def mistakes_together(signs: Sequence[Sign]) -> Iterator[InitErrorDetails]:
    """What is wrong among the signs of a hall: two that share a wire, and how they differ or collide."""
    first: dict[str, int] = {}
    taken: dict[tuple[str, int], int] = {}
    for index, sign in enumerate(signs):
        there = first.setdefault(sign.place.address, index)
        if (sign.kind, sign.place) != (signs[there].kind, signs[there].place):
            words = f"kind and wire as signs.{there}, which hangs on the same wire"
            yield mistake_at(("signs", index, "wire"), sign.wire, words)
        other = taken.setdefault((sign.place.address, sign.address), index)
        if other != index:
            words = f"one of its own on this wire; signs.{other} has it"
            yield mistake_at(("signs", index, "address"), sign.address, words)
