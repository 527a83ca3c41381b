"""Booking a slot of a line: made, changed, cancelled, arrived for, and missed when nobody came."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import bindparam, func, insert, select, update

from hall.calendar import check_in
from hall.day import business_day
from hall.errors import HallError
from hall.identity import booker_number, tail_of
from hall.keys import track_code, uuid7
from hall.words import VisitorClass
from server.actions.identity import hash_of
from server.actions.tickets import Promise, Wanted, issue_ticket
from server.bookings import booking_answer, booking_status, slot_text, slots_of
from server.center.register import is_offered
from server.command import Done, Tx
from server.journal import Draft, iso
from server.layout.kept import Layout, LineRow, layout_of
from server.people import Principal
from server.rows import Row, keep
from server.tables.base import Utc
from server.tables.visitors import bookings

_TAKEN = select(func.count()).where(
    bookings.c.hall_id == bindparam("hall"),
    bookings.c.line_id == bindparam("line"),
    bookings.c.slot_at == bindparam("slot", type_=Utc),
    bookings.c.status.in_(["booked", "arrived"]),
)
_OF_PERSON = select(bookings.c.id).where(
    bookings.c.hall_id == bindparam("hall"),
    bookings.c.day == bindparam("day"),
    bookings.c.person == bindparam("person"),
    bookings.c.status.in_(["booked", "arrived"]),
)


@dataclass(frozen=True)
class WantedSlot:
    """What a visitor wants to book."""

    line: str | None
    matter: str | None
    at: datetime
    person: SecretStr
    """The number of a phone or a document, which is written nowhere."""
    language: str


def make_booking(tx: Tx, by: Principal, wanted: WantedSlot) -> Done:
    """Books a place of a slot: `booking.made`.

    Refuses `not_found` for an unknown line or matter, `slot_closed` for a time that cannot be booked, `slot_full`,
    and `booked_already` whoever holds another booking of that day.
    """
    layout = layout_of(tx.connection, tx.hall)
    line = _bookable_line(layout, wanted)
    day = _check_slot(tx, layout, line, wanted.at)
    number = _spelled(wanted.person)
    person = _free_person(tx, day, number)
    booking = {
        "hall_id": tx.hall.id,
        "id": uuid7(tx.now),
        "code": track_code(),
        "day": day,
        "slot_at": wanted.at,
        "line_id": line.id,
        "matter_id": wanted.matter,
        "person": person,
        "tail": tail_of(number.get_secret_value()),
        "language": wanted.language,
        "status": "booked",
        "made_by": by.id,
        "made_at": tx.now,
        "changed_at": tx.now,
        "ticket_id": None,
    }
    tx.connection.execute(insert(bookings), booking)
    return _done(tx, layout, booking, "made", by)


def _bookable_line(layout: Layout, wanted: WantedSlot) -> LineRow:
    if wanted.matter is not None and wanted.matter not in layout.matters:
        raise HallError("not_found", what="matter", id=wanted.matter)
    key = layout.matters[wanted.matter or ""]["line"] if wanted.line is None else wanted.line
    if key not in layout.lines or layout.lines[key].more.booking is None:
        raise HallError("not_found", what="line", id=key)
    if wanted.matter is not None and layout.matters[wanted.matter]["line"] != key:
        raise HallError("bad_body", field="matter", expected=f"a matter of the line {key}")
    if wanted.matter is not None and not is_offered(layout, wanted.matter):
        raise HallError("line_closed", line=key, reason="not_in_hall")
    return layout.lines[key]


def _check_slot(tx: Tx, layout: Layout, line: LineRow, at: datetime) -> date:
    """The slot's day, where there is such a slot still to come with a place left."""
    day = business_day(at, layout.time_zone)
    if at not in slots_of(layout, line, day, tx.now):
        raise HallError("slot_closed", at=slot_text(layout, at))
    taken = tx.connection.execute(_TAKEN, {"hall": tx.hall.id, "line": line.id, "slot": at}).scalar_one()
    assert line.more.booking is not None
    if taken >= line.more.booking.capacity:
        raise HallError("slot_full", at=slot_text(layout, at))
    return day


def _spelled(number: SecretStr) -> SecretStr:
    return SecretStr(booker_number(number.get_secret_value()))


def _free_person(tx: Tx, day: date, number: SecretStr) -> str:
    """The hash of who books, under the key of that day; one booking a person a day."""
    person = hash_of(tx.connection, tx.hall.id, day, number)
    if tx.connection.execute(_OF_PERSON, {"hall": tx.hall.id, "day": day, "person": person}).first():
        raise HallError("booked_already")
    return person


def change_booking(tx: Tx, by: Principal, code: str, at: datetime, number: SecretStr | None) -> Done:
    """Another slot of the same line: `booking.changed`.

    Who booked is known for its day alone: on another day the number is asked for again, and must be the same.
    """
    layout = layout_of(tx.connection, tx.hall)
    booking = _known(tx, code)
    _must_be(layout, booking, tx.now, "change", "booked")
    line = layout.lines[booking["line_id"]]
    if at == booking["slot_at"]:
        return Done(booking_answer(layout, booking, tx.now))
    day = _check_slot(tx, layout, line, at)
    person = booking["person"] if day == booking["day"] else _same_person(tx, booking, day, number)
    keep(tx, bookings, booking, slot_at=at, day=day, person=person, changed_at=tx.now)
    return _done(tx, layout, booking, "changed", by)


