"""How Dask is set up: alike for the cluster of this server and for one that it connects to."""

from __future__ import annotations

import atexit
import multiprocessing
from typing import Any

import dask
from distributed import Security

from backend.kit.settings import Settings
from backend.worker import task as worker

#: Seconds without a heartbeat after which the scheduler gives a worker up.
WORKER_TTL = "60s"
#: What Dask calls the processes of its workers.
WORKER_NAME = "Dask Worker process (from Nanny)"
#: What prepares a worker's process.
PRELOAD = [worker.__name__]


def configure(threads_per_worker: int) -> None:
    """Set this process, and the workers that it starts, up for runs."""
    dask.config.set(
        {
            # A worker that dies is reported at once: whether a run is tried again is decided by us, not by Dask.
            "distributed.scheduler.allowed-failures": 0,
            "distributed.scheduler.worker-ttl": WORKER_TTL,
            # By default a worker whose process takes longer than 15 s to start again is given up for good.
            "distributed.deploy.lost-worker-timeout": "1000 days",
            "distributed.comm.timeouts.connect": "120s",
            # The scheduler keeps this many last messages of the topic, payload and all.
            "distributed.admin.low-level-log-length": 8,
            # Nothing to see on Dask's own HTTP servers.
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            "distributed.worker.preload": PRELOAD,
            # The nannies look in the web process, which has more to do than that ten times a second.
            "distributed.worker.memory.monitor-interval": "500ms",
            # Dask's own timers, in this process and in each worker, cost most of what an idle server costs: its event
            # loop's tick (20 ms by default), the statistical profiler (10 ms) and the system monitor (500 ms). Nothing
            # here reads what they find out.
            "distributed.admin.tick.interval": "2s",
            "distributed.admin.tick.limit": "60s",
            "distributed.worker.profile.enabled": False,
            "distributed.worker.profile.interval": "10s",
            "distributed.worker.profile.cycle": "100s",
            "distributed.admin.system-monitor.interval": "5s",
            # A task is pinned to its worker and returns nothing: there is nothing to steal, to move or to replicate.
            "distributed.scheduler.active-memory-manager.start": False,
            "distributed.scheduler.work-stealing": False,
            # A run needs its memory as long as it trains: waiting, or writing Dask's own data to disk, frees none.
            **{f"distributed.worker.memory.{what}": False for what in ("target", "spill", "pause")},
            "distributed.nanny.pre-spawn-environ": {
                "MALLOC_TRIM_THRESHOLD_": 65536,
                **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads_per_worker),
            },
        }
    )


def security(settings: Settings) -> Security | None:
    """Return how machines of a cluster know each other; None: they don't, and nothing is encrypted."""
    if settings.tls_ca_file is None:
        return None
    own: dict[str, Any] = {}
    for role in ("client", "scheduler", "worker"):
        own[f"tls_{role}_cert"], own[f"tls_{role}_key"] = str(settings.tls_cert_file), str(settings.tls_key_file)
    return Security(tls_ca_file=str(settings.tls_ca_file), require_encryption=True, **own)


@atexit.register
def kill_workers() -> None:
    """Kill the worker processes that are left: of a cluster or a nanny that did not start in time to be ended.

    As this process exits, multiprocessing would ask them to end by SIGTERM and wait: for ever, as they pass over it.
    """
    for process in multiprocessing.active_children():
        if process.name == WORKER_NAME:
            process.kill()
