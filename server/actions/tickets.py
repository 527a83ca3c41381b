"""Issuing, cancelling and reprinting tickets."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import bindparam, func, insert, select

from hall.errors import HallError
from hall.keys import track_code, uuid7
from hall.suspended import until_text
from hall.words import AT_A_WINDOW, Role, TicketStatus, number_text
from server.actions.identity import identify, keep_identity
from server.actions.moves import finish_ticket, keep_freed, known_ticket, status_after, ticket_event
from server.actions.onward import legs_of
from server.actions.own_case import refuse_own_case
from server.actions.visits import join_visit
from server.bands import next_ordinal
from server.center.register import is_offered
from server.command import Done, Tx
from server.journal import Draft
from server.layout.kept import Layout, LineRow, layout_of
from server.people import Principal
from server.quotas import why_closed
from server.rows import Row, count_waiting, keep, ticket_answer, ticket_state, window_row
from server.standing import present, standing_at_window, standing_here, standing_of
from server.tables.queue import slips, tickets

_TAKEN_FROM_AFAR = select(func.count()).where(
    tickets.c.hall_id == bindparam("hall"),
    tickets.c.day == bindparam("day"),
    tickets.c.prefix == bindparam("prefix"),
    tickets.c.remote,
)
_KEEP_TICKET = insert(tickets)
_KEEP_SLIP = insert(slips)


@dataclass(frozen=True)
class Promise:
    """A place promised before, to which hours and quotas are nothing: a booking, or having been sent home unserved."""

    queued_at: datetime
    booking: str | None = None
    told: dict[str, str] = field(default_factory=dict)
    """What the event tells staff of it."""


@dataclass(frozen=True)
class Wanted:
    """What a visitor asked for at the kiosk or the desk."""

    line: str | None
    matter: str | None
    visitor_class: str
    language: str
    remote: bool = False
    """Taken from afar: waits parked until the visitor has come."""
    person: SecretStr | None = field(default=None, kw_only=True)
    """The number of the document shown, where the line asks for one; written nowhere."""
    principal: SecretStr | None = field(default=None, kw_only=True)
    """The number of the one on whose behalf an agent came."""
    proof: str | None = None
    """What was shown for the class, and in free words; for staff only."""
    words: str | None = None
    device: str | None = None
    """The printer of another device that prints the slip."""
    promise: Promise | None = None
    count: int = 1
    complaint_of: str | None = None
    """The unit complained of, in the line of complaints."""
    linked: str | None = None
    """Another ticket of the same person, by its id or code."""


def issue_ticket(tx: Tx, by: Principal, wanted: Wanted, always_open: bool) -> Done:
    """Issues the next number of a line: `ticket.issued`; a kiosk's issue also leaves a pending slip.

    For a device that was named `slip.requested` follows.

    Refuses `not_found` for an unknown line or matter, `line_closed` outside the hours or past a quota, `clock_wrong`
    while the time is in doubt.
    """
    tx.trust_clock()
    layout = layout_of(tx.connection, tx.hall)
    line = _wanted_line(layout, wanted)
    here = present(tx.connection, layout)
    reason = None if wanted.promise else why_closed(tx.connection, here, line, tx.now, always_open)
    if reason:
        raise HallError("line_closed", line=line.id, reason=reason, **_suspension(layout, line, tx.now))
    whose = None if wanted.promise else identify(tx, line, wanted.person, wanted.principal)
    ticket = new_ticket(tx, by, line, wanted, next_ordinal(tx, line.prefix))
    if wanted.linked is not None:
        _link(tx, by, ticket, wanted.linked)
    if wanted.remote:
        _check_share(tx, line, ticket)
    standing = standing_here(here, ticket, tx.now, new=True)
    tx.connection.execute(_KEEP_TICKET, ticket)
    if whose is not None:
        keep_identity(tx, ticket["id"], whose)
    device = wanted.device or (by.id if by.role == Role.KIOSK else None)
    slip = new_slip(tx, ticket, device, reprint=False) if device else None
    waiting = count_waiting(tx, ticket, +1, here.waiting_in(line.id))
    told = {"by": by.name, "proof": wanted.proof, "words": wanted.words}
    if wanted.promise:
        told |= wanted.promise.told
    data = {"waiting": waiting, **{key: value for key, value in told.items() if value is not None}}
    events = [Draft("ticket.issued", data, ticket_state(ticket))]
    if wanted.device:
        events.append(_asked_to_print(by, ticket, slip, wanted.device, reprint=False))
    return Done(ticket_answer(ticket, standing, slip), events)


def _suspension(layout: Layout, line: LineRow, now: datetime) -> dict[str, str]:
    """Why the line is suspended and until when, where it is."""
    if line.suspended is None:
        return {}
    return {"why": line.suspended.reason, "at": until_text(line.suspended.until, now, layout.time_zone)}


def _asked_to_print(by: Principal, ticket: Row, slip: str | None, device: str, reprint: bool) -> Draft:
    data = {"slip": slip, "device": device, "reprint": reprint, "by": by.name}
    return Draft("slip.requested", data, ticket_state(ticket))


def issue_at_window(tx: Tx, by: Principal, layout: Layout, wanted: Wanted) -> tuple[Row, Draft]:
    """A number for who stands at a window already: no slip, and hours and quotas are nothing to it."""
    tx.trust_clock()
    line = _wanted_line(layout, wanted)
    ticket = new_ticket(tx, by, line, wanted, next_ordinal(tx, line.prefix))
    tx.connection.execute(_KEEP_TICKET, ticket)
    waiting = count_waiting(tx, ticket, +1)
    return ticket, Draft("ticket.issued", {"waiting": waiting, "by": by.name}, ticket_state(ticket))


def _link(tx: Tx, by: Principal, ticket: Row, linked: str) -> None:
    joined = join_visit(tx, by, linked)
    ticket.update(joined, parked=ticket["parked"] or joined["parked"])


def _wanted_line(layout: Layout, wanted: Wanted) -> LineRow:
    """The line that is meant; a promised place is one in its line, whatever has become of the matter since."""
    if wanted.promise and wanted.line is not None and wanted.line in layout.lines:
        return layout.lines[wanted.line]
    if wanted.matter is not None and wanted.matter not in layout.matters:
        raise HallError("not_found", what="matter", id=wanted.matter)
    key = layout.matters[wanted.matter or ""]["line"] if wanted.line is None else wanted.line
    if key not in layout.lines:
        raise HallError("not_found", what="line", id=key)
    if wanted.matter is not None and layout.matters[wanted.matter]["line"] != key:
        raise HallError("bad_body", field="matter", expected=f"a matter of the line {key}")
    if wanted.matter is not None and not is_offered(layout, wanted.matter):
        raise HallError("line_closed", line=key, reason="not_in_hall")
    if wanted.complaint_of is not None and wanted.complaint_of not in layout.units:
        raise HallError("not_found", what="unit", id=wanted.complaint_of)
    if wanted.complaint_of is not None and key != layout.complaint_line:
        raise HallError("bad_body", field="complaint_of", expected="the line of complaints")
    return layout.lines[key]


def _check_share(tx: Tx, line: LineRow, ticket: Row) -> None:
    """Of the line's numbers of the day, this one counted, no more than its share may be taken from afar."""
    key = {"hall": tx.hall.id, "day": tx.hall.day, "prefix": line.prefix}
    taken = tx.connection.execute(_TAKEN_FROM_AFAR, key).scalar_one() + 1
    if taken * 100 > line.more.remote_share * ticket["ordinal"]:
        raise HallError("line_closed", line=line.id, reason="remote_full" if line.more.remote_share else "no_remote")


