"""Library of policies; the tables that a run keeps, and which runs use which policy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("parent", sa.String(length=200), nullable=True),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False, server_default=""),
        sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policies"),
        sa.UniqueConstraint("name_key", name="uq_policies_name_key"),
    )
    op.create_index("ix_policies_created_at", "policies", ["created_at"])
    op.create_table(
        "policy_uses",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("policy_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_policy_uses_run_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name="fk_policy_uses_policy_id"),
        sa.PrimaryKeyConstraint("run_id", "policy_id", name="pk_policy_uses"),
    )
    op.create_index("ix_policy_uses_policy_id", "policy_uses", ["policy_id"])
    op.add_column("runs", sa.Column("policies", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("runs", "policies")
    for table in ("policy_uses", "policies"):
        op.drop_table(table)
