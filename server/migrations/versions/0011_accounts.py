"""Accounts and sessions"""

from alembic import op

from server.guards import ensure_guards

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    ensure_guards(op.get_bind())
