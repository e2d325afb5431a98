"""Class sessions: seats, activities, answers and raised hands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("names_removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("pace", sa.String(length=16), nullable=False, server_default="together"),
        sa.Column("door_open", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("shows_count", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("gathering", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("showing", sa.JSON(), nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("id", name="pk_class_sessions"),
        sa.UniqueConstraint("code", name="uq_class_sessions_code"),
    )
    op.create_index("ix_class_sessions_created_at", "class_sessions", ["created_at"])
    op.create_index("ix_class_sessions_closed_at", "class_sessions", ["closed_at"])
    op.create_table(
        "class_seats",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=100), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("position", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["class_sessions.id"], name="fk_class_seats_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_class_seats"),
        sa.UniqueConstraint("key_hash", name="uq_class_seats_key_hash"),
        sa.UniqueConstraint("session_id", "name_key", name="uq_class_seats_session_id_name_key"),
        sa.UniqueConstraint("session_id", "number", name="uq_class_seats_session_id_number"),
    )
    op.create_table(
        "class_activities",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["class_sessions.id"], name="fk_class_activities_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_class_activities"),
        sa.UniqueConstraint("session_id", "number", name="uq_class_activities_session_id_number"),
    )
    op.create_table(
        "class_answers",
        sa.Column("activity_id", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.String(length=32), nullable=False),
        sa.Column("seat_id", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["class_activities.id"], name="fk_class_answers_activity_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seat_id"], ["class_seats.id"], name="fk_class_answers_seat_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("activity_id", "slot", "seat_id", name="pk_class_answers"),
    )
    op.create_table(
        "class_hands",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("seat_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lowered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["class_sessions.id"], name="fk_class_hands_session_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seat_id"], ["class_seats.id"], name="fk_class_hands_seat_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_class_hands"),
    )
    op.create_index("ix_class_hands_session_id", "class_hands", ["session_id"])


def downgrade() -> None:
    for table in ("class_hands", "class_answers", "class_activities", "class_seats", "class_sessions"):
        op.drop_table(table)
