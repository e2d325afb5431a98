"""Queries on runs. Only this package builds queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.db.tables import Checkpoint, MetricChunk, Run, Snapshot
from backend.schemas import RunStatus


def add(session: Session, run: Run) -> None:
    """Store a new run."""
    session.add(run)
    session.flush()


def find(session: Session, run_id: str) -> Run | None:
    """Return a run, or None."""
    return session.get(Run, run_id)


def newest(session: Session, *, limit: int, offset: int, status: RunStatus | None) -> tuple[Sequence[Run], int]:
    """Return a page of runs, newest first, and how many there are in all; those in the trash are left out."""
    chosen = select(Run).where(Run.deleted_at.is_(None))
    if status is not None:
        chosen = chosen.where(Run.status == status)
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    page = session.scalars(chosen.order_by(Run.created_at.desc(), Run.id.desc()).limit(limit).offset(offset))
    return page.all(), total


def with_status(session: Session, status: RunStatus, limit: int | None = None) -> Sequence[Run]:
    """Return runs in a status, oldest first."""
    return session.scalars(select(Run).where(Run.status == status).order_by(Run.created_at, Run.id).limit(limit)).all()


def trashed_before(session: Session, moment: datetime) -> Sequence[Run]:
    """Return runs that were put into the trash before a moment."""
    return session.scalars(select(Run).where(Run.deleted_at < moment)).all()


def remove(session: Session, run_id: str) -> None:
    """Delete a run with its points and its list of snapshots."""
    session.execute(delete(Run).where(Run.id == run_id))


def clear(session: Session, run_id: str) -> list[str]:
    """Forget points, snapshots and checkpoints of a run; return the paths of the files that nothing names now."""
    paths = [
        *session.scalars(select(Snapshot.path).where(Snapshot.run_id == run_id)),
        *session.scalars(select(Checkpoint.path).where(Checkpoint.run_id == run_id)),
    ]
    for table in (MetricChunk, Snapshot, Checkpoint):
        session.execute(delete(table).where(table.run_id == run_id))
    return paths


def add_chunk(session: Session, chunk: MetricChunk) -> None:
    """Store points that follow all stored before."""
    session.add(chunk)


def chunks(session: Session, run_id: str) -> Sequence[bytes]:
    """Return the packed points of a run in the order of their iterations."""
    return session.scalars(
        select(MetricChunk.data).where(MetricChunk.run_id == run_id).order_by(MetricChunk.first_iteration)
    ).all()


def last_stored_iteration(session: Session, run_id: str) -> int:
    """Return the iteration of the newest stored point, -1 if there is none."""
    last = session.scalar(select(func.max(MetricChunk.last_iteration)).where(MetricChunk.run_id == run_id))
    return -1 if last is None else last


def drop_points(session: Session, run_id: str, from_iteration: int) -> None:
    """Forget points and snapshots at or after an iteration: they are about to come again."""
    session.execute(
        delete(MetricChunk).where(MetricChunk.run_id == run_id, MetricChunk.first_iteration >= from_iteration)
    )
    session.execute(delete(Snapshot).where(Snapshot.run_id == run_id, Snapshot.iteration >= from_iteration))


def drop_chunks(session: Session, run_id: str) -> None:
    """Remove the packed points of a run, for those who put them back in fewer pieces."""
    session.execute(delete(MetricChunk).where(MetricChunk.run_id == run_id))


def add_snapshot(session: Session, snapshot: Snapshot) -> None:
    """Remember a snapshot; one at the same iteration is replaced."""
    session.merge(snapshot)


def snapshots(session: Session, run_id: str) -> Sequence[Snapshot]:
    """Return a run's snapshots by iteration."""
    return session.scalars(select(Snapshot).where(Snapshot.run_id == run_id).order_by(Snapshot.iteration)).all()


def snapshot_at(session: Session, run_id: str, iteration: int | None) -> Snapshot | None:
    """Return the snapshot at an iteration, the last one for None."""
    if iteration is not None:
        return session.get(Snapshot, (run_id, iteration))
    return session.scalar(
        select(Snapshot).where(Snapshot.run_id == run_id).order_by(Snapshot.iteration.desc()).limit(1)
    )
