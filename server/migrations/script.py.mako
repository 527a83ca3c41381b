"""${message}"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
    ensure_guards(op.get_bind())
