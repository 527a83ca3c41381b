"""Devices"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("drift_seconds", sa.Float(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("behind", sa.BigInteger(), nullable=True),
        sa.Column("behind_at", Utc(), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("last_error_at", Utc(), nullable=True),
        sa.Column("can", sa.JSON(), nullable=False),
        sa.Column("told", sa.String(length=8), server_default="", nullable=False),
        sa.Column("told_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_devices")),
    )
    op.create_table(
        "device_tests",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.Column("detail", sa.String(length=300), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", "device", "what", name=op.f("pk_device_tests")),
    )
    with op.batch_alter_table("device_tests", schema=None) as batch_op:
        batch_op.create_index("uq_device_tests_id", ["hall_id", "id"], unique=True)

    op.create_table(
        "enrolments",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("window_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("token_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_enrolments")),
    )
    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.create_index("uq_enrolments_digest", ["digest"], unique=True)

    ensure_guards(op.get_bind())
