"""What devices say of themselves, are tested for, and are enrolled with."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, PrimaryKeyConstraint, String, Table

from server.tables.base import Utc, key, metadata

# What a device said of itself last; its token is the device. Nothing of it stands in the journal.
devices = Table(
    "devices",
    metadata,
    key("hall_id"),
    key("id"),
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
    key("hall_id"),
    key("device"),
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
    key("hall_id"),
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
