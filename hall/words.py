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


class Proof(StrEnum):
    """What a visitor showed at the guide desk, to be served first."""

    ELDERLY = "elderly"
    DISABLED = "disabled"
    INFANT = "infant"
    SERVICEMAN = "serviceman"
    ILLNESS = "illness"
    OTHER = "other"


class RatingReason(StrEnum):
    """Why a visitor was not satisfied."""

    ATTITUDE = "attitude"
    UNCLEAR = "unclear"
    EXTRA_PAPERS = "extra_papers"
    SENT_AROUND = "sent_around"
    SLOW = "slow"
    LONG_WAIT = "long_wait"
    PLACE = "place"
    OTHER = "other"


class Lane(StrEnum):
    """The queues within a line: one for each class, and one for those who missed their number and came back."""

    ORDINARY = "ordinary"
    BOOKED = "booked"
    PRIORITY = "priority"
    REINSTATED = "reinstated"


class Outcome(StrEnum):
    """How a service may end, in the hall's words; a clerk may say it otherwise."""

    ACCEPTED = "accepted"
    CONCLUDED = "concluded"
    SUPPLEMENT = "supplement"
    REFUSED = "refused"
    ADVICE = "advice"
    COLLECTED = "collected"
    PAPERS_MISSING = "papers_missing"


class Entry(StrEnum):
    """Where a matter is handled, and by whose decision (应进必进)."""

    IN_HALL = "in_hall"
    EXEMPT = "exempt"
    SEPARATE = "separate"
    """In a hall of its own."""
    CONSULTATION = "consultation"
    """Of a unit under dual or vertical management, until both sides have signed."""
    PENDING = "pending"
    """Should be in the hall and is not yet."""


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
    "hold": {_T.CALLED: _T.HELD, _T.SERVING: _T.HELD},
    "resume": {_T.HELD: _T.SERVING},
    "return": {_T.HELD: _T.WAITING},
    "transfer": {_T.WAITING: _T.WAITING, _T.CALLED: _T.WAITING, _T.SERVING: _T.WAITING},
    "change_matter": {_T.SERVING: _T.SERVING},
    "reinstate": {_T.NO_SHOW: _T.WAITING},
    # A call undone is waiting again, a recall undone still called: the journal knows which.
    "undo": {_T.CALLED: _T.WAITING, _T.SERVING: _T.CALLED},
    # What changes a waiting ticket and leaves it waiting: its class, its marks, whether it can be called.
    "change": {_T.WAITING: _T.WAITING},
    "cancel": {_T.WAITING: _T.CANCELLED, _T.CALLED: _T.CANCELLED, _T.HELD: _T.CANCELLED},
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
    "hold": "ticket.held",
    "resume": "ticket.resumed",
    "return": "ticket.returned",
    "transfer": "ticket.transferred",
    "change_matter": "ticket.matter_changed",
    "reinstate": "ticket.reinstated",
    "undo": "ticket.undone",
    "change": "ticket.changed",
    "cancel": "ticket.cancelled",
    "expire": "ticket.expired",
}

HOLD_REASONS = ("papers", "form", "copy", "payment", "review")
"""Codes of why a visitor is set aside; any other words go with the ticket alone, never into an event."""

WINDOW_EVENTS = {"open": "window.opened", "pause": "window.paused", "close": "window.closed"}


def number_text(prefix: str, ordinal: int) -> str:
    """A023: at least three digits, growing past 999, never wrapping."""
    return f"{prefix}{ordinal:03d}"
