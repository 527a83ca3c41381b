"""Who a ticket is for, where a line asks: a hash with a key of the day and a masked tail, both destroyed at night.

The number itself is written nowhere: not in a row, an event, a kept answer, a digest or a log.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date

from pydantic import SecretStr
from sqlalchemy import Connection, bindparam, delete, func, insert, select, text

from hall.errors import HallError
from hall.identity import document_number, tail_of
from hall.words import TicketStatus
from server.command import Tx
from server.layout.kept import LineRow
from server.tables.queue import tickets
from server.tables.visitors import day_keys, identities

LIVE = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.HELD)
"""Who missed a number may take another."""

_MAKE_KEY = text(
    "INSERT INTO day_keys (hall_id, day, key) VALUES (:hall, :day, :key) ON CONFLICT (hall_id, day) DO NOTHING"
).bindparams(bindparam("day", type_=day_keys.c.day.type))
_KEY = select(day_keys.c.key).where(day_keys.c.hall_id == bindparam("hall"), day_keys.c.day == bindparam("day"))


@dataclass(frozen=True)
class Identity:
    """The person who came and, where that is an agent, the principal whose matter it is."""

    person: str
    tail: str
    principal: str | None
    principal_tail: str | None

    @property
    def whose(self) -> str:
        """Whose matter it is."""
        return self.principal or self.person


def hash_of(connection: Connection, hall: str, day: date, number: SecretStr) -> str:
    """A person's number under the key of a day, which is made at its first use; to be called in the hall's lock."""
    key = {"hall": hall, "day": day}
    connection.execute(_MAKE_KEY, {**key, "key": secrets.token_hex(32)})
    day_key = connection.execute(_KEY, key).scalar_one()
    spelled = document_number(number.get_secret_value())
    return hmac.new(bytes.fromhex(day_key), spelled.encode(), hashlib.sha256).hexdigest()


def identify(tx: Tx, line: LineRow, person: SecretStr | None, principal: SecretStr | None) -> Identity | None:
    """Who asks for a ticket of the line; None, and nothing kept, where the line does not ask.

    Refuses `identity_needed` naming the field that lacks, `already_waiting` who has a live ticket of the line,
    `agent_limit` an agent with as many there as the line allows.
    """
    if line.more.identity == "none":
        return None
    if person is None:
        raise HallError("identity_needed", field="person", line=line.id)
    found = _hashed(tx, person, principal)
    _refuse_second(tx, line, found)
    return found


def _hashed(tx: Tx, person: SecretStr, principal: SecretStr | None) -> Identity:
    own = hash_of(tx.connection, tx.hall.id, tx.hall.day, person)
    tail = tail_of(document_number(person.get_secret_value()))
    if principal is None:
        return Identity(own, tail, None, None)
    other = hash_of(tx.connection, tx.hall.id, tx.hall.day, principal)
    if other == own:
        return Identity(own, tail, None, None)
    return Identity(own, tail, other, tail_of(document_number(principal.get_secret_value())))


def _refuse_second(tx: Tx, line: LineRow, asks: Identity) -> None:
    whose = func.coalesce(identities.c.principal, identities.c.person)
    live = tx.connection.execute(
        select(tickets.c.number, identities.c.person, identities.c.principal, whose.label("whose"))
        .join(tickets, (tickets.c.hall_id == identities.c.hall_id) & (tickets.c.id == identities.c.ticket_id))
        .where(
            identities.c.hall_id == tx.hall.id,
            (identities.c.person == asks.person) | (whose == asks.whose),
            tickets.c.line_id == line.id,
            tickets.c.status.in_([one.value for one in LIVE]),
        )
    ).all()
    for one in live:
        if one.whose == asks.whose:
            # A number is told to the one who took it and to the one whose matter it is, to no other agent.
            own = asks.principal is None or one.person == asks.person
            raise HallError("already_waiting", line=line.id, number=one.number if own else "")
    if asks.principal is not None and sum(one.principal is not None for one in live) >= line.more.agent_limit:
        raise HallError("agent_limit", line=line.id, n=line.more.agent_limit)


def keep_identity(tx: Tx, ticket: str, found: Identity) -> None:
    tx.connection.execute(
        insert(identities).values(
            hall_id=tx.hall.id,
            ticket_id=ticket,
            person=found.person,
            tail=found.tail,
            principal=found.principal,
            principal_tail=found.principal_tail,
        )
    )


def forget_persons(tx: Tx) -> None:
    """At the beginning of a day: the keys of the days before it and all hashes and tails are destroyed.

    The key of a coming day, for which someone has booked, stays until that day is over.
    """
    tx.connection.execute(delete(identities).where(identities.c.hall_id == tx.hall.id))
    tx.connection.execute(delete(day_keys).where(day_keys.c.hall_id == tx.hall.id, day_keys.c.day < tx.hall.day))
