"""Where a journal begins after retention, proofs that were asked for, a chained access log, erasures"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from server.access import line_hash
from server.guards import ensure_guards
from server.journal import FIRST_HEAD
from server.tables.base import Utc
from server.tables.journal import access_head, access_log

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    connection = op.get_bind()
    op.create_index(
        "ix_journal_days",
        "journal",
        ["hall_id", "seq"],
        sqlite_where=sa.text("type = 'day.started'"),
        postgresql_where=sa.text("type = 'day.started'"),
    )
    _create_tables()
    op.add_column("access_log", sa.Column("name", sa.String(length=40), nullable=True))
    op.add_column("access_log", sa.Column("role", sa.String(length=16), nullable=True))
    op.add_column("access_log", sa.Column("hash", sa.String(length=64), nullable=False, server_default=""))
    op.create_index("ix_access_log_hall", "access_log", ["hall_id", "id"])
    _chain(connection)
    ensure_guards(connection)


def _create_tables() -> None:
    op.create_table(
        "journal_checkpoints",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "seq", name=op.f("pk_journal_checkpoints")),
    )
    op.create_table(
        "verifications",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("began_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("faults", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_verifications")),
    )
    op.create_table(
        "access_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("dropped_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_head")),
    )
    op.create_table(
        "erasures",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("named", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_name", sa.String(length=40), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("done_by", sa.String(length=40), nullable=True),
        sa.Column("done_name", sa.String(length=40), nullable=True),
        sa.Column("done_at", Utc(), nullable=True),
        sa.CheckConstraint("what IN ('ticket', 'booking', 'case')", name=op.f("ck_erasures_what")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_erasures")),
    )


def _chain(connection: sa.Connection) -> None:
    """The lines that are there already become the chain's first."""
    log, head = access_log, FIRST_HEAD
    lines: list[dict[str, Any]] = [
        dict(row) for row in connection.execute(sa.select(log).order_by(log.c.id)).mappings()
    ]
    for place, line in enumerate(lines, start=1):
        was, line["id"] = line["id"], place
        head = line_hash(head, line)
        connection.execute(sa.update(log).where(log.c.id == was).values(id=place, hash=head))
    if lines:
        told = {"id": 1, "last": len(lines), "hash": head, "dropped": 0, "dropped_hash": FIRST_HEAD}
        connection.execute(sa.insert(access_head), told)
