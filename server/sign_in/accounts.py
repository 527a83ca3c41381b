"""Accounts: the first one of a hall, the list, and what a security administrator or the person themself changes."""

import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from hall.errors import HallError
from hall.words import DEVICE_ROLES, Role
from server.journal import iso
from server.people import Principal
from server.rows import Row
from server.sign_in.sessions import end_sessions, living, open_sessions
from server.tables.layout import units
from server.tables.people import accounts, lockouts

FIRST = "admin"
OF_UNITS = frozenset({Role.CLERK, Role.UNIT_HEAD})
"""Who may belong to a stationed unit; everybody else is the center's own."""


@dataclass(frozen=True, slots=True)
class Person:
    login: str
    name: str
    role: Role
    unit: str | None


def plain_login(text: str) -> str:
    return text.strip().lower()


def made_id(who: Principal, request_id: str | None) -> str:
    """The id of what a request makes: the same request makes the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{who.hall} {who.id} {request_id}") if request_id else uuid.uuid4())


def known_account(connection: Connection, hall: str, key: str, hold: bool = False) -> Row:
    """Raises `not_found`. `hold`: nobody else changes it until the transaction ends."""
    wanted = select(accounts).where(accounts.c.hall_id == hall, accounts.c.id == key)
    row = connection.execute(wanted.with_for_update() if hold else wanted).one_or_none()
    if row is None:
        raise HallError("not_found", what="account", id=key)
    return dict(row._mapping)


def account_of_login(connection: Connection, hall: str, login: str) -> Row | None:
    row = connection.execute(select(accounts).where(accounts.c.hall_id == hall, accounts.c.login == login))
    found = row.one_or_none()
    return None if found is None else dict(found._mapping)


def told(connection: Connection, account: Row, now: datetime) -> dict[str, Any]:
    """An account as administrators see it: nothing that signs in."""
    locked = select(func.max(lockouts.c.until)).where(
        lockouts.c.hall_id == account["hall_id"], lockouts.c.login == account["login"], lockouts.c.until > now
    )
    until = connection.execute(locked).scalar_one()
    open_still = open_sessions(connection, account["hall_id"], account["id"], now)
    return {
        "id": account["id"],
        "login": account["login"],
        "name": account["name"],
        "role": account["role"],
        "unit": account["unit_id"],
        "must_change": account["must_change"],
        "second_factor": account["totp_at"] is not None,
        "openid": account["openid_subject"] is not None,
        "locked_until": iso(until) if until else None,
        "disabled_at": iso(account["disabled_at"]) if account["disabled_at"] else None,
        "created_at": iso(account["created_at"]),
        "seen_at": iso(max(one["seen_at"] for one in open_still)) if open_still else None,
        "sessions": len(open_still),
    }


def account_list(
    connection: Connection, hall: str, search: str | None, limit: int, after: str | None, now: datetime
) -> dict[str, Any]:
    """The hall's accounts by login, from `after` on."""
    wanted = select(accounts).where(accounts.c.hall_id == hall, accounts.c.login > (after or ""))
    if search:
        text = "%" + re.sub(r"([%_/])", r"/\1", search.strip().lower()) + "%"
        wanted = wanted.where(
            or_(accounts.c.login.like(text, escape="/"), func.lower(accounts.c.name).like(text, escape="/"))
        )
    rows = [dict(row._mapping) for row in connection.execute(wanted.order_by(accounts.c.login).limit(limit + 1))]
    more = len(rows) > limit
    return {
        "accounts": [told(connection, row, now) for row in rows[:limit]],
        "after": rows[limit - 1]["login"] if more else None,
    }


def halls_with_accounts(connection: Connection) -> list[str]:
    return list(connection.execute(select(accounts.c.hall_id).distinct()).scalars())


def first_account(connection: Connection, hall: str, password_hash: str, now: datetime) -> bool:
    """Where a hall has no account, its security administrator with a password to be changed; False: it has some."""
    if connection.execute(select(accounts.c.id).where(accounts.c.hall_id == hall).limit(1)).one_or_none():
        return False
    _insert(
        connection,
        hall,
        f"a-{secrets.token_hex(8)}",
        Person(FIRST, FIRST, Role.SECURITY_ADMIN, None),
        password_hash,
        "",
        "start",
        now,
    )
    return True


def add_account(
    connection: Connection, who: Principal, person: Person, password_hash: str, request: str, now: datetime
) -> Row:
    """A new account with a password to be changed at the first sign-in; the same request again makes no second one."""
    key = f"a-{request[-12:]}{request[:8]}"
    made = select(accounts).where(accounts.c.hall_id == who.hall, accounts.c.id == key)
    if (row := connection.execute(made).one_or_none()) is not None:
        if (row.login, row.given_by) != (person.login, request):
            raise HallError("request_reused", request_id="")
        return dict(row._mapping)
    _refuse_unfit(connection, who.hall, person)
    if account_of_login(connection, who.hall, person.login):
        raise HallError("login_taken", login=person.login)
    _insert(connection, who.hall, key, person, password_hash, request, who.id, now)
    return known_account(connection, who.hall, key)


def _insert(
    connection: Connection,
    hall: str,
    key: str,
    person: Person,
    password_hash: str,
    request: str,
    made_by: str,
    now: datetime,
) -> None:
    row: dict[str, Any] = {"hall_id": hall, "id": key, "login": person.login, "name": person.name, "role": person.role}
    row |= {"unit_id": person.unit, "password_hash": password_hash, "password_at": now, "must_change": True}
    row |= {"given_by": request, "recovery": [], "created_by": made_by, "created_at": now}
    connection.execute(insert(accounts), row)


