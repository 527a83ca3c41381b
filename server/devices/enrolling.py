"""Devices let in by a one-time code, shut out by revoking their token, and asked for a test."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hall.errors import HallError
from hall.words import Role
from server.auth import keep_token
from server.journal import iso
from server.people import Principal, digest_of
from server.queries import known_layout
from server.tables.devices import device_tests, devices, enrolments
from server.tables.people import tokens

ROLES = {"kiosk": Role.KIOSK, "display": Role.DISPLAY, "caller": Role.CLERK}
VALID_MINUTES = 30
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None that is taken for another when read aloud or off a screen: no 0 O, no 1 I L, no U."""
LENGTH = 8


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a code makes of a device. `kind`: kiosk, display or caller, which works at one window."""

    kind: str
    name: str
    window: str | None = None


def spoken(code: str) -> str:
    """A code as people read it: ABCD-EFGH."""
    return f"{code[:4]}-{code[4:]}"


def plain(code: str) -> str:
    """A code as it may have been typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def make_enrolment(
    connection: Connection, key: str, who: Principal, wanted: Enrolment, request_id: str | None, now: datetime
) -> dict[str, Any]:
    """A code that lets in one device within half an hour; the same request again has the same code.

    `key` is the server's secret: the code is made of it, and only its digest is kept.
    """
    if (wanted.kind == "caller") != (wanted.window is not None):
        raise HallError("bad_body", field="window", expected="caller: window")
    if wanted.window is not None and wanted.window not in known_layout(connection, who.hall).windows:
        raise HallError("not_found", what="window", id=wanted.window)
    made = _id(who, request_id)
    code = _code(key, made)
    row = {"role": ROLES[wanted.kind], "window_id": wanted.window, "name": wanted.name}
    earlier = connection.execute(
        select(enrolments).where(enrolments.c.hall_id == who.hall, enrolments.c.id == made)
    ).one_or_none()
    if earlier is not None:
        if any(earlier._mapping[name] != value for name, value in row.items()):
            raise HallError("request_reused", request_id=request_id)
        return _told(wanted, code, earlier.expires_at)
    until = now + timedelta(minutes=VALID_MINUTES)
    own = {"hall_id": who.hall, "id": made, "digest": digest_of(code), "made_by": who.id, "made_at": now}
    connection.execute(insert(enrolments), {**own, **row, "expires_at": until})
    return _told(wanted, code, until)


def _told(wanted: Enrolment, code: str, until: datetime) -> dict[str, Any]:
    said = {"name": wanted.name, "kind": wanted.kind, "window": wanted.window}
    return {**said, "code": spoken(code), "expires_at": iso(until)}


def enrol(
    connection: Connection, key: str, code: str, kind: str | None, request_id: str | None, now: datetime
) -> dict[str, Any]:
    """A token for a code that was not used and is not too old; the same request again has the same token.

    Whoever was let in under this name before is shut out: one name, one device.
    Raises `code_wrong` for an unknown, used or old code or one of another kind, and has then written nothing.
    """
    own = enrolments.c.digest == digest_of(plain(code))
    row = connection.execute(select(enrolments).where(own).with_for_update()).one_or_none()
    secret = _secret(key, plain(code), request_id)
    if row is None or kind not in (None, _kind(row)) or not _is_good(connection, row, secret, now):
        raise HallError("code_wrong")
    token = row.token_id
    if token is None:
        _shut_out(connection, row, now)
        token = keep_token(connection, secret, row.hall_id, Role(row.role), row.window_id, row.name, now)
        connection.execute(update(enrolments).where(own).values(token_id=token))
    said = {"hall": row.hall_id, "kind": _kind(row), "window": row.window_id, "name": row.name}
    return {"token": secret, "id": token, **said}


def _kind(row: Any) -> str:
    return next(kind for kind, role in ROLES.items() if role == row.role)


def _is_good(connection: Connection, row: Any, secret: str, now: datetime) -> bool:
    """Not too old; or used, and this is who used it, asking again."""
    if row.token_id is None:
        return bool(row.expires_at > now)
    live = select(tokens.c.digest).where(tokens.c.id == row.token_id, tokens.c.revoked_at.is_(None))
    return connection.execute(live).scalar_one_or_none() == digest_of(secret)


