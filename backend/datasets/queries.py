"""Queries on stored data sets."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from backend.db.guard import EVERYBODY
from backend.db.tables import Run, StoredDataset


def add(session: Session, dataset: StoredDataset) -> None:
    """Store a new data set."""
    session.add(dataset)
    session.flush()


def find(session: Session, dataset_id: str) -> StoredDataset | None:
    """Return a data set, or None."""
    return session.get(StoredDataset, dataset_id)


def newest(session: Session) -> Sequence[StoredDataset]:
    """Return all data sets, newest first."""
    return session.scalars(select(StoredDataset).order_by(StoredDataset.created_at.desc(), StoredDataset.id)).all()


def remove(session: Session, dataset_id: str) -> None:
    """Delete a data set."""
    session.execute(delete(StoredDataset).where(StoredDataset.id == dataset_id))


def runs_on(session: Session, dataset_id: str, limit: int) -> tuple[Sequence[Run], int]:
    """Return the newest runs that use a data set, and how many there are in all."""
    uses: ColumnElement[bool] = Run.config["dataset"].as_string() == dataset_id
    # Counted over everybody's runs: also those that the person may not see need their data.
    total = session.scalar(select(func.count(Run.id)).where(uses), execution_options={EVERYBODY: True}) or 0
    return session.scalars(select(Run).where(uses).order_by(Run.created_at.desc(), Run.id).limit(limit)).all(), total
