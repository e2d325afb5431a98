"""What runs in a worker process: a trainer's events become messages and stored snapshots.

It knows the science and the messages, not the service: no database, no web.
"""

from __future__ import annotations

import platform
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
from distributed import get_worker

from backend import columns, looks, stored_data
from backend.artifacts import Artifacts, snapshot_path
from backend.messages import TOPIC, Ended, Job, Message, Progress, SnapshotStored, Started, WeightsSeen
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.events import ActionCounts, Evaluation, Finished, Snapshot, Step
from synrl_core.training import Trainer, make_trainer

#: Seconds between two messages with points: a person sees no faster, and a message has a price.
PROGRESS_INTERVAL = 0.05
#: Seconds between two looks at the weights, at least and at most.
WEIGHTS_INTERVAL, LONGEST_WEIGHTS_INTERVAL = 0.25, 10.0
#: Bytes a second that looks may cost a page that watches, and the way from here to the web process.
PAGE_BYTES_PER_SECOND, BYTES_PER_SECOND = 40_000, 4_000_000
#: Seconds over which the speed is averaged.
SPEED_WINDOW = 1.0

Emit = Callable[[Message], None]

# Runs of this process that are to end. Filled by the worker's own thread while the run's thread computes.
_stop_requests: set[tuple[str, int]] = set()


def request_stop(run_id: str, attempt: int) -> None:
    """Have a run of this process end at its next iteration. Called by the service through Dask."""
    _stop_requests.add((run_id, attempt))


def dask_setup(worker: Any) -> None:  # noqa: ARG001 (Dask's signature)
    """Prepare a worker process; Dask calls it at the start, as this module is named as a preload."""
    # Ctrl-C in a terminal reaches every process of the group; only the server decides how its workers end.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The first run shall not wait for imports.
    threading.Thread(target=_import_early, name="imports", daemon=True).start()


def _import_early() -> None:
    datasets.split(datasets.load("digits"), 0.25, 0)


def train_run(job: Job) -> None:
    """Train a run and report on it: the Dask task."""
    worker = get_worker()
    train(job, lambda message: worker.log_event(TOPIC, dict(message)))


def train(job: Job, emit: Emit) -> None:
    """Train a run; every outcome, an error in the configuration or the data included, is a last message.

    Parameters
    ----------
    job
        What to train.
    emit
        Takes each message, in order.
    """
    run_id, attempt = job["run_id"], job["attempt"]
    reporter: Reporter | None = None
    status: Literal["succeeded", "stopped", "failed"]
    try:
        config, artifacts = TrainingConfig.model_validate(job["config"]), Artifacts(job["artifacts_url"])
        content_hash = job["dataset_hash"]
        if content_hash is None:
            dataset = datasets.load(config.dataset, config.dataset_parameters)
        else:
            dataset = stored_data.load(content_hash, artifacts)
        trainer = make_trainer(config, dataset)
        emit(
            Started(
                kind="started",
                run_id=run_id,
                attempt=attempt,
                from_iteration=trainer.iteration,
                dataset_hash=dataset.content_hash,
                provenance=_provenance(),
            )
        )
        reporter = Reporter(job, trainer, artifacts, emit)
        status, error = reporter.run()
    except Exception as problem:
        status, error = "failed", f"{type(problem).__name__}: {problem}"
    finally:
        _stop_requests.discard((run_id, attempt))
    iteration = reporter.iteration if reporter else 0
    emit(Ended(kind="ended", run_id=run_id, attempt=attempt, iteration=iteration, status=status, error=error))


def _provenance() -> dict[str, Any]:
    return {
        "synrl": version("synrl"),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "host": platform.node(),
    }


