"""Keypads as bytes: lines over a real pseudo-terminal, the kernel's records over a pipe and a socket, HID reports."""

import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from caller.pads.devices import EV_LED, EVENT, HidPad, InputPad, SerialPad, open_hid, open_input
from hall.devices.key_codes import KEY_CODES
from hall.devices.pad import Pad
from hall.port import PortError, SerialPort
from tests.caller.pad_simulators import SerialPadSimulator, key_events
from tests.kiosk.rig import wait_for


def all_read(pad: Any, count: int) -> list[str | None]:
    read: list[str | None] = []
    wait_for(lambda: read.extend(pad.read(0.2)) or len(read) >= count)
    return read


@pytest.fixture
def simulator(tmp_path: Path) -> Any:
    made = SerialPadSimulator(tmp_path / "pad")
    yield made
    made.close()


def test_lines_of_a_serial_pad_are_keys_however_they_arrive(simulator: SerialPadSimulator) -> None:
    pad = SerialPad(SerialPort(str(simulator.path), 9600))
    simulator.send(b"KF")
    assert pad.read(0.1) == []
    simulator.send(b"1\r\nK+\nK7\r?\n")
    assert all_read(pad, 4) == ["F1", "+", "7", "?"]
    pad.write(b"W12\n")
    simulator.wait_for("W", "12")
    pad.close()


@pytest.mark.parametrize("noise", [b"\xff\xfe\x00\x81\n", b"hello\n", b"K\n", b"KTOO-LONG-A-NAME\n", b"x" * 10_240])
def test_noise_of_a_serial_pad_is_one_piece_of_rubbish_and_the_next_key_counts(
    simulator: SerialPadSimulator, noise: bytes
) -> None:
    pad = SerialPad(SerialPort(str(simulator.path), 9600))
    read: list[str | None] = []
    # The terminal holds less than 10 kB: it is written while it is read.
    writing = threading.Thread(target=simulator.send, args=(noise + b"\nKF2\n",), daemon=True)
    writing.start()
    wait_for(lambda: read.extend(pad.read(0.2)) or "F2" in read)
    assert read == [None, "F2"]
    pad.close()


def test_a_serial_pad_is_for_one_program_alone_and_says_when_it_is_not_there(
    simulator: SerialPadSimulator, tmp_path: Path
) -> None:
    first = SerialPort(str(simulator.path), 9600)
    with pytest.raises(PortError) as second:
        SerialPort(str(simulator.path), 9600)
    assert second.value.code == "in_use"
    simulator.unplug()
    with pytest.raises(PortError) as gone:
        first.read(1)
    assert gone.value.code == "unplugged"
    with pytest.raises(PortError) as missing:
        SerialPort(str(tmp_path / "nothing"), 9600)
    assert missing.value.code == "not_found"


def test_the_kernels_records_are_presses_each_once_even_cut_in_two() -> None:
    reading, writing = os.pipe()
    pad = InputPad(reading)
    events = key_events("KEY_KP1", "KEY_KP2", "KEY_KPENTER")
    os.write(writing, events[: EVENT.size * 9 + 7])
    assert pad.read(1) == ["KEY_KP1", "KEY_KP2"]
    os.write(writing, events[EVENT.size * 9 + 7 :])
    assert all_read(pad, 1) == ["KEY_KPENTER"]
    os.write(writing, EVENT.pack(0, 0, 1, 700, 1))
    assert all_read(pad, 1) == ["700"]
    os.close(writing)
    with pytest.raises(PortError) as gone:
        wait_for(lambda: pad.read(0.2) is None)
    assert gone.value.code == "unplugged"
    pad.close()


def test_a_refusal_blinks_the_light_of_a_keypad_without_display() -> None:
    ours, theirs = socket.socketpair()
    pad = InputPad(ours.detach())
    pad.write(b"W3\nNA023\n")
    pad.write(b"B2\n")
    told = [(kind, value) for _, _, kind, _, value in EVENT.iter_unpack(theirs.recv(4096)) if kind == EV_LED]
    assert told == [(EV_LED, 1), (EV_LED, 0)] * 2
    theirs.close()
    pad.close()


def test_an_input_device_that_is_none_is_named_so(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    for path in (plain, tmp_path / "nothing"):
        with pytest.raises(PortError) as refused:
            open_input(str(path))
        assert refused.value.code == "not_found"


class Reports:
    """A HID device that has these reports to give, then goes away."""

    def __init__(self, *reports: bytes) -> None:
        self._reports = list(reports)

    def read(self, size: int, milliseconds: int) -> list[int]:
        if not self._reports:
            raise OSError("read error")
        return list(self._reports.pop(0)[:size])

    def close(self) -> None:
        self._reports.clear()


def test_hid_reports_are_named_by_their_bytes_and_a_held_key_is_one_press() -> None:
    down, up = bytes([2, 0x1E, 0, 0]), bytes(4)
    pad = HidPad(Reports(down, down, down, b"", up, down, bytes([2, 0x1F])))
    read = [key for _ in range(7) for key in pad.read(0.1)]
    assert read == ["021e", "021e", "021f"]
    with pytest.raises(PortError) as gone:
        pad.read(0.1)
    assert gone.value.code == "unplugged"


def test_a_hid_device_that_is_not_there_is_named_so() -> None:
    with pytest.raises(PortError) as refused:
        open_hid("dead:beef")
    assert refused.value.code == "not_found"


def test_the_usual_keys_cover_four_moves_and_figures() -> None:
    for kind, address in (("serial", "/dev/ttyUSB0"), ("evdev", "/dev/input/event3")):
        actions = Pad(id="p", name="P", window="w3", kind=kind, address=address).actions  # type: ignore[arg-type]
        assert {"next", "recall", "missed", "pause", "enter", "delete", *"0123456789"} == set(actions.values())
    assert KEY_CODES["KEY_KPENTER"] == 96 and KEY_CODES["KEY_F13"] == 183
