"""Measure the speed of the store: `python -m benchmarks.store [curves] [list]`.

curves  a run of 500,000 evaluations x 10 replicates: bytes a value, and the time of a request for its curves, whole
        and zoomed in.
list    10,000 runs: the time of the first page under any sort and filter.

The database is SQLite on this machine's disk, requests go through the whole API in one process (no sockets). Times
are by the clock: compare what was taken on a machine that does nothing else.
Results: benchmarks/results/store.json.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select

from backend.api.main import create_api
from backend.db.store import Store
from backend.db.tables import MetricChunk, MetricLevel, Run
from backend.kit.settings import Settings
from backend.kit.status import RunStatus
from backend.runs.curves import points
from backend.runs.grouping import group_key
from backend.wire.columns import METRICS, Columns
from benchmarks.operations import RESULTS as RESULTS_FOLDER
from benchmarks.operations import publish, row
from synrl_core.config import TrainingConfig

RESULTS = RESULTS_FOLDER / "store.json"
POINTS, REPLICATES, RUNS, TURNS = 500_000, 10, 10_000, 15
BATCH = 50_000


def main(chosen: list[str]) -> None:
    """Measure, print and store."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as client:
        store: Store = client.app.state.store  # type: ignore[attr-defined]
        if "curves" in chosen:
            rows += curve_rows(client, store)
        if "list" in chosen:
            rows += list_rows(client, store)
    kept = {row["name"]: row for row in (json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else [])}
    publish("store", list((kept | {row["name"]: row for row in rows}).values()))


@contextmanager
def served(folder: Path) -> Iterator[TestClient]:
    """Serve the API on an empty folder, with a worker that has nothing to do."""
    with TestClient(create_api(Settings(data_dir=folder, workers=1)), base_url="http://localhost") as client:
        yield client


def curve_rows(client: TestClient, store: Store) -> list[dict[str, Any]]:
    """Store the long run as the recorder does, and time its readers."""
    rows = []
    with store.write() as session:
        session.execute(insert(Run).values(**a_run(0, status=RunStatus.PAUSED, iterations=POINTS)))
    start = time.perf_counter()
    generator = np.random.default_rng(0)
    for first in range(0, POINTS, BATCH):
        with store.write() as session:
            points.append(session, "r00000", long_run(first, min(first + BATCH, POINTS), generator))
    rows.append(
        row("storing 500,000 points x 10 replicates in batches of 50,000, s", time.perf_counter() - start, None)
    )
    with store.read() as session:
        stored = session.scalar(select(func.sum(func.length(MetricChunk.data)))) or 0
        coarser = session.scalar(select(func.sum(func.length(MetricLevel.data)))) or 0
    values = POINTS * (3 + 6 + len(METRICS) * REPLICATES)
    rows.append(row("bytes a value at full resolution", stored / values, 12))
    rows.append(row("bytes a value with the coarser copies", (stored + coarser) / values, 12))
    path = "/api/v1/runs/r00000"
    for name, query in (
        ("metrics, max_points=2000", "metrics?max_points=2000"),
        ("metrics, max_points=2000, each replicate", "metrics?max_points=2000&replicates=all"),
        ("metrics, max_points=2000, window of 100,000", "metrics?from_iteration=123456&to_iteration=223455"),
        ("metrics, max_points=2000, window of 10,000", "metrics?from_iteration=123456&to_iteration=133455"),
        ("metrics, max_points=2000, window of 1,000", "metrics?from_iteration=123456&to_iteration=124455"),
        ("actions, max_points=2000", "actions?max_points=2000"),
    ):  # fmt: skip
        rows.append(row(f"{name}, ms", milliseconds(client, store, f"{path}/{query}"), 150))
    return rows


