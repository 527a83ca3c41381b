"""Linked tickets: several of one person, of which never two are called at once."""

from hall.errors import HallError
from hall.words import AT_A_WINDOW, TICKET_EVENTS, Role, TicketStatus
from server.actions.lines import change_place, parked_for, rest_of_visit
from server.command import Tx
from server.journal import Draft
from server.people import Principal
from server.rows import Row, keep, ticket_by_code, ticket_row, ticket_state
from server.tables.queue import tickets

_LIVE = AT_A_WINDOW | {TicketStatus.WAITING, TicketStatus.HELD}


def settle_visit(tx: Tx, ticket: Row) -> list[Draft]:
    """A linked ticket has come to a window or left it: the others of its person are parked, or called again.

    `ticket.changed` for each whose state changed. Called after the ticket's own row is written, and only where it has
    a `visit_id`.
    """
    events = []
    for other in rest_of_visit(tx, ticket):
        if other["status"] == TicketStatus.WAITING and (parked := parked_for(tx, other)) != other["parked"]:
            waiting = change_place(tx, other, parked=parked)
            data = {"waiting": waiting, "linked": ticket["number"]}
            events.append(Draft(TICKET_EVENTS["change"], data, ticket_state(other)))
    return events


def refuse_linked(tx: Tx, ticket: Row) -> None:
    """Raises `linked_busy` while another ticket of the same person is at a window."""
    busy = next((one for one in rest_of_visit(tx, ticket) if one["status"] in AT_A_WINDOW), None)
    if busy is not None:
        raise HallError("linked_busy", number=ticket["number"], linked=busy["number"], window=busy["window_id"])


def join_visit(tx: Tx, by: Principal, linked: str) -> Row:
    """What a new ticket has of the visit it joins by another's id or code: {visit_id, queued_at, parked}.

    Each ticket of a visit has its first issue time. A visit that is over takes no more: `visit_over`.
    """
    other = ticket_row(tx.connection, tx.hall.id, linked)
    if other is not None and by.role == Role.KIOSK and other["issued_by"] != by.id:
        raise HallError("not_allowed", role=by.role)
    other = other or ticket_by_code(tx.connection, tx.hall.id, linked)
    if other is None:
        raise HallError("not_found", what="ticket", id="")
    if other["status"] not in _LIVE:
        raise HallError("visit_over", number=other["number"], status=other["status"])
    if other["visit_id"] is None:
        keep(tx, tickets, other, visit_id=other["id"])
    visit = [other, *rest_of_visit(tx, other)]
    busy = any(one["status"] in AT_A_WINDOW for one in visit)
    since = min(one["issued_at"] for one in visit)
    return {"visit_id": other["visit_id"], "queued_at": since, "parked": "linked" if busy else None}
