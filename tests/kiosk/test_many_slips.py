"""Slips to printers that fail at random: each printed once or reported, none lost, none twice unless marked so.

HALLCALL_SLIPS sets how many; 10,000 is what the hall must reach.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hall.devices.printer import Printer, PrinterProfile
from hall.errors import LinkDown
from kiosk.printing import Printing
from kiosk.store import Slip, Store
from tests.kiosk.rig import wait_for
from tests.kiosk.test_printing import TICKET
from tests.printers.flaky import FAULTS, FlakyPrinter

SLIPS = int(os.environ.get("HALLCALL_SLIPS", "100"))
AT_ONCE = 10
TIMEOUT = 0.2
SHARE = 0.3
"""Of the connections that meet a fault."""
BEFORE = {"refused", "not_found", "timeout", "garbled"}
"""Reasons of slips of which no byte went out."""


class Hall:
    """Where slips are reported; it cannot be reached one time in ten."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[str, str | None]] = {}
        self._random = random.Random(7)

    def report(self, slip: Slip) -> None:
        if self._random.random() < 0.1:
            raise LinkDown("away")
        assert self.told.setdefault(slip.id, (slip.state, slip.reason)) == (slip.state, slip.reason)


@pytest.mark.timeout(60 + SLIPS)
@pytest.mark.parametrize("with_fallback", [False, True], ids=["one printer", "with a fallback"])
def test_each_slip_is_printed_once_or_reported(tmp_path: Path, with_fallback: bool, capsys: Any) -> None:
    hall, store, started = Hall(), Store(tmp_path / "kiosk.sqlite3"), time.monotonic()
    with FlakyPrinter(1, SHARE, TIMEOUT) as first, FlakyPrinter(2, SHARE, TIMEOUT) as second:
        fallback = PrinterProfile(address=second.address, timeout_seconds=TIMEOUT)
        settings = Printer(address=first.address, timeout_seconds=TIMEOUT, fallback=fallback if with_fallback else None)
        printing = Printing(store, settings, lambda language: None, hall.report)
        printing.start()
        try:
            slips = [one for n in range(0, SLIPS, AT_ONCE) for one in print_batch(store, printing, n)]
            wait_for(lambda: len(hall.told) == len(slips), 60 + SLIPS / 50)
        finally:
            printing.stop()
        papers = Counter(first.papers + second.papers)
        met = Counter(first.met) + Counter(second.met)
    ended = [store.slip(one.id) or one for one in slips]
    check(ended, hall.told, papers, with_fallback)
    if SLIPS >= 1000:
        assert set(FAULTS) <= met.keys()
    with capsys.disabled():
        tell(ended, papers, time.monotonic() - started)


def print_batch(store: Store, printing: Printing, first: int) -> list[Slip]:
    """Some visitors at once; who got no paper asks the desk for another, which bears its mark."""
    slips = [slip_of(n, again=False) for n in range(first, min(first + AT_ONCE, SLIPS))]
    finish(store, printing, slips)
    failed = [one for one in slips if (store.slip(one.id) or one).state == "failed"]
    again = [slip_of(int(one.ticket["number"][1:]), again=True) for one in failed]
    finish(store, printing, again)
    return slips + again


def slip_of(n: int, again: bool) -> Slip:
    ticket = {**TICKET, "id": f"t{n}", "number": f"A{n:05d}"}
    return Slip(f"{'again' if again else 'slip'}-{n}", ticket, "zh-CN", again, time.time())


def finish(store: Store, printing: Printing, slips: list[Slip]) -> None:
    for one in slips:
        store.keep_slip(one)
    printing.wake()
    wait_for(lambda: all((store.slip(one.id) or one).state in ("printed", "failed") for one in slips), 60)


def check(slips: list[Slip], told: Any, papers: "Counter[tuple[str, bool]]", with_fallback: bool) -> None:
    assert {one.id: (one.state, one.reason) for one in slips} == told  # none lost
    assert max(papers.values()) == 1  # none doubled
    for one in slips:
        paper = papers[(one.ticket["number"], one.reprint)]
        if one.state == "printed":
            assert paper == 1, one
        else:
            assert one.reason, one
        if one.reason in BEFORE and not with_fallback:
            assert paper == 0, one
    asked = {(one.ticket["number"], one.reprint) for one in slips}
    assert papers.keys() <= asked  # nothing came out that nobody asked for


def tell(slips: list[Slip], papers: "Counter[tuple[str, bool]]", seconds: float) -> None:
    states = Counter(one.state for one in slips)
    again = sum(one.reprint for one in slips)
    reasons = dict(Counter(one.reason for one in slips if one.reason).most_common())
    print(
        f"\n{len(slips)} slips ({again} reprints): {states['printed']} printed, {states['failed']} reported, "
        f"{sum(papers.values())} papers, {seconds:.0f} s; {reasons}"
    )
