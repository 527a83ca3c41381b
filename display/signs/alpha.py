"""Alpha signs (Adaptive, BetaBrite and alike): Alpha Sign Communications Protocol, form 9708-8061, revision F.

A text is written to the priority file, which every sign has without being set up and shows alone. As the protocol
acknowledges nothing by itself, the sign's serial error register is read after each text.
"""

import time

from display.signs.shown import Picture
from display.signs.wire import SignFault, Wire
from hall.devices.sign import Sign

WAKE = bytes(5)
"""From these the sign finds its baud rate (5.1)."""
SOH, STX, ETX, EOT, ESC, CR = b"\x01", b"\x02", b"\x03", b"\x04", b"\x1b", b"\r"
ALL_TYPES = b"Z"
WRITE_TEXT, WRITE_SPECIAL, READ_SPECIAL = b"A", b"E", b"F"
PRIORITY_FILE = b"0"
MIDDLE, FILL = b"\x20", b"\x30"
HOLD = b"b"
ERROR_REGISTER, CLEAR_ERRORS = b"*", b"4"

ERRORS = {
    0x20: "illegal command or label",
    0x10: "checksum",
    0x08: "buffer overflow",
    0x04: "timeout",
    0x02: "bit framing",
    0x01: "parity",
}
"""Bits of the serial error register; 0x40 is always set."""

ANSWER_SECONDS = 2.0
GAP_SECONDS = 0.3
"""A BetaBrite was seen to lose packets 0.1 s apart and to take them 0.25 s apart."""


def show(wire: Wire, sign: Sign, picture: Picture) -> None:
    """Tried twice: what an earlier noise on the wire left in the register says nothing of our text."""
    told = text_command(picture)
    wire.send(packet(sign, told))
    if not sign.answers:
        return
    if _errors(wire, sign):
        _send_after_gap(wire, sign, WRITE_SPECIAL + CLEAR_ERRORS)
        _send_after_gap(wire, sign, told)
        if errors := _errors(wire, sign):
            _send_after_gap(wire, sign, WRITE_SPECIAL + CLEAR_ERRORS)
            raise SignFault("refused", ", ".join(text for bit, text in ERRORS.items() if errors & bit))


def text_command(picture: Picture) -> bytes:
    """One row in the middle; several fill the sign, each on a line of its own."""
    position = MIDDLE if len(picture.rows) == 1 else FILL
    rows = CR.join(row.encode("ascii", "replace") for row in picture.rows)
    return WRITE_TEXT + PRIORITY_FILE + ESC + position + HOLD + rows


def packet(sign: Sign, command: bytes) -> bytes:
    said = STX + command + ETX
    return WAKE + SOH + ALL_TYPES + b"%02X" % sign.address + said + checksum(said) + EOT


def checksum(said: bytes) -> bytes:
    """Four hexadecimal digits: the sum of all bytes from STX to ETX."""
    return b"%04X" % (sum(said) % 65536)


def register_of(answer: bytes) -> int:
    """The error register out of NUL… SOH type address STX "E*" register ETX checksum EOT."""
    head, _, rest = answer.lstrip(b"\0").partition(STX)
    said, end = rest[:-5], rest[-5:]
    whole = head[:1] == SOH and said[:2] == WRITE_SPECIAL + ERROR_REGISTER and said[3:] == ETX
    if not whole or end != checksum(STX + said) + EOT:
        raise SignFault("garbled", f"answered {answer[:40].hex(' ')}")
    return said[2] & 0x3F


def _errors(wire: Wire, sign: Sign) -> int:
    _send_after_gap(wire, sign, READ_SPECIAL + ERROR_REGISTER)
    return register_of(wire.answer(lambda got: got.endswith(EOT), ANSWER_SECONDS))


def _send_after_gap(wire: Wire, sign: Sign, command: bytes) -> None:
    time.sleep(GAP_SECONDS)
    wire.send(packet(sign, command))
