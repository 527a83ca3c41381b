"""Opening, pausing and closing a window, and who has claimed it."""

from datetime import datetime
from typing import Any

from hall.errors import HallError
from hall.words import WINDOW_MOVES, Role, WindowStatus
from server.actions.lending import matters_of
from server.actions.moves import claimed_window, window_event
from server.actions.onward import release_pools
from server.actions.own_case import refuse_own_case
from server.center.authority import refuse_own
from server.command import Done, Tx
from server.layout.kept import Layout, layout_of
from server.people import Principal
from server.rows import Row, keep, window_and_ticket
from server.tables.layout import windows


def open_window(tx: Tx, by: Principal, window_id: str, take_over: bool) -> Done:
    """Opens a window and claims it for its clerk: `window.opened`; open already, nothing is written.

    A window that another clerk has claimed is `window_taken` unless `take_over` confirms it.
    """
    layout = layout_of(tx.connection, tx.hall)
    found = window_and_ticket(tx.connection, tx.hall.id, window_id)
    if found is None:
        raise HallError("not_found", what="window", id=window_id)
    window, there = found
    refuse_own_case(tx, by, there)
    taken = window["clerk"] not in (None, by.id) and by.role == Role.CLERK
    if taken and not take_over:
        raise HallError("window_taken", window=window_id, clerk=window["clerk_name"])
    settled = window["status"] == WindowStatus.OPEN and window["closing"] is None and not taken
    if settled and (window["clerk"] == by.id or by.role != Role.CLERK):
        return Done({"window": window_id})
    clerk = (by.id, by.name) if by.role == Role.CLERK else (window["clerk"], window["clerk_name"])
    taken_from, former = (window["clerk"], window["clerk_name"]) if taken else (None, None)
    changes: dict[str, Any] = {"status": WindowStatus.OPEN, "clerk": clerk[0], "clerk_name": clerk[1]}
    keep(tx, windows, window, **changes, reason=None, until=None, closing=None, status_at=tx.now)
    event = window_event("open", layout, window, there, by=by.name, taken_from=former)
    return Done({"window": window_id}, [event, *release_pools(tx, None, taken_from, window_id)])


def pause_window(
    tx: Tx, by: Principal, window_id: str, reason: str | None, until: datetime | None, after_current: bool
) -> Done:
    """Pauses an open window: `window.paused`. With a ticket there `window_busy`, unless after it.

    A clerk comes back to whoever waits for this window alone; where the supervisor suspends it, they wait in their
    line again.
    """
    return _leave(tx, by, window_id, "pause", after_current, {"reason": reason, "until": until})


def close_window(tx: Tx, by: Principal, window_id: str, reason: str | None, after_current: bool) -> Done:
    """Closes a window and releases its clerk: `window.closed`. With a ticket there `window_busy`, unless after it."""
    return _leave(tx, by, window_id, "close", after_current, {"reason": reason, "until": None})


def _leave(tx: Tx, by: Principal, window_id: str, move: str, after_current: bool, why: dict[str, Any]) -> Done:
    layout = layout_of(tx.connection, tx.hall)
    refuse_own(tx, by, _served_besides(layout, window_id, by), f"{move}_window")
    window, there = claimed_window(tx, window_id, by)
    after = WINDOW_MOVES[move].get(WindowStatus(window["status"]))
    if after is None:
        raise HallError("illegal_move", move=move, number=window["name"], status=window["status"])
    if there is not None and not after_current:
        raise HallError("window_busy", window=window_id, number=there["number"])
    if there is not None:
        keep(tx, windows, window, closing=move, **why)
        left = release_pools(tx, window_id, window["clerk"], window_id) if by.role == Role.SUPERVISOR else []
        return Done({"window": window_id}, [window_event("change", layout, window, there, by=by.name), *left])
    clerk = window["clerk"]
    keep(tx, windows, window, status=after, status_at=tx.now, closing=None, **why, **_released(move, window))
    gone = move == "close" or by.role == Role.SUPERVISOR
    left = release_pools(tx, window_id, clerk, window_id) if gone else []
    return Done({"window": window_id}, [window_event(move, layout, window, by=by.name), *left])


def _served_besides(layout: Layout, window_id: str, by: Principal) -> list[str]:
    """The matters that leaving a window could empty of windows. For its clerk it is the day's work."""
    if by.unit is None or by.role == Role.CLERK or window_id not in layout.windows:
        return []
    return [key for line in layout.windows[window_id].ranks for key in matters_of(layout, line)]


def _released(move: str, window: Row) -> dict[str, Any]:
    kept = {"clerk": window["clerk"], "clerk_name": window["clerk_name"]}
    return kept if move == "pause" else dict.fromkeys(kept)
