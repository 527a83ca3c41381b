"""What should be in the hall: exemptions and consultations"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0009"
down_revision = "0008"
_OF_MATTER = ["hall_id", "matter_id"]


def upgrade() -> None:
    _exemptions()
    _consultations()
    _partial("ix_journal_checks", "journal", ["hall_id", "seq"], "type = 'register.checked'", unique=False)
    ensure_guards(op.get_bind())


def _text(name: str, length: int, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _exemptions() -> None:
    status = "status IN ('proposed', 'approved', 'rejected', 'ended')"
    document = (
        "status <> 'approved' OR (document_number IS NOT NULL AND decided_on IS NOT NULL AND review_due IS NOT NULL)"
    )
    op.create_table(
        "exemptions",
        _text("hall_id", 40, False),
        _text("id", 36, False),
        _text("matter_id", 40, False),
        _text("kind", 16, False),
        _text("status", 12, False),
        _text("reason", 500, False),
        _text("proposed_by", 40, False),
        sa.Column("proposed_at", Utc(), nullable=False),
        _text("document_number", 80),
        _text("decided_by", 40),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("review_due", sa.Date(), nullable=True),
        _text("rejected_because", 500),
        _text("ended_by", 40),
        sa.Column("ended_at", Utc(), nullable=True),
        _text("ended_because", 500),
        sa.CheckConstraint("kind IN ('exempt', 'separate')", name=op.f("ck_exemptions_kind")),
        sa.CheckConstraint(status, name=op.f("ck_exemptions_status")),
        sa.CheckConstraint(document, name=op.f("ck_exemptions_document")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_exemptions")),
    )
    op.create_index("ix_exemptions_matter", "exemptions", ["hall_id", "matter_id", "proposed_at"], unique=False)
    _partial("uq_exemptions_live", "exemptions", _OF_MATTER, "status IN ('proposed', 'approved')", unique=True)


def _consultations() -> None:
    signed = "status <> 'signed' OR (unit_signed_at IS NOT NULL AND center_signed_at IS NOT NULL)"
    op.create_table(
        "consultations",
        _text("hall_id", 40, False),
        _text("id", 36, False),
        _text("matter_id", 40, False),
        _text("status", 12, False),
        _text("reason", 500, False),
        _text("opened_by", 40, False),
        sa.Column("opened_at", Utc(), nullable=False),
        _text("unit_signed_by", 40),
        sa.Column("unit_signed_at", Utc(), nullable=True),
        _text("center_signed_by", 40),
        sa.Column("center_signed_at", Utc(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'signed', 'withdrawn')", name=op.f("ck_consultations_status")),
        sa.CheckConstraint(signed, name=op.f("ck_consultations_signed")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_consultations")),
    )
    op.create_index("ix_consultations_matter", "consultations", ["hall_id", "matter_id", "opened_at"], unique=False)
    _partial("uq_consultations_open", "consultations", _OF_MATTER, "status = 'open'", unique=True)


def _partial(name: str, table: str, columns: list[str], where: str, unique: bool) -> None:
    some = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=some, postgresql_where=some)
