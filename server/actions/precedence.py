"""Who was sent home unserved comes first on the next working day, with the slip of the day before."""

from hall.errors import HallError
from hall.words import TicketStatus, VisitorClass
from server.actions.moves import known_ticket
from server.actions.tickets import Promise, Wanted, issue_ticket
from server.command import Done, Tx
from server.layout.kept import layout_of
from server.people import Principal
from server.rows import Row, keep
from server.tables.queue import tickets

TAKEN = "precedence"
"""The outcome of an expired ticket whose visitor came again."""


def was_sent_home(ticket: Row) -> bool:
    """Waited in the hall until the day's end and was never called, and has not come again yet."""
    waited = ticket["status"] == TicketStatus.EXPIRED and ticket["first_called_at"] is None
    return waited and ticket["parked"] != "remote" and ticket["outcome"] is None


def take_precedence(tx: Tx, by: Principal, ticket_id: str) -> Done:
    """A new number in the lane of the booked for who was sent home: `ticket.issued`.

    Once, and on the next working day alone; `precedence_over` after it.
    """
    layout, old = layout_of(tx.connection, tx.hall), known_ticket(tx, ticket_id)
    if not was_sent_home(old):
        raise HallError("illegal_move", move="precedence", number=old["number"], status=old["status"])
    if tx.hall.day != layout.days.next_after(old["day"]):
        raise HallError("precedence_over", number=old["number"])
    priority = old["class"] == VisitorClass.PRIORITY
    visitor_class = VisitorClass.PRIORITY if priority else VisitorClass.BOOKED
    promise = Promise(tx.now, told={"precedence": old["id"]})
    asked = old["line_id"], old["matter_id"], visitor_class.value, old["language"]
    done = issue_ticket(tx, by, Wanted(*asked, count=old["count"], promise=promise), always_open=True)
    keep(tx, tickets, old, outcome=TAKEN)
    return done
