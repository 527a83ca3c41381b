"""Tokens, sessions and who may do what."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Connection, insert, select

from hall.errors import HallError
from hall.words import STAFF_ROLES, Role
from server.access import write_line
from server.db import Store
from server.people import Principal, digest_of
from server.sessions import SEEN_EVERY, mark_seen, who_of_session
from server.tables.people import tokens

ANYONE: frozenset[Role] | None = None
SIGNED_IN = frozenset(Role)
STAFF = STAFF_ROLES
WINDOW = frozenset({Role.CLERK, Role.SUPERVISOR})
ISSUERS = frozenset({Role.KIOSK}) | STAFF
SCREENS = frozenset({Role.DISPLAY}) | STAFF
DESK = frozenset({Role.DESK, Role.SUPERVISOR})
DEVICES = frozenset({Role.KIOSK, Role.DISPLAY, Role.CLERK, Role.DESK})
ADMIN = frozenset({Role.SYSTEM_ADMIN})
SECURITY = frozenset({Role.SECURITY_ADMIN})
OVERSEERS = ADMIN | {Role.SUPERVISOR}
CASE_READERS = DESK | {Role.UNIT_HEAD, Role.LEADERSHIP, Role.AUDITOR}
RIGHTS = frozenset({Role.DESK, Role.KIOSK, Role.SUPERVISOR})
SHEETS = OVERSEERS | {Role.LEADERSHIP, Role.AUDITOR, Role.GOVERNMENT, Role.UNIT_HEAD}
REGISTER = SHEETS
CATALOGUE = OVERSEERS | {Role.AUDITOR}
GOVERNMENT = frozenset({Role.GOVERNMENT})

MAY: dict[str, frozenset[Role] | None] = {
    "halls": ANYONE,
    "open_session": ANYONE,
    "session": SIGNED_IN,
    "close_session": SIGNED_IN,
    "sign_in": ANYONE,
    "own_account": STAFF,
    "change_password": STAFF,
    "begin_factor": STAFF,
    "confirm_factor": STAFF,
    "remove_factor": STAFF,
    "accounts": SECURITY | {Role.AUDITOR},
    "create_account": SECURITY,
    "change_account": SECURITY,
    "disable_account": SECURITY,
    "enable_account": SECURITY,
    "reset_password": SECURITY,
    "unlock_account": SECURITY,
    "end_account_sessions": SECURITY,
    "reset_factor": SECURITY,
    "ping": SIGNED_IN,
    "catalogue": SIGNED_IN,
    "board": SIGNED_IN,
    "journal": SIGNED_IN,
    "order": STAFF,
    "self_check": frozenset({Role.SYSTEM_ADMIN, Role.SUPERVISOR, Role.DESK}),
    "begin_check": frozenset({Role.SYSTEM_ADMIN, Role.SUPERVISOR}),
    "set_order": frozenset({Role.SUPERVISOR, Role.SYSTEM_ADMIN}),
    "set_board_message": frozenset({Role.SUPERVISOR}),
    "hall_today": frozenset({Role.SUPERVISOR, Role.LEADERSHIP, Role.AUDITOR}),
    "lend_line": frozenset({Role.SUPERVISOR}),
    "take_back_line": frozenset({Role.SUPERVISOR}),
    "suspend_line": frozenset({Role.SUPERVISOR}),
    "resume_line": frozenset({Role.SUPERVISOR}),
    "layout_now": CATALOGUE,
    "layout_parts": CATALOGUE,
    "put_part": OVERSEERS,
    "close_part": OVERSEERS,
    "change_settings": ADMIN,
    "import_parts": ADMIN,
    "register_now": REGISTER,
    "register_matters": REGISTER,
    "check_register": OVERSEERS | {Role.GOVERNMENT, Role.AUDITOR},
    "propose_exemption": OVERSEERS | {Role.UNIT_HEAD},
    "approve_exemption": GOVERNMENT,
    "reject_exemption": GOVERNMENT,
    "end_exemption": GOVERNMENT,
    "enter_hall": OVERSEERS,
    "open_consultation": frozenset({Role.SUPERVISOR}),
    "sign_consultation": frozenset({Role.SUPERVISOR, Role.UNIT_HEAD}),
    "withdraw_consultation": frozenset({Role.SUPERVISOR}),
    "day_sheet": SHEETS,
    "audit_state": frozenset({Role.AUDITOR}),
    "begin_verification": frozenset({Role.AUDITOR}),
    "audit_events": frozenset({Role.AUDITOR}),
    "access_log": SECURITY | {Role.AUDITOR},
    "erasures": SECURITY | {Role.AUDITOR, Role.SUPERVISOR},
    "ask_erasure": frozenset({Role.SUPERVISOR}),
    "do_erasure": SECURITY,
    "month_sheet": SHEETS,
    "windows": SCREENS,
    "window": SCREENS,
    "window_today": STAFF,
    "issue_ticket": ISSUERS,
    "ticket": ISSUERS,
    "tickets": STAFF,
    "ticket_identity": frozenset({Role.DESK, Role.CLERK}),
    "may_rate": ANYONE,
    "rate_tracked": ANYONE,
    "tablet": frozenset({Role.DISPLAY}),
    "rate_at_tablet": frozenset({Role.DISPLAY}),
    "window_ratings": WINDOW,
    "rating_totals": frozenset({Role.SUPERVISOR}),
    "case_list": CASE_READERS,
    "one_case": CASE_READERS,
    "open_case_at_desk": DESK,
    "assign_case": frozenset({Role.SUPERVISOR}),
    "state_case": DESK | {Role.UNIT_HEAD},
    "complain_tracked": ANYONE,
    "answer_case": DESK,
    "close_case": DESK,
    "case_of_code": ANYONE,
    "rate_case": ANYONE,
    "cancel_ticket": RIGHTS,
    "reprint_ticket": RIGHTS,
    "reinstate_ticket": RIGHTS,
    "scan_code": RIGHTS,
    "change_class": DESK,
    "mark_guide": DESK,
    "send_waiting": DESK,
    "story": DESK,
    "desk_now": DESK,
    "devices": DESK,
    "dismiss_slip": DESK,
    "heartbeat": DEVICES,
    "answer_test": DEVICES,
    "device_states": OVERSEERS,
    "make_enrolment": ADMIN,
    "revoke_device": ADMIN,
    "ask_test": ADMIN,
    "enrol": ANYONE,
    "ask_for_desk": frozenset({Role.KIOSK}),
    "answer_kiosk": DESK,
    "slips": ISSUERS,
    "take_bands": frozenset({Role.KIOSK}),
    "hand_over": frozenset({Role.KIOSK}),
    "report_slip": frozenset({Role.KIOSK, Role.DESK}),
    "open_window": WINDOW,
    "pause_window": WINDOW,
    "close_window": WINDOW,
    "call_next": WINDOW,
    "call_number": WINDOW,
    "recall_ticket": WINDOW,
    "start_ticket": WINDOW,
    "complete_ticket": WINDOW,
    "transfer_ticket": WINDOW,
    "change_matter": WINDOW,
    "walk_in": WINDOW,
    "mark_no_show": WINDOW,
    "hold_ticket": WINDOW,
    "resume_ticket": WINDOW,
    "undo_move": WINDOW,
    "track": ANYONE,
    "cancel_tracked": ANYONE,
    "come_later": ANYONE,
    "why": ANYONE,
    "subscribe": ANYONE,
    "issue_remote_ticket": ANYONE,
    "arrive_ticket": RIGHTS,
    "slots": ANYONE,
    "make_booking": ANYONE,
    "booking": ANYONE,
    "cancel_booking": ANYONE,
    "change_booking": ANYONE,
    "arrive_booking": RIGHTS,
    "bookings": DESK,
    "find_booking": DESK,
}
"""Who may call what, by the name of the API's function; what is not here is refused to everyone."""

EVENTS: dict[str, frozenset[Role] | None] = {
    "connect": SIGNED_IN,
    "disconnect": SIGNED_IN,
    "since": SIGNED_IN,
}
"""Which roles a connected client's own events are taken of; a phone connects with its slip's code and asks nothing."""

HEARD: dict[str, frozenset[Role] | None] = {
    "snapshot": SIGNED_IN,
    "events": SIGNED_IN,
    "tick": SIGNED_IN,
    "print": SIGNED_IN,
    "test": SIGNED_IN,
    "desk_answered": SIGNED_IN,
    "ticket": ANYONE,
}
"""Who hears what. `print`, `test` and `desk_answered` go to the one device they are meant for, `ticket` to the phone
that has its code; of `events` staff get the whole (WHOLE), everybody else what `hall.events.public` leaves."""

WHOLE = STAFF

FIRST = {
    "password": frozenset({"session", "close_session", "own_account", "change_password"}),
    "second_factor": frozenset({"session", "close_session", "own_account", "begin_factor", "confirm_factor"}),
}
"""What a person may call who has to choose a password, or to set up a second factor, before anything else."""

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
