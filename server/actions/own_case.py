"""Who is complained of decides nothing: people of a stationed unit neither call complaints nor deal with cases."""

from collections.abc import Container

from hall.errors import HallError
from hall.words import Role
from server.command import Tx
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import Row


def of_unit(by: Principal) -> bool:
    """Whether a stationed unit sent `by`, or has them at its head."""
    return by.unit is not None or by.role == Role.UNIT_HEAD


def line_kept_from(layout: Layout, by: Principal, ranks: Container[str | None]) -> str | None:
    """The line among a window's that is not called for `by`: that of complaints, for people of a stationed unit."""
    return layout.complaint_line if by.unit is not None and layout.complaint_line in ranks else None


def refuse_own_case(tx: Tx, by: Principal, ticket: Row | None) -> None:
    """Raises `own_case` where someone of a stationed unit lays a hand on a complaint's ticket."""
    if by.unit is None or ticket is None:
        return
    if ticket["line_id"] == layout_of(tx.connection, tx.hall).complaint_line:
        raise HallError("own_case", what="call", unit=by.unit, number=ticket["number"])


def keep_complaint(layout: Layout, by: Principal, ticket: Row, line: str | None) -> None:
    """Raises `own_case` where a complaint's ticket would leave the line that only the center's own people serve."""
    if ticket["line_id"] == layout.complaint_line and line != layout.complaint_line:
        raise HallError("own_case", what="transfer", unit=by.unit, number=ticket["number"])
