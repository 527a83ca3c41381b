"""Missed numbers: when a called visitor counts as not come."""

from hall.errors import HallError
from hall.words import AT_A_WINDOW, VisitorClass
from server.actions.moves import finish_ticket, keep_freed, plain_answer, status_after, window_with_ticket
from server.command import Done, Tx
from server.layout import Layout, layout_of
from server.people import Principal
from server.rows import Row


def mark_no_show(tx: Tx, by: Principal, window_id: str, early: bool) -> Done:
    """The called visitor did not come: `ticket.missed`. `too_early` before the set calls and seconds unless `early`."""
    layout = layout_of(tx.connection, tx.hall)
    window, ticket = window_with_ticket(tx, window_id, by)
    status_after("no_show", ticket)
    wait = too_early(tx, layout, ticket)
    if wait is not None and not early:
        raise HallError("too_early", number=ticket["number"], **wait)
    events = finish_ticket(tx, layout, window, ticket, "no_show", by=by.name, early=wait is not None)
    keep_freed(tx, window)
    return Done(plain_answer(layout, ticket), events)


def too_early(tx: Tx, layout: Layout, ticket: Row) -> dict[str, int] | None:
    """What a no-show still lacks, {calls, seconds}; None when it may be marked."""
    rules = layout.rules
    priority = ticket["class"] == VisitorClass.PRIORITY
    seconds = rules.no_show_seconds_priority if priority else rules.no_show_seconds
    assert ticket["status"] in AT_A_WINDOW
    waited = int((tx.now - ticket["first_called_at"]).total_seconds())
    lacking = {"calls": max(0, rules.no_show_calls - ticket["calls"]), "seconds": max(0, seconds - waited)}
    return lacking if any(lacking.values()) else None
