"""Recorder: writes the reports of workers to the database, in batches and in order, with retries."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.db.store import Store
from backend.db.tables import Checkpoint, Run, Snapshot
from backend.kit.status import RunStatus
from backend.live.mirror import Report
from backend.runs import journal as run_log
from backend.runs import queries as repository
from backend.runs import service as runs_service
from backend.runs.curves import points
from backend.runs.journal import EventKind
from backend.runs.schemas import RunRead
from backend.training import counters as observed
from backend.training.backlog import Backlog, BacklogFullError
from backend.wire import columns
from backend.wire.columns import Columns
from backend.wire.messages import Ended, Started

log = logging.getLogger(__name__)

#: Seconds between two transactions while messages come in.
WRITE_INTERVAL = 0.25
#: Seconds to wait before a batch that could not be written is tried again, at most.
MAX_RETRY_DELAY = 5.0
#: Checkpoints kept of a run: the newest, and the one before in case that is damaged.
KEPT_CHECKPOINTS = 2


def _no_files(_: Sequence[str]) -> None:
    """Keep files that no row refers to."""


class Recorder:
    """Receives reports on the event loop; a thread writes them. A batch that fails is kept and tried again.

    While the database can't be written, messages wait in memory, then in a file, up to a stated limit. Beyond it a
    run's worker is asked to end its attempt: nothing is lost, for the run goes on from what is stored.

    Parameters
    ----------
    on_ended
        Hears of each run that no worker has any more, once that is stored.
    discard
        Takes paths of files that nothing names any more, once that is stored.
    backlog
        Where messages wait; by default in memory alone.
    on_full
        Hears of run and attempt of which nothing more is kept.
    on_recovered
        Called when all that waited is stored after the database had failed.
    """

    def __init__(
        self,
        store: Store,
        on_ended: Callable[[RunRead, int], None],
        discard: Callable[[Sequence[str]], None] = _no_files,
        *,
        backlog: Backlog | None = None,
        on_full: Callable[[str, int], None] | None = None,
        on_recovered: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._on_ended, self._on_full, self._on_recovered = on_ended, on_full, on_recovered
        self._discard = discard
        self._backlog = Backlog(Path(tempfile.gettempdir()), file_bytes=0) if backlog is None else backlog
        self._taken = self._stored = 0
        self._waiting_since: float | None = None
        self._given_up: set[tuple[str, int]] = set()
        self._failing = False
        self._news = asyncio.Event()
        self._write_lock = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the writing thread."""
        self._task = asyncio.create_task(self._run(), name="recorder")

    @property
    def backlog_size(self) -> tuple[int, int]:
        """Number of waiting messages, and their bytes."""
        return len(self._backlog), self._backlog.bytes

    def receive(self, report: Report) -> None:
        """Queue a report for the next batch."""
        message = report.message
        attempt = (message["run_id"], message["attempt"])
        if message["kind"] in ("alive", "weights") or attempt in self._given_up:
            return  # Of those nothing is kept; and of an attempt with a hole, nothing may follow the hole.
        try:
            self._backlog.append_report(report)
        except BacklogFullError as error:
            log.error("run %s is preempted: %s", message["run_id"], error, extra={"run_id": attempt[0]})
            self._given_up.add(attempt)
            if self._on_full is not None:
                self._on_full(*attempt)
            return
        self._taken += 1
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()
        self._news.set()

    @property
    def seconds_behind(self) -> float:
        """Age of the oldest message that is not in the database, in seconds."""
        return 0.0 if self._waiting_since is None else time.monotonic() - self._waiting_since

    async def flush(self) -> None:
        """Return once all reports received before the call are in the database; raise the error that prevents it.

        Who calls may be cancelled meanwhile, as when a viewer leaves; the write goes on, for it can't be taken back.
        """
        writing = asyncio.get_running_loop().create_task(self._flush(self._taken))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        await asyncio.shield(writing)

    async def wait_until_stored(self) -> None:
        """Return once all reports received before the call are in the database, however long that takes."""
        while True:
            try:
                await self.flush()
            except Exception:
                await asyncio.sleep(WRITE_INTERVAL)
            else:
                return

    async def _flush(self, target: int) -> None:
        async with self._write_lock:
            while self._stored < target:
                batch, taken = self._backlog.pop_batch(), self._taken
                try:
                    ended, unnamed = await asyncio.to_thread(self._write, batch)
                except Exception:
                    self._backlog.restore_batch(batch)
                    self._failing = True
                    observed.WRITE_ERRORS.inc()
                    raise
                self._stored += len(batch)
                # What came while this was written waits for less long than that took.
                waits = self._stored < taken
                self._waiting_since = self._waiting_since if waits else time.monotonic() if len(self._backlog) else None
                observed.note_written(report.message for report in batch)
                for run, attempt in ended:
                    self._on_ended(run, attempt)
                if unnamed:
                    self._discard(unnamed)
            if self._failing and not len(self._backlog):
                log.warning("the database can be written again; the backlog is empty")
                self._failing = False
                if self._on_recovered is not None:
                    self._on_recovered()

    async def close(self) -> None:
        """Write all received reports and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self.flush()
        finally:
            self._backlog.close()

    async def _run(self) -> None:
        delay = WRITE_INTERVAL
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self.flush()
                delay = WRITE_INTERVAL
            except Exception as error:
                delay = min(delay * 2, MAX_RETRY_DELAY)
                count, size = self.backlog_size
                log.error(
                    "reports could not be written: %s. Backlog: %d messages (%d KiB); retry in %.2f s",
                    error, count, size // 1024, delay,
                )  # fmt: skip
                self._news.set()
            await asyncio.sleep(delay)

    def _write(self, batch: Sequence[Report]) -> tuple[list[tuple[RunRead, int]], list[str]]:
        by_run: dict[str, list[Report]] = {}
        for report in batch:
            by_run.setdefault(report.message["run_id"], []).append(report)
        ended: list[tuple[RunRead, int]] = []
        unnamed: list[str] = []
        with self._store.write() as session:
            for run_id, reports in by_run.items():
                run = repository.find(session, run_id)
                # A deleted run, or news of an attempt that was given up: nobody waits for it.
                current = [one for one in reports if run is not None and one.message["attempt"] == run.attempt]
                if run is None or run.status != RunStatus.RUNNING or not current:
                    continue
                unnamed += record(session, run, current)
                if run.status != RunStatus.RUNNING:
                    ended.append((runs_service.read(run), run.attempt))
        return ended, unnamed


def record(session: Session, run: Run, reports: Sequence[Report]) -> list[str]:
    """Store the reports of one attempt, in order; return paths of files that no row refers to any more."""
    measured: list[Columns] = []
    unnamed: list[str] = []
    for report in reports:
        message = report.message
        report.apply(run)
        match message["kind"]:
            case "started":
                points.drop(session, run.id, message["next_point"])
                unnamed += repository.drop_files(
                    session, run.id, message["next_point"], checkpoints_after=message["iteration"]
                )
                run_log.record_event(session, run, EventKind.STARTED, **_start(message))
            case "progress":
                if report.points is not None:
                    measured.append(report.points)
            case "snapshot":
                snapshot = Snapshot(
                    run_id=run.id, iteration=message["iteration"], path=message["path"], bytes=message["bytes"]
                )
                repository.add_snapshot(session, snapshot)
            case "checkpoint":
                checkpoint = Checkpoint(
                    run_id=run.id, iteration=message["iteration"], path=message["path"], bytes=message["bytes"]
                )
                unnamed += repository.add_checkpoint(session, checkpoint, KEPT_CHECKPOINTS)
            case "ended":
                end(run, message)
                run_log.record_event(session, run, EventKind.LEFT, error=run.error)
            case "alive" | "weights":
                pass
    if measured:
        points.append(session, run.id, columns.concatenate(measured))
    if RunStatus(run.status).is_final:
        points.settle(session, run.id)
    return unnamed


def _start(message: Started) -> dict[str, Any]:
    """Describe a start for the journal of the run."""
    lost = message["lost_checkpoints"]
    return {"host": message["provenance"].get("host")} | ({"lost_checkpoints": lost} if lost else {})


def end(run: Run, message: Ended) -> None:
    """Set the state of a run after its worker's last message and the requests made meanwhile."""
    if message["iteration"] is not None:
        run.iteration = message["iteration"]
    match message["outcome"]:
        case "completed" if message["length"] < run.iterations:
            apply_request(run)  # It was extended as it came to its end.
        case "completed" | "target_reached":
            _finish(run, RunStatus.SUCCEEDED)
        case "failed":
            _finish(run, RunStatus.FAILED, message["error"])
        case "held":
            apply_request(run)
            if run.status == RunStatus.QUEUED:
                run.status, run.held_for = RunStatus.PAUSED, "storage"
                run.error = f"{message['error']}. It goes on from its last checkpoint as soon as that works again."
        case "interrupted":
            apply_request(run)


def apply_request(run: Run) -> None:
    """Apply the pending request to a run without a worker: stop, pause, or else requeue it."""
    match run.requested:
        case "stop":
            _finish(run, RunStatus.STOPPED)
        case "pause":
            run.status = RunStatus.PAUSED
        case _:
            run.status = RunStatus.QUEUED
    run.requested = None


def _finish(run: Run, status: RunStatus, error: str | None = None) -> None:
    run.status, run.error, run.finished_at, run.requested = status, error, datetime.now(UTC), None
