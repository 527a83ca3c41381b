"""Cases as they are seen: by the center's own people, by the unit complained of, by who looks on, by the visitor.

A bad rating opens one (server/center/ratings.py), a complaint another (server/actions/complaining.py). The visitor
comes by the case's own code; staff see a case without the code, and without a ticket unless its visitor gave the
number.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true, tuple_, update

from hall.errors import HallError
from hall.words import Role
from server.actions.own_case import of_unit
from server.center.case_rows import Sealed, add_step, change_case, own_people
from server.center.ratings import Given, keep_rating, moment_of
from server.journal import iso
from server.people import Principal
from server.tables.layout import halls
from server.tables.queue import tickets
from server.tables.ratings import case_steps, cases, ratings

Row = dict[str, Any]
DEALING = (Role.DESK, Role.SUPERVISOR)
_follow = ratings.alias("follow")
_CASES: Select[Any] = (
    select(
        cases,
        ratings.c.level,
        ratings.c.reasons,
        ratings.c.words.label("rated_words"),
        ratings.c.clerk,
        func.coalesce(cases.c.follow_up, _follow.c.level).label("followed"),
        tickets.c.number,
    )
    .outerjoin(ratings, and_(ratings.c.hall_id == cases.c.hall_id, ratings.c.id == cases.c.rating_id))
    .outerjoin(_follow, and_(_follow.c.hall_id == cases.c.hall_id, _follow.c.follows == cases.c.id))
    .outerjoin(tickets, and_(tickets.c.hall_id == cases.c.hall_id, tickets.c.id == cases.c.ticket_id))
)


@dataclass(frozen=True)
class Wanted:
    """Which cases are asked for."""

    status: str | None = None
    kind: str | None = None
    unit: str | None = None
    overdue: bool = False
    limit: int = 100
    after: str | None = None


def case_list(connection: Connection, by: Principal, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """{cases, after, counts}: the earliest due first, a page after the case `after`, and how many are open and late."""
    today = moment_of(connection, by.hall, now).day
    found = _CASES.where(_seen(by), *_asked(wanted, today))
    if wanted.after is not None:
        last = select(cases.c.answer_by, cases.c.id).where(cases.c.hall_id == by.hall, cases.c.id == wanted.after)
        if (place := connection.execute(last).one_or_none()) is not None:
            found = found.where(tuple_(cases.c.answer_by, cases.c.id) > tuple_(*place))
    rows = connection.execute(found.order_by(cases.c.answer_by, cases.c.id).limit(wanted.limit + 1)).all()
    page = [dict(row._mapping) for row in rows[: wanted.limit]]
    return {
        "cases": [_told(by, row, today) for row in page],
        "after": page[-1]["id"] if len(rows) > wanted.limit else None,
        "counts": _counts(connection, by, today),
    }


def _seen(by: Principal) -> ColumnElement[bool]:
    """People of a unit see what is complained of it, and nothing else."""
    own = cases.c.hall_id == by.hall
    return and_(own, cases.c.unit_id == (by.unit or "")) if of_unit(by) else own


def _asked(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    asked = {cases.c.status: wanted.status, cases.c.kind: wanted.kind, cases.c.unit_id: wanted.unit}
    return [
        *(column == value for column, value in asked.items() if value is not None),
        _late(today) if wanted.overdue else true(),
    ]


def _late(today: date) -> ColumnElement[bool]:
    return or_(
        and_(cases.c.status == "open", cases.c.answer_by < today),
        and_(cases.c.status == "answered", cases.c.right_by < today),
    )


def _counts(connection: Connection, by: Principal, today: date) -> dict[str, int]:
    """How many there are of each status, how many are late, and how many are to be answered today."""
    counted = {
        row.status: row.n
        for row in connection.execute(_count_of(by).add_columns(cases.c.status).group_by(cases.c.status))
    }
    late = connection.execute(_count_of(by).where(_late(today))).scalar_one()
    now = connection.execute(_count_of(by).where(cases.c.status == "open", cases.c.answer_by == today)).scalar_one()
    return {**{key: counted.get(key, 0) for key in ("open", "answered", "closed")}, "overdue": late, "due_today": now}


def _count_of(by: Principal) -> Select[Any]:
    return select(func.count().label("n")).select_from(cases).where(_seen(by))


def one_case(connection: Connection, by: Principal, case: str, now: datetime) -> dict[str, Any]:
    """One case with its steps, who may be given it, and what `by` may do. `not_found` where it is not theirs to see."""
    row = connection.execute(_CASES.where(_seen(by), cases.c.id == case)).one_or_none()
    if row is None:
        raise HallError("not_found", what="case", id=case)
    whole = dict(row._mapping)
    today = moment_of(connection, by.hall, now).day
    may = _may(by, whole)
    people = own_people(connection, by.hall) if "assign" in may else []
    return {**_told(by, whole, today), "steps": _steps(connection, by, whole), "may": may, "people": people}


def _may(by: Principal, row: Row) -> list[str]:
    if row["status"] == "closed" or by.role not in (*DEALING, Role.UNIT_HEAD):
        return []
    if of_unit(by):
        return ["state"]
    return [
        "state",
        "answer" if row["status"] == "open" else "close",
        *(["assign"] if by.role == Role.SUPERVISOR else []),
    ]


def _told(by: Principal, row: Row, today: date) -> dict[str, Any]:
    """A case as staff see it. A rating's words, a contact and a number are for who deals with it."""
    dealing = by.role in DEALING and not of_unit(by)
    rated = row["kind"] == "rating"
    late = {"open": today > row["answer_by"], "answered": today > row["right_by"], "closed": False}[row["status"]]
    return {
        "id": row["id"],
        "kind": row["kind"],
        **_dates(row),
        "overdue": late,
        "unit": row["unit_id"],
        "line": row["line_id"],
        "window": row["window_id"],
        "owner": row["owner"],
        "opened_by": row["opened_by"],
        "level": row["level"],
        "reasons": row["reasons"] or [],
        "words": row["rated_words" if rated else "words"] if dealing or not rated else None,
        "contact": row["contact"] if dealing else None,
        "number": row["number"] if dealing else None,
        "follow_up": row["followed"],
    }


