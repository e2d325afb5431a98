"""Breedings of policies, and the recorded results of their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breedings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("forward_passes", sa.BigInteger(), nullable=False),
        sa.Column("total_passes", sa.BigInteger(), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("lines", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("policy_ids", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_breedings"),
    )
    op.create_index("ix_breedings_status_created_at", "breedings", ["status", "created_at"])
    op.create_table(
        "breeding_steps",
        sa.Column("breeding_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["breeding_id"], ["breedings.id"], name="fk_breeding_steps_breeding_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("breeding_id", "number", name="pk_breeding_steps"),
    )


def downgrade() -> None:
    for table in ("breeding_steps", "breedings"):
        op.drop_table(table)
