"""Erasing what is personal takes two people: one asks for it, another does it; the access log tells of both."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hall.errors import HallError
from hall.keys import uuid7
from server.access import write_line
from server.audit.personal import Asked, erase, find
from server.journal import iso
from server.people import Principal
from server.tables.journal import erasures


@dataclass(frozen=True)
class Request:
    asked: Asked
    reason: str


def erasure_list(connection: Connection, hall: str, limit: int = 100) -> list[dict[str, Any]]:
    """The newest first: [{id, what, named, reason, asked_by, asked_at, done_by, done_at}]."""
    of = erasures.c
    found = select(erasures).where(of.hall_id == hall).order_by(of.asked_at.desc(), of.id.desc()).limit(limit)
    return [_told(dict(row._mapping)) for row in connection.execute(found)]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **{key: row[key] for key in ("id", "what", "named", "reason")},
        "asked_by": row["asked_name"],
        "asked_at": iso(row["asked_at"]),
        "done_by": row["done_name"],
        "done_at": row["done_at"] and iso(row["done_at"]),
    }


def ask_erasure(connection: Connection, by: Principal, wanted: Request, now: datetime) -> dict[str, Any]:
    """Keeps what is to be erased; asked again for the same while nobody has done it, it is the same request."""
    key, of = find(connection, by.hall, wanted.asked), erasures.c
    same = select(erasures).where(of.hall_id == by.hall, of.key == key, of.done_at.is_(None))
    there = connection.execute(same).first()
    if there is not None:
        return _told(dict(there._mapping))
    row = {
        "hall_id": by.hall,
        "id": uuid7(now),
        "what": wanted.asked.what,
        "key": key,
        "named": _named(wanted.asked),
        "reason": wanted.reason,
        "asked_by": by.id,
        "asked_name": by.name,
        "asked_at": now,
    }
    connection.execute(insert(erasures), row)
    write_line(connection, now, "erasure_asked", by, f"{row['what']} {key}: {wanted.reason}")
    return _told({**row, "done_name": None, "done_at": None})


def _named(asked: Asked) -> str:
    """A code opens what it names: only its beginning is kept."""
    return f"{asked.named.upper()} {asked.day}" if asked.what == "ticket" else f"{asked.named[:4]}…"


def do_erasure(connection: Connection, by: Principal, key: str, now: datetime) -> dict[str, Any]:
    """Erases; done again it answers as the first time. Refuses `same_person` who has asked for it."""
    of = erasures.c
    mine = (of.hall_id == by.hall, of.id == key)
    row = connection.execute(select(erasures).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise HallError("not_found", what="erasure", id=key)
    if row.done_at is not None:
        return _told(dict(row._mapping))
    if by.id == row.asked_by or by.name == row.asked_name:
        raise HallError("same_person")
    erase(connection, by.hall, row.what, row.key)
    done = {"done_by": by.id, "done_name": by.name, "done_at": now}
    connection.execute(update(erasures).where(*mine).values(done))
    write_line(connection, now, "erased", by, f"{row.what} {row.key}, asked by {row.asked_name}: {row.reason}")
    return _told({**row._mapping, **done})
