"""Changing the layout while the hall runs: its parts, hours, calendar and rules, whole or one by one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hall.differences import Change, differences
from hall.errors import HallError
from hall.layout import PARTS, Hall
from hall.words import Role
from server.actions.entering import must_be
from server.actions.lending import changed_layout, refuse_stationed
from server.actions.ordering import board_after, order_state
from server.command import Done, Tx
from server.journal import Draft
from server.layout.kept import Layout, layout_of
from server.layout.refusals import refusals_of
from server.layout.rewriting import rewrite
from server.people import Principal

CHANGES_AN_EVENT = 100
ON_BOARDS = frozenset({"zones", "windows", "lines"})
Make = Callable[[Layout], Hall]
"""The layout that is wanted, made of the one that is; raises HallError where it is none."""


def change_layout(tx: Tx, by: Principal, make: Make, reason: str) -> Done:
    """The hall's layout becomes another: `layout.changed`, a hundred changes an event; nothing changed writes none.

    What is left out is closed, never deleted; what comes again under its id is opened again. The system administrator
    changes all of it, the supervisor who is stationed where. Refuses `layout_refused` with every reason, and
    whoever is stationed by a unit, whatever their role (docs/decisions/0019).
    """
    before = layout_of(tx.connection, tx.hall)
    wanted = make(before)
    changes = differences(before.document, wanted, before.closed)
    if not changes:
        return Done({"changes": []})
    refuse_stationed(tx, by, list(_touched(before, wanted, changes)), "change_layout")
    only_people = all(change.part == "assignments" for change in changes)
    must_be(by, Role.SYSTEM_ADMIN, *([Role.SUPERVISOR] if only_people else []))
    found = refusals_of(tx.connection, tx.hall, before, wanted, changes)
    if found:
        raise HallError("layout_refused", refusals=found)
    rewrite(tx.connection, wanted, changes)
    after = changed_layout(tx)
    tx.hall.due(tx.now)  # another rule may be due at once
    return Done({"changes": [change.told() for change in changes]}, _events(tx, before, after, changes, by, reason))


def _touched(before: Layout, wanted: Hall, changes: Sequence[Change]) -> Iterator[str]:
    """The matters that a change could withdraw, hide or leave without a window: named to a unit that tried."""
    of: dict[str, set[str]] = {part: set() for part in (*PARTS, "settings")}
    for change in changes:
        of[change.part].add(change.id)
    lines = of["lines"] | {
        line for window in of["windows"] & set(before.windows) for line in before.windows[window].ranks
    }
    lines |= {line for window in wanted.windows if window.id in of["windows"] for line in window.lines}
    every = bool(of["settings"] or of["zones"])
    for key, matter in before.matters.items():
        if every or key in of["matters"] or matter["line"] in lines or matter["unit"] in of["units"]:
            yield key


def _events(
    tx: Tx, before: Layout, after: Layout, changes: Sequence[Change], by: Principal, reason: str
) -> list[Draft]:
    told = [change.told() for change in changes]
    pages = [told[at : at + CHANGES_AN_EVENT] for at in range(0, len(told), CHANGES_AN_EVENT)]
    first = _order_moved(before, after)
    if any(change.part in ON_BOARDS for change in changes):
        first["board"] = board_after(tx, after)
    return [
        Draft("layout.changed", {**(first if at == 0 else {}), "changes": page, "reason": reason, "by": by.name})
        for at, page in enumerate(pages)
    ]


def _order_moved(before: Layout, after: Layout) -> dict[str, Any]:
    """What of the order of calls is another, {before, after}: so each call can be derived again."""
    was, now = order_state(before), order_state(after)
    ranks = [key for key in {**was["ranks"], **now["ranks"]} if was["ranks"].get(key) != now["ranks"].get(key)]
    others = [key for key in ("order", "red_wait_minutes") if was[key] != now[key]]
    if not ranks and not others:
        return {}
    sides = ((side, {key: side["ranks"][key] for key in ranks if key in side["ranks"]}) for side in (was, now))
    told = [{**{key: side[key] for key in others}, "ranks": own} for side, own in sides]
    return {"before": told[0], "after": told[1]}
