"""Whether a hall's journal is whole, tells the same as its tables, and every call followed the order."""

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, select

from hall.board import Board, fold
from hall.day import business_day
from hall.events import PUBLIC_WINDOW, Event, pick
from hall.layout.rules import Order
from hall.line_up import LineUp
from hall.order import Rule
from server.access import access_faults
from server.actions.ordering import order_state
from server.audit.chain import Broken, Tell, walked
from server.audit.recount import Recount, new_recount, recount_faults
from server.clock import Clock
from server.command import Days
from server.db import Store, open_engine
from server.journal import last_checkpoint
from server.queries import board, known_layout
from server.tables.journal import journal
from server.tables.layout import halls

CHANGES = frozenset({"order.changed", "layout.changed", "window.lines_lent", "window.lines_returned"})
"""What may change which order calls follow; `data.before` and `data.after` hold what of it they changed."""
_PAGE = 50
"""So many events go to one reader before the next reader has its turn: one at a time, all of it took a quarter longer,
because each reader came to a processor that had just done something else."""
SAME = ("seq", "day", "calls", "missed", "windows", "waiting", "message")


class Reader(Protocol):
    """Goes along with the journal, event by event, and knows at its end what is wrong."""

    def take(self, event: Event) -> None: ...

    def faults(self) -> Iterable[str]: ...


Readers = tuple[Callable[[Connection, str], Reader], ...]


def verified(url: str, hall: str | None = None, tell: Tell | None = None) -> list[str]:
    """The faults of one hall, or of all there is, found by two processes: deriving the calls takes as long as the rest.

    Each has a look of its own at the database, in itself consistent, so a hall may go on meanwhile.
    """
    gc.disable()  # nothing here goes in circles; looking for such among a day's tickets costs a fifth
    with ProcessPoolExecutor(1, get_context("spawn"), gc.disable) as beside:
        of_calls = beside.submit(_found, url, hall, (CallReader,))
        found = _found(url, hall, tuple(one for one in READERS if one is not CallReader), tell)
        return list(dict.fromkeys(found + of_calls.result()))  # a broken journal is told by both


def _found(url: str, hall: str | None, readers: Readers, tell: Tell | None = None) -> list[str]:
    store = Store(open_engine(url), Clock(), Days(lambda _: False, lambda _: [], lambda _: []))
    find = partial(faults, tell=tell, readers=readers)
    if hall is not None:
        find = partial(hall_faults, hall=hall, tell=tell, readers=readers)
    return store.read(find)


def faults(connection: Connection, tell: Tell | None = None, readers: Readers | None = None) -> list[str]:
    """What is wrong, a line each; nothing when every chain holds, every board folds to its tables, every call is the
    one that the order gives, and the access log's chain holds."""
    known = list(connection.execute(select(halls.c.id).order_by(halls.c.id)).scalars())
    found = [f"{hall}: {fault}" for hall in known for fault in hall_faults(connection, hall, tell, readers)]
    found += [f"{hall}: the journal has rows of it, and there is no such hall" for hall in _strangers(connection)]
    return found + [f"the access log is broken: {fault}" for fault in access_faults(connection)]


def hall_faults(
    connection: Connection, hall: str, tell: Tell | None = None, readers: Readers | None = None
) -> list[str]:
    """The same of one hall, in one walk through its journal: memory does not grow with its rows."""
    return _read(connection, hall, [reader(connection, hall) for reader in readers or READERS], tell)


def _read(connection: Connection, hall: str, readers: list[Reader], tell: Tell | None = None) -> list[str]:
    """What the readers found; of a journal that is broken only where."""
    takes = [reader.take for reader in readers]
    try:
        events = walked(connection, hall, tell)
        while page := list(islice(events, _PAGE)):
            for take in takes:
                for event in page:
                    take(event)
    except Broken as broken:
        return [f"the journal is broken: {broken}"]
    return [fault for reader in readers for fault in reader.faults()]


def _strangers(connection: Connection) -> list[str]:
    unknown = select(journal.c.hall_id).where(journal.c.hall_id.not_in(select(halls.c.id))).distinct()
    return list(connection.execute(unknown).scalars())


def fold_faults(connection: Connection, hall: str) -> list[str]:
    """Where the journal folded from its beginning differs from the board that the tables give."""
    return _read(connection, hall, [BoardReader(connection, hall)])


def call_faults(connection: Connection, hall: str) -> list[str]:
    """Each call derived once more from what stood in the journal before it; names those that come out otherwise."""
    return _read(connection, hall, [CallReader(connection, hall)])


def every_event(connection: Connection, hall: str) -> Iterator[Event]:
    return walked(connection, hall)


class BoardReader:
    """The journal folded onto an empty hall with the windows of now: it must come to the board of now."""

    def __init__(self, connection: Connection, hall: str) -> None:
        self.tables = board(connection, hall)
        self.folded = empty_board(self.tables, last_checkpoint(connection, hall))

    def take(self, event: Event) -> None:
        self.folded = fold(self.folded, event)

    def faults(self) -> Iterable[str]:
        # Made public at the end and not event by event: a tenth of the whole walk.
        self.folded["windows"] = [pick(window, PUBLIC_WINDOW) for window in self.folded["windows"]]
        for key in SAME:
            if self.folded[key] != self.tables[key]:
                yield f"{key}: the journal says {self.folded[key]}, the tables {self.tables[key]}"


