"""What a visitor leaves beside the ticket: a booking, a document's hash, an address for notices."""

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, String, Table, Text

from server.tables.base import Utc, key, metadata, one_of, partial_index

bookings = Table(
    "bookings",
    metadata,
    key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("code", String(24), nullable=False),
    Column("day", Date, nullable=False),
    Column("slot_at", Utc, nullable=False),
    key("line_id"),
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
    one_of("status", ("booked", "arrived", "cancelled", "no_show")),
    Index("uq_bookings_code", "code", unique=True),
    Index("ix_bookings_slot", "hall_id", "line_id", "slot_at"),
    partial_index("uq_bookings_person", ("hall_id", "day", "person"), "status IN ('booked', 'arrived')", unique=True),
)

day_keys = Table(
    "day_keys",
    metadata,
    key("hall_id"),
    Column("day", Date, nullable=False),
    Column("key", String(64), nullable=False),  # destroyed at the end of the day: the hashes below mean nothing then
    PrimaryKeyConstraint("hall_id", "day"),
)

identities = Table(
    "identities",
    metadata,
    key("hall_id"),
    Column("ticket_id", String(36), nullable=False),
    Column("person", String(64), nullable=False),  # keyed with the day's key
    Column("tail", String(8), nullable=False),
    Column("principal", String(64)),  # on whose behalf an agent came
    Column("principal_tail", String(8)),
    PrimaryKeyConstraint("hall_id", "ticket_id"),
    Index("ix_identities_person", "hall_id", "person"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    key("hall_id"),
    Column("ticket_id", String(36), nullable=False),
    Column("channel", String(16), nullable=False),  # webhook, sms, wechat, webpush
    Column("address", Text, nullable=False),
    Column("told", String(8), nullable=False, server_default=""),  # the last thing told: soon, called
    PrimaryKeyConstraint("hall_id", "ticket_id", "channel"),
)
