"""Backfill of sparklines for runs trained by versions without them, in the background after the start."""

from __future__ import annotations

import threading

from sqlalchemy.orm import Session

from backend.db.store import Store
from backend.runs import queries as repository
from backend.runs.curves import service as curves
from backend.wire import sparkline

#: Runs whose sparklines are stored in one transaction: others want to write too.
_BATCH = 20


def fill(store: Store, stop: threading.Event) -> int:
    """Make the sparklines that are missing; return how many. Ends early when ``stop`` is set."""
    made, after = 0, ""
    while not stop.is_set():
        with store.read() as session:
            batch = repository.without_sparkline(session, after, _BATCH)
            points = {run_id: _points(session, run_id, iterations) for run_id, iterations in batch}
        if not batch:
            break
        with store.write() as session:
            made += sum(repository.set_sparkline(session, *pair) for pair in points.items() if pair[1])
        after = batch[-1][0]
    return made


def _points(session: Session, run_id: str, iterations: int) -> list[sparkline.Point]:
    seen = curves.read_metrics(session, run_id, max_points=4 * sparkline.POINTS)
    measured = zip(seen.iteration, seen.values["validation_accuracy"], strict=True)
    return sparkline.extended(None, [(at, value) for at, value in measured if value is not None], iterations)
