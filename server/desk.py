"""What the guide desk watches: visitors who called at a kiosk, numbers without paper, who is accompanied, printers."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, text

from hall.words import Role, TicketStatus
from server.journal import iso
from server.queries import known_layout
from server.rows import TICKET, ticket_answer, ticket_of
from server.standing import standing_of
from server.tables.journal import journal
from server.tables.layout import halls
from server.tables.people import tokens
from server.tables.queue import slips, tickets

PENDING_SECONDS = 30
"""A slip that is not confirmed by then is never printed unasked: its number was not given to its visitor."""
_LOOKED_BACK = 5000
"""Events in which a visitor's call is looked for; whoever called before has long been seen, or has left."""

_CALLS = (
    select(journal.c.body)
    .where(
        journal.c.hall_id == bindparam("hall"),
        journal.c.seq > select(halls.c.seq - _LOOKED_BACK).where(halls.c.id == bindparam("hall")).scalar_subquery(),
        journal.c.type.in_(("desk.wanted", "desk.answered", "day.started")),
    )
    .order_by(journal.c.seq)
)
_later = slips.alias("later")
_UNPRINTED = (
    select(slips, tickets.c.number, tickets.c.line_id, tickets.c.status.label("ticket_status"), tokens.c.name)
    .join(tickets, (tickets.c.hall_id == slips.c.hall_id) & (tickets.c.id == slips.c.ticket_id))
    .outerjoin(tokens, tokens.c.id == slips.c.device)
    .join(halls, halls.c.id == slips.c.hall_id)
    .where(
        slips.c.hall_id == bindparam("hall"),
        text("slips.status <> 'printed' AND slips.dismissed_at IS NULL"),  # as its index says it
        slips.c.at >= bindparam("since"),
        (slips.c.status == "failed") | (slips.c.at < bindparam("late")),
        tickets.c.day == halls.c.day,
        tickets.c.status.in_((TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.HELD, TicketStatus.NO_SHOW)),
        # A second slip speaks for the number from then on. Not the bare id: SQLite would look through all later ones.
        ~exists().where(
            _later.c.hall_id == slips.c.hall_id,
            _later.c.ticket_id == slips.c.ticket_id,
            _later.c.id.concat("") > slips.c.id,
        ),
    )
    .order_by(tickets.c.issued_seq)
)
_GUIDED = select(*TICKET).where(
    tickets.c.hall_id == bindparam("hall"),
    tickets.c.day == select(halls.c.day).where(halls.c.id == bindparam("hall")).scalar_subquery(),
    text("tickets.guide"),
    tickets.c.status.in_((TicketStatus.WAITING, TicketStatus.CALLED)),
)


def wanted_calls(connection: Connection, hall: str) -> list[dict[str, Any]]:
    """Who waits at a kiosk for someone of the desk, the oldest first: [{device, name, at}]."""
    waiting: dict[str, dict[str, Any]] = {}
    for body in connection.execute(_CALLS, {"hall": hall}).scalars():
        event = json.loads(body)
        if event["type"] == "day.started":
            waiting.clear()
        elif event["type"] == "desk.answered":
            waiting.pop(event["data"]["device"], None)
        else:
            waiting[event["data"]["device"]] = {**event["data"], "at": event["at"]}
    return list(waiting.values())


def unprinted(connection: Connection, hall: str, now: datetime) -> list[dict[str, Any]]:
    """Numbers of today whose last slip has failed, or is not confirmed in time, and nobody has dealt with."""
    late = now - timedelta(seconds=PENDING_SECONDS)
    return [
        {
            "id": row.id,
            "ticket": row.ticket_id,
            "number": row.number,
            "line": row.line_id,
            "device": row.device,
            "device_name": row.name or row.device,
            "status": row.status,
            "reason": row.reason,
            "at": iso(row.at),
        }
        for row in connection.execute(_UNPRINTED, {"hall": hall, "late": late, "since": now - timedelta(days=1)})
    ]


def device_list(connection: Connection, hall: str) -> list[dict[str, Any]]:
    """The devices that may have a printer, by the tokens given out: [{id, name, role}]."""
    found = connection.execute(
        select(tokens.c.id, tokens.c.name, tokens.c.role)
        .where(
            tokens.c.hall_id == hall,
            tokens.c.role.in_((Role.KIOSK, Role.DESK)),
            tokens.c.revoked_at.is_(None),
        )
        .order_by(tokens.c.role.desc(), func.lower(tokens.c.name), tokens.c.id)
    )
    return [{"id": row.id, "name": row.name, "role": row.role} for row in found]


def guided_tickets(connection: Connection, hall: str, now: datetime) -> list[dict[str, Any]]:
    """Today's tickets that someone of the desk goes along with, the nearest to its call first, with `ahead`."""
    layout = known_layout(connection, hall)
    found = [ticket_of(tuple(row)) for row in connection.execute(_GUIDED, {"hall": hall})]
    answers = [ticket_answer(row, standing_of(connection, layout, row, now)) for row in found]
    return sorted(answers, key=lambda one: (one["status"] == TicketStatus.WAITING, one["ahead"] or 0, one["queued_at"]))
