"""Slips one after the other, each at most once, and the printer's health, in the background of the kiosk.

A slip not begun within 30 s of its touch is never printed: its owner has left. The ticket stays valid.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from hall.devices.printer import Printer
from hall.errors import LinkDown, Refused
from kiosk.store import Slip, Store
from printers.device import health, print_slip
from printers.slip import slip_from

LATEST_SECONDS = 30.0
"""HALL.md, "An outage": how old a touch may be when its slip is printed."""
WELL_SECONDS = 30.0
"""How often a printer that works is asked how it is."""
UNWELL_SECONDS = 5.0
REPORT_AGAIN_SECONDS = 2.0

Catalogue = Callable[[str], dict[str, Any] | None]
Report = Callable[[Slip], None]

log = structlog.get_logger("kiosk.printing")


@dataclass(frozen=True, slots=True)
class PrinterState:
    """`ok` None: not asked yet."""

    ok: bool | None = None
    reason: str | None = None
    near_end: bool = False


class Printing:
    """One printer's queue. `report` tells the server a slip's end; after a LinkDown it is asked again."""

    def __init__(
        self,
        store: Store,
        printer: Printer,
        catalogue: Catalogue,
        report: Report,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.state = PrinterState()
        self._store = store
        self._printer = printer
        self._catalogue = catalogue
        self._report = report
        self._now = now
        self._stopping = threading.Event()
        self._work = threading.Event()
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._print_all, name="kiosk-printing", daemon=True),
            threading.Thread(target=self._report_all, name="kiosk-reports", daemon=True),
        ]

    def start(self) -> None:
        self._store.fail_interrupted()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._work.set()
        self._ended.set()
        for thread in self._threads:
            thread.join(5)

    def wake(self) -> None:
        """There is a new slip in the store."""
        self._work.set()

    def _print_all(self) -> None:
        self._ask_health()
        while not self._stopping.is_set():
            self._work.clear()
            slip = self._store.next_slip()
            if slip:
                self._print(slip)
            elif not self._work.wait(WELL_SECONDS if self.state.ok else UNWELL_SECONDS):
                self._ask_health()

    def _print(self, slip: Slip) -> None:
        age = self._now() - slip.asked_at
        # A clock set back must not make an old slip young again.
        if not -1 <= age <= LATEST_SECONDS:
            self._end(slip, "late")
            return
        self._store.move(slip.id, "sending")
        try:
            known = self._catalogue(slip.language) or {}
            result = print_slip(slip_from(slip.ticket, known, slip.language, reprint=slip.reprint), self._printer)
        except Exception:  # this loop must never die: the next visitor's slip may well print
            log.exception("slip.broke", slip=slip.id)
            self._end(slip, "error")
            return
        self.state = PrinterState(result.ok, result.reason, result.near_end)
        self._end(slip, None if result.ok else result.reason or "unknown")

    def _end(self, slip: Slip, reason: str | None) -> None:
        self._store.move(slip.id, "failed" if reason else "printed", reason)
        self._ended.set()
        log.info("slip.ended", slip=slip.id, number=slip.ticket.get("number"), reason=reason)

    def _ask_health(self) -> None:
        try:
            result = health(self._printer)
            self.state = PrinterState(result.ok, result.reason, result.near_end)
        except Exception:  # as above
            log.exception("printer.broke")
            self.state = PrinterState(False, "error")

    def _report_all(self) -> None:
        """A slip's end reaches the server, be it an hour later."""
        while not self._stopping.is_set():
            self._ended.clear()
            left = self._report_some()
            self._ended.wait(REPORT_AGAIN_SECONDS if left else None)

    def _report_some(self) -> bool:
        for slip in self._store.unreported():
            try:
                self._report(slip)
            except LinkDown:
                return True
            except Refused as error:
                log.warning("slip.report_refused", slip=slip.id, code=error.code)
            self._store.mark_reported(slip.id)
        return bool(self._store.unreported())
