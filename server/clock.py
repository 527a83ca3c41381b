"""The one place where the server asks the time."""

import time
from datetime import UTC, datetime, timedelta

from hall.errors import SettingsError


class Clock:
    """`real`, or START@SPEED: starts at START (ISO 8601 with a zone) and runs SPEED times as fast."""

    def __init__(self, setting: str = "real") -> None:
        self.start: datetime | None = None
        self.speed = 1.0
        if setting != "real":
            self.start, self.speed = _parse(setting)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The present moment in UTC, in whole milliseconds: what events and tables both keep exactly."""
        if self.start is None:
            now = datetime.now(UTC)
        else:
            now = self.start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


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
