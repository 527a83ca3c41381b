"""The journal: a hall's events in order, each row hashed together with the one before."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, bindparam, select, text

from hall.day import business_day
from hall.events import VERSION, Event
from server.tables.journal import journal, journal_checkpoints
from server.tables.layout import halls

FIRST_HEAD = "0" * 64


@dataclass
class Draft:
    """An event before it has its seq: `ticket` and `data` hold the state after."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)
    ticket: dict[str, Any] | None = None
    window: str | None = None


class Head(Protocol):
    id: str
    epoch: str
    seq: int
    head: str
    at: datetime


@lru_cache(4096)  # an event tells the moments that the ticket's last one told
def iso(at: datetime) -> str:
    """A moment as JSON says it: UTC, milliseconds, Z."""
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def canonical(value: Any) -> str:
    """JSON with its keys in order and no spaces: the same value is always the same text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def chained(head: str, body: str) -> str:
    """The hash of a row: SHA-256 of the hash before and the body."""
    hashed = hashlib.sha256(head.encode())
    hashed.update(body.encode())  # joined to one text first, a third slower
    return hashed.hexdigest()


def rows(hall: Head, at: datetime, drafts: list[Draft]) -> list[dict[str, Any]]:
    """The drafts as journal rows seq+1 … seq+k; moves the hall's seq and head on."""
    made = []
    for draft in drafts:
        hall.seq += 1
        body = canonical(_envelope(hall, at, draft))
        hall.head = chained(hall.head, body)
        made.append(
            {
                "hall_id": hall.id,
                "seq": hall.seq,
                "type": draft.type,
                "ticket_id": draft.ticket["id"] if draft.ticket else None,
                "body": body,
                "hash": hall.head,
            }
        )
    if drafts:
        hall.at = at
    return made


def _envelope(hall: Head, at: datetime, draft: Draft) -> Event:
    event: Event = {
        "v": VERSION,
        "epoch": hall.epoch,
        "hall": hall.id,
        "seq": hall.seq,
        "at": iso(at),
        "type": draft.type,
        "data": draft.data,
    }
    if draft.ticket is not None:
        event["ticket"] = draft.ticket
    if draft.window is not None:
        event["window"] = draft.window
    return event


_SINCE = (
    select(journal.c.body)
    .where(journal.c.hall_id == bindparam("hall"), journal.c.seq > bindparam("since"))
    .order_by(journal.c.seq)
    .limit(bindparam("most"))
)
_POSITION = select(halls.c.epoch, halls.c.seq, halls.c.at).where(halls.c.id == bindparam("hall"))


def events_since(connection: Connection, hall: str, since: int, most: int) -> list[Event]:
    """Up to `most` events after seq `since`, in order."""
    found = connection.execute(_SINCE, {"hall": hall, "since": since, "most": most})
    return [json.loads(row.body) for row in found]


def positions(connection: Connection) -> dict[str, tuple[str, int]]:
    """{hall: (epoch, seq)} of every hall."""
    found = connection.execute(select(halls.c.id, halls.c.epoch, halls.c.seq))
    return {row.id: (row.epoch, row.seq) for row in found}


def last_moments(connection: Connection) -> dict[str, datetime]:
    """{hall: when its last command was}."""
    return dict(connection.execute(select(halls.c.id, halls.c.at)).tuples().all())


def answer_since(connection: Connection, hall: str, since: int, epoch: str | None, most: int) -> dict[str, Any] | None:
    """The contract's answer to `since`: up_to_date, events or resync; None for an unknown hall."""
    position = connection.execute(_POSITION, {"hall": hall}).one_or_none()
    if position is None:
        return None
    answer = {"epoch": position.epoch, "seq": position.seq, "events": [], "more": False}
    if since > position.seq or (epoch is not None and epoch != position.epoch):
        return {"answer": "resync", **answer}
    if since == position.seq:
        return {"answer": "up_to_date", **answer}
    checkpoint = last_checkpoint(connection, hall)
    if checkpoint and since < checkpoint.seq:
        return {"answer": "resync", **answer}
    events = events_since(connection, hall, since, most)
    return {**answer, "answer": "events", "events": events, "more": events[-1]["seq"] < position.seq}


@dataclass(frozen=True)
class Root:
    """The last row of a finished business day: whoever has it on paper can prove everything up to there."""

    day: date
    seq: int
    hash: str


def day_root(connection: Connection, hall: str, day: date) -> Root | None:
    """The root of a day; None while it is not over, or when nothing happened on it."""
    return next((root for root in day_roots(connection, hall) if root.day == day), None)


def day_roots(connection: Connection, hall: str) -> list[Root]:
    """Every finished day's root, the oldest first; those of dropped days too."""
    checkpoint = last_checkpoint(connection, hall)
    kept = checkpoint.state["roots"] if checkpoint else []
    borders = _borders(connection, hall, checkpoint)
    days = {after.seq - 1: day.day for day, after in pairwise(borders) if after.seq > day.seq}
    last = (
        select(journal.c.seq, journal.c.hash)
        .where(journal.c.hall_id == hall, journal.c.seq.in_(days))
        .order_by(journal.c.seq)
    )
    found = {days[row.seq]: Root(days[row.seq], row.seq, row.hash) for row in connection.execute(last)}
    old = {one.day: one for one in (Root(date.fromisoformat(day), seq, end) for day, seq, end in kept)}
    return sorted((old | found).values(), key=lambda root: root.day)


@dataclass(frozen=True)
class _Border:
    seq: int
    """The first of the day's own rows."""
    day: date


def _borders(connection: Connection, hall: str, checkpoint: Any) -> list[_Border]:
    """Where each day begins, as its `day.started` says; what came before the first such is of its events' date."""
    since = checkpoint.seq if checkpoint else 0
    rows_of = select(journal.c.seq, journal.c.body).where(journal.c.hall_id == hall, journal.c.seq > since)
    begun = connection.execute(rows_of.where(text("type = 'day.started'")).order_by(journal.c.seq))
    days = [_Border(row.seq, date.fromisoformat(orjson.loads(row.body)["data"]["day"])) for row in begun]
    if checkpoint:
        return [_Border(since + 1, checkpoint.day), *days]
    first = connection.execute(rows_of.order_by(journal.c.seq).limit(1)).one_or_none()
    if first is None or (days and days[0].seq == first.seq):
        return days
    event = orjson.loads(first.body)
    settings = connection.execute(select(halls.c.settings).where(halls.c.id == hall)).scalar_one()
    at = datetime.fromisoformat(event["at"])
    return [_Border(first.seq, business_day(at, ZoneInfo(settings["time_zone"]))), *days]


def last_checkpoint(connection: Connection, hall: str) -> Any:
    """Where the kept journal begins: (seq, hash, day, at, rows, state); None: with its first event."""
    of = journal_checkpoints.c
    found = select(journal_checkpoints).where(of.hall_id == hall).order_by(of.seq.desc()).limit(1)
    return connection.execute(found).one_or_none()
