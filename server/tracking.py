"""A visitor's own ticket as the phone shows it, in the ticket's language: place and window, in words and figures."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from hall.errors import HallError
from hall.texts import DEFAULT, languages, say, text_in
from hall.words import TicketStatus
from server.journal import iso
from server.layout.kept import Layout, hall_layout
from server.line_now import suspended_now
from server.rows import TICKET, Row, ticket_of, ticket_row
from server.standing import Present, present, standing_at_window, standing_here
from server.tables.layout import halls
from server.tables.queue import overtakings, tickets

_BY_CODE = select(*TICKET).where(tickets.c.track_code == bindparam("code"))
_SEQ = select(halls.c.seq).where(halls.c.id == bindparam("hall"))


def tracked_ticket(connection: Connection, code: str) -> Row:
    """The ticket behind a slip's code."""
    found = connection.execute(_BY_CODE, {"code": code}).one_or_none()
    if found is None:
        raise HallError("not_found", what="code", id="")
    return ticket_of(tuple(found))


def tracked_standing(connection: Connection, hall: str, wanted: Iterable[str], now: datetime) -> dict[str, Any]:
    """{ticket id: what its phone shows}, all from one state of the hall."""
    layout = hall_layout(connection, hall)
    assert layout is not None
    seq = connection.execute(_SEQ, {"hall": hall}).scalar_one()
    here = present(connection, layout)
    rows = (ticket_row(connection, hall, key) for key in wanted)
    return {row["id"]: {"seq": seq, **shown(here, row, now)} for row in rows if row is not None}


def shown(here: Present, row: Row, now: datetime) -> dict[str, Any]:
    """One ticket as its phone shows it."""
    layout = here.layout
    waits = row["status"] == TicketStatus.WAITING
    standing = standing_here(here, row, now) if waits else standing_at_window(layout, row)
    language, windows = language_of(row), standing["windows"]
    told = {
        "number": row["number"],
        "line": row["line_id"],
        "line_name": text_in(layout.lines[row["line_id"]].name, language),
        "status": row["status"],
        "parked": row["parked"] if waits else None,
        "ahead": standing["ahead"],
        "expected_wait": standing["expected_wait"],
        "window": row["window_id"],
        "windows": windows,
        "zone": _listed(language, (text_in(layout.zones[one["zone"]]["name"], language) for one in windows)),
        "place": _place(language, [one["name"] for one in windows]),
        "calls": row["calls"],
        "issued_at": iso(row["issued_at"]),
        "called_at": row["called_at"] and iso(row["called_at"]),
        "may_be_late": _may_be_late(row),
    }
    said = {"words": _words(language, layout, row, told), "wait_words": _wait_words(language, told)}
    return {**told, **said, "notice": _notice(layout, row, language, now) if waits else None}


def language_of(row: Row) -> str:
    """The language of a ticket's phone: its own where we speak it."""
    return row["language"] if row["language"] in languages() else DEFAULT


def _may_be_late(row: Row) -> bool:
    return row["status"] == TicketStatus.WAITING and row["late_at"] is None and row["parked"] != "remote"


def _listed(language: str, names: Iterable[str]) -> str:
    return str(say(language, "phone.comma")).join(dict.fromkeys(names))


def _place(language: str, names: list[str]) -> str:
    """3号窗口 · 3、4、5号窗口; a window with a name of its own by that name."""
    if not names:
        return ""
    numbered = all(name.isascii() for name in names)
    listed = _listed(language, names)
    return say(language, "phone.window", n=len(names), window=listed) if numbered else listed


def _words(language: str, layout: Layout, row: Row, told: dict[str, Any]) -> str | None:
    """What the phone says of a ticket; None where the figure of people ahead says it."""
    if row["status"] != TicketStatus.WAITING:
        return say(language, f"phone.{row['status']}", window=told["place"])
    if row["parked"] is None:
        return None
    back = row["return_at"] or row["queued_at"]
    return say(language, f"phone.{row['parked']}", at=f"{back.astimezone(layout.time_zone):%H:%M}")


def _notice(layout: Layout, row: Row, language: str, now: datetime) -> str | None:
    """That the line of the number gives no more for now, and where its numbers went."""
    first = next((line for line in layout.lines.values() if line.prefix == row["prefix"]), None)
    if first is None or first.suspended is None or row["line_id"] not in (first.id, first.suspended.moved_to):
        return None
    told = suspended_now(layout, first, language, now)
    return str(told["text"]) if told else None


def _wait_words(language: str, told: dict[str, Any]) -> str | None:
    if told["status"] != TicketStatus.WAITING or told["parked"]:
        return None
    if told["ahead"] == 0:
        return say(language, "phone.next")
    wait = told["expected_wait"]
    if wait is None:
        return say(language, "phone.wait_unknown")
    return say(language, "phone.wait" if wait["low"] else "phone.wait_within", n=max(1, wait["high"]), **wait)


_OVERTAKEN = (
    select(overtakings.c.kind, func.count())
    .where(
        overtakings.c.hall_id == bindparam("hall"),
        overtakings.c.line_id == bindparam("line"),
        (overtakings.c.queued_at > bindparam("queued_at"))
        | ((overtakings.c.queued_at == bindparam("queued_at")) & (overtakings.c.issued_seq > bindparam("issued_seq"))),
        overtakings.c.called_at >= bindparam("since"),
        overtakings.c.called_at <= bindparam("until"),
    )
    .group_by(overtakings.c.kind)
)


def overtaken_by(connection: Connection, row: Row, now: datetime) -> dict[str, int]:
    """{kind: how many} were called before a ticket though they queued for its line after it."""
    key = {"hall": row["hall_id"], "line": row["line_id"], "queued_at": row["queued_at"]}
    key |= {"issued_seq": row["issued_seq"], "since": row["joined_at"]}
    key["until"] = row["first_called_at"] or row["ended_at"] or now
    found = connection.execute(_OVERTAKEN, key)
    return dict(found.tuples().all())
