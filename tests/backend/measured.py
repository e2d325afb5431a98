"""Factory of runs with measured points, written straight into a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.db.store import Store
from backend.db.tables import Run
from backend.kit.status import RunStatus
from backend.runs import service as runs
from backend.runs.curves import points
from backend.runs.schemas import RunCreate
from backend.wire.columns import METRICS
from synrl_core.config import TrainingConfig

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From the share of the run that is done, (points, 1), to values that broadcast to (points, replicates)."""


def add_run(
    store: Store,
    curve: Curve,
    *,
    name: str | None = None,
    status: RunStatus = RunStatus.SUCCEEDED,
    done: float = 1.0,
    seconds: float = 10.0,
    **settings: Any,
) -> str:
    """Store a run whose accuracies are ``curve`` and whose losses are 1 - ``curve``; return its id."""
    config = TrainingConfig.model_validate(settings)
    with store.write() as session:
        made = runs.create(session, RunCreate(name=name, config=config))
        run = session.get(Run, made.id)
        assert run is not None
        iterations = np.arange(0, int(done * config.iterations) + 1, config.evaluate_every, dtype=np.int64)
        share = (iterations / config.iterations)[:, None]
        y = np.broadcast_to(curve(share), (len(iterations), config.replicates)).astype(np.float32)
        values = {metric: 1 - y if metric.endswith("loss") else y for metric in METRICS}
        points.append(
            session,
            run.id,
            {
                "iteration": iterations,
                "forward_passes": iterations + 1,
                "seconds": seconds * share[:, 0],
                "actions": np.ones((len(iterations), len(config.hidden_layers) + 1, 3), dtype=np.int64),
                **values,
            },
        )
        run.status, run.iteration = status, int(iterations[-1])
        run.forward_passes, run.training_seconds = int(iterations[-1]) + 1, seconds * float(share[-1, 0])
        run.validation_accuracy = run.best_validation_accuracy = float(y[-1].mean())
        run.best_iteration, run.started_at, run.finished_at = run.iteration, datetime.now(UTC), datetime.now(UTC)
        run.dataset_hash, run.provenance = "0" * 64, {"synrl": "0.1.0"}
    return made.id
