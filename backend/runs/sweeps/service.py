"""Sweeps: create, read and control groups of runs."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.db.guard import person_of
from backend.db.store import Change, ChangeKind, announce
from backend.db.tables import Run, Sweep
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.kit.fields import NAME_LENGTH
from backend.kit.status import RunStatus
from backend.runs import service as runs
from backend.runs import trash, validation
from backend.runs.sweeps import queries as repository
from backend.runs.sweeps.schemas import SweepCreate, SweepPage, SweepRead
from backend.runs.transitions import Action
from synrl_core.config import TrainingConfig

#: Letters of a run's name for what it changes, where the sweep's name leaves no more.
_MOST_WORDS = 140
#: Problems that a refused sweep names; more would not be read.
_MAX_PROBLEMS = 20


def create(
    session: Session, body: SweepCreate, max_runs: int, *, key: str | None = None, names: Sequence[str] | None = None
) -> SweepRead:
    """Queue all runs of a sweep, or none.

    Parameters
    ----------
    names
        Names of the runs of `configs`; None: made from what each changes.

    Raises
    ------
    InvalidError
        When there are more combinations than a sweep may have, or any of them can't be trained: each problem names
        its combination.
    """
    sweep_id = runs.new_id("sweep" if key is not None else None, person_of(session).id, key)
    if repository.find(session, sweep_id) is not None:
        return get(session, sweep_id)
    _check_size(body, max_runs)
    combinations = list(_combinations(body))
    configs = _validated(body.config, combinations, "grid" if body.grid else "configs")
    if body.grid is not None:
        combinations, configs = _distinct(combinations, configs)
    name = body.name or _default_name(body)
    sweep = Sweep(id=sweep_id, name=name, owner=body.owner, created_at=datetime.now(UTC), spec=_spec(body))
    members = _prepared(session, sweep, body.tags, combinations, configs, names)
    repository.add(session, sweep)
    session.add_all(members)
    session.flush()
    for run in members:
        announce(session, Change(ChangeKind.QUEUED, run.id))
    return _read(session, [sweep])[0]


def add(session: Session, sweep_id: str, combinations: Sequence[dict[str, Any]], names: Sequence[str]) -> list[Run]:
    """Queue more runs of a sweep, or none: what each changes on what all share, and what it is called.

    Raises
    ------
    NotFoundError
        When there is no sweep of this id.
    InvalidError
        When any of them can't be trained.
    """
    sweep = _find(session, sweep_id)
    base = TrainingConfig.model_validate(sweep.spec["config"])
    configs = _validated(base, combinations, "configs")
    added = _prepared(session, sweep, (), combinations, configs, names, begun_at=datetime.now(UTC))
    session.add_all(added)
    session.flush()
    for run in added:
        announce(session, Change(ChangeKind.QUEUED, run.id))
    return added


def get(session: Session, sweep_id: str) -> SweepRead:
    """Return a sweep.

    Raises
    ------
    NotFoundError
        When there is none of this id.
    """
    return _read(session, [_find(session, sweep_id)])[0]


def listing(session: Session, *, limit: int, offset: int) -> SweepPage:
    """Return a page of sweeps, newest first; those whose runs are all in the trash are left out."""
    page, total = repository.newest(session, limit=limit, offset=offset)
    return SweepPage(items=_read(session, page), total=total, limit=limit, offset=offset)


def act(session: Session, sweep_id: str, action: Action) -> SweepRead:
    """Pause, resume or stop all runs of a sweep that allow it; those that have ended stay as they are."""
    sweep = _find(session, sweep_id)
    for run in repository.runs(session, sweep_id):
        try:
            runs.act(session, run, action)
        except ConflictError:
            continue
    return _read(session, [sweep])[0]


def delete(session: Session, sweep_id: str, *, purge: bool = False) -> None:
    """Put all runs of a sweep into the trash, or delete them for good.

    Raises
    ------
    ConflictError
        While one of them is training; then all stay.
    """
    sweep = _find(session, sweep_id)
    members = [
        *repository.runs(session, sweep_id),
        *(repository.runs(session, sweep_id, in_trash=True) if purge else ()),
    ]
    training = [run for run in members if run.status == RunStatus.RUNNING]
    if training:
        raise ConflictError(
            f"Sweep '{sweep.name}' has {len(training)} {'run' if len(training) == 1 else 'runs'} in training. "
            "Stop the sweep first, then delete it."
        )
    for run in members:
        trash.delete(session, run.id, purge=purge)


def _read(session: Session, sweeps: Sequence[Sweep]) -> list[SweepRead]:
    session.flush()
    members = repository.members(session, [sweep.id for sweep in sweeps])
    return [
        SweepRead(
            id=sweep.id,
            name=sweep.name,
            owner=sweep.owner,
            created_at=sweep.created_at,
            runs=len(members[sweep.id]),
            copies=sum(run.is_copy for run in members[sweep.id]),
            by_status={RunStatus(status): n for status, n in Counter(run.status for run in members[sweep.id]).items()},
            run_ids=[run.id for run in members[sweep.id]],
            spec=sweep.spec,
        )
        for sweep in sweeps
    ]


def _find(session: Session, sweep_id: str) -> Sweep:
    sweep = repository.find(session, sweep_id)
    if sweep is None:
        raise NotFoundError(f"There is no sweep '{sweep_id[:64]}'. It may have been deleted.")
    return sweep


# -- what is asked for -------------------------------------------------------------------------------------------


def _check_size(body: SweepCreate, max_runs: int) -> None:
    field = "grid" if body.grid is not None else "configs"
    asked = math.prod(map(len, body.grid.values())) if body.grid is not None else len(body.configs or ())
    if asked > max_runs:
        message = f"should make at most {max_runs:,} runs (SYNRL_MAX_SWEEP_RUNS)"
        raise InvalidError.of(field, message, value=asked, limit={"le": max_runs})


def _combinations(body: SweepCreate) -> Iterator[dict[str, Any]]:
    if body.grid is None:
        yield from body.configs or ()
        return
    for values in itertools.product(*body.grid.values()):
        yield dict(zip(body.grid, values, strict=True))


def _validated(base: TrainingConfig, combinations: Sequence[dict[str, Any]], field: str) -> list[TrainingConfig]:
    """Return the configuration of each combination; refuse all if one is wrong."""
    stored = base.model_dump(mode="json")
    configs: list[TrainingConfig] = []
    problems: list[InvalidError] = []
    for place, changes in enumerate(combinations):
        try:
            configs.append(validation.changed(stored, changes, field=f"{field}[{place}]", context=_words(changes)))
        except InvalidError as error:
            problems.append(error)
    _refuse(problems)
    return configs


def _distinct(
    combinations: Sequence[dict[str, Any]], configs: Sequence[TrainingConfig]
) -> tuple[list[dict[str, Any]], list[TrainingConfig]]:
    """Leave out combinations that are the same configuration: a run and its copy are one sample.

    A list of configurations is taken as it is: who writes one out may want a run twice.
    """
    kept = {config.model_dump_json(): place for place, config in reversed(list(enumerate(configs)))}
    places = sorted(kept.values())
    return [combinations[place] for place in places], [configs[place] for place in places]


def _prepared(
    session: Session,
    sweep: Sweep,
    tags: Sequence[str],
    combinations: Sequence[dict[str, Any]],
    configs: Sequence[TrainingConfig],
    names: Sequence[str] | None = None,
    begun_at: datetime | None = None,
) -> list[Run]:
    members: list[Run] = []
    problems: list[InvalidError] = []
    for place, (changes, config) in enumerate(zip(combinations, configs, strict=True)):
        words = _words(changes)
        try:
            name = _member_name(sweep.name, words) if names is None else names[place]
            run = runs.prepare(session, config, name=name, owner=sweep.owner, tags=tags)
        except InvalidError as error:
            problems.append(validation.in_context(error, words))
            continue
        run.sweep_id = sweep.id
        # A microsecond apart, so that they stay in the order in which they were asked for.
        run.created_at = (begun_at or sweep.created_at) + timedelta(microseconds=place)
        members.append(run)
    _refuse(problems)
    return members


def _refuse(problems: Sequence[InvalidError]) -> None:
    if problems:
        more = len(problems) - 1
        others = (
            f" (and {more} other {'combination' if more == 1 else 'combinations'}). No run was queued." if more else ""
        )
        errors = [one for problem in problems for one in problem.errors or ()]
        raise InvalidError(problems[0].detail + others, errors=errors[:_MAX_PROBLEMS])


def _member_name(sweep: str, words: str) -> str:
    """Name a run by its sweep and by what it changes; of a long name the sweep's part is shortened first."""
    most = max(_MOST_WORDS, NAME_LENGTH - len(sweep) - 2)
    told = words if len(words) <= most else f"{words[: most - 1]}…"
    room = NAME_LENGTH - len(told) - 2
    return f"{sweep if len(sweep) <= room else f'{sweep[: room - 1]}…'}: {told}"


def _words(changes: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in changes.items())[:300] or "no change"


def _default_name(body: SweepCreate) -> str:
    varied = list(body.grid or dict.fromkeys(name for changes in body.configs or () for name in changes))
    return f"{body.config.dataset[:60]}, {', '.join(varied).replace('_', ' ') or 'repeated'}"[:150]


def _spec(body: SweepCreate) -> dict[str, Any]:
    return body.model_dump(mode="json", include={"config", "grid", "configs"}, exclude_none=True)
