"""The line protocol of docs/signs.md: one frame of text, answered by one line, for signs that speak no other."""

from display.signs.shown import Picture, State
from display.signs.wire import SignFault, Wire
from hall.devices.sign import Sign

STX, ETX, ACK, NAK = b"\x02", b"\x03", b"\x06", b"\x15"
END = b"\r\n"
BETWEEN_ROWS = b"\t"

LETTERS: dict[State, bytes] = {
    "number": b"N",
    "free": b"F",
    "paused": b"P",
    "closed": b"C",
    "calls": b"L",
    "lost": b"X",
    "test": b"T",
}
"""So that a sign can choose a colour; the text says it all."""


def show(wire: Wire, sign: Sign, picture: Picture) -> None:
    wire.send(frame(sign, picture))
    if sign.answers:
        check(sign, wire.answer(lambda got: got.endswith(END)))


def frame(sign: Sign, picture: Picture) -> bytes:
    """STX address letter row [TAB row]… ETX [checksum] CR LF."""
    rows = BETWEEN_ROWS.join(row.encode(sign.letters, "replace") for row in picture.rows)
    said = b"%02d" % sign.address + LETTERS[picture.state] + rows + ETX
    return STX + said + (checksum(said) if sign.checksum else b"") + END


def checksum(said: bytes) -> bytes:
    """The last two hexadecimal digits of the sum of the bytes."""
    return b"%02X" % (sum(said) % 256)


def check(sign: Sign, answer: bytes) -> None:
    """ACK address CR LF, or NAK address [reason] CR LF."""
    said, address = answer[:1], b"%02d" % sign.address
    if said == NAK and answer[1:3] == address:
        reason = answer[3 : -len(END)].decode("ascii", "replace")
        raise SignFault("refused", reason if reason.isprintable() and reason else "NAK")
    if answer != ACK + address + END:
        raise SignFault("garbled", f"answered {answer.hex(' ')}")
