"""What is done in a case: assigned, stated by the unit, answered and closed by the center's own people."""

from typing import Any

from hall.errors import HallError
from server.actions.own_case import of_unit
from server.center.case_rows import Row, Sealed, add_step, case_row, change_case, own_people
from server.command import Done, Tx
from server.journal import Draft
from server.people import Principal


def assign_case(tx: Tx, by: Principal, case: str, owner: str | None) -> Done:
    """Somebody of the center sees to a case: `case.assigned`; None: the supervisor on duty.

    Refuses `own_case` to people of a unit, `illegal_move` once it is closed, `not_found` for a name that is nobody's.
    """
    row = _in_hand(tx, by, case)
    if row["status"] == "closed":
        raise _illegal("assign", row)
    if owner is not None and owner not in own_people(tx.connection, tx.hall.id):
        raise HallError("not_found", what="person", id=owner)
    if row["owner"] == owner:
        return Done(None)
    change_case(tx.connection, row, owner=owner)
    return _done(tx, by, row, "assigned", None, owner=owner)


def state_case(tx: Tx, by: Principal, case: str, words: str) -> Done:
    """The unit complained of says how it sees it, `case.stated`; the center's own note something: `case.noted`.

    Another unit's case is `not_found`; once it is closed `illegal_move`.
    """
    row = case_row(tx.connection, tx.hall.id, case)
    if of_unit(by) and (by.unit is None or row["unit_id"] != by.unit):
        raise HallError("not_found", what="case", id=case)
    if row["status"] == "closed":
        raise _illegal("state", row)
    return _done(tx, by, row, "stated" if of_unit(by) else "noted", Sealed(words))


def answer_case(tx: Tx, by: Principal, case: str, answer: str) -> Done:
    """Answers an open case: `case.answered`. The same answer again changes nothing, any other is `illegal_move`."""
    row = _in_hand(tx, by, case)
    if row["status"] != "open":
        if row["answer"] == answer:
            return Done(None)
        raise _illegal("answer", row)
    words = Sealed(answer)
    change_case(tx.connection, row, status="answered", answer=answer, answered_at=tx.now)
    return _done(tx, by, row, "answered", words)


def close_case(tx: Tx, by: Principal, case: str) -> Done:
    """Closes an answered case once the matter is put right: `case.closed`; said again it changes nothing."""
    row = _in_hand(tx, by, case)
    if row["status"] == "open":
        raise _illegal("close", row)
    if row["status"] == "closed":
        return Done(None)
    change_case(tx.connection, row, status="closed", closed_at=tx.now)
    return _done(tx, by, row, "closed", None)


def _in_hand(tx: Tx, by: Principal, case: str) -> Row:
    """The case, where `by` is one of the center's own: nobody whom a unit has stationed deals with any."""
    row = case_row(tx.connection, tx.hall.id, case)
    if of_unit(by):
        raise HallError("own_case", what="case", unit=by.unit, number=case)
    return row


def _illegal(move: str, row: Row) -> HallError:
    return HallError("illegal_move", move=move, number=row["id"], status=row["status"])


def _done(tx: Tx, by: Principal, row: Row, what: str, words: Sealed | None, **data: Any) -> Done:
    """The step in the case, and its event without a word of what was said."""
    kept = Sealed(data["owner"]) if data.get("owner") else words
    add_step(tx.connection, row, what, by.name, tx.now, kept)
    told = {"case": row["id"], "by": by.name, **data, **({"words": words.digest} if words else {})}
    return Done(None, [Draft(f"case.{what}", told)])
