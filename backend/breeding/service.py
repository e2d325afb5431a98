"""Breedings: queue, read, control, and the transactions of the one who carries them out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.breeding.schemas import BreedingCreate, BreedingRead, BreedingScore, Claim
from backend.db.guard import limits_of, person_of
from backend.db.tables import Breeding, BreedingStep
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.kit.identity import Role
from backend.kit.status import RunStatus
from backend.policy_library import service as policy_library
from backend.policy_library.schemas import Origin
from synrl_core import datasets
from synrl_core.breeding.breeding import BreedingConfig, forward_passes
from synrl_core.policies import files

#: Networks that are trained as one batch in a race: tables times seeds.
MOST_NETWORKS = 2000
#: Breedings of a student that have not ended.
MOST_OPEN_PER_STUDENT = 3
#: Lines that are kept.
_MOST_LINES = 500
_ACTIONS = {
    RunStatus.QUEUED: ("pause", "stop"),
    RunStatus.RUNNING: ("pause", "stop"),
    RunStatus.PAUSED: ("resume", "stop"),
    RunStatus.STOPPED: ("delete",),
    RunStatus.FAILED: ("delete",),
    RunStatus.SUCCEEDED: ("delete",),
}


def create(session: Session, body: BreedingCreate) -> BreedingRead:
    """Queue a breeding.

    Raises
    ------
    InvalidError
        When a data set is unknown, too many networks would be trained at once, or a student's limits are exceeded.
    ConflictError
        When a student has too many breedings that have not ended.
    """
    _check(session, body.config)
    total = forward_passes(body.config) if body.config.budget is None else body.config.budget
    row = Breeding(
        id=secrets.token_hex(6),
        name=body.config.name,
        owner=body.owner,
        status=RunStatus.QUEUED,
        config=body.config.model_dump(mode="json"),
        total_passes=total,
        forward_passes=0,
        curve=[],
        lines=[],
        policy_ids=[],
        created_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return _read(session, row)


def listing(session: Session) -> list[BreedingRead]:
    """Return all breedings, newest first."""
    rows = session.scalars(select(Breeding).order_by(Breeding.created_at.desc(), Breeding.id)).all()
    return [_read(session, row) for row in rows]


def get(session: Session, breeding_id: str) -> BreedingRead:
    """Return a breeding.

    Raises
    ------
    NotFoundError
        When there is none of this id.
    """
    return _read(session, _find(session, breeding_id))


def act(session: Session, breeding_id: str, action: str) -> BreedingRead:
    """Pause, resume or stop a breeding. Asking twice does no harm.

    Raises
    ------
    ConflictError
        When its status does not allow the action.
    """
    row = _find(session, breeding_id)
    to = {"pause": RunStatus.PAUSED, "resume": RunStatus.QUEUED, "stop": RunStatus.STOPPED}[action]
    if row.status != to and not (action == "resume" and row.status == RunStatus.RUNNING):
        if action not in _ACTIONS[RunStatus(row.status)]:
            raise ConflictError(f"Breeding '{row.name}' is {row.status}; it can't {action} now.")
        row.status = to
        if to is RunStatus.STOPPED:
            row.finished_at = datetime.now(UTC)
        session.flush()
    return _read(session, row)


def delete(session: Session, breeding_id: str) -> None:
    """Delete a breeding that has ended. The policies that it bred stay.

    Raises
    ------
    ConflictError
        When it has not ended.
    """
    row = _find(session, breeding_id)
    if not RunStatus(row.status).is_final:
        raise ConflictError(f"Breeding '{row.name}' is {row.status}. Stop it first, then delete it.")
    session.delete(row)


# -- carrying out ------------------------------------------------------------------------------------------------


def requeue(session: Session) -> None:
    """Requeue the breedings that were running when the server before this one ended."""
    for row in session.scalars(select(Breeding).where(Breeding.status == RunStatus.RUNNING)):
        row.status = RunStatus.QUEUED


def claim(session: Session) -> Claim | None:
    """Claim the oldest queued breeding of the owner who was served longest ago; None: nobody waits."""
    waiting = session.scalars(
        select(Breeding).where(Breeding.status == RunStatus.QUEUED).order_by(Breeding.created_at, Breeding.id)
    ).all()
    if not waiting:
        return None
    served = dict(session.execute(select(Breeding.owner, func.max(Breeding.started_at)).group_by(Breeding.owner)).all())
    never = datetime.min.replace(tzinfo=UTC)
    row = min(waiting, key=lambda one: served.get(one.owner) or never)
    row.status, row.started_at = RunStatus.RUNNING, row.started_at or datetime.now(UTC)
    row.lines, row.curve = [], []  # reported again while the recorded steps are replayed
    steps = session.scalars(
        select(BreedingStep).where(BreedingStep.breeding_id == row.id).order_by(BreedingStep.number)
    ).all()
    return Claim(row.id, row.owner, row.config, [step.data for step in steps])


def is_running(session: Session, breeding_id: str) -> bool:
    """Return whether a breeding is to go on; not if it was deleted."""
    row = session.get(Breeding, breeding_id)
    return row is not None and row.status == RunStatus.RUNNING


def record(
    session: Session,
    breeding_id: str,
    step: tuple[int, str, bytes, int] | None,
    lines: Sequence[str],
    curve: Sequence[tuple[str, int, float]],
) -> bool:
    """Store a step and the lines reported since the one before; return whether breeding goes on."""
    row = session.get(Breeding, breeding_id)
    if row is None:
        return False
    row.lines = [*row.lines, *lines][-_MOST_LINES:]
    row.curve = [*row.curve, *map(list, curve)]
    if step is not None:
        number, name, data, passes = step
        session.add(BreedingStep(breeding_id=breeding_id, number=number, name=name[:200], data=data))
        row.forward_passes = passes
    return row.status == RunStatus.RUNNING


def finish(session: Session, breeding_id: str, bred: Sequence[str], error: str | None) -> None:
    """Store the finalists in the library and note the end; nothing if it was stopped or deleted meanwhile."""
    row = session.get(Breeding, breeding_id)
    if row is None or row.status != RunStatus.RUNNING:
        return
    row.finished_at, row.error = datetime.now(UTC), error
    row.status = RunStatus.SUCCEEDED if error is None else RunStatus.FAILED
    ids = []
    for place, text in enumerate(bred):
        policy = files.from_json(text)
        if place:
            policy = replace(policy, name=f"{policy.name}, finalist {place + 1}")
        tags = [f"bred {row.id}"]
        ids.append(policy_library.add(session, policy, Origin.BRED, tags=tags, owner=row.owner).policy.id)
    row.policy_ids = ids
    row.total_passes = row.forward_passes if error is None else row.total_passes


# -- helpers -----------------------------------------------------------------------------------------------------


def _check(session: Session, config: BreedingConfig) -> None:
    named = [*config.schools, *(task.dataset for task in (*config.tasks, *config.final_tasks))]
    for name in named:
        if name not in datasets.names():
            message = f"should be data sets that ship: {', '.join(datasets.names())}"
            raise InvalidError.of("config.tasks", message, value=name[:100])
    runners = 1 + max(config.population, len(config.schools) * config.parents + 1)
    finalists = 1 + config.elite + config.bowl.starts
    networks = max(runners * config.race_seeds, finalists * config.final_seeds, config.bowl.population)
    if networks > MOST_NETWORKS:
        message = f"should train at most {MOST_NETWORKS:,} networks at once: population times race_seeds"
        raise InvalidError.of("config.population", message, value=networks, limit={"le": MOST_NETWORKS})
    person, limits = person_of(session), limits_of(session)
    if person.role is not Role.STUDENT:
        return
    most, asked = limits.iterations * limits.replicates, config.budget or forward_passes(config)
    if asked > most:
        message = f"should be at most {most:,} forward passes, a student's limit; give a smaller budget"
        raise InvalidError.of("config.budget", message, value=asked, limit={"le": most})
    still_open = session.scalar(
        select(func.count(Breeding.id)).where(
            Breeding.owner == person.name, Breeding.status.in_(["queued", "running", "paused"])
        )
    )
    if (still_open or 0) >= MOST_OPEN_PER_STUDENT:
        raise ConflictError(
            f"You have {MOST_OPEN_PER_STUDENT} breedings that have not ended, as many as you may have. Stop one first."
        )


def _find(session: Session, breeding_id: str) -> Breeding:
    row = session.get(Breeding, breeding_id)
    if row is None:
        raise NotFoundError(f"There is no breeding '{breeding_id[:64]}'. GET /api/v1/breedings lists them.")
    return row


def _read(session: Session, row: Breeding) -> BreedingRead:
    may = person_of(session).may_change(row.owner)
    return BreedingRead(
        id=row.id,
        name=row.name,
        owner=row.owner,
        status=RunStatus(row.status),
        config=row.config,
        forward_passes=row.forward_passes,
        total_passes=row.total_passes,
        curve=[BreedingScore(of=of, generation=number, score=score) for of, number, score in row.curve],
        lines=row.lines,
        policy_ids=row.policy_ids,
        allowed_actions=list(_ACTIONS[RunStatus(row.status)]) if may else [],
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
