"""The tables of every hall; the keys begin with the hall, the constraints bear names."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

from hall.words import Entry, Lane, TicketStatus, WindowStatus


class Utc(TypeDecorator[datetime]):
    """A moment in UTC, on SQLite a text without the zone.

    A call reads and writes some twenty; SQLAlchemy's own way over a naive datetime costs three to six times as much.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


def _to_text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str) -> Column[str]:
    return Column(name, String(40), nullable=False)


def _one_of(column: str, values: Any) -> CheckConstraint:
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def _partial_index(name: str, columns: tuple[str, ...], where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


halls = Table(
    "halls",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", JSON, nullable=False),
    Column("settings", JSON, nullable=False),  # the layout's hours, rules, guide line and category sets
    Column("epoch", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False, server_default="0"),
    Column("head", String(64), nullable=False),  # hash of the journal's last row
    Column("day", Date, nullable=False),
    Column("at", Utc, nullable=False),  # of the last command: the journal's time never runs back
    Column("layout_version", Integer, nullable=False, server_default="1"),
    Column("due_at", Utc),  # when something of its own accord is due next: a return, an automatic no-show
    Column("pooled", Integer, nullable=False, server_default="0"),  # tickets that wait for one window or clerk alone
    Column("message", JSON(none_as_null=True)),  # what its boards say beside the calls: {text: {language: …}, until}
)

zones = Table(
    "zones",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", JSON, nullable=False),
    Column("floor", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    PrimaryKeyConstraint("hall_id", "id"),
)

units = Table(
    "units",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", JSON, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("position", Integer, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    PrimaryKeyConstraint("hall_id", "id"),
)

lines = Table(
    "lines",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", JSON, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("common", Boolean, nullable=False),
    Column("issuing", JSON),
    Column("daily_quota", Integer),
    Column("position", Integer, nullable=False),
    Column("more", JSON, nullable=False, server_default="{}"),  # rarer settings of the layout's Line, as it writes them
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    Column("suspended", JSON(none_as_null=True)),  # no numbers for now, as server/actions/suspending.py writes it
    PrimaryKeyConstraint("hall_id", "id"),
    _partial_index("uq_lines_prefix", ("hall_id", "prefix"), "NOT closed", unique=True),
)

matters = Table(
    "matters",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", JSON, nullable=False),
    _key("unit_id"),
    _key("category"),
    _key("line_id"),
    Column("position", Integer, nullable=False),
    Column("more", JSON, nullable=False, server_default="{}"),  # rarer settings of the layout's Matter
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    Column("entry", String(16), nullable=False, server_default="in_hall"),
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("entry", Entry),
)

windows = Table(
    "windows",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", String(12), nullable=False),
    _key("zone_id"),
    Column("position", Integer, nullable=False),
    Column("status", String(8), nullable=False, server_default="closed"),
    Column("clerk", String(40)),  # the token id of who claimed it
    Column("clerk_name", String(40)),
    Column("reason", Text),
    Column("until", Utc),
    Column("closing", String(8)),  # `pause` or `close`, after the current ticket
    Column("ticket_id", String(36)),
    Column("status_at", Utc),
    Column("served", Integer, nullable=False, server_default="0"),  # today
    Column("service_seconds", Integer, nullable=False, server_default="0"),  # today, in all
    Column("overtime_seconds", Integer, nullable=False, server_default="0"),  # of it past the calling hours
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("status", WindowStatus),
)

window_lines = Table(
    "window_lines",
    metadata,
    _key("hall_id"),
    _key("window_id"),
    _key("line_id"),
    Column("rank", Integer, nullable=False),
    Column("until", Utc),  # a temporary line, gone of its own accord then; None: as the layout has it
    PrimaryKeyConstraint("hall_id", "window_id", "line_id"),
)

# Which clerk is stationed where, and from which unit, from one day to another (both included).
assignments = Table(
    "assignments",
    metadata,
    _key("hall_id"),
    _key("id"),
    _key("clerk"),  # the 工号, by which an account is known
    Column("unit_id", String(40)),  # None: the center's own
    Column("window_id", String(40)),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date),
    Column("position", Integer, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # withdrawn; it ended the day before
    PrimaryKeyConstraint("hall_id", "id"),
    Index("ix_assignments_clerk", "hall_id", "clerk"),
)

loads = Table(
    "loads",
    metadata,
    _key("hall_id"),
    _key("line_id"),
    Column("lane", String(16), nullable=False),
    Column("waiting", Integer, nullable=False, server_default="0"),
    Column("aside", Integer, nullable=False, server_default="0"),  # of them, parked or in a pool
    Column("turn", Integer, nullable=False, server_default="0"),  # calls of other lanes since one of this lane
    PrimaryKeyConstraint("hall_id", "line_id", "lane"),
    _one_of("lane", Lane),
    CheckConstraint("waiting >= 0", name="waiting"),
    CheckConstraint("aside >= 0", name="aside"),
)

counters = Table(
    "counters",
    metadata,
    _key("hall_id"),
    Column("day", Date, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("last", Integer, nullable=False),
    Column("fence", Integer),  # where the next band above `last` begins; None: nowhere
    PrimaryKeyConstraint("hall_id", "day", "prefix"),
)

# What keeps a matter out of the hall: proposed, and decided by the government alone (server/actions/registering.py).
exemptions = Table(
    "exemptions",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    _key("matter_id"),
    Column("kind", String(16), nullable=False),
    Column("status", String(12), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("proposed_at", Utc, nullable=False),
    Column("document_number", String(80)),
    Column("decided_by", String(40)),
    Column("decided_on", Date),  # as the document has it
    Column("decided_at", Utc),
    Column("review_due", Date),
    Column("rejected_because", String(500)),
    Column("ended_by", String(40)),
    Column("ended_at", Utc),
    Column("ended_because", String(500)),
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("kind", ("exempt", "separate")),
    _one_of("status", ("proposed", "approved", "rejected", "ended")),
    CheckConstraint(
        "status <> 'approved' OR (document_number IS NOT NULL AND decided_on IS NOT NULL AND review_due IS NOT NULL)",
        name="document",
    ),
    _partial_index("uq_exemptions_live", ("hall_id", "matter_id"), "status IN ('proposed', 'approved')", unique=True),
    Index("ix_exemptions_matter", "hall_id", "matter_id", "proposed_at"),
)

# How a matter of a unit under dual or vertical management comes into the hall: once both sides have signed.
consultations = Table(
    "consultations",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    _key("matter_id"),
    Column("status", String(12), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("opened_by", String(40), nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("unit_signed_by", String(40)),
    Column("unit_signed_at", Utc),
    Column("center_signed_by", String(40)),
    Column("center_signed_at", Utc),
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("status", ("open", "signed", "withdrawn")),
    CheckConstraint(
        "status <> 'signed' OR (unit_signed_at IS NOT NULL AND center_signed_at IS NOT NULL)", name="signed"
    ),
    _partial_index("uq_consultations_open", ("hall_id", "matter_id"), "status = 'open'", unique=True),
    Index("ix_consultations_matter", "hall_id", "matter_id", "opened_at"),
)

# Numbers that one kiosk alone gives while it has no network; the counter passes them by.
bands = Table(
    "bands",
    metadata,
    _key("hall_id"),
    Column("day", Date, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("next", Integer, nullable=False),  # all before it were handed over, as far as they were given
    Column("device", String(40), nullable=False),
    Column("at", Utc, nullable=False),
    PrimaryKeyConstraint("hall_id", "day", "prefix", "first"),
    CheckConstraint("first <= last", name="first"),
)

tickets = Table(
    "tickets",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("day", Date, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("number", String(12), nullable=False),
    _key("line_id"),
    Column("matter_id", String(40)),
    Column("class", String(16), nullable=False),
    Column("language", String(12), nullable=False),
    Column("status", String(12), nullable=False),
    Column("window_id", String(40)),
    Column("issued_by", String(40), nullable=False),
    Column("issued_seq", BigInteger, nullable=False),
    Column("issued_at", Utc, nullable=False),
    Column("queued_at", Utc, nullable=False),
    Column("first_called_at", Utc),
    Column("called_at", Utc),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("started_at", Utc),
    Column("ended_at", Utc),
    Column("outcome", String(40)),
    Column("track_code", String(24), nullable=False),
    Column("lane", String(16), nullable=False),  # the queue within its line; the class, until a number was missed
    Column("pool", String(48), nullable=False, server_default=""),  # `w:WINDOW` or `c:CLERK`: waits there alone
    Column("parked", String(8)),  # waits but cannot be called: `linked`, `late` or `remote`
    Column("joined_at", Utc, nullable=False),  # came to the line it waits in; queued_at is its seniority
    Column("return_at", Utc),  # a held or late ticket comes back of its own accord
    Column("held_by", String(40)),
    Column("hold_reason", String(200)),
    Column("note", Text),  # for staff, never in an event
    Column("route", JSON(none_as_null=True)),  # legs still to come: [{line?, window?, clerk?, back?}]
    Column("visit_id", String(36)),  # links the tickets of one person
    Column("count", Integer, nullable=False, server_default="1"),
    Column("case_number", String(40)),
    Column("guide", Boolean, nullable=False, server_default=text("false")),  # someone of the desk goes along
    Column("late_at", Utc),  # said once to come later
    Column("reinstated_at", Utc),
    Column("remote", Boolean, nullable=False, server_default=text("false")),
    Column("arrived_at", Utc),  # a remote ticket is good from then
    Column("booking_id", String(36)),
    Column("offline", Boolean, nullable=False, server_default=text("false")),  # given by a kiosk without network
    Column("complaint_of", String(40)),  # the unit that its visitor has come to complain of
    # For the sheets, past what a transfer begins anew: the line it was taken for, the first call of all, the miss that
    # nobody came back from, and how long it was served.
    Column("taken_line_id", String(40)),
    Column("wait_ended_at", Utc),
    Column("missed_at", Utc),
    Column("service_seconds", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("hall_id", "id"),
    UniqueConstraint("hall_id", "day", "prefix", "ordinal"),
    _one_of("status", TicketStatus),
    _one_of("lane", Lane),
    _partial_index(
        "ix_tickets_waiting",
        ("hall_id", "line_id", "lane", "queued_at", "issued_seq"),
        "status = 'waiting' AND pool = '' AND parked IS NULL",
    ),
    _partial_index(
        "ix_tickets_pool", ("hall_id", "pool", "queued_at", "issued_seq"), "status = 'waiting' AND pool <> ''"
    ),
    _partial_index("ix_tickets_return", ("hall_id", "return_at"), "return_at IS NOT NULL"),
    _partial_index("ix_tickets_guide", ("hall_id", "day"), "guide"),
    _partial_index("ix_tickets_visit", ("hall_id", "visit_id"), "visit_id IS NOT NULL"),
    _partial_index(
        "uq_tickets_live_at_window", ("hall_id", "window_id"), "status IN ('called', 'serving')", unique=True
    ),
    Index("ix_tickets_number", "hall_id", "day", "number"),
    Index("uq_tickets_track_code", "track_code", unique=True),
)

overtakings = Table(
    "overtakings",
    metadata,
    _key("hall_id"),
    Column("ticket_id", String(36), nullable=False),  # who was called although others of the line came before
    Column("called_at", Utc, nullable=False),
    _key("line_id"),
    Column("queued_at", Utc, nullable=False),
    Column("issued_seq", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    PrimaryKeyConstraint("hall_id", "ticket_id", "called_at"),
    Index("ix_overtakings_line", "hall_id", "line_id", "queued_at"),
)

journal = Table(
    "journal",
    metadata,
    _key("hall_id"),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(40), nullable=False),
    Column("ticket_id", String(36)),
    Column("body", Text, nullable=False),  # the envelope, canonical JSON
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("hall_id", "seq"),
    Index("ix_journal_ticket", "hall_id", "ticket_id"),
    _partial_index("ix_journal_days", ("hall_id", "seq"), "type = 'day.started'"),
    _partial_index("ix_journal_checks", ("hall_id", "seq"), "type = 'register.checked'"),
)

# Where the kept journal begins, once retention has dropped what came before: up to `seq`, which began `day`.
journal_checkpoints = Table(
    "journal_checkpoints",
    metadata,
    _key("hall_id"),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Utc, nullable=False),
    Column("rows", BigInteger, nullable=False),  # dropped up to here since the last checkpoint
    Column("state", JSON, nullable=False),  # {board, order, roots}: what the journal up to here had come to
    PrimaryKeyConstraint("hall_id", "seq"),
)

# The last proof of a hall's journal that somebody asked for on the page.
verifications = Table(
    "verifications",
    metadata,
    Column("hall_id", String(40), primary_key=True),
    Column("asked_by", String(40), nullable=False),
    Column("began_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("rows", BigInteger),
    Column("faults", JSON(none_as_null=True)),  # a line each; NULL: it runs, or broke off
)

requests = Table(
    "requests",
    metadata,
    _key("hall_id"),
    _key("actor"),
    Column("request_id", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    PrimaryKeyConstraint("hall_id", "actor", "request_id"),
    Index("ix_requests_day", "hall_id", "day"),
)

slips = Table(
    "slips",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("ticket_id", String(36), nullable=False),
    _key("device"),
    Column("reprint", Boolean, nullable=False),
    Column("status", String(8), nullable=False),
    Column("reason", String(200)),
    Column("at", Utc, nullable=False),
    Column("dismissed_at", Utc),  # the guide desk has dealt with it: its number was told, or its visitor has left
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("status", ("pending", "printed", "failed")),
    _partial_index("ix_slips_unprinted", ("hall_id", "at"), "status <> 'printed' AND dismissed_at IS NULL"),
    Index("ix_slips_ticket", "hall_id", "ticket_id"),
    Index("ix_slips_device", "hall_id", "device", "at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    _key("hall_id"),
    Column("role", String(16), nullable=False),
    Column("window_id", String(40)),
    Column("name", String(40), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    Column("unit_id", String(40)),  # who was stationed in the hall by it; None: the center's own
)

# What a device said of itself last; its token is the device. Nothing of it stands in the journal.
devices = Table(
    "devices",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("seen_at", Utc, nullable=False),
    Column("version", String(40), nullable=False),
    Column("conditions", JSON, nullable=False),  # as hall.health.Condition
    Column("drift_seconds", Float),  # its clock less the server's
    Column("seq", BigInteger),  # what its board shows
    Column("behind", BigInteger),  # how far that was from the hall's own just then
    Column("behind_at", Utc),  # since when
    Column("last_error", String(300)),
    Column("last_error_at", Utc),
    Column("can", JSON, nullable=False),  # which tests it can do
    Column("told", String(8), nullable=False, server_default=""),  # the state last told by an alert
    Column("told_at", Utc),
    PrimaryKeyConstraint("hall_id", "id"),
)

# The last test of each kind that a device was asked for.
device_tests = Table(
    "device_tests",
    metadata,
    _key("hall_id"),
    _key("device"),
    Column("what", String(16), nullable=False),
    Column("id", String(36), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("ended_at", Utc),
    Column("ok", Boolean),
    Column("detail", String(300)),
    Column("facts", JSON),
    PrimaryKeyConstraint("hall_id", "device", "what"),
    Index("uq_device_tests_id", "hall_id", "id", unique=True),
)

enrolments = Table(
    "enrolments",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("digest", String(64), nullable=False),  # of the code, which is kept nowhere
    Column("role", String(16), nullable=False),
    Column("window_id", String(40)),
    Column("name", String(40), nullable=False),
    Column("made_by", String(40), nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("token_id", String(40)),  # once it was used
    PrimaryKeyConstraint("hall_id", "id"),
    Index("uq_enrolments_digest", "digest", unique=True),
)

# People who sign in with a password or by the house's own identity provider. Their login is what others read of them.
accounts = Table(
    "accounts",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("login", String(40), nullable=False),  # 工号, in small letters
    Column("name", String(40), nullable=False),  # the person's own, for administrators alone
    Column("role", String(16), nullable=False),
    Column("unit_id", String(40)),  # who stationed them in the hall; None: the center's own
    Column("password_hash", String(200), nullable=False),
    Column("password_at", Utc, nullable=False),
    Column("must_change", Boolean, nullable=False),  # the password was given once by somebody else
    Column("given_by", String(36)),  # the request that gave it: made again it gives the same and changes nothing
    Column("totp_secret", String(300)),  # encrypted with the server's key
    Column("totp_at", Utc),  # in force since; None: not confirmed
    Column("totp_step", BigInteger),  # of the last code taken, which is not taken again
    Column("recovery", JSON, nullable=False, server_default="[]"),  # digests of the codes still unused
    Column("openid_subject", String(255)),
    Column("created_by", String(40), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("disabled_at", Utc),
    PrimaryKeyConstraint("hall_id", "id"),
    UniqueConstraint("hall_id", "login"),
    UniqueConstraint("hall_id", "openid_subject"),
    Index("ix_accounts_id", "id"),
)

sessions = Table(
    "sessions",
    metadata,
    _key("hall_id"),
    Column("id", String(64), nullable=False),  # digest of what the browser's cookie holds
    _key("account_id"),
    Column("way", String(8), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),  # of the last command or page opened, to the minute
    Column("ended_at", Utc),
    Column("address", String(64), nullable=False),
    Column("agent", String(80), nullable=False),
    PrimaryKeyConstraint("id"),
    _one_of("way", ("password", "openid")),
    Index("ix_sessions_account", "hall_id", "account_id"),
)

# Whatever was typed as a login: whether it exists cannot be told from when it is locked.
lockouts = Table(
    "lockouts",
    metadata,
    _key("hall_id"),
    _key("login"),
    Column("browser", String(32), nullable=False),  # one in which its owner has signed in before; empty: any other
    Column("failed", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("until", Utc),
    PrimaryKeyConstraint("hall_id", "login", "browser"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("hall_id", String(40)),
    Column("actor", String(40)),
    Column("what", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("name", String(40)),  # of the actor, as it was then
    Column("role", String(16)),
    Column("hash", String(64), nullable=False, server_default=""),
    Index("ix_access_log_hall", "hall_id", "id"),
)

# One row: the end of the access log's chain, and where it begins since retention dropped what came before.
access_head = Table(
    "access_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("dropped", BigInteger, nullable=False, server_default="0"),
    Column("dropped_hash", String(64), nullable=False),
)

# Personal fields that somebody wants erased: one person asks, another does it.
erasures = Table(
    "erasures",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("what", String(8), nullable=False),
    Column("key", String(36), nullable=False),  # of the ticket, booking or case
    Column("named", String(40), nullable=False),  # as it was asked for: a number and day, or a code's beginning
    Column("reason", String(200), nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_name", String(40), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("done_by", String(40)),
    Column("done_name", String(40)),
    Column("done_at", Utc),
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("what", ("ticket", "booking", "case")),
)

bookings = Table(
    "bookings",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("code", String(24), nullable=False),
    Column("day", Date, nullable=False),
    Column("slot_at", Utc, nullable=False),
    _key("line_id"),
    Column("matter_id", String(40)),
    Column("person", String(64), nullable=False),  # a keyed hash of who booked; never the number itself
    Column("tail", String(8), nullable=False),
    Column("language", String(12), nullable=False),
    Column("status", String(12), nullable=False),
    Column("made_by", String(40), nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("ticket_id", String(36)),
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("status", ("booked", "arrived", "cancelled", "no_show")),
    Index("uq_bookings_code", "code", unique=True),
    Index("ix_bookings_slot", "hall_id", "line_id", "slot_at"),
    _partial_index("uq_bookings_person", ("hall_id", "day", "person"), "status IN ('booked', 'arrived')", unique=True),
)

day_keys = Table(
    "day_keys",
    metadata,
    _key("hall_id"),
    Column("day", Date, nullable=False),
    Column("key", String(64), nullable=False),  # destroyed at the end of the day: the hashes below mean nothing then
    PrimaryKeyConstraint("hall_id", "day"),
)

identities = Table(
    "identities",
    metadata,
    _key("hall_id"),
    Column("ticket_id", String(36), nullable=False),
    Column("person", String(64), nullable=False),  # keyed with the day's key
    Column("tail", String(8), nullable=False),
    Column("principal", String(64)),  # on whose behalf an agent came
    Column("principal_tail", String(8)),
    PrimaryKeyConstraint("hall_id", "ticket_id"),
    Index("ix_identities_person", "hall_id", "person"),
)

# Who has rated is known here, and what was answered there; nothing leads from one to the other.
rated = Table(
    "rated",
    metadata,
    _key("hall_id"),
    Column("ticket_id", String(36), nullable=False),
    Column("day", Date, nullable=False),
    PrimaryKeyConstraint("hall_id", "ticket_id"),
)

ratings = Table(
    "ratings",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),  # random, so that it tells no order
    Column("day", Date, nullable=False),
    _key("line_id"),
    Column("window_id", String(40)),
    Column("clerk", String(40)),
    Column("level", Integer, nullable=False),  # 5 the best
    Column("reasons", JSON, nullable=False),
    Column("words", String(500)),
    Column("follows", String(36)),  # the case it follows up
    PrimaryKeyConstraint("hall_id", "id"),
    CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    Index("ix_ratings_day", "hall_id", "day"),
)

cases = Table(
    "cases",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("code", String(24), nullable=False),  # the visitor's own way to it
    Column("opened_on", Date, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("right_by", Date, nullable=False),
    Column("line_id", String(40)),
    Column("window_id", String(40)),
    Column("rating_id", String(36)),
    Column("status", String(12), nullable=False),
    Column("answer", String(1000)),
    Column("answered_at", Utc),
    Column("closed_at", Utc),
    Column("kind", String(12), nullable=False, server_default="rating"),
    Column("unit_id", String(40)),  # complained of; None: the center itself
    Column("owner", String(40)),  # who sees to it, by name; None: the supervisor on duty
    Column("opened_by", String(40)),  # who took it down; None: the visitor alone
    Column("words", String(1000)),  # what was complained of; the journal has its salted digest
    Column("salt", String(32)),
    Column("contact", String(120)),  # where the visitor wishes to be reached
    Column("ticket_id", String(36)),  # whose number the visitor gave; never a rating's
    Column("follow_up", Integer),  # how a complaint's visitor rates its answer; a rating's case has a rating of its own
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("status", ("open", "answered", "closed")),
    _one_of("kind", ("rating", "complaint")),
    Index("uq_cases_code", "code", unique=True),
    _partial_index("ix_cases_ticket", ("hall_id", "ticket_id"), "ticket_id IS NOT NULL"),
)

# What was done in a case, in order; its words can be erased, the journal has their salted digest.
case_steps = Table(
    "case_steps",
    metadata,
    _key("hall_id"),
    Column("case_id", String(36), nullable=False),
    Column("place", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("what", String(12), nullable=False),
    Column("by", String(40), nullable=False),
    Column("words", String(1000)),
    Column("salt", String(32)),
    PrimaryKeyConstraint("hall_id", "case_id", "place"),
    _one_of("what", ("assigned", "noted", "stated", "answered", "closed", "rated")),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _key("hall_id"),
    Column("ticket_id", String(36), nullable=False),
    Column("channel", String(16), nullable=False),  # webhook, sms, wechat, webpush
    Column("address", Text, nullable=False),
    Column("told", String(8), nullable=False, server_default=""),  # the last thing told: soon, called
    PrimaryKeyConstraint("hall_id", "ticket_id", "channel"),
)