@dataclass
class Reporter:
    """Iterates a trainer and says by time, not by count, what happened."""

    job: Job
    trainer: Trainer
    artifacts: Artifacts
    emit: Emit
    iteration: int = 0
    _pending: list[tuple[Evaluation, float]] = field(default_factory=list)
    _actions: dict[int, Any] = field(default_factory=dict)
    _measured_at: float | None = None
    _speed: float | None = None

    def run(self) -> tuple[Literal["succeeded", "stopped", "failed"], str | None]:
        """Train to the end or to a stop request; return the status and, when failed, the reason."""
        key = (self.job["run_id"], self.job["attempt"])
        started = speed_since = time.perf_counter()
        speed_from = self.iteration = self.trainer.iteration
        next_progress = next_weights = 0.0
        for event in self.trainer.events():
            match event:
                case Evaluation():
                    self._pending.append((event, time.perf_counter() - started))
                    self._measured_at = time.time()
                case ActionCounts():
                    self._actions[event.iteration] = event.counts.sum(axis=1)
                case Snapshot():
                    self._store(event)
                case Finished():
                    self.iteration = event.iteration
                    self._report(time.perf_counter() - started)
                    self._show_weights()
                    return ("failed", event.reason) if event.outcome == "failed" else ("succeeded", None)
            if not isinstance(event, Step):
                continue
            self.iteration = event.iteration
            # Between two steps every evaluation has its action counts, so what is reported here is whole.
            now = time.perf_counter()
            if now < next_progress:
                continue
            if key in _stop_requests:
                break
            if now - speed_since >= SPEED_WINDOW or self._speed is None:
                self._speed = (self.iteration - speed_from) / (now - speed_since)
            if now - speed_since >= SPEED_WINDOW:
                speed_since, speed_from = now, self.iteration
            self._report(now - started)
            next_progress = now + PROGRESS_INTERVAL
            if now >= next_weights:
                next_weights = now + self._show_weights()
        self._report(time.perf_counter() - started)
        self._show_weights()
        return "stopped", None

    def _report(self, seconds: float) -> None:
        points, self._pending = self._pending, []
        actions, self._actions = self._actions, {}
        self.emit(
            Progress(
                kind="progress",
                run_id=self.job["run_id"],
                attempt=self.job["attempt"],
                iteration=self.iteration,
                iterations_per_second=self._speed,
                training_seconds=seconds,
                points=pack_points(points, actions) if points else None,
                measured_at=self._measured_at if points else None,
            )
        )

    def _show_weights(self) -> float:
        """Show the weights as they are, and return the seconds until the next look."""
        seen = self.trainer.snapshot()
        arrays = looks.to_message(seen)
        self.emit(
            WeightsSeen(
                kind="weights",
                run_id=self.job["run_id"],
                attempt=self.job["attempt"],
                iteration=seen.iteration,
                arrays=arrays,
            )
        )
        return pause_between_looks(seen, sum(len(data) for _, _, data in arrays.values()))

    def _store(self, snapshot: Snapshot) -> None:
        path = snapshot_path(self.job["run_id"], snapshot.iteration)
        self.artifacts.write(path, looks.pack(snapshot))
        self.emit(
            SnapshotStored(
                kind="snapshot",
                run_id=self.job["run_id"],
                attempt=self.job["attempt"],
                iteration=snapshot.iteration,
                path=path,
            )
        )


def pause_between_looks(seen: Snapshot, size: int) -> float:
    """Return the seconds between two looks at weights: large networks are shown less often.

    Parameters
    ----------
    size
        Bytes of a look on its way to the web process.
    """
    # On a page a weight is a byte in base64, and a cell of the table about eleven characters.
    cells = 0 if seen.behaviour is None else seen.behaviour.policy[0].size
    shown = sum(layer[0].size for layer in seen.weights) * 4 / 3 + 11.0 * cells
    pause: float = max(WEIGHTS_INTERVAL, shown / PAGE_BYTES_PER_SECOND, size / BYTES_PER_SECOND)
    return min(pause, LONGEST_WEIGHTS_INTERVAL)


def pack_points(points: list[tuple[Evaluation, float]], actions: dict[int, Any]) -> bytes:
    """Pack evaluations with their seconds, and the action counts of their iterations, as `Progress.points`."""
    evaluations = [evaluation for evaluation, _ in points]
    layers = next(iter(actions.values())).shape[0] if actions else 0
    none = np.zeros((layers, 3), dtype=np.int64)
    packed: columns.Columns = {
        "iteration": np.array([evaluation.iteration for evaluation in evaluations], dtype=np.int64),
        "forward_passes": np.array([evaluation.forward_passes for evaluation in evaluations], dtype=np.int64),
        "seconds": np.array([seconds for _, seconds in points], dtype=np.float32),
        "actions": np.array([actions.get(evaluation.iteration, none) for evaluation in evaluations], dtype=np.int64),
    }
    for name in columns.METRICS:
        packed[name] = np.array([getattr(evaluation, name) for evaluation in evaluations], dtype=np.float32)
    return columns.encode(packed)
