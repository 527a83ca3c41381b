"""The end of a business day: what is unfinished expires, windows are closed and released."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from hall.day import business_day
from hall.words import UNFINISHED, TicketStatus, WindowStatus
from server.actions.bookings import miss_bookings
from server.actions.identity import forget_persons
from server.actions.lending import return_lent
from server.actions.moves import ticket_event, window_event
from server.actions.registering import check_register
from server.actions.suspending import resume_due
from server.clock import BEHIND_SECONDS
from server.command import Done, Tx
from server.journal import Draft, iso
from server.layout.kept import layout_of
from server.tables.journal import requests
from server.tables.layout import windows
from server.tables.queue import bands, loads, overtakings, tickets
from server.tables.ratings import rated
from server.tables.visitors import subscriptions


def day_is_over(tx: Tx) -> bool:
    """Whether the moment lies past the hall's business day."""
    layout = layout_of(tx.connection, tx.hall)
    return business_day(tx.now, layout.time_zone) > tx.hall.day


def end_day(tx: Tx) -> list[Draft]:
    """What a day leaves: `ticket.expired`, `window.closed`, `window.lines_returned`, `booking.missed` for each.

    Then `register.checked` and `day.started`. A line suspended beyond it stays so.
    """
    layout = layout_of(tx.connection, tx.hall)
    hall = tx.hall.id
    checked = check_register(tx).events
    unfinished = tx.connection.execute(
        select(tickets)
        .where(tickets.c.hall_id == hall, tickets.c.day <= tx.hall.day, tickets.c.status.in_(UNFINISHED))
        .order_by(tickets.c.issued_seq)
    ).all()
    used = tx.connection.execute(
        select(windows)
        .where(windows.c.hall_id == hall, windows.c.status != WindowStatus.CLOSED)
        .order_by(windows.c.position)
    ).all()
    ended = {"status": TicketStatus.EXPIRED, "ended_at": tx.now, "return_at": None}
    tx.connection.execute(
        update(tickets)
        .where(tickets.c.hall_id == hall, tickets.c.day <= tx.hall.day, tickets.c.status.in_(UNFINISHED))
        .values(**ended)
    )
    released = {"status": WindowStatus.CLOSED, "clerk": None, "clerk_name": None, "reason": None}
    released |= {"until": None, "closing": None, "ticket_id": None}
    tx.connection.execute(
        update(windows)
        .where(windows.c.hall_id == hall)
        .values(**released, served=0, service_seconds=0, overtime_seconds=0, status_at=tx.now)
    )
    tx.connection.execute(update(loads).where(loads.c.hall_id == hall).values(waiting=0, aside=0, turn=0))
    tx.connection.execute(delete(overtakings).where(overtakings.c.hall_id == hall))
    tx.connection.execute(delete(subscriptions).where(subscriptions.c.hall_id == hall))
    tx.hall.pooled, tx.hall.due_at = 0, None
    tx.hall.day = business_day(tx.now, layout.time_zone)
    missed = miss_bookings(tx)
    forget_persons(tx)
    # An answer is kept until the end of the day after its own.
    tx.connection.execute(
        delete(requests).where(requests.c.hall_id == hall, requests.c.day < tx.hall.day - timedelta(days=1))
    )
    # So long can a ticket be rated; who has rated is nobody's business after that.
    tx.connection.execute(delete(rated).where(rated.c.hall_id == hall, rated.c.day < tx.hall.day - timedelta(days=1)))
    # Who was cut off hands over on the next days what it gave; a week later it is as if it had never had a band.
    tx.connection.execute(delete(bands).where(bands.c.hall_id == hall, bands.c.day < tx.hall.day - timedelta(days=7)))
    return [
        *(ticket_event("expire", {**row._mapping, **ended}, layout) for row in unfinished),
        *(window_event("close", layout, {**row._mapping, **released}) for row in used),
        *return_lent(tx, every=True),
        *resume_due(tx),
        *missed,
        *checked,
        Draft("day.started", {"day": tx.hall.day.isoformat()}),
    ]


def accept_clock(tx: Tx, now: datetime) -> Done:
    """Takes the journal back to the machine's time: what a wrong clock wrote stays, its day ends, and `clock.accepted`.

    The only command after which the journal's time is earlier. Where the clock is not behind, it writes nothing.
    """
    if (tx.hall.at - now).total_seconds() <= BEHIND_SECONDS:
        return Done(None)
    before, tx.now = iso(tx.hall.at), now  # the events bear the time that is taken back
    *ended, started = end_day(tx)
    return Done(before, [*ended, Draft("clock.accepted", {"before": before}), started])
