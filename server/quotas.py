"""Whether a line may give another number: its hours, its quotas, and what its windows can still serve today."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from hall.calendar import CHECK_IN_AFTER
from hall.day import business_day, left_today, stretches
from hall.quotas import places_left
from hall.waiting import LEAST_SERVED
from server.layout.kept import LineRow
from server.standing import Present
from server.tables.base import Utc
from server.tables.queue import counters, tickets
from server.tables.visitors import bookings

_LAST = select(counters.c.last).where(
    counters.c.hall_id == bindparam("hall"),
    counters.c.day == bindparam("day"),
    counters.c.prefix == bindparam("prefix"),
)
_ISSUED_AT = select(tickets.c.issued_at).where(
    tickets.c.hall_id == bindparam("hall"),
    tickets.c.day == bindparam("day"),
    tickets.c.prefix == bindparam("prefix"),
    tickets.c.ordinal == bindparam("ordinal"),
)
_TO_COME = select(func.count()).where(
    bookings.c.hall_id == bindparam("hall"),
    bookings.c.line_id == bindparam("line"),
    bookings.c.slot_at > bindparam("since", type_=Utc),
    bookings.c.day == bindparam("day"),
    bookings.c.status == "booked",
)


def why_closed(
    connection: Connection, here: Present, line: LineRow, now: datetime, always_open: bool = False
) -> str | None:
    """Why no number of the line is given now, as a code; None when one is. In the hall's lock it holds till the end.

    `always_open`: hours and quotas are nothing to it, a suspension is.
    """
    if always_open:
        return "suspended" if line.suspended is not None else None
    return here.layout.closed_reason(line, now) or _used_up(connection, here, line, now)


def _used_up(connection: Connection, here: Present, line: LineRow, now: datetime) -> str | None:
    if not (line.daily_quota or line.more.slot_quotas or line.more.capacity_quota):
        return None
    key = {"hall": here.layout.hall, "day": business_day(now, here.layout.time_zone), "prefix": line.prefix}
    last = connection.execute(_LAST, key).scalar() or 0
    to_come = bookings_to_come(connection, here, line, now)
    # Who has booked holds one of the day's numbers.
    if line.daily_quota and last + to_come >= line.daily_quota:
        return "quota"
    if _span_is_full(connection, here, line, now, last):
        return "slot_quota"
    return "capacity" if _too_many(here, line, now, to_come) else None


def bookings_to_come(connection: Connection, here: Present, line: LineRow, now: datetime) -> int:
    """Who has booked today and may still check in."""
    if line.more.booking is None:
        return 0
    day = business_day(now, here.layout.time_zone)
    key = {"hall": here.layout.hall, "line": line.id, "since": now - CHECK_IN_AFTER, "day": day}
    return int(connection.execute(_TO_COME, key).scalar_one())


def _span_is_full(connection: Connection, here: Present, line: LineRow, now: datetime, last: int) -> bool:
    """Numbers have no gaps, so a span is full when the number that many before the next was given in it."""
    day = business_day(now, here.layout.time_zone)
    for quota in line.more.slot_quotas:
        for start, end in stretches(day, here.layout.time_zone, [quota.span]):
            if start <= now < end and last >= quota.numbers:
                key = {"hall": here.layout.hall, "day": day, "prefix": line.prefix}
                first = connection.execute(_ISSUED_AT, {**key, "ordinal": last - quota.numbers + 1}).scalar_one()
                if first >= start:
                    return True
    return False


def _too_many(here: Present, line: LineRow, now: datetime, to_come: int) -> bool:
    if line.more.capacity_quota is None:
        return False
    able, _ = here.able(line.id)
    calling_left = left_today(now, here.layout.time_zone, here.layout.calling)
    minutes = _service_minutes(here, line.id) or line.more.capacity_quota
    return places_left(calling_left, len(able), minutes, here.ahead_of_new(line.id, now), to_come) <= 0


def _service_minutes(here: Present, line: str) -> float | None:
    """The pace of today of the windows that serve the line; None while too few were served."""
    paces = [here.windows[one.id] for one in here.able(line)[0]]
    served = sum(one.served for one in paces)
    return sum(one.service_seconds for one in paces) / served / 60 if served >= LEAST_SERVED else None
