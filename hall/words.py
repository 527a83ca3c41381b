"""The words of a hall and the moves its tickets and windows may make (the tables of docs/glossary.md)."""

from enum import StrEnum


class TicketStatus(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    NO_SHOW = "no_show"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class WindowStatus(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    PAUSED = "paused"


class VisitorClass(StrEnum):
    ORDINARY = "ordinary"
    BOOKED = "booked"
    PRIORITY = "priority"


class Role(StrEnum):
    KIOSK = "kiosk"
    DISPLAY = "display"
    DESK = "desk"
    CLERK = "clerk"
    UNIT_HEAD = "unit_head"
    SUPERVISOR = "supervisor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    GOVERNMENT = "government"
    LEADERSHIP = "leadership"


DEVICE_ROLES = frozenset({Role.KIOSK, Role.DISPLAY})
STAFF_ROLES = frozenset(Role) - DEVICE_ROLES

AT_A_WINDOW = frozenset({TicketStatus.CALLED, TicketStatus.SERVING})
UNFINISHED = AT_A_WINDOW | {TicketStatus.WAITING, TicketStatus.HELD, TicketStatus.NO_SHOW}

_T = TicketStatus
_W = WindowStatus

# move -> {status before: status after}. What is not here is refused with `illegal_move`.
TICKET_MOVES: dict[str, dict[TicketStatus, TicketStatus]] = {
    "call": {_T.WAITING: _T.CALLED},
    "recall": {_T.CALLED: _T.CALLED},
    "start": {_T.CALLED: _T.SERVING},
    "complete": {_T.CALLED: _T.COMPLETED, _T.SERVING: _T.COMPLETED},
    "no_show": {_T.CALLED: _T.NO_SHOW},
    "cancel": {_T.WAITING: _T.CANCELLED, _T.CALLED: _T.CANCELLED},
    # A called or serving ticket expires only at the end of a day (docs/decisions/0003-the-end-of-a-day.md).
    "expire": dict.fromkeys(UNFINISHED, _T.EXPIRED),
}

WINDOW_MOVES: dict[str, dict[WindowStatus, WindowStatus]] = {
    "open": {_W.CLOSED: _W.OPEN, _W.OPEN: _W.OPEN, _W.PAUSED: _W.OPEN},
    "pause": {_W.OPEN: _W.PAUSED},
    "close": {_W.OPEN: _W.CLOSED, _W.PAUSED: _W.CLOSED},
}

# The event that each ticket move leaves in the journal.
TICKET_EVENTS = {
    "issue": "ticket.issued",
    "call": "ticket.called",
    "recall": "ticket.recalled",
    "start": "ticket.started",
    "complete": "ticket.completed",
    "no_show": "ticket.missed",
    "cancel": "ticket.cancelled",
    "expire": "ticket.expired",
}

WINDOW_EVENTS = {"open": "window.opened", "pause": "window.paused", "close": "window.closed"}


def number_text(prefix: str, ordinal: int) -> str:
    """A023: at least three digits, growing past 999, never wrapping."""
    return f"{prefix}{ordinal:03d}"
