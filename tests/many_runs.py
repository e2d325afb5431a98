"""Thousands of runs as they would lie in the database after some months, without training any: for tests of lists,
benchmarks and screenshots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.db.tables import Run, Sweep
from backend.kit.status import RunStatus
from backend.runs.grouping import group_key
from backend.runs.service import default_name
from synrl_core.config import TrainingConfig

SEEDS = 5
OWNERS = ("teacher", "ada", "grace", "kurt")
DATASETS = {"digits": 10, "glyphs": 10, "moons": 2, "spirals": 2, "wine": 3}
ENDS = (RunStatus.SUCCEEDED,) * 16 + (RunStatus.FAILED, RunStatus.STOPPED, RunStatus.STOPPED, RunStatus.PAUSED)
REASON = (
    "Validation accuracy was below 90.0 % after 5,000 iterations. Take a larger step size, or let the run go on by "
    "leaving out give_up_after."
)


def store_runs(database: Path, number: int, newest: datetime | None = None) -> list[str]:
    """Add runs to a database, which is made if it is not there; return their ids, newest first.

    Five seeds of each configuration follow one another; every tenth configuration belongs to a sweep.
    """
    store = Store(make_engine(f"sqlite:///{database}"))
    upgrade(store.engine)
    generator = np.random.default_rng(5)
    now = newest or datetime.now(UTC)
    rows = [_row(generator, place, now - timedelta(minutes=7 * place)) for place in range(number)]
    sweeps = {row["sweep_id"]: row for row in rows if row["sweep_id"]}
    with store.write() as session:
        for sweep_id, row in sweeps.items():
            spec = {"grid": {"seed": list(range(SEEDS))}}
            session.add(Sweep(id=sweep_id, name=f"Seeds of {row['name']}", owner="ada", created_at=now, spec=spec))
        session.flush()
        session.execute(insert(Run), rows)
    store.close()
    return [row["id"] for row in rows]


def _row(generator: np.random.Generator, place: int, created: datetime) -> dict[str, Any]:
    configuration, seed = divmod(place, SEEDS)
    shared, ceiling = _shared(configuration)
    dataset = shared["dataset_name"]
    status = ENDS[int(generator.integers(len(ENDS)))]
    done = 20_000 if status == RunStatus.SUCCEEDED else int(generator.integers(500, 19_000))
    at = np.linspace(0, done, 24).astype(int)
    ceiling += generator.normal(0, 0.01)
    chance = 1 / DATASETS[dataset]
    curve = ceiling - (ceiling - chance) * np.exp(-at / 2500) + generator.normal(0, 0.008, len(at))
    curve = np.clip(curve, 0, 1)
    best = int(np.argmax(curve))
    return {
        **shared,
        "id": f"{place:012x}",
        "status": status,
        "config": shared["config"] | {"seed": seed},
        "iteration": done,
        "iterations": 20_000,
        "forward_passes": done + 1,
        "training_seconds": float(generator.uniform(5, 90)),
        "iterations_per_second": 1200.0,
        "validation_accuracy": float(curve[-1]),
        "best_validation_accuracy": float(curve[best]),
        "best_iteration": int(at[best]),
        "sparkline": [[int(i), round(float(a), 3)] for i, a in zip(at, curve, strict=True)],
        "created_at": created,
        "started_at": created,
        "finished_at": None if status == RunStatus.PAUSED else created + timedelta(seconds=60),
        "error": REASON if status == RunStatus.FAILED else None,
    }


@cache
def _shared(configuration: int) -> tuple[dict[str, Any], float]:
    """Return what all seeds of a configuration have in common, and about how well they learn."""
    kind = np.random.default_rng(configuration)
    dataset = str(kind.choice(list(DATASETS)))
    layers = [(), (32,), (64,), (32, 32)][int(kind.integers(4))]
    step_size = round(float(kind.uniform(1e-3, 1e-2)), 5)
    config = TrainingConfig(dataset=dataset, hidden_layers=layers, step_size=step_size, iterations=20_000)
    stored = config.model_dump(mode="json")
    row = {
        "name": default_name(config),
        "config": stored,
        "group_key": group_key(stored),
        "dataset_name": dataset,
        "sample_shape": [8, 8],
        "owner": OWNERS[configuration % len(OWNERS)],
        "tags": [["baseline"], ["lecture 3", "wide"], [], []][configuration % 4],
        "sweep_id": f"{configuration:012x}" if configuration % 10 == 0 else None,
    }
    return row, float(kind.uniform(0.7, 0.97))
