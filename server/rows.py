"""Tickets and windows between their rows and the state that events and answers carry."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, outerjoin, select, update

from hall.words import Lane
from server.command import Tx
from server.hot import Statement
from server.journal import iso
from server.layout.kept import Layout
from server.tables.layout import windows
from server.tables.queue import loads, tickets

Row = dict[str, Any]

TICKET = tuple(tickets.c)
_TICKET = Statement(select(*TICKET).where(tickets.c.hall_id == bindparam("hall"), tickets.c.id == bindparam("id")))
_BY_CODE = Statement(
    select(*TICKET).where(tickets.c.track_code == bindparam("code"), tickets.c.hall_id == bindparam("hall"))
)
_OPEN_WINDOW = (windows.c.hall_id == bindparam("hall"), windows.c.id == bindparam("id"), windows.c.closed.is_(False))
_WINDOW = Statement(select(windows).where(*_OPEN_WINDOW))
_THERE = Statement(
    select(windows, *(column.label(f"t_{column.name}") for column in TICKET))
    .select_from(
        outerjoin(windows, tickets, (tickets.c.hall_id == windows.c.hall_id) & (tickets.c.id == windows.c.ticket_id))
    )
    .where(*_OPEN_WINDOW)
)
_TICKET_COLUMNS = tuple(column.name for column in TICKET)
_WINDOW_COLUMNS = tuple(windows.c.keys())
_WAITING = Statement(
    select(loads.c.waiting).where(loads.c.hall_id == bindparam("hall"), loads.c.line_id == bindparam("line"))
)
# A lane that was empty begins its turn anew: two others go before the first who comes back.
_COUNT = Statement(
    update(loads)
    .where(
        loads.c.hall_id == bindparam("hall"),
        loads.c.line_id == bindparam("line"),
        loads.c.lane == bindparam("lane"),
    )
    .values(
        waiting=loads.c.waiting + bindparam("by"),
        aside=loads.c.aside + bindparam("aside"),
        turn=case(
            ((loads.c.lane == Lane.REINSTATED.value) & (loads.c.waiting == loads.c.aside), 0), else_=loads.c.turn
        ),
    )
)


def ticket_row(connection: Connection, hall: str, ticket: str) -> Row | None:
    found = _TICKET.run(connection, hall=hall, id=ticket)
    return ticket_of(found[0]) if found else None


def ticket_by_code(connection: Connection, hall: str, code: str) -> Row | None:
    """The ticket behind a slip's code."""
    found = _BY_CODE.run(connection, hall=hall, code=code)
    return ticket_of(found[0]) if found else None


def window_row(connection: Connection, hall: str, window: str) -> Row | None:
    found = _WINDOW.run(connection, hall=hall, id=window)
    return dict(zip(_WINDOW_COLUMNS, found[0], strict=True)) if found else None


def window_and_ticket(connection: Connection, hall: str, window: str) -> tuple[Row, Row | None] | None:
    """A window and what is called or served there."""
    found = _THERE.run(connection, hall=hall, id=window)
    if not found:
        return None
    split = len(_WINDOW_COLUMNS)
    at_window = dict(zip(_WINDOW_COLUMNS, found[0][:split], strict=True))
    return at_window, None if at_window["ticket_id"] is None else ticket_of(found[0][split:])


def ticket_of(values: tuple[Any, ...]) -> Row:
    """The values of `TICKET` by their names."""
    return dict(zip(_TICKET_COLUMNS, values, strict=True))


@cache
def _keeping(table: Table, names: tuple[str, ...]) -> Statement:
    return Statement(
        update(table)
        .where(table.c.hall_id == bindparam("key_hall"), table.c.id == bindparam("key_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


def keep(tx: Tx, table: Table, row: Row, **values: Any) -> None:
    """Changes a row of the hall, in the table and in hand."""
    row.update(values)
    new = {f"new_{name}": value for name, value in values.items()}
    _keeping(table, tuple(values)).run(tx.connection, key_hall=tx.hall.id, key_id=row["id"], **new)


def waiting_at(connection: Connection, hall: str, line: str) -> int:
    return sum(count for (count,) in _WAITING.run(connection, hall=hall, line=line))


def count_waiting(tx: Tx, ticket: Row, by: int, before: int | None = None) -> dict[str, int]:
    """Adds a ticket to those waiting in its line, or takes it away; {line: all waiting after} for the event."""
    line = ticket["line_id"]
    if before is None:
        before = waiting_at(tx.connection, tx.hall.id, line)
    aside = by if ticket["pool"] or ticket["parked"] else 0
    if ticket["pool"]:
        tx.hall.pooled += by
    _COUNT.run(tx.connection, hall=tx.hall.id, line=line, lane=ticket["lane"], by=by, aside=aside)
    return {line: before + by}


_TIMES = ("issued_at", "queued_at", "first_called_at", "called_at", "started_at", "ended_at")


# Said only where it is not as with most: a ticket that just waits, is called and served says none of these.
_RARE = (
    ("pool", ""),
    ("parked", None),
    ("route", None),
    ("visit_id", None),
    ("count", 1),
    ("guide", False),
    ("remote", False),
    ("booking_id", None),
    ("offline", False),
    ("complaint_of", None),
)
_RARE_TIMES = ("return_at", "late_at", "reinstated_at", "arrived_at")


def ticket_state(row: Row) -> dict[str, Any]:
    """A ticket as events carry it: `lane` and `joined_at` where they are not its class and its `queued_at`."""
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
    for name, usual in _RARE:
        if (value := row.get(name, usual)) != usual:
            state[name] = value
    for name in _RARE_TIMES:
        if (at := row.get(name)) is not None:
            state[name] = iso(at)
    if row["lane"] != row["class"]:
        state["lane"] = row["lane"]
    if row["joined_at"] != row["queued_at"]:
        state["joined_at"] = iso(row["joined_at"])
    return state


def ticket_answer(
    row: Row, standing: dict[str, Any], slip: str | None = None, state: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A ticket as its issuer and staff see it."""
    return {
        **(state or ticket_state(row)),
        **standing,
        "day": row["day"].isoformat(),
        "track_code": row["track_code"],
        "slip": None if slip is None else {"id": slip},
    }


def staff_words(row: Row) -> dict[str, Any]:
    """What of a ticket is for staff alone: in their answers, never in an event."""
    return {key: row[key] for key in ("note", "case_number", "hold_reason", "held_by")}


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
