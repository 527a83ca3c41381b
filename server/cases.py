"""A bad rating's case: answered in a working day, put right in fifteen, and rated once more by its visitor.

The visitor comes by the case's own code; staff see the case without the code and without any ticket.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from hall.errors import HallError
from server.journal import iso
from server.ratings import Given, keep_rating, moment_of
from server.tables import cases, halls, ratings

_CASES = select(cases, ratings.c.level, ratings.c.reasons, ratings.c.words, ratings.c.clerk).join(
    ratings, (ratings.c.hall_id == cases.c.hall_id) & (ratings.c.id == cases.c.rating_id)
)


def case_list(
    connection: Connection, hall: str, now: datetime, status: str | None, limit: int, after: str | None
) -> dict[str, Any]:
    """The cases of a hall, the earliest due first, a page of `limit` after the case `after`."""
    wanted = _CASES.where(cases.c.hall_id == hall)
    if status is not None:
        wanted = wanted.where(cases.c.status == status)
    rows = connection.execute(wanted.order_by(cases.c.answer_by, cases.c.id)).all()
    start = next((place + 1 for place, row in enumerate(rows) if row.id == after), 0)
    page = rows[start : start + limit]
    more = start + limit < len(rows)
    return {"cases": [_told(connection, row, now) for row in page], "after": page[-1].id if more else None}


def one_case(connection: Connection, hall: str, case: str, now: datetime) -> dict[str, Any]:
    return _told(connection, _known(connection, hall, case), now)


def _known(connection: Connection, hall: str, case: str) -> Row[Any]:
    row = connection.execute(_CASES.where(cases.c.hall_id == hall, cases.c.id == case)).one_or_none()
    if row is None:
        raise HallError("not_found", what="case", id=case)
    return row


def _told(connection: Connection, row: Row[Any], now: datetime) -> dict[str, Any]:
    """A case as staff see it."""
    today = moment_of(connection, row.hall_id, now).day
    late = {"open": today > row.answer_by, "answered": today > row.right_by, "closed": False}[row.status]
    return {
        "id": row.id,
        **_dates(row),
        "overdue": late,
        "line": row.line_id,
        "window": row.window_id,
        "level": row.level,
        "reasons": row.reasons,
        "words": row.words,
        "follow_up": _follow_up(connection, row.hall_id, row.id),
    }


def _dates(row: Row[Any]) -> dict[str, Any]:
    return {
        "status": row.status,
        "opened_on": row.opened_on.isoformat(),
        "answer_by": row.answer_by.isoformat(),
        "right_by": row.right_by.isoformat(),
        "answer": row.answer,
        "answered_at": row.answered_at and iso(row.answered_at),
        "closed_at": row.closed_at and iso(row.closed_at),
    }


def _follow_up(connection: Connection, hall: str, case: str) -> int | None:
    given = select(ratings.c.level).where(ratings.c.hall_id == hall, ratings.c.follows == case)
    level: int | None = connection.execute(given).scalar_one_or_none()
    return level


def answer_case(connection: Connection, hall: str, case: str, answer: str, now: datetime) -> dict[str, Any]:
    """Answers an open case; the same answer again changes nothing. Any other is `illegal_move`."""
    row = _locked(connection, hall, case)
    if row.status == "open":
        _change(connection, row, status="answered", answer=answer, answered_at=now)
    elif row.answer != answer:
        raise HallError("illegal_move", move="answer", number=case, status=row.status)
    return one_case(connection, hall, case, now)


def close_case(connection: Connection, hall: str, case: str, now: datetime) -> dict[str, Any]:
    """Closes an answered case once the matter is put right; said again it changes nothing."""
    row = _locked(connection, hall, case)
    if row.status == "open":
        raise HallError("illegal_move", move="close", number=case, status=row.status)
    if row.status == "answered":
        _change(connection, row, status="closed", closed_at=now)
    return one_case(connection, hall, case, now)


def _locked(connection: Connection, hall: str, case: str) -> Row[Any]:
    connection.execute(select(halls.c.id).where(halls.c.id == hall).with_for_update())
    return _known(connection, hall, case)


def _change(connection: Connection, row: Row[Any], **values: Any) -> None:
    connection.execute(update(cases).where(cases.c.hall_id == row.hall_id, cases.c.id == row.id).values(values))


def case_of_code(connection: Connection, code: str) -> Row[Any]:
    """The case behind a visitor's code, however its hyphens and capitals were typed."""
    letters = "".join(one for one in code.upper() if one.isalnum())
    spelled = "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))
    row = connection.execute(_CASES.where(cases.c.code == spelled)).one_or_none()
    if row is None:
        raise HallError("not_found", what="code", id="")
    return row


def case_for_visitor(connection: Connection, code: str) -> dict[str, Any]:
    """What the visitor sees: how far it is, by when, the answer, and whether it may be rated once more."""
    row = case_of_code(connection, code)
    level = _follow_up(connection, row.hall_id, row.id)
    return {**_dates(row), "follow_up": level, "may_rate": row.status != "open" and level is None}


def rate_case(connection: Connection, code: str, given: Given, now: datetime) -> dict[str, Any]:
    """The one follow-up rating, once the case is answered. It opens no other case."""
    row = case_of_code(connection, code)
    row = _locked(connection, row.hall_id, row.id)
    level = _follow_up(connection, row.hall_id, row.id)
    if row.status == "open":
        raise HallError("rating_closed")
    if level is not None and level != given.level:
        raise HallError("already_rated")
    if level is None:
        of = {"line_id": row.line_id, "window_id": row.window_id, "clerk": row.clerk}
        keep_rating(connection, moment_of(connection, row.hall_id, now), of, given, row.id)
    return case_for_visitor(connection, code)
