"""Owners, sweeps, checkpoints, trash, and requests to runs that outlive the process."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_RUNS = sa.table(
    "runs",
    sa.column("id", sa.String),
    sa.column("config", sa.JSON),
    sa.column("group_key", sa.String),
    sa.column("requested", sa.String),
    sa.column("stop_requested", sa.Boolean),
    sa.column("started_at", sa.DateTime(timezone=True)),
    sa.column("claimed_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sweeps"),
    )
    op.create_index("ix_sweeps_created_at", "sweeps", ["created_at"])
    op.create_table(
        "checkpoints",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("iteration", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_checkpoints_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "iteration", name="pk_checkpoints"),
    )
    for column in (
        sa.Column("owner", sa.String(length=100), nullable=False, server_default="teacher"),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column("group_key", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("notes", sa.Text(), nullable=False, server_default=""),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested", sa.String(length=16), nullable=True),
        sa.Column("lost_workers", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("held_for", sa.String(length=16), nullable=True),
    ):
        op.add_column("runs", column)
    # In words, for Alembic would add the constraint in a statement of its own, which SQLite does not know.
    op.execute("ALTER TABLE runs ADD COLUMN sweep_id VARCHAR(32) CONSTRAINT fk_runs_sweep_id REFERENCES sweeps (id)")
    _carry_over()
    # Not batch_alter_table: SQLite's DROP TABLE would take the points and snapshots of all runs along.
    op.drop_column("runs", "stop_requested")
    for columns in (["owner", "claimed_at"], ["sweep_id"], ["group_key"], ["deleted_at"]):
        op.create_index(f"ix_runs_{'_'.join(columns)}", "runs", columns)


def _carry_over() -> None:
    connection = op.get_bind()
    wished = _RUNS.c.stop_requested.is_(sa.true())
    connection.execute(sa.update(_RUNS).values(claimed_at=_RUNS.c.started_at))
    connection.execute(sa.update(_RUNS).where(wished).values(requested="stop"))
    for run_id, config in connection.execute(sa.select(_RUNS.c.id, _RUNS.c.config)).all():
        connection.execute(sa.update(_RUNS).where(_RUNS.c.id == run_id).values(group_key=_group_key(config)))


def _group_key(config: dict[str, object]) -> str:
    # As backend.runs.grouping says it today; repeated, for a migration must never change.
    rest = {name: value for name, value in config.items() if name != "seed"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]


def downgrade() -> None:
    raise NotImplementedError("The way back is the copy of the database that was made before the upgrade.")
