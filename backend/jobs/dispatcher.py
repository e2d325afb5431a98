"""Takes queued runs, first come first served, and sees each to an end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from backend.db import datasets as datasets_repository
from backend.db import queue as queue_repository
from backend.db import runs as repository
from backend.db.store import Store
from backend.db.tables import Run
from backend.jobs.executor import DaskExecutor, WorkerLostError
from backend.jobs.live import LiveHub
from backend.jobs.recorder import Recorder
from backend.messages import Job, Message
from backend.schemas import RunRead, RunStatus
from backend.services import queue
from backend.services import runs as runs_service

log = logging.getLogger(__name__)

#: A run whose worker was lost this often is not tried again.
MAX_ATTEMPTS = 3
#: Seconds after which the queue is looked at even if nobody said that it changed.
QUEUE_INTERVAL = 5.0


class Claimed(NamedTuple):
    """A run that is ours to train."""

    run: RunRead
    job: Job


class Dispatcher:
    """Keeps the executor's slots filled from the queue in the database."""

    def __init__(
        self, store: Store, executor: DaskExecutor, recorder: Recorder, hub: LiveHub, artifacts_url: str
    ) -> None:
        self._store = store
        self._executor = executor
        self._recorder = recorder
        self._hub = hub
        self._artifacts_url = artifacts_url
        self._attempts: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None

    async def start(self, on_message: Callable[[Message], None]) -> None:
        """Take up what an earlier process left, then serve the queue as soon as there are workers."""
        for run in await asyncio.to_thread(self._recover):
            self._hub.update(run)
        self._loop_task = asyncio.create_task(self._start_workers_and_serve(on_message), name="dispatcher")

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    def request_stop(self, run_id: str) -> None:
        """Have a run that is training end."""
        attempt = self._attempts.get(run_id)
        if attempt is not None:
            self._spawn(self._executor.request_stop(run_id, attempt))

    async def close(self) -> None:
        """Take no more runs and let go of those in training: they are taken up at the next start."""
        tasks = [*self._tasks, *([self._loop_task] if self._loop_task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def stop_training(self) -> None:
        """Have all workers end what they do, unrecorded; for the end of the process."""
        await asyncio.gather(
            *(self._executor.request_stop(run_id, attempt) for run_id, attempt in self._attempts.items()),
            return_exceptions=True,
        )

    async def _start_workers_and_serve(self, on_message: Callable[[Message], None]) -> None:
        # Not before the first page is served: pages are of use while the workers' processes start.
        while True:
            try:
                await self._executor.start(on_message)
                break
            except Exception:
                log.exception("the workers could not be started; it is tried again in %g s", QUEUE_INTERVAL)
                await asyncio.sleep(QUEUE_INTERVAL)
        await self._serve()

    async def _serve(self) -> None:
        while True:
            try:
                free = self._executor.slots - len(self._attempts)
                for claimed in await asyncio.to_thread(self._claim, free) if free > 0 else ():
                    self._attempts[claimed.run.id] = claimed.job["attempt"]
                    self._hub.begin(claimed.run, claimed.job["attempt"])
                    self._spawn(self._see_through(claimed))
            except Exception:
                log.exception("the queue could not be served; it is tried again in %g s", QUEUE_INTERVAL)
            try:
                await asyncio.wait_for(self._wake.wait(), QUEUE_INTERVAL)
            except TimeoutError:
                continue
            self._wake.clear()

    async def _see_through(self, claimed: Claimed) -> None:
        reason = "its worker ended without a last word"
        try:
            await self._executor.run(claimed.job)
        except WorkerLostError as error:
            reason = str(error)
        await self._recorder.flush()
        self._attempts.pop(claimed.run.id, None)
        left = await asyncio.to_thread(self._give_back_if_unfinished, claimed, reason)
        if left is not None:
            self._hub.settle(left)
        self._wake.set()

    def _claim(self, limit: int) -> list[Claimed]:
        claimed: list[Claimed] = []
        with self._store.write() as session:
            for run_id in queue.waiting_in_order(session)[:limit]:
                if queue_repository.claim(session, run_id, datetime.now(UTC)):
                    run = runs_service.find(session, run_id)
                    session.refresh(run)
                    claimed.append(Claimed(runs_service.read(run), self._job(session, run)))
        return claimed

    def _job(self, session: Session, run: Run) -> Job:
        stored = datasets_repository.find(session, run.config["dataset"])
        return Job(
            run_id=run.id,
            attempt=run.attempt,
            config=run.config,
            artifacts_url=self._artifacts_url,
            dataset_hash=stored.content_hash if stored else None,
        )

    def _give_back_if_unfinished(self, claimed: Claimed, reason: str) -> RunRead | None:
        with self._store.write() as session:
            run = repository.find(session, claimed.run.id)
            if run is None or run.status != RunStatus.RUNNING or run.attempt != claimed.job["attempt"]:
                return None
            log.warning("run %s, attempt %d, lost its worker: %s", run.id, run.attempt, reason)
            _give_back(run, reason)
            return runs_service.read(run)

    def _recover(self) -> list[RunRead]:
        with self._store.write() as session:
            left = repository.with_status(session, RunStatus.RUNNING)
            for run in left:
                _give_back(run, "the server ended while it was training")
            return [runs_service.read(run) for run in left]

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _give_back(run: Run, reason: str) -> None:
    """Queue a run again that nobody trains any more; end it if that was wished for, or happened too often."""
    if run.requested == "stop":
        run.status, run.finished_at, run.requested = RunStatus.STOPPED, datetime.now(UTC), None
    elif run.requested == "pause":
        run.status, run.requested = RunStatus.PAUSED, None
    elif run.attempt >= MAX_ATTEMPTS:
        run.status, run.finished_at = RunStatus.FAILED, datetime.now(UTC)
        run.error = f"It was begun {run.attempt} times and never got to its end. The last time: {reason}."
    else:
        run.status = RunStatus.QUEUED
