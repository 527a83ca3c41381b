"""Settings of keypads, scanners and card readers; lines over bytes; a device that comes and goes."""

from pathlib import Path

import pytest

from hall.attached import Attached
from hall.devices.pad import Pad
from hall.port import Lines, PortError
from tests.hall.test_settings import complaint, written
from tests.kiosk.rig import wait_for

PAD = "id: p, name: P, window: w3"

MISTAKES = [
    ("pads: [{id: p, name: P, window: w3}]", "devices.pads.0.address: is missing"),
    (f"pads: [{{{PAD}, address: COM3, kind: usb}}]", "pads.0.kind = \"usb\": expected 'serial', 'evdev' or 'hid'"),
    (f"pads: [{{{PAD}, address: event3, kind: evdev}}]", 'pads.0.address = "event3": expected an input device'),
    (f"pads: [{{{PAD}, address: COM3, kind: hid}}]", 'pads.0.address = "COM3": expected VENDOR:PRODUCT in hex'),
    (f"pads: [{{{PAD}, address: 04d9:1203, kind: hid}}]", "pads.0.keys = keys with values: expected the bytes of a"),
    (f"pads: [{{{PAD}, address: /dev/x, kind: evdev, keys: {{KEY_KPX: next}}}}]", "pads.0.keys.KEY_KPX"),
    (f"pads: [{{{PAD}, address: /dev/x, keys: {{F1: nxt}}}}]", "pads.0.keys.F1 = \"nxt\": expected 'next', 'recall'"),
    (f"pads: [{{{PAD}, address: /dev/x, next_on_called: done}}]", 'pads.0.next_on_called = "done": expected'),
    (f"pads: [{{{PAD}, address: /dev/x, baud: 12}}]", "pads.0.baud = 12: expected a speed such as 9600"),
    (
        f"pads: [{{{PAD}, address: a}}, {{{PAD}, address: b}}]",
        'pads.1.id = "p": expected one of its own; pads.0',
    ),
]


@pytest.mark.parametrize(("pads", "told"), MISTAKES)
def test_a_mistake_of_a_pad_is_named_with_its_place(tmp_path: Path, pads: str, told: str) -> None:
    assert told in complaint(written(tmp_path, ("\ndevices:\n", f"\ndevices:\n  {pads}\n")))


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        ("scanner: {baud: 9600}", "kiosks.0.scanner.address: is missing"),
        ('scanner: {address: "COM 3"}', 'kiosks.0.scanner.address = "COM 3": expected a device such as /dev/ttyACM0'),
        ("card_reader: {address: 7410}", "kiosks.0.card_reader.address = 7410: expected"),
        ("card_reader: {address: localhost}", 'card_reader.address = "localhost": expected HOST:PORT such as'),
        ("card_reader: {place_seconds: 1}", "card_reader.place_seconds = 1: expected seconds from 5 to 60"),
    ],
)
def test_a_mistake_of_a_reader_is_named_with_its_place(tmp_path: Path, reader: str, told: str) -> None:
    first = "    - id: kiosk-1\n"
    assert told in complaint(written(tmp_path, (first, f"{first}      {reader}\n")))


def test_keys_of_the_settings_stand_in_place_of_the_usual_ones() -> None:
    pad = Pad(id="p", name="P", window="w3", address="COM3", keys={"A": "next"})
    assert pad.actions == {"A": "next"}


class Bytes:
    """A port that has these pieces to give; None is a silence."""

    def __init__(self, *pieces: bytes | None) -> None:
        self.pieces = list(pieces)

    def read(self, seconds: float) -> bytes:
        if not self.pieces:
            raise PortError("unplugged", "no more")
        return self.pieces.pop(0) or b""

    def write(self, data: bytes) -> None:
        raise PortError("unplugged", "no more")

    def close(self) -> None:
        pass


def lines_of(*pieces: bytes | None, longest: int = 10, quiet_ends: bool = False) -> list[str | None]:
    port = Bytes(*pieces)
    lines = Lines(port, longest, quiet_ends)
    read: list[str | None] = []
    while port.pieces:
        read += lines.read(1)
    return read


def test_lines_end_with_any_mixture_and_empty_ones_are_nothing() -> None:
    assert lines_of(b"a\r", b"\nb\n\n\rc", b"d\r\n") == ["a", "b", "cd"]


def test_what_is_too_long_or_no_text_is_one_piece_of_rubbish() -> None:
    assert lines_of(b"x" * 11, b"x" * 50, b"x\nok\n") == [None, "ok"]
    assert lines_of(b"x" * 11 + b"\n\xff\n\x1b[2J\nok\n") == [None, None, None, "ok"]


def test_a_silence_ends_a_line_only_where_it_is_said_to() -> None:
    assert lines_of(b"co", None, b"de\n") == ["code"]
    assert lines_of(b"code", None, b"next", None, quiet_ends=True) == ["code", "next"]
    assert lines_of(b"x" * 11, None, b"ok", None, quiet_ends=True) == [None, "ok"]


def test_a_device_is_opened_again_for_ever_and_a_write_without_one_is_told() -> None:
    opened: list[Lines] = []
    read: list[str | None] = []

    def open_device() -> Lines:
        if len(opened) == 1:
            opened.append(opened[0])
            raise PortError("permission", "not yours")
        opened.append(Lines(Bytes(b"hello\n"), 10))
        return opened[-1]

    attached = Attached("pad", "p", open_device, read.append)
    assert attached.condition().state == "unknown" and not attached.write(b"x")
    attached.start()
    wait_for(lambda: attached.condition().code == "unplugged")
    wait_for(lambda: attached.condition().code == "permission")
    wait_for(lambda: read == ["hello", "hello"])
    attached.stop()
    assert attached.condition().facts["last_read_at"]
