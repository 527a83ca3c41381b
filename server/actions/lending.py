"""Temporary lines: a window serves a line for a while that is not its own, and gives it back of its own accord."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from hall.errors import HallError
from server.center.authority import refuse_own
from server.command import Done, Tx
from server.hot import Statement
from server.journal import Draft, iso
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import window_and_ticket, window_state
from server.tables.base import Utc
from server.tables.layout import halls, window_lines

_OF_HALL = (window_lines.c.hall_id == bindparam("hall"), text("window_lines.until IS NOT NULL"))
_OVER = Statement(
    select(window_lines.c.window_id, window_lines.c.line_id)
    .where(*_OF_HALL, window_lines.c.until <= bindparam("now", type_=Utc))
    .order_by(window_lines.c.until, window_lines.c.window_id, window_lines.c.line_id)
)
_LENT = Statement(
    select(window_lines.c.window_id, window_lines.c.line_id)
    .where(*_OF_HALL)
    .order_by(window_lines.c.window_id, window_lines.c.line_id)
)
_NEXT_OVER = Statement(select(func.min(window_lines.c.until, type_=Utc)).where(*_OF_HALL))


@dataclass(frozen=True)
class Loan:
    """Which line a window is to serve, how early among its own (1 is first), and until when."""

    window: str
    line: str
    rank: int
    until: datetime
    reason: str


def lend_line(tx: Tx, by: Principal, loan: Loan) -> Done:
    """The window serves one more line until then, and at the latest until the day's end: `window.lines_lent`.

    Refuses `line_served` where it serves the line already, `bad_body` for a time that is past, and whoever is
    stationed by a unit: windows are the center's.
    """
    layout = layout_of(tx.connection, tx.hall)
    refuse_stationed(tx, by, matters_of(layout, loan.line), "lend")
    _check_known(layout, loan.window, loan.line)
    check_until(tx, loan.until)
    if loan.line in layout.windows[loan.window].ranks:
        raise HallError("line_served", window=loan.window, line=loan.line)
    row = {"hall_id": tx.hall.id, "window_id": loan.window, "line_id": loan.line}
    tx.connection.execute(insert(window_lines), {**row, "rank": loan.rank, "until": loan.until})
    tx.hall.due(loan.until)
    told = {"rank": loan.rank, "until": iso(loan.until), "reason": loan.reason, "by": by.name}
    event = _event(tx, layout, "window.lines_lent", loan.window, [loan.line], told)
    return Done({"window": loan.window, "line": loan.line, "until": iso(loan.until)}, [event])


def take_back(tx: Tx, by: Principal, window: str, line: str, reason: str) -> Done:
    """Ends a loan before its time: `window.lines_returned`. `not_lent` for a line that is the window's own or none."""
    layout = layout_of(tx.connection, tx.hall)
    refuse_stationed(tx, by, matters_of(layout, line), "lend")
    _check_known(layout, window, line)
    if line not in layout.windows[window].lent:
        raise HallError("not_lent", window=window, line=line)
    event = _return(tx, window, [line], {"reason": reason, "by": by.name})
    return Done({"window": window, "line": line}, [event])


def return_lent(tx: Tx, every: bool = False) -> list[Draft]:
    """`window.lines_returned` for each window whose loans are over, or for `every` one, as at the day's end."""
    over = _LENT.run(tx.connection, hall=tx.hall.id) if every else _over(tx)
    lines: dict[str, list[str]] = {}
    for window, line in over:
        lines.setdefault(window, []).append(line)
    return [_return(tx, window, some, {"automatic": True}) for window, some in lines.items()]


def _over(tx: Tx) -> list[tuple[Any, ...]]:
    return _OVER.run(tx.connection, hall=tx.hall.id, now=tx.now)


def next_return(tx: Tx) -> datetime | None:
    """When the next loan is over."""
    ((at,),) = _NEXT_OVER.run(tx.connection, hall=tx.hall.id)
    return at  # type: ignore[no-any-return]


def _return(tx: Tx, window: str, lines: list[str], told: dict[str, Any]) -> Draft:
    before = layout_of(tx.connection, tx.hall)
    of = window_lines.c
    mine = (of.hall_id == tx.hall.id, of.window_id == window, of.line_id.in_(lines))
    tx.connection.execute(delete(window_lines).where(*mine))
    return _event(tx, before, "window.lines_returned", window, lines, told)


def _event(tx: Tx, before: Layout, kind: str, window: str, lines: list[str], told: dict[str, Any]) -> Draft:
    """With the window's state after, and its ranks before and after so that each call can be derived again."""
    after = changed_layout(tx)
    row, there = window_and_ticket(tx.connection, tx.hall.id, window) or ({}, None)
    data = {"window": window_state(after, row, there), "lines": lines, **told}
    ranks = [{"ranks": {window: layout.windows[window].ranks}} for layout in (before, after)]
    return Draft(kind, {**data, "before": ranks[0], "after": ranks[1]}, window=window)


def changed_layout(tx: Tx) -> Layout:
    """The layout as it is now that a row of it was written; everyone reads it anew from here on."""
    tx.hall.layout_version += 1
    tx.connection.execute(update(halls).where(halls.c.id == tx.hall.id).values(layout_version=tx.hall.layout_version))
    return layout_of(tx.connection, tx.hall)


def refuse_stationed(tx: Tx, by: Principal, matters: list[str], what: str) -> None:
    """Windows and lines are the center's to arrange: whoever a unit has stationed is refused, and named for its own."""
    refuse_own(tx, by, matters, what)
    if by.unit is not None:
        raise HallError("not_allowed", role=by.role)


def matters_of(layout: Layout, line: str) -> list[str]:
    return [key for key, matter in layout.matters.items() if matter["line"] == line]


def check_until(tx: Tx, until: datetime) -> None:
    if until <= tx.now:
        raise HallError("bad_body", field="until", expected=f"> {iso(tx.now)}")


def _check_known(layout: Layout, window: str, line: str) -> None:
    if window not in layout.windows:
        raise HallError("not_found", what="window", id=window)
    if line not in layout.lines:
        raise HallError("not_found", what="line", id=line)
