"""A connection to a printer that answers: python-escpos' objects, and answers never awaited for ever."""

import contextlib
import errno
import select
import socket
import struct
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hall.devices.printer import PrinterProfile
from printers import paper

# DLE EOT n, as real-time commands: answered even while the printer is busy or without paper.
QUESTION = {n: bytes((0x10, 0x04, n)) for n in (1, 2, 4)}
IS_OFFLINE = 0x08
COVER_OPEN = 0x04
PAPER_STOP = 0x20
PAPER_END = 0x60
PAPER_NEAR_END = 0x0C
BITS_A_BYTE = 10
PRINTER_CLASS = 7


class PrinterFault(Exception):
    """Why a printer cannot be used: a code of device.Reason, and words for the log.

    `sent`: the slip's bytes were on their way, so it may lie on paper.
    """

    def __init__(self, reason: str, detail: str, sent: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.sent = sent


def trouble(status: int, sensor: int, ask_cause: Callable[[], int]) -> str | None:
    """What the answers to DLE EOT 1 and 4 say is wrong; the cause of being offline is asked only then."""
    if sensor & PAPER_END:
        return "paper_out"
    if not status & IS_OFFLINE:
        return None
    try:
        cause = ask_cause()
    except PrinterFault:
        return "offline"
    if cause & COVER_OPEN:
        return "cover_open"
    return "paper_out" if cause & PAPER_STOP else "offline"


class Connection(ABC):
    """One job's connection. `read` gives one byte, or b"" when none came in time."""

    def __init__(self, printer: Any, timeout: float) -> None:
        self.printer = printer
        self.timeout = timeout

    def send(self, data: bytes) -> None:
        try:
            self.printer._raw(data)
        except (OSError, AssertionError) as error:
            raise PrinterFault("timeout", f"{type(error).__name__}: {error}") from None

    def ask(self, question: int) -> int:
        """The status byte. Raises PrinterFault: timeout when mute or gone, garbled when it answers otherwise."""
        try:
            self._ask(QUESTION[question])
            answer = self._read()
        except (OSError, AssertionError, PrinterFault) as error:
            raise PrinterFault("timeout", f"no answer to a status question: {error}") from None
        if not answer:
            raise PrinterFault("timeout", "no answer to a status question")
        # Every status byte has this shape; anything else is noise on the line.
        if answer[0] & 0x93 != 0x12:
            raise PrinterFault("garbled", f"answered {answer[0]:#04x}, which is no status")
        return answer[0]

    def close(self) -> None:
        self.printer.close()

    def abort(self) -> None:
        """Closes so that what the printer has not taken yet never reaches it: no slip comes out later, unasked."""
        self.close()

    def _ask(self, question: bytes) -> None:
        self.printer._raw(question)

    @abstractmethod
    def _read(self) -> bytes:
        """One byte of the printer's answer, b"" when none came."""


class NetworkConnection(Connection):
    def abort(self) -> None:
        # An ordinary close lets the system go on sending for minutes, to a printer whose cable is put back.
        with contextlib.suppress(OSError, AttributeError):
            self.printer.device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def _read(self) -> bytes:
        return bytes(self.printer.device.recv(1))


class SerialConnection(Connection):
    """A slow line: sending and answering may take as long as the bytes need at its speed."""

    def __init__(self, printer: Any, timeout: float, baud: int) -> None:
        super().__init__(printer, timeout)
        self.baud = baud
        self._allow(0)

    def send(self, data: bytes) -> None:
        self._allow(len(data))
        super().send(data)
        self._wait_until_sent(len(data))

    def close(self) -> None:
        # What a printer that vanished never took would hold up closing for ever.
        if self.printer._device:
            self.printer.device.reset_output_buffer()
        super().close()

    def _read(self) -> bytes:
        return bytes(self.printer.device.read(1))

    def _allow(self, count: int) -> None:
        self.printer.device.write_timeout = self.timeout + count * BITS_A_BYTE / self.baud
        self.printer.device.timeout = self.timeout

    def _wait_until_sent(self, count: int) -> None:
        last = time.monotonic() + self.timeout + count * BITS_A_BYTE / self.baud
        while self.printer.device.out_waiting and time.monotonic() < last:
            time.sleep(0.01)


class UsbConnection(Connection):
    def _read(self) -> bytes:
        answer = self.printer.device.read(self.printer.in_ep, 64, round(self.timeout * 1000))
        return bytes(answer[:1])


class FileConnection(Connection):
    """A device file; written in the pieces it takes, for no longer than the time limit."""

    def send(self, data: bytes) -> None:
        device, last = self.printer.device, time.monotonic() + self.timeout
        while data:
            _, ready, _ = select.select([], [device], [], max(0.0, last - time.monotonic()))
            if not ready:
                raise PrinterFault("timeout", f"{len(data)} bytes were not taken")
            try:
                data = data[device.write(data) or 0 :]
            except OSError as error:
                raise PrinterFault("timeout", str(error)) from None

    def _ask(self, question: bytes) -> None:
        self.send(question)

    def _read(self) -> bytes:
        ready, _, _ = select.select([self.printer.device], [], [], self.timeout)
        return bytes(self.printer.device.read(1) or b"") if ready else b""


def connect(settings: PrinterProfile) -> Connection:
    """Opens the printer of these settings. Raises PrinterFault: refused, timeout or not_found."""
    kinds = {"network": _network, "serial": _serial, "usb": _usb, "file": _device_file}
    try:
        return kinds[settings.kind](settings)
    except (ConnectionRefusedError, PermissionError) as error:
        raise PrinterFault("refused", str(error)) from None
    except TimeoutError as error:
        raise PrinterFault("timeout", str(error)) from None
    except OSError as error:
        raise PrinterFault("not_found", str(error)) from None


def _open(printer: Any) -> Any:
    """Connects it. The library hides the cause in its own exception's context."""
    try:
        printer.open()
    except Exception as error:  # the library's exceptions may only be known to paper.py
        printer.close()
        cause = error.__context__ or error
        refused = isinstance(cause, OSError) and cause.errno in (errno.EACCES, errno.EBUSY)
        raise PrinterFault("refused" if refused else "not_found", str(cause)) from None
    return printer


def _network(settings: PrinterProfile) -> Connection:
    host, _, port = settings.address.rpartition(":")
    printer = paper.network(host.strip("[]"), int(port), settings.timeout_seconds)
    return NetworkConnection(printer, settings.timeout_seconds)


def _device_file(settings: PrinterProfile) -> Connection:
    return FileConnection(paper.device_file(Path(settings.address)), settings.timeout_seconds)


def _serial(settings: PrinterProfile) -> Connection:
    printer = _open(paper.serial(settings.address, settings.baud, settings.timeout_seconds))
    return SerialConnection(printer, settings.timeout_seconds, settings.baud)


def _usb(settings: PrinterProfile) -> Connection:
    import libusb_package
    import usb.core

    vendor, product = (int(part, 16) for part in settings.address.split(":"))
    backend = libusb_package.get_libusb1_backend()
    if backend is None:
        raise PrinterFault("not_found", "no libusb on this machine")
    # A USBError is an OSError: `connect` tells what it means.
    device = usb.core.find(idVendor=vendor, idProduct=product, backend=backend)
    if device is None:
        raise PrinterFault("not_found", f"no USB device {settings.address}")
    arguments = {"idVendor": vendor, "idProduct": product, "backend": backend}
    printer = _open(paper.usb(arguments, settings.timeout_seconds, *_endpoints(device)))
    return UsbConnection(printer, settings.timeout_seconds)


def _endpoints(device: Any) -> tuple[int, int]:
    """Where the printer interface answers and listens; the library's own 0x82 and 0x01 often fail."""
    interfaces = list(device.get_active_configuration())
    printers = [one for one in interfaces if one.bInterfaceClass == PRINTER_CLASS] or interfaces
    addresses = [end.bEndpointAddress for end in printers[0]]
    found_in = next((one for one in addresses if one & 0x80), 0x82)
    return found_in, next((one for one in addresses if not one & 0x80), 0x01)
