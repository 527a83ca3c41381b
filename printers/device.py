"""A slip to a printer: one connection a job, status before and after; printed only if it answered."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hall.devices.printer import PrinterProfile
from printers import paper, spool
from printers.slip import Slip
from printers.status import PAPER_NEAR_END, Connection, PrinterFault, connect, trouble
from printers.template import Template

Reason = Literal[
    "offline",
    "paper_out",
    "cover_open",
    "refused",
    "timeout",
    "not_found",
    "unconfirmed",
    "unprintable",
    "garbled",
    "unsupported",
]


@dataclass(frozen=True)
class Result:
    """`ok`: the printer answered after the bytes (a job) or is ready (health). `detail` is for logs."""

    ok: bool
    reason: str | None = None
    near_end: bool = False
    """A warning: the roll is nearly used up."""
    detail: str = ""
    seconds: float = 0.0
    sent: bool = False
    """Not ok, but bytes of the slip went out: it may lie on paper, and must not be printed again unasked."""


def print_slip(slip: Slip, settings: PrinterProfile, template: Template | None = None) -> Result:
    """Prints once or says why not. `unconfirmed`: bytes were sent, perhaps printed: never repeat unasked."""
    started = time.monotonic()
    try:
        data = paper.slip_bytes(
            slip,
            settings.width_dots,
            settings.encoding,
            template=template,
            cutter=settings.cutter,
            buzzer=settings.buzzer,
        )
    except (ValueError, OSError) as error:
        return Result(False, "unprintable", detail=str(error))
    return print_bytes(data, settings, started)


def print_bytes(data: bytes, settings: PrinterProfile, started: float | None = None) -> Result:
    """The same for a job already made."""
    started = started if started is not None else time.monotonic()
    if settings.kind in spool.QUEUES:
        return _told(lambda: spool.print_job(data, settings), started)
    if _is_plain_file(settings):
        return _told(lambda: _write_file(data, Path(settings.address)), started)
    return _told(lambda: _over_connection(settings, data), started)


def health(settings: PrinterProfile) -> Result:
    """How the printer is now: ready, or why not. Prints nothing."""
    started = time.monotonic()
    if settings.kind in spool.QUEUES:
        return _told(lambda: spool.near_end(settings), started)
    if _is_plain_file(settings):
        return _told(lambda: _file_health(Path(settings.address)), started)
    return _told(lambda: _over_connection(settings, None), started)


def open_printer(settings: PrinterProfile) -> Any:
    """The connected python-escpos printer of these settings. Raises PrinterFault with one of the reasons."""
    if _is_plain_file(settings):
        return paper.file(Path(settings.address))
    return connect(settings).printer


def _told(work: Callable[[], bool], started: float) -> Result:
    """What became of `work`, which answers whether the paper is near its end."""
    try:
        near_end = work()
    except PrinterFault as fault:
        seconds = time.monotonic() - started
        return Result(False, fault.reason, detail=fault.detail, seconds=seconds, sent=fault.sent)
    return Result(True, near_end=near_end, seconds=time.monotonic() - started)


def _over_connection(settings: PrinterProfile, data: bytes | None) -> bool:
    """Asks, sends what there is to send, and asks again."""
    connection = connect(settings)
    try:
        near_end = _ready(connection)
        if data is not None:
            near_end = _job(connection, data) or near_end
    except BaseException:
        connection.abort()
        raise
    connection.close()
    return near_end


def _ready(connection: Connection) -> bool:
    """Whether the paper of a printer that can print is near its end. Raises PrinterFault when it cannot."""
    status, sensor = connection.ask(1), connection.ask(4)
    if reason := trouble(status, sensor, lambda: connection.ask(2)):
        raise PrinterFault(reason, f"status {status:#04x}, paper {sensor:#04x}")
    return bool(sensor & PAPER_NEAR_END)


def _job(connection: Connection, data: bytes) -> bool:
    try:
        connection.send(data)
    except PrinterFault as fault:
        raise PrinterFault("unconfirmed", f"while sending: {fault.detail}", sent=True) from None
    try:
        return _ready(connection)
    except PrinterFault as fault:
        reason = "unconfirmed" if fault.reason in ("timeout", "garbled") else fault.reason
        raise PrinterFault(reason, f"after sending: {fault.detail}", sent=True) from None


def _is_plain_file(settings: PrinterProfile) -> bool:
    """A file of bytes; a device file such as /dev/usb/lp0 is a printer that must answer like any other."""
    return settings.kind == "file" and not Path(settings.address).is_char_device()


def _write_file(data: bytes, path: Path) -> bool:
    """Appends the job and makes the disk confirm it."""
    try:
        printer = paper.file(path)
    except OSError as error:
        raise PrinterFault("not_found" if isinstance(error, FileNotFoundError) else "refused", str(error)) from None
    try:
        printer._raw(data)
        os.fsync(printer.device.fileno())
    except OSError as error:
        raise PrinterFault("refused", str(error), sent=True) from None
    finally:
        printer.close()
    return False


def _file_health(path: Path) -> bool:
    if not path.parent.is_dir():
        raise PrinterFault("not_found", f"{path.parent} is not a folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PrinterFault("refused", f"{path} cannot be written")
    return False