def _same_person(tx: Tx, booking: Row, day: date, number: SecretStr | None) -> str:
    if number is None:
        raise HallError("bad_body", field="person", expected="the number it was booked with, for another day")
    number = _spelled(number)
    if hash_of(tx.connection, tx.hall.id, booking["day"], number) != booking["person"]:
        raise HallError("another_person")
    return _free_person(tx, day, number)


def cancel_booking(tx: Tx, by: Principal, code: str) -> Done:
    """Gives the place back: `booking.cancelled`."""
    layout = layout_of(tx.connection, tx.hall)
    booking = _known(tx, code)
    _must_be(layout, booking, tx.now, "cancel", "booked")
    keep(tx, bookings, booking, status="cancelled", changed_at=tx.now)
    return _done(tx, layout, booking, "cancelled", by)


def arrive_booking(tx: Tx, by: Principal, code: str, device: str | None = None) -> Done:
    """Who has booked is in the hall and gets a number: `booking.arrived`, `ticket.issued`.

    The number's seniority begins with its slot, or now when that has begun. Refuses `arrive_early` and
    `arrive_late` outside -60 ... +20 minutes of the slot. `device`: whose printer prints the slip.
    """
    layout = layout_of(tx.connection, tx.hall)
    booking = _known(tx, code)
    _must_be(layout, booking, tx.now, "arrive", "booked", "no_show")
    first, last = check_in(booking["slot_at"], layout.time_zone)
    if tx.now < first:
        raise HallError("arrive_early", at=slot_text(layout, booking["slot_at"]), first=slot_text(layout, first))
    if tx.now > last:
        raise HallError("arrive_late", at=slot_text(layout, booking["slot_at"]), last=slot_text(layout, last))
    promise = Promise(max(tx.now, booking["slot_at"]), booking["id"], {"booking": booking["id"]})
    asked = booking["line_id"], booking["matter_id"], VisitorClass.BOOKED.value, booking["language"]
    issued = issue_ticket(tx, by, Wanted(*asked, device=device, promise=promise), always_open=True)
    keep(tx, bookings, booking, status="arrived", ticket_id=issued.answer["id"], changed_at=tx.now)
    done = _done(tx, layout, booking, "arrived", by)
    return Done({"booking": done.answer, "ticket": issued.answer}, [*issued.events, *done.events])


def find_booking(tx: Tx, number: SecretStr) -> Done:
    """Today's booking of a person who has no code at hand; writes nothing."""
    layout = layout_of(tx.connection, tx.hall)
    person = hash_of(tx.connection, tx.hall.id, tx.hall.day, _spelled(number))
    key = {"hall": tx.hall.id, "day": tx.hall.day, "person": person}
    found = tx.connection.execute(_OF_PERSON, key).scalar()
    if found is None:
        raise HallError("not_found", what="booking", id="")
    row = tx.connection.execute(select(bookings).where(bookings.c.hall_id == tx.hall.id, bookings.c.id == found)).one()
    return Done(booking_answer(layout, dict(row._mapping), tx.now))


def miss_bookings(tx: Tx) -> list[Draft]:
    """At the end of a day: `booking.missed` for who booked it and did not come; nobody's tail is kept longer."""
    of_the_past = (bookings.c.hall_id == tx.hall.id, bookings.c.day < tx.hall.day)
    wanted = select(bookings).where(*of_the_past, bookings.c.status == "booked").order_by(bookings.c.slot_at)
    missed = [dict(row._mapping) for row in tx.connection.execute(wanted.order_by(bookings.c.id))]
    for booking in missed:
        keep(tx, bookings, booking, status="no_show", changed_at=tx.now)
    tx.connection.execute(update(bookings).where(*of_the_past, bookings.c.tail != "").values(tail=""))
    return [_event(booking, "missed") for booking in missed]


def _known(tx: Tx, code: str) -> Row:
    found = tx.connection.execute(
        select(bookings).where(bookings.c.code == code, bookings.c.hall_id == tx.hall.id)
    ).one_or_none()
    if found is None:
        raise HallError("not_found", what="code", id="")
    return dict(found._mapping)


def _must_be(layout: Layout, booking: Row, now: datetime, move: str, *allowed: str) -> None:
    status = booking_status(layout, booking, now)
    if status not in allowed:
        raise HallError("illegal_move", move=move, number=slot_text(layout, booking["slot_at"]), status=status)


def _done(tx: Tx, layout: Layout, booking: Row, what: str, by: Principal) -> Done:
    return Done(booking_answer(layout, booking, tx.now), [_event(booking, what, by=by.name)])


def _event(booking: Row, what: str, **data: Any) -> Draft:
    """No event knows who: neither hash nor tail, and not the code."""
    told = {
        "id": booking["id"],
        "line": booking["line_id"],
        "day": booking["day"].isoformat(),
        "at": iso(booking["slot_at"]),
        "status": booking["status"],
    }
    return Draft(f"booking.{what}", {"booking": told, **data})
