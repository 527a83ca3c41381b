"""The hall's business day and hours, in its own time zone; on the days when clocks change too."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[time, time]
Stretch = tuple[datetime, datetime]
"""From a moment up to but without another, both in UTC."""


def business_day(at: datetime, zone: ZoneInfo) -> date:
    """The hall's date at a moment: midnight in its own zone begins the next day."""
    return at.astimezone(zone).date()


def told_moment(at: datetime) -> datetime:
    """A moment that somebody told, in UTC. ValueError without a zone, or so far off that some zone could not say it."""
    if at.tzinfo is None or not 1971 <= at.year <= 9000:
        raise ValueError("not a moment with a zone")
    return at.astimezone(UTC)


def stretches(day: date, zone: ZoneInfo, spans: Iterable[Span]) -> list[Stretch]:
    """The hours of a day as moments, in order.

    Where clocks go back, an hour that comes twice belongs to a span whole: its start the first time, its end the
    second. Where they go forward, what the clock jumps over is no time at all.
    """
    return list(_stretches(day, zone, tuple(spans)))


@lru_cache(256)  # asked at every number and every poll of a kiosk
def _stretches(day: date, zone: ZoneInfo, spans: tuple[Span, ...]) -> list[Stretch]:
    moments = ((_moment(day, start, zone, 0), _moment(day, end, zone, 1)) for start, end in spans)
    return sorted((start, end) for start, end in moments if start < end)


def _moment(day: date, wall: time, zone: ZoneInfo, fold: int) -> datetime:
    return datetime.combine(day, wall.replace(fold=fold), zone).astimezone(UTC)


def within(at: datetime, zone: ZoneInfo, spans: Iterable[Span]) -> bool:
    """Whether a moment lies in one of the hall's spans, each from its start up to but without its end."""
    return any(start <= at < end for start, end in stretches(business_day(at, zone), zone, spans))


def next_start(at: datetime, zone: ZoneInfo, spans: Iterable[Span]) -> time | None:
    """When the next of today's spans begins; None when there is none left today."""
    later = (start for start, _ in stretches(business_day(at, zone), zone, spans) if start > at)
    first = min(later, default=None)
    return None if first is None else first.astimezone(zone).time()


def left_today(at: datetime, zone: ZoneInfo, spans: Iterable[Span]) -> timedelta:
    """How much of today's hours is still to come."""
    whole = stretches(business_day(at, zone), zone, spans)
    return sum((end - max(start, at) for start, end in whole if end > at), timedelta())


def time_outside(begin: datetime, end: datetime, zone: ZoneInfo, spans: Iterable[Span]) -> timedelta:
    """How much of the time from `begin` to `end`, on the day of `begin`, lies outside the hours."""
    whole = stretches(business_day(begin, zone), zone, spans)
    inside = (min(end, stop) - max(begin, start) for start, stop in whole if stop > begin and start < end)
    return end - begin - sum(inside, timedelta())
