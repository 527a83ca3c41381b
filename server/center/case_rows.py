"""The rows of a case: one opened with its due dates, one found, the steps taken in it, and words that can be erased."""

import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from hall.errors import HallError
from hall.words import Role
from server.layout.kept import Layout
from server.tables.people import accounts, tokens
from server.tables.ratings import case_steps, cases

Row = dict[str, Any]
ANSWER_DAYS, RIGHT_DAYS = 1, 15
"""Working days until a case is answered, and until the matter is put right."""
DEALING = (Role.DESK.value, Role.SUPERVISOR.value)


@dataclass(frozen=True)
class Sealed:
    """Words as a row keeps them: the journal gets the digest alone, so that erased words can be told by nobody."""

    words: str
    salt: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def digest(self) -> str:
        return sha256(f"{self.salt}{self.words}".encode()).hexdigest()


def new_case(layout: Layout, day: date, code: str, **of: Any) -> Row:
    """An open case, due in working days; `of`: what is known of it."""
    nothing: Row = dict.fromkeys(cases.c.keys())
    return {
        **nothing,
        "hall_id": layout.hall,
        "id": secrets.token_hex(16),
        "code": code,
        "kind": "rating",
        "status": "open",
        "opened_on": day,
        "answer_by": working_day(layout, day, ANSWER_DAYS),
        "right_by": working_day(layout, day, RIGHT_DAYS),
        **of,
    }


def working_day(layout: Layout, day: date, count: int) -> date:
    """The working day so many after a day."""
    for _ in range(count):
        day = layout.days.next_after(day) or day + timedelta(days=1)
    return day


def case_code(seed: str) -> str:
    """K7QM-4XRT-9WPD: 60 bits that a hand can copy."""
    letters = b32encode(sha256(seed.encode()).digest()).decode()[:12].replace("I", "8").replace("O", "9")
    return "-".join(letters[place : place + 4] for place in (0, 4, 8))


def unit_of(layout: Layout, line: str | None, matter: str | None = None) -> str | None:
    """Whose service it is: the matter's unit, or that of all the line's matters; None where they are of several."""
    if matter is not None and matter in layout.matters:
        return str(layout.matters[matter]["unit"])
    units = {one["unit"] for one in layout.matters.values() if one["line"] == line}
    return units.pop() if len(units) == 1 else None


def case_row(connection: Connection, hall: str, case: str) -> Row:
    """Raises `not_found`."""
    found = connection.execute(select(cases).where(cases.c.hall_id == hall, cases.c.id == case)).one_or_none()
    if found is None:
        raise HallError("not_found", what="case", id=case)
    return dict(found._mapping)


def change_case(connection: Connection, row: Row, **values: Any) -> None:
    """Changes a case in the table and in hand."""
    row.update(values)
    connection.execute(update(cases).where(cases.c.hall_id == row["hall_id"], cases.c.id == row["id"]).values(values))


def add_step(connection: Connection, case: Row, what: str, by: str, at: datetime, words: Sealed | None = None) -> None:
    key = {"hall_id": case["hall_id"], "case_id": case["id"]}
    of = case_steps.c
    taken = select(func.count()).where(of.hall_id == key["hall_id"], of.case_id == key["case_id"])
    step = {**key, "place": connection.execute(taken).scalar_one() + 1, "at": at, "what": what, "by": by}
    said = {"words": words and words.words, "salt": words and words.salt}
    connection.execute(insert(case_steps), {**step, **said})


def own_people(connection: Connection, hall: str) -> list[str]:
    """By name, the center's own who may see to a case."""
    tokened = select(tokens.c.name).where(
        tokens.c.hall_id == hall,
        tokens.c.role.in_(DEALING),
        tokens.c.unit_id.is_(None),
        tokens.c.revoked_at.is_(None),
    )
    signed = select(accounts.c.login).where(
        accounts.c.hall_id == hall,
        accounts.c.role.in_(DEALING),
        accounts.c.unit_id.is_(None),
        accounts.c.disabled_at.is_(None),
    )
    return sorted({*connection.execute(tokened).scalars(), *connection.execute(signed).scalars()})
