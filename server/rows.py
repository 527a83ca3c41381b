"""Tickets and windows between their rows and the state that events and answers carry."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, Update, bindparam, outerjoin, select, text, update

from server.command import Tx
from server.journal import iso
from server.layout import Layout
from server.tables import loads, tickets, windows

Row = dict[str, Any]

_TICKET = select(tickets).where(tickets.c.hall_id == bindparam("hall"), tickets.c.id == bindparam("id"))
_WINDOW = select(windows).where(windows.c.hall_id == bindparam("hall"), windows.c.id == bindparam("id"))
_THERE = (
    select(windows, *(column.label(f"t_{column.name}") for column in tickets.c))
    .select_from(
        outerjoin(windows, tickets, (tickets.c.hall_id == windows.c.hall_id) & (tickets.c.id == windows.c.ticket_id))
    )
    .where(windows.c.hall_id == bindparam("hall"), windows.c.id == bindparam("id"))
)
_COLUMNS = len(windows.c)
_WAITING = select(loads.c.waiting).where(loads.c.hall_id == bindparam("hall"), loads.c.line_id == bindparam("line"))
_COUNT = text("UPDATE loads SET waiting = waiting + :by WHERE hall_id = :hall AND line_id = :line AND class = :class_")


def ticket_row(connection: Connection, hall: str, ticket: str) -> Row | None:
    found = connection.execute(_TICKET, {"hall": hall, "id": ticket}).one_or_none()
    return None if found is None else dict(found._mapping)


def window_row(connection: Connection, hall: str, window: str) -> Row | None:
    found = connection.execute(_WINDOW, {"hall": hall, "id": window}).one_or_none()
    return None if found is None else dict(found._mapping)


def window_and_ticket(connection: Connection, hall: str, window: str) -> tuple[Row, Row | None] | None:
    """A window and what is called or served there."""
    found = connection.execute(_THERE, {"hall": hall, "id": window}).one_or_none()
    if found is None:
        return None
    at_window = dict(zip(windows.c.keys(), found[:_COLUMNS], strict=True))
    if at_window["ticket_id"] is None:
        return at_window, None
    return at_window, dict(zip(tickets.c.keys(), found[_COLUMNS:], strict=True))


@cache
def _keeping(table: Table, names: tuple[str, ...]) -> Update:
    return (
        update(table)
        .where(table.c.hall_id == bindparam("key_hall"), table.c.id == bindparam("key_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


def keep(tx: Tx, table: Table, row: Row, **values: Any) -> None:
    """Changes a row of the hall, in the table and in hand."""
    row.update(values)
    tx.connection.execute(
        _keeping(table, tuple(values)),
        {
            "key_hall": tx.hall.id,
            "key_id": row["id"],
            **{f"new_{name}": value for name, value in values.items()},
        },
    )


def waiting_at(connection: Connection, hall: str, line: str) -> int:
    return sum(connection.execute(_WAITING, {"hall": hall, "line": line}).scalars())


def count_waiting(tx: Tx, line: str, visitor_class: str, by: int, before: int | None = None) -> dict[str, int]:
    """Adds to the number waiting for a line and class; {line: all waiting after} for the event."""
    if before is None:
        before = waiting_at(tx.connection, tx.hall.id, line)
    tx.connection.execute(_COUNT, {"by": by, "hall": tx.hall.id, "line": line, "class_": visitor_class})
    return {line: before + by}


_TIMES = ("issued_at", "queued_at", "first_called_at", "called_at", "started_at", "ended_at")


def ticket_state(row: Row) -> dict[str, Any]:
    """A ticket as events carry it."""
    state = {
        "id": row["id"],
        "number": row["number"],
        "line": row["line_id"],
        "matter": row["matter_id"],
        "class": row["class"],
        "language": row["language"],
        "status": row["status"],
        "window": row["window_id"],
        "calls": row["calls"],
        "outcome": row["outcome"],
    }
    for name in _TIMES:
        at = row[name]
        state[name] = None if at is None else iso(at)
    return state


def ticket_answer(row: Row, standing: dict[str, Any], slip: str | None = None) -> dict[str, Any]:
    """A ticket as its issuer and staff see it."""
    return {
        **ticket_state(row),
        **standing,
        "day": row["day"].isoformat(),
        "track_code": row["track_code"],
        "slip": None if slip is None else {"id": slip},
    }


def window_state(layout: Layout, row: Row, ticket: Row | None) -> dict[str, Any]:
    """A window as events carry it, with the ticket that is there."""
    placed = layout.windows[row["id"]]
    return {
        "id": row["id"],
        "name": row["name"],
        "zone": row["zone_id"],
        "floor": layout.zones[row["zone_id"]]["floor"],
        "status": row["status"],
        "reason": row["reason"],
        "until": None if row["until"] is None else iso(row["until"]),
        "closing": row["closing"],
        "clerk": row["clerk_name"],
        "lines": [{"id": line, "rank": rank} for line, rank in placed.ranks.items()],
        "ticket": None
        if ticket is None
        else {
            "id": ticket["id"],
            "number": ticket["number"],
            "line": ticket["line_id"],
            "status": ticket["status"],
        },
    }
