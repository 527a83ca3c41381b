"""The first tables"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0001"
down_revision = None


def upgrade() -> None:

    op.create_table(
        "access_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("hall_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_table(
        "counters",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("prefix", sa.String(length=2), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "day", "prefix", name=op.f("pk_counters")),
    )
    op.create_table(
        "halls",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("layout_version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_halls")),
    )
    op.create_table(
        "journal",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "seq", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_ticket", ["hall_id", "ticket_id"], unique=False)

    op.create_table(
        "lines",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("prefix", sa.String(length=2), nullable=False),
        sa.Column("common", sa.Boolean(), nullable=False),
        sa.Column("issuing", sa.JSON(), nullable=True),
        sa.Column("daily_quota", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_lines")),
        sa.UniqueConstraint("hall_id", "prefix", name=op.f("uq_lines_hall_id_prefix")),
    )
    op.create_table(
        "loads",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("class", sa.String(length=16), nullable=False),
        sa.Column("waiting", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_loads_waiting")),
        sa.PrimaryKeyConstraint("hall_id", "line_id", "class", name=op.f("pk_loads")),
    )
    op.create_table(
        "matters",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("unit_id", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_matters")),
    )
    op.create_table(
        "requests",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "actor", "request_id", name=op.f("pk_requests")),
    )
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.create_index("ix_requests_day", ["hall_id", "day"], unique=False)

    op.create_table(
        "slips",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("reprint", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'printed', 'failed')", name=op.f("ck_slips_status")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_slips")),
    )
    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.create_index("ix_slips_device", ["hall_id", "device", "at"], unique=False)
        batch_op.create_index("ix_slips_ticket", ["hall_id", "ticket_id"], unique=False)

    op.create_table(
        "tickets",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("prefix", sa.String(length=2), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("matter_id", sa.String(length=40), nullable=True),
        sa.Column("class", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("window_id", sa.String(length=40), nullable=True),
        sa.Column("issued_by", sa.String(length=40), nullable=False),
        sa.Column("issued_seq", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", Utc(), nullable=False),
        sa.Column("queued_at", Utc(), nullable=False),
        sa.Column("first_called_at", Utc(), nullable=True),
        sa.Column("called_at", Utc(), nullable=True),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("why", sa.JSON(), nullable=True),
        sa.Column("track_code", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'called', 'serving', 'held', 'no_show', 'completed', 'cancelled', 'expired')",
            name=op.f("ck_tickets_status"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("hall_id", "day", "prefix", "ordinal", name=op.f("uq_tickets_hall_id_day_prefix_ordinal")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index("ix_tickets_number", ["hall_id", "day", "number"], unique=False)
        batch_op.create_index(
            "ix_tickets_waiting",
            ["hall_id", "line_id", "class", "queued_at", "issued_seq"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )
        batch_op.create_index(
            "uq_tickets_live_at_window",
            ["hall_id", "window_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('called', 'serving')"),
            postgresql_where=sa.text("status IN ('called', 'serving')"),
        )
        batch_op.create_index("uq_tickets_track_code", ["track_code"], unique=True)

    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("window_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_table(
        "units",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_units")),
    )
    op.create_table(
        "window_lines",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("window_id", sa.String(length=40), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "window_id", "line_id", name=op.f("pk_window_lines")),
    )
    op.create_table(
        "windows",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("zone_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), server_default="closed", nullable=False),
        sa.Column("clerk", sa.String(length=40), nullable=True),
        sa.Column("clerk_name", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("closing", sa.String(length=8), nullable=True),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.Column("status_at", Utc(), nullable=True),
        sa.Column("served", sa.Integer(), server_default="0", nullable=False),
        sa.Column("service_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("status IN ('closed', 'open', 'paused')", name=op.f("ck_windows_status")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_windows")),
    )
    op.create_table(
        "zones",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_zones")),
    )

    ensure_guards(op.get_bind())
