"""The hall's business day and hours, in its own time zone."""

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

Span = tuple[time, time]


def business_day(at: datetime, zone: ZoneInfo) -> date:
    """The hall's date at a moment: midnight in its own zone begins the next day."""
    return at.astimezone(zone).date()


def within(at: datetime, zone: ZoneInfo, spans: Iterable[Span]) -> bool:
    """Whether a moment lies in one of the hall's spans, each from its start up to but without its end."""
    now = at.astimezone(zone).time()
    return any(start <= now < end for start, end in spans)


def next_start(at: datetime, zone: ZoneInfo, spans: Iterable[Span]) -> time | None:
    """When the next of today's spans begins; None when there is none left today."""
    now = at.astimezone(zone).time()
    return min((start for start, _ in spans if start > now), default=None)
