"""What pages and devices ask for: the board, the catalogue, windows and tickets, each from one consistent state."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, text

from hall.board import Board, call_of
from hall.day import business_day, left_today
from hall.errors import HallError
from hall.events import PUBLIC_WINDOW, pick
from hall.texts import list_text, say, text_in
from hall.words import Outcome, TicketStatus, VisitorClass, WindowStatus
from server.calling_order import in_calling_order
from server.center.register import offered
from server.journal import iso
from server.layout.kept import Layout, hall_layout
from server.line_now import line_now
from server.rows import Row, staff_words, ticket_answer, ticket_row, ticket_state, window_row, window_state
from server.standing import Present, present, standing_of
from server.tables.layout import halls, windows
from server.tables.queue import slips, tickets


def known_layout(connection: Connection, hall: str) -> Layout:
    layout = hall_layout(connection, hall)
    if layout is None:
        raise HallError("not_found", what="hall", id=hall)
    return layout


def hall_list(connection: Connection, language: str) -> list[dict[str, str]]:
    found = connection.execute(select(halls.c.id, halls.c.name).order_by(halls.c.id)).all()
    return [{"id": row.id, "name": text_in(row.name, language)} for row in found]


_HALL = select(halls.c.epoch, halls.c.seq, halls.c.at, halls.c.day, halls.c.message).where(
    halls.c.id == bindparam("hall")
)
_AT_WINDOWS = select(tickets).where(  # said as the index says it: otherwise SQLite goes through all tickets
    tickets.c.hall_id == bindparam("hall"),
    text("status IN ('called', 'serving')"),
    tickets.c.window_id.is_not(None),
)
_MISSED = (
    select(tickets.c.id, tickets.c.number, tickets.c.ended_at)
    .where(
        tickets.c.hall_id == bindparam("hall"),
        tickets.c.day == bindparam("day"),
        tickets.c.status == TicketStatus.NO_SHOW.value,
    )
    .order_by(tickets.c.ended_at, tickets.c.number)
)
_WINDOWS = select(windows).where(windows.c.hall_id == bindparam("hall")).order_by(windows.c.position)


def board(connection: Connection, hall: str) -> Board:
    """The snapshot from which events fold on (hall/board.py)."""
    layout = known_layout(connection, hall)
    at = connection.execute(_HALL, {"hall": hall}).one()
    there = _tickets_at_windows(connection, hall)
    here = present(connection, layout)
    calls = [call_of(ticket_state(ticket)) for ticket in there.values()]
    calls.sort(key=lambda call: (call["at"], call["number"]), reverse=True)
    missed = connection.execute(_MISSED, {"hall": hall, "day": at.day}).all()
    return {
        "epoch": at.epoch,
        "seq": at.seq,
        "at": iso(at.at),
        "day": at.day.isoformat(),
        "calls": calls,
        "missed": [{"id": one.id, "number": one.number, "at": iso(one.ended_at)} for one in missed],
        "windows": [pick(one, PUBLIC_WINDOW) for one in _window_states(connection, layout, there)],
        "waiting": {line: here.waiting_in(line) for line in layout.lines},
        "message": at.message,
    }


def _tickets_at_windows(connection: Connection, hall: str) -> dict[str, Row]:
    found = connection.execute(_AT_WINDOWS, {"hall": hall})
    return {row.window_id: dict(row._mapping) for row in found}


def _window_states(connection: Connection, layout: Layout, there: dict[str, Row]) -> list[dict[str, Any]]:
    found = connection.execute(_WINDOWS, {"hall": layout.hall})
    return [window_state(layout, dict(row._mapping), there.get(row.id)) for row in found if row.id in layout.windows]


def window_list(connection: Connection, hall: str) -> list[dict[str, Any]]:
    """Every window with its state and the whole ticket that is there."""
    layout = known_layout(connection, hall)
    there = _tickets_at_windows(connection, hall)
    here = present(connection, layout)
    states = _window_states(connection, layout, there)
    for state in states:
        if state["ticket"] is not None:
            state["ticket"] = _answer(connection, layout, there[state["id"]], None)
        state["last_for"] = _last_for(here, state)
    return states


def _last_for(here: Present, window: dict[str, Any]) -> list[str]:
    """The lines that only this open window serves."""
    return here.without(window["id"]) if window["status"] == WindowStatus.OPEN else []


def last_window_warning(
    connection: Connection, hall: str, window: str, now: datetime, language: str
) -> dict[str, Any] | None:
    """What a window that pauses or closes leaves behind: lines without a window while people may still come."""
    layout = known_layout(connection, hall)
    here = present(connection, layout)
    works = layout.days.works(business_day(now, layout.time_zone))
    later = works and left_today(now, layout.time_zone, layout.calling) > timedelta()
    lines = [line for line in here.without(window) if later or here.waiting_in(line)]
    if not lines:
        return None
    names = [text_in(layout.lines[line].name, language) for line in lines]
    message = say(language, "server.last_window", lines=list_text(language, names))
    return {"code": "last_window", "lines": lines, "message": message}


def one_window(connection: Connection, hall: str, window: str, staff: bool) -> dict[str, Any]:
    """A window with its state and the whole ticket that is there; for `staff` with their own words."""
    layout = known_layout(connection, hall)
    row = window_row(connection, hall, window)
    if row is None:
        raise HallError("not_found", what="window", id=window)
    there = ticket_row(connection, hall, row["ticket_id"]) if row["ticket_id"] else None
    state = window_state(layout, row, there)
    state["ticket"] = None if there is None else _answer(connection, layout, there, None)
    state["last_for"] = _last_for(present(connection, layout), state)
    if there is not None and staff:
        state["ticket"] |= staff_words(there)
    return state


def window_today(connection: Connection, hall: str, window: str) -> dict[str, Any]:
    """Today's own figures of a window."""
    row = window_row(connection, hall, window)
    if row is None:
        raise HallError("not_found", what="window", id=window)
    mean = row["service_seconds"] / row["served"] if row["served"] else None
    figures = {"served": row["served"], "mean_service_seconds": mean and round(mean)}
    return {**figures, "overtime_seconds": row["overtime_seconds"]}