def _shut_out(connection: Connection, row: Any, now: datetime) -> None:
    earlier = select(enrolments.c.token_id).where(
        enrolments.c.hall_id == row.hall_id,
        enrolments.c.role == row.role,
        enrolments.c.name == row.name,
        enrolments.c.token_id.is_not(None),
    )
    live = update(tokens).where(tokens.c.id.in_(earlier), tokens.c.revoked_at.is_(None))
    connection.execute(live.values(revoked_at=now))


def revoke_device(connection: Connection, hall: str, device: str, now: datetime) -> None:
    """Shuts a device out for good; once more does nothing. Only what is or was a device: no person's sign-in."""
    row = connection.execute(select(tokens).where(tokens.c.hall_id == hall, tokens.c.id == device)).one_or_none()
    if row is None or not _is_device(connection, row):
        raise HallError("not_found", what="device", id=device)
    if row.revoked_at is None:
        connection.execute(update(tokens).where(tokens.c.id == device).values(revoked_at=now))


def _is_device(connection: Connection, token: Any) -> bool:
    if token.role in (Role.KIOSK, Role.DISPLAY):
        return True
    heard = select(devices.c.id).where(devices.c.hall_id == token.hall_id, devices.c.id == token.id)
    return connection.execute(heard).one_or_none() is not None


def good_tokens(connection: Connection) -> list[Any]:
    wanted = select(tokens).where(tokens.c.revoked_at.is_(None))
    return list(connection.execute(wanted.order_by(tokens.c.hall_id, tokens.c.created_at, tokens.c.id)))


def revoke_token(connection: Connection, key: str, now: datetime) -> Any:
    """Makes a token worthless and answers its row; None where none is good by that id."""
    row = connection.execute(select(tokens).where(tokens.c.id == key, tokens.c.revoked_at.is_(None))).one_or_none()
    if row is not None:
        connection.execute(update(tokens).where(tokens.c.id == key).values(revoked_at=now))
    return row


def ask_test(
    connection: Connection, who: Principal, device: str, what: str, request_id: str | None, now: datetime
) -> dict[str, Any]:
    """Asks a device for a test; it hears of it at once, or with its next heartbeat. Takes the place of the last."""
    known = select(tokens.c.id).join(devices, (devices.c.hall_id == tokens.c.hall_id) & (devices.c.id == tokens.c.id))
    live = known.where(tokens.c.hall_id == who.hall, tokens.c.id == device, tokens.c.revoked_at.is_(None))
    if connection.execute(live).one_or_none() is None:
        raise HallError("not_found", what="device", id=device)
    made = _id(who, request_id)
    row = {"hall_id": who.hall, "device": device, "what": what, "id": made, "asked_at": now, "asked_by": who.id}
    nothing_yet = {"ended_at": None, "ok": None, "detail": None, "facts": None}
    written = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(device_tests)
    new = {**row, **nothing_yet}
    changed = {name: written.excluded[name] for name in ("id", "asked_at", "asked_by", *nothing_yet)}
    keys = ["hall_id", "device", "what"]
    connection.execute(
        written.on_conflict_do_update(index_elements=keys, set_=changed, where=device_tests.c.id != made), new
    )
    return {"id": made, "device": device, "what": what}


def answer_test(connection: Connection, who: Principal, test: str, answer: dict[str, Any], now: datetime) -> None:
    """What became of a test; the first answer stands. Only the device that was asked may answer."""
    own = (device_tests.c.hall_id == who.hall, device_tests.c.id == test, device_tests.c.device == who.id)
    if connection.execute(select(device_tests.c.id).where(*own)).one_or_none() is None:
        raise HallError("not_found", what="test", id=test)
    open_still = update(device_tests).where(*own, device_tests.c.ended_at.is_(None))
    connection.execute(open_still.values(ended_at=now, **answer))


def _id(who: Principal, request_id: str | None) -> str:
    """The id of what a request makes: the same request makes the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{who.hall} {who.id} {request_id}") if request_id else uuid.uuid4())


def _code(key: str, made: str) -> str:
    number = int.from_bytes(_keyed(key, f"code {made}"), "big")
    return "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(LENGTH))


def _secret(key: str, code: str, request_id: str | None) -> str:
    return _keyed(key, f"token {code} {request_id or uuid.uuid4()}").hex()


def _keyed(key: str, text: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
