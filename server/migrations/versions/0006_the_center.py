"""Closed parts, temporary lines, where a matter is handled, and whose people hold a token"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("zones", "units", "lines", "matters", "windows"):
        op.add_column(table, sa.Column("closed", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("lines", sa.Column("suspended", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("window_lines", sa.Column("until", Utc(), nullable=True))
    op.add_column("tokens", sa.Column("unit_id", sa.String(length=40), nullable=True))
    _add_entry()
    ensure_guards(op.get_bind())


def _add_entry() -> None:
    entry = "entry IN ('in_hall', 'exempt', 'separate', 'consultation', 'pending')"
    column = sa.Column("entry", sa.String(length=16), nullable=False, server_default="in_hall")
    with op.batch_alter_table("matters") as batch:
        batch.add_column(column)
        batch.create_check_constraint(op.f("ck_matters_entry"), entry)
