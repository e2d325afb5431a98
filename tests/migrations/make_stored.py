"""Keep a schema that is about to land as a small database: ``python -m tests.migrations.make_stored 0003``.

The database is made by the migrations up to that revision and filled with rows as a server of that version leaves
them: a run that succeeded, one that failed, one in training and one that waits, with points that a real trainer
measured. A file that is there is never written again: it stands for what people have on their disks.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from alembic import command
from sqlalchemy import Connection, MetaData, Table, create_engine

from backend.db.migrate import alembic_config
from backend.worker.reporter import pack_points
from synrl_core import datasets, policies
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring.events import ActionCounts, Evaluation
from synrl_core.policies.files import to_json

FOLDER = Path(__file__).parent / "stored"
#: When the rows were written.
THEN = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ITERATIONS = 200


def make(revision: str) -> Path:
    """Write the database of a revision; FileExistsError when it is there."""
    path = FOLDER / f"{revision}.db"
    if path.exists():
        raise FileExistsError(f"{path} is kept as it is: it stands for databases that people have")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
    with engine.begin() as connection:
        fill(connection)
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM")
    engine.dispose()
    return path


def fill(connection: Connection) -> None:
    """Put rows into every table that the schema has."""
    metadata = MetaData()
    metadata.reflect(connection)
    config = TrainingConfig(iterations=ITERATIONS, evaluate_every=10, hidden_layers=(4,), replicates=2)
    tables = metadata.tables
    if "sweeps" in tables:
        _insert(connection, tables["sweeps"], id="s1", name="Step sizes", owner="teacher", created_at=THEN,
                spec={"config": config.model_dump(mode="json"), "grid": {"step_size": [0.001, 0.002]}})  # fmt: skip
    for number, (run_id, status) in enumerate(
        [("0a1b2c3d4e5f", "succeeded"), ("1b2c3d4e5f60", "failed"), ("2c3d4e5f6071", "running"),
         ("3d4e5f607182", "queued")]
    ):  # fmt: skip
        _insert(connection, tables["runs"], **_run(run_id, status, number, config))
    points = measured(config)
    for run_id in ("0a1b2c3d4e5f", "2c3d4e5f6071"):
        _insert(connection, tables["metric_chunks"], run_id=run_id, first_iteration=0, last_iteration=ITERATIONS,
                points=ITERATIONS // 10 + 1, data=points)  # fmt: skip
    _insert(connection, tables["snapshots"], run_id="0a1b2c3d4e5f", iteration=ITERATIONS,
            path=f"runs/0a1b2c3d4e5f/snapshots/{ITERATIONS:012d}.npz")  # fmt: skip
    if "checkpoints" in tables:
        _insert(connection, tables["checkpoints"], run_id="2c3d4e5f6071", iteration=150, bytes=4321,
                path="runs/2c3d4e5f6071/checkpoints/000000000150.npz")  # fmt: skip
    if "policies" in tables:
        policy = policies.get("win_stay_lose_shift")
        _insert(connection, tables["policies"], id="9a" * 6, name="Größe 1", name_key="größe 1", owner="teacher",
                origin="imported", document=to_json(policy), content_hash="9a" * 32, parent="bred", run_id=None,
                notes="", tags=["class"], archived=False, created_at=THEN)  # fmt: skip
        _insert(connection, tables["policy_uses"], run_id="3d4e5f607182", policy_id="9a" * 6)
    if "race_places" in tables:
        _insert(connection, tables["race_places"], race_id="s2", policy="Größe 1", policy_id="9a" * 6, owner="teacher",
                name="Race: Größe 1, random", tasks=["moons · 8"], policies=2, state="complete", place=1, mean=0.9,
                low=0.85, high=0.95, behind=0.0, created_at=THEN, finished_at=THEN)  # fmt: skip
    if "breedings" in tables:
        _insert(connection, tables["breedings"], id="7b" * 6, name="bred here", owner="teacher", status="paused",
                config={"name": "bred here"}, forward_passes=1200, total_passes=146_000, created_at=THEN)  # fmt: skip
        _insert(connection, tables["breeding_steps"], breeding_id="7b" * 6, number=0, name="learn on moons", data=b"x")
    if "class_sessions" in tables:
        _insert(connection, tables["class_sessions"], id="c1" * 6, code="N7JJK9", title="7b · Größe", owner="teacher",
                created_at=THEN, closed_at=None, names_removed_at=None, showing=["5a" * 6])  # fmt: skip
        _insert(connection, tables["class_seats"], id="5a" * 6, session_id="c1" * 6, number=1, name="Zoë",
                name_key="zoë", key_hash="5a" * 32, position={"step": 2}, joined_at=THEN, left_at=None)  # fmt: skip
        _insert(connection, tables["class_activities"], id="ac" * 6, session_id="c1" * 6, number=1, kind="vote",
                title="Vote", settings={"kind": "vote", "question": "Why?", "options": ["so", "not so"]},
                state={"phase": "first"}, created_at=THEN, ended_at=None)  # fmt: skip
        _insert(connection, tables["class_answers"], activity_id="ac" * 6, slot="first", seat_id="5a" * 6, value=1,
                at=THEN)  # fmt: skip
        _insert(connection, tables["class_hands"], id="4a" * 6, session_id="c1" * 6, seat_id="5a" * 6,
                text="what is the row?", raised_at=THEN, lowered_at=None)  # fmt: skip
    if "datasets" in tables:
        _insert(connection, tables["datasets"], id="af" * 6, content_hash="af" * 32, name="Größen, œuvres & «letters»",
                samples=70, sample_shape=[28, 28], classes=[{"name": "A", "samples": 30}, {"name": "Б", "samples": 40}],
                files=["letters.npz"], scaling="divided by 255", remarks=["one class has a single sample"], bytes=12345,
                created_at=THEN)  # fmt: skip


def measured(config: TrainingConfig) -> bytes:
    """Train for real and pack what was measured, as a worker does."""
    trainer = make_trainer(config, datasets.load("digits"))
    evaluations: list[tuple[Evaluation, float]] = []
    actions: dict[int, Any] = {}
    for event in trainer.events():
        if isinstance(event, Evaluation):
            evaluations.append((event, 0.01 * len(evaluations)))
        elif isinstance(event, ActionCounts):
            actions[event.iteration] = event.counts.sum(axis=1)
    return pack_points(evaluations, actions)


def _run(run_id: str, status: str, number: int, config: TrainingConfig) -> dict[str, Any]:
    begun, ended = status != "queued", status in ("succeeded", "failed")
    created = THEN + timedelta(minutes=number)
    return {
        "id": run_id,
        "name": f"Ada's run {number + 1} · ünïcode",
        "status": status,
        "config": config.model_dump(mode="json"),
        "dataset_name": "digits",
        "sample_shape": [8, 8],
        "attempt": int(begun),
        "stop_requested": status == "running",
        "requested": "stop" if status == "running" else None,
        "owner": "teacher" if number else "Ada",
        "sweep_id": "s1" if number > 1 else None,
        "archived": number == 1,
        "tags": ["class 7b"] if number == 0 else [],
        "notes": "seen by all" if number == 0 else "",
        "group_key": "0123456789abcdef",
        "iteration": ITERATIONS if ended else 150 * int(begun),
        "iterations": ITERATIONS,
        "iterations_per_second": 1234.5 if begun else None,
        "forward_passes": ITERATIONS + 1 if ended else 0,
        "training_seconds": 12.25 if ended else 0.0,
        "train_accuracy": 0.75 if status == "succeeded" else None,
        "validation_accuracy": 0.7 if status == "succeeded" else None,
        "best_validation_accuracy": 0.72 if status == "succeeded" else None,
        "best_iteration": 180 if status == "succeeded" else None,
        "created_at": created,
        "started_at": created + timedelta(seconds=1) if begun else None,
        "finished_at": created + timedelta(seconds=14) if ended else None,
        "error": "The loss is no longer a number." if status == "failed" else None,
        "dataset_hash": "cd" * 32 if begun else None,
        "provenance": {"synrl": "0.1.0", "numpy": np.__version__} if begun else None,
        "lost_workers": 0,
    }


def _insert(connection: Connection, table: Table, **values: Any) -> None:
    """Insert what the table has columns for; the database refuses a row that lacks one it needs."""
    connection.execute(table.insert().values({name: v for name, v in values.items() if name in table.columns}))


if __name__ == "__main__":
    print(make(sys.argv[1]))
