"""Queries of reproductions: their sweeps, and the columns of their runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Run, Sweep


class RunRow(NamedTuple):
    """Columns of a run that a table needs."""

    id: str
    status: str
    in_trash: bool
    iteration: int
    iterations: int
    forward_passes: int
    seconds: float
    accuracy: float | None
    lost_workers: int
    error: str | None
    dataset_hash: str | None
    provenance: dict[str, Any] | None


def sweeps(session: Session) -> Sequence[Sweep]:
    """Return all sweeps, newest first."""
    return session.scalars(select(Sweep).order_by(Sweep.created_at.desc(), Sweep.id)).all()


def rows(session: Session, sweep_id: str) -> list[RunRow]:
    """Return the runs of a sweep, those in the trash too."""
    columns = (
        Run.id, Run.status, Run.deleted_at.is_not(None), Run.iteration, Run.iterations, Run.forward_passes,
        Run.training_seconds, Run.validation_accuracy, Run.lost_workers, Run.error, Run.dataset_hash, Run.provenance,
    )  # fmt: skip
    found = session.execute(select(*columns).where(Run.sweep_id == sweep_id).order_by(Run.created_at, Run.id))
    return [RunRow(*row) for row in found]
