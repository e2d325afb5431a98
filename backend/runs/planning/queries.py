"""Queries of planning: durations of finished runs, length of the queue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.guard import EVERYBODY
from backend.db.tables import Run
from backend.kit.status import RunStatus

#: A run below these says more of its start than of its speed.
_LEAST_SECONDS, _LEAST_ITERATIONS = 0.2, 50


def finished(session: Session, limit: int) -> list[tuple[dict[str, Any], int, float]]:
    """Return configuration, iterations done and seconds of the runs that ended last."""
    rows = session.execute(
        select(Run.config, Run.iteration, Run.training_seconds)
        .where(Run.status.in_([RunStatus.SUCCEEDED, RunStatus.STOPPED]))
        .where(Run.training_seconds >= _LEAST_SECONDS, Run.iteration >= _LEAST_ITERATIONS)
        .order_by(Run.created_at.desc())
        .limit(limit),
        # Speeds and lengths of everybody's runs: they tell nothing of anybody.
        execution_options={EVERYBODY: True},
    )
    return [(config, iteration, seconds) for config, iteration, seconds in rows]


def queued(session: Session) -> int:
    """Count the runs that wait for a worker."""
    waiting = select(func.count()).select_from(Run).where(Run.status == RunStatus.QUEUED)
    return session.scalar(waiting, execution_options={EVERYBODY: True}) or 0
