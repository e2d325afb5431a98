"""Queries on sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.db.guard import EVERYBODY
from backend.db.tables import Run, Sweep
from backend.runs import copies


def add(session: Session, sweep: Sweep) -> None:
    """Store a new sweep."""
    session.add(sweep)
    session.flush()


def find(session: Session, sweep_id: str) -> Sweep | None:
    """Return a sweep, or None."""
    return session.get(Sweep, sweep_id)


def newest(session: Session, *, limit: int, offset: int) -> tuple[Sequence[Sweep], int]:
    """Return a page of the sweeps that have runs outside the trash, newest first, and how many there are in all."""
    alive = select(Run.sweep_id).where(Run.sweep_id.is_not(None), Run.deleted_at.is_(None)).distinct()
    chosen = select(Sweep).where(Sweep.id.in_(alive))
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    page = session.scalars(chosen.order_by(Sweep.created_at.desc(), Sweep.id.desc()).limit(limit).offset(offset))
    return page.all(), total


def runs(session: Session, sweep_id: str, *, in_trash: bool = False) -> Sequence[Run]:
    """Return the runs of a sweep, in the order of its combinations."""
    place = Run.deleted_at.is_not(None) if in_trash else Run.deleted_at.is_(None)
    return session.scalars(select(Run).where(Run.sweep_id == sweep_id, place).order_by(Run.created_at, Run.id)).all()


class Member(NamedTuple):
    """A run of a sweep."""

    id: str
    status: str
    is_copy: bool
    """Whether another run of the sweep computed the same."""


def members(session: Session, sweep_ids: Sequence[str]) -> dict[str, list[Member]]:
    """Return the runs of several sweeps that are not in the trash, in the order of the combinations."""
    found: dict[str, list[Member]] = {sweep_id: [] for sweep_id in sweep_ids}
    rank, _ = copies.rank_and_counted(Run.sweep_id)
    rows = session.execute(
        select(Run.sweep_id, Run.id, Run.status, rank > 1)
        .where(Run.sweep_id.in_(sweep_ids), Run.deleted_at.is_(None))
        .order_by(Run.created_at, Run.id)
    )
    for sweep_id, run_id, status, is_copy in rows:
        found[str(sweep_id)].append(Member(run_id, status, bool(is_copy)))
    return found


def remove_empty(session: Session) -> None:
    """Delete sweeps that have no run left, in the trash or outside."""
    empty = ~select(Run.id).where(Run.sweep_id == Sweep.id).exists()
    session.execute(delete(Sweep).where(empty), execution_options={EVERYBODY: True})
