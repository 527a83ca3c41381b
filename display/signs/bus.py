"""One wire and the signs on it, in a thread of its own: whoever hangs elsewhere waits for none of them."""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from display.signs import alpha, line, modbus
from display.signs.shown import Picture
from display.signs.wire import SignFault, Wire
from hall.devices.sign import Sign
from hall.health import Condition

TURN_SECONDS = 0.5
"""How often the thread looks for what the clock has changed; a call wakes it at once."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
LONGEST_TOLD = 80

FAMILIES: dict[str, Callable[[Wire, Sign, Picture], None]] = {
    "line": line.show,
    "alpha": alpha.show,
    "modbus": modbus.show,
}
"""{kind of the settings: shows a picture, returns once the sign has it, else raises SignFault}"""

log = structlog.get_logger("display.signs")


class Driven:
    """One sign: what it is known to show, and what is wrong with it."""

    def __init__(self, sign: Sign) -> None:
        self.sign = sign
        self.shows: Picture | None = None
        self.fault: SignFault | None = None
        self._confirmed_at = 0.0
        self._next_try = 0.0
        self._pause = 0.0

    def is_due(self, wanted: Picture, repeat_seconds: float) -> bool:
        now = time.monotonic()
        old = wanted != self.shows or now - self._confirmed_at >= repeat_seconds
        return now >= self._next_try and (old or self.fault is not None)

    def show(self, wire: Wire, wanted: Picture) -> None:
        try:
            FAMILIES[self.sign.kind](wire, self.sign, wanted)
        except SignFault as fault:
            self._failed(fault, alone=not wire.is_closed)
            return
        if self.fault is not None:
            log.info("sign.back", sign=self.sign.id)
        self.shows, self.fault, self._confirmed_at, self._pause = wanted, None, time.monotonic(), 0.0

    def condition(self) -> Condition:
        facts = {"shows": " / ".join(self.shows.rows)[:LONGEST_TOLD]} if self.shows else {}
        if fault := self.fault:
            return Condition("sign", "fault", fault.code, self.sign.id, fault.detail, facts)
        return Condition("sign", "ok" if self.shows else "unknown", id=self.sign.id, facts=facts)

    def _failed(self, fault: SignFault, alone: bool) -> None:
        """`alone`: only this sign, which then waits so that the others on the wire need not."""
        if self.fault is None or self.fault.code != fault.code:
            log.warning("sign.fault", sign=self.sign.id, code=fault.code, why=fault.detail)
        self.fault = fault
        if alone:
            self._pause = min(max(FIRST_PAUSE_SECONDS, 2 * self._pause), LONGEST_PAUSE_SECONDS)
            self._next_try = time.monotonic() + self._pause


class Bus:
    """`wanted`: what a sign should show just now; None leaves it as it is."""

    def __init__(self, signs: Sequence[Sign], wanted: Callable[[Sign], Picture | None], repeat_seconds: float) -> None:
        self.driven = [Driven(sign) for sign in signs]
        self._wire = Wire(signs[0].place)
        self._wanted = wanted
        self._repeat_seconds = repeat_seconds
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"signs-{signs[0].place.address}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stopping = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join(3)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            for one in self.driven:
                try:
                    self._look_after(one)
                except Exception:  # this loop must never die: signs hang for months untouched
                    log.exception("sign.broke", sign=one.sign.id)
            self._wake.wait(TURN_SECONDS)
        self._wire.close()

    def _look_after(self, one: Driven) -> None:
        wanted = self._wanted(one.sign) or one.shows
        if wanted is not None and not self._stopping and one.is_due(wanted, self._repeat_seconds):
            one.show(self._wire, wanted)
