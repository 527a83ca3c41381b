"""Complaints"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("tickets", sa.Column("complaint_of", sa.String(length=40), nullable=True))
    _grow_cases()
    op.create_table(
        "case_steps",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", "case_id", "place", name=op.f("pk_case_steps")),
        sa.CheckConstraint(
            "what IN ('assigned', 'noted', 'stated', 'answered', 'closed', 'rated')", name=op.f("ck_case_steps_what")
        ),
    )
    ensure_guards(op.get_bind())


def _grow_cases() -> None:
    texts = {"unit_id": 40, "owner": 40, "opened_by": 40, "words": 1000, "salt": 32, "contact": 120, "ticket_id": 36}
    with op.batch_alter_table("cases") as batch:
        batch.alter_column("line_id", existing_type=sa.String(length=40), nullable=True)
        batch.alter_column("rating_id", existing_type=sa.String(length=36), nullable=True)
        batch.add_column(sa.Column("kind", sa.String(length=12), nullable=False, server_default="rating"))
        for name, length in texts.items():
            batch.add_column(sa.Column(name, sa.String(length=length), nullable=True))
        batch.add_column(sa.Column("follow_up", sa.Integer(), nullable=True))
        batch.create_check_constraint(op.f("ck_cases_kind"), "kind IN ('rating', 'complaint')")
    named = sa.text("ticket_id IS NOT NULL")
    op.create_index("ix_cases_ticket", "cases", ["hall_id", "ticket_id"], sqlite_where=named, postgresql_where=named)
