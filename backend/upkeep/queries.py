"""Queries of telemetry: counts of runs."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import Run
from backend.kit.status import RunStatus


class RunCounts(NamedTuple):
    """Runs outside the trash."""

    queue: dict[str, int]
    """Of single runs and of sweeps."""
    by_status: dict[str, int]
    iterations_per_second: float


def count(session: Session) -> RunCounts:
    """Count the runs."""
    by_status = {str(status): 0 for status in RunStatus}
    queue = {"interactive": 0, "sweep": 0}
    speed = 0.0
    in_sweep = Run.sweep_id.is_not(None)
    rows = session.execute(
        select(Run.status, in_sweep, func.count(), func.sum(Run.iterations_per_second))
        .where(Run.deleted_at.is_(None))
        .group_by(Run.status, in_sweep)
    )
    for status, of_sweep, number, per_second in rows:
        by_status[status] = by_status.get(status, 0) + number
        if status == RunStatus.QUEUED:
            queue["sweep" if of_sweep else "interactive"] += number
        if status == RunStatus.RUNNING:
            speed += per_second or 0.0
    return RunCounts(queue, by_status, speed)