def empty_board(now: Board, checkpoint: Any) -> Board:
    """The hall before the first event that is kept: a day begins; what lasts over a night is its checkpoint's."""
    resting = {"status": "closed", "until": None, "closing": None, "ticket": None}
    state: Board = {
        **now,
        "seq": 0,
        "calls": [],
        "missed": [],
        "windows": [{**window, **resting} for window in now["windows"]],
        "waiting": dict.fromkeys(now["waiting"], 0),
        "message": None,
    }
    return {**state, **checkpoint.state["board"], "seq": checkpoint.seq} if checkpoint else state


class CallReader:
    """Derives each call from what stood in the journal before it."""

    def __init__(self, connection: Connection, hall: str) -> None:
        self.state = first_order(connection, hall)
        self.line_up = LineUp(rule_of(self.state))
        self.found: list[str] = []

    def take(self, event: Event) -> None:
        kind = event["type"]
        if kind in CHANGES:
            self.state = _changed(self.state, event, "after")
            self.line_up.rule = rule_of(self.state)
        if kind == "ticket.called" and "chosen" not in event["data"]["why"]:
            self.found += _fault_of_call(self.line_up, self.state["ranks"], event)
        self.line_up.apply(event)

    def faults(self) -> Iterable[str]:
        return self.found


class SheetReader:
    """Counts each finished day once more: the sheets of the tables must come out."""

    def __init__(self, connection: Connection, hall: str) -> None:
        self._where = connection, hall
        self._checkpoint = last_checkpoint(connection, hall)
        self._recount: Recount | None = None

    def take(self, event: Event) -> None:
        if self._recount is None:
            zone = known_layout(*self._where).time_zone
            began = business_day(datetime.fromisoformat(event["at"]), zone)
            self._recount = new_recount(*self._where, self._checkpoint.day if self._checkpoint else began)
        self._recount.apply(event)

    def faults(self) -> Iterable[str]:
        if self._recount is None:
            return []
        self._recount.settle()
        return recount_faults(*self._where, self._recount, self._checkpoint.day if self._checkpoint else None)


READERS: Readers = (BoardReader, CallReader, SheetReader)


def _fault_of_call(line_up: LineUp, ranks: dict[str, dict[str, int]], event: Event) -> list[str]:
    window, why, number = event["window"], event["data"]["why"], event["ticket"]["number"]
    view, served = line_up.at(window, why.get("clerk")), ranks[window]
    if "without" in why:
        served = {line: rank for line, rank in served.items() if line != why["without"]}
    pick = view.next(served, datetime.fromisoformat(event["at"]))
    if pick is not None and pick.head.number == number and pick.why.items() <= why.items():
        return []
    where = f"seq {event['seq']}: window {window} called {number}"
    if pick is None:
        return [f"{where}, and by the journal nobody waited"]
    if pick.head.number != number:
        return [f"{where}, and the order gives {pick.head.number} ({pick.why['by']})"]
    differing = [key for key in pick.why if pick.why[key] != why[key]]
    return [f"{where}, and its reason was another: {key} {why[key]}, not {pick.why[key]}" for key in differing]


def first_order(connection: Connection, hall: str) -> dict[str, Any]:
    """The order that the first calls kept followed: as it is now, with every change taken back, the last one first."""
    checkpoint = last_checkpoint(connection, hall)
    # Few events are of no ticket, and they have an index; by a bare `seq` SQLite would go through all rows instead.
    of, seq = journal.c, journal.c.seq + 0
    kept = seq > (checkpoint.seq if checkpoint else 0)
    changes = select(of.body).where(of.hall_id == hall, of.ticket_id.is_(None), of.type.in_(CHANGES), kept)
    wanted = changes.order_by(seq.desc())
    state = order_state(known_layout(connection, hall))
    for body in connection.execute(wanted).scalars():
        state = _changed(state, orjson.loads(body), "before")
    return state


def _changed(state: dict[str, Any], event: Event, side: str) -> dict[str, Any]:
    """The order on that side of an event that may change it: `before` or `after`."""
    part = event["data"].get(side) or {}
    own = {key: part[key] for key in state if key in part}
    return {**state, **own, "ranks": {**state["ranks"], **part.get("ranks", {})}}


def rule_of(state: dict[str, Any]) -> Rule:
    return Order.model_validate(state["order"]).rule(state["red_wait_minutes"])


def main() -> None:
    """`python -m server.audit.verifying [HALL]`: the faults as JSON, for a server that must not be held up by looking.

    The database is HALLCALL_DATABASE_URL, which is nobody's argument: arguments are seen by everyone on the machine.
    """
    os.nice(10)  # calls go first
    found = verified(os.environ["HALLCALL_DATABASE_URL"], sys.argv[1] if len(sys.argv) > 1 else None)
    print(orjson.dumps(found).decode())


if __name__ == "__main__":
    main()
