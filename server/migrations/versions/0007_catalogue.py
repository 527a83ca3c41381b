"""The catalogue"""

from alembic import op

from server.guards import ensure_guards

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    ensure_guards(op.get_bind())
