"""While a visitor is served: another matter in hand, and how the service ended."""

from dataclasses import dataclass

from hall.errors import HallError
from server.actions.moves import (
    finish_ticket,
    keep_freed,
    plain_answer,
    staff_answer,
    status_after,
    ticket_event,
    window_with_ticket,
)
from server.actions.onward import Leg, legs_of
from server.command import Done, Tx
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import Row, keep
from server.tables.queue import tickets


@dataclass(frozen=True)
class Ending:
    """How a service ended, as its clerk says."""

    outcome: str | None = None
    """A code of `hall.words.Outcome`, or any text."""
    case_number: str | None = None
    note: str | None = None
    """As the case number for staff alone, never in an event."""
    whole: bool = False
    """Also of what was still to come: the legs of its route, the rest of a batch."""


def complete_ticket(tx: Tx, by: Principal, window_id: str, ending: Ending) -> Done:
    """Ends the service of a called or serving ticket: `ticket.completed`.

    A ticket with legs still to come, or with more pieces than its line serves at a call, waits on instead:
    `ticket.transferred`.
    """
    layout = layout_of(tx.connection, tx.hall)
    window, ticket = window_with_ticket(tx, window_id, by)
    said = {"case_number": ending.case_number, "note": ending.note}
    if given := {name: text for name, text in said.items() if text is not None}:
        keep(tx, tickets, ticket, **given)
    events = finish_ticket(tx, layout, window, ticket, "complete", ending.outcome, ending.whole, by=by.name)
    keep_freed(tx, window)
    return Done(staff_answer(tx, layout, ticket), events)


def change_matter(tx: Tx, by: Principal, window_id: str, matter: str, add: bool) -> Done:
    """Another matter is in hand, on the same number and in the same line: `ticket.matter_changed`.

    `add`: after the one before, which stays done. The event's `matters` are those that this service is for. The
    matter in hand already writes nothing.
    """
    layout = layout_of(tx.connection, tx.hall)
    window, ticket = window_with_ticket(tx, window_id, by)
    after, former = status_after("change_matter", ticket), ticket["matter_id"]
    if matter not in layout.matters:
        raise HallError("not_found", what="matter", id=matter)
    if matter == former:
        return Done(plain_answer(layout, ticket))
    matters = [former, matter] if add and former is not None else [matter]
    keep(tx, tickets, ticket, status=after, matter_id=matter, route=_replanned(layout, ticket, matter, add) or None)
    event = ticket_event("change_matter", ticket, layout, window, ticket, matters=matters, by=by.name)
    return Done(plain_answer(layout, ticket), [event])


def _replanned(layout: Layout, ticket: Row, matter: str, add: bool) -> list[Leg]:
    """The legs to come: of the new matter those after the ticket's line; it comes back where it was promised."""
    planned = ticket["route"] or []
    kept = planned if add else [leg for leg in planned if leg.get("back")]
    legs = legs_of(layout, matter) or []
    lines = [leg["line"] for leg in legs]
    start = lines.index(ticket["line_id"]) + 1 if ticket["line_id"] in lines else 0
    known = [leg["line"] for leg in kept if not leg.get("back")]
    return [*kept, *(leg for leg in legs[start:] if leg["line"] not in known)]
