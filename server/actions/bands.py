"""Kiosks without network: the bands they hold for it, and the tickets they hand over afterwards.

docs/decisions/0011 says why it is done so.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, or_, select

from hall.day import stretches
from hall.errors import HallError
from hall.words import TicketStatus, VisitorClass
from server.actions.moves import ticket_event
from server.actions.tickets import Wanted, cancel_ticket, new_slip, new_ticket
from server.bands import add_band, bands_of, cut_band, free_start, is_near, last_ordinal, set_fence, use_band
from server.command import Done, Tx
from server.journal import Draft
from server.layout.kept import Layout, LineRow, layout_of
from server.people import Principal
from server.rows import Row, count_waiting, ticket_answer, ticket_row, ticket_state
from server.standing import present, standing_at_window, standing_here
from server.tables.journal import requests
from server.tables.queue import slips, tickets


@dataclass(frozen=True)
class Rest:
    """What a kiosk gives back of a band: all from `next` on."""

    prefix: str
    first: int
    next: int


def take_bands(tx: Tx, by: Principal, size: int, rests: Sequence[Rest], always_open: bool) -> Done:
    """Sees to it that a kiosk has numbers for an outage, up to `size` of each line: `band.taken`, `band.returned`.

    Asked again it writes nothing. Lines that ask for a document or have a quota get none: a kiosk cannot check them
    alone. The answer holds all that a kiosk must know to go on by itself for the rest of the day.
    """
    layout = layout_of(tx.connection, tx.hall)
    returned = _take_back(tx, by, rests)
    taken = _top_up(tx, by, layout, size)
    held = bands_of(tx, tx.hall.day, device=by.id)
    events = [
        Draft(f"band.{what}", {"device": by.id, "name": by.name, "bands": some})
        for what, some in (("returned", returned), ("taken", taken))
        if some
    ]
    midnight = datetime.combine(tx.hall.day + timedelta(days=1), time(), layout.time_zone)
    answer = {
        "epoch": tx.hall.epoch,
        "day": tx.hall.day.isoformat(),
        "ends_at": midnight.timestamp(),
        "bands": [{**_told(one), "next": one["next"], "back": not size or _near(tx, layout, one)} for one in held],
        "lines": [
            {"id": line.id, "prefix": line.prefix, "hours": _hours(tx, layout, line, always_open)}
            for line in layout.lines.values()
            if _can_do_without(line)
        ],
    }
    return Done(answer, events)


def _told(band: Row) -> dict[str, Any]:
    return {key: band[key] for key in ("prefix", "first", "last")}


def _near(tx: Tx, layout: Layout, band: Row) -> bool:
    return is_near(layout.rules.bands, last_ordinal(tx, band["day"], band["prefix"]), band)


def _can_do_without(line: LineRow) -> bool:
    more = line.more
    limited = line.daily_quota or more.slot_quotas or more.capacity_quota
    return more.identity == "none" and not limited


def _hours(tx: Tx, layout: Layout, line: LineRow, always_open: bool) -> list[list[float]]:
    """When the line gives numbers today, in seconds since 1970; not while it is suspended."""
    free = line.suspended.until.timestamp() if line.suspended is not None else 0.0
    return [[max(start, free), end] for start, end in _given_hours(tx, layout, line, always_open) if end > free]


def _given_hours(tx: Tx, layout: Layout, line: LineRow, always_open: bool) -> list[list[float]]:
    day, zone = tx.hall.day, layout.time_zone
    if always_open:
        return [[datetime.combine(day + timedelta(days=one), time(), zone).timestamp() for one in (0, 1)]]
    spans = stretches(day, zone, line.issuing) if layout.days.works(day) else []
    return [[start.timestamp(), end.timestamp()] for start, end in spans]


def _take_back(tx: Tx, by: Principal, rests: Sequence[Rest]) -> list[dict[str, Any]]:
    held = {(one["prefix"], one["first"]): one for one in bands_of(tx, tx.hall.day, device=by.id)}
    returned = []
    for rest in rests:
        band = held.pop((rest.prefix, rest.first), None)
        if band is None:
            continue
        before = max(band["next"], rest.next)
        if before <= band["last"]:
            cut_band(tx, band, before)
            returned.append({**_told(band), "first": before})
    return returned


def _top_up(tx: Tx, by: Principal, layout: Layout, size: int) -> list[dict[str, Any]]:
    """A further band where less than half is left: after an outage, and for one that is to be given back."""
    rules, day, taken = layout.rules.bands, tx.hall.day, []
    every = bands_of(tx, day)
    for line in filter(_can_do_without, layout.lines.values()):
        others = [one for one in every if one["prefix"] == line.prefix]
        last = last_ordinal(tx, day, line.prefix)
        own = [one for one in others if one["device"] == by.id and not is_near(rules, last, one)]
        left = sum(one["last"] + 1 - one["next"] for one in own)
        if left * 2 < size:
            start = free_start(rules, last, others, size - left)
            taken.append(_told(add_band(tx, by.id, day, line.prefix, start, size - left)))
    return taken


@dataclass(frozen=True)
class Given:
    """A ticket that a kiosk gave by itself."""

    id: str
    prefix: str
    ordinal: int
    day: date
    line: str
    matter: str | None
    language: str
    count: int
    issued_at: datetime
    """By the kiosk's clock, corrected by how far it was from ours at the last contact."""
    contact_at: datetime
    track_code: str
    slip: str
    touch: str
    """The request with which the kiosk first asked us for a number; we may have given one that nobody saw."""


