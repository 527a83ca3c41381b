"""The tables of every hall; the keys begin with the hall, the constraints bear names."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

from hall.words import TicketStatus, WindowStatus


class Utc(TypeDecorator[datetime]):
    """A moment in UTC; comes back aware from databases that forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str) -> Column[str]:
    return Column(name, String(40), nullable=False)


def _one_of(column: str, values: Any) -> CheckConstraint:
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


halls = Table(
    "halls",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", JSON, nullable=False),
    Column("settings", JSON, nullable=False),  # the layout's hours, rules, guide line and category sets
    Column("epoch", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False, server_default="0"),
    Column("head", String(64), nullable=False),  # hash of the journal's last row
    Column("day", Date, nullable=False),
    Column("at", Utc, nullable=False),  # of the last command: the journal's time never runs back
    Column("layout_version", Integer, nullable=False, server_default="1"),
)

zones = Table(
    "zones",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", JSON, nullable=False),
    Column("floor", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("hall_id", "id"),
)

units = Table(
    "units",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", JSON, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("hall_id", "id"),
)

lines = Table(
    "lines",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", JSON, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("common", Boolean, nullable=False),
    Column("issuing", JSON),
    Column("daily_quota", Integer),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("hall_id", "id"),
    UniqueConstraint("hall_id", "prefix"),
)

matters = Table(
    "matters",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", JSON, nullable=False),
    _key("unit_id"),
    _key("category"),
    _key("line_id"),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("hall_id", "id"),
)

windows = Table(
    "windows",
    metadata,
    _key("hall_id"),
    _key("id"),
    Column("name", String(12), nullable=False),
    _key("zone_id"),
    Column("position", Integer, nullable=False),
    Column("status", String(8), nullable=False, server_default="closed"),
    Column("clerk", String(40)),  # the token id of who claimed it
    Column("clerk_name", String(40)),
    Column("reason", Text),
    Column("until", Utc),
    Column("closing", String(8)),  # `pause` or `close`, after the current ticket
    Column("ticket_id", String(36)),
    Column("status_at", Utc),
    Column("served", Integer, nullable=False, server_default="0"),  # today
    Column("service_seconds", Integer, nullable=False, server_default="0"),  # today, in all
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("status", WindowStatus),
)

window_lines = Table(
    "window_lines",
    metadata,
    _key("hall_id"),
    _key("window_id"),
    _key("line_id"),
    Column("rank", Integer, nullable=False),
    PrimaryKeyConstraint("hall_id", "window_id", "line_id"),
)

loads = Table(
    "loads",
    metadata,
    _key("hall_id"),
    _key("line_id"),
    Column("class", String(16), nullable=False),
    Column("waiting", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("hall_id", "line_id", "class"),
    CheckConstraint("waiting >= 0", name="waiting"),
)

counters = Table(
    "counters",
    metadata,
    _key("hall_id"),
    Column("day", Date, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("hall_id", "day", "prefix"),
)

tickets = Table(
    "tickets",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("day", Date, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("number", String(12), nullable=False),
    _key("line_id"),
    Column("matter_id", String(40)),
    Column("class", String(16), nullable=False),
    Column("language", String(12), nullable=False),
    Column("status", String(12), nullable=False),
    Column("window_id", String(40)),
    Column("issued_by", String(40), nullable=False),
    Column("issued_seq", BigInteger, nullable=False),
    Column("issued_at", Utc, nullable=False),
    Column("queued_at", Utc, nullable=False),
    Column("first_called_at", Utc),
    Column("called_at", Utc),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("started_at", Utc),
    Column("ended_at", Utc),
    Column("outcome", String(40)),
    Column("why", JSON),
    Column("track_code", String(24), nullable=False),
    PrimaryKeyConstraint("hall_id", "id"),
    UniqueConstraint("hall_id", "day", "prefix", "ordinal"),
    _one_of("status", TicketStatus),
    Index(
        "ix_tickets_waiting",
        "hall_id",
        "line_id",
        "class",
        "queued_at",
        "issued_seq",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
    Index(
        "uq_tickets_live_at_window",
        "hall_id",
        "window_id",
        unique=True,
        sqlite_where=text("status IN ('called', 'serving')"),
        postgresql_where=text("status IN ('called', 'serving')"),
    ),
    Index("ix_tickets_number", "hall_id", "day", "number"),
    Index("uq_tickets_track_code", "track_code", unique=True),
)

journal = Table(
    "journal",
    metadata,
    _key("hall_id"),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(40), nullable=False),
    Column("ticket_id", String(36)),
    Column("body", Text, nullable=False),  # the envelope, canonical JSON
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("hall_id", "seq"),
    Index("ix_journal_ticket", "hall_id", "ticket_id"),
)

requests = Table(
    "requests",
    metadata,
    _key("hall_id"),
    _key("actor"),
    Column("request_id", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    PrimaryKeyConstraint("hall_id", "actor", "request_id"),
    Index("ix_requests_day", "hall_id", "day"),
)

slips = Table(
    "slips",
    metadata,
    _key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("ticket_id", String(36), nullable=False),
    _key("device"),
    Column("reprint", Boolean, nullable=False),
    Column("status", String(8), nullable=False),
    Column("reason", String(200)),
    Column("at", Utc, nullable=False),
    PrimaryKeyConstraint("hall_id", "id"),
    _one_of("status", ("pending", "printed", "failed")),
    Index("ix_slips_ticket", "hall_id", "ticket_id"),
    Index("ix_slips_device", "hall_id", "device", "at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    _key("hall_id"),
    Column("role", String(16), nullable=False),
    Column("window_id", String(40)),
    Column("name", String(40), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("hall_id", String(40)),
    Column("actor", String(40)),
    Column("what", String(40), nullable=False),
    Column("detail", Text, nullable=False),
)
