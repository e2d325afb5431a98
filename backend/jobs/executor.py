"""Runs jobs in worker processes of a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

import dask
from distributed import Client, LocalCluster

from backend import worker
from backend.messages import TOPIC, Job, Message

log = logging.getLogger(__name__)

#: Seconds that running jobs get to see that they are to end before their processes are ended.
CLOSE_TIMEOUT = 5.0


class WorkerLostError(RuntimeError):
    """The process that trained a run is gone, or the cluster could not run the job."""


class DaskExecutor:
    """A local cluster of worker processes, one run each at a time."""

    def __init__(self, workers: int, threads_per_worker: int) -> None:
        self.slots = workers
        self._threads = threads_per_worker
        self._cluster: Any = None
        self._client: Any = None

    async def start(self, on_message: Callable[[Message], None]) -> None:
        """Start the workers; every message of every job is handed to ``on_message`` on the event loop."""
        dask.config.set(
            {
                # A worker that dies is reported at once: whether a run is tried again is decided here, not by Dask.
                "distributed.scheduler.allowed-failures": 0,
                # The scheduler keeps this many last messages of the topic, payload and all.
                "distributed.admin.low-level-log-length": 8,
                # Nothing to see on Dask's own HTTP servers.
                "distributed.scheduler.http.routes": [],
                "distributed.worker.http.routes": [],
                "distributed.worker.preload": [worker.__name__],
                "distributed.nanny.pre-spawn-environ": {
                    "MALLOC_TRIM_THRESHOLD_": 65536,
                    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), self._threads),
                },
            }
        )
        await self.close()
        self._cluster = await LocalCluster(
            n_workers=self.slots,
            threads_per_worker=1,
            processes=True,
            asynchronous=True,
            # Dask insists on an HTTP server; without an address it would take 8787, or complain that it is taken.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            host="127.0.0.1",
            silence_logs=logging.ERROR,
        )
        self._client = await Client(self._cluster, asynchronous=True)

        def receive(event: tuple[float, dict[str, Any]]) -> None:
            on_message(cast("Message", event[1]))

        self._client.subscribe_topic(TOPIC, receive)

    async def run(self, job: Job) -> None:
        """Train a run in a worker process; return once its last message has been handed over.

        Raises
        ------
        WorkerLostError
            When the process did not live to send one.
        """
        key = f"{job['run_id']}-{job['attempt']}"
        future = self._client.submit(worker.train_run, job, key=key, pure=False, retries=0)
        try:
            await future.result()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            raise WorkerLostError(f"{type(error).__name__}: {error}") from error

    async def request_stop(self, run_id: str, attempt: int) -> None:
        """Have a job end at its next iteration; a job that is not running is not affected."""
        if self._client is not None:
            await self._client.run(worker.request_stop, run_id, attempt, on_error="ignore")

    async def close(self) -> None:
        """End the workers."""
        closed, self._client, self._cluster = (self._client, self._cluster), None, None
        for closing in closed:
            if closing is not None:
                try:
                    await asyncio.wait_for(closing.close(), CLOSE_TIMEOUT)
                except (TimeoutError, OSError, RuntimeError):
                    log.warning("the cluster took more than %g s to end", CLOSE_TIMEOUT)
