"""Slips one after the other, each at most once, and the printer's health, in the background of the kiosk.

A slip not begun within 30 s of its touch is never printed: its owner has left. The ticket stays valid.
Too many in a row that did not come out stop the issuing, where the settings say so.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from hall import texts
from hall.devices.printer import Printer, PrinterProfile
from hall.errors import LinkDown, Refused
from hall.health import Condition
from kiosk.store import Slip, Store
from printers.device import Result, health, print_slip
from printers.sample import trial_slip
from printers.slip import slip_from
from printers.template import TemplateFile

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
    detail: str = ""


@dataclass
class Device:
    """One of the kiosk's printers, and how it was when it was asked or used last."""

    id: str
    settings: PrinterProfile
    state: PrinterState = PrinterState()

    def use(self, work: Callable[[PrinterProfile], Result]) -> Result:
        result = work(self.settings)
        self.state = PrinterState(result.ok, result.reason, result.near_end, result.detail)
        return result

    def condition(self) -> Condition:
        state, facts = self.state, {"address": f"{self.settings.kind}:{self.settings.address}"}
        if state.ok is None:
            return Condition("printer", "unknown", id=self.id, facts=facts)
        if not state.ok:
            return Condition("printer", "fault", state.reason or "unprintable", self.id, state.detail, facts)
        if state.near_end:
            return Condition("printer", "warning", "near_end", self.id, facts=facts)
        return Condition("printer", "ok", id=self.id, facts=facts)


class Printing:
    """One kiosk's queue of slips. `report` tells the server a slip's end; after a LinkDown it is asked again."""

    def __init__(
        self,
        store: Store,
        printer: Printer,
        catalogue: Catalogue,
        report: Report,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._devices = [Device("main" if printer.fallback else "", printer)]
        if printer.fallback:
            self._devices.append(Device("fallback", printer.fallback))
        self._template = TemplateFile(Path(printer.template) if printer.template else None)
        self._stop_after = printer.stop_after_unprinted
        self._unprinted = 0
        """Slips in a row that did not come out."""
        self._catalogue = catalogue
        self._report = report
        self._now = now
        self._at_the_printer = threading.Lock()
        self._stopping = threading.Event()
        self._work = threading.Event()
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._print_all, name="kiosk-printing", daemon=True),
            threading.Thread(target=self._report_all, name="kiosk-reports", daemon=True),
        ]

    @property
    def state(self) -> PrinterState:
        """Of the printer that the next slip comes out of."""
        return next((one.state for one in self._devices if one.state.ok), self._devices[0].state)

    @property
    def stopped(self) -> bool:
        """No more numbers: too many slips in a row did not come out. Ends when a printer is well again."""
        return self._stop_after is not None and self._unprinted >= self._stop_after

    def conditions(self) -> list[Condition]:
        """How the printers are, and what stands in the way of a slip as the settings want it."""
        found = [one.condition() for one in self._devices]
        if self.stopped:
            found.append(Condition("printer", "fault", "stopped", "kiosk", facts={"unprinted": self._unprinted}))
        if self._template.mistake:
            found.append(Condition("printer", "warning", "template", "template", self._template.mistake))
        return found

    def test_print(self, language: str = texts.DEFAULT) -> Result:
        """A slip that is no ticket, on the main printer."""
        with self._at_the_printer:
            template = self._template.current()
            return self._devices[0].use(lambda printer: print_slip(trial_slip(language), printer, template))

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
            well = not self.stopped and all(one.state.ok for one in self._devices)
            slip = self._store.next_slip()
            if slip:
                self._print(slip)
            elif not self._work.wait(WELL_SECONDS if well else UNWELL_SECONDS):
                self._ask_health()

    def _print(self, slip: Slip) -> None:
        if not self._is_young(slip):
            self._end(slip, "late")
            return
        self._store.move(slip.id, "sending")
        try:
            with self._at_the_printer:
                self._end(slip, self._send(slip))
        except Exception:  # this loop must never die: the next visitor's slip may well print
            log.exception("slip.broke", slip=slip.id)
            self._end(slip, "error")

    def _is_young(self, slip: Slip) -> bool:
        # A clock set back must not make an old slip young again.
        return -1 <= self._now() - slip.asked_at <= LATEST_SECONDS

    def _send(self, slip: Slip) -> str | None:
        """Why it did not come out. The fallback gets what the main printer did not begin: never a second paper."""
        known = self._catalogue(slip.language) or {}
        paper = slip_from(slip.ticket, known, slip.language, reprint=slip.reprint)
        template = self._template.current()
        reason = None
        for device in self._devices:
            if reason and not self._is_young(slip):
                break
            result = device.use(lambda printer: print_slip(paper, printer, template))
            if result.ok:
                return None
            reason = result.reason if result.sent or not reason else reason
            if result.sent:
                break
        return reason or "unknown"

    def _end(self, slip: Slip, reason: str | None) -> None:
        self._unprinted = self._unprinted + 1 if reason else 0
        self._store.move(slip.id, "failed" if reason else "printed", reason)
        self._ended.set()
        log.info("slip.ended", slip=slip.id, number=slip.ticket.get("number"), reason=reason)

    def _ask_health(self) -> None:
        self._template.current()
        for device in self._devices:
            try:
                with self._at_the_printer:
                    device.use(health)
            except Exception as error:  # as above
                log.exception("printer.broke")
                device.state = PrinterState(False, "offline", detail=str(error))
        if self.stopped and self.state.ok:
            log.info("issuing.resumed", unprinted=self._unprinted)
            self._unprinted = 0

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
