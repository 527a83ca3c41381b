"""Ratings and complaints, and what became of them."""

from sqlalchemy import JSON, CheckConstraint, Column, Date, Index, Integer, PrimaryKeyConstraint, String, Table

from server.tables.base import Utc, key, metadata, one_of, partial_index

# Who has rated is known here, and what was answered there; nothing leads from one to the other.
rated = Table(
    "rated",
    metadata,
    key("hall_id"),
    Column("ticket_id", String(36), nullable=False),
    Column("day", Date, nullable=False),
    PrimaryKeyConstraint("hall_id", "ticket_id"),
)

ratings = Table(
    "ratings",
    metadata,
    key("hall_id"),
    Column("id", String(36), nullable=False),  # random, so that it tells no order
    Column("day", Date, nullable=False),
    key("line_id"),
    Column("window_id", String(40)),
    Column("clerk", String(40)),
    Column("level", Integer, nullable=False),  # 5 the best
    Column("reasons", JSON, nullable=False),
    Column("words", String(500)),
    Column("follows", String(36)),  # the case it follows up
    PrimaryKeyConstraint("hall_id", "id"),
    CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    Index("ix_ratings_day", "hall_id", "day"),
)

cases = Table(
    "cases",
    metadata,
    key("hall_id"),
    Column("id", String(36), nullable=False),
    Column("code", String(24), nullable=False),  # the visitor's own way to it
    Column("opened_on", Date, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("right_by", Date, nullable=False),
    Column("line_id", String(40)),
    Column("window_id", String(40)),
    Column("rating_id", String(36)),
    Column("status", String(12), nullable=False),
    Column("answer", String(1000)),
    Column("answered_at", Utc),
    Column("closed_at", Utc),
    Column("kind", String(12), nullable=False, server_default="rating"),
    Column("unit_id", String(40)),  # complained of; None: the center itself
    Column("owner", String(40)),  # who sees to it, by name; None: the supervisor on duty
    Column("opened_by", String(40)),  # who took it down; None: the visitor alone
    Column("words", String(1000)),  # what was complained of; the journal has its salted digest
    Column("salt", String(32)),
    Column("contact", String(120)),  # where the visitor wishes to be reached
    Column("ticket_id", String(36)),  # whose number the visitor gave; never a rating's
    Column("follow_up", Integer),  # how a complaint's visitor rates its answer; a rating's case has a rating of its own
    PrimaryKeyConstraint("hall_id", "id"),
    one_of("status", ("open", "answered", "closed")),
    one_of("kind", ("rating", "complaint")),
    Index("uq_cases_code", "code", unique=True),
    partial_index("ix_cases_ticket", ("hall_id", "ticket_id"), "ticket_id IS NOT NULL"),
)

# What was done in a case, in order; its words can be erased, the journal has their salted digest.
case_steps = Table(
    "case_steps",
    metadata,
    key("hall_id"),
    Column("case_id", String(36), nullable=False),
    Column("place", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("what", String(12), nullable=False),
    Column("by", String(40), nullable=False),
    Column("words", String(1000)),
    Column("salt", String(32)),
    PrimaryKeyConstraint("hall_id", "case_id", "place"),
    one_of("what", ("assigned", "noted", "stated", "answered", "closed", "rated")),
)
