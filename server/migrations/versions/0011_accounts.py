"""Accounts and sessions"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _create_accounts()
    _create_sessions()
    op.create_table(
        "lockouts",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", "login", name=op.f("pk_lockouts")),
    )
    ensure_guards(op.get_bind())


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=40), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_at", Utc(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.String(length=36), nullable=True),
        sa.Column("totp_secret", sa.String(length=300), nullable=True),
        sa.Column("totp_at", Utc(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("recovery", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("openid_subject", sa.String(length=255), nullable=True),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("disabled_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("hall_id", "login", name=op.f("uq_accounts_hall_id_login")),
        sa.UniqueConstraint("hall_id", "openid_subject", name=op.f("uq_accounts_hall_id_openid_subject")),
    )
    op.create_index("ix_accounts_id", "accounts", ["id"])


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.CheckConstraint("way IN ('password', 'openid')", name=op.f("ck_sessions_way")),
    )
    op.create_index("ix_sessions_account", "sessions", ["hall_id", "account_id"])
