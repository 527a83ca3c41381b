"""Audit"""

from alembic import op

from server.guards import ensure_guards

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    ensure_guards(op.get_bind())
