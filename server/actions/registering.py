"""What is in the hall and what is not, by whose decision: exemptions, and a matter's way in."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert

from hall.errors import HallError
from hall.words import Entry, Role
from server.actions.entering import (
    CENTER,
    Row,
    enter,
    keep_record,
    known_matter,
    known_record,
    live_record,
    must_be,
    must_be_of_center,
    must_stand,
    own_or_center,
    told_of,
    way_in,
)
from server.center.register import check
from server.command import Done, Tx
from server.journal import Draft, iso
from server.layout.kept import layout_of
from server.people import Principal
from server.tables.register import consultations, exemptions


@dataclass(frozen=True)
class Document:
    """The government's decision: its number, its day, and when it is to be looked at again."""

    number: str
    decided_on: date
    review_due: date
    replaces: str | None = None
    """The number of the document that a review replaces; None: a proposal is decided."""


def propose_exemption(tx: Tx, by: Principal, matter: str, kind: str, reason: str) -> Done:
    """Asks the government to let a matter stay out of the hall; nothing changes until it decides: `exemption.proposed`.

    A unit proposes for its own matters, the center for any. `register_moved` where one is proposed or holds already.
    """
    must_be(by, Role.UNIT_HEAD, *CENTER)
    one = known_matter(tx, matter)
    own_or_center(by, one)
    if live_record(tx, exemptions, matter):
        raise HallError("register_moved", what="exemption", id=matter)
    row = {"id": str(uuid.uuid4()), "matter_id": matter, "kind": kind, "status": "proposed", "reason": reason}
    tx.connection.execute(
        insert(exemptions), {**row, "hall_id": tx.hall.id, "proposed_by": by.name, "proposed_at": tx.now}
    )
    told = {"exemption": row["id"], "kind": kind, "reason": reason}
    return Done({"exemption": row["id"], "status": "proposed"}, [told_of("exemption.proposed", one, by, **told)])


def approve_exemption(tx: Tx, by: Principal, exemption: str, document: Document) -> Done:
    """The government alone: `exemption.approved`, and the matter leaves the kiosk's catalogue with `matter.entered`.

    Of one that holds already it is a review, which names the document that it replaces; so of two who decide at once
    the later is refused `register_moved`. Never by who proposed it. Who waits is served as before.
    """
    row, one = _of_government(tx, by, exemption, "approve_exemption")
    must_stand(row, "proposed", "approved")
    _must_be_another(by, row, one, "approve_exemption")
    if row["document_number"] != document.replaces:
        raise HallError("register_moved", what=row["status"], id=exemption)
    _check_dates(tx, document)
    decided = {"document_number": document.number, "decided_on": document.decided_on, "review_due": document.review_due}
    keep_record(tx, exemptions, exemption, status="approved", decided_by=by.name, decided_at=tx.now, **decided)
    told = {"exemption": exemption, "kind": row["kind"], "document_number": document.number}
    told |= {"decided_on": document.decided_on.isoformat(), "review_due": document.review_due.isoformat()}
    events = [told_of("exemption.approved", one, by, **told), *_withdraw_open(tx, by, one)]
    events += enter(tx, by, one, Entry(row["kind"]), document.number)
    return Done({"exemption": exemption, "status": "approved"}, events)


def reject_exemption(tx: Tx, by: Principal, exemption: str, reason: str) -> Done:
    """The government alone: `exemption.rejected`; the matter stays where it is."""
    row, one = _of_government(tx, by, exemption, "reject_exemption")
    must_stand(row, "proposed")
    decided = {"decided_by": by.name, "decided_on": tx.hall.day, "decided_at": tx.now}
    keep_record(tx, exemptions, exemption, status="rejected", rejected_because=reason, **decided)
    event = told_of("exemption.rejected", one, by, exemption=exemption, kind=row["kind"], reason=reason)
    return Done({"exemption": exemption, "status": "rejected"}, [event])


def end_exemption(tx: Tx, by: Principal, exemption: str, reason: str) -> Done:
    """The government takes its approval back: `exemption.ended`; the matter is in the hall again, or should be."""
    row, one = _of_government(tx, by, exemption, "end_exemption")
    must_stand(row, "approved")
    events = [_end(tx, by, one, row, reason), *enter(tx, by, one, way_in(tx, one), reason)]
    return Done({"exemption": exemption, "status": "ended"}, events)


def enter_hall(tx: Tx, by: Principal, matter: str, reason: str) -> Done:
    """Brings a matter into the hall, which is always allowed where a line and a window serve it: `matter.entered`.

    An exemption ends with it. A matter under consultation waits for both signatures.
    """
    one = known_matter(tx, matter)
    must_be_of_center(tx, by, one, "enter_hall", *CENTER)
    if one["entry"] in (Entry.IN_HALL, Entry.CONSULTATION):
        raise HallError("register_moved", what="matter", id=matter)
    if way_in(tx, one) != Entry.IN_HALL:
        raise HallError("not_served", what="matter", id=matter, line=one["line_id"])
    held = live_record(tx, exemptions, matter)
    ended = [_end(tx, by, one, held, reason)] if held else []
    return Done({"matter": matter, "entry": Entry.IN_HALL}, [*ended, *enter(tx, by, one, Entry.IN_HALL, reason)])


def check_register(tx: Tx, by: Principal | None = None) -> Done:
    """Looks whether each matter in the hall can be reached: `register.checked`, at every day's end and when asked."""
    found = check(tx.connection, layout_of(tx.connection, tx.hall), tx.hall.day)
    told = {**found, "by": by.name} if by else found
    return Done({**found, "at": iso(tx.now)}, [Draft("register.checked", told)])


def _of_government(tx: Tx, by: Principal, exemption: str, what: str) -> tuple[Row, Row]:
    row = known_record(tx, exemptions, exemption)
    one = known_matter(tx, row["matter_id"])
    must_be_of_center(tx, by, one, what, Role.GOVERNMENT)
    return row, one


def _must_be_another(by: Principal, row: Row, one: Row, what: str) -> None:
    """Who has changed to the government since decides on nothing that they proposed themself."""
    if row["proposed_by"] == by.name:
        raise HallError("own_matter", what=what, unit=one["unit_id"], matters=[one["id"]])


def _check_dates(tx: Tx, document: Document) -> None:
    if document.decided_on > tx.hall.day:
        raise HallError("bad_body", field="decided_on", expected=f"<= {tx.hall.day}")
    if document.review_due <= tx.hall.day:
        raise HallError("bad_body", field="review_due", expected=f"> {tx.hall.day}")


def _end(tx: Tx, by: Principal, one: Row, row: Row, reason: str) -> Draft:
    keep_record(tx, exemptions, row["id"], status="ended", ended_by=by.name, ended_at=tx.now, ended_because=reason)
    return told_of("exemption.ended", one, by, exemption=row["id"], kind=row["kind"], reason=reason)


def _withdraw_open(tx: Tx, by: Principal, one: Row) -> list[Draft]:
    """What was to be agreed upon is decided."""
    row = live_record(tx, consultations, one["id"])
    if row is None:
        return []
    keep_record(tx, consultations, row["id"], status="withdrawn")
    return [told_of("consultation.withdrawn", one, by, consultation=row["id"], reason="exemption")]
