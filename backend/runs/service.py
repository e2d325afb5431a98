"""Runs: create, read, change, and the actions of the transition table."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from backend.db.guard import person_of
from backend.db.store import WAITS, Change, ChangeKind, announce, cached
from backend.db.tables import PolicyUse, Run
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.kit.fields import DEFAULT_OWNER
from backend.kit.identity import Person
from backend.kit.status import RunStatus
from backend.policy_library import service as policy_library
from backend.runs import journal as log
from backend.runs import listing as list_repository
from backend.runs import queries as repository
from backend.runs import queue, transitions, validation
from backend.runs.grouping import group_key
from backend.runs.schemas import MAX_ITERATIONS, RunClone, RunCreate, RunExtend, RunPage, RunRead, RunUpdate
from backend.runs.transitions import Action, Subject
from backend.wire import policies as policy_tables
from synrl_core.config import TrainingConfig


def create(session: Session, body: RunCreate, *, key: str | None = None) -> RunRead:
    """Queue a run.

    Parameters
    ----------
    key
        Idempotency key: a repeated request returns the run of the first one and creates none.

    Raises
    ------
    InvalidError
        When the configuration can't be trained: an unknown data set or policy, a network that is too large.
    """
    run_id = new_id(person_of(session).id, key)
    made_before = repository.find(session, run_id)
    if made_before is not None:
        return read_one(session, made_before)
    run = prepare(session, body.config, name=body.name, owner=body.owner, tags=body.tags, notes=body.notes)
    run.id = run_id
    repository.add(session, run)
    announce(session, Change(ChangeKind.QUEUED, run.id))
    return read_one(session, run)


def prepare(
    session: Session,
    config: TrainingConfig,
    *,
    name: str | None = None,
    owner: str = DEFAULT_OWNER,
    tags: Sequence[str] = (),
    notes: str = "",
    kept: Mapping[str, str] | None = None,
) -> Run:
    """Check a configuration and return the queued run that it makes, not stored yet.

    Parameters
    ----------
    kept
        Policies of the run that it is a copy of, as JSON by name: they go before those of the library.

    Raises
    ------
    InvalidError
        When the configuration can't be trained.
    """
    find_policy = policy_tables.lookup(kept or {}, otherwise=partial(policy_library.find, session))
    data = validation.check(session, config, find_policy=find_policy)
    stored, tables = config.model_dump(mode="json"), policy_tables.pack(config, find_policy)
    return Run(
        id=new_id(),
        name=name or default_name(config, data.name),
        owner=owner,
        tags=list(tags),
        notes=notes,
        status=RunStatus.QUEUED,
        config=stored,
        group_key=group_key(stored, tables),
        policies=tables,
        policy_uses=[PolicyUse(policy_id=one) for one in policy_library.ids_of(session, tables)],
        dataset_name=data.name,
        sample_shape=data.sample_shape,
        iterations=config.iterations,
        created_at=datetime.now(UTC),
    )


def owner_of_copy(session: Session, owner: str) -> str:
    """Return the owner of a copy: that of the original if the person may create runs for them."""
    person = person_of(session)
    return owner if person.may_change(owner) else person.name


def new_id(*key: str | None) -> str:
    """Return a new id; with a key always the same."""
    if key and all(part is not None for part in key):
        return hashlib.sha256("\0".join(map(str, key)).encode()).hexdigest()[:12]
    return secrets.token_hex(6)


# -- looking -----------------------------------------------------------------------------------------------------


def read(run: Run, queue_position: int | None = None) -> RunRead:
    """Return a run as the API and the pages show it to those who may change it."""
    shown = RunRead.model_validate(run)
    shown.queue_position = queue_position
    shown.allowed_actions = transitions.allowed(_subject(run))
    return shown


def read_for(person: Person, run: RunRead) -> RunRead:
    """Return a run as a person sees it: with the actions that are allowed to them."""
    allowed = transitions.allowed_to(person, run.owner, run.allowed_actions)
    return run if allowed == run.allowed_actions else run.model_copy(update={"allowed_actions": allowed})


def get(session: Session, run_id: str) -> RunRead:
    """Return a run.

    Raises
    ------
    NotFoundError
        When there is none of this id, or it is in the trash.
    """
    return read_one(session, find(session, run_id))


def listing(
    session: Session,
    *,
    limit: int = 100,
    offset: int = 0,
    sort: str = "-created_at",
    filters: list_repository.Filters | None = None,
) -> RunPage:
    """Return a page of runs, newest first by default.

    Raises
    ------
    InvalidError
        When there is no such column to sort by.
    """
    if sort.removeprefix("-") not in list_repository.SORTS:
        allowed = sorted(list_repository.SORTS)
        message = f"should be one of {', '.join(allowed)}; with - before it from the largest down"
        raise InvalidError.of("sort", message, value=sort[:100], limit={"one_of": allowed})
    chosen = filters or list_repository.Filters()

    def read_page() -> RunPage:
        page, total = list_repository.page(session, chosen, sort, limit=limit, offset=offset)
        return RunPage(items=read_all(session, page), total=total, limit=limit, offset=offset)

    # A class asks for the same list all the time.
    return cached(session, f"list for {person_of(session)}: {chosen}, {sort}, {limit}, {offset}", read_page)


def read_all(session: Session, runs: Sequence[Run]) -> list[RunRead]:
    """Return runs as the API and the pages show them, with their places in the queue."""
    queued = any(run.status == RunStatus.QUEUED for run in runs)
    positions = queue.positions(session) if queued else {}
    person, waits = person_of(session), session.info[WAITS]
    read_runs = [read(run, positions.get(run.id)) for run in runs]
    return [read_for(person, as_paused(run, waits[run.id]) if run.id in waits else run) for run in read_runs]


def as_paused(run: RunRead, reason: str) -> RunRead:
    """Return a run whose end in training could not be stored as paused, whatever is stored."""
    return run.model_copy(update={"status": RunStatus.PAUSED, "error": reason, "requested": None})


def read_one(session: Session, run: Run) -> RunRead:
    """Return a run of a given row as the API and the pages show it, with unflushed changes."""
    session.flush()
    return read_all(session, [run])[0]


def find(session: Session, run_id: str) -> Run:
    """Return the row of a run that is not in the trash.

    Raises
    ------
    NotFoundError
        When there is none of this id, or it is in the trash.
    """
    run = find_anywhere(session, run_id)
    if run.deleted_at is not None:
        raise NotFoundError(f"Run '{run.name}' is in the trash. POST /api/v1/runs/{run.id}/restore takes it back.")
    return run


def find_anywhere(session: Session, run_id: str) -> Run:
    """Return the row of a run, be it in the trash or not.

    Raises
    ------
    NotFoundError
        When there is none of this id.
    """
    run = repository.find(session, run_id)
    if run is None:
        raise NotFoundError(f"There is no run '{run_id[:64]}'. It may have been deleted.")
    return run


# -- changing ----------------------------------------------------------------------------------------------------


def update(session: Session, run_id: str, body: RunUpdate) -> RunRead:
    """Change name, notes, tags, or whether a run is archived; what is None stays."""
    run = find(session, run_id)
    for field, value in body.model_dump(exclude_none=True).items():
        setattr(run, field, value)
    announce(session, Change(ChangeKind.UPDATED, run_id))
    return read_one(session, run)


def pause(session: Session, run_id: str) -> RunRead:
    """Pause a run: a queued one at once, a running one as soon as its checkpoint is written."""
    return _act(session, run_id, Action.PAUSE, _pause)


def _pause(session: Session, run: Run, to: RunStatus) -> None:
    run.held_for = None  # From now on a person wants it so.
    if run.status == RunStatus.RUNNING:
        _request(session, run, "pause")
    elif run.status != to:
        run.status = to
        announce(session, Change(ChangeKind.UPDATED, run.id))


def resume(session: Session, run_id: str) -> RunRead:
    """Queue a paused run; it continues where it was. A pause that no worker has followed yet is withdrawn."""
    return _act(session, run_id, Action.RESUME, _resume)


def _resume(session: Session, run: Run, to: RunStatus) -> None:
    if run.status == RunStatus.RUNNING:
        _request(session, run, None)
    elif run.status != to:
        enqueue(session, run)


def stop(session: Session, run_id: str) -> RunRead:
    """End a run where it is: a queued or paused one at once, a running one at its next iteration."""
    return _act(session, run_id, Action.STOP, _stop)


def _stop(session: Session, run: Run, to: RunStatus) -> None:
    if run.status == RunStatus.RUNNING:
        _request(session, run, "stop")
    elif run.status != to:
        run.status, run.finished_at, run.held_for, run.error = to, datetime.now(UTC), None, None
        announce(session, Change(ChangeKind.UPDATED, run.id))


def _request(session: Session, run: Run, request: str | None) -> None:
    if run.requested != request:
        run.requested = request
        announce(session, Change(ChangeKind.REQUESTED, run.id))


def extend(session: Session, run_id: str, body: RunExtend) -> RunRead:
    """Lengthen a run. One that had ended continues from its last state; schedules keep their length.

    Raises
    ------
    ConflictError
        If the run has failed, or has another length than the request assumes.
    InvalidError
        When it would become longer than runs may be.
    """

    def lengthen(session: Session, run: Run, _: RunStatus) -> None:
        ended = RunStatus(run.status).is_final
        length = (run.iteration if ended else run.iterations) + body.iterations
        if body.from_iterations is not None and body.from_iterations != run.iterations:
            if run.iterations == body.from_iterations + body.iterations:
                return  # This very request was carried out before.
            raise ConflictError(
                f"Run '{run.name}' has {run.iterations:,} iterations, not {body.from_iterations:,}: somebody changed "
                "it meanwhile. Look again and repeat what is still wanted."
            )
        if length > MAX_ITERATIONS:
            room = MAX_ITERATIONS - (length - body.iterations)
            message = f"should be at most {room:,} more, as a run may have at most {MAX_ITERATIONS:,}"
            raise InvalidError.of("iterations", message, value=body.iterations, limit={"le": room})
        set_length(run, length)
        if ended:
            enqueue(session, run)
        else:
            running = run.status == RunStatus.RUNNING
            announce(session, Change(ChangeKind.REQUESTED if running else ChangeKind.UPDATED, run.id))

    return _act(session, run_id, Action.EXTEND, lengthen)


def set_length(run: Run, iterations: int) -> None:
    """Set the length of a run: its schedules keep theirs, so that it continues unchanged."""
    config = dict(run.config)
    config["schedule_iterations"] = config.get("schedule_iterations") or config["iterations"]
    config["iterations"] = iterations
    run.config, run.iterations, run.group_key = config, iterations, group_key(config, run.policies)


def rewind(session: Session, run_id: str) -> RunRead:
    """Queue a run to begin again: same weights, same seed, from iteration 0. Measurements and files are dropped."""
    return _act(session, run_id, Action.REWIND, _rewind)


def _rewind(session: Session, run: Run, _: RunStatus) -> None:
    paths = repository.clear(session, run.id)
    run.rewinds += 1
    run.iteration = run.forward_passes = run.lost_workers = 0
    run.training_seconds = 0.0
    run.iterations_per_second = run.train_accuracy = run.validation_accuracy = None
    run.best_validation_accuracy = run.best_iteration = run.started_at = run.sparkline = None
    enqueue(session, run, tuple(paths))


def enqueue(session: Session, run: Run, paths: tuple[str, ...] = ()) -> None:
    """Queue a run (again). ``paths`` are files that no row refers to any more."""
    run.status = RunStatus.QUEUED
    run.finished_at = run.error = run.requested = run.held_for = None
    announce(session, Change(ChangeKind.QUEUED, run.id, paths))


def clone(session: Session, run_id: str, body: RunClone, *, key: str | None = None) -> RunRead:
    """Queue a new run like another, with changes; see `create` for the key.

    Raises
    ------
    InvalidError
        When the changed configuration can't be trained.
    """
    parent = find(session, run_id)
    target(parent, Action.CLONE)
    new = new_id(person_of(session).id, parent.id, key)
    made_before = repository.find(session, new)
    if made_before is not None:
        return read_one(session, made_before)
    config = validation.changed(parent.config, body.changes, field="changes")
    owner = body.owner or owner_of_copy(session, parent.owner)
    run = prepare(session, config, name=body.name, owner=owner, tags=parent.tags, kept=parent.policies)
    run.id, run.parent_id = new, parent.id
    repository.add(session, run)
    announce(session, Change(ChangeKind.QUEUED, run.id))
    return read_one(session, run)


# -- helpers -----------------------------------------------------------------------------------------------------


def default_name(config: TrainingConfig, dataset: str | None = None) -> str:
    """Name a run after its main settings: 'digits 32 win_stay_lose_shift'."""
    shape = "-".join(str(units) for units in config.hidden_layers) or "no hidden layer"
    how = config.policy if config.method == "synaptic" else f"gradient {config.optimizer}"
    return f"{(dataset or config.dataset)[:100]} · {shape} · {how.replace('_', ' ')}"[:200]


def act(session: Session, run: Run, action: Action) -> None:
    """Pause, resume or stop a run of a given row.

    Raises
    ------
    ConflictError
        When it is not allowed now.
    """
    doing: dict[Action, Callable[[Session, Run, RunStatus], None]]
    doing = {Action.PAUSE: _pause, Action.RESUME: _resume, Action.STOP: _stop}
    _carry_out(session, run, action, doing[action])


def _act(session: Session, run_id: str, action: Action, do: Callable[[Session, Run, RunStatus], Any]) -> RunRead:
    run = find_anywhere(session, run_id)
    _carry_out(session, run, action, do)
    return read_one(session, run)


def _carry_out(session: Session, run: Run, action: Action, do: Callable[[Session, Run, RunStatus], Any]) -> None:
    before = log.requested_state(run)
    do(session, run, target(run, action))
    log.record_action(session, run, action, before)


def target(run: Run, action: Action) -> RunStatus:
    """Return the status that an action leads a run to.

    Raises
    ------
    ConflictError
        When it is not allowed now.
    """
    return transitions.target(action, _subject(run), run.name)


def _subject(run: Run) -> Subject:
    return Subject(RunStatus(run.status), run.requested, run.deleted_at is not None)