def long_run(first: int, end: int, generator: np.random.Generator) -> Columns:
    """Return points as a run of 784-32-10 under 10 seeds measures them: rising, with noise that float32 holds."""
    iterations = np.arange(first, end, dtype=np.int64)
    made: Columns = {
        "iteration": iterations,
        "forward_passes": iterations + 1,
        "seconds": (iterations * 2e-3).astype(np.float32),
        "actions": generator.multinomial(25_450 * REPLICATES, [0.4, 0.2, 0.4], (len(iterations), 2)),
    }
    level = np.sqrt((iterations + 1) / POINTS)[:, None]
    for name in METRICS:
        made[name] = (0.9 * level + generator.normal(0, 0.01, (len(iterations), REPLICATES))).astype(np.float32)
    for name, samples in (("train_accuracy", 5000), ("validation_accuracy", 4681)):
        made[name] = (np.round(made[name] * samples) / samples).astype(np.float32)
    return made


def list_rows(client: TestClient, store: Store) -> list[dict[str, Any]]:
    """Store 10,000 runs and time the first page under sorts and filters."""
    with store.write() as session:
        session.execute(insert(Run), [a_run(number) for number in range(1, RUNS)])
    rows = []
    for query in LISTS:
        took = milliseconds(client, store, f"/api/v1/runs?limit=100&{query}")
        rows.append(row(f"10,000 runs, first 100: {query or 'newest'}, ms", took, 100))
    slowest = max(rows, key=lambda r: r["value"])
    return [*rows, row("10,000 runs, first 100: the slowest of these, ms", slowest["value"], 100)]


LISTS = (
    "",
    "sort=-best_validation_accuracy",
    "sort=name",
    "sort=-duration",
    "sort=dataset",
    "sort=owner",
    "status=succeeded",
    "owner=owner7",
    "dataset=xor&sort=-validation_accuracy",
    "method=gradient",
    "policy=win_stay_lose_shift&sort=iterations_per_second",
    "tag=tag3",
    "group=g7&sort=finished_at",
    "archived=any",
    "archived=true",
    "search=run%20number%209",
    "search=xor&status=succeeded&owner=owner7&sort=-best_validation_accuracy",
    "offset=9000",
)


def a_run(number: int, status: str | None = None, iterations: int = 20_000) -> dict[str, Any]:
    """Return a row as a year of work leaves them."""
    dataset = ("digits", "xor", "moons", "glyphs")[number % 4]
    config = TrainingConfig(
        dataset=dataset, iterations=iterations, method="gradient" if number % 10 == 0 else "synaptic", seed=number
    ).model_dump(mode="json")
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return {
        "id": f"r{number:05d}",
        "name": f"run number {number} on {dataset}",
        "owner": f"owner{number % 30}",
        "tags": [f"tag{number % 20}", "all"],
        "notes": "what was seen: " + "it learns " * (number % 30),
        "archived": number % 11 == 0,
        "status": status or ("failed" if number % 17 == 0 else "stopped" if number % 13 == 0 else "succeeded"),
        "config": config,
        "group_key": group_key(config),
        "dataset_name": dataset,
        "sample_shape": [8, 8],
        "iteration": iterations,
        "iterations": iterations,
        "iterations_per_second": 1000 + (number * 7919) % 997,
        "forward_passes": iterations,
        "training_seconds": 10 + (number * 104729) % 1009 / 10,
        "train_accuracy": 0.5 + (number * 31) % 500 / 1000,
        "validation_accuracy": 0.5 + (number * 37) % 490 / 1000,
        "best_validation_accuracy": 0.5 + (number * 41) % 495 / 1000,
        "best_iteration": iterations - number % 100,
        "created_at": created,
        "started_at": created + timedelta(seconds=1),
        "finished_at": created + timedelta(seconds=20 + number % 50),
        "dataset_hash": "ab" * 32,
        "provenance": {"synrl": "0.1.0", "numpy": "2.4.6", "python": "3.11", "machine": "Linux x86_64", "host": "h"},
    }


def milliseconds(client: TestClient, store: Store, path: str) -> float:
    """Time of a request by the clock, the median of many turns, each the first one after something was stored."""
    took = []
    for _ in range(TURNS):
        # Answers are remembered until the next commit: what they cost then is not the question.
        with store.write():
            pass
        start = time.perf_counter()
        answer = client.get(path)
        took.append(1e3 * (time.perf_counter() - start))
        assert answer.status_code == 200, answer.text
    return statistics.median(took)


if __name__ == "__main__":
    main(sys.argv[1:] or ["curves", "list"])
