"""The one place where the server asks the time, and where it doubts what the machine answers."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from hall.errors import SettingsError

BEHIND_SECONDS = 60.0
"""So far may the machine's clock be set back, or lie behind the journal's last moment."""
AHEAD_SECONDS = 600.0
"""So far may it be set forward at once: what a clock put right, or a virtual machine that was paused, may do."""


class Machine:
    """The two clocks of a machine: one that can be set, and one that only ticks."""

    def wall(self) -> float:
        return time.time()

    def ticks(self) -> float:
        # Linux's CLOCK_MONOTONIC stands still while the machine sleeps.
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the machine's clock is not believed. behind: the journal's last moment lies after it, by `seconds`;
    set: it was set by `seconds` (forward is positive) while the server ran."""

    kind: Literal["behind", "set"]
    seconds: int


class Clock:
    """`real`, or START@SPEED: starts at START (ISO 8601 with a zone) and runs SPEED times as fast.

    The real clock is the machine's own. Where that is set by more than a plausible step, the time goes on as if it
    had not been, until it is set right or the server starts anew.
    """

    def __init__(self, setting: str = "real", machine: Machine | None = None) -> None:
        self.start: datetime | None = None
        self.speed = 1.0
        if setting != "real":
            self.start, self.speed = _parse(setting)
        self._machine = machine or Machine()
        self._began = self._machine.ticks()
        self._offset = self._machine.wall() - self._began
        self._step = 0.0

    def now(self) -> datetime:
        """The present moment in UTC, in whole milliseconds: what events and tables both keep exactly."""
        if self.start is None:
            now = datetime.fromtimestamp(self._steady(), UTC)
        else:
            now = self.start + timedelta(seconds=(self._machine.ticks() - self._began) * self.speed)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def _steady(self) -> float:
        ticks = self._machine.ticks()
        step = self._machine.wall() - ticks - self._offset
        plausible = -BEHIND_SECONDS <= step <= AHEAD_SECONDS
        if plausible:
            self._offset += step
        self._step = 0.0 if plausible else step
        return ticks + self._offset

    def doubt(self, last: datetime) -> Doubt | None:
        """What contradicts the machine's clock: a journal's last moment, or its own ticking. A trial's is believed."""
        if self.start is not None:
            return None
        behind = (last - self.now()).total_seconds()
        if behind > BEHIND_SECONDS:
            if self._machine.wall() >= last.timestamp() - BEHIND_SECONDS:
                # It ran wrong from its start and was set right since.
                self._offset = self._machine.wall() - self._machine.ticks()
            behind = (last - self.now()).total_seconds()
        if behind > BEHIND_SECONDS:
            return Doubt("behind", round(behind))
        return Doubt("set", round(self._step)) if self._step else None


def _parse(setting: str) -> tuple[datetime, float]:
    start, _, speed = setting.partition("@")
    try:
        at = datetime.fromisoformat(start)
        factor = float(speed or 1)
    except ValueError:
        at, factor = None, 0.0
    if at is None or at.tzinfo is None or not 0 < factor <= 100_000:
        raise SettingsError(
            f"server.clock = {setting!r}: expected 'real' or START@SPEED such as '2026-11-23T08:30:00+08:00@60'"
        )
    return at.astimezone(UTC), factor
