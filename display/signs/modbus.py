"""Signs with Modbus registers: number and state in four holding registers, by function 16, over RTU or TCP.

Modbus Application Protocol V1.1b3 (6.12), Modbus over Serial Line V1.02, Modbus Messaging on TCP/IP V1.0b.
"""

import struct
import time
from itertools import count

from display.signs.shown import Picture, State
from display.signs.wire import SignFault, Wire
from hall.devices.sign import Sign

WRITE_REGISTERS = 16
SILENT_LETTERS = 3.5
"""Frames of RTU are told apart by a silence of so many characters, each of up to 11 bits."""

STATES: dict[State, int] = {"closed": 0, "free": 1, "number": 2, "paused": 3, "lost": 4, "test": 5}
NO_TIME = 0xFFFF

EXCEPTIONS = {1: "illegal function", 2: "illegal register", 3: "illegal value", 4: "device failure", 6: "device busy"}

_transactions = count(1)


def show(wire: Wire, sign: Sign, picture: Picture) -> None:
    pdu = write_request(sign, picture)
    baud = wire.place.baud
    answer = _ask_tcp(wire, sign, pdu) if baud is None else _ask_rtu(wire, sign, pdu, baud)
    if answer is not None:
        _check(answer, pdu)


def registers(picture: Picture) -> tuple[int, int, int, int]:
    """State · the number's digits · its prefix, as one or two ASCII letters · when it opens again, 1330 or FFFF."""
    prefix = picture.number.rstrip("0123456789")
    digits = picture.number[len(prefix) :]
    until = int(picture.until.replace(":", "")) if picture.until else NO_TIME
    letters = int.from_bytes(prefix.encode("ascii", "replace")[:2], "big")
    return STATES[picture.state], int(digits or 0) % 65536, letters, until


def write_request(sign: Sign, picture: Picture) -> bytes:
    values = registers(picture)
    return struct.pack(">BHHB4H", WRITE_REGISTERS, sign.register_from, len(values), 2 * len(values), *values)


def rtu_frame(address: int, pdu: bytes) -> bytes:
    said = bytes([address]) + pdu
    return said + crc(said)


def tcp_frame(transaction: int, address: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, address) + pdu


def crc(said: bytes) -> bytes:
    """CRC-16 of the serial line (polynomial A001), low byte first."""
    value = 0xFFFF
    for byte in said:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def _ask_rtu(wire: Wire, sign: Sign, pdu: bytes, baud: int) -> bytes | None:
    """The answer's PDU; None where none is due."""
    time.sleep(max(0.00175, SILENT_LETTERS * 11 / baud))
    wire.send(rtu_frame(sign.address, pdu))
    if not sign.answers:
        return None
    # Address, function, then three bytes after a refusal (code, CRC), six after all went well.
    got = wire.answer(lambda got: len(got) >= 2 and len(got) >= (5 if got[1] & 0x80 else 8))
    if got[0] != sign.address or crc(got[:-2]) != got[-2:]:
        raise SignFault("garbled", f"answered {got.hex(' ')}")
    return got[1:-2]


def _ask_tcp(wire: Wire, sign: Sign, pdu: bytes) -> bytes | None:
    transaction = next(_transactions) % 65536
    wire.send(tcp_frame(transaction, sign.address, pdu))
    if not sign.answers:
        return None
    got = wire.answer(lambda got: len(got) >= 6 and len(got) >= 6 + int.from_bytes(got[4:6], "big"))
    head = struct.unpack(">HHHB", got[:7]) if len(got) > 8 else None
    if head != (transaction, 0, len(got) - 6, sign.address):
        raise SignFault("garbled", f"answered {got[:32].hex(' ')}")
    return got[7:]


def _check(answer: bytes, pdu: bytes) -> None:
    if answer[:5] == pdu[:5] and len(answer) == 5:
        return
    if answer[0] == WRITE_REGISTERS | 0x80 and len(answer) == 2:
        raise SignFault("refused", EXCEPTIONS.get(answer[1], f"exception {answer[1]}"))
    raise SignFault("garbled", f"answered {answer.hex(' ')}")
