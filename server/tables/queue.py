"""Numbers on their way: how many wait, what was given, the tickets themselves, their slips."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from hall.words import Lane, TicketStatus
from server.tables.base import Utc, key, metadata, one_of, partial_index

loads = Table(
    "loads",
    metadata,
    key("hall_id"),
    key("line_id"),
    Column("lane", String(16), nullable=False),
    Column("waiting", Integer, nullable=False, server_default="0"),
    Column("aside", Integer, nullable=False, server_default="0"),  # of them, parked or in a pool
    Column("turn", Integer, nullable=False, server_default="0"),  # calls of other lanes since one of this lane
    PrimaryKeyConstraint("hall_id", "line_id", "lane"),
    one_of("lane", Lane),
    CheckConstraint("waiting >= 0", name="waiting"),
    CheckConstraint("aside >= 0", name="aside"),
)

counters = Table(
    "counters",
    metadata,
    key("hall_id"),
    Column("day", Date, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("last", Integer, nullable=False),
    Column("fence", Integer),  # where the next band above `last` begins; None: nowhere
    PrimaryKeyConstraint("hall_id", "day", "prefix"),
)

# Numbers that one kiosk alone gives while it has no network; the counter passes them by.
bands = Table(
    "bands",
    metadata,
    key("hall_id"),
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
    key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("day", Date, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("number", String(12), nullable=False),
    key("line_id"),
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
    one_of("status", TicketStatus),
    one_of("lane", Lane),
    partial_index(
        "ix_tickets_waiting",
        ("hall_id", "line_id", "lane", "queued_at", "issued_seq"),
        "status = 'waiting' AND pool = '' AND parked IS NULL",
    ),
    partial_index(
        "ix_tickets_pool", ("hall_id", "pool", "queued_at", "issued_seq"), "status = 'waiting' AND pool <> ''"
    ),
    partial_index("ix_tickets_return", ("hall_id", "return_at"), "return_at IS NOT NULL"),
    partial_index("ix_tickets_guide", ("hall_id", "day"), "guide"),
    partial_index("ix_tickets_visit", ("hall_id", "visit_id"), "visit_id IS NOT NULL"),
    partial_index(
        "uq_tickets_live_at_window", ("hall_id", "window_id"), "status IN ('called', 'serving')", unique=True
    ),
    Index("ix_tickets_number", "hall_id", "day", "number"),
    Index("uq_tickets_track_code", "track_code", unique=True),
)

overtakings = Table(
    "overtakings",
    metadata,
    key("hall_id"),
    Column("ticket_id", String(36), nullable=False),  # who was called although others of the line came before
    Column("called_at", Utc, nullable=False),
    key("line_id"),
    Column("queued_at", Utc, nullable=False),
    Column("issued_seq", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    PrimaryKeyConstraint("hall_id", "ticket_id", "called_at"),
    Index("ix_overtakings_line", "hall_id", "line_id", "queued_at"),
)

slips = Table(
    "slips",
    metadata,
    key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("ticket_id", String(36), nullable=False),
    key("device"),
    Column("reprint", Boolean, nullable=False),
    Column("status", String(8), nullable=False),
    Column("reason", String(200)),
    Column("at", Utc, nullable=False),
    Column("dismissed_at", Utc),  # the guide desk has dealt with it: its number was told, or its visitor has left
    PrimaryKeyConstraint("hall_id", "id"),
    one_of("status", ("pending", "printed", "failed")),
    partial_index("ix_slips_unprinted", ("hall_id", "at"), "status <> 'printed' AND dismissed_at IS NULL"),
    Index("ix_slips_ticket", "hall_id", "ticket_id"),
    Index("ix_slips_device", "hall_id", "device", "at"),
)
