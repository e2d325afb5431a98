"""Executor on this machine: a local Dask cluster of worker processes."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from backend.training.cluster import configure, kill_workers, stop_unused_timers
from backend.training.executor import CLOSE_TIMEOUT, DaskClient
from backend.wire.messages import Message

log = logging.getLogger(__name__)

#: Seconds that a cluster which is to end gets to start first.
START_TIMEOUT = 6.0


class LocalExecutor(DaskClient):
    """A local cluster of worker processes, one run each at a time."""

    def __init__(self, workers: int, threads_per_worker: int) -> None:
        super().__init__(threads_per_worker)
        self.slots = workers
        self._cluster: Any = None
        self._starting: asyncio.Task[None] | None = None

    async def start(self, on_message: Callable[[Message], None]) -> None:
        """Start the workers; every message of every job is handed to ``on_message`` on the event loop."""
        await self.close()
        # Shielded: Dask can't end a cluster that has not started, so `close` lets it start first.
        self._starting = asyncio.create_task(self._start(on_message), name="start the workers")
        await asyncio.shield(self._starting)

    async def _start(self, on_message: Callable[[Message], None]) -> None:
        # In a thread: the pages answer meanwhile.
        await asyncio.to_thread(configure, self._threads)
        from distributed import Client, LocalCluster

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

    @property
    def is_healthy(self) -> bool:
        """Whether jobs can be submitted."""
        return (
            self._client is not None
            and self._client.status == "running"
            and self._cluster.scheduler.status.name == "running"
        )

    @property
    def workers(self) -> int:
        """Number of connected workers, ready or busy. One whose process still starts does not count."""
        return len(self._cluster.scheduler.workers) if self.is_healthy else 0

    @property
    def dead(self) -> int:
        """Number of workers without a process, not even one that starts."""
        nannies = self._cluster.workers.values() if self.is_healthy else ()
        return self.slots - sum(bool(nanny.is_alive()) for nanny in nannies)

    async def kill_worker(self, address: str) -> bool:
        """Kill a worker's process, which has fallen silent; another takes its place. False: there is no such worker."""
        for nanny in list(self._cluster.workers.values()) if self._cluster is not None else ():
            if nanny.worker_address == address and nanny.pid:
                _kill(nanny.pid)
                return True
        return False

    async def close(self) -> None:
        """End the workers, also those that are still starting."""
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


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
