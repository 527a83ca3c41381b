"""Whether a hall's journal is whole, and tells the same as its tables."""

from sqlalchemy import Connection, select

from hall.board import Board, fold
from hall.events import public
from server.journal import events_since, first_break
from server.queries import board
from server.tables import halls

PAGE = 1000
SAME = ("seq", "day", "calls", "missed", "windows", "waiting")


def faults(connection: Connection) -> list[str]:
    """What is wrong, a line each; nothing when every chain holds and every board folds to its tables."""
    found = []
    for hall in connection.execute(select(halls.c.id).order_by(halls.c.id)).scalars():
        broken = first_break(connection, hall)
        if broken:
            found.append(f"{hall}: the journal is broken: {broken}")
        else:
            found += [f"{hall}: {fault}" for fault in fold_faults(connection, hall)]
    return found


def fold_faults(connection: Connection, hall: str) -> list[str]:
    """Where the journal folded from its beginning differs from the board that the tables give."""
    tables = board(connection, hall)
    folded = folded_board(connection, hall, tables)
    return [
        f"{key}: the journal says {folded[key]}, the tables {tables[key]}" for key in SAME if folded[key] != tables[key]
    ]


def folded_board(connection: Connection, hall: str, now: Board) -> Board:
    """The whole journal folded onto an empty hall with the windows of now."""
    empty = [
        {**window, "status": "closed", "until": None, "closing": None, "ticket": None} for window in now["windows"]
    ]
    state: Board = {
        **now,
        "seq": 0,
        "calls": [],
        "missed": [],
        "windows": empty,
        "waiting": dict.fromkeys(now["waiting"], 0),
    }
    while events := events_since(connection, hall, state["seq"], PAGE):
        for event in events:
            state = fold(state, public(event))
    return state
