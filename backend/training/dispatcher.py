"""Dispatcher of the queue: claims queued runs in order and supervises each attempt to its end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.db.store import Store
from backend.kit import logs
from backend.live.hub import LiveHub
from backend.runs.preemption import ActiveRun
from backend.runs.schemas import RunRead
from backend.training.executor import Executor, WorkerLostError
from backend.training.recorder import Recorder
from backend.training.transactions import ClaimedRun, DesiredState, Transactions
from backend.wire.messages import Message

log = logging.getLogger(__name__)

#: Seconds between two reads of the queue without an announced change, while runs are queued or in training:
#: preemption depends on the clock.
QUEUE_INTERVAL = 1.0
#: The same while no run is queued or in training: every change that could start a run wakes the dispatcher.
IDLE_QUEUE_INTERVAL = 30.0
#: Seconds between two checks of what changes rarely: unconfirmed requests, leases, workers, runs held for storage.
WATCH_INTERVAL = 5.0
#: Lease: seconds without a message after which an attempt counts as lost.
LEASE = 30.0
#: Seconds for which a worker may have no process, not even a starting one, before all workers are restarted.
MOST_SECONDS_DEAD = 60.0
#: Seconds without a successful write after which training is interrupted: reports are buffered in memory.
MOST_BEHIND = 20.0
#: Reason shown for a run whose end the database could not store yet.
_WAITING_REASON = "The database can't be written ({error}). The run waits and continues by itself once it can."
#: Seconds that runs get to write their checkpoints when the server ends.
INTERRUPT_TIMEOUT = 4.0


@dataclass
class TrainingAttempt:
    """An attempt to train a run, submitted to a worker."""

    claimed: ClaimedRun
    begun_at: float = field(default_factory=time.monotonic)
    last_message_at: float = field(default_factory=time.monotonic)
    worker: str | None = None
    """Address of its worker, for requests; None until its first message."""
    is_preempted: bool = False
    """Whether its worker was requested for another run."""
    confirmed: DesiredState | None = None
    """The last state that its worker confirmed."""


class Dispatcher:
    """Fills the executor's slots from the queue in the database; calls `on_ended` for every attempt that is over."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        recorder: Recorder,
        hub: LiveHub,
        transactions: Transactions,
        on_ended: Callable[[RunRead, int], None],
    ) -> None:
        self._on_ended = on_ended
        self._store = store
        self._executor = executor
        self._recorder = recorder
        self._hub = hub
        self._transactions = transactions
        self._training: dict[str, TrainingAttempt] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None
        self._watch_task: asyncio.Task[None] | None = None
        self._closing = False
        self._dead_since: float | None = None
        self._behind = False
        self._is_queue_empty = False
        self._workers_known = 0

    # -- interface ---------------------------------------------------------------------------------------------------

    async def start(self, on_message: Callable[[Message], None]) -> None:
        """Recover the runs of an earlier process, then serve the queue as soon as there are workers."""
        for run in await asyncio.to_thread(self._transactions.recover):
            self._hub.show(run)
        self._loop_task = asyncio.create_task(self._start_workers_and_serve(on_message), name="dispatcher")

    def wake(self) -> None:
        """Read the queue at once."""
        self._wake.set()

    def receive(self, message: Message) -> None:
        """Renew the lease of a run by a message of its worker."""
        training = self._training.get(message["run_id"])
        if training is None or training.claimed.job["attempt"] != message["attempt"]:
            return
        training.last_message_at = time.monotonic()
        if message["kind"] == "alive" and training.worker is None:
            training.worker = message["worker"]
            self._spawn(self._send_control(training))

    def apply_request(self, run_id: str) -> None:
        """Send the requested state of a run in training to its worker."""
        training = self._training.get(run_id)
        if training is not None:
            self._spawn(self._send_control(training))

    def preempt(self, run_id: str) -> None:
        """Preempt a run in training: it writes a checkpoint, releases its worker and is requeued."""
        training = self._training.get(run_id)
        if training is not None:
            training.is_preempted = True
            self._spawn(self._send_control(training))

    @property
    def training(self) -> int:
        """Number of runs in training."""
        return len(self._training)

    async def close(self) -> None:
        """Stop claiming runs; interrupt those in training, which write checkpoints first."""
        self._closing = True
        await _cancelled([task for task in (self._loop_task, self._watch_task) if task])
        await asyncio.gather(*map(self._send_control, self._training.values()), return_exceptions=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=INTERRUPT_TIMEOUT)
        await _cancelled(list(self._tasks))

    # -- the queue --------------------------------------------------------------------------------------------------

    async def _start_workers_and_serve(self, on_message: Callable[[Message], None]) -> None:
        # Not before the first page is served: pages are of use while the workers' processes start.
        while True:
            try:
                await self._executor.start(on_message)
                break
            except Exception:
                log.exception("the workers could not be started; retry in %g s", WATCH_INTERVAL)
                await asyncio.sleep(WATCH_INTERVAL)
        self._watch_task = asyncio.create_task(self._watch(on_message), name="watch")
        while True:
            try:
                await self._serve()
            except Exception as error:
                log.error("the queue could not be served; retrying: %s", error)
            try:
                await asyncio.wait_for(self._wake.wait(), self._queue_interval)
            except TimeoutError:
                continue
            self._wake.clear()

    @property
    def _queue_interval(self) -> float:
        return QUEUE_INTERVAL if self._training or not self._is_queue_empty else IDLE_QUEUE_INTERVAL

    async def _serve(self) -> None:
        """Claim queued runs for free workers; if none is free, preempt runs that had their turn."""
        self._is_queue_empty = False  # Until it was read: what can't be read is read again soon.
        self._workers_known = self._executor.workers
        if not self._executor.is_healthy or self._behind:
            return
        free = self._executor.workers - len(self._training)
        if free > 0:
            for claimed in await asyncio.to_thread(self._transactions.claim, free):
                self._begin(claimed)
        if free <= 0:
            for run_id in await asyncio.to_thread(self._transactions.runs_to_preempt, self._busy()):
                self.preempt(run_id)
        await self._show_queue()

    async def _show_queue(self) -> None:
        order = await asyncio.to_thread(self._transactions.queue)
        self._is_queue_empty = not order
        unknown = self._hub.show_queue(order)
        for run in await asyncio.to_thread(self._transactions.read, unknown) if unknown else ():
            self._hub.show(run)

    def _busy(self) -> list[ActiveRun]:
        now = time.monotonic()
        return [
            ActiveRun(run.id, run.owner, run.sweep_id is not None, now - training.begun_at, training.is_preempted)
            for run, training in ((training.claimed.run, training) for training in self._training.values())
        ]

    def _begin(self, claimed: ClaimedRun) -> None:
        training = self._training[claimed.run.id] = TrainingAttempt(claimed)
        self._hub.begin(claimed.run, claimed.job["attempt"])
        self._spawn(self._supervise(training))

    async def _supervise(self, training: TrainingAttempt) -> None:
        with logs.run_context(training.claimed.run.id, training.claimed.job["attempt"]):
            await self._run_attempt(training)

    async def _run_attempt(self, training: TrainingAttempt) -> None:
        run_id, died = training.claimed.run.id, False
        try:
            await self._executor.run(training.claimed.job)
        except WorkerLostError as error:
            died = error.died
            log.warning("run %s, attempt %d, lost its worker: %s", run_id, training.claimed.job["attempt"], error)
        left = await self._retry_until_stored(
            run_id, lambda: self._transactions.requeue_lost(training.claimed, died=died)
        )
        if self._training.get(run_id) is training:
            del self._training[run_id]
        if left is not None:
            self._on_ended(left, training.claimed.job["attempt"])
        self._wake.set()

    async def _retry_until_stored(self, run_id: str, store: Callable[[], RunRead | None]) -> RunRead | None:
        """Flush the reports, then call `store`; retry both until the database can be written."""
        try:
            while True:
                try:
                    await self._recorder.flush()
                    return await asyncio.to_thread(store)
                except Exception as error:
                    log.error("the end of a run could not be stored; retrying: %s", error)
                    if self._closing:
                        return None  # The row still says running: the next start recovers it.
                    reason = _WAITING_REASON.format(error=getattr(error, "orig", error))
                    self._store.set_waiting_reason(run_id, reason)
                    self._hub.show_unstored_end(run_id, reason)
                    await asyncio.sleep(QUEUE_INTERVAL)
        finally:
            self._store.clear_waiting_reason(run_id)

    # -- requests ---------------------------------------------------------------------------------------------------

    async def _send_control(self, training: TrainingAttempt) -> None:
        """Send the desired state of a run, as the database has it now, to its worker."""
        if training.worker is None:
            return  # It is sent after the worker's first message.
        job = training.claimed.job
        try:
            wanted = await self._desired_state(training)
        except Exception as error:
            log.warning("the desired state of run %s could not be read; retrying: %s", job["run_id"], error)
            return
        if wanted is None:
            return
        if wanted == (training.confirmed or _unchanged(training)):
            return
        heard = await self._executor.send_control(
            training.worker, job["run_id"], job["attempt"], interrupt=wanted.interrupt, iterations=wanted.iterations
        )
        training.confirmed = wanted if heard else None

    async def _desired_state(self, training: TrainingAttempt) -> DesiredState | None:
        if training.is_preempted or self._closing or self._behind:
            # Decided here, perhaps because the database is unavailable: it is not read.
            return (training.confirmed or _unchanged(training))._replace(interrupt=True)
        job = training.claimed.job
        return await asyncio.to_thread(self._transactions.desired_state, job["run_id"], job["attempt"])

    # -- the watch --------------------------------------------------------------------------------------------------

    async def _watch(self, on_message: Callable[[Message], None]) -> None:
        """Check database, leases and workers once a second; resend requests and requeue held runs now and then."""
        seldom = 0.0
        while True:
            await asyncio.sleep(QUEUE_INTERVAL)
            try:
                self._check_database()
                await self._check_leases()
                await self._check_workers(on_message)
                if time.monotonic() >= seldom:
                    seldom = time.monotonic() + WATCH_INTERVAL
                    for training in list(self._training.values()):
                        self._spawn(self._send_control(training))
                    for run in await asyncio.to_thread(self._transactions.resume_held):
                        self._hub.show(run)
                        self._wake.set()
            except Exception as error:
                log.error("the watch task failed; retrying: %s", error)

    def _check_database(self) -> None:
        behind = self._recorder.seconds_behind > MOST_BEHIND
        if behind and not self._behind:
            log.error("the database can't be written: runs in training write checkpoints and wait")
        if behind != self._behind:
            self._behind = behind
            self._wake.set()
            for training in list(self._training.values()):
                self._spawn(self._send_control(training))

    async def _check_leases(self) -> None:
        now = time.monotonic()
        for training in list(self._training.values()):
            if now - training.last_message_at > LEASE:
                log.error(
                    "run %s: lease expired after %g s without a message; its worker is killed",
                    training.claimed.run.id,
                    LEASE,
                )
                training.last_message_at = now
                worker = training.worker or await self._executor.worker_of(training.claimed.job)
                if worker is not None:
                    await self._executor.kill_worker(worker)

    async def _check_workers(self, on_message: Callable[[Message], None]) -> None:
        """Restart the workers if the cluster or one of them is lost for good; starting ones are given time."""
        now = time.monotonic()
        if self._executor.workers != self._workers_known:
            self._wake.set()
        if not self._executor.dead:
            self._dead_since = None
        elif self._dead_since is None:
            self._dead_since = now
        dead = self._dead_since is not None and now - self._dead_since > MOST_SECONDS_DEAD
        if self._executor.is_healthy and not dead:
            return
        log.error("restarting the workers: %s", "one is lost" if self._executor.is_healthy else "all are lost")
        self._dead_since = None
        # Their runs are requeued as their jobs end with the cluster.
        await self._executor.start(on_message)
        self._wake.set()

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the dispatcher failed", exc_info=task.exception())


def _unchanged(training: TrainingAttempt) -> DesiredState:
    """Return the desired state of a run as it was when its job was submitted."""
    return DesiredState(interrupt=False, iterations=int(training.claimed.job["config"]["iterations"]))


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
