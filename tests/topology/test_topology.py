"""Web, scheduler, two workers and PostgreSQL, each killed or restarted while twenty runs train.

Takes minutes: `make topology` runs it, or `pytest -m topology`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring.events import Evaluation
from tests.topology.parts import Cluster, Web, running_cluster, wait_until

pytestmark = [pytest.mark.topology, pytest.mark.timeout(900)]

RUNS = 20
#: A few seconds of training, with several checkpoints.
CONFIG = {"hidden_layers": [16], "iterations": 8000, "evaluate_every": 400, "snapshot_every": 4000}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path, SYNRL_CHECKPOINT_SECONDS="0.5") as running:
        yield running


def brought() -> Dataset:
    """Data that somebody brings: workers elsewhere get them by their content's hash."""
    digits = datasets.load("digits")
    chosen = slice(0, 1000)
    return Dataset(digits.info, digits.features[chosen], digits.labels[chosen], digits.class_names, (8, 8))


def as_file(data: Dataset) -> bytes:
    file = io.BytesIO()
    np.savez(file, X=data.features.reshape(-1, 8, 8), y=data.labels)
    return file.getvalue()


def in_training(web: Web) -> dict[str, int]:
    """Return the iteration of each run that has begun and not ended."""
    answer = web.patiently("/api/v1/runs?status=running")
    return {run["id"]: run["iteration"] for run in answer["items"] if run["iteration"] > 0} if answer else {}


def done(web: Web) -> int:
    answer = web.patiently("/api/v1/runs?status=succeeded")
    return int(answer["total"]) if answer else -1


def disturb(web: Web, what: str, how: Callable[[], None], trains: int = 2) -> dict[str, int]:
    """Do it while so many runs train, and wait until more have ended; return which trained, and where they were."""
    wait_until(lambda: len(in_training(web)) >= trains, f"{trains} runs in training before {what}")
    hit, before = in_training(web), done(web)
    how()
    wait_until(lambda: done(web) >= before + 2, f"two more runs after {what}")
    return hit


def begins(web: Web, run_id: str) -> int:
    """Return how often a worker began a run or went on with it."""
    return sum(entry["kind"] == "started" for entry in web.ask(f"/api/v1/runs/{run_id}/log"))


def test_every_run_ends_with_the_uninterrupted_bytes_despite_kills(cluster: Cluster, tmp_path: Path) -> None:
    web, (first, second) = cluster.web, cluster.workers
    own = web.upload("/api/v1/datasets", as_file(brought()), "own.npz")["id"]
    configs = [CONFIG | {"seed": n, "dataset": own if n % 2 else "digits"} for n in range(RUNS)]
    runs = [web.ask("/api/v1/runs", {"config": config})["id"] for config in configs]

    def restart(*parts: Any) -> Callable[[], None]:
        def kill_and_start() -> None:
            for part in parts:
                part.kill()
                part.start()

        return kill_and_start

    disturb(web, "the end of a worker", first.kill)
    disturb(web, "the worker's return", first.start, trains=1)
    hits = [
        disturb(web, "the scheduler's restart", restart(cluster.scheduler)),
        disturb(web, "the database's restart", restart(cluster.database)),
        disturb(web, "the web process's restart", restart(cluster.server)),
        disturb(web, "the restart of both workers", restart(first, second)),
    ]
    wait_until(lambda: done(web) == RUNS, "the end of all runs")

    for what, hit in zip(("scheduler", "web process", "workers"), (hits[0], *hits[2:]), strict=True):
        assert all(begins(web, run_id) > 1 for run_id in hit), f"the {what} restarted and runs did not notice: {hit}"
    for config, run_id in zip(configs, runs, strict=True):
        check(web, run_id, *uninterrupted(config, brought() if config["dataset"] == own else datasets.load("digits")))
    for part in ("worker1", "worker2"):
        assert list((tmp_path / part / "cache").rglob("*.npz")), f"{part} has not fetched the data into its own folder"


def uninterrupted(config: dict[str, Any], data: Dataset) -> tuple[list[bytes], list[float]]:
    """Train in this process; return the weights' bytes and the validation accuracies."""
    trainer = make_trainer(TrainingConfig(**config), data)
    # As a worker computes: with more BLAS threads, sums are rounded in another order.
    with threadpool_limits(1, "blas"):
        accuracies = [float(e.validation_accuracy.mean()) for e in trainer.events() if isinstance(e, Evaluation)]
    return [layer.tobytes() for layer in trainer.weights()], accuracies


def check(web: Web, run_id: str, weights: list[bytes], accuracies: list[float]) -> None:
    last = max(one["iteration"] for one in web.ask(f"/api/v1/runs/{run_id}/snapshots"))
    stored = np.load(io.BytesIO(web.ask(f"/api/v1/runs/{run_id}/snapshots/{last}?format=npz", raw=True)))
    assert [stored[f"weights_{layer}"].tobytes() for layer in range(len(weights))] == weights, run_id
    metrics = web.ask(f"/api/v1/runs/{run_id}/metrics?max_points=1000")
    assert metrics["values"]["validation_accuracy"] == pytest.approx(accuracies, abs=1e-6), run_id
