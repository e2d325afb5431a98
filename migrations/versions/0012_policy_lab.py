"""What lists show of a policy in columns of its own, and the places of policies in races."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

#: Names of the policies that shipped when this was written.
_SHIPPED = ("win_stay_lose_shift", "random", "blank", "bred", "bred_stochastic")
_SHOWN = ("title", "description", "history", "temperature", "exploration")


def upgrade() -> None:
    op.add_column("policies", sa.Column("title", sa.Text(), nullable=False, server_default=""))
    op.add_column("policies", sa.Column("description", sa.Text(), nullable=False, server_default=""))
    op.add_column("policies", sa.Column("history", sa.Integer(), nullable=False, server_default="2"))
    op.add_column("policies", sa.Column("temperature", sa.Double(), nullable=False, server_default="0"))
    op.add_column("policies", sa.Column("exploration", sa.Double(), nullable=False, server_default="0"))
    op.create_table(
        "race_places",
        sa.Column("race_id", sa.String(length=32), nullable=False),
        sa.Column("policy", sa.String(length=200), nullable=False),
        sa.Column("policy_id", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.Column("policies", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("mean", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("behind", sa.Double(), nullable=True),
        sa.Column("distinguishable", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("race_id", "policy", name="pk_race_places"),
    )
    op.create_index("ix_race_places_policy_id", "race_places", ["policy_id"])
    op.create_index("ix_race_places_finished_at", "race_places", ["finished_at"])
    _fill_columns()
    _fill_places()


def downgrade() -> None:
    op.drop_table("race_places")
    for column in _SHOWN:
        op.drop_column("policies", column)


def _fill_columns() -> None:
    """Take what lists show from the documents, one at a time: a table is 50 kB."""
    connection = op.get_bind()
    stored = sa.table(
        "policies",
        sa.column("id", sa.String),
        sa.column("document", sa.Text),
        sa.column("title", sa.Text),
        sa.column("description", sa.Text),
        sa.column("history", sa.Integer),
        sa.column("temperature", sa.Double),
        sa.column("exploration", sa.Double),
    )
    for policy_id in connection.scalars(sa.select(stored.c.id)).all():
        document = connection.scalar(sa.select(stored.c.document).where(stored.c.id == policy_id))
        told = {"temperature": 0.0} | json.loads(str(document))
        shown = {name: told[name] for name in _SHOWN}
        connection.execute(sa.update(stored).where(stored.c.id == policy_id).values(**shown))


def _fill_places() -> None:
    """Note who took part in races so far; their places are found when the server looks at them again."""
    connection = op.get_bind()
    sweeps = sa.table(
        "sweeps",
        sa.column("id", sa.String),
        sa.column("name", sa.String),
        sa.column("owner", sa.String),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("spec", sa.JSON),
    )
    stored = sa.table("policies", sa.column("id", sa.String), sa.column("name", sa.String))
    ids: dict[str, str] = {name: policy_id for policy_id, name in connection.execute(sa.select(stored)).all()}
    ids |= {name: name for name in _SHIPPED}
    places = sa.table(
        "race_places",
        *(sa.column(name, sa.String) for name in ("race_id", "policy", "policy_id", "owner", "name", "state")),
        sa.column("tasks", sa.JSON),
        sa.column("policies", sa.Integer),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    rows: list[dict[str, Any]] = []
    for race in connection.execute(sa.select(sweeps)).mappings():
        about = race["spec"].get("race")
        if about is None:
            continue
        rows += [
            {
                "race_id": race["id"],
                "policy": name,
                "policy_id": ids[name],
                "owner": race["owner"],
                "name": race["name"],
                "state": "running",
                "tasks": about["names"],
                "policies": len(about["policies"]),
                "created_at": race["created_at"],
            }
            for name in about["policies"]
            if name in ids
        ]
    if rows:
        connection.execute(sa.insert(places), rows)