def _refuse_unfit(connection: Connection, hall: str, person: Person) -> None:
    if person.role in DEVICE_ROLES:
        raise HallError("bad_body", field="role", expected="a person's role")
    if person.unit is not None and person.role not in OF_UNITS:
        raise HallError("bad_body", field="unit", expected="none: this role is the center's own")
    if person.role is Role.UNIT_HEAD and person.unit is None:
        raise HallError("bad_body", field="unit", expected="the unit they head")
    known = select(units.c.id).where(units.c.hall_id == hall, units.c.id == person.unit, units.c.closed.is_(False))
    if person.unit is not None and connection.execute(known).one_or_none() is None:
        raise HallError("not_found", what="unit", id=person.unit)


def change_account(connection: Connection, who: Principal, key: str, person: Person, now: datetime) -> list[str]:
    """Name, role and unit; says what changed. Another role or unit ends every session of the account.

    Nobody changes their own role or unit: the three administrators stay apart.
    """
    before = known_account(connection, who.hall, key)
    wanted = {"name": person.name, "role": person.role.value, "unit_id": person.unit}
    changed = [name for name, value in wanted.items() if before[name] != value]
    rights = {"role", "unit_id"} & set(changed)
    if rights:
        refuse_own(who, key)
        _refuse_unfit(connection, who.hall, person)
    _update(connection, who.hall, key, **wanted)
    if rights:
        end_sessions(connection, who.hall, key, now)
    return [f"{name}: {before[name]} → {wanted[name]}" for name in changed]


def take_turn(connection: Connection, who: Principal, now: datetime) -> None:
    """Security administrators act one after another, and only who still is one: two never shut each other out.

    Raises `no_token`.
    """
    of = accounts.c
    others = select(of.id).where(of.hall_id == who.hall, of.role == Role.SECURITY_ADMIN).order_by(of.id)
    connection.execute(others.with_for_update()).all()
    _refuse_gone(connection, who, now)


def _refuse_gone(connection: Connection, who: Principal, now: datetime) -> None:
    if who.session and not living(connection, [who.session], now):
        raise HallError("no_token")


def hold_proved(connection: Connection, who: Principal, proved: Row, now: datetime) -> None:
    """Their account as it was when they proved the password. Raises `no_token`: it was reset or disabled meanwhile."""
    account = known_account(connection, who.hall, who.id, hold=True)
    _refuse_gone(connection, who, now)
    if account["password_hash"] != proved["password_hash"]:
        raise HallError("no_token")


def refuse_own(who: Principal, key: str) -> None:
    if key == who.id:
        raise HallError("own_account")


def disable_account(connection: Connection, who: Principal, key: str, now: datetime) -> None:
    refuse_own(who, key)
    if known_account(connection, who.hall, key)["disabled_at"] is None:
        _update(connection, who.hall, key, disabled_at=now)
        end_sessions(connection, who.hall, key, now)


def enable_account(connection: Connection, hall: str, key: str) -> None:
    known_account(connection, hall, key)
    _update(connection, hall, key, disabled_at=None)


def give_password(
    connection: Connection, hall: str, key: str, password_hash: str, request: str | None, now: datetime
) -> bool:
    """A one-time password in place of theirs; every session ends. False: the same request gave it before.

    Whom the identity provider names by this login next is bound to it anew.
    """
    account = known_account(connection, hall, key)
    if request is not None and account["given_by"] == request:
        return False
    _update(
        connection,
        hall,
        key,
        password_hash=password_hash,
        password_at=now,
        must_change=True,
        given_by=request or "",
        openid_subject=None,
    )
    end_sessions(connection, hall, key, now)
    unlock(connection, hall, account["login"])
    return True


def choose_password(connection: Connection, who: Principal, password_hash: str, now: datetime) -> None:
    """Their own new password; their other sessions end."""
    _update(connection, who.hall, who.id, password_hash=password_hash, password_at=now, must_change=False)
    end_sessions(connection, who.hall, who.id, now, but=who.session)


def unlock(connection: Connection, hall: str, login: str, browser: str | None = None) -> None:
    """Forgets the failures of a login in one browser (empty: in any that is not known), or everywhere."""
    own = delete(lockouts).where(lockouts.c.hall_id == hall, lockouts.c.login == login)
    connection.execute(own if browser is None else own.where(lockouts.c.browser == browser))


def begin_factor(connection: Connection, who: Principal, sealed_secret: str) -> None:
    """A secret that counts once a code of it was typed; `factor_set` where one is in force already."""
    if known_account(connection, who.hall, who.id)["totp_at"] is not None:
        raise HallError("factor_set")
    _update(connection, who.hall, who.id, totp_secret=sealed_secret, totp_step=None)


def confirm_factor(connection: Connection, who: Principal, step: int, digests: list[str], now: datetime) -> None:
    _update(connection, who.hall, who.id, totp_at=now, totp_step=step, recovery=digests)
    end_sessions(connection, who.hall, who.id, now, but=who.session)


def reset_factor(connection: Connection, hall: str, key: str, now: datetime, but: str | None = None) -> None:
    """Without a second factor from now on; sessions end, but the one given."""
    known_account(connection, hall, key)
    _update(connection, hall, key, totp_secret=None, totp_at=None, totp_step=None, recovery=[])
    end_sessions(connection, hall, key, now, but=but)


def _update(connection: Connection, hall: str, key: str, **values: Any) -> None:
    connection.execute(update(accounts).where(accounts.c.hall_id == hall, accounts.c.id == key).values(**values))
