"""Printers behind a print queue, of CUPS or of Windows: printed is what the queue says is done.

A job that its queue has not done in time is taken out of it: a slip must never come out later, unasked.
"""

import os
import re
import subprocess
import time
from abc import ABC, abstractmethod

from hall.devices.printer import PrinterProfile
from printers import paper
from printers.status import PrinterFault

QUEUES = ("cups", "windows")
JOB_TIMES = 4
"""A job may take so many times as long as an answer."""
ASK_SECONDS = 0.1


class Queue(ABC):
    def __init__(self, settings: PrinterProfile) -> None:
        self.name = settings.address
        self.timeout = settings.timeout_seconds

    @abstractmethod
    def ready(self) -> bool:
        """Whether the paper of a printer that can print is near its end. Raises PrinterFault when it cannot."""

    @abstractmethod
    def submit(self, data: bytes) -> str:
        """The job's name in the queue."""

    @abstractmethod
    def done(self, job: str) -> bool:
        """Whether the job is printed. Raises PrinterFault when it was given up."""

    @abstractmethod
    def cancel(self, job: str) -> None:
        """Takes the job out of the queue."""


def near_end(settings: PrinterProfile) -> bool:
    return _queue(settings).ready()


def print_job(data: bytes, settings: PrinterProfile) -> bool:
    """Prints once and answers whether the paper is near its end. Raises PrinterFault."""
    queue = _queue(settings)
    queue.ready()
    job = queue.submit(data)
    try:
        _await(queue, job)
        return queue.ready()
    except PrinterFault as fault:
        reason = "unconfirmed" if fault.reason == "timeout" else fault.reason
        raise PrinterFault(reason, f"after sending: {fault.detail}", sent=True) from None


def _await(queue: Queue, job: str) -> None:
    last = time.monotonic() + JOB_TIMES * queue.timeout
    while not queue.done(job):
        if time.monotonic() > last:
            queue.cancel(job)
            queue.ready()  # may say why
            raise PrinterFault("unconfirmed", f"{job} was not done in time and is taken out of the queue")
        time.sleep(ASK_SECONDS)


def _queue(settings: PrinterProfile) -> Queue:
    return Cups(settings) if settings.kind == "cups" else Windows(settings)


class Cups(Queue):
    """By the programs every CUPS brings: lp, lpstat and cancel."""

    def ready(self) -> bool:
        said = self._run("lpstat", "-l", "-p", self.name)
        alerts = " ".join(re.findall(r"^\s*Alerts:(.*)", said, re.MULTILINE))
        if reason := _alerted(alerts):
            raise PrinterFault(reason, f"{self.name}: {alerts.strip()}")
        if re.search(rf"^printer {re.escape(self.name)} disabled", said, re.MULTILINE):
            raise PrinterFault("offline", " ".join(said.split()))
        return "media-low" in alerts

    def submit(self, data: bytes) -> str:
        said = self._run("lp", "-d", self.name, "-o", "raw", "-t", "hallcall", data=data)
        if not (found := re.search(rf"({re.escape(self.name)}-\d+)", said)):
            raise PrinterFault("unconfirmed", f"lp said: {said.strip()}", sent=True)
        return found[1]

    def done(self, job: str) -> bool:
        if _has(self._run("lpstat", "-o", self.name), job):
            return False
        ended = self._run("lpstat", "-l", "-W", "completed", "-o", self.name)
        found = re.search(rf"^{re.escape(job)}\s(?:.*\n)(?:\s.*\n?)*", ended, re.MULTILINE)
        if found and re.search(r"abort|cancel", found[0]):
            raise PrinterFault("unconfirmed", " ".join(found[0].split()))
        return True

    def cancel(self, job: str) -> None:
        self._run("cancel", job)

    def _run(self, program: str, *arguments: str, data: bytes | None = None) -> str:
        try:
            ended = subprocess.run(
                [program, *arguments],
                input=data or b"",
                capture_output=True,
                timeout=self.timeout,
                env={**os.environ, "LC_ALL": "C"},  # its words are read
                check=False,
            )
        except FileNotFoundError:
            raise PrinterFault("unsupported", f"no {program} on this machine") from None
        except subprocess.TimeoutExpired:
            raise PrinterFault("unconfirmed" if data else "timeout", f"{program} did not end", bool(data)) from None
        if ended.returncode:
            words = ended.stderr.decode(errors="replace").strip()
            unknown = re.search("invalid destination|does not exist|unknown", words, re.IGNORECASE)
            raise PrinterFault("not_found" if unknown else "refused", f"{program}: {words}")
        return ended.stdout.decode(errors="replace")


def _has(listed: str, job: str) -> bool:
    return any(line.split()[:1] == [job] for line in listed.splitlines())


def _alerted(alerts: str) -> str | None:
    """What the queue's alerts say is wrong; a raw queue knows little more than whether it reaches the printer."""
    if re.search(r"media-empty|media-needed", alerts):
        return "paper_out"
    if re.search(r"(cover|door|interlock)-open", alerts):
        return "cover_open"
    return "offline" if re.search(r"offline|paused|timed-out|shutdown|media-jam|stopped", alerts) else None


class Windows(Queue):
    """By pywin32: what the spooler knows of the printer and of the job."""

    PAPER_OUT, DOOR_OPEN = 0x10 | 0x40, 0x400000
    OFFLINE = 0x1 | 0x2 | 0x8 | 0x80 | 0x1000
    """Paused, in error, jammed, offline, not available."""
    WORK_OFFLINE = 0x400
    DELETE = 5

    def __init__(self, settings: PrinterProfile) -> None:
        super().__init__(settings)
        try:
            import win32print
        except ImportError:
            raise PrinterFault("unsupported", "no pywin32 on this machine") from None
        self._api = win32print
        try:
            self._handle = win32print.OpenPrinter(self.name)
        except Exception as error:  # pywintypes.error, which no other system knows
            raise PrinterFault("not_found", str(error)) from None

    def ready(self) -> bool:
        known = self._api.GetPrinter(self._handle, 2)
        status = known["Status"]
        if known["Attributes"] & self.WORK_OFFLINE:
            raise PrinterFault("offline", "set to work offline")
        for bits, reason in ((self.PAPER_OUT, "paper_out"), (self.DOOR_OPEN, "cover_open"), (self.OFFLINE, "offline")):
            if status & bits:
                raise PrinterFault(reason, f"status {status:#x}")
        return False

    def submit(self, data: bytes) -> str:
        printer = paper.windows(self.name)
        try:
            printer._raw(data)
        finally:
            printer.close()
        return str(printer.current_job)

    def done(self, job: str) -> bool:
        return all(str(one["JobId"]) != job for one in self._api.EnumJobs(self._handle, 0, 999, 1))

    def cancel(self, job: str) -> None:
        self._api.SetJob(self._handle, int(job), 0, None, self.DELETE)
