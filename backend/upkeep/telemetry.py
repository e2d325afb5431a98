"""Telemetry: gauges of queue, runs and speed, computed when Prometheus scrapes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import text

from backend.db.store import Store
from backend.kit.identity import SYSTEM, acting
from backend.upkeep import queries as repository


class MonitoredJobs(Protocol):
    """Figures that the jobs expose to telemetry."""

    @property
    def connected_workers(self) -> int:
        """Number of worker processes that accept runs."""

    @property
    def expected_workers(self) -> int:
        """Number of worker processes that are configured."""

    @property
    def backlog_size(self) -> tuple[int, int]:
        """Messages that wait for the database, and their bytes."""

    @property
    def seconds_behind(self) -> float:
        """Age of the oldest waiting message, in seconds."""

    @property
    def subscriber_counts(self) -> dict[str, int]:
        """Open feeds, by kind."""


def probe_database(store: Store) -> None:
    """Check that the database can be written; raise its error if not."""
    # For any person: it is about the server, and changes no row.
    with acting(SYSTEM), store.write() as session:
        session.execute(text("UPDATE runs SET name = name WHERE id = ''"))


def registry(store: Store, jobs: MonitoredJobs) -> CollectorRegistry:
    """Return a Prometheus registry that reads the figures of one server when it is scraped."""
    made = CollectorRegistry()
    made.register(_Collector(store, jobs))
    return made


class _Collector:
    def __init__(self, store: Store, jobs: MonitoredJobs) -> None:
        self._store, self._jobs = store, jobs

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._of_the_jobs()
        try:
            with acting(SYSTEM), self._store.read() as session:
                counted = repository.count(session)
        except Exception:
            # The rest is worth knowing just then.
            yield GaugeMetricFamily("synrl_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("synrl_database_up", "Whether the database answers.", 1)
        queue = GaugeMetricFamily("synrl_queue_length", "Runs that wait for a worker.", labels=["kind"])
        for kind, length in counted.queue.items():
            queue.add_metric([kind], length)
        yield queue
        runs = GaugeMetricFamily("synrl_runs", "Runs outside the trash, by status.", labels=["status"])
        for status, number in counted.by_status.items():
            runs.add_metric([status], number)
        yield runs
        speed = "Iterations per second of all runs in training, as last heard of."
        yield GaugeMetricFamily("synrl_iterations_per_second", speed, counted.iterations_per_second)

    def _of_the_jobs(self) -> Iterator[Metric]:
        messages, size = self._jobs.backlog_size
        yield GaugeMetricFamily(
            "synrl_workers", "Worker processes that can be given runs.", self._jobs.connected_workers
        )
        yield GaugeMetricFamily("synrl_workers_wanted", "Worker processes asked for.", self._jobs.expected_workers)
        yield GaugeMetricFamily("synrl_backlog_messages", "Messages that wait for the database.", messages)
        yield GaugeMetricFamily("synrl_backlog_bytes", "Bytes of those messages.", size)
        behind = "How long the oldest message waits for the database."
        yield GaugeMetricFamily("synrl_backlog_age_seconds", behind, self._jobs.seconds_behind)
        viewers = GaugeMetricFamily("synrl_viewers", "Open live feeds.", labels=["kind"])
        for kind, number in self._jobs.subscriber_counts.items():
            viewers.add_metric([kind], number)
        yield viewers
