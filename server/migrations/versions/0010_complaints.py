"""Complaints"""

from alembic import op

from server.guards import ensure_guards

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    ensure_guards(op.get_bind())
