"""The next number of a line, and the bands that it passes by: numbers kept for kiosks without network."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from hall.layout.rules import Bands
from server.command import Tx
from server.tables.queue import bands, counters

Row = dict[str, Any]
STEP = 100
"""Bands that have to move up begin a hundred higher: people read 901 more easily than 887."""

_OF_DAY = bindparam("day", type_=counters.c.day.type)
_NEXT = text(
    "INSERT INTO counters (hall_id, day, prefix, last) VALUES (:hall, :day, :prefix, 1)"
    " ON CONFLICT (hall_id, day, prefix) DO UPDATE SET last = counters.last + 1 RETURNING last, fence"
).bindparams(_OF_DAY)
_KEEP_FENCE = text(
    "INSERT INTO counters (hall_id, day, prefix, last, fence) VALUES (:hall, :day, :prefix, 0, :fence)"
    " ON CONFLICT (hall_id, day, prefix) DO UPDATE SET fence = excluded.fence"
).bindparams(_OF_DAY)
_COUNTER = (
    counters.c.hall_id == bindparam("hall"),
    counters.c.day == bindparam("which"),
    counters.c.prefix == bindparam("of"),
)


def next_ordinal(tx: Tx, prefix: str) -> int:
    """The line's next number of the day: one more than the last, but none of a band."""
    key = {"hall": tx.hall.id, "day": tx.hall.day, "prefix": prefix}
    ordinal, fence = tx.connection.execute(_NEXT, key).one()
    return int(ordinal) if fence is None or ordinal < fence else _past_bands(tx, prefix, ordinal)


def _past_bands(tx: Tx, prefix: str, ordinal: int) -> int:
    for band in bands_of(tx, tx.hall.day, prefix):
        if band["first"] <= ordinal <= band["last"]:
            ordinal = band["last"] + 1
    at = {"hall": tx.hall.id, "which": tx.hall.day, "of": prefix}
    tx.connection.execute(update(counters).where(*_COUNTER).values(last=ordinal), at)
    set_fence(tx, tx.hall.day, prefix)
    return ordinal


def set_fence(tx: Tx, day: date, prefix: str) -> None:
    """Notes with the counter where it meets the next band; to be done after every change of a line's bands."""
    last = last_ordinal(tx, day, prefix)
    fence = min((one["first"] for one in bands_of(tx, day, prefix) if one["last"] > last), default=None)
    tx.connection.execute(_KEEP_FENCE, {"hall": tx.hall.id, "day": day, "prefix": prefix, "fence": fence})


def last_ordinal(tx: Tx, day: date, prefix: str) -> int:
    at = {"hall": tx.hall.id, "which": day, "of": prefix}
    return tx.connection.execute(select(func.max(counters.c.last)).where(*_COUNTER), at).scalar() or 0


def bands_of(tx: Tx, day: date, prefix: str | None = None, device: str | None = None) -> list[Row]:
    """The bands of a day in the order of their numbers, of one prefix, or of one device."""
    wanted = select(bands).where(bands.c.hall_id == tx.hall.id, bands.c.day == day)
    if prefix is not None:
        wanted = wanted.where(bands.c.prefix == prefix)
    if device is not None:
        wanted = wanted.where(bands.c.device == device)
    return [dict(row._mapping) for row in tx.connection.execute(wanted.order_by(bands.c.prefix, bands.c.first))]


def add_band(tx: Tx, device: str, day: date, prefix: str, first: int, size: int, used: int = 0) -> Row:
    """`used`: so many of its numbers have been given already."""
    row = {"hall_id": tx.hall.id, "day": day, "prefix": prefix, "first": first, "last": first + size - 1}
    row |= {"next": first + used, "device": device, "at": tx.now}
    tx.connection.execute(insert(bands), row)
    set_fence(tx, day, prefix)
    return row


def cut_band(tx: Tx, band: Row, before: int) -> None:
    """The band ends before that number; the rest can be given to anyone again."""
    mine = _mine(band)
    if before <= band["first"]:
        tx.connection.execute(delete(bands).where(*mine))
    else:
        tx.connection.execute(update(bands).where(*mine).values(last=before - 1, next=before))
    set_fence(tx, band["day"], band["prefix"])


def use_band(tx: Tx, band: Row, ordinal: int) -> None:
    """A number of the band was given."""
    following = max(band["next"], ordinal + 1)
    tx.connection.execute(update(bands).where(*_mine(band)).values(next=following))


def _mine(band: Row) -> tuple[Any, ...]:
    of, names = bands.c, ("hall_id", "day", "prefix", "first")
    return tuple(of[name] == band[name] for name in names)


def is_near(rules: Bands, last: int, band: Row) -> bool:
    """Whether the line's numbers are about to reach what is left of a band."""
    left: int = band["next"]
    end: int = min(last + rules.near, band["last"])
    return last < left <= end


def free_start(rules: Bands, last: int, others: Sequence[Row], size: int) -> int:
    """The lowest number from which so many belong to nobody, far enough above the line's last."""
    start = rules.first
    while last and start <= last + 2 * rules.near:
        start += STEP
    for band in others:
        if start + size > band["first"] and start <= band["last"]:
            start = int(band["last"]) + 1
    return start
