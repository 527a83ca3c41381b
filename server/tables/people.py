"""Who comes in: tokens, and people with their accounts, sessions and lockouts."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from server.tables.base import Utc, key, metadata, one_of

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    key("hall_id"),
    Column("role", String(16), nullable=False),
    Column("window_id", String(40)),
    Column("name", String(40), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    Column("unit_id", String(40)),  # who was stationed in the hall by it; None: the center's own
)

# People who sign in with a password or by the house's own identity provider. Their login is what others read of them.
accounts = Table(
    "accounts",
    metadata,
    key("hall_id"),
    key("id"),
    Column("login", String(40), nullable=False),  # 工号, in small letters
    Column("name", String(40), nullable=False),  # the person's own, for administrators alone
    Column("role", String(16), nullable=False),
    Column("unit_id", String(40)),  # who stationed them in the hall; None: the center's own
    Column("password_hash", String(200), nullable=False),
    Column("password_at", Utc, nullable=False),
    Column("must_change", Boolean, nullable=False),  # the password was given once by somebody else
    Column("given_by", String(36)),  # the request that gave it: made again it gives the same and changes nothing
    Column("totp_secret", String(300)),  # encrypted with the server's key
    Column("totp_at", Utc),  # in force since; None: not confirmed
    Column("totp_step", BigInteger),  # of the last code taken, which is not taken again
    Column("recovery", JSON, nullable=False, server_default="[]"),  # digests of the codes still unused
    Column("openid_subject", String(255)),
    Column("created_by", String(40), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("disabled_at", Utc),
    PrimaryKeyConstraint("hall_id", "id"),
    UniqueConstraint("hall_id", "login"),
    UniqueConstraint("hall_id", "openid_subject"),
    Index("ix_accounts_id", "id"),
)

sessions = Table(
    "sessions",
    metadata,
    key("hall_id"),
    Column("id", String(64), nullable=False),  # digest of what the browser's cookie holds
    key("account_id"),
    Column("way", String(8), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),  # of the last command or page opened, to the minute
    Column("ended_at", Utc),
    Column("address", String(64), nullable=False),
    Column("agent", String(80), nullable=False),
    PrimaryKeyConstraint("id"),
    one_of("way", ("password", "openid")),
    Index("ix_sessions_account", "hall_id", "account_id"),
)

# Whatever was typed as a login: whether it exists cannot be told from when it is locked.
lockouts = Table(
    "lockouts",
    metadata,
    key("hall_id"),
    key("login"),
    Column("browser", String(32), nullable=False),  # one in which its owner has signed in before; empty: any other
    Column("failed", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("until", Utc),
    PrimaryKeyConstraint("hall_id", "login", "browser"),
)
