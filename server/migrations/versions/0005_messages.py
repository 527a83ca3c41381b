"""What the boards of a hall say beside the calls"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("halls", sa.Column("message", sa.JSON(none_as_null=True), nullable=True))
    ensure_guards(op.get_bind())
