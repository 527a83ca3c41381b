"""A case is opened: by a visitor on the phone, by the guide desk, or by serving who came to complain."""

import secrets
from collections.abc import Container
from dataclasses import dataclass

from sqlalchemy import insert, select

from hall.errors import HallError
from server.center.case_rows import Row, Sealed, case_code, new_case, unit_of
from server.command import Done, Tx
from server.journal import Draft
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.tables.ratings import cases


@dataclass(frozen=True)
class Complaint:
    """What is complained of; a window, line and unit where the visitor names them."""

    words: str
    unit: str | None = None
    line: str | None = None
    matter: str | None = None
    window: str | None = None
    contact: str | None = None
    ticket: str | None = None
    """Of the visitor who gives the own number."""


def open_case(tx: Tx, by: Principal, said: Complaint, taken_down: bool) -> Done:
    """A complaint becomes a case: `case.opened`; answers {case, code}, the code being the visitor's alone.

    `taken_down`: by staff, whose name the case keeps. The event tells neither who complained nor of whom: its time
    would lead to the visitor.
    """
    layout = layout_of(tx.connection, tx.hall)
    _check_known(layout, said)
    words = Sealed(said.words)
    row = _complaint(
        tx,
        layout,
        unit_id=said.unit or unit_of(layout, said.line, said.matter),
        line_id=said.line,
        window_id=said.window,
        words=words.words,
        salt=words.salt,
        contact=said.contact,
        ticket_id=said.ticket,
        opened_by=by.name if taken_down else None,
    )
    data = {"case": row["id"], "words": words.digest, **({"by": by.name} if taken_down else {})}
    return Done({"case": row["id"], "code": row["code"]}, [Draft("case.opened", data)])


def _check_known(layout: Layout, said: Complaint) -> None:
    parts: dict[str, Container[str]] = {"unit": layout.units, "line": layout.lines, "window": layout.windows}
    for what, known in parts.items():
        if (key := getattr(said, what)) is not None and key not in known:
            raise HallError("not_found", what=what, id=key)


def case_of_ticket(tx: Tx, layout: Layout, ticket: Row, by: str | None) -> list[Draft]:
    """Who came to the line of complaints has been served: the case of their number is opened, once."""
    own = select(cases.c.id).where(cases.c.hall_id == tx.hall.id, cases.c.ticket_id == ticket["id"])
    if tx.connection.execute(own).first() is not None:
        return []
    row = _complaint(tx, layout, unit_id=ticket["complaint_of"], ticket_id=ticket["id"], opened_by=by)
    return [Draft("case.opened", {"case": row["id"], "by": by})]


def _complaint(tx: Tx, layout: Layout, **of: str | None) -> Row:
    row = new_case(layout, tx.hall.day, case_code(secrets.token_hex(16)), kind="complaint", **of)
    tx.connection.execute(insert(cases), row)
    return row
