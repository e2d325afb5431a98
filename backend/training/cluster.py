"""Configuration of Dask: alike for the local cluster and for a scheduler elsewhere.

Dask is imported by the functions that need it: it takes a sixth of the server's start, and no page waits for it.
"""

from __future__ import annotations

import atexit
import multiprocessing
from typing import TYPE_CHECKING, Any

from backend.kit.settings import Settings
from backend.worker import task as worker

if TYPE_CHECKING:
    from distributed import Security

#: Seconds without a heartbeat after which the scheduler gives a worker up.
WORKER_TTL = "60s"
#: What Dask calls the processes of its workers.
WORKER_NAME = "Dask Worker process (from Nanny)"
#: What prepares a worker's process.
PRELOAD = [worker.__name__]

#: What of Dask's own monitoring is switched off or slowed down, as nothing here reads it: with the defaults these
#: periodic callbacks take 5 % of a core in each idle worker. Recovery does not depend on them: a worker that dies is
#: noticed by its closed connection, a silent run by the dispatcher's lease.
_QUIET: dict[str, Any] = {
    # How responsive the event loops are: measured 50 times a second, shown by Dask's dashboard alone.
    "distributed.admin.tick.interval": "10s",
    "distributed.admin.tick.cycle": "60s",
    # A gap between two ticks that is logged as "unresponsive"; longer than the interval.
    "distributed.admin.tick.limit": "120s",
    "distributed.admin.system-monitor.interval": "10s",
    # A statistical profile of what runs in a worker, taken 100 times a second, training or not.
    "distributed.worker.profile.enabled": False,
    # Replicas of results, of which there are none: a run's task returns None.
    "distributed.scheduler.active-memory-manager.start": False,
    # How many workers there are, for the repr of a client.
    "distributed.client.scheduler-info-interval": "60s",
}


def configure(threads_per_worker: int) -> None:
    """Configure this process, and the workers that it starts, for runs."""
    import dask
    import distributed  # noqa: F401 (its defaults come first)

    # Registered after Dask's own, and so called before them.
    atexit.unregister(kill_workers)
    atexit.register(kill_workers)
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
            # The nannies watch memory from the web process, which has more to do than that ten times a second.
            "distributed.worker.memory.monitor-interval": "1s",
            **_QUIET,
            # A run needs its memory as long as it trains: waiting, or writing Dask's own data to disk, frees none.
            **{f"distributed.worker.memory.{what}": False for what in ("target", "spill", "pause")},
            "distributed.nanny.pre-spawn-environ": {
                "MALLOC_TRIM_THRESHOLD_": 65536,
                **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads_per_worker),
            },
        }
    )


def stop_unused_timers(scheduler: Any) -> None:
    """Stop the callbacks of a scheduler in this process that check unset limits four times a second."""
    for name in ("idle-timeout", "no-workers-timeout"):
        timer = scheduler.periodic_callbacks.get(name)
        if timer is not None:
            timer.stop()


def security(settings: Settings) -> Security | None:
    """Return the TLS configuration of a cluster; None: no authentication, nothing is encrypted."""
    if settings.tls_ca_file is None:
        return None
    from distributed import Security

    own: dict[str, Any] = {}
    for role in ("client", "scheduler", "worker"):
        own[f"tls_{role}_cert"], own[f"tls_{role}_key"] = str(settings.tls_cert_file), str(settings.tls_key_file)
    return Security(tls_ca_file=str(settings.tls_ca_file), require_encryption=True, **own)


def kill_workers() -> None:
    """Kill the remaining worker processes: those of a cluster or a nanny that did not start in time to be ended.

    As this process exits, multiprocessing would ask them to end by SIGTERM and wait: for ever, as they pass over it.
    """
    for process in multiprocessing.active_children():
        if process.name == WORKER_NAME:
            process.kill()
