"""Dask task that trains one attempt of a run, from its newest checkpoint on.

It knows the science and the messages, not the service: no database, no web.
"""

from __future__ import annotations

import os
import platform
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from backend.kit import logs
from backend.kit.settings import Settings
from backend.wire import checkpoints, policies
from backend.wire.artifacts import Artifacts
from backend.wire.checkpoints import DamagedError, SavedCheckpoint, Summary
from backend.wire.messages import TOPIC, Alive, Ended, Job, Started
from backend.worker import control, stored_data
from backend.worker.control import Control
from backend.worker.reporter import Emit, Outcome, Reporter
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset
from synrl_core.errors import CheckpointError
from synrl_core.learning import checkpoint
from synrl_core.learning.factory import Trainer, make_trainer, resume_trainer

#: Seconds between two signs of life.
HEARTBEAT_INTERVAL = 2.0
#: What to do about a run whose checkpoints can't be used.
_REMEDY = "Its curve and snapshots are kept; clone the run to train it from the beginning."
#: How far training stands back behind the server, which answers people.
NICENESS = 10


def dask_setup(worker: Any) -> None:  # noqa: ARG001 (Dask's signature)
    """Prepare a worker process; Dask calls it at the start, as this module is named as a preload."""
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    # A signal to the whole group, from a terminal or a container's end, reaches every process of it; only the server
    # decides how its workers end.
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(NICENESS)
    # The first run shall not wait for imports.
    threading.Thread(target=_import_early, name="imports", daemon=True).start()


def _import_early() -> None:
    datasets.split(datasets.load("digits"), 0.25, 0)


def train_run(job: Job) -> None:
    """Train a run and report on it: the Dask task."""
    from distributed import get_worker  # it is there in a worker; the server, which names this task, starts without it

    worker = get_worker()
    key = worker.get_current_task()

    def wanted() -> bool:
        # A cancelled task, whose client has disconnected, continues in its thread until it checks.
        task = worker.state.tasks.get(key)
        return worker.status.name in ("running", "paused") and task is not None and task.state != "cancelled"

    with logs.run_context(job["run_id"], job["attempt"]):
        train(job, lambda message: worker.log_event(TOPIC, dict(message)), address=worker.address, wanted=wanted)


def train(job: Job, emit: Emit, *, address: str = "", wanted: Callable[[], bool] = lambda: True) -> None:
    """Train a run; every outcome, an error in the configuration or the data included, is a last message.

    Parameters
    ----------
    job
        What to train.
    emit
        Takes each message, in order; from two threads.
    address
        Where in the cluster this process is to be control things.
    wanted
        Whether anybody listens still.
    """
    run_id, attempt = job["run_id"], job["attempt"]
    attempted = Attempt(job, emit, control.begin(run_id, attempt), wanted)
    with _heartbeat(job, emit, address):
        try:
            outcome = attempted.run()
        except Exception as problem:
            outcome = Outcome("failed", f"{type(problem).__name__}: {problem}")
        finally:
            control.end(run_id, attempt)
    if wanted():
        emit(
            Ended(
                kind="ended",
                run_id=run_id,
                attempt=attempt,
                iteration=attempted.iteration,
                outcome=outcome.outcome,
                length=attempted.length,
                error=outcome.error,
            )
        )


class Attempt:
    """Execution of a job: load data, resume or begin, train, report the outcome."""

    def __init__(self, job: Job, emit: Emit, control: Control, wanted: Callable[[], bool]) -> None:
        self._job, self._emit, self._control, self._wanted = job, emit, control, wanted
        self._artifacts = Artifacts(job["artifacts_url"])
        self._reporter: Reporter | None = None

    @property
    def iteration(self) -> int | None:
        """Iterations done; None before training, when the run stands at its last stored state."""
        return self._reporter.iteration if self._reporter else None

    @property
    def length(self) -> int:
        """Number of iterations of the run."""
        return self._reporter.trainer.config.iterations if self._reporter else int(self._job["config"]["iterations"])

    def run(self) -> Outcome:
        """Load the data, resume the run from its newest whole checkpoint or begin it, and train.

        A checkpoint that is there and can't be used fails the run with the reason: the work in it is never discarded
        without a word. Training is deterministic, so a run whose checkpoint files are gone begins anew.
        """
        config = TrainingConfig.model_validate(self._job["config"])
        try:
            saved = checkpoints.newest(self._artifacts, self._job["checkpoints"])
        except OSError as error:
            return Outcome("held", f"Its checkpoints can't be read from {self._artifacts.url}: {error}")
        except DamagedError as error:
            return Outcome("failed", f"None of its checkpoints is whole ({error}). {_REMEDY}")
        dataset = self._dataset(config, saved)
        try:
            if saved is None:
                trainer = make_trainer(config, dataset, find_policy=policies.lookup(self._job["policies"]))
            else:
                trainer = _resumed(config, dataset, saved)
        except CheckpointError as error:
            at = f" of iteration {saved.iteration:,}" if saved else ""
            return Outcome("failed", f"Its checkpoint{at} can't be resumed: {error} {_REMEDY}")
        lost = len(self._job["checkpoints"]) if saved is None else 0
        saved = saved or SavedCheckpoint(0, 0, 0.0, Summary(), b"")
        self._reporter = Reporter(
            self._job, trainer, dataset, self._artifacts, self._control, self._emit, self._wanted,
            seconds_before=saved.training_seconds, summary=saved.summary,
        )  # fmt: skip
        self._emit(
            Started(
                kind="started",
                run_id=self._job["run_id"],
                attempt=self._job["attempt"],
                iteration=saved.iteration,
                next_point=saved.next_point,
                training_seconds=saved.training_seconds,
                summary=asdict(saved.summary),
                dataset_hash=dataset.content_hash,
                provenance=_provenance(),
                lost_checkpoints=lost,
            )
        )
        return self._reporter.run()

    def _dataset(self, config: TrainingConfig, saved: SavedCheckpoint | None) -> Dataset:
        content_hash = self._job["dataset_hash"]
        if content_hash is None:
            began_on = None if saved is None else checkpoint.content_hash(saved.state)
            return datasets.load(config.dataset, config.dataset_parameters, content_hash=began_on)
        return stored_data.load(content_hash, self._artifacts)


def _resumed(config: TrainingConfig, dataset: Dataset, saved: SavedCheckpoint) -> Trainer:
    trainer = resume_trainer(saved.state, dataset)
    if config.iterations != trainer.config.iterations:
        trainer = resume_trainer(saved.state, dataset, iterations=config.iterations)
    return trainer


@contextmanager
def _heartbeat(job: Job, emit: Emit, address: str) -> Iterator[None]:
    """Report every few seconds that the process is alive, however long an iteration or the loading of data takes."""
    ended = threading.Event()
    alive = Alive(kind="alive", run_id=job["run_id"], attempt=job["attempt"], worker=address)

    def report() -> None:
        while True:
            emit(alive)
            if ended.wait(HEARTBEAT_INTERVAL):
                return

    thread = threading.Thread(target=report, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _provenance() -> dict[str, Any]:
    return {
        "synrl": version("synrl"),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "host": platform.node(),
    }
