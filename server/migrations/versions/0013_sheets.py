"""Sheets"""

from alembic import op

from server.guards import ensure_guards

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    ensure_guards(op.get_bind())
