"""The hall today"""

from alembic import op

from server.guards import ensure_guards

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    ensure_guards(op.get_bind())