def _answer(connection: Connection, layout: Layout, row: Row, now: datetime | None) -> dict[str, Any]:
    standing = standing_of(connection, layout, row, now or row["queued_at"])
    return ticket_answer(row, standing)


def one_ticket(connection: Connection, hall: str, ticket: str, now: datetime) -> tuple[dict[str, Any], Row]:
    """A ticket's answer and its row."""
    layout = known_layout(connection, hall)
    row = ticket_row(connection, hall, ticket)
    if row is None:
        raise HallError("not_found", what="ticket", id=ticket)
    return _answer(connection, layout, row, now), row


def ticket_list(
    connection: Connection,
    hall: str,
    now: datetime,
    status: str | None,
    window: str | None,
    number: str | None,
    limit: int,
    after: str | None,
    visit: str | None = None,
) -> dict[str, Any]:
    """Today's tickets in calling order, a page of `limit` after the ticket `after`: {tickets, after}."""
    layout = known_layout(connection, hall)
    day = connection.execute(_HALL, {"hall": hall}).one().day
    wanted = select(tickets).where(tickets.c.hall_id == hall, tickets.c.day == day)
    if status is not None:
        wanted = wanted.where(tickets.c.status == status)
    if number is not None:
        wanted = wanted.where(tickets.c.number == number.strip().upper())
    if visit is not None:
        wanted = wanted.where(tickets.c.visit_id == visit)
    if window is not None:
        if window not in layout.windows:
            raise HallError("not_found", what="window", id=window)
        wanted = wanted.where(_of_window(layout, window, status))
    rows = [dict(row._mapping) for row in connection.execute(wanted.order_by(tickets.c.issued_seq))]
    if status == TicketStatus.WAITING:
        rows = list(in_calling_order(connection, layout, rows, window, now))
    start = next((place + 1 for place, row in enumerate(rows) if row["id"] == after), 0)
    page = rows[start : start + limit]
    more = start + limit < len(rows)
    unsaid = {"ahead": None, "expected_wait": None}
    answers = [ticket_answer(row, {**unsaid, "windows": []}) | staff_words(row) for row in page]
    if status == TicketStatus.WAITING and window is not None:
        for place, answer in enumerate(answers):
            answer["ahead"] = start + place
    return {"tickets": answers, "after": page[-1]["id"] if more else None}


