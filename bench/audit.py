"""`python -m bench.audit ROWS`: how long `hallcall audit verify` needs for a journal of so many rows, and what memory.

One busy day is played by real commands; its events and tickets are then copied day after day, each with its own date
and tickets, chained anew: so board, calls and sheets hold for every day as they did for the first.
"""

import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hall.errors import HallError
from server.db import Store
from server.journal import chained
from server.opening import migrate
from server.tables.journal import journal
from server.tables.layout import halls
from server.tables.queue import tickets
from tests.server.trial import SetClock, Trial, open_trial_store

WINDOWS = ("w1", "w2", "w3")
ROWS = 1_000_000
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass
class Played:
    """The rows of one day, up to and with the `day.started` that ends it."""

    day: date
    bodies: list[tuple[str, str | None, str]]
    """(type, ticket, body)"""
    tickets: list[dict[str, Any]]


def play_day(trial: Trial, visitors: int, seed: int = 1) -> None:
    """Visitors come and are served, missed, held, sent on or cancelled; then the next day begins."""
    dice = random.Random(seed)
    for window in WINDOWS:
        trial.open(window)
    for _ in range(visitors):
        trial.clock.forward(seconds=dice.randint(2, 20))
        ticket = trial.issue(dice.choice(("tax", "social")), always_open=True)
        for window in dice.sample(WINDOWS, 2):
            _one_step(trial, dice, window, ticket["id"])
    trial.clock.at = (trial.clock.at + timedelta(days=1)).replace(hour=1, minute=0, second=0, microsecond=0)
    trial.look()


def _one_step(trial: Trial, dice: random.Random, window: str, ticket: str) -> None:
    """Something a window does; what is not possible just now is refused and leaves nothing."""
    steps = [
        partial(trial.call_next, window, finish="completed"),
        partial(trial.call_next, window, finish="completed"),
        partial(trial.serve, window),
        partial(trial.complete, window),
        partial(trial.recall, window),
        partial(trial.no_show, window, early=True),
        partial(trial.transfer, window, line="social"),
        partial(trial.cancel, ticket),
        partial(trial.undo, window),
    ]
    try:
        dice.choices(steps, (8, 8, 6, 6, 2, 1, 1, 1, 1))[0]()
    except HallError:
        return


def made_journal(store: Store, rows: int, visitors: int = 1500) -> Trial:
    """A hall whose journal has at least `rows` rows, all as commands write them."""
    clock = store.clock
    assert isinstance(clock, SetClock)
    trial = Trial.found(store, clock)
    trial.look()  # begins the day
    first = trial.seq
    play_day(trial, visitors)
    played = store.read(partial(_played, trial=trial, since=first))
    place = count(1)
    while trial.seq < rows:
        store.write(partial(_copy, trial=trial, played=played, later=next(place)))
    clock.at = store.read(lambda c: c.execute(select(halls.c.at).where(halls.c.id == trial.hall)).scalar_one())
    return trial


def _played(connection: Connection, trial: Trial, since: int) -> Played:
    of = journal.c
    found = select(of.type, of.ticket_id, of.body).where(of.hall_id == trial.hall, of.seq > since).order_by(of.seq)
    bodies = [(row.type, row.ticket_id, row.body) for row in connection.execute(found)]
    kept = [dict(row) for row in connection.execute(select(tickets).where(tickets.c.hall_id == trial.hall)).mappings()]
    return Played(kept[0]["day"], bodies, kept)


def _copy(connection: Connection, trial: Trial, played: Played, later: int) -> None:
    """The day once more, `later` days after the first: other dates, other tickets, the next seqs, the chain gone on."""
    row = connection.execute(select(halls).where(halls.c.id == trial.hall)).one()
    seq, head, made = row.seq, row.head, []
    ids = {one["id"]: str(uuid.uuid4()) for one in played.tickets}
    dates = [(played.day + timedelta(days=n), played.day + timedelta(days=n + later)) for n in (0, 1)]
    for kind, ticket, body in played.bodies:
        seq += 1
        body = _moved(body, dates, ids, seq)
        head = chained(head, body)
        key = ids.get(ticket) if ticket else None
        made.append({"hall_id": trial.hall, "seq": seq, "type": kind, "ticket_id": key, "body": body, "hash": head})
    connection.execute(insert(journal), made)
    connection.execute(insert(tickets), [_other(one, ids, later) for one in played.tickets])
    changed = {"seq": seq, "head": head, "day": dates[1][1], "at": row.at + timedelta(days=1)}
    connection.execute(update(halls).where(halls.c.id == trial.hall).values(**changed))


def _moved(body: str, dates: list[tuple[date, date]], ids: dict[str, str], seq: int) -> str:
    start, _, rest = body.partition('"seq":')
    rest = rest[len(rest) - len(rest.lstrip("0123456789")) :]
    body = f'{start}"seq":{seq}{rest}'
    for place, (before, _) in enumerate(dates):
        body = body.replace(before.isoformat(), f"day {place}")
    for place, (_, after) in enumerate(dates):
        body = body.replace(f"day {place}", after.isoformat())
    return _ID.sub(lambda found: ids.get(found[0], found[0]), body)


def _other(ticket: dict[str, Any], ids: dict[str, str], later: int) -> dict[str, Any]:
    moved = {key: value + timedelta(days=later) for key, value in ticket.items() if isinstance(value, date | datetime)}
    return {**ticket, **moved, "id": ids[ticket["id"]], "track_code": uuid.uuid4().hex[:22]}


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory(prefix="hallcall-audit-") as name:
        url = f"sqlite:///{Path(name)}/hallcall.sqlite3"
        migrate(url)
        trial = made_journal(open_trial_store(url, SetClock()), rows)
        print(f"{trial.seq:,} rows, {os.path.getsize(url.removeprefix('sqlite:///')) / 1e6:,.0f} MB")
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        asked = [sys.executable, "-m", "server.audit.verifying"]
        done = subprocess.run(asked, env={**os.environ, "HALLCALL_DATABASE_URL": url}, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        spent = f"{time.perf_counter() - began:.1f} s, {cpu:.1f} s of CPU, {after.ru_maxrss / 1024:,.0f} MB at most"
        print(f"verified in {spent}: {done.stdout or done.stderr}")


if __name__ == "__main__":
    main()
