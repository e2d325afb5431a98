"""Kill servers and workers at random and check that runs are lossless: `python -m benchmarks.kills [kills] [add]`.

Starts a server with two workers and keeps it busy with runs of several kinds, while it kills (-9) the web process or
a worker at random moments: while a run begins, trains, writes, ends, or goes on from the kill before. Then each run
must have ended with the very bytes that its trainer has when nobody disturbs it (computed here, without any server),
and with every point of its curve once. Measures too how long a run takes to go on, and what checkpoints cost.
Results: benchmarks/results/kills.json, and the table in docs/operations.md. With `add`, the kills are added to those
that are stored there, so that many can be done in several sittings; each has its own server and its own seed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from threadpoolctl import threadpool_limits

from backend.wire import checkpoints
from backend.wire.artifacts import Artifacts
from backend.wire.messages import Job
from backend.worker.control import Control
from backend.worker.reporter import WORK_PER_CHECKPOINT, Reporter
from benchmarks import operations
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring.events import Step
from tests.server import Server, wait_for

#: Seconds of work between two checkpoints, so that a run of seconds has several.
CHECKPOINT_SECONDS = 0.5
#: Runs that wait or train at once.
AT_ONCE = 3
#: A run that lost so many workers is spared another: the third loss would end it, as it should.
SPARED_AFTER = 2
#: Seconds within which a run must go on.
MOST_SECONDS = 15.0

_COMMON: dict[str, Any] = {"evaluate_every": 300, "snapshot_every": 2000}
KINDS: list[dict[str, Any]] = [
    _COMMON | {"hidden_layers": [8], "iterations": 48_000},
    _COMMON | {"hidden_layers": [8], "iterations": 18_000, "adaptive": True, "replicates": 3},
    _COMMON | {"hidden_layers": [16], "iterations": 24_000, "batch_size": 500, "batch_interval": 700},
    _COMMON | {"hidden_layers": [16], "iterations": 24_000, "method": "gradient", "optimizer": "adam"},
]


@dataclass
class Kill:
    """One kill and its effects."""

    what: str
    seconds: float | None
    """Until every run that was hit had gone on beyond its checkpoint; None: the next kill came before."""


@dataclass
class Trial:
    """A server to be killed, with its runs."""

    server: Server
    random: random.Random
    asked: dict[str, int] = field(default_factory=dict)
    """Kind of each run that was acknowledged."""
    kills: list[Kill] = field(default_factory=list)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database, server or not."""
        database = sqlite3.connect(self.server.data_dir / "synrl.db", timeout=30)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()

    def keep_busy(self) -> None:
        """Ask for runs until enough wait or train."""
        ((unfinished,),) = self.rows("SELECT COUNT(*) FROM runs WHERE status IN ('queued', 'running')")
        for _ in range(AT_ONCE - unfinished):
            kind = len(self.asked) % len(KINDS)
            run = self.server.post("/api/v1/runs", {"config": KINDS[kind] | {"seed": len(self.asked)}})
            self.asked[run["id"]] = kind

    def kill(self, *, patient: bool) -> None:
        """Kill something that works; if patient, when a run trains, and wait until what was hit has gone on."""
        if patient:
            wait_for(self._kept_running, bool, timeout=300)
        workers = worker_processes(self.server)
        ((lost,),) = self.rows("SELECT COALESCE(MAX(lost_workers), 0) FROM runs WHERE status = 'running'")
        spare_workers = not workers or lost >= SPARED_AFTER
        hit, lost_before = self._running(), self._lost()
        started = time.monotonic()
        if spare_workers or self.random.random() < 0.4:
            what = "web process"
            self.server.kill()
            self.server.start(timeout=300)
        else:
            what = "worker"
            os.kill(self.random.choice(workers).pid, signal.SIGKILL)
        seconds = None
        if patient:
            hit = hit if what == "web process" else self._hit(hit, lost_before)
            wait_for(lambda: self._gone_on(hit), bool, timeout=300)
            seconds = time.monotonic() - started if hit else None
        self.kills.append(Kill(what, seconds))

    def _kept_running(self) -> dict[str, tuple[int, int]]:
        """Return the runs in training; ask for more if all have ended, as they may on a quick machine."""
        self.keep_busy()
        return self._running()

    def _lost(self) -> dict[str, int]:
        """Return how many workers each run has lost."""
        return dict(self.rows("SELECT id, lost_workers FROM runs"))

    def _hit(self, running: dict[str, tuple[int, int]], before: dict[str, int]) -> dict[str, tuple[int, int]]:
        """Return the run whose worker was killed; none, if that worker had nothing to do or just ended."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            lost = {run_id for run_id, count in self._lost().items() if count > before.get(run_id, 0)}
            if lost:
                return {run_id: running[run_id] for run_id in lost & set(running)}
            time.sleep(0.05)
        return {}

    def _running(self) -> dict[str, tuple[int, int]]:
        """Return attempt and newest checkpoint of each run in training."""
        rows = self.rows(
            "SELECT id, attempt, (SELECT COALESCE(MAX(iteration), 0) FROM checkpoints WHERE run_id = runs.id)"
            " FROM runs WHERE status = 'running'"
        )
        return {run_id: (attempt, checkpoint) for run_id, attempt, checkpoint in rows}

    def _gone_on(self, hit: dict[str, tuple[int, int]]) -> bool:
        """Whether the runs that a kill hit have ended, or went on beyond their checkpoints in another attempt."""
        now = {row[0]: row[1:] for row in self.rows("SELECT id, status, attempt, iteration FROM runs")}

        def has(run_id: str, attempt: int, checkpoint: int) -> bool:
            status, attempt_now, iteration = now[run_id]
            return bool(status == "succeeded" or (attempt_now > attempt and iteration > checkpoint))

        return all(has(run_id, attempt, checkpoint) for run_id, (attempt, checkpoint) in hit.items())

    def check(self, run_id: str, kind: int) -> str | None:
        """Return what is wrong with a run that has ended; None: nothing."""
        run = self.server.get(f"/api/v1/runs/{run_id}")
        if run["status"] != "succeeded":
            return f"{run['status']}: {run['error']}"
        seed = run["config"]["seed"]
        ((path,),) = self.rows("SELECT path FROM checkpoints WHERE run_id = ? ORDER BY iteration DESC LIMIT 1", run_id)
        saved = checkpoints.unpack((self.server.data_dir / "artifacts" / path).read_bytes())
        if saved.state != undisturbed(kind, seed):
            return "its final bytes differ"
        config = KINDS[kind]
        points = self.server.get(f"/api/v1/runs/{run_id}/metrics?max_points=100000")["iteration"]
        if points != due(config["iterations"], config["evaluate_every"]):
            return f"its curve has a gap or a doubled point: {points}"
        snapshots = [one["iteration"] for one in self.server.get(f"/api/v1/runs/{run_id}/snapshots")]
        return None if snapshots == due(config["iterations"], config["snapshot_every"]) else f"snapshots: {snapshots}"


def due(iterations: int, every: int) -> list[int]:
    """Return the iterations at which something is due, the last one always."""
    return sorted({*range(0, iterations + 1, every), iterations})


@cache
def undisturbed(kind: int, seed: int) -> bytes:
    """Return the whole state at the end of a run that nothing happens to."""
    config = TrainingConfig.model_validate(KINDS[kind] | {"seed": seed})
    trainer = make_trainer(config, datasets.load(config.dataset))
    # As a worker computes: with more BLAS threads, sums are rounded in another order.
    with threadpool_limits(1, "blas"):
        for _ in trainer.events():
            pass
    return trainer.state_bytes()


def worker_processes(server: Server) -> list[psutil.Process]:
    """Return the processes that train."""
    assert server.process is not None
    try:
        children = psutil.Process(server.process.pid).children(recursive=True)
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def run(kills: int, seed: int, folder: Path, *, progress: bool = False) -> tuple[Trial, list[str]]:
    """Kill so often, let all end, and return what happened and what is wrong."""
    server = Server(folder, {"SYNRL_WORKERS": "2", "SYNRL_CHECKPOINT_SECONDS": str(CHECKPOINT_SECONDS)})
    server.start(timeout=300)
    trial = Trial(server, random.Random(seed))  # noqa: S311 (nothing secret)
    try:
        for number in range(kills):
            trial.keep_busy()
            time.sleep(trial.random.uniform(0.05, 3.0))
            trial.kill(patient=number % 2 == 0)
            if progress:
                print(number + 1, trial.kills[-1], flush=True)
        wait_for(
            lambda: trial.rows("SELECT COUNT(*) FROM runs WHERE status IN ('queued', 'running')"),
            lambda left: left == [(0,)],
            timeout=1800,
        )
        wrong = [f"run {one}: {problem}" for one, kind in trial.asked.items() if (problem := trial.check(one, kind))]
        stored = {run_id for (run_id,) in trial.rows("SELECT id FROM runs")}
        if stored != set(trial.asked):
            wrong.append(f"acknowledged {len(trial.asked)} runs, stored {len(stored)}")
        return trial, wrong
    finally:
        server.interrupt()


def checkpoint_cost(**settings: Any) -> tuple[float, int]:
    """Return the seconds that a checkpoint takes, and its bytes."""
    config = TrainingConfig(**settings)
    dataset = datasets.load(config.dataset)
    trainer = make_trainer(config, dataset)
    steps = (event for event in trainer.events() if isinstance(event, Step))
    sizes: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        job = Job(
            run_id="r", attempt=1, config=config.model_dump(mode="json"), artifacts_url=Path(folder).as_uri(),
            dataset_hash=None, checkpoints=[], checkpoint_seconds=5.0, policies={},
        )  # fmt: skip
        reporter = Reporter(
            job, trainer, dataset, Artifacts(job["artifacts_url"]), Control(),
            lambda message: sizes.append(message["bytes"]) if message["kind"] == "checkpoint" else None,
        )  # fmt: skip
        seconds = []
        for _ in range(9):
            next(steps)
            started = time.perf_counter()
            reporter._store_checkpoint(next_point=trainer.iteration)
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), sizes[-1]


def share(seconds: float) -> float:
    """Return the share of a run that goes into checkpoints at the default interval."""
    return seconds / (max(5.0, WORK_PER_CHECKPOINT * seconds) + seconds)


def recoveries(what: str, seconds: Sequence[float | None]) -> list[dict[str, Any]]:
    """Return figures of the kills of one kind."""
    rows = [operations.row(f"kills of a {what}", len(seconds), None)]
    measured = [one for one in seconds if one is not None]
    if measured:
        until = f"{what} killed, until its runs have gone on beyond their checkpoints"
        rows.append(operations.row(f"{until}: median, s", statistics.median(measured), None))
        rows.append(operations.row(f"{until}: longest, s", max(measured), MOST_SECONDS))
    return rows


def checkpoint_costs(name: str, **settings: Any) -> list[dict[str, Any]]:
    """Return what checkpoints of a network cost."""
    seconds, size = checkpoint_cost(**settings)
    return [
        operations.row(f"a checkpoint of {name}, {size / 1e6:.2f} MB: ms", 1000 * seconds, None),
        operations.row(f"share of a run of {name} that goes into checkpoints, %", 100 * share(seconds), 2.0),
    ]


def earlier() -> dict[str, Any]:
    """Return what is stored of the kills so far."""
    stored: dict[str, Any] = json.loads((operations.RESULTS / "kills.json").read_text())
    return dict(stored["measured"])


def main(kills: int, *, add: bool = False) -> None:
    """Measure, print and store."""
    measured: dict[str, Any] = earlier() if add else {"runs": 0, "wrong": 0, "kills": [], "load_averages": []}
    with tempfile.TemporaryDirectory() as folder:
        trial, wrong = run(kills, seed=int(time.time()), folder=Path(folder), progress=True)
    for problem in wrong:
        print(problem)
    measured["runs"] += len(trial.asked)
    measured["wrong"] += len(wrong)
    measured["kills"] += [[kill.what, kill.seconds] for kill in trial.kills]
    measured["load_averages"].append(round(os.getloadavg()[0], 1))
    rows = [
        operations.row("runs that were disturbed and ended", measured["runs"], None),
        operations.row(
            "of them not with the uninterrupted bytes, or with a gap or doubled point", measured["wrong"], 0
        ),
    ]
    for what in ("worker", "web process"):
        rows += recoveries(what, [seconds for killed, seconds in measured["kills"] if killed == what])
    rows += checkpoint_costs("the default network on digits")
    large = {"dataset": "glyphs", "hidden_layers": (600, 300), "replicates": 5}
    rows += checkpoint_costs("784-600-300-10, 5 replicates", **large)
    operations.publish("kills", rows, measured)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, add="add" in sys.argv[2:])
