"""Coarser copies of full chunks, so that long curves are read quickly; how often a run was rewound."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "metric_levels",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("first_iteration", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_metric_levels_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "level", "first_iteration", name="pk_metric_levels"),
    )
    op.add_column("runs", sa.Column("rewinds", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("runs", "rewinds")
    op.drop_table("metric_levels")
