"""The size of a snapshot beside its path: what a student has stored is summed without a look at the files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Snapshots that were stored before get theirs at the next start (backend.training.housekeeping).
    op.add_column("snapshots", sa.Column("bytes", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("The way back is the copy of the database that was made before the upgrade.")