def _of_window(layout: Layout, window: str, status: str | None) -> ColumnElement[bool]:
    """What is a window's: the tickets there, of its lines, or waiting for it or its clerk alone and no other; of the
    held ones, those that it or its clerk set aside."""
    clerk = select(windows.c.clerk).where(windows.c.hall_id == layout.hall, windows.c.id == window).scalar_subquery()
    if status == TicketStatus.HELD:
        return (tickets.c.window_id == window) | (tickets.c.held_by == clerk)
    own = (tickets.c.pool == f"w:{window}") | (tickets.c.pool == "c:" + clerk)
    of_lines = tickets.c.line_id.in_(list(layout.windows[window].ranks)) & (tickets.c.pool == "")
    return (tickets.c.window_id == window) | of_lines | own


def catalogue(
    connection: Connection, hall: str, language: str, now: datetime, always_open: bool, public_url: str | None
) -> dict[str, Any]:
    """What the kiosk shows, in one language."""
    layout = known_layout(connection, hall)
    here = present(connection, layout)
    return {
        "hall": {
            "id": hall,
            "name": text_in(layout.name, language),
            "time_zone": str(layout.time_zone),
            "calling": [f"{start:%H:%M}-{end:%H:%M}" for start, end in layout.calling],
        },
        "at": iso(now),
        "day": connection.execute(_HALL, {"hall": hall}).one().day.isoformat(),
        "units": [{"id": key, "name": text_in(name, language)} for key, name in layout.units.items()],
        "categories": [
            {"id": one["id"], "name": text_in(one["name"], language)} for one in layout.categories[-1]["categories"]
        ],
        "zones": [{**zone, "name": text_in(zone["name"], language)} for zone in layout.zones.values()],
        "lines": [line_now(here, line, language, now, always_open) for line in layout.lines.values()],
        "matters": [
            {
                **{part: one[part] for part in ("id", "unit", "line")},
                "category": layout.category_now[one["category"]],
                **layout.spellings[key],
                "name": text_in(one["name"], language),
                "papers": [text_in(paper, language) for paper in one["more"].papers],
            }
            for key, one in offered(layout).items()
        ],
        "classes": [{"id": one.value, "name": say(language, f"server.class_{one.value}")} for one in _classes(layout)],
        "guide_line": layout.guide_line,
        "rules": layout.rules.model_dump(),
        "outcomes": [{"id": one.value, "name": say(language, f"server.outcome_{one.value}")} for one in Outcome],
        "public_url": public_url,
    }


def _classes(layout: Layout) -> list[VisitorClass]:
    """Those that someone can have here."""
    bookable = any(line.more.booking for line in layout.lines.values())
    return [one for one in VisitorClass if one != VisitorClass.BOOKED or bookable]


def slip_list(connection: Connection, hall: str, device: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest slips first, of one device or of all."""
    wanted = select(slips, tickets.c.number).join(
        tickets, (tickets.c.hall_id == slips.c.hall_id) & (tickets.c.id == slips.c.ticket_id)
    )
    wanted = wanted.where(slips.c.hall_id == hall)
    if device is not None:
        wanted = wanted.where(slips.c.device == device)
    found = connection.execute(wanted.order_by(slips.c.at.desc()).limit(limit))
    return [
        {
            "id": row.id,
            "ticket": row.ticket_id,
            "number": row.number,
            "device": row.device,
            "reprint": row.reprint,
            "status": row.status,
            "reason": row.reason,
            "at": iso(row.at),
        }
        for row in found
    ]


def slip_to_print(connection: Connection, hall: str, slip: str) -> dict[str, Any]:
    """What a device needs to print a reprint: {slip, reprint, ticket}."""
    row = connection.execute(select(slips).where(slips.c.hall_id == hall, slips.c.id == slip)).one()
    ticket = ticket_row(connection, hall, row.ticket_id)
    assert ticket is not None
    answer = _answer(connection, known_layout(connection, hall), ticket, None)
    return {"slip": {"id": slip}, "reprint": row.reprint, "ticket": {**answer, "slip": {"id": slip}}}
