"""Measured points of a run in the database: append, drop, and merge into few chunks."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.db.tables import MetricChunk, MetricLevel
from backend.runs import queries as repository
from backend.wire import columns, levels
from backend.wire.columns import Columns
from backend.wire.levels import CHUNK_POINTS


def append(session: Session, run_id: str, points: Columns) -> None:
    """Append points newer than the last stored one; a retried batch may already have been written.

    A live run brings a few points four times a second. So that they don't lie in thousands of pieces, new points take
    up the piece before them as long as it is less than twice as long: there are never more than a dozen short
    pieces, and a point is written about as often. What reaches `CHUNK_POINTS` is a full chunk, gets its levels and is
    not touched again.
    """
    session.flush()
    new = points["iteration"] > repository.last_stored_iteration(session, run_id)
    if not new.any():
        return
    joined = {name: array[new] for name, array in points.items()}
    while (last := repository.last_chunk(session, run_id)) is not None:
        if last.points >= min(CHUNK_POINTS, 2 * columns.points(joined)):
            break
        joined = columns.concatenate([_reopen_chunk(session, run_id, last.first_iteration), joined])
    _store(session, run_id, joined)


def drop(session: Session, run_id: str, from_iteration: int) -> None:
    """Delete points at or after an iteration, those within a chunk too: they are about to be measured again."""
    session.flush()
    cut: list[Columns] = []
    for chunk in repository.chunk_index(session, run_id, from_iteration, None):
        whole = _reopen_chunk(session, run_id, chunk.first_iteration)
        kept = whole["iteration"] < from_iteration
        if kept.any():
            cut.append({name: array[kept] for name, array in whole.items()})
    if cut:
        _store(session, run_id, columns.concatenate(cut))


def settle(session: Session, run_id: str) -> None:
    """Join the short chunks of a run that has ended: from now on they are only read."""
    session.flush()
    short = [c for c in repository.chunk_index(session, run_id, None, None) if c.points < CHUNK_POINTS]
    if len(short) > 1:
        parts = [_reopen_chunk(session, run_id, chunk.first_iteration) for chunk in short]
        _store(session, run_id, columns.concatenate(parts))


def _reopen_chunk(session: Session, run_id: str, first_iteration: int) -> Columns:
    data = repository.chunk_data(session, run_id, first_iteration)
    repository.drop_chunk(session, run_id, first_iteration)
    return columns.decode(data)


def _store(session: Session, run_id: str, points: Columns) -> None:
    for start in range(0, columns.points(points), CHUNK_POINTS):
        part = {name: array[start : start + CHUNK_POINTS] for name, array in points.items()}
        first, last = int(part["iteration"][0]), int(part["iteration"][-1])
        count = columns.points(part)
        repository.add_chunk(
            session,
            MetricChunk(
                run_id=run_id, first_iteration=first, last_iteration=last, points=count, data=columns.encode(part)
            ),
        )
        for level, coarser in levels.build(part).items() if count == CHUNK_POINTS else ():
            repository.add_level(
                session,
                MetricLevel(run_id=run_id, level=level, first_iteration=first, data=columns.encode(coarser)),
            )
    session.flush()
