"""The access log: who signed in, was refused, took something out or changed what is personal; each line chained."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from server.journal import FIRST_HEAD
from server.people import Principal
from server.tables.journal import access_head, access_log

_COLUMNS = ("id", "at", "hall_id", "actor", "name", "role", "what", "detail")


def line_hash(head: str, line: dict[str, Any]) -> str:
    """SHA-256 of the hash before and of every column, the moment in microseconds of UTC."""
    said = [line[key].isoformat() if key == "at" else line[key] for key in _COLUMNS]
    return hashlib.sha256(head.encode() + orjson.dumps(said)).hexdigest()


def write_line(
    connection: Connection,
    now: datetime,
    what: str,
    principal: Principal | None,
    detail: str,
    hall: str | None = None,
) -> None:
    """Adds a line at the chain's end; the head's row makes writers wait for each other.

    `hall`: where no person of a hall did it.
    """
    head = _head(connection)
    line = {
        "id": head.last + 1,
        "at": now,
        "hall_id": principal.hall if principal else hall,
        "actor": principal.id if principal else None,
        "name": principal.name if principal else None,
        "role": principal.role.value if principal else None,
        "what": what,
        "detail": detail[:500],
    }
    line["hash"] = line_hash(head.hash, line)
    connection.execute(insert(access_log), line)
    connection.execute(update(access_head).values(last=line["id"], hash=line["hash"]))


def _head(connection: Connection) -> Any:
    found = connection.execute(select(access_head).with_for_update()).one_or_none()
    if found is None:
        _begin(connection)
        found = connection.execute(select(access_head).with_for_update()).one()
    return found


def _begin(connection: Connection) -> None:
    """The log's first line is about to be written; two who come at once make one row."""
    made = "INSERT INTO access_head (id, last, hash, dropped, dropped_hash) VALUES (1, 0, '{0}', 0, '{0}')"
    connection.exec_driver_sql(f"{made.format(FIRST_HEAD)} ON CONFLICT (id) DO NOTHING")


def access_faults(connection: Connection) -> Iterator[str]:
    """Where the log's chain first does not hold: a line changed, taken out, put in or cut off."""
    head = connection.execute(select(access_head)).one_or_none()
    last, end = (head.dropped, head.dropped_hash) if head else (0, FIRST_HEAD)
    kept = select(access_log).where(access_log.c.id > last).order_by(access_log.c.id)
    for row in connection.execute(kept, execution_options={"yield_per": 2000}):
        if row.id != last + 1:
            yield f"after line {last} comes {row.id}"
            return
        end = line_hash(end, dict(row._mapping))
        if end != row.hash:
            yield f"line {row.id} is not what was written"
            return
        last = row.id
    if head and (head.last, head.hash) != (last, end):
        yield f"the log ends at line {last}, its head says {head.last}"


def _last_before(connection: Connection, before: datetime) -> Any:
    """The last line of before a moment; None: there is none."""
    older = select(access_log.c.id, access_log.c.hash).where(access_log.c.at < before)
    return connection.execute(older.order_by(access_log.c.id.desc()).limit(1)).one_or_none()


def count_lines(connection: Connection, before: datetime) -> int:
    end = _last_before(connection, before)
    counted = select(func.count()).select_from(access_log).where(access_log.c.id <= (end.id if end else 0))
    return int(connection.execute(counted).scalar_one())


def drop_lines(connection: Connection, before: datetime) -> int:
    """Drops the lines of before a moment; the chain begins after them, as its head says."""
    end = _last_before(connection, before)
    if end is None:
        return 0
    connection.execute(update(access_head).values(dropped=end.id, dropped_hash=end.hash))
    return connection.execute(delete(access_log).where(access_log.c.id <= end.id)).rowcount
