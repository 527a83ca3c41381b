"""Where a ticket goes from a window: the rest of a batch, the next leg of its route, back from a pool to its line."""

from typing import Any

from sqlalchemy import bindparam, select

from hall.words import TICKET_EVENTS, WindowStatus
from server.actions.lines import change_place
from server.command import Tx
from server.hot import Statement
from server.journal import Draft
from server.layout.kept import Layout
from server.rows import TICKET, Row, ticket_of, ticket_state, window_row
from server.standing import present
from server.tables.layout import windows
from server.tables.queue import tickets

Leg = dict[str, Any]
"""{line}, with `any` where it may come before the legs beside it; {line, window, back} where it comes back."""

_IN_POOL = Statement(
    select(*TICKET)
    .where(tickets.c.hall_id == bindparam("hall"), tickets.c.pool == bindparam("pool"), tickets.c.status == "waiting")
    .order_by(tickets.c.queued_at, tickets.c.issued_seq)
)
_ELSEWHERE = Statement(
    select(windows.c.id).where(
        windows.c.hall_id == bindparam("hall"),
        windows.c.clerk == bindparam("clerk"),
        windows.c.id != bindparam("window"),
    )
)


def legs_of(layout: Layout, matter: str | None) -> list[Leg] | None:
    """The lines that a matter's ticket goes on to after its own."""
    route = layout.matters[matter]["more"].route if matter is not None else None
    if route is None:
        return None
    any_order = {"any": True} if route.any_order else {}
    return [{"line": line, **any_order} for line in route.lines]


def onward(tx: Tx, layout: Layout, ticket: Row) -> tuple[Row, dict[str, Any]] | None:
    """What becomes of a ticket that is done at its window but not in the hall: its changes, and words for the event.

    None when it is done. What a batch has above its line's limit goes to the tail first, then the route.
    """
    limit = layout.lines[ticket["line_id"]].more.batch_limit
    if limit is not None and ticket["count"] > limit:
        changes = {"count": ticket["count"] - limit, "queued_at": tx.now, "pool": ""}
        return changes, {"because": "count", "pieces": limit, "to": {"line": ticket["line_id"]}}
    if not ticket["route"]:
        return None
    leg, rest = _next_leg(tx, layout, ticket["route"])
    back = _is_there(tx, leg) if leg.get("back") else False
    changes = {"line_id": leg["line"], "route": rest or None, "pool": f"w:{leg['window']}" if back else ""}
    to = {"window": leg["window"]} if back else {"line": leg["line"]}
    return changes, {"because": "back" if leg.get("back") else "route", "from": ticket["line_id"], "to": to}


def _is_there(tx: Tx, leg: Leg) -> bool:
    window = window_row(tx.connection, tx.hall.id, leg["window"])
    return window is not None and window["status"] != WindowStatus.CLOSED


def _next_leg(tx: Tx, layout: Layout, legs: list[Leg]) -> tuple[Leg, list[Leg]]:
    """The first leg; of those in any order the one with the fewest waiting for each open window."""
    either = next((place for place, leg in enumerate(legs) if not leg.get("any")), len(legs))
    if either < 2:
        return legs[0], legs[1:]
    here = present(tx.connection, layout)

    def load(place: int) -> tuple[bool, float]:
        line = legs[place]["line"]
        opened = here.able(line)[1]
        return not opened, here.waiting_in(line) / max(opened, 1)

    chosen = min(range(either), key=load)
    return legs[chosen], legs[:chosen] + legs[chosen + 1 :]


def release_pools(tx: Tx, window: str | None, clerk: str | None, besides: str) -> list[Draft]:
    """Whoever waits for a window or clerk that is there no more waits in the line again: `ticket.changed` each.

    A clerk who has another window than `besides` is still there.
    """
    if not tx.hall.pooled:
        return []
    pools = [] if window is None else [f"w:{window}"]
    if clerk is not None and not _ELSEWHERE.run(tx.connection, hall=tx.hall.id, clerk=clerk, window=besides):
        pools.append(f"c:{clerk}")
    return [_release(tx, ticket_of(row)) for pool in pools for row in _pool(tx, pool)]


def _pool(tx: Tx, pool: str) -> list[tuple[Any, ...]]:
    return _IN_POOL.run(tx.connection, hall=tx.hall.id, pool=pool)


def _release(tx: Tx, ticket: Row) -> Draft:
    waiting = change_place(tx, ticket, pool="")
    return Draft(TICKET_EVENTS["change"], {"waiting": waiting}, ticket_state(ticket))
