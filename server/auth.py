"""Tokens and the gate: who stands behind a request, and whether the matrix lets them in."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Connection, insert, select

from hall.errors import HallError
from hall.words import Role
from server.access import write_line
from server.db import Store
from server.matrix import EVENTS, FIRST, MAY
from server.people import Principal, digest_of
from server.sign_in.sessions import SEEN_EVERY, mark_seen, who_of_session
from server.tables.people import tokens

_REMEMBER_SECONDS = 2.0


def create_token(
    connection: Connection,
    hall: str,
    role: Role,
    window: str | None,
    name: str | None,
    now: datetime,
    unit: str | None = None,
) -> str:
    """Writes a token and returns its secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(32)
    keep_token(connection, secret, hall, role, window, name, now, unit)
    return secret


def keep_token(
    connection: Connection,
    secret: str,
    hall: str,
    role: Role,
    window: str | None,
    name: str | None,
    now: datetime,
    unit: str | None = None,
) -> str:
    """Writes the token of a secret and returns its id."""
    key = f"t-{secrets.token_hex(8)}"
    connection.execute(
        insert(tokens).values(
            id=key,
            digest=digest_of(secret),
            hall_id=hall,
            role=role,
            window_id=window,
            unit_id=unit,
            name=name or f"{role}-{key[-4:]}",
            created_at=now,
        )
    )
    return key


class Gate:
    """Finds who stands behind a token or a session; who was found is remembered for two seconds.

    `with_factor`: the roles that must sign in with a second factor.
    """

    def __init__(self, store: Store, with_factor: Iterable[str] = ()) -> None:
        self.store = store
        self.with_factor = frozenset(Role(role) for role in with_factor)
        self._known: dict[tuple[str, str], tuple[float, Principal | None]] = {}
        self._seen: dict[str, datetime] = {}

    def by_secret(self, secret: str) -> Principal | None:
        key = digest_of(secret)
        return self._find("digest", key, lambda connection: _principal(connection, "digest", key))

    def by_id(self, key: str) -> Principal | None:
        return self._find("id", key, lambda connection: _principal(connection, "id", key))

    def by_cookie(self, kept: Mapping[str, Any]) -> Principal | None:
        """Of the session that a sign-in began, or of the token that a link brought."""
        if "key" in kept:
            key = digest_of(str(kept["key"]))
            return self._find("session", key, lambda connection: self._of_session(connection, key))
        return self.by_id(str(kept["id"])) if "id" in kept else None

    def forget(self) -> None:
        """Asks the database again from now on: a token was revoked, a session ended, an account changed."""
        self._known.clear()

    def saw(self, session: str) -> None:
        """A person did something: their session stays. What a page asks by itself is not told here."""
        now = self.store.clock.now()
        if now < self._seen.get(session, now):
            return
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen[session] = now + SEEN_EVERY
        self.store.write(lambda connection: mark_seen(connection, session, now))

    def _of_session(self, connection: Connection, key: str) -> Principal | None:
        return who_of_session(connection, key, self.store.clock.now(), self.with_factor)

    def _find(self, kind: str, key: str, find: Callable[[Connection], Principal | None]) -> Principal | None:
        now = monotonic()
        until, found = self._known.get((kind, key), (0.0, None))
        if until <= now:
            found = self.store.read(find)
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[kind, key] = (now + _REMEMBER_SECONDS, found)
        return found

    def check(self, name: str, principal: Principal | None) -> None:
        """Raises `no_token` or `not_allowed` where the matrix says so."""
        if name not in MAY:
            raise HallError("not_allowed", role="-")
        allowed = MAY[name]
        if allowed is None:
            return
        self._let(name, principal, allowed)

    def check_event(self, name: str, principal: Principal | None) -> None:
        """The same for what a connected client asks."""
        if name not in EVENTS:
            raise HallError("not_allowed", role="-")
        self._let(name, principal, EVENTS[name] or frozenset())

    def _let(self, name: str, principal: Principal | None, allowed: frozenset[Role]) -> None:
        if principal is None:
            raise HallError("no_token")
        if principal.must and name not in FIRST[principal.must]:
            raise HallError("password_first" if principal.must == "password" else "factor_first")
        if principal.role not in allowed:
            raise HallError("not_allowed", role=principal.role)

    def record(self, what: str, principal: Principal | None, detail: str) -> None:
        """Writes a line of the access log: refusals, sign-ins and denials."""
        now = self.store.clock.now()
        self.store.write(lambda connection: write_line(connection, now, what, principal, detail))


def _principal(connection: Connection, column: str, value: str) -> Principal | None:
    row: Any = connection.execute(
        select(tokens).where(tokens.c[column] == value, tokens.c.revoked_at.is_(None))
    ).one_or_none()
    return None if row is None else Principal(row.id, row.hall_id, Role(row.role), row.name, row.window_id, row.unit_id)
