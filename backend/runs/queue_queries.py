"""Queries on the queue: waiting runs, running runs by owner, and the claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from backend.db.guard import EVERYBODY
from backend.db.tables import Checkpoint, Run
from backend.kit.status import RunStatus

#: Positions in the queue depend on everybody's runs, also those that the person may not see.
_OF_ALL = {EVERYBODY: True}
_WAITING = (Run.status == RunStatus.QUEUED, Run.deleted_at.is_(None))


def queued(session: Session) -> Sequence[tuple[str, str, bool]]:
    """Return (id, owner, whether in a sweep) of all queued runs, oldest first."""
    rows = session.execute(
        select(Run.id, Run.owner, Run.sweep_id.is_not(None)).where(*_WAITING).order_by(Run.created_at, Run.id),
        execution_options=_OF_ALL,
    )
    return [(run_id, owner, in_sweep) for run_id, owner, in_sweep in rows]


def standings(session: Session) -> Sequence[tuple[str, int, datetime | None]]:
    """Return (owner, how many run, when last served) of each owner who has a queued run."""
    owners = select(Run.owner).where(*_WAITING).distinct()
    running = func.sum(case((Run.status == RunStatus.RUNNING, 1), else_=0))
    rows = session.execute(
        select(Run.owner, running, func.max(Run.claimed_at)).where(Run.owner.in_(owners)).group_by(Run.owner),
        execution_options=_OF_ALL,
    )
    return [(owner, count, served_at) for owner, count, served_at in rows]


def claim(session: Session, run_id: str, now: datetime) -> bool:
    """Take a queued run for execution. Of several that try, one succeeds: compare and set in one statement."""
    claimed = session.execute(
        update(Run)
        .where(Run.id == run_id, *_WAITING)
        .values(
            status=RunStatus.RUNNING,
            started_at=func.coalesce(Run.started_at, now),
            claimed_at=now,
            attempt=Run.attempt + 1,
        )
    )
    return claimed.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def has_queued_run(session: Session) -> bool:
    """Whether there is a queued run."""
    return session.scalar(select(Run.id).where(*_WAITING).limit(1)) is not None


def running_by_owner(session: Session) -> dict[str, int]:
    """Return how many runs of each owner are in training."""
    counted = select(Run.owner, func.count().label("runs")).where(Run.status == RunStatus.RUNNING).group_by(Run.owner)
    return {row.owner: row.runs for row in session.execute(counted)}


_HELD = (Run.status == RunStatus.PAUSED, Run.held_for.is_not(None), Run.deleted_at.is_(None))


def held_for_storage(session: Session) -> Sequence[Run]:
    """Return the runs that the server paused because it could not store what they had to."""
    return session.scalars(select(Run).where(*_HELD).order_by(Run.created_at)).all()


def most_bytes_held(session: Session) -> int | None:
    """Return the size of the largest checkpoint of a run in `held`, 0 if none has any; None: no run is held."""
    if session.scalar(select(Run.id).where(*_HELD).limit(1)) is None:
        return None
    return session.scalar(select(func.max(Checkpoint.bytes)).join(Run, Run.id == Checkpoint.run_id).where(*_HELD)) or 0
