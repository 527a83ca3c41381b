"""Tickets of days that are over, written straight into the table: what sheets and statistics are made of."""

import random
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from hall.words import number_text
from server.tables.layout import lines, matters, window_lines
from server.tables.queue import tickets

CHINA = ZoneInfo("Asia/Shanghai")
ENDS = ("completed", "completed", "completed", "completed", "completed", "completed", "cancelled", "missed", "expired")


def made_days(connection: Connection, hall: str, days: list[date], each: int, seed: int = 1) -> None:
    """`each` tickets for every day, over the hall's own lines, windows and matters."""
    dice = random.Random(f"{hall} {days[0]} {seed}")
    known = list(connection.execute(select(lines.c.id, lines.c.prefix).where(lines.c.hall_id == hall)).tuples())
    links = window_lines.c
    served = connection.execute(select(links.line_id, links.window_id).where(links.hall_id == hall)).tuples().all()
    windows = {line: [window for one, window in served if one == line] for line, _ in known}
    of = matters.c
    found = connection.execute(select(of.line_id, of.id).where(of.hall_id == hall)).tuples().all()
    asked = {line: [None, *(matter for one, matter in found if one == line)] for line, _ in known}
    for day in days:
        rows = [_row(dice, hall, day, place, known, windows, asked) for place in range(each)]
        connection.execute(insert(tickets), rows)


def _row(
    dice: random.Random,
    hall: str,
    day: date,
    place: int,
    known: list[tuple[str, str]],
    windows: dict[str, list[str]],
    asked: dict[str, list[str | None]],
) -> dict[str, Any]:
    line, prefix = dice.choice([one for one in known if windows[one[0]]])
    end = dice.choice(ENDS)
    at = datetime.combine(day, time(8), CHINA).astimezone(UTC) + timedelta(seconds=dice.randrange(9 * 3600))
    wait, service = dice.randrange(20, 2600), dice.randrange(60, 1500)
    called = None if end in ("expired", "cancelled") else at + timedelta(seconds=wait)
    key = str(uuid.UUID(int=dice.getrandbits(128)))
    return {
        "hall_id": hall, "id": key, "day": day, "prefix": prefix, "ordinal": place + 1,
        "number": number_text(prefix, place + 1), "line_id": line, "taken_line_id": line,
        "matter_id": dice.choice(asked[line]), "class": "ordinary", "lane": "ordinary", "language": "zh-CN",
        "status": "expired" if end == "missed" else end,
        "window_id": dice.choice(windows[line]) if called else None,
        "issued_by": "t-kiosk", "issued_seq": 0, "issued_at": at, "queued_at": at, "joined_at": at,
        "first_called_at": called, "called_at": called, "calls": 1 if called else 0, "wait_ended_at": called,
        "missed_at": called + timedelta(seconds=90) if called and end == "missed" else None,
        "started_at": called if end == "completed" else None,
        "service_seconds": service if end == "completed" else 0,
        "ended_at": called + timedelta(seconds=service) if called else at + timedelta(hours=1),
        "track_code": key[:22], "count": 1,
    }  # fmt: skip
