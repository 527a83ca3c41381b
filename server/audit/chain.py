"""Walking a hall's journal: every row held to the one before, to its own body, and to where the hall says it ends."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import Connection, select

from hall.events import Event
from server.journal import FIRST_HEAD, canonical, chained, last_checkpoint
from server.tables.journal import journal
from server.tables.layout import halls

TRIMMED = "journal.trimmed"
"""The event with which retention says what it drops: {seq, hash, rows, day, state: the digest of what was kept}."""
_BATCH = 2000
Tell = Callable[[int, int], None]
"""Told now and then how many rows were walked, and of how many."""


class Broken(Exception):
    """Where a journal is not what was written, and what is wrong there."""


def first_break(connection: Connection, hall: str, trimmed: bool = True) -> str | None:
    """Walks the whole chain; says where it first does not hold, None when it holds to the hall's head.

    `trimmed`: False for a database of before retention, which knows no checkpoints.
    """
    checkpoint = last_checkpoint(connection, hall) if trimmed else None
    try:
        for _ in _walked(connection, hall, checkpoint):
            pass
    except Broken as broken:
        return str(broken)
    return None


def walked(connection: Connection, hall: str, tell: Tell | None = None) -> Iterator[Event]:
    """Every event that is kept, in order, each only once its row has held; raises Broken where one does not."""
    return _walked(connection, hall, last_checkpoint(connection, hall), tell)


def _walked(connection: Connection, hall: str, checkpoint: Any, tell: Tell | None = None) -> Iterator[Event]:
    end = connection.execute(select(halls.c.seq, halls.c.head).where(halls.c.id == hall)).one()
    seq, head = (checkpoint.seq, checkpoint.hash) if checkpoint else (0, FIRST_HEAD)
    first, told = seq, checkpoint is None
    for row in _rows(connection, hall, seq):  # one of a million: little more is done here than must be
        at, kind, ticket, body, kept = row
        if at != seq + 1:
            raise Broken(_gap(seq, at))
        computed = chained(head, body)
        if computed != kept:
            raise Broken(_what(connection, hall, row, computed, end.head))
        event = orjson.loads(body)
        if (at, kind, ticket, hall) != (written := _columns(event)):
            raise Broken(_column(at, (at, kind, ticket, hall), written))
        seq, head = at, computed
        told = told or (kind == TRIMMED and _tells(event["data"], checkpoint))
        if tell is not None and seq % _BATCH == 0:
            tell(seq - first, end.seq - first)
        yield event
    if (end.seq, end.head) != (seq, head):
        raise Broken(f"the journal ends at seq {seq}, the hall at {end.seq}")
    if not told:
        raise Broken(f"it begins after seq {first}, and no event of its own says that what came before was dropped")


def _rows(connection: Connection, hall: str, since: int) -> Iterator[Any]:
    of = journal.c
    found = select(of.seq, of.type, of.ticket_id, of.body, of.hash).where(of.hall_id == hall, of.seq > since)
    # For this statement only: left on the connection it would turn PostgreSQL's ROLLBACK into a cursor.
    pages = connection.execute(found.order_by(of.seq), execution_options={"yield_per": _BATCH}).partitions()
    return chain.from_iterable(pages)  # a tenth less than row by row


def _gap(seq: int, found: int) -> str:
    lost = f"seq {seq + 1} is missing" if found == seq + 2 else f"seq {seq + 1} to {found - 1} are missing"
    return f"{lost}: after seq {seq} comes {found}"


def _columns(event: Event) -> tuple[int, str, str | None, str]:
    """What the columns beside the body must be: copies of it, by which rows are found."""
    return event["seq"], event["type"], event["ticket"]["id"] if "ticket" in event else None, event["hall"]


def _column(seq: int, said: tuple[Any, ...], written: tuple[Any, ...]) -> str:
    names = zip(("seq", "type", "ticket_id", "hall_id"), said, written, strict=True)
    column, one, other = next(named for named in names if named[1] != named[2])
    return f"seq {seq}: its {column} says {one}, and {other} was written"


def _what(connection: Connection, hall: str, row: Any, computed: str, end: str) -> str:
    """What of a row was changed: the row after it was hashed with the hash that was once there."""
    of = journal.c
    after = select(of.body, of.hash).where(of.hall_id == hall, of.seq == row.seq + 1)
    found = connection.execute(after).one_or_none()
    hashed = {"body": row.hash, "hash": computed}
    follows = {name: chained(one, found.body) == found.hash if found else one == end for name, one in hashed.items()}
    part = next((name for name, fits in follows.items() if fits), None)
    written = _written_seq(row.body)
    if part is None and written not in (None, row.seq):
        return f"seq {row.seq} holds what was written as seq {written}"
    return f"seq {row.seq} is not what was written: its {part or 'body or hash'} was changed"


def _written_seq(body: str) -> int | None:
    try:
        return int(orjson.loads(body)["seq"])
    except (ValueError, TypeError, KeyError):
        return None


def state_digest(state: Any) -> str:
    return hashlib.sha256(canonical(state).encode()).hexdigest()


def _tells(said: dict[str, Any], checkpoint: Any) -> bool:
    """Whether an event tells of this checkpoint, to the last word of what it keeps."""
    kept = (checkpoint.seq, checkpoint.hash, state_digest(checkpoint.state))
    return (said["seq"], said["hash"], said["state"]) == kept
