"""What the sheets count of a ticket, past what a transfer begins anew"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("tickets", sa.Column("taken_line_id", sa.String(length=40), nullable=True))
    op.add_column("tickets", sa.Column("wait_ended_at", Utc(), nullable=True))
    op.add_column("tickets", sa.Column("missed_at", Utc(), nullable=True))
    op.add_column("tickets", sa.Column("service_seconds", sa.Integer(), nullable=False, server_default="0"))
    # Of days before this, as far as the rows still say it.
    op.execute("UPDATE tickets SET taken_line_id = line_id, wait_ended_at = first_called_at")
    op.execute("UPDATE tickets SET missed_at = ended_at WHERE status = 'no_show'")
    ensure_guards(op.get_bind())
