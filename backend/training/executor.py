"""Runs jobs in worker processes of a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from distributed import Client, LocalCluster
from distributed.client import FutureCancelledError
from distributed.core import Status

from backend.training.cluster import configure, kill_workers, stop_unused_timers
from backend.wire.messages import TOPIC, Job, Message
from backend.worker import control
from backend.worker import task as worker

log = logging.getLogger(__name__)

#: Seconds that a cluster which is to end gets to start first.
START_TIMEOUT = 6.0
#: Seconds that the cluster gets to end before its processes are killed.
CLOSE_TIMEOUT = 2.0
#: Seconds that a worker gets to confirm what it was told.
TELL_TIMEOUT = 5.0


class WorkerLostError(RuntimeError):
    """A job has no process any more."""

    def __init__(self, message: str, *, died: bool) -> None:
        super().__init__(message)
        self.died = died
        """The process ended while it trained, which may be the run's fault; False: the cluster around it was lost."""


class DaskExecutor:
    """A local cluster of worker processes, one run each at a time."""

    def __init__(self, workers: int, threads_per_worker: int) -> None:
        self.slots = workers
        self._threads = threads_per_worker
        self._cluster: Any = None
        self._client: Any = None
        self._starting: asyncio.Task[None] | None = None

    async def start(self, on_message: Callable[[Message], None]) -> None:
        """Start the workers; every message of every job is handed to ``on_message`` on the event loop."""
        await self.close()
        # Shielded: Dask can't end a cluster that has not started, so `close` lets it start first.
        self._starting = asyncio.create_task(self._start(on_message), name="start the workers")
        await asyncio.shield(self._starting)

    async def _start(self, on_message: Callable[[Message], None]) -> None:
        configure(self._threads)
        self._cluster = await LocalCluster(
            n_workers=self.slots,
            threads_per_worker=1,
            processes=True,
            asynchronous=True,
            # Dask insists on an HTTP server; without an address it would take 8787, or complain that it is taken.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            host="127.0.0.1",
            silence_logs=logging.CRITICAL,
        )
        stop_unused_timers(self._cluster.scheduler)
        self._client = await Client(self._cluster, asynchronous=True)
        self._subscribe(on_message)

    def _subscribe(self, on_message: Callable[[Message], None]) -> None:
        def receive(event: tuple[float, dict[str, Any]]) -> None:
            on_message(cast("Message", event[1]))

        self._client.subscribe_topic(TOPIC, receive)

    def _submit(self, job: Job, **placement: Any) -> Any:
        """Hand a job to Dask and return its future."""
        return self._client.submit(worker.train_run, job, key=key_of(job), pure=False, retries=0, **placement)

    @property
    def is_healthy(self) -> bool:
        """Whether jobs can be given to it."""
        return (
            self._client is not None
            and self._client.status == "running"
            and self._cluster.scheduler.status == Status.running
        )

    @property
    def workers(self) -> int:
        """How many workers are there, ready or busy. One whose process starts is not."""
        return len(self._cluster.scheduler.workers) if self.is_healthy else 0

    @property
    def dead(self) -> int:
        """How many workers have no process, not even one that starts."""
        nannies = self._cluster.workers.values() if self.is_healthy else ()
        return self.slots - sum(bool(nanny.is_alive()) for nanny in nannies)

    async def run(self, job: Job) -> None:
        """Train a run in a worker process; return once its last message has been handed over.

        Raises
        ------
        WorkerLostError
            When the process did not live to send one.
        """
        if not self.is_healthy:
            raise WorkerLostError("there are no workers", died=False)
        future = self._submit(job)
        try:
            await future.result()
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Not we are cancelled but the job: its scheduler is gone.
            raise WorkerLostError(str(error), died=False) from error
        except FutureCancelledError as error:
            raise WorkerLostError(str(error), died=False) from error
        except Exception as error:
            # A scheduler that is about to end says of all its workers that they are lost.
            raise WorkerLostError(f"{type(error).__name__}: {error}", died=self.is_healthy) from error

    async def tell(self, address: str, run_id: str, attempt: int, *, let_go: bool, iterations: int) -> bool:
        """Say to the worker that trains a run what is wanted of it; return whether it heard.

        Its process answers while its run computes: it takes a few milliseconds.
        """
        if not self.is_healthy:
            return False
        telling = self._client.run(
            control.tell, run_id, attempt, let_go, iterations, workers=[address], on_error="ignore"
        )
        try:
            answers = await asyncio.wait_for(telling, TELL_TIMEOUT)
        except (TimeoutError, OSError, ValueError) as error:
            log.warning("run %s could not be told anything: %s", run_id, error)
            return False
        return any(answer is True for answer in answers.values())

    async def worker_of(self, job: Job) -> str | None:
        """Return the address of the worker that a job was given to; None: of none, or nobody knows."""
        try:
            processing = await asyncio.wait_for(self._client.processing(), TELL_TIMEOUT)
        except (OSError, TimeoutError, AttributeError):
            return None
        return next((address for address, keys in processing.items() if key_of(job) in keys), None)

    async def kill_worker(self, address: str) -> bool:
        """Kill a worker's process, which has fallen silent; another takes its place. False: there is no such worker."""
        for nanny in list(self._cluster.workers.values()) if self._cluster is not None else ():
            if nanny.worker_address == address and nanny.pid:
                _kill(nanny.pid)
                return True
        return False

    async def close(self) -> None:
        """End the workers, those too that have only begun to start."""
        if self._starting is not None:
            await asyncio.wait([self._starting], timeout=START_TIMEOUT)
            self._starting.cancel()
        client, cluster = self._client, self._cluster
        self._client = self._cluster = None
        pids = [nanny.pid for nanny in cluster.workers.values()] if cluster is not None else []
        for closing in (client, cluster):
            if closing is None:
                continue
            try:
                await asyncio.wait_for(closing.close(), CLOSE_TIMEOUT)
            except (TimeoutError, OSError, RuntimeError):
                log.warning("the cluster took more than %g s to end; its processes are killed", CLOSE_TIMEOUT)
        for pid in pids:
            if pid:
                _kill(pid)
        if self._starting is not None:
            self._starting = None
            kill_workers()


def key_of(job: Job) -> str:
    """Return what Dask calls a job."""
    return f"{job['run_id']}-{job['attempt']}"


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