def new_ticket(tx: Tx, by: Principal, line: LineRow, wanted: Wanted, ordinal: int) -> Row:
    """The row of a ticket that begins to wait now; to be written by whoever asked for it."""
    return {
        "hall_id": tx.hall.id,
        "id": uuid7(tx.now),
        "day": tx.hall.day,
        "prefix": line.prefix,
        "ordinal": ordinal,
        "number": number_text(line.prefix, ordinal),
        "line_id": line.id,
        "taken_line_id": line.id,
        "matter_id": wanted.matter,
        "class": wanted.visitor_class,
        "language": wanted.language,
        "status": TicketStatus.WAITING,
        "window_id": None,
        "issued_by": by.id,
        "issued_seq": tx.hall.seq + 1,
        "issued_at": tx.now,
        "queued_at": wanted.promise.queued_at if wanted.promise else tx.now,
        "first_called_at": None,
        "called_at": None,
        "calls": 0,
        "started_at": None,
        "ended_at": None,
        "outcome": None,
        "track_code": track_code(),
        "lane": wanted.visitor_class,
        "pool": "",
        "parked": "remote" if wanted.remote else None,
        "joined_at": tx.now,
        "count": wanted.count,
        "route": legs_of(layout_of(tx.connection, tx.hall), wanted.matter),
        "visit_id": None,
        "guide": False,
        "remote": wanted.remote,
        "booking_id": wanted.promise.booking if wanted.promise else None,
        "offline": False,
        "complaint_of": wanted.complaint_of,
    }


