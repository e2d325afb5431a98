"""Reporter: iterates a trainer and sends its events as messages, snapshots and checkpoints, by time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.wire import checkpoints, columns
from backend.wire import snapshots as snapshot_format
from backend.wire.artifacts import Artifacts, checkpoint_path, snapshot_path
from backend.wire.checkpoints import SavedCheckpoint, Summary
from backend.wire.messages import CheckpointStored, Job, LiveWeights, Message, Progress, SnapshotStored
from backend.worker.control import Control
from synrl_core.datasets import Dataset
from synrl_core.learning.factory import Trainer, resume_trainer
from synrl_core.measuring import metrics
from synrl_core.measuring.events import ActionCounts, Evaluation, Event, Finished, Snapshot, Step

#: Seconds between two messages with points: a person sees no faster, and a message has a price.
PROGRESS_INTERVAL = 0.05
#: Seconds between two looks at the weights, at least and at most.
WEIGHTS_INTERVAL, LONGEST_WEIGHTS_INTERVAL = 0.25, 10.0
#: Bytes a second that looks may cost a page that watches, and the way from here to the web process.
PAGE_BYTES_PER_SECOND, BYTES_PER_SECOND = 40_000, 4_000_000
#: Seconds over which the speed is averaged.
SPEED_WINDOW = 1.0
#: A checkpoint that took a second is followed by so many seconds of work: at most a fiftieth of a run goes into them.
WORK_PER_CHECKPOINT = 50.0

Emit = Callable[[Message], None]


class StorageError(Exception):
    """A file could not be written among the artifacts."""


class Outcome(NamedTuple):
    """How an attempt ended; as in `backend.wire.messages.Ended`."""

    outcome: Literal["completed", "target_reached", "failed", "interrupted", "held"]
    error: str | None = None


@dataclass
class Reporter:
    """Trains one attempt of a run and reports on it."""

    job: Job
    trainer: Trainer
    dataset: Dataset
    artifacts: Artifacts
    control: Control
    emit: Emit
    wanted: Callable[[], bool] = lambda: True
    """Whether anybody listens still: False once the process is about to end."""
    seconds_before: float = 0.0
    """Seconds of training before this attempt."""
    summary: Summary = field(default_factory=Summary)
    _pending: list[tuple[Evaluation, float]] = field(default_factory=list)
    _actions: dict[int, Any] = field(default_factory=dict)
    _unsynced: list[str] = field(default_factory=list)
    _measured_at: float | None = None
    _began: float = 0.0
    _speed: float | None = None
    _speed_since: float = 0.0
    _speed_from: int = 0
    _next_progress: float = 0.0
    _next_weights: float = 0.0
    _next_checkpoint: float = 0.0

    @property
    def iteration(self) -> int:
        """Iterations done."""
        return self.trainer.iteration

    def run(self) -> Outcome:
        """Train to the end, or until interrupted."""
        self._began = self._speed_since = time.perf_counter()
        self._speed_from = self.iteration
        self._next_checkpoint = self._began + self.job["checkpoint_seconds"]
        try:
            while True:
                outcome = self._follow(self.trainer.events())
                if outcome is not None:
                    return outcome
                self._lengthen()
        except StorageError as error:
            return Outcome("held", str(error))

    def _follow(self, events: Iterator[Event]) -> Outcome | None:
        """Process events as they come; None: the run is to be lengthened before it continues."""
        for event in events:
            match event:
                case Evaluation():
                    self._measure(event)
                case ActionCounts():
                    self._actions[event.iteration] = event.counts.sum(axis=1)
                case Snapshot():
                    self._store_snapshot(event)
                case Finished():
                    return None if self._is_longer and event.outcome == "completed" else self._finish(event)
                case Step():
                    # Between two steps every evaluation has its action counts, so what is reported here is whole.
                    now = time.perf_counter()
                    if now < self._next_progress:
                        continue
                    if self.control.interrupt or not self.wanted():
                        return self._interrupt()
                    if self._is_longer:
                        return None
                    self._tick(now)
        raise AssertionError("a trainer's last event is Finished")

    # -- the end of an attempt ----------------------------------------------------------------------------------

    def _finish(self, event: Finished) -> Outcome:
        self._report()
        self._show_weights()
        if event.outcome != "failed":  # What has failed can't go on.
            self._store_checkpoint(next_point=event.iteration + 1)
        return Outcome(event.outcome, event.reason)

    def _interrupt(self) -> Outcome:
        self._report()
        if self.wanted():
            self._show_weights()
            self._store_checkpoint(next_point=self.iteration)
        return Outcome("interrupted")

    @property
    def _is_longer(self) -> bool:
        wanted = self.control.iterations
        return wanted is not None and wanted > self.trainer.config.iterations

    def _lengthen(self) -> None:
        """Continue from this very state with more iterations: as from a checkpoint, without the file."""
        self.trainer = resume_trainer(self.trainer.state_bytes(), self.dataset, iterations=self.control.iterations)

    # -- by time ------------------------------------------------------------------------------------------------

    def _tick(self, now: float) -> None:
        window = now - self._speed_since
        # The first window is told as it goes: what its first moments alone say can be off by a factor of a hundred.
        if window >= SPEED_WINDOW or self._speed_since == self._began:
            self._speed = (self.iteration - self._speed_from) / window
        if window >= SPEED_WINDOW:
            self._speed_since, self._speed_from = now, self.iteration
        self._report()
        self._next_progress = now + PROGRESS_INTERVAL
        if now >= self._next_weights:
            self._next_weights = now + self._show_weights()
        if now >= self._next_checkpoint:
            self._store_checkpoint(next_point=self.iteration)
            ended = time.perf_counter()
            pause = max(self.job["checkpoint_seconds"], (ended - now) * WORK_PER_CHECKPOINT)
            self._next_checkpoint = ended + pause

    def _measure(self, event: Evaluation) -> None:
        self._pending.append((event, self._seconds()))
        self._measured_at = time.time()
        self.summary = _measured(self.summary, event)

    def _seconds(self) -> float:
        return self.seconds_before + time.perf_counter() - self._began

    def _report(self) -> None:
        points, self._pending = self._pending, []
        actions, self._actions = self._actions, {}
        self.emit(
            Progress(
                kind="progress",
                run_id=self.job["run_id"],
                attempt=self.job["attempt"],
                iteration=self.iteration,
                iterations_per_second=self._speed,
                training_seconds=self._seconds(),
                points=pack_points(points, actions) if points else None,
                measured_at=self._measured_at if points else None,
            )
        )

    def _show_weights(self) -> float:
        """Send the current weights for display, and return the seconds until the next time."""
        seen = self.trainer.snapshot()
        arrays = snapshot_format.to_message(seen)
        self.emit(
            LiveWeights(
                kind="weights",
                run_id=self.job["run_id"],
                attempt=self.job["attempt"],
                iteration=seen.iteration,
                arrays=arrays,
            )
        )
        return weights_interval(seen, sum(len(data) for _, _, data in arrays.values()))

    # -- among the artifacts ------------------------------------------------------------------------------------

    def _store_snapshot(self, snapshot: Snapshot) -> None:
        path = snapshot_path(self.job["run_id"], self.job["attempt"], snapshot.iteration)
        data = snapshot_format.pack(snapshot)
        self._write(path, data, durable=False)
        self._unsynced.append(path)
        self.emit(
            SnapshotStored(
                kind="snapshot",
                run_id=self.job["run_id"],
                attempt=self.job["attempt"],
                iteration=snapshot.iteration,
                path=path,
                bytes=len(data),
            )
        )

    def _store_checkpoint(self, next_point: int) -> None:
        """Store the whole state, and sync the snapshots before it to disk too."""
        path = checkpoint_path(self.job["run_id"], self.job["attempt"], self.iteration)
        state = self.trainer.state_bytes()
        saved = SavedCheckpoint(self.iteration, next_point, self._seconds(), self.summary, state)
        data = checkpoints.pack(saved)
        self._write(path, data, durable=True)
        self.emit(
            CheckpointStored(
                kind="checkpoint",
                run_id=self.job["run_id"],
                attempt=self.job["attempt"],
                iteration=self.iteration,
                path=path,
                bytes=len(data),
            )
        )

    def _write(self, path: str, data: bytes, *, durable: bool) -> None:
        try:
            if durable:
                unsynced, self._unsynced = self._unsynced, []
                self.artifacts.sync(unsynced)
            self.artifacts.write(path, data, durable=durable)
        except OSError as error:
            raise StorageError(
                f"{len(data):,} bytes could not be written to {self.artifacts.url}: {error.strerror or error}"
            ) from error


def _measured(summary: Summary, event: Evaluation) -> Summary:
    # In float32, as the points are kept: the same numbers whether they come from here or from the curve.
    train, validation = _mean(event.train_accuracy), _mean(event.validation_accuracy)
    best = summary.best_validation_accuracy
    is_best = best is None or validation > best
    return replace(
        summary,
        forward_passes=event.forward_passes,
        train_accuracy=train,
        validation_accuracy=validation,
        best_validation_accuracy=validation if is_best else best,
        best_iteration=event.iteration if is_best else summary.best_iteration,
    )


def _mean(replicates: NDArray[np.float64]) -> float:
    return float(replicates.astype(np.float32).mean())


def weights_interval(seen: Snapshot, size: int) -> float:
    """Return the seconds between two live snapshots of the weights: those of large networks are sent less often.

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
    measured = [evaluation.metrics() for evaluation in evaluations]
    packed |= {name: np.array([values[name] for values in measured], dtype=np.float32) for name in metrics.NAMES}
    return columns.encode(packed)
