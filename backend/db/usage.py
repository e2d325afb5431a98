"""How much of the server somebody uses."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import MetricChunk, Run, StoredDataset


def runs_of(session: Session, owner: str) -> int:
    """Count somebody's stored runs, those in the trash too."""
    return session.scalar(select(func.count(Run.id)).where(Run.owner == owner)) or 0


def bytes_of(session: Session, owner: str) -> int:
    """Sum the bytes of somebody's curves, weights and data."""
    curves = select(func.sum(func.length(MetricChunk.data))).join(Run, Run.id == MetricChunk.run_id)
    data = select(func.sum(StoredDataset.bytes))
    return int(session.scalar(curves.where(Run.owner == owner)) or 0) + int(
        session.scalar(data.where(StoredDataset.owner == owner)) or 0
    )
