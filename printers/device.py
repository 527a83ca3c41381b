"""A slip to a printer: one connection a job, status before and after; printed only if it answered."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hall.devices.printer import Printer
from printers import paper
from printers.slip import Slip
from printers.status import Connection, PrinterFault, connect, paper_of, trouble

Reason = Literal["offline", "paper_out", "cover_open", "refused", "timeout", "not_found", "unconfirmed", "unprintable"]


@dataclass(frozen=True)
class Result:
    """`ok`: the printer answered after the bytes (a job) or is ready (health). `detail` is for logs."""

    ok: bool
    reason: str | None = None
    near_end: bool = False
    """A warning: the roll is nearly used up."""
    detail: str = ""
    seconds: float = 0.0


def print_slip(slip: Slip, settings: Printer) -> Result:
    """Prints once or says why not. `unconfirmed`: bytes were sent, perhaps printed: never repeat unasked."""
    started = time.monotonic()
    try:
        data = paper.slip_bytes(slip, settings.width_dots, settings.encoding)
    except (ValueError, OSError) as error:
        return Result(False, "unprintable", detail=str(error))
    return print_bytes(data, settings, started)


def print_bytes(data: bytes, settings: Printer, started: float | None = None) -> Result:
    """The same for a job already made."""
    started = started if started is not None else time.monotonic()
    if _is_plain_file(settings):
        return _write_file(data, Path(settings.address), started)
    return _with_printer(settings, lambda connection: _job(connection, data), started)


def health(settings: Printer) -> Result:
    """How the printer is now: ready, or why not. Prints nothing."""
    started = time.monotonic()
    if _is_plain_file(settings):
        return _file_health(Path(settings.address))
    return _with_printer(settings, lambda connection: None, started)


def open_printer(settings: Printer) -> Any:
    """The connected python-escpos printer of these settings. Raises PrinterFault with one of the reasons."""
    if _is_plain_file(settings):
        return paper.file(Path(settings.address))
    return connect(settings).printer


def _with_printer(settings: Printer, job: Callable[[Connection], None], started: float) -> Result:
    try:
        connection = connect(settings)
    except PrinterFault as fault:
        return Result(False, fault.reason, detail=fault.detail, seconds=time.monotonic() - started)
    try:
        before = _ready(connection)
        job(connection)
        near_end = before == "near_end" or connection.near_end
        return Result(True, near_end=near_end, seconds=time.monotonic() - started)
    except PrinterFault as fault:
        return Result(False, fault.reason, detail=fault.detail, seconds=time.monotonic() - started)
    finally:
        connection.close()


def _ready(connection: Connection) -> str:
    """The paper's state of a printer that can print. Raises PrinterFault otherwise."""
    if (status := connection.ask(1)) is None or (sensor := connection.ask(4)) is None:
        raise PrinterFault("timeout", "no answer to a status question")
    if reason := trouble(status, sensor, lambda: connection.ask(2)):
        raise PrinterFault(reason, f"status {status:#04x}, paper {sensor:#04x}")
    return paper_of(sensor)


def _job(connection: Connection, data: bytes) -> None:
    try:
        connection.send(data)
    except PrinterFault as fault:
        raise PrinterFault("unconfirmed", f"while sending: {fault.detail}") from None
    try:
        connection.near_end = _ready(connection) == "near_end"
    except PrinterFault as fault:
        reason = "unconfirmed" if fault.reason == "timeout" else fault.reason
        raise PrinterFault(reason, f"after sending: {fault.detail}") from None


def _is_plain_file(settings: Printer) -> bool:
    """A file of bytes; a device file such as /dev/usb/lp0 is a printer that must answer like any other."""
    return settings.kind == "file" and not Path(settings.address).is_char_device()


def _write_file(data: bytes, path: Path, started: float) -> Result:
    """Appends the job and makes the disk confirm it."""
    try:
        printer = paper.file(path)
        try:
            printer._raw(data)
            os.fsync(printer.device.fileno())
        finally:
            printer.close()
    except FileNotFoundError as error:
        return Result(False, "not_found", detail=str(error))
    except OSError as error:
        return Result(False, "refused", detail=str(error))
    return Result(True, seconds=time.monotonic() - started)


def _file_health(path: Path) -> Result:
    if not path.parent.is_dir():
        return Result(False, "not_found", detail=f"{path.parent} is not a folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return Result(False, "refused", detail=f"{path} cannot be written")
    return Result(True)
