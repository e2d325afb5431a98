"""Composition of training: dispatcher, executor, recorder, live hub and housekeeping of one server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextvars import Context, copy_context
from datetime import timedelta
from typing import Any

from backend.db.store import Change, ChangeKind, Store
from backend.kit.errors import NotFoundError
from backend.kit.settings import Settings
from backend.kit.single_flight import SingleFlight
from backend.live.hub import LiveHub
from backend.live.mirror import Mirrors
from backend.runs import service as runs_service
from backend.runs.schemas import RunRead
from backend.training import cluster
from backend.training.backlog import Backlog
from backend.training.dispatcher import Dispatcher
from backend.training.executor import Executor
from backend.training.housekeeping import Housekeeping
from backend.training.local import LocalExecutor
from backend.training.recorder import Recorder
from backend.training.remote import RemoteExecutor
from backend.training.transactions import Transactions
from backend.wire.artifacts import Artifacts
from backend.wire.messages import Message

log = logging.getLogger(__name__)


def _executor(settings: Settings, artifacts: Artifacts) -> Executor:
    """Return the executor: processes of this machine, or those of a remote scheduler."""
    if settings.scheduler is None:
        return LocalExecutor(settings.workers, settings.threads_per_worker)
    return RemoteExecutor(settings.scheduler, artifacts, cluster.security(settings), settings.threads_per_worker)


class Jobs:
    """Executor, recorder, live hub, dispatcher and housekeeping of one server.

    Guarantees
    ----------
    whole-curve
        Every point of a curve is stored once, in order and without a gap, over retries, lost workers and restarts.
    current-attempt
        Messages of an attempt that is over change nothing.
    stored-before-final
        A status that ends an attempt is shown after it is stored, not before.
    never-older
        Of one run a subscriber is never shown an older state after a newer one.
    one-state
        What is stored of a report and what is shown of it come from the same copy of the run's state (`RunMirror`).
    no-orphan
        No run stays *running* without a worker: a lost worker, a silent one and a restart requeue it.
    bounded
        Reports that the database does not accept, and frames that a subscriber does not read, have a limit in memory.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = Context()
        self._tasks: set[asyncio.Task[None]] = set()
        self.artifacts = Artifacts(settings.resolved_artifacts_url)
        self.mirrors = Mirrors()
        self.hub = LiveHub(self.mirrors)
        self.whole_states: SingleFlight[str] = SingleFlight()
        """What viewers who join a run get, by run, replicate and person."""
        self._shown: SingleFlight[None] = SingleFlight()
        self.recorder = Recorder(
            store,
            on_ended=self._ended,
            discard=self._discard,
            backlog=Backlog(settings.data_dir, settings.backlog_bytes),
            on_full=self._preempt,
            on_recovered=self.hub.restart_subscribers,
        )
        self._executor = _executor(settings, self.artifacts)
        transactions = Transactions(
            store,
            self.artifacts,
            checkpoint_seconds=settings.checkpoint_seconds,
            turn_seconds=settings.turn_seconds,
            per_owner=settings.runs_per_owner,
        )
        self._dispatcher = Dispatcher(store, self._executor, self.recorder, self.hub, transactions, self._ended)
        self._housekeeping = Housekeeping(
            store, self.artifacts, timedelta(minutes=settings.trash_minutes), settings.class_names_hours
        )

    async def start(self) -> None:
        """Start all parts; workers start in the background and train queued runs."""
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()
        self._store.listen(self._on_change)
        self.recorder.start()
        self.hub.start()
        # Before anything is trained, so that what is found belongs to earlier attempts.
        self._housekeeping.start()
        await self._dispatcher.start(self._receive)

    async def close(self) -> None:
        """Stop. Runs in training write their checkpoints first, and are resumed from them at the next start."""
        await self._dispatcher.close()
        self._loop = None
        try:
            await self.recorder.close()
        except Exception:
            log.exception("the last reports could not be stored; they will be measured again")
        await self._housekeeping.close()
        await self._executor.close()
        await self.hub.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _receive(self, message: Message) -> None:
        if self._loop is not None:
            self._dispatcher.receive(message)
            report = self.mirrors.receive(message)
            if report is not None:
                self.recorder.receive(report)
                self.hub.receive(report)

    # -- what those who watch over the server ask ------------------------------------------------------------------

    @property
    def connected_workers(self) -> int:
        """Number of worker processes that accept runs."""
        return self._executor.workers

    @property
    def expected_workers(self) -> int:
        """Number of worker processes that are configured."""
        return self._executor.slots

    @property
    def backlog_size(self) -> tuple[int, int]:
        """Messages that wait for the database, and their bytes."""
        return self.recorder.backlog_size

    @property
    def seconds_behind(self) -> float:
        """Age of the oldest message that is not in the database, in seconds."""
        return self.recorder.seconds_behind

    @property
    def subscriber_counts(self) -> dict[str, int]:
        """Open feeds, by kind."""
        return self.hub.subscriber_counts

    def _preempt(self, run_id: str, _: int) -> None:
        """End an attempt whose points can't be stored; the run resumes from its last stored state."""
        self.hub.stop_showing(run_id)
        self._dispatcher.preempt(run_id)

    def _on_change(self, change: Change) -> None:
        """Pass a committed change on to the event loop; called in the thread of the commit."""
        if self._loop is not None:
            # What follows is the server's own work, not that of the thread's person.
            self._loop.call_soon_threadsafe(self._react, change, context=self._context)

    def _react(self, change: Change) -> None:
        match change.kind:
            case ChangeKind.QUEUED:
                self._dispatcher.wake()
            case ChangeKind.REQUESTED:
                self._dispatcher.apply_request(change.run_id)
            case ChangeKind.UPDATED:
                self._dispatcher.wake()
            case ChangeKind.TRASHED | ChangeKind.PURGED:
                self.hub.remove(change.run_id)
                self._dispatcher.wake()
        if change.kind == ChangeKind.PURGED:
            self._spawn(asyncio.to_thread(self._housekeeping.remove_run, change.run_id))
        if change.paths:
            self._discard(change.paths)
        if change.kind not in (ChangeKind.TRASHED, ChangeKind.PURGED):
            self._spawn(self._show(change.run_id))

    def _discard(self, paths: Sequence[str]) -> None:
        """Delete files that no row refers to any more; remaining ones are removed at the next start."""
        self._spawn(asyncio.to_thread(self._housekeeping.remove_files, paths))

    def _ended(self, run: RunRead, attempt: int) -> None:
        self.hub.show_end(run, attempt)
        # Again, after whatever is being read: that may have been read before the end, and is shown after it.
        self._spawn(self._show(run.id))

    async def _show(self, run_id: str) -> None:
        """Publish the current state of a run; never an older state after a newer one."""
        await self._shown.get(run_id, lambda: self._read_and_show(run_id))

    async def _read_and_show(self, run_id: str) -> None:
        def find() -> RunRead | None:
            with self._store.read() as session:
                try:
                    return runs_service.get(session, run_id)
                except NotFoundError:
                    return None

        run = await asyncio.to_thread(find)
        if run is not None:
            self.hub.show(run)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
