"""Failures of a login are counted by browser; a person of the identity provider is known with their provider"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.drop_table("lockouts")  # kept for a day at most
    op.create_table(
        "lockouts",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("browser", sa.String(length=32), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", "login", "browser", name=op.f("pk_lockouts")),
    )
    op.execute("UPDATE accounts SET openid_subject = NULL")  # bound anew, with its provider, at the next sign-in
    ensure_guards(op.get_bind())
