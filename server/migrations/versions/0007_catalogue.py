"""Which clerk is stationed where; the prefix of a closed line is free again"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("clerk", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.String(length=40), nullable=True),
        sa.Column("window_id", sa.String(length=40), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_clerk", "assignments", ["hall_id", "clerk"])
    with op.batch_alter_table("lines") as batch:
        batch.drop_constraint(op.f("uq_lines_hall_id_prefix"), type_="unique")
    still = sa.text("NOT closed")
    op.create_index(
        "uq_lines_prefix", "lines", ["hall_id", "prefix"], unique=True, sqlite_where=still, postgresql_where=still
    )
    ensure_guards(op.get_bind())
