"""Reads ESC/POS bytes as a printer does and draws each slip up to its cut; unknown bytes are refused."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PIL import Image

from printers.roll import CUTTER, Look, Roll

DLE_EOT = b"\x10\x04"
BEEP = b"\x1bB"
LONGEST_PICTURE = 4_000_000


class UnknownBytes(Exception):
    """Bytes that this printer has no command or character for."""

    def __init__(self, data: bytes, at: int) -> None:
        super().__init__(f"unknown bytes at {at}: {data[:8].hex(' ')}")
        self.at = at


class Incomplete(Exception):
    """A command whose rest has not come yet."""


@dataclass(frozen=True)
class Printed:
    picture: Image.Image
    text: str
    codes: tuple[str, ...]
    """What the QR codes sent as commands hold; those sent as pictures are only pictures."""
    largest: str
    """The text in the largest type: a slip's number."""


@dataclass
class Decoder:
    """Feed it as bytes come. `answer` is called with n for each DLE EOT n and must not be slow."""

    width: int = 576
    answer: Callable[[int], None] = lambda question: None
    beeps: int = 0
    _waiting: bytes = b""
    _read: int = 0
    _roll: Roll = field(init=False)
    _look: Look = field(init=False)
    _chinese: bool = False
    _code: bytes = b""
    _code_size: int = 3
    _code_level: str = "l"

    def __post_init__(self) -> None:
        self._roll = Roll(self.width)
        self._look = Look()

    def feed(self, data: bytes) -> Iterator[Printed]:
        """Each slip cut off by these bytes. Raises UnknownBytes."""
        self._waiting += data
        while self._waiting:
            try:
                used, slip = self._step(self._waiting)
            except Incomplete:
                return
            self._waiting = self._waiting[used:]
            self._read += used
            if slip:
                yield slip

    @property
    def pending(self) -> bool:
        """Whether something was printed or begun since the last cut."""
        return bool(self._waiting) or self._roll.used

    @property
    def fed_out(self) -> bool:
        """Whether a slip stands out of the printer, uncut, ready to be torn off."""
        return self.pending and self._roll.fed >= CUTTER

    def _step(self, data: bytes) -> tuple[int, Printed | None]:
        first = data[0]
        if first == 0x0A:
            self._roll.feed_line(self._look)
            return 1, None
        if first in (0x1B, 0x1C, 0x1D, 0x10):
            return self._command(data)
        return self._characters(data), None

    def _characters(self, data: bytes) -> int:
        if found := re.match(rb"[\x20-\x7e]+", data):
            self._roll.write(found[0].decode("ascii"), self._look)
            return len(found[0])
        if not self._chinese or not 0x81 <= data[0] <= 0xFE:
            raise UnknownBytes(data, self._read)
        _need(data, 2)
        try:
            character = data[:2].decode("gb2312")
            # The older table names two characters otherwise than GB18030.
            character = data[:2].decode("gb18030")
        except UnicodeDecodeError:
            raise UnknownBytes(data, self._read) from None
        self._roll.write(character, self._look)
        return 2

    def _command(self, data: bytes) -> tuple[int, Printed | None]:
        _need(data, 2)
        match data[:2]:
            case b"\x1dV":
                return self._cut(data)
            case b"\x1dv":
                return self._picture(data), None
            case b"\x1d(":
                return self._two_dimensional(data), None
            case _:
                return self._setting(data), None

    def _setting(self, data: bytes) -> int:
        name = data[:2]
        if name in (b"\x1b@", b"\x1c&", b"\x1c.", b"\x1b2"):
            if name == b"\x1b@":
                self._look = Look()
            if name == b"\x1b2":
                self._look.spacing = Look.spacing
            self._chinese = name == b"\x1c&" if name != b"\x1b2" else self._chinese
            return 2
        if name == BEEP:
            return self._beep(data)
        if name not in (b"\x1ba", b"\x1bE", b"\x1d!", b"\x1b3", b"\x1bd", DLE_EOT):
            raise UnknownBytes(data, self._read)
        _need(data, 3)
        if not self._set(name, data[2]):
            raise UnknownBytes(data, self._read)
        return 3

    def _beep(self, data: bytes) -> int:
        _need(data, 4)
        if not (1 <= data[2] <= 9 and 1 <= data[3] <= 9):
            raise UnknownBytes(data, self._read)
        self.beeps += data[2]
        return 4

    def _set(self, name: bytes, value: int) -> bool:
        """Obeys a command of one parameter; False when the printer does not know that value."""
        look = self._look
        match name, value:
            case (b"\x1ba", 0 | 1 | 2):
                look.align = value
            case (b"\x1bE", 0 | 1):
                look.bold = bool(value)
            case (b"\x1d!", _) if value & 0x88 == 0:
                look.width, look.height = (value >> 4) + 1, (value & 7) + 1
            case (b"\x1b3", _):
                look.spacing = value
            case (b"\x1bd", _):
                self._roll.feed(look, value)
            case (_, 1 | 2 | 3 | 4) if name == DLE_EOT:
                self.answer(value)
            case _:
                return False
        return True

    def _cut(self, data: bytes) -> tuple[int, Printed]:
        _need(data, 3)
        if data[2] not in (0, 1, 48, 49):
            raise UnknownBytes(data, self._read)
        return 3, self.tear()

    def tear(self) -> Printed:
        """What was printed since the last cut, as someone who tears it off holds it in hand."""
        roll, self._roll = self._roll, Roll(self.width)
        return Printed(roll.picture(), "\n".join(roll.texts), tuple(roll.codes), roll.largest)

    def _picture(self, data: bytes) -> int:
        _need(data, 8)
        columns, rows = data[4] + 256 * data[5], data[6] + 256 * data[7]
        size = columns * rows
        if data[2:4] != b"0\x00" or columns * 8 > self.width or not 0 < size <= LONGEST_PICTURE:
            raise UnknownBytes(data, self._read)
        _need(data, 8 + size)
        dots = Image.frombytes("1", (columns * 8, rows), data[8 : 8 + size])
        self._roll.paste(dots, self._look)
        return 8 + size

    def _two_dimensional(self, data: bytes) -> int:
        """GS ( k for QR codes: model 2, module size, error level, store, print."""
        _need(data, 7)
        length = data[3] + 256 * data[4]
        if data[2:3] != b"k" or data[5:6] != b"1" or length < 3:
            raise UnknownBytes(data, self._read)
        _need(data, 5 + length)
        function, body = data[6], data[7 : 5 + length]
        match function:
            case 65 if body == b"2\x00":
                pass
            case 67 if 1 <= body[0] <= 16:
                self._code_size = body[0]
            case 69 if body[0] in b"0123":
                self._code_level = "lmqh"[body[0] - 48]
            case 80 if body[:1] == b"0":
                self._code = body[1:]
            case 81 if body == b"0" and self._code:
                self._roll.code(self._code.decode("utf-8"), self._code_size, self._code_level, self._look)
            case _:
                raise UnknownBytes(data, self._read)
        return 5 + length


def _need(data: bytes, count: int) -> None:
    if len(data) < count:
        raise Incomplete
