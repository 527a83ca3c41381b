"""Whose business a matter is: a stationed unit decides nothing about its own (应进必进), whatever way it tries."""

from collections.abc import Iterable

from sqlalchemy import select

from hall.errors import HallError
from hall.words import Role
from server.command import Tx
from server.people import Principal
from server.tables.layout import matters as matter_rows


def refuse_own(tx: Tx, by: Principal, matters: Iterable[str], what: str) -> None:
    """Raises `own_matter` where `by` is stationed by the unit of one of the matters, or leads a unit at all.

    `what`: what was tried, in the words of `errors.own_WHAT`. The API writes the refusal to the access log.
    """
    if by.unit is None and by.role != Role.UNIT_HEAD:
        return
    of = matter_rows.c
    wanted = select(of.id).where(of.hall_id == tx.hall.id, of.unit_id == by.unit).order_by(of.position)
    own = set(matters).intersection(tx.connection.execute(wanted).scalars())
    if own or by.role == Role.UNIT_HEAD:
        raise HallError("own_matter", what=what, unit=by.unit, matters=sorted(own)[:20])
