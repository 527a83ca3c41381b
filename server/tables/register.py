"""What should be in the hall: why a matter is kept out of it, and who was consulted."""

from sqlalchemy import CheckConstraint, Column, Date, Index, PrimaryKeyConstraint, String, Table

from server.tables.base import Utc, key, metadata, one_of, partial_index

# What keeps a matter out of the hall: proposed, and decided by the government alone (server/actions/registering.py).
exemptions = Table(
    "exemptions",
    metadata,
    key("hall_id"),
    Column("id", String(36), nullable=False),
    key("matter_id"),
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
    one_of("kind", ("exempt", "separate")),
    one_of("status", ("proposed", "approved", "rejected", "ended")),
    CheckConstraint(
        "status <> 'approved' OR (document_number IS NOT NULL AND decided_on IS NOT NULL AND review_due IS NOT NULL)",
        name="document",
    ),
    partial_index("uq_exemptions_live", ("hall_id", "matter_id"), "status IN ('proposed', 'approved')", unique=True),
    Index("ix_exemptions_matter", "hall_id", "matter_id", "proposed_at"),
)

# How a matter of a unit under dual or vertical management comes into the hall: once both sides have signed.
consultations = Table(
    "consultations",
    metadata,
    key("hall_id"),
    Column("id", String(36), nullable=False),
    key("matter_id"),
    Column("status", String(12), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("opened_by", String(40), nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("unit_signed_by", String(40)),
    Column("unit_signed_at", Utc),
    Column("center_signed_by", String(40)),
    Column("center_signed_at", Utc),
    PrimaryKeyConstraint("hall_id", "id"),
    one_of("status", ("open", "signed", "withdrawn")),
    CheckConstraint(
        "status <> 'signed' OR (unit_signed_at IS NOT NULL AND center_signed_at IS NOT NULL)", name="signed"
    ),
    partial_index("uq_consultations_open", ("hall_id", "matter_id"), "status = 'open'", unique=True),
    Index("ix_consultations_matter", "hall_id", "matter_id", "opened_at"),
)
