"""Usage of the server by one person: runs and bytes."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import Checkpoint, MetricChunk, MetricLevel, Run, Snapshot, StoredDataset


def count_runs(session: Session, owner: str) -> int:
    """Count the stored runs of an owner, those in the trash included."""
    return session.scalar(select(func.count(Run.id)).where(Run.owner == owner)) or 0


def stored_bytes(session: Session, owner: str) -> int:
    """Sum the bytes of an owner's curves, weights, checkpoints and data, from the rows alone: no file is opened."""
    of_runs = (
        (MetricChunk, func.length(MetricChunk.data)),
        (MetricLevel, func.length(MetricLevel.data)),
        (Snapshot, Snapshot.bytes),
        (Checkpoint, Checkpoint.bytes),
    )
    sums = [
        select(func.sum(size)).select_from(table).join(Run, Run.id == table.run_id).where(Run.owner == owner)
        for table, size in of_runs
    ]
    sums.append(select(func.sum(StoredDataset.bytes)).where(StoredDataset.owner == owner))
    return sum(int(session.scalar(one) or 0) for one in sums)
