"""A run's validation accuracy in a few points, beside it: lists of thousands show it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Runs that were trained before get theirs at the next start (backend.runs.curves.sparklines).
    op.add_column("runs", sa.Column("sparkline", sa.JSON(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("The way back is the copy of the database that was made before the upgrade.")
