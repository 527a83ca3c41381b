"""What the auditor reads: how the journal stands, its days' roots, its events in words, and the access log."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, delete, insert, or_, select, update

from hall.errors import HallError
from hall.events import Event
from hall.story import Names, sentence
from hall.texts import catalogue, say
from server.access import write_line
from server.db import Store
from server.journal import day_roots, iso, last_checkpoint
from server.people import Principal
from server.queries import known_layout
from server.story import names_of
from server.tables.journal import access_log, journal, verifications
from server.tables.layout import halls
from server.tables.queue import tickets

log = structlog.get_logger(__name__)
GIVEN_UP = timedelta(minutes=30)
"""A verification that has not ended by then broke off with the server that began it."""
PAGE = 1000
LONGEST = 100_000
ACCOUNTS = "account"
"""Every kind of line that tells of an account or a token."""


def audit_state(connection: Connection, hall: str, now: datetime) -> dict[str, Any]:
    """{seq, head, at, kept_from, verification, days: [{day, seq, hash}] the newest first}."""
    end = connection.execute(select(halls.c.seq, halls.c.head, halls.c.at).where(halls.c.id == hall)).one_or_none()
    if end is None:
        raise HallError("not_found", what="hall", id=hall)
    checkpoint = last_checkpoint(connection, hall)
    kept = checkpoint and {"day": checkpoint.day.isoformat(), "seq": checkpoint.seq + 1, "at": iso(checkpoint.at)}
    roots = [{"day": one.day.isoformat(), "seq": one.seq, "hash": one.hash} for one in day_roots(connection, hall)]
    state = {"seq": end.seq, "head": end.head, "at": iso(end.at), "kept_from": kept}
    return {**state, "verification": verification(connection, hall, now), "days": roots[::-1]}


def verification(connection: Connection, hall: str, now: datetime) -> dict[str, Any] | None:
    """{state: running, whole, broken or stopped, asked_by, began_at, ended_at, seq, faults}; None: never."""
    row = connection.execute(select(verifications).where(verifications.c.hall_id == hall)).one_or_none()
    if row is None:
        return None
    running = row.ended_at is None and now - row.began_at < GIVEN_UP
    ended = "stopped" if row.faults is None else "broken" if row.faults else "whole"
    return {
        "state": "running" if running else ended,
        "asked_by": row.asked_by,
        "began_at": iso(row.began_at),
        "ended_at": row.ended_at and iso(row.ended_at),
        "seq": row.rows,
        "faults": row.faults or [],
    }


def begin_verification(store: Store, hall: str, by: Principal) -> dict[str, Any]:
    """Has another process go through the journal, so that no call waits for it; one at a time a hall."""
    now = store.clock.now()
    told, begun = store.write(partial(_begin, hall=hall, by=by, now=now))
    if begun:
        threading.Thread(target=_verify, args=(store, hall, by), daemon=True).start()
    return dict(told)


def _begin(connection: Connection, hall: str, by: Principal, now: datetime) -> tuple[Any, bool]:
    # The hall's row, locked: two who press at once begin one.
    seq = connection.execute(select(halls.c.seq).where(halls.c.id == hall).with_for_update()).scalar_one()
    told = verification(connection, hall, now)
    if told and told["state"] == "running":
        return told, False
    connection.execute(delete(verifications).where(verifications.c.hall_id == hall))
    connection.execute(insert(verifications).values(hall_id=hall, asked_by=by.name, began_at=now, rows=seq))
    return verification(connection, hall, now), True


def _verify(store: Store, hall: str, by: Principal) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    asked = [sys.executable, "-m", "server.audit.verifying", hall]
    done = subprocess.run(asked, env={**os.environ, "HALLCALL_DATABASE_URL": url}, capture_output=True, check=False)
    found = orjson.loads(done.stdout) if done.returncode == 0 else None
    if found is None:
        log.error("verification_stopped", hall=hall, why=done.stderr[-2000:].decode(errors="replace"))
    store.write(partial(_keep, hall=hall, by=by, found=found, now=store.clock.now()))


def _keep(connection: Connection, hall: str, by: Principal, found: list[str] | None, now: datetime) -> None:
    of = verifications.c
    values = {"ended_at": now, "faults": None if found is None else found[:100]}
    connection.execute(update(verifications).where(of.hall_id == hall).values(values))
    told = "stopped" if found is None else f"{len(found)} faults" if found else "whole"
    write_line(connection, now, "verified", by, told)


@dataclass(frozen=True)
class Wanted:
    """Which lines of the access log; `after`: only those before that one, the newest first."""

    what: str | None = None
    actor: str | None = None
    since: date | None = None
    until: date | None = None
    after: int | None = None


def access_lines(connection: Connection, hall: str, wanted: Wanted, limit: int) -> list[dict[str, Any]]:
    """Lines of the hall and of nobody's hall, the newest first."""
    of, zone = access_log.c, known_layout(connection, hall).time_zone
    found = select(access_log).where(or_(of.hall_id == hall, of.hall_id.is_(None)))
    if wanted.what:
        rights = or_(*(of.what.startswith(kind, autoescape=True) for kind in ("account_", "token_")))
        found = found.where(rights if wanted.what == ACCOUNTS else of.what == wanted.what)
    if wanted.actor:
        found = found.where(or_(of.actor == wanted.actor, of.name.ilike(f"%{_plain(wanted.actor)}%", escape="\\")))
    if wanted.since:
        found = found.where(of.at >= datetime.combine(wanted.since, time.min, zone).astimezone(UTC))
    if wanted.until:
        found = found.where(of.at < datetime.combine(wanted.until + timedelta(days=1), time.min, zone).astimezone(UTC))
    if wanted.after:
        found = found.where(of.id < wanted.after)
    return [_line(row) for row in connection.execute(found.order_by(of.id.desc()).limit(limit))]


