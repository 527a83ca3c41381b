"""What happens of its own accord within a day, once its moment has come."""

from sqlalchemy import bindparam, func, select, text, update

from hall.words import TicketStatus
from server.actions.holding import return_ticket
from server.actions.lending import next_return, return_lent
from server.actions.lines import change_place, parked_for
from server.actions.missing import miss_uncome
from server.actions.moves import ticket_event
from server.actions.suspending import resume_due
from server.command import Tx
from server.hot import Statement
from server.journal import Draft
from server.layout.kept import Layout, layout_of
from server.rows import TICKET, Row, ticket_of
from server.tables.base import Utc
from server.tables.layout import halls
from server.tables.queue import tickets

# Spelled out as the index has it.
_COMES_BACK = text("return_at IS NOT NULL AND status IN ('held', 'waiting')")
_BACK = Statement(
    select(*TICKET)
    .where(
        tickets.c.hall_id == bindparam("hall"),
        _COMES_BACK,
        tickets.c.return_at <= bindparam("now", type_=Utc),
    )
    .order_by(tickets.c.return_at, tickets.c.issued_seq)
)
_NEXT_BACK = Statement(
    select(func.min(tickets.c.return_at, type_=Utc)).where(tickets.c.hall_id == bindparam("hall"), _COMES_BACK)
)
_KEEP_DUE = Statement(
    update(halls).where(halls.c.id == bindparam("hall")).values(due_at=bindparam("new_due_at", type_=Utc))
)


def do_due(tx: Tx) -> list[Draft]:
    """Gives back lent lines, resumes suspended ones, lets come back who was held or late and misses who did not come.

    Says when the next is due.
    """
    tx.hall.due_at = None
    arranged = [*return_lent(tx), *resume_due(tx)]
    layout = layout_of(tx.connection, tx.hall)
    back = [ticket_of(one) for one in _BACK.run(tx.connection, hall=tx.hall.id, now=tx.now)]
    events = [*arranged, *(_come_back(tx, layout, one) for one in back), *miss_uncome(tx, layout)]
    ((next_back,),) = _NEXT_BACK.run(tx.connection, hall=tx.hall.id)
    for at in (next_back, next_return(tx)):
        if at is not None:
            tx.hall.due(at)
    if not events:  # the hall's row is written only with events
        _KEEP_DUE.run(tx.connection, hall=tx.hall.id, new_due_at=tx.hall.due_at)
    return events


def _come_back(tx: Tx, layout: Layout, ticket: Row) -> Draft:
    """A held ticket waits again; one whose visitor asked for time can be called again."""
    if ticket["status"] == TicketStatus.HELD:
        return return_ticket(tx, layout, ticket)
    waiting = change_place(tx, ticket, parked=parked_for(tx, ticket), return_at=None)
    return ticket_event("change", ticket, layout, waiting=waiting)
