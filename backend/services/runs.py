"""Runs: create, look at, name, stop, delete."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from backend.db import runs as repository
from backend.db.store import Change, ChangeKind, announce
from backend.db.tables import Run
from backend.errors import ConflictError, NotFoundError
from backend.schemas import RunCreate, RunPage, RunRead, RunStatus
from backend.services import validation
from synrl_core.config import TrainingConfig


def create(session: Session, body: RunCreate) -> RunRead:
    """Queue a run.

    Raises
    ------
    InvalidError
        When the configuration can't be trained: an unknown data set or policy, a network that is too large.
    """
    data = validation.check(session, body.config)
    run = Run(
        id=secrets.token_hex(6),
        name=body.name or default_name(body.config, data.name),
        status=RunStatus.QUEUED,
        config=body.config.model_dump(mode="json"),
        dataset_name=data.name,
        sample_shape=data.sample_shape,
        iterations=body.config.iterations,
        created_at=datetime.now(UTC),
    )
    repository.add(session, run)
    announce(session, Change(ChangeKind.CREATED, run.id))
    return read(run)


def read(run: Run) -> RunRead:
    """Return a run as the API and the pages show it."""
    return RunRead.model_validate(run)


def get(session: Session, run_id: str) -> RunRead:
    """Return a run.

    Raises
    ------
    NotFoundError
        When there is none of this id.
    """
    return read(_find(session, run_id))


def listing(session: Session, *, limit: int = 100, offset: int = 0, status: RunStatus | None = None) -> RunPage:
    """Return a page of runs, newest first."""
    page, total = repository.newest(session, limit=limit, offset=offset, status=status)
    return RunPage(items=[read(run) for run in page], total=total, limit=limit, offset=offset)


def rename(session: Session, run_id: str, name: str) -> RunRead:
    """Give a run another name."""
    run = _find(session, run_id)
    run.name = name
    announce(session, Change(ChangeKind.UPDATED, run_id))
    return read(run)


def stop(session: Session, run_id: str) -> RunRead:
    """End a run where it is; asking twice does no harm.

    A queued run ends here and now, a running one at its next iteration.

    Raises
    ------
    ConflictError
        When it has ended by itself before.
    """
    run = _find(session, run_id)
    if run.status in (RunStatus.SUCCEEDED, RunStatus.FAILED):
        raise ConflictError(f"Run '{run.name}' has already {run.status}: there is nothing to stop.")
    if run.status == RunStatus.QUEUED:
        run.status, run.finished_at = RunStatus.STOPPED, datetime.now(UTC)
        announce(session, Change(ChangeKind.UPDATED, run_id))
    elif run.status == RunStatus.RUNNING and not run.stop_requested:
        run.stop_requested = True
        announce(session, Change(ChangeKind.STOP_REQUESTED, run_id))
    return read(run)


def delete(session: Session, run_id: str) -> None:
    """Delete a run with all that was measured and stored of it.

    Raises
    ------
    ConflictError
        While it is training.
    """
    run = _find(session, run_id)
    if run.status == RunStatus.RUNNING:
        raise ConflictError(f"Run '{run.name}' is training. Stop it first, then delete it.")
    repository.remove(session, run_id)
    announce(session, Change(ChangeKind.DELETED, run_id))


def default_name(config: TrainingConfig, dataset: str | None = None) -> str:
    """Say in a few words what a run is about: 'digits 32 win_stay_lose_shift'."""
    shape = "-".join(str(units) for units in config.hidden_layers) or "no hidden layer"
    how = config.policy if config.method == "synaptic" else f"gradient {config.optimizer}"
    return f"{(dataset or config.dataset)[:100]} · {shape} · {how.replace('_', ' ')}"[:200]


def _find(session: Session, run_id: str) -> Run:
    run = repository.find(session, run_id)
    if run is None:
        raise NotFoundError(f"There is no run '{run_id[:64]}'. It may have been deleted.")
    return run
