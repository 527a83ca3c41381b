"""The hall itself, the parts of its layout, and the clerks assigned to them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from hall.words import Entry, WindowStatus
from server.tables.base import Utc, key, metadata, one_of, partial_index

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
    Column("due_at", Utc),  # when something of its own accord is due next: a return, an automatic no-show
    Column("pooled", Integer, nullable=False, server_default="0"),  # tickets that wait for one window or clerk alone
    Column("message", JSON(none_as_null=True)),  # what its boards say beside the calls: {text: {language: …}, until}
)

zones = Table(
    "zones",
    metadata,
    key("hall_id"),
    key("id"),
    Column("name", JSON, nullable=False),
    Column("floor", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    PrimaryKeyConstraint("hall_id", "id"),
)

units = Table(
    "units",
    metadata,
    key("hall_id"),
    key("id"),
    Column("name", JSON, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("position", Integer, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    PrimaryKeyConstraint("hall_id", "id"),
)

lines = Table(
    "lines",
    metadata,
    key("hall_id"),
    key("id"),
    Column("name", JSON, nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("common", Boolean, nullable=False),
    Column("issuing", JSON),
    Column("daily_quota", Integer),
    Column("position", Integer, nullable=False),
    Column("more", JSON, nullable=False, server_default="{}"),  # rarer settings of the layout's Line, as it writes them
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    Column("suspended", JSON(none_as_null=True)),  # no numbers for now, as server/actions/suspending.py writes it
    PrimaryKeyConstraint("hall_id", "id"),
    partial_index("uq_lines_prefix", ("hall_id", "prefix"), "NOT closed", unique=True),
)

matters = Table(
    "matters",
    metadata,
    key("hall_id"),
    key("id"),
    Column("name", JSON, nullable=False),
    key("unit_id"),
    key("category"),
    key("line_id"),
    Column("position", Integer, nullable=False),
    Column("more", JSON, nullable=False, server_default="{}"),  # rarer settings of the layout's Matter
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    Column("entry", String(16), nullable=False, server_default="in_hall"),
    PrimaryKeyConstraint("hall_id", "id"),
    one_of("entry", Entry),
)

windows = Table(
    "windows",
    metadata,
    key("hall_id"),
    key("id"),
    Column("name", String(12), nullable=False),
    key("zone_id"),
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
    Column("overtime_seconds", Integer, nullable=False, server_default="0"),  # of it past the calling hours
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # left the layout; its history stays
    PrimaryKeyConstraint("hall_id", "id"),
    one_of("status", WindowStatus),
)

window_lines = Table(
    "window_lines",
    metadata,
    key("hall_id"),
    key("window_id"),
    key("line_id"),
    Column("rank", Integer, nullable=False),
    Column("until", Utc),  # a temporary line, gone of its own accord then; None: as the layout has it
    PrimaryKeyConstraint("hall_id", "window_id", "line_id"),
)

# Which clerk is stationed where, and from which unit, from one day to another (both included).
assignments = Table(
    "assignments",
    metadata,
    key("hall_id"),
    key("id"),
    key("clerk"),  # the 工号, by which an account is known
    Column("unit_id", String(40)),  # None: the center's own
    Column("window_id", String(40)),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date),
    Column("position", Integer, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # withdrawn; it ended the day before
    PrimaryKeyConstraint("hall_id", "id"),
    Index("ix_assignments_clerk", "hall_id", "clerk"),
)
