"""Devices"""

from alembic import op

from server.guards import ensure_guards

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    ensure_guards(op.get_bind())
