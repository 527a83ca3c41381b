"""Slots and bookings as they stand: what can be booked, how many places are left, who is still to come."""

from datetime import date, datetime, timedelta
from typing import Any

import segno
from sqlalchemy import Connection, func, select

from hall.calendar import check_in, slots
from hall.day import business_day
from hall.errors import HallError
from hall.texts import day_text, text_in
from server.journal import iso
from server.layout.kept import Layout, LineRow
from server.rows import Row
from server.tables.visitors import bookings

HELD = ("booked", "arrived")
"""What takes a place of a slot."""


def slots_of(layout: Layout, line: LineRow, day: date, now: datetime) -> list[datetime]:
    """The slots of a day that can still be booked, full ones too; none on a day off, too far ahead, while suspended."""
    booking = line.more.booking
    today = business_day(now, layout.time_zone)
    if booking is None or not today <= day <= today + timedelta(days=booking.days_ahead):
        return []
    if not layout.days.works(day):
        return []
    free = now if line.suspended is None else max(now, line.suspended.until)
    return [at for at in slots(day, layout.time_zone, layout.calling, booking.slot_minutes) if at > free]


def slot_text(layout: Layout, at: datetime) -> str:
    return f"{at.astimezone(layout.time_zone):%H:%M}"


def booking_status(layout: Layout, booking: Row, now: datetime) -> str:
    """Who did not check in in time has missed it, even before the day's end writes so."""
    _, last = check_in(booking["slot_at"], layout.time_zone)
    return "no_show" if booking["status"] == "booked" and now > last else str(booking["status"])


def booking_answer(layout: Layout, booking: Row, now: datetime) -> dict[str, Any]:
    """A booking as who holds its code sees it."""
    line = layout.lines[booking["line_id"]]
    first, last = check_in(booking["slot_at"], layout.time_zone)
    # A line that takes no bookings any more keeps no length of its slots; those who had booked may look all the same.
    length = line.more.booking.slot_minutes if line.more.booking else 0
    return {
        "code": booking["code"],
        "qr": segno.make(booking["code"], error="m").svg_data_uri(scale=8, border=2, dark="#10243A"),
        "hall": layout.hall,
        "line": line.id,
        "line_name": text_in(line.name, booking["language"]),
        "matter": booking["matter_id"],
        "day": booking["day"].isoformat(),
        "day_text": day_text(booking["language"], booking["day"]),
        "at": iso(booking["slot_at"]),
        "starts": slot_text(layout, booking["slot_at"]),
        "ends": slot_text(layout, booking["slot_at"] + timedelta(minutes=length)),
        "check_in_from": slot_text(layout, first),
        "check_in_until": slot_text(layout, last),
        "tail": booking["tail"],
        "status": booking_status(layout, booking, now),
    }


def booking_of(connection: Connection, code: str) -> Row:
    """The booking behind a code."""
    found = connection.execute(select(bookings).where(bookings.c.code == code)).one_or_none()
    if found is None:
        raise HallError("not_found", what="code", id="")
    return dict(found._mapping)


def offer(
    connection: Connection, layout: Layout, now: datetime, language: str, line: str | None, day: date | None
) -> dict[str, Any]:
    """What can be booked: the lines, of a line the days, of a day the slots; each with no more than what is left."""
    bookable = [one for one in layout.lines.values() if one.more.booking is not None]
    answer: dict[str, Any] = {
        "hall": {"id": layout.hall, "name": text_in(layout.name, language)},
        "lines": [{"id": one.id, "name": text_in(one.name, language)} for one in bookable],
        "days": [],
        "slots": [],
    }
    if line is None:
        return answer
    chosen = next((one for one in bookable if one.id == line), None)
    if chosen is None:
        raise HallError("not_found", what="line", id=line)
    left = _left(connection, layout, chosen, now)
    answer["days"] = [
        {"day": one.isoformat(), "text": day_text(language, one), "left": sum(left[at] for at in free)}
        for one, free in _days(layout, chosen, now)
    ]
    if day is not None:
        answer["slots"] = [_slot(layout, chosen, at, left[at]) for at in slots_of(layout, chosen, day, now)]
    return answer


def _days(layout: Layout, line: LineRow, now: datetime) -> list[tuple[date, list[datetime]]]:
    """The days with slots, each with them."""
    assert line.more.booking is not None
    today = business_day(now, layout.time_zone)
    days = [today + timedelta(days=ahead) for ahead in range(line.more.booking.days_ahead + 1)]
    return [(day, free) for day in days if (free := slots_of(layout, line, day, now))]


def _left(connection: Connection, layout: Layout, line: LineRow, now: datetime) -> dict[datetime, int]:
    """The places left of every slot to come."""
    assert line.more.booking is not None
    taken = (
        select(bookings.c.slot_at, func.count())
        .where(
            bookings.c.hall_id == layout.hall,
            bookings.c.line_id == line.id,
            bookings.c.slot_at > now,
            bookings.c.status.in_(HELD),
        )
        .group_by(bookings.c.slot_at)
    )
    found: dict[datetime, int] = dict(connection.execute(taken).tuples().all())
    capacity = line.more.booking.capacity
    every = [at for _, free in _days(layout, line, now) for at in free]
    return {at: max(0, capacity - found.get(at, 0)) for at in every}


def _slot(layout: Layout, line: LineRow, at: datetime, left: int) -> dict[str, Any]:
    assert line.more.booking is not None
    ends = at + timedelta(minutes=line.more.booking.slot_minutes)
    return {"at": iso(at), "starts": slot_text(layout, at), "ends": slot_text(layout, ends), "left": left}


def booking_list(connection: Connection, layout: Layout, now: datetime, day: date, line: str | None) -> dict[str, Any]:
    """A day's bookings in the order of their slots, and how many of each status."""
    wanted = select(bookings).where(bookings.c.hall_id == layout.hall, bookings.c.day == day)
    if line is not None:
        wanted = wanted.where(bookings.c.line_id == line)
    rows = connection.execute(wanted.order_by(bookings.c.slot_at, bookings.c.id)).all()
    found = [_listed(layout, dict(row._mapping), now) for row in rows]
    counts = dict.fromkeys(("booked", "arrived", "cancelled", "no_show"), 0)
    for one in found:
        counts[one["status"]] += 1
    return {"day": day.isoformat(), "counts": counts, "bookings": found}


def _listed(layout: Layout, booking: Row, now: datetime) -> dict[str, Any]:
    return {
        "id": booking["id"],
        "line": booking["line_id"],
        "at": iso(booking["slot_at"]),
        "starts": slot_text(layout, booking["slot_at"]),
        "tail": booking["tail"],
        "status": booking_status(layout, booking, now),
        "ticket": booking["ticket_id"],
    }