def _dates(row: Row) -> dict[str, Any]:
    return {
        "status": row["status"],
        "opened_on": row["opened_on"].isoformat(),
        "answer_by": row["answer_by"].isoformat(),
        "right_by": row["right_by"].isoformat(),
        "answer": row["answer"],
        "answered_at": row["answered_at"] and iso(row["answered_at"]),
        "closed_at": row["closed_at"] and iso(row["closed_at"]),
    }


def _steps(connection: Connection, by: Principal, row: Row) -> list[dict[str, Any]]:
    """What the center notes for itself is not for the unit complained of."""
    of = case_steps.c
    found = connection.execute(
        select(case_steps).where(of.hall_id == row["hall_id"], of.case_id == row["id"]).order_by(of.place)
    )
    kept = [one for one in found if one.what != "noted" or not of_unit(by)]
    return [{"at": iso(one.at), "what": one.what, "by": one.by, "words": one.words} for one in kept]


def case_of_code(connection: Connection, code: str) -> Row:
    """The case behind a visitor's code, however its hyphens and capitals were typed."""
    letters = "".join(one for one in code.upper() if one.isalnum())
    spelled = "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))
    row = connection.execute(_CASES.where(cases.c.code == spelled)).one_or_none()
    if row is None:
        raise HallError("not_found", what="code", id="")
    return dict(row._mapping)


def code_of_ticket(connection: Connection, ticket: Row) -> str | None:
    """The code of the case that a ticket's visitor opened with the own number."""
    own = select(cases.c.code).where(cases.c.hall_id == ticket["hall_id"], cases.c.ticket_id == ticket["id"])
    return connection.execute(own.order_by(cases.c.opened_on.desc(), cases.c.id)).scalars().first()


def case_for_visitor(connection: Connection, code: str) -> dict[str, Any]:
    """What the visitor sees: how far it is, by when, the answer, and whether it may be rated once more."""
    row = case_of_code(connection, code)
    may_rate = row["status"] != "open" and row["followed"] is None
    said = {"kind": row["kind"], "words": row["words"], "follow_up": row["followed"]}
    return {**_dates(row), **said, "may_rate": may_rate}


def rate_case(connection: Connection, code: str, given: Given, now: datetime) -> dict[str, Any]:
    """The one follow-up rating, once the case is answered. It opens no other case."""
    row = case_of_code(connection, code)
    connection.execute(select(halls.c.id).where(halls.c.id == row["hall_id"]).with_for_update())
    row = case_of_code(connection, code)
    if row["status"] == "open":
        raise HallError("rating_closed")
    if row["followed"] not in (None, given.level):
        raise HallError("already_rated")
    if row["followed"] is None:
        _follow_up(connection, row, given, now)
    return case_for_visitor(connection, code)


def _follow_up(connection: Connection, row: Row, given: Given, now: datetime) -> None:
    """Of a rating's case it is one more rating; a complaint keeps it itself, as it may name no line."""
    if row["kind"] == "rating":
        of = {"line_id": row["line_id"], "window_id": row["window_id"], "clerk": row["clerk"]}
        keep_rating(connection, moment_of(connection, row["hall_id"], now), of, given, row["id"])
        return
    case = {key: row[key] for key in ("hall_id", "id")}
    change_case(connection, case, follow_up=given.level)
    add_step(connection, case, "rated", "visitor", now, Sealed(given.words) if given.words else None)


def erase_words(connection: Connection, hall: str, case: str) -> bool:
    """Erases what a visitor and the unit wrote in a case, the contact and the number; False: there is no such case.

    The center's answer stays. The journal has of the words a salted digest alone, and the salt goes with them.
    """
    own = and_(cases.c.hall_id == hall, cases.c.id == case)
    rating = connection.execute(select(cases.c.rating_id).where(own)).one_or_none()
    if rating is None:
        return False
    gone = {"words": None, "salt": None}
    connection.execute(update(cases).where(own).values(**gone, contact=None, ticket_id=None))
    of = case_steps.c
    said = and_(of.hall_id == hall, of.case_id == case, of.what.in_(("noted", "stated", "rated")))
    connection.execute(update(case_steps).where(said).values(gone))
    rated = or_(ratings.c.id == rating.rating_id, ratings.c.follows == case)
    connection.execute(update(ratings).where(ratings.c.hall_id == hall, rated).values(words=None))
    return True
