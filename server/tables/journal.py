"""What happened and was asked for: the journal and its proofs, the access log, answered requests, erasures."""

from sqlalchemy import JSON, BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from server.tables.base import Utc, key, metadata, one_of, partial_index

journal = Table(
    "journal",
    metadata,
    key("hall_id"),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(40), nullable=False),
    Column("ticket_id", String(36)),
    Column("body", Text, nullable=False),  # the envelope, canonical JSON
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("hall_id", "seq"),
    Index("ix_journal_ticket", "hall_id", "ticket_id"),
    partial_index("ix_journal_days", ("hall_id", "seq"), "type = 'day.started'"),
    partial_index("ix_journal_checks", ("hall_id", "seq"), "type = 'register.checked'"),
)

# Where the kept journal begins, once retention has dropped what came before: up to `seq`, which began `day`.
journal_checkpoints = Table(
    "journal_checkpoints",
    metadata,
    key("hall_id"),
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
    key("hall_id"),
    key("actor"),
    Column("request_id", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    PrimaryKeyConstraint("hall_id", "actor", "request_id"),
    Index("ix_requests_day", "hall_id", "day"),
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
    key("hall_id"),
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
    one_of("what", ("ticket", "booking", "case")),
)
