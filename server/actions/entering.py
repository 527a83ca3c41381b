"""The steps of every decision on where a matter is handled: who may, the records of it, and the matter's entry."""

from typing import Any

from sqlalchemy import Table, select, update

from hall.errors import HallError
from hall.words import Entry, Role
from server.actions.lending import changed_layout
from server.center.authority import refuse_own
from server.center.register import serving
from server.command import Tx
from server.journal import Draft
from server.layout.kept import layout_of
from server.people import Principal
from server.tables.layout import matters

CENTER = (Role.SUPERVISOR, Role.SYSTEM_ADMIN)
Row = dict[str, Any]


def must_be(by: Principal, *roles: Role) -> None:
    if by.role not in roles:
        raise HallError("not_allowed", role=by.role)


def must_be_of_center(tx: Tx, by: Principal, one: Row, what: str, *roles: Role) -> None:
    """The center's own people of these roles; who is stationed by the matter's unit is named for it."""
    refuse_own(tx, by, [one["id"]], what)
    must_be(by, *roles)
    if by.unit is not None:
        raise HallError("not_allowed", role=by.role)


def own_or_center(by: Principal, one: Row) -> None:
    stationed = by.unit is not None or by.role == Role.UNIT_HEAD
    if stationed and by.unit != one["unit_id"]:
        raise HallError("not_allowed", role=by.role)


def must_stand(row: Row, *statuses: str) -> None:
    if row["status"] not in statuses:
        raise HallError("register_moved", what=row["status"], id=row["id"])


def known_matter(tx: Tx, matter: str) -> Row:
    of = matters.c
    wanted = select(matters).where(of.hall_id == tx.hall.id, of.id == matter, of.closed.is_(False))
    row = tx.connection.execute(wanted).one_or_none()
    if row is None:
        raise HallError("not_found", what="matter", id=matter)
    return dict(row._mapping)


def known_record(tx: Tx, table: Table, key: str) -> Row:
    row = tx.connection.execute(select(table).where(table.c.hall_id == tx.hall.id, table.c.id == key)).one_or_none()
    if row is None:
        raise HallError("not_found", what=table.name.removesuffix("s"), id=key)
    return dict(row._mapping)


def live_record(tx: Tx, table: Table, matter: str) -> Row | None:
    of = table.c
    wanted = select(table).where(of.hall_id == tx.hall.id, of.matter_id == matter)
    row = tx.connection.execute(wanted.where(of.status.in_(("proposed", "approved", "open")))).one_or_none()
    return None if row is None else dict(row._mapping)


def keep_record(tx: Tx, table: Table, key: str, **values: Any) -> None:
    tx.connection.execute(update(table).where(table.c.hall_id == tx.hall.id, table.c.id == key).values(**values))


def way_in(tx: Tx, one: Row) -> Entry:
    """In the hall where a line and a window serve it; else it should be and is not yet."""
    served = serving(layout_of(tx.connection, tx.hall), one["line_id"])
    return Entry.IN_HALL if served else Entry.PENDING


def enter(tx: Tx, by: Principal, one: Row, entry: Entry, reason: str) -> list[Draft]:
    """Another entry of the matter; kiosks and pages read the catalogue anew. The same as before writes nothing."""
    if one["entry"] == entry:
        return []
    mine = (matters.c.hall_id == tx.hall.id, matters.c.id == one["id"])
    tx.connection.execute(update(matters).where(*mine).values(entry=entry))
    changed_layout(tx)
    return [told_of("matter.entered", one, by, entry=entry, was=one["entry"], reason=reason)]


def told_of(kind: str, one: Row, by: Principal, /, **told: Any) -> Draft:
    return Draft(kind, {"matter": one["id"], "unit": one["unit_id"], **told, "by": by.name})