def new_slip(tx: Tx, ticket: Row, device: str, reprint: bool, key: str | None = None) -> str:
    """A slip to be printed; `key`: the device has given it its id."""
    slip = key or uuid7(tx.now)
    tx.connection.execute(
        _KEEP_SLIP,
        {
            "hall_id": tx.hall.id,
            "id": slip,
            "ticket_id": ticket["id"],
            "device": device,
            "reprint": reprint,
            "status": "pending",
            "reason": None,
            "at": tx.now,
        },
    )
    return slip


def cancel_ticket(tx: Tx, by: Principal, ticket_id: str, reason: str | None) -> Done:
    """Cancels a waiting, called or held ticket: `ticket.cancelled`; a window it was called to is free again."""
    layout = layout_of(tx.connection, tx.hall)
    ticket = _own_ticket(tx, by, ticket_id)
    refuse_own_case(tx, by, ticket)
    after = status_after("cancel", ticket)
    if ticket["status"] in AT_A_WINDOW:
        window = window_row(tx.connection, tx.hall.id, ticket["window_id"])
        assert window is not None
        events = finish_ticket(tx, layout, window, ticket, "cancel", reason=reason, by=by.name)
        keep_freed(tx, window)
    elif ticket["status"] == TicketStatus.HELD:
        keep(tx, tickets, ticket, status=after, ended_at=tx.now, return_at=None)
        events = [ticket_event("cancel", ticket, layout, reason=reason, by=by.name)]
    else:
        keep(tx, tickets, ticket, status=after, ended_at=tx.now)
        waiting = count_waiting(tx, ticket, -1)
        events = [ticket_event("cancel", ticket, layout, waiting=waiting, reason=reason, by=by.name)]
    return Done(ticket_answer(ticket, standing_at_window(layout, ticket)), events)


def _own_ticket(tx: Tx, by: Principal, ticket_id: str) -> Row:
    ticket = known_ticket(tx, ticket_id)
    if by.role == Role.KIOSK and ticket["issued_by"] != by.id:
        raise HallError("not_allowed", role=by.role)
    return ticket


def reprint_ticket(tx: Tx, by: Principal, ticket_id: str, device: str | None) -> Done:
    """Asks the device that issued a ticket, or another, for a slip marked as a reprint: `slip.requested`."""
    ticket = _own_ticket(tx, by, ticket_id)
    device = device or ticket["issued_by"]
    slip = new_slip(tx, ticket, device, reprint=True)
    layout = layout_of(tx.connection, tx.hall)
    answer = ticket_answer(ticket, standing_of(tx.connection, layout, ticket, tx.now), slip)
    return Done(answer, [_asked_to_print(by, ticket, slip, device, reprint=True)])


_SLIP = select(slips).where(slips.c.hall_id == bindparam("hall"), slips.c.id == bindparam("id"))


def report_slip(tx: Tx, by: Principal, slip_id: str, result: str, reason: str | None) -> Done:
    """The device says what became of a slip: `slip.printed` or `slip.failed`. Said twice it writes nothing."""
    found = tx.connection.execute(_SLIP, {"hall": tx.hall.id, "id": slip_id}).one_or_none()
    if found is None:
        raise HallError("not_found", what="slip", id=slip_id)
    slip = dict(found._mapping)
    if slip["device"] != by.id:
        raise HallError("not_allowed", role=by.role)
    if slip["status"] == result:
        return Done(_slip_answer(slip))
    if slip["status"] == "printed":
        raise HallError("illegal_move", move=result, number=slip_id, status=slip["status"])
    keep(tx, slips, slip, status=result, reason=reason, at=tx.now)
    ticket = known_ticket(tx, slip["ticket_id"])
    data = {"slip": slip_id, "device": by.id, "reason": reason, "reprint": slip["reprint"]}
    return Done(_slip_answer(slip), [Draft(f"slip.{result}", data, ticket_state(ticket))])


def _slip_answer(slip: Row) -> dict[str, Any]:
    return {"slip": {key: slip[key] for key in ("id", "device", "reprint", "status", "reason")}}
