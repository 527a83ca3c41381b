"""What happened to one ticket, from its journal, and what the guide desk may do for it now."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from hall.story import Names, Sentence, moves_now, story
from hall.texts import text_in
from hall.why import why_words
from server.journal import iso
from server.layout.kept import Layout
from server.queries import known_layout, one_ticket
from server.rows import Row
from server.tables.journal import journal
from server.tables.people import tokens
from server.tracking import overtaken_by

_EVENTS = (
    select(journal.c.body)
    .where(journal.c.hall_id == bindparam("hall"), journal.c.ticket_id == bindparam("ticket"))
    .order_by(journal.c.seq)
)


def ticket_story(connection: Connection, hall: str, ticket: str, language: str, now: datetime) -> dict[str, Any]:
    """{ticket, sentences: [{at, type, text, by}], may: [moves]}."""
    layout = known_layout(connection, hall)
    answer, row = one_ticket(connection, hall, ticket, now)
    events = [json.loads(body) for body in connection.execute(_EVENTS, {"hall": hall, "ticket": ticket}).scalars()]
    told = story(events, names_of(connection, layout, language))
    told += _went_before(connection, row, language, now)
    told.sort(key=lambda one: one["at"])  # stable: what happened in one moment keeps its order
    return {"ticket": answer, "sentences": told, "may": moves_now(row)}


def _went_before(connection: Connection, row: Row, language: str, now: datetime) -> list[Sentence]:
    """Who was called first though they came later, told at the moment of the call or of now."""
    kinds = overtaken_by(connection, row, now)
    if not kinds:
        return []
    at = row["first_called_at"] or row["ended_at"] or now
    return [{"at": iso(at), "type": "why", "text": why_words(kinds, language), "by": None}]


def names_of(connection: Connection, layout: Layout, language: str) -> Names:
    people = connection.execute(select(tokens.c.id, tokens.c.name).where(tokens.c.hall_id == layout.hall))
    return Names(
        language,
        layout.time_zone,
        lines={key: text_in(line.name, language) for key, line in layout.lines.ever.items()},
        matters={key: text_in(matter["name"], language) for key, matter in layout.matters.ever.items()},
        windows={key: window.name for key, window in layout.windows.ever.items()},
        people=dict(people.tuples().all()),
    )
