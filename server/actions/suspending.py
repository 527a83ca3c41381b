"""A line gives no numbers for a stated reason until a time; who has one already is served or moved, never dropped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text

from hall.errors import HallError
from hall.words import TICKET_EVENTS, TicketStatus
from server.actions.lending import changed_layout, check_until, matters_of, refuse_stationed
from server.actions.lines import change_place
from server.actions.moves import ticket_event
from server.command import Done, Tx
from server.hot import Statement
from server.journal import Draft, iso
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import TICKET, Row, keep, ticket_of, ticket_state
from server.tables.layout import lines
from server.tables.queue import tickets

_OF_LINE = Statement(
    select(*TICKET)
    .where(
        tickets.c.hall_id == bindparam("hall"),
        tickets.c.day == bindparam("day"),
        tickets.c.line_id == bindparam("line"),
        text("tickets.status IN ('waiting', 'held')"),
    )
    .order_by(tickets.c.queued_at, tickets.c.issued_seq)
)


@dataclass(frozen=True)
class Suspending:
    """Why and until when; `move_to`: where those who wait and are held go, None: they are served as before."""

    line: str
    reason: str
    until: datetime
    move_to: str | None = None


def suspend_line(tx: Tx, by: Principal, asked: Suspending) -> Done:
    """No numbers of the line until then: `line.suspended`, and `ticket.transferred` for each who is moved.

    Moved numbers keep their seniority; of the held `ticket.changed` says it. Calls of the line go on. Asked again
    it holds for the new reason and time; the very same writes nothing. Refuses whoever is stationed by a unit, a
    time that is past, and to move to a line that is suspended too or has no window of its own.
    """
    layout = layout_of(tx.connection, tx.hall)
    refuse_stationed(tx, by, matters_of(layout, asked.line), "suspend")
    _check(tx, layout, asked)
    known = layout.lines[asked.line].suspended
    answer = {"line": asked.line, "reason": asked.reason, "until": iso(asked.until), "moved_to": asked.move_to}
    if known is not None and (known.reason, known.until, known.moved_to) == (asked.reason, asked.until, asked.move_to):
        return Done({**answer, "moved": []})
    kept = {"reason": asked.reason, "until": iso(asked.until), "by": by.name, "at": iso(tx.now)}
    _keep(tx, asked.line, {**kept, "moved_to": asked.move_to})
    tx.hall.due(asked.until)
    moved = _move_all(tx, by, layout, asked) if asked.move_to is not None else []
    numbers = [event.ticket["number"] for event in moved if event.ticket is not None]
    suspended = Draft("line.suspended", {**answer, "moved": len(moved), "by": by.name})
    return Done({**answer, "moved": numbers}, [suspended, *moved])


def resume_line(tx: Tx, by: Principal, line: str, reason: str) -> Done:
    """The line gives numbers again: `line.resumed`; where it was not suspended, nothing is written."""
    layout = layout_of(tx.connection, tx.hall)
    refuse_stationed(tx, by, matters_of(layout, line), "suspend")
    if line not in layout.lines:
        raise HallError("not_found", what="line", id=line)
    if layout.lines[line].suspended is None:
        return Done({"line": line})
    return Done({"line": line}, [_resume(tx, line, reason=reason, by=by.name)])


def resume_due(tx: Tx) -> list[Draft]:
    """`line.resumed` for each line whose time has come; the others are watched on."""
    events = []
    for line in layout_of(tx.connection, tx.hall).lines.values():
        if line.suspended is None:
            continue
        if line.suspended.until <= tx.now:
            events.append(_resume(tx, line.id, automatic=True))
        else:
            tx.hall.due(line.suspended.until)
    return events


def _resume(tx: Tx, line: str, **told: Any) -> Draft:
    _keep(tx, line, None)
    return Draft("line.resumed", {"line": line, **told})


def _keep(tx: Tx, line: str, suspended: dict[str, Any] | None) -> None:
    keep(tx, lines, {"id": line}, suspended=suspended)
    changed_layout(tx)


def _check(tx: Tx, layout: Layout, asked: Suspending) -> None:
    to = asked.move_to
    for key in (asked.line, *([to] if to is not None else [])):
        if key not in layout.lines:
            raise HallError("not_found", what="line", id=key)
    check_until(tx, asked.until)
    if to is None:
        return
    # A window that only lends itself to the line gives it back: who was moved there would wait for nobody.
    if to == asked.line or not any(to not in window.lent for window in layout.windows_of[to]):
        raise HallError("bad_body", field="move_to", expected="another line, with a window")
    if layout.complaint_line in (asked.line, to):  # a complaint stays with the center, and nothing else becomes one
        raise HallError("bad_body", field="move_to", expected="null: numbers of the line of complaints stay there")
    suspended = layout.lines[to].suspended
    if suspended is not None:
        raise HallError("line_closed", line=to, reason="suspended", why=suspended.reason)


def _move_all(tx: Tx, by: Principal, layout: Layout, asked: Suspending) -> list[Draft]:
    found = _OF_LINE.run(tx.connection, hall=tx.hall.id, day=tx.hall.day, line=asked.line)
    return [_move(tx, by, layout, ticket_of(row), asked) for row in found]


def _move(tx: Tx, by: Principal, layout: Layout, ticket: Row, asked: Suspending) -> Draft:
    """To the other line as a transfer does it. Who waits for one window alone goes on waiting for that one."""
    legs = [leg for leg in ticket["route"] or [] if leg["line"] != asked.move_to]
    changes = {"line_id": asked.move_to, "route": legs or None, "joined_at": tx.now}
    told: dict[str, Any] = {"from": asked.line, "to": {"line": asked.move_to}, "because": "suspended"}
    told |= {"reason": asked.reason, "by": by.name}
    if ticket["status"] == TicketStatus.HELD:
        keep(tx, tickets, ticket, **changes)
        return Draft(TICKET_EVENTS["change"], told, ticket_state(ticket))
    waiting = change_place(tx, ticket, **changes)
    return ticket_event("transfer", ticket, layout, waiting=waiting, **told)
