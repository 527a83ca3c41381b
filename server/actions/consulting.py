"""How a matter of a unit under dual or vertical management comes into the hall: both sides sign."""

import uuid

from sqlalchemy import insert, select

from hall.errors import HallError
from hall.words import Entry, Role
from server.actions.entering import (
    Row,
    enter,
    keep_record,
    known_matter,
    known_record,
    live_record,
    must_be_of_center,
    must_stand,
    own_or_center,
    told_of,
    way_in,
)
from server.command import Done, Tx
from server.people import Principal
from server.tables.layout import units
from server.tables.register import consultations


def open_consultation(tx: Tx, by: Principal, matter: str, reason: str) -> Done:
    """The center asks a unit under dual or vertical management to bring in a matter: `consultation.opened`.

    Until both have signed it is outside the percentage. What is in the hall or exempt is none of it.
    """
    one = known_matter(tx, matter)
    must_be_of_center(tx, by, one, "open_consultation", Role.SUPERVISOR)
    if _kind(tx, one["unit_id"]) == "local":
        raise HallError("no_consultation", what="unit", id=one["unit_id"])
    if one["entry"] not in (Entry.PENDING, Entry.CONSULTATION) or live_record(tx, consultations, matter):
        raise HallError("register_moved", what="consultation", id=matter)
    row = {"id": str(uuid.uuid4()), "matter_id": matter, "status": "open", "reason": reason}
    tx.connection.execute(
        insert(consultations), {**row, "hall_id": tx.hall.id, "opened_by": by.name, "opened_at": tx.now}
    )
    opened = told_of("consultation.opened", one, by, consultation=row["id"], reason=reason)
    return Done(_standing(row), [opened, *enter(tx, by, one, Entry.CONSULTATION, reason)])


def sign_consultation(tx: Tx, by: Principal, consultation: str) -> Done:
    """One side signs: the unit by its head, the center by a supervisor who is not of the unit: `consultation.signed`.

    With both the matter is in the hall where a line and a window serve it, else it should be. Signed twice by one
    side writes nothing.
    """
    row = known_record(tx, consultations, consultation)
    one = known_matter(tx, row["matter_id"])
    side = _side(tx, by, one, row)
    must_stand(row, "open")
    if row[f"{side}_signed_at"] is not None:
        return Done(_standing(row))
    signature = {f"{side}_signed_by": by.name, f"{side}_signed_at": tx.now}
    row |= signature
    both = row["unit_signed_at"] is not None and row["center_signed_at"] is not None
    row["status"] = "signed" if both else "open"
    keep_record(tx, consultations, consultation, **signature, status=row["status"])
    signed = told_of("consultation.signed", one, by, consultation=consultation, side=side, status=row["status"])
    entered = enter(tx, by, one, way_in(tx, one), row["reason"]) if both else []
    return Done(_standing(row), [signed, *entered])


def withdraw_consultation(tx: Tx, by: Principal, consultation: str, reason: str) -> Done:
    """The center gives a consultation up: `consultation.withdrawn`; the matter should be in the hall and is not."""
    row = known_record(tx, consultations, consultation)
    one = known_matter(tx, row["matter_id"])
    must_be_of_center(tx, by, one, "withdraw_consultation", Role.SUPERVISOR)
    must_stand(row, "open")
    keep_record(tx, consultations, consultation, status="withdrawn")
    event = told_of("consultation.withdrawn", one, by, consultation=consultation, reason=reason)
    return Done({**_standing(row), "status": "withdrawn"}, [event, *enter(tx, by, one, Entry.PENDING, reason)])


def _side(tx: Tx, by: Principal, one: Row, row: Row) -> str:
    """Whose signature it would be; nobody gives both, in whichever order."""
    if by.role == Role.UNIT_HEAD:
        own_or_center(by, one)
    else:
        must_be_of_center(tx, by, one, "sign_consultation", Role.SUPERVISOR)
    side, other = ("unit", "center") if by.role == Role.UNIT_HEAD else ("center", "unit")
    if row[f"{other}_signed_by"] == by.name:
        raise HallError("own_matter", what="sign_consultation", unit=one["unit_id"], matters=[one["id"]])
    return side


def _kind(tx: Tx, unit: str) -> str:
    wanted = select(units.c.kind).where(units.c.hall_id == tx.hall.id, units.c.id == unit)
    return str(tx.connection.execute(wanted).scalar_one())


def _standing(row: Row) -> Row:
    signed = {side: row.get(f"{side}_signed_at") is not None for side in ("unit", "center")}
    return {"consultation": row["id"], "status": row["status"], "signed": signed}
