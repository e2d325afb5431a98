"""Queries on runs. Only this package builds queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from backend.db.guard import EVERYBODY
from backend.db.tables import Checkpoint, MetricChunk, MetricLevel, Run, RunEvent, Snapshot
from backend.kit.status import RunStatus


def add(session: Session, run: Run) -> None:
    """Store a new run."""
    session.add(run)
    session.flush()


def find(session: Session, run_id: str) -> Run | None:
    """Return a run, or None."""
    return session.get(Run, run_id)


def with_status(session: Session, status: RunStatus, limit: int | None = None) -> Sequence[Run]:
    """Return runs in a status, oldest first."""
    return session.scalars(select(Run).where(Run.status == status).order_by(Run.created_at, Run.id).limit(limit)).all()


def trashed_before(session: Session, moment: datetime) -> Sequence[Run]:
    """Return runs that were put into the trash before a moment."""
    return session.scalars(select(Run).where(Run.deleted_at < moment)).all()


def by_method(session: Session, *, method: str, dataset: str, limit: int = 200) -> Sequence[Run]:
    """Return the newest runs of a method on a data set, the trash left out."""
    chosen = select(Run).where(
        Run.config["method"].as_string() == method,
        Run.config["dataset"].as_string() == dataset,
        Run.deleted_at.is_(None),
    )
    return session.scalars(chosen.order_by(Run.created_at.desc(), Run.id.desc()).limit(limit)).all()


def has_trash(session: Session) -> bool:
    """Whether there is a run in the trash."""
    return session.scalar(select(Run.id).where(Run.deleted_at.is_not(None)).limit(1)) is not None


def attempts(session: Session) -> dict[str, int]:
    """Return the number of attempts of every run."""
    return {row.id: row.attempt for row in session.execute(select(Run.id, Run.attempt))}


def named_files(session: Session) -> set[str]:
    """Return the paths of all snapshots and checkpoints."""
    return {*session.scalars(select(Snapshot.path)), *session.scalars(select(Checkpoint.path))}


def remove(session: Session, run_id: str) -> None:
    """Delete a run with its points and its list of snapshots."""
    session.execute(delete(Run).where(Run.id == run_id))


def clear(session: Session, run_id: str) -> list[str]:
    """Delete points, snapshots and checkpoints of a run; return the paths of files that no row refers to now."""
    paths = [
        *session.scalars(select(Snapshot.path).where(Snapshot.run_id == run_id)),
        *session.scalars(select(Checkpoint.path).where(Checkpoint.run_id == run_id)),
    ]
    for table in (MetricChunk, MetricLevel, Snapshot, Checkpoint):
        session.execute(delete(table).where(table.run_id == run_id))
    return paths


def add_event(session: Session, event: RunEvent) -> None:
    """Store a journal entry of a run."""
    session.add(event)


def events(session: Session, run_id: str, limit: int) -> Sequence[RunEvent]:
    """Return the newest journal entries of a run, oldest first."""
    chosen = select(RunEvent).where(RunEvent.run_id == run_id).order_by(RunEvent.id.desc()).limit(limit)
    return list(reversed(session.scalars(chosen).all()))


class ChunkEntry(NamedTuple):
    """First and last iteration of a chunk, without its points."""

    first_iteration: int
    last_iteration: int
    points: int


def add_chunk(session: Session, chunk: MetricChunk) -> None:
    """Store points that follow all stored before."""
    _insert(session, chunk)


def add_level(session: Session, level: MetricLevel) -> None:
    """Store a coarser copy of a chunk."""
    _insert(session, level)


def _insert(session: Session, row: MetricChunk | MetricLevel) -> None:
    # Not kept in the session: a row may take the place of one that was removed in the same transaction.
    session.add(row)
    session.flush()
    session.expunge(row)


def chunk_index(session: Session, run_id: str, first: int | None, last: int | None) -> list[ChunkEntry]:
    """Return which chunks have points from iteration ``first`` to ``last`` (None: no end), in order."""
    found = select(MetricChunk.first_iteration, MetricChunk.last_iteration, MetricChunk.points).where(
        MetricChunk.run_id == run_id
    )
    if first is not None:
        found = found.where(MetricChunk.last_iteration >= first)
    if last is not None:
        found = found.where(MetricChunk.first_iteration <= last)
    return [ChunkEntry(*row) for row in session.execute(found.order_by(MetricChunk.first_iteration))]


def last_chunk(session: Session, run_id: str) -> ChunkEntry | None:
    """Return where the newest chunk begins and ends."""
    row = session.execute(
        select(MetricChunk.first_iteration, MetricChunk.last_iteration, MetricChunk.points)
        .where(MetricChunk.run_id == run_id)
        .order_by(MetricChunk.first_iteration.desc())
        .limit(1)
    ).first()
    return None if row is None else ChunkEntry(*row)


def chunk_data(session: Session, run_id: str, first_iteration: int) -> bytes:
    """Return the packed points of a chunk that is there."""
    return session.scalars(
        select(MetricChunk.data).where(MetricChunk.run_id == run_id, MetricChunk.first_iteration == first_iteration)
    ).one()


def chunks(session: Session, run_id: str, first: int | None = None, last: int | None = None) -> Iterator[bytes]:
    """Yield the packed points of the chunks from the one that begins at ``first`` to the one that begins at ``last``.

    They come one after the other, in order: all of them at once may be more than the memory is wanted for.
    """
    found = select(MetricChunk.data).where(MetricChunk.run_id == run_id)
    if first is not None:
        found = found.where(MetricChunk.first_iteration >= first)
    if last is not None:
        found = found.where(MetricChunk.first_iteration <= last)
    yield from session.scalars(found.order_by(MetricChunk.first_iteration).execution_options(yield_per=8))


def levels(session: Session, run_id: str, level: str, first: int, last: int) -> dict[int, bytes]:
    """Return the coarser copies of the chunks that begin between two iterations, by where they begin."""
    found = select(MetricLevel.first_iteration, MetricLevel.data).where(
        MetricLevel.run_id == run_id,
        MetricLevel.level == level,
        MetricLevel.first_iteration >= first,
        MetricLevel.first_iteration <= last,
    )
    return {row.first_iteration: row.data for row in session.execute(found)}


def last_stored_iteration(session: Session, run_id: str) -> int:
    """Return the iteration of the newest stored point, -1 if there is none."""
    last = session.scalar(select(func.max(MetricChunk.last_iteration)).where(MetricChunk.run_id == run_id))
    return -1 if last is None else last


def drop_chunk(session: Session, run_id: str, first_iteration: int) -> None:
    """Remove a chunk and its coarser copies."""
    for table in (MetricChunk, MetricLevel):
        session.execute(delete(table).where(table.run_id == run_id, table.first_iteration == first_iteration))


def drop_files(session: Session, run_id: str, from_iteration: int, *, checkpoints_after: int) -> list[str]:
    """Delete snapshots at or after an iteration, which are about to be stored again, and checkpoints after another.

    Returns
    -------
    Paths of the files that nothing names any more.
    """
    paths: list[str] = []
    for table, gone in (
        (Snapshot, Snapshot.iteration >= from_iteration),
        (Checkpoint, Checkpoint.iteration > checkpoints_after),
    ):
        paths += session.scalars(select(table.path).where(table.run_id == run_id, gone))
        session.execute(delete(table).where(table.run_id == run_id, gone))
    return paths


def checkpoint_paths(session: Session, run_id: str) -> Sequence[str]:
    """Return the paths of a run's checkpoints, newest first."""
    return session.scalars(
        select(Checkpoint.path).where(Checkpoint.run_id == run_id).order_by(Checkpoint.iteration.desc())
    ).all()


