"""The virtual printer reads ESC/POS as a printer does, in pieces of any size, and refuses what it does not know."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printers.decoder import Decoder, UnknownBytes
from printers.paper import slip_bytes
from tests.printers.samples import CHINESE, LONG, RARE

CUT = b"\x1dV\x01"


@pytest.mark.parametrize(
    "data",
    [
        b"\x1bX",  # no such command
        b"\x1c!\x08",
        b"\x07",  # a bell is not text
        b"\xc9\xe7",  # Chinese without switching to it
        b"\x1c&\xc9\xe7\x1c.\xc9\xe7",  # or after switching back
        b"\x1c&\xff\xff",
        b"\x1c&\x81\x40",  # GBK: no character of this printer
        b"\x1c&" + "㐂".encode("gb18030"),  # four bytes: none either
        b"\x1ba\x07",  # no such alignment
        b"\x1d!\x88",
        b"\x1dv0\x00\xff\x00\x01\x00" + b"\0" * 255,  # wider than the paper
        b"\x1d(k\x03\x001Q0",  # a code that was never stored
        b"\x1d(k\x04\x002A2\x00",  # not a QR code
        b"\x10\x04\x09",
        b"\x10\x05",
        b"\x1dV\x41\x00",
    ],
)
def test_unknown_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(UnknownBytes):
        list(Decoder().feed(data))


def test_the_refusal_names_the_place() -> None:
    with pytest.raises(UnknownBytes, match=r"at 5: 1b 58") as caught:
        list(Decoder().feed(b"Hello\x1bX"))
    assert caught.value.at == 5


@pytest.mark.parametrize("slip", [CHINESE, LONG, RARE])
def test_bytes_that_come_one_by_one_draw_the_same_slip(slip: object) -> None:
    data = slip_bytes(slip)  # type: ignore[arg-type]
    [whole] = Decoder().feed(data)
    decoder = Decoder()
    [drop] = [one for byte in data for one in decoder.feed(bytes((byte,)))]
    assert drop.picture.tobytes() == whole.picture.tobytes()
    assert drop.text == whole.text


def test_status_questions_are_answered_amid_a_slip() -> None:
    asked: list[int] = []
    list(Decoder(answer=asked.append).feed(b"A\x10\x04\x01B\x10\x04\x04\n" + CUT))
    assert asked == [1, 4]


def test_a_status_question_amid_a_picture_is_dots() -> None:
    asked: list[int] = []
    [slip] = Decoder(answer=asked.append).feed(b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01" + CUT)
    assert asked == []
    assert slip.text == ""


def test_size_weight_and_place_show_in_the_picture() -> None:
    def drawn(commands: bytes) -> bytes:
        [slip] = Decoder().feed(commands + b"A\n" * 8 + CUT)
        return slip.picture.tobytes()

    plain = drawn(b"")
    looks = [drawn(one) for one in (b"\x1bE\x01", b"\x1ba\x01", b"\x1ba\x02", b"\x1d!\x11", b"\x1d!\x01")]
    assert len({plain, *looks}) == 6


def test_a_line_too_long_goes_on_in_the_next() -> None:
    [slip] = Decoder(384).feed(b"A" * 40 + b"\n" + CUT)
    assert slip.text == "A" * 32 + "\n" + "A" * 8


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_it_otherwise_than_by_refusal(data: bytes) -> None:
    with contextlib.suppress(UnknownBytes):
        list(Decoder(384).feed(data))
