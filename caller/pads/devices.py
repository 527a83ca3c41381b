"""Keypads as this machine reaches them: a serial line, a Linux input device, HID reports. Each gives names of keys."""

import os
import select
import struct
import time
from typing import Protocol

from hall.devices.key_codes import KEY_NAMES
from hall.devices.pad import Pad
from hall.port import Device, Lines, Port, PortError, SerialPort, port_error

ASKS = "?"
"""What a pad says that has just been switched on: it wants everything it shows."""
REFUSED = b"B2\n"


def open_pad(pad: Pad) -> Device[str]:
    """Raises PortError."""
    if pad.kind == "evdev":
        return InputPad(open_input(pad.address))
    if pad.kind == "hid":
        return HidPad(open_hid(pad.address))
    return SerialPad(SerialPort(pad.address, pad.baud))


class SerialPad:
    """The line protocol of docs/readers.md: `KF1` is a press of F1, `?` asks for the display's lines again."""

    LONGEST = 32

    def __init__(self, port: Port) -> None:
        self._lines = Lines(port, self.LONGEST)

    def read(self, seconds: float) -> list[str | None]:
        return [self._key(line) for line in self._lines.read(seconds)]

    def _key(self, line: str | None) -> str | None:
        if line == ASKS:
            return ASKS
        is_press = line and line.isascii() and line[0] == "K" and 2 <= len(line) <= 9
        return line[1:] if line and is_press else None

    def write(self, data: bytes) -> None:
        self._lines.write(data)

    def close(self) -> None:
        self._lines.close()


EVENT = struct.Struct("@llHHi")
"""The kernel's input_event: seconds, microseconds, type, code, value."""
EV_KEY, EV_LED, EV_SYN = 1, 17, 0
LED_NUML = 0
PRESSED = 1
GRAB = 0x40044590
"""EVIOCGRAB: nobody else hears of the keys, so none of them types into the case system."""
BLINK_SECONDS = 0.1


def open_input(path: str) -> int:
    """A Linux input device for this process alone, as a file descriptor."""
    import fcntl

    try:
        file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise port_error(error, "not_found") from None
    try:
        fcntl.ioctl(file, GRAB, 1)
    except OSError as error:
        os.close(file)
        raise port_error(error, "not_found") from None
    return file


class InputPad:
    """Key presses of a Linux input device, read as the kernel writes them; a refusal blinks its Num Lock light."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._held = b""

    def read(self, seconds: float) -> list[str | None]:
        if not select.select([self._file], [], [], seconds)[0]:
            return []
        try:
            got = os.read(self._file, EVENT.size * 64)
        except OSError as error:
            raise PortError("unplugged", str(error)) from None
        if not got:
            raise PortError("unplugged", "no more events")
        whole = len(self._held + got) // EVENT.size * EVENT.size
        events, self._held = (self._held + got)[:whole], (self._held + got)[whole:]
        return [
            KEY_NAMES.get(code, str(code))
            for _, _, kind, code, value in EVENT.iter_unpack(events)
            if kind == EV_KEY and value == PRESSED
        ]

    def write(self, data: bytes) -> None:
        """It has no display: only a refusal is shown."""
        if REFUSED not in data:
            return
        for lit in (1, 0, 1, 0):
            self._light(lit)
            time.sleep(BLINK_SECONDS)

    def _light(self, lit: int) -> None:
        try:
            os.write(self._file, EVENT.pack(0, 0, EV_LED, LED_NUML, lit) + EVENT.pack(0, 0, EV_SYN, 0, 0))
        except OSError as error:
            raise PortError("unplugged", str(error)) from None

    def close(self) -> None:
        os.close(self._file)


class HidReports(Protocol):
    """What we use of a device of the package `hidapi`."""

    def read(self, size: int, milliseconds: int) -> list[int]: ...

    def close(self) -> None: ...


def open_hid(address: str) -> HidReports:
    """The first device of VENDOR:PRODUCT."""
    import hid

    vendor, product = (int(part, 16) for part in address.split(":"))
    device: HidReports = hid.device()
    try:
        device.open(vendor, product)  # type: ignore[attr-defined]
    except OSError as error:  # it names no reason
        code = "permission" if hid.enumerate(vendor, product) else "not_found"
        raise PortError(code, f"{address}: {error}") from None
    return device


class HidPad:
    """A report's bytes in hex are a key's name, without the zeros at its end; one of zeros lets go of all keys."""

    LONGEST = 64
    HELD_SECONDS = 0.2
    """The same report again so soon is the same press."""

    def __init__(self, device: HidReports) -> None:
        self._device = device
        self._last = b""
        self._at = 0.0

    def read(self, seconds: float) -> list[str | None]:
        try:
            report = bytes(self._device.read(self.LONGEST, max(1, int(seconds * 1000))))
        except (OSError, ValueError) as error:
            raise PortError("unplugged", str(error)) from None
        if not report:
            return []
        pressed, now = report.rstrip(b"\0"), time.monotonic()
        held = pressed == self._last and now - self._at < self.HELD_SECONDS
        self._last, self._at = pressed, now
        return [] if held or not pressed else [pressed.hex()]

    def write(self, data: bytes) -> None:
        """Displays of HID pads are their makers' own."""

    def close(self) -> None:
        self._device.close()
