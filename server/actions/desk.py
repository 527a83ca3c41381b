"""What the guide desk does for a visitor: a class after proof, a guide, an answer to who called at a kiosk."""

from typing import Any

from sqlalchemy import bindparam, select

from hall.errors import HallError
from hall.words import Lane, Role, VisitorClass
from server.actions.lines import change_place
from server.actions.moves import known_ticket, status_after, ticket_event
from server.command import Done, Tx
from server.desk import wanted_calls
from server.journal import Draft
from server.layout.kept import layout_of
from server.people import Principal
from server.rows import keep, ticket_answer, ticket_state
from server.standing import standing_of
from server.tables.people import tokens
from server.tables.queue import slips, tickets


def change_class(
    tx: Tx, by: Principal, ticket_id: str, visitor_class: VisitorClass, proof: str | None, words: str | None
) -> Done:
    """Gives a waiting ticket another class, once its visitor has shown why: `ticket.changed`; the lane follows.

    A number that was missed keeps its place among the reinstated. The proof is journalled, for staff only.
    """
    ticket = known_ticket(tx, ticket_id)
    status_after("change", ticket)
    if ticket["class"] == visitor_class:
        return _answer(tx, ticket)
    lane = ticket["lane"] if ticket["lane"] == Lane.REINSTATED else visitor_class.value
    waiting = change_place(tx, ticket, **{"class": visitor_class.value, "lane": lane})
    return _answer(tx, ticket, waiting=waiting, proof=proof, words=words, by=by.name)


def mark_guide(tx: Tx, by: Principal, ticket_id: str, wanted: bool) -> Done:
    """Someone of the desk goes along with a waiting ticket, or no longer: `ticket.changed`."""
    ticket = known_ticket(tx, ticket_id)
    status_after("change", ticket)
    if ticket["guide"] == wanted:
        return _answer(tx, ticket)
    keep(tx, tickets, ticket, guide=wanted)
    return _answer(tx, ticket, by=by.name)


def _answer(tx: Tx, ticket: dict[str, Any], **data: Any) -> Done:
    layout = layout_of(tx.connection, tx.hall)
    answer = ticket_answer(ticket, standing_of(tx.connection, layout, ticket, tx.now))
    return Done(answer, [ticket_event("change", ticket, layout, **data)] if data else [])


def ask_for_desk(tx: Tx, by: Principal) -> Done:
    """A visitor at a kiosk asks someone of the desk to come: `desk.wanted`; asked again, it writes nothing."""
    if by.id in {one["device"] for one in wanted_calls(tx.connection, tx.hall.id)}:
        return Done({"wanted": True})
    return Done({"wanted": True}, [Draft("desk.wanted", {"device": by.id, "name": by.name})])


def answer_kiosk(tx: Tx, by: Principal, device: str) -> Done:
    """Someone of the desk goes there: `desk.answered`; said twice it writes nothing."""
    if tx.connection.execute(
        select(tokens.c.id).where(tokens.c.id == device, tokens.c.hall_id == tx.hall.id, tokens.c.role == Role.KIOSK)
    ).first() is None:  # fmt: skip
        raise HallError("not_found", what="device", id=device)
    if device not in {one["device"] for one in wanted_calls(tx.connection, tx.hall.id)}:
        return Done({"wanted": False})
    return Done({"wanted": False}, [Draft("desk.answered", {"device": device, "by": by.name})])


_SLIP = select(slips).where(slips.c.hall_id == bindparam("hall"), slips.c.id == bindparam("id"))


def dismiss_slip(tx: Tx, by: Principal, slip_id: str) -> Done:
    """A number without paper is dealt with: `slip.dismissed`; said twice, or once it is printed, it writes nothing."""
    found = tx.connection.execute(_SLIP, {"hall": tx.hall.id, "id": slip_id}).one_or_none()
    if found is None:
        raise HallError("not_found", what="slip", id=slip_id)
    slip = dict(found._mapping)
    answer = {"slip": {key: slip[key] for key in ("id", "device", "reprint", "status", "reason")}}
    if slip["status"] == "printed" or slip["dismissed_at"] is not None:
        return Done(answer)
    keep(tx, slips, slip, dismissed_at=tx.now)
    data = {"slip": slip_id, "device": slip["device"], "reprint": slip["reprint"], "by": by.name}
    return Done(answer, [Draft("slip.dismissed", data, ticket_state(known_ticket(tx, slip["ticket_id"])))])
