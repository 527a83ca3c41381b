"""What a visitor does without a clerk: coming later, taking a number from afar, and arriving for it."""

from dataclasses import replace
from datetime import timedelta

from hall.errors import HallError
from hall.words import Role
from server.actions.lines import change_place, parked_for
from server.actions.moves import known_ticket, status_after, ticket_event
from server.actions.tickets import Wanted, issue_ticket
from server.command import Done, Tx
from server.layout.kept import layout_of
from server.people import Principal
from server.rows import Row, ticket_answer
from server.standing import standing_of

LATE_MINUTES = 15


def visitor_of(hall: str, ticket: str) -> Principal:
    """Who holds the slip: nobody known, but one and the same for repeated requests."""
    return Principal(f"visitor-{ticket[-12:]}", hall, Role.DESK, "visitor")


def come_later(tx: Tx, by: Principal, ticket_id: str) -> Done:
    """The visitor of a waiting ticket comes 15 minutes later, once: `ticket.changed`.

    The ticket keeps its seniority and is passed over until `return_at`. `already_late` the second time,
    `illegal_move` for a ticket that does not wait or whose visitor has yet to come to the hall.
    """
    ticket = known_ticket(tx, ticket_id)
    status_after("change", ticket)
    if ticket["late_at"] is not None:
        raise HallError("already_late", number=ticket["number"])
    if ticket["parked"] == "remote":
        raise HallError("illegal_move", move="change", number=ticket["number"], status=ticket["status"])
    return_at = tx.now + timedelta(minutes=LATE_MINUTES)
    tx.hall.due(return_at)
    return _replaced(tx, by, ticket, "late", late_at=tx.now, return_at=return_at)


def issue_remote(tx: Tx, by: Principal, wanted: Wanted, always_open: bool) -> Done:
    """Issues a number to someone who is not in the hall yet, within the line's share: `ticket.issued`, parked."""
    return issue_ticket(tx, by, replace(wanted, remote=True), always_open)


def arrive_ticket(tx: Tx, by: Principal, ticket_id: str) -> Done:
    """Who took a number from afar is in the hall: from now it can be called, `ticket.changed`.

    `illegal_move` for any other ticket, and the second time.
    """
    ticket = known_ticket(tx, ticket_id)
    status_after("change", ticket)
    if ticket["parked"] != "remote":
        raise HallError("illegal_move", move="arrive", number=ticket["number"], status=ticket["status"])
    return _replaced(tx, by, ticket, "arrived", arrived_at=tx.now)


def _replaced(tx: Tx, by: Principal, ticket: Row, reason: str, **changes: object) -> Done:
    layout = layout_of(tx.connection, tx.hall)
    waiting = change_place(tx, ticket, parked=parked_for(tx, {**ticket, **changes}), **changes)
    answer = ticket_answer(ticket, standing_of(tx.connection, layout, ticket, tx.now))
    return Done(answer, [ticket_event("change", ticket, layout, waiting=waiting, reason=reason, by=by.name)])