def hand_over(tx: Tx, by: Principal, given: Given) -> Done:
    """A ticket given without network joins its line at the place of its issue: `ticket.issued`, marked `offline`.

    Handed over twice it is written once. One of a day that is over is `ticket.expired` at once. A number that this
    hall had given for the same touch and nobody saw is cancelled. Where its line was closed meanwhile, it joins the
    guide desk's. Refuses `number_taken` where the number, or its
    code, belongs to another ticket: a database taken back from a backup may have given it again.
    """
    known = ticket_row(tx.connection, tx.hall.id, given.id)
    if known is not None and (known["prefix"], known["ordinal"], known["track_code"]) == _marks(given):
        return Done(ticket_answer(known, {"ahead": None, "expected_wait": None, "windows": []}, given.slip))
    layout = layout_of(tx.connection, tx.hall)
    line = layout.lines.ever.get(given.line)
    place = given.line if given.line in layout.lines else layout.guide_line
    if line is None or place is None:
        raise HallError("not_found", what="line", id=given.line)
    if line.prefix != given.prefix or given.day > tx.hall.day:
        raise HallError("bad_body", field="number", expected=f"a number of the line {line.id}, of today or before")
    _check_free(tx, given)
    band = _note_used(tx, by, given)
    ticket = _ticket_of(tx, by, layout, line, given, band["at"]) | {"line_id": place, "taken_line_id": place}
    today = given.day == tx.hall.day
    here = present(tx.connection, layout)
    standing = standing_here(here, ticket, tx.now, new=True) if today else standing_at_window(layout, ticket)
    tx.connection.execute(insert(tickets), ticket)
    new_slip(tx, ticket, by.id, reprint=False, key=given.slip)
    data: dict[str, Any] = {"by": by.name, "offline": True}
    if today:
        data["waiting"] = count_waiting(tx, ticket, +1, here.waiting_in(place))
        events = [Draft("ticket.issued", data, ticket_state(ticket))]
    else:
        waited = ticket_state({**ticket, "status": TicketStatus.WAITING, "ended_at": None})
        events = [Draft("ticket.issued", data, waited), ticket_event("expire", ticket, layout, offline=True)]
    events += _take_back_unseen(tx, by, given.touch)
    return Done(ticket_answer(ticket, standing, given.slip), events)


def _marks(given: Given) -> tuple[str, int, str]:
    return given.prefix, given.ordinal, given.track_code


def _check_free(tx: Tx, given: Given) -> None:
    of = tickets.c
    same_number = (of.day == given.day) & (of.prefix == given.prefix) & (of.ordinal == given.ordinal)
    mine = of.hall_id == tx.hall.id
    wanted = select(of.id).where(or_(mine & same_number, mine & (of.id == given.id), of.track_code == given.track_code))
    slip = select(slips.c.id).where(slips.c.hall_id == tx.hall.id, slips.c.id == given.slip)
    if tx.connection.execute(wanted).first() or tx.connection.execute(slip).first():
        raise HallError("number_taken", number=f"{given.prefix}{given.ordinal:03d}")


def _note_used(tx: Tx, by: Principal, given: Given) -> Row:
    """The band of a number, which knows from now that it was given.

    One that no band has, as after a restore, becomes a band of its own, so that the counter passes it by.
    """
    for band in bands_of(tx, given.day, given.prefix):
        if band["first"] <= given.ordinal <= band["last"]:
            use_band(tx, band, given.ordinal)
            set_fence(tx, given.day, given.prefix)
            return band
    band = add_band(tx, by.id, given.day, given.prefix, given.ordinal, 1, used=1)
    return {**band, "at": min(given.contact_at, tx.now)}


def _ticket_of(tx: Tx, by: Principal, layout: Layout, line: LineRow, given: Given, band_at: datetime) -> Row:
    matter = given.matter if given.matter in layout.matters else None
    wanted = Wanted(line.id, matter, VisitorClass.ORDINARY.value, given.language, count=given.count)
    # Never before the kiosk was last in contact, nor before it had the number at all; and never in the future.
    at = min(max(_exact(given.issued_at), _exact(given.contact_at), band_at), tx.now)
    ticket = new_ticket(tx, by, line, wanted, given.ordinal)
    ticket |= {"id": given.id, "day": given.day, "track_code": given.track_code, "offline": True}
    if given.day != tx.hall.day:
        ticket |= {"status": TicketStatus.EXPIRED, "ended_at": tx.now}
    return ticket | {"issued_at": at, "queued_at": at}


def _exact(at: datetime) -> datetime:
    """In whole milliseconds, as events and tables both keep it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _take_back_unseen(tx: Tx, by: Principal, touch: str) -> list[Draft]:
    """`ticket.cancelled` for the number that was given for this touch while the answer was lost."""
    of = requests.c
    wanted = select(of.answer).where(of.hall_id == tx.hall.id, of.actor == by.id, of.request_id == touch)
    kept = tx.connection.execute(wanted).scalar()
    answer = json.loads(kept) if kept else None
    key = answer.get("id") if isinstance(answer, dict) else None
    unseen = ticket_row(tx.connection, tx.hall.id, key) if isinstance(key, str) else None
    if unseen is None or unseen["status"] not in (TicketStatus.WAITING, TicketStatus.CALLED):
        return []
    return cancel_ticket(tx, by, unseen["id"], "never_shown").events
