"""Trash: deleted runs, until they are restored or purged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from backend.db.store import Change, ChangeKind, announce
from backend.db.tables import Run
from backend.kit.status import RunStatus
from backend.runs import journal as log
from backend.runs import queries as repository
from backend.runs import service as runs
from backend.runs.journal import EventKind
from backend.runs.schemas import RunRead
from backend.runs.sweeps import queries as sweeps_repository
from backend.runs.transitions import Action


def delete(session: Session, run_id: str, *, purge: bool = False) -> None:
    """Put a run into the trash, or delete it for good with all its measurements and files.

    Raises
    ------
    ConflictError
        While it is training.
    """
    run = runs.find_anywhere(session, run_id)
    runs.target(run, Action.DELETE)
    if purge:
        _remove(session, run)
        sweeps_repository.remove_empty(session)
    elif run.deleted_at is None:
        run.deleted_at = datetime.now(UTC)
        log.record_event(session, run, EventKind.TRASHED)
        announce(session, Change(ChangeKind.TRASHED, run_id))


def restore(session: Session, run_id: str) -> RunRead:
    """Restore a run from the trash, unchanged."""
    run = runs.find_anywhere(session, run_id)
    runs.target(run, Action.RESTORE)
    if run.deleted_at is not None:
        run.deleted_at = None
        log.record_event(session, run, EventKind.RESTORED)
        queued = run.status == RunStatus.QUEUED
        announce(session, Change(ChangeKind.QUEUED if queued else ChangeKind.UPDATED, run_id))
    return runs.read_one(session, run)


def purge_old(session: Session, older_than: timedelta) -> int:
    """Delete runs for good that have been in the trash for longer; return their number."""
    old = repository.trashed_before(session, datetime.now(UTC) - older_than)
    for run in old:
        _remove(session, run)
    if old:
        sweeps_repository.remove_empty(session)
    return len(old)


def _remove(session: Session, run: Run) -> None:
    repository.remove(session, run.id)
    announce(session, Change(ChangeKind.PURGED, run.id))
