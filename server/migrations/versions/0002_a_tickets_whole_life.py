"""A ticket's whole life"""

import sqlalchemy as sa
from alembic import op

from server.guards import ensure_guards
from server.tables.base import Utc

revision = "0002"
down_revision = "0001"

LANES = "'ordinary', 'booked', 'priority', 'reinstated'"


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot_at", Utc(), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("matter_id", sa.String(length=40), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("tail", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("status IN ('booked', 'arrived', 'cancelled', 'no_show')", name=op.f("ck_bookings_status")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_bookings")),
    )
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.create_index("ix_bookings_slot", ["hall_id", "line_id", "slot_at"], unique=False)
        batch_op.create_index("uq_bookings_code", ["code"], unique=True)
        batch_op.create_index(
            "uq_bookings_person",
            ["hall_id", "day", "person"],
            unique=True,
            sqlite_where=sa.text("status IN ('booked', 'arrived')"),
            postgresql_where=sa.text("status IN ('booked', 'arrived')"),
        )

    op.create_table(
        "cases",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("right_by", sa.Date(), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("window_id", sa.String(length=40), nullable=True),
        sa.Column("rating_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=True),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'answered', 'closed')", name=op.f("ck_cases_status")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("uq_cases_code", ["code"], unique=True)

    op.create_table(
        "day_keys",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "day", name=op.f("pk_day_keys")),
    )
    op.create_table(
        "identities",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("tail", sa.String(length=8), nullable=False),
        sa.Column("principal", sa.String(length=64), nullable=True),
        sa.Column("principal_tail", sa.String(length=8), nullable=True),
        sa.PrimaryKeyConstraint("hall_id", "ticket_id", name=op.f("pk_identities")),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index("ix_identities_person", ["hall_id", "person"], unique=False)

    op.create_table(
        "overtakings",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("called_at", Utc(), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("queued_at", Utc(), nullable=False),
        sa.Column("issued_seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "ticket_id", "called_at", name=op.f("pk_overtakings")),
    )
    with op.batch_alter_table("overtakings", schema=None) as batch_op:
        batch_op.create_index("ix_overtakings_line", ["hall_id", "line_id", "queued_at"], unique=False)

    op.create_table(
        "rated",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "ticket_id", name=op.f("pk_rated")),
    )
    op.create_table(
        "ratings",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("window_id", sa.String(length=40), nullable=True),
        sa.Column("clerk", sa.String(length=40), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=True),
        sa.Column("follows", sa.String(length=36), nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_ratings_level")),
        sa.PrimaryKeyConstraint("hall_id", "id", name=op.f("pk_ratings")),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index("ix_ratings_day", ["hall_id", "day"], unique=False)

    op.create_table(
        "subscriptions",
        sa.Column("hall_id", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("told", sa.String(length=8), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("hall_id", "ticket_id", "channel", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("halls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("pooled", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("lines", schema=None) as batch_op:
        batch_op.add_column(sa.Column("more", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("loads", schema=None) as batch_op:
        batch_op.alter_column("class", new_column_name="lane", existing_type=sa.String(length=16))
        batch_op.add_column(sa.Column("aside", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_check_constraint(op.f("ck_loads_lane"), f"lane IN ({LANES})")
        batch_op.create_check_constraint(op.f("ck_loads_aside"), "aside >= 0")
    op.execute(
        sa.text(
            "INSERT INTO loads (hall_id, line_id, lane)"
            " SELECT hall_id, line_id, 'reinstated' FROM loads WHERE lane = 'ordinary'"
        )
    )

    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("more", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("pool", sa.String(length=48), server_default="", nullable=False))
        batch_op.add_column(sa.Column("parked", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("joined_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("return_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("held_by", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("hold_reason", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("note", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("route", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("visit_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("count", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("case_number", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("guide", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("late_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("reinstated_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("remote", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("arrived_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("booking_id", sa.String(length=36), nullable=True))
    op.execute(sa.text('UPDATE tickets SET lane = "class", joined_at = queued_at'))
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.alter_column("lane", existing_type=sa.String(length=16), nullable=False)
        batch_op.alter_column("joined_at", existing_type=Utc(), nullable=False)
        batch_op.drop_column("why")  # the journal has it
        batch_op.create_check_constraint(op.f("ck_tickets_lane"), f"lane IN ({LANES})")
        batch_op.drop_index(batch_op.f("ix_tickets_waiting"), sqlite_where=sa.text("status = 'waiting'"))
        batch_op.create_index(
            "ix_tickets_waiting",
            ["hall_id", "line_id", "lane", "queued_at", "issued_seq"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting' AND pool = '' AND parked IS NULL"),
            postgresql_where=sa.text("status = 'waiting' AND pool = '' AND parked IS NULL"),
        )
        batch_op.create_index(
            "ix_tickets_pool",
            ["hall_id", "pool", "queued_at", "issued_seq"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting' AND pool <> ''"),
            postgresql_where=sa.text("status = 'waiting' AND pool <> ''"),
        )
        batch_op.create_index(
            "ix_tickets_return",
            ["hall_id", "return_at"],
            unique=False,
            sqlite_where=sa.text("return_at IS NOT NULL"),
            postgresql_where=sa.text("return_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_tickets_guide",
            ["hall_id", "day"],
            unique=False,
            sqlite_where=sa.text("guide"),
            postgresql_where=sa.text("guide"),
        )
        batch_op.create_index(
            "ix_tickets_visit",
            ["hall_id", "visit_id"],
            unique=False,
            sqlite_where=sa.text("visit_id IS NOT NULL"),
            postgresql_where=sa.text("visit_id IS NOT NULL"),
        )

    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dismissed_at", Utc(), nullable=True))
        batch_op.create_index(
            "ix_slips_unprinted",
            ["hall_id", "at"],
            unique=False,
            sqlite_where=sa.text("status <> 'printed' AND dismissed_at IS NULL"),
            postgresql_where=sa.text("status <> 'printed' AND dismissed_at IS NULL"),
        )

    with op.batch_alter_table("windows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("overtime_seconds", sa.Integer(), server_default="0", nullable=False))

    ensure_guards(op.get_bind())