def add_checkpoint(session: Session, checkpoint: Checkpoint, keep: int) -> list[str]:
    """Store a checkpoint and keep the ones before it, so many in all; return the paths of the removed ones."""
    run_id = checkpoint.run_id
    before = dict(
        session.execute(select(Checkpoint.iteration, Checkpoint.path).where(Checkpoint.run_id == run_id)).all()
    )
    session.merge(checkpoint)
    session.flush()
    kept = session.scalars(
        select(Checkpoint).where(Checkpoint.run_id == run_id).order_by(Checkpoint.iteration.desc()).limit(keep)
    ).all()
    session.execute(delete(Checkpoint).where(Checkpoint.run_id == run_id, Checkpoint.iteration < kept[-1].iteration))
    return sorted(set(before.values()) - {one.path for one in kept})


def add_snapshot(session: Session, snapshot: Snapshot) -> None:
    """Store a snapshot; one at the same iteration is replaced."""
    session.merge(snapshot)


def unmeasured_snapshots(session: Session) -> Sequence[str]:
    """Return the paths of snapshots whose sizes are not known."""
    return session.scalars(select(Snapshot.path).where(Snapshot.bytes.is_(None))).all()


def measure_snapshots(session: Session, sizes: Mapping[str, int]) -> None:
    """Store the sizes of snapshots, by their paths."""
    for snapshot in session.scalars(select(Snapshot).where(Snapshot.bytes.is_(None))):
        snapshot.bytes = sizes.get(snapshot.path)


def snapshots(session: Session, run_id: str, from_iteration: int = 0) -> Sequence[Snapshot]:
    """Return a run's snapshots by iteration, from one on."""
    chosen = select(Snapshot).where(Snapshot.run_id == run_id, Snapshot.iteration >= from_iteration)
    return session.scalars(chosen.order_by(Snapshot.iteration)).all()


def snapshot_at(session: Session, run_id: str, iteration: int | None) -> Snapshot | None:
    """Return the snapshot at an iteration, the last one for None."""
    if iteration is not None:
        return session.get(Snapshot, (run_id, iteration))
    return session.scalar(
        select(Snapshot).where(Snapshot.run_id == run_id).order_by(Snapshot.iteration.desc()).limit(1)
    )


def without_sparkline(session: Session, after: str, limit: int) -> list[tuple[str, int]]:
    """Return (id, iterations) of runs that were measured and have no sparkline, by id from the one behind ``after``."""
    chosen = select(Run.id, Run.iterations).where(Run.sparkline.is_(None), Run.validation_accuracy.is_not(None))
    found = session.execute(chosen.where(Run.id > after).order_by(Run.id).limit(limit))
    return [(run_id, iterations) for run_id, iterations in found]


def set_sparkline(session: Session, run_id: str, points: list[tuple[int, float]]) -> bool:
    """Set the sparkline of a run, unless it got one meanwhile; return whether it was set."""
    changed = session.execute(update(Run).where(Run.id == run_id, Run.sparkline.is_(None)).values(sparkline=points))
    return changed.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def id_exists(session: Session, run_id: str) -> bool:
    """Whether any run has an id, also in the trash and those that the person may not see."""
    asked = select(Run.id).where(Run.id == run_id).execution_options(**{EVERYBODY: True})
    return session.scalar(asked) is not None