def _plain(words: str) -> str:
    """What stands for anything in LIKE stands for itself."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _line(row: Any) -> dict[str, Any]:
    kept = {key: getattr(row, key) for key in ("id", "actor", "name", "role", "what", "detail")}
    return {**kept, "at": iso(row.at)}


def access_kinds(connection: Connection, hall: str) -> list[str]:
    """Every kind of line that there is."""
    of = access_log.c
    found = select(of.what).where(or_(of.hall_id == hall, of.hall_id.is_(None))).distinct().order_by(of.what)
    return list(connection.execute(found).scalars())


@dataclass(frozen=True)
class Searched:
    """Which events: of one day (today where none is named), and of it a ticket's, a type's, a person's."""

    day: date | None = None
    number: str | None = None
    type: str | None = None
    by: str | None = None
    after: int | None = None


def found_events(
    connection: Connection, hall: str, searched: Searched, language: str, limit: int
) -> list[dict[str, Any]]:
    """[{seq, at, type, number, window, text, by, body}] in order, after seq `after`."""
    names = names_of(connection, known_layout(connection, hall), language)
    found = []
    for seq, body in _bodies(connection, hall, searched):
        event = orjson.loads(body)
        who = person_of(event, names)
        if searched.by and searched.by.casefold() not in (who or "").casefold():
            continue
        found.append({"seq": seq, **_readable(event, names), "by": who, "body": body})
        if len(found) == limit:
            break
    return found


def _bodies(connection: Connection, hall: str, searched: Searched) -> Iterator[Any]:
    """The rows that may be meant; never more than a day's."""
    day = searched.day or connection.execute(select(halls.c.day).where(halls.c.id == hall)).scalar_one()
    first, last = _span(connection, hall, day)
    of = journal.c
    found = select(of.seq, of.body).where(of.hall_id == hall, of.seq >= max(first, (searched.after or 0) + 1))
    found = found.where(of.seq <= last)
    if searched.number:
        own = tickets.c
        given = searched.number.strip().upper()
        keys = select(own.id).where(own.hall_id == hall, own.day == day, own.number == given)
        found = found.where(of.ticket_id.in_(keys))
    if searched.type:
        found = found.where(of.type == searched.type)
    yield from connection.execute(found.order_by(of.seq).limit(LONGEST)).tuples()


def _span(connection: Connection, hall: str, day: date) -> tuple[int, int]:
    """The first and the last seq of a day; nothing of one that has none."""
    end = connection.execute(select(halls.c.seq, halls.c.day).where(halls.c.id == hall)).one()
    checkpoint = last_checkpoint(connection, hall)
    ends: list[tuple[date | None, int]] = [(None, checkpoint.seq if checkpoint else 0)]
    ends += [(root.day, root.seq) for root in day_roots(connection, hall) if root.seq > ends[0][1]]
    for (_, before), (own, last) in pairwise([*ends, (end.day, end.seq)]):
        if own == day:
            return before + 1, last
    return 1, 0


def _readable(event: Event, names: Names) -> dict[str, Any]:
    ticket = event.get("ticket")
    text = sentence(event, None, names) if ticket else None
    window = event.get("window")
    return {
        "at": event["at"],
        "type": event["type"],
        "number": ticket["number"] if ticket else None,
        "window": names.windows.get(window, window) if window else None,
        "text": text or _words(event, names),
    }


def _words(event: Event, names: Names) -> str:
    """What has no story of a ticket; of a type that is not known yet its own name stands."""
    key = f"audit.event_{event['type'].replace('.', '_')}"
    if key not in catalogue(names.language, "audit"):
        return str(event["type"])
    data = event["data"]
    given = {"window": names.window(event.get("window")), "day": data.get("day", "")}
    for part, known in (("line", names.lines), ("matter", names.matters)):
        value = data.get(part)
        given[part] = known.get(value, value) if isinstance(value, str) else ""
    text, reason = say(names.language, key, **given), data.get("reason")
    return f"{text} · {reason}" if isinstance(reason, str) and reason else text


def person_of(event: Event, names: Names) -> str | None:
    """Who did it, as the event says; a clerk or device by the name of its token."""
    data = event["data"]
    said = data.get("by") or data.get("clerk") or data.get("device")
    return names.people.get(said, said) if isinstance(said, str) else None
