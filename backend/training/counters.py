"""Prometheus counters of this process; queue and runs are counted when they are scraped."""

from __future__ import annotations

import time
from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from backend.wire.messages import Message

WRITE_ERRORS = Counter("synrl_write_errors", "Transactions of the recorder that the database did not take.")
EVENTS = Counter("synrl_events", "Messages of workers that were written.", ["kind"])
EVALUATIONS = Counter("synrl_points_written_bytes", "Packed bytes of measured points that were written.")
EVENT_LAG = Histogram(
    "synrl_event_lag_seconds",
    "From the measurement of a point in its worker to its being stored.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600),
)


def note_written(batch: Iterable[Message]) -> None:
    """Count messages that were written to the database."""
    now = time.time()
    for message in batch:
        EVENTS.labels(message["kind"]).inc()
        if message["kind"] == "progress" and message["points"] is not None:
            EVALUATIONS.inc(len(message["points"]))
            if message["measured_at"] is not None:
                EVENT_LAG.observe(max(0.0, now - message["measured_at"]))
