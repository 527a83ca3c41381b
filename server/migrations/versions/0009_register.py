"""What should be in the hall"""

from alembic import op

from server.guards import ensure_guards

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    ensure_guards(op.get_bind())
