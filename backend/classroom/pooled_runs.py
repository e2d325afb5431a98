"""Pooled experiments as ordinary runs: one for each student's value and seed, queued as a sweep, to be compared."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.classroom import queries
from backend.classroom import room as rooms
from backend.classroom.activities.pooled import PooledExperiment, scene_of
from backend.kit.errors import ConflictError, NotFoundError
from backend.runs.sweeps import service as sweeps
from backend.runs.sweeps.schemas import SweepCreate, SweepRead
from synrl_core.tape.header import beyond_a_run
from synrl_core.tape.recorder import EVALUATE_EVERY


def queue(session: Session, session_id: str, activity_id: str, owner: str, max_runs: int) -> SweepRead:
    """Queue the runs of a pooled experiment of an open or closed session. Names of students are not in them.

    Raises
    ------
    NotFoundError
        When the session has no such activity.
    ConflictError
        When it is no pooled experiment, or an ordinary run does not hold all of its scene.
    InvalidError
        When there are more runs than a sweep may have.
    """
    row = next((one for one in queries.activities(session, session_id) if one.id == activity_id), None)
    if row is None:
        raise NotFoundError("There is no activity with this id in the session.")
    activity = rooms.load_activity(session, row)
    if not isinstance(activity, PooledExperiment):
        raise ConflictError("Only a pooled experiment can be queued as runs.")
    if not activity.state.shares:
        raise ConflictError("Nobody has a value of this experiment yet, so there is nothing to queue.")
    return sweeps.create(session, sweep_of(activity, owner), max_runs)


def sweep_of(activity: PooledExperiment, owner: str) -> SweepCreate:
    """Return the runs of a pooled experiment: as many iterations, evaluated as often as its tapes.

    Raises
    ------
    ConflictError
        When an ordinary run does not hold all of its scene.
    """
    configs: list[dict[str, Any]] = []
    for share in activity.state.shares.values():
        scene = scene_of(activity.settings, share)
        beyond = ", ".join(beyond_a_run(scene))
        if beyond:
            raise ConflictError(
                f"Ordinary runs do not hold all of this scene: {beyond}. Its results are in the export."
            )
        told = scene.config().model_dump(mode="json", exclude_defaults=True)
        configs.append(told | {"iterations": activity.settings.iterations, "evaluate_every": EVALUATE_EVERY})
    return SweepCreate(name=activity.title, owner=owner, tags=["class"], configs=configs)
