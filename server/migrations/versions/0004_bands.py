"""Bands of numbers for kiosks without network"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "bands",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("prefix", sa.String(length=2), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_bands_first")),
        sa.PrimaryKeyConstraint("hall_id", "day", "prefix", "first", name=op.f("pk_bands")),
    )
    op.add_column("counters", sa.Column("fence", sa.Integer(), nullable=True))
    op.add_column("tickets", sa.Column("offline", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    ensure_guards(op.get_bind())
