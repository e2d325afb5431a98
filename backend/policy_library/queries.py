"""Queries on stored policies and on their uses by runs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.db.guard import EVERYBODY
from backend.db.tables import PolicyUse, RacePlace, Run, StoredPolicy


def add(session: Session, policy: StoredPolicy) -> None:
    """Store a new policy."""
    session.add(policy)
    session.flush()


def find(session: Session, policy_id: str) -> StoredPolicy | None:
    """Return a policy by its id, or None."""
    return session.get(StoredPolicy, policy_id)


def find_named(session: Session, name_key: str) -> StoredPolicy | None:
    """Return a policy by the key of its name, or None."""
    return session.scalars(select(StoredPolicy).where(StoredPolicy.name_key == name_key)).one_or_none()


def newest(session: Session) -> Sequence[StoredPolicy]:
    """Return all policies, newest first."""
    return session.scalars(select(StoredPolicy).order_by(StoredPolicy.created_at.desc(), StoredPolicy.id)).all()


def number_of(session: Session, owner: str) -> int:
    """Return the number of an owner's policies."""
    return session.scalar(select(func.count(StoredPolicy.id)).where(StoredPolicy.owner == owner)) or 0


def remove(session: Session, policy_id: str) -> None:
    """Delete a policy that no run uses."""
    session.execute(delete(RacePlace).where(RacePlace.policy_id == policy_id), execution_options={EVERYBODY: True})
    session.execute(delete(StoredPolicy).where(StoredPolicy.id == policy_id))


def uses(session: Session) -> dict[str, int]:
    """Return how many runs use each policy, by its id; policies without a run are left out."""
    counted = select(PolicyUse.policy_id, func.count()).group_by(PolicyUse.policy_id)
    # Counted over everybody's runs: the number tells nothing of them.
    rows = session.execute(counted, execution_options={EVERYBODY: True})
    return dict(rows.all())


def runs_with(session: Session, policy_id: str, limit: int) -> tuple[Sequence[Run], int]:
    """Return the newest runs that use a policy and that the person may see, and how many there are in all."""
    using = select(PolicyUse.run_id).where(PolicyUse.policy_id == policy_id)
    total = session.scalar(
        select(func.count()).select_from(PolicyUse).where(PolicyUse.policy_id == policy_id),
        execution_options={EVERYBODY: True},
    )
    chosen = select(Run).where(Run.id.in_(using)).order_by(Run.created_at.desc(), Run.id).limit(limit)
    return session.scalars(chosen).all(), total or 0
