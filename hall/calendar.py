"""The days on which a hall works and the slots that can be booked on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hall.day import Span, business_day, stretches

CHECK_IN_BEFORE = timedelta(minutes=60)
CHECK_IN_AFTER = timedelta(minutes=20)
LONGEST_REST = 60
"""Days; a hall that rests longer has no next working day that anyone would wait for."""


@dataclass(frozen=True)
class WorkingDays:
    """Which days are worked: weekends and holidays of a country, with its swaps, and the hall's own exceptions."""

    holidays: str | None = None
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        if day in self.closed or day in self.open:
            return day not in self.closed
        return self.holidays is None or _is_working_day(self.holidays, day)

    def next_after(self, day: date) -> date | None:
        """The first working day after a day."""
        later = (day + timedelta(days=ahead) for ahead in range(1, LONGEST_REST + 1))
        return next((one for one in later if self.works(one)), None)


@lru_cache(1000)
def _is_working_day(code: str, day: date) -> bool:
    return bool(_country(code, day.year).is_working_day(day))


@cache
def _country(code: str, year: int) -> Any:
    from holidays import country_holidays  # devices read the layout too, and keep no calendar

    country, _, part = code.partition("-")
    # The next year too: a Sunday at the end of December may be worked for a day off in January.
    return country_holidays(country, subdiv=part or None, years=(year, year + 1))


def known_country(code: str) -> bool:
    """Whether there is a calendar for the code; a device, which has none, takes every code."""
    try:
        _country(code, 2026)
    except ModuleNotFoundError:
        return True
    except NotImplementedError:
        return False
    return True


def slots(day: date, zone: ZoneInfo, calling: Iterable[Span], minutes: int) -> list[datetime]:
    """When the slots of a day begin: one after the other within each calling span, none that its end would cut."""
    found, each = [], timedelta(minutes=minutes)
    for start, end in stretches(day, zone, calling):
        found += [start + each * place for place in range((end - start) // each)]
    return found


def check_in(slot_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when who has booked a slot may check in: around it, within its own day."""
    day = business_day(slot_at, zone)
    midnight, next_midnight = (
        datetime.combine(day + timedelta(days=ahead), time(), zone).astimezone(UTC) for ahead in (0, 1)
    )
    last = min(slot_at + CHECK_IN_AFTER, next_midnight - timedelta(milliseconds=1))
    return max(slot_at - CHECK_IN_BEFORE, midnight), last
