"""Reproductions: begin one as the runs of a sweep, or go on with it."""

from __future__ import annotations

from dataclasses import asdict
from typing import NamedTuple

from sqlalchemy.orm import Session

from backend.datasets import service as datasets
from backend.db.tables import Run, Sweep
from backend.kit.errors import ConflictError, InvalidError
from backend.kit.status import RunStatus
from backend.reproduction import letters, queries, stored, tables
from backend.reproduction.arms import ARMS, PARTS
from backend.reproduction.letters import Letters
from backend.reproduction.plan import Plan
from backend.reproduction.preparation import choose_table, seconds
from backend.reproduction.scales import SCALES
from backend.reproduction.schemas import ReproductionCreate, TableRead
from backend.runs import journal, trash
from backend.runs import service as runs
from backend.runs.sweeps import service as sweeps
from backend.runs.sweeps.schemas import SweepCreate
from backend.runs.transitions import Action
from synrl_core.policies.policy import Policy


class Begun(NamedTuple):
    """A reproduction that was asked for, and whether it is new."""

    id: str
    is_new: bool
    queued: int
    """Runs that were queued, for the first time or again."""


def start(
    session: Session,
    body: ReproductionCreate,
    *,
    max_runs: int,
    learned: Policy | None = None,
    key: str | None = None,
) -> Begun:
    """Queue the runs of a reproduction, or go on with the one that was asked for before.

    To go on means: runs that were stopped, paused, deleted or lost are queued again, and trials that are new are added.
    What has a result stays as it is.

    Parameters
    ----------
    learned
        The table that `tables.learn` made, where `needs_learning` says so.
    key
        Idempotency key of a new one.

    Raises
    ------
    InvalidError
        When the data set or the table is not there, or there would be too many runs.
    ConflictError
        When runs to go on with are about to stop.
    """
    chosen = letters.chosen(datasets.listing(session), body.dataset)
    table = choose_table(session, body, learned)
    plan = Plan(
        scale=SCALES[body.scale],
        trials=body.trials or SCALES[body.scale].trials,
        dataset=chosen.dataset.id,
        table=table.name,
        parts=tuple(part for part in PARTS if part in body.parts),
        most_iterations=body.most_iterations,
    )
    before = None if body.again == "new" else _same(session, plan, runs.owner_of_copy(session, body.owner))
    if before is not None:
        return _continue(session, before, plan.trials, max_runs)
    return _begin(session, body, plan, chosen, table, max_runs, key)


def go_on(session: Session, reproduction_id: str, *, max_runs: int) -> Begun:
    """Continue a reproduction by its id; `start` continues the newest one of the same experiments.

    Raises
    ------
    NotFoundError
        When there is no reproduction of this id.
    ConflictError
        When runs to go on with are about to stop.
    """
    sweep = stored.find(session, reproduction_id)
    return _continue(session, sweep, stored.plan_of(sweep).trials, max_runs)


def _begin(
    session: Session,
    body: ReproductionCreate,
    plan: Plan,
    chosen: Letters,
    table: TableRead,
    max_runs: int,
    key: str | None,
) -> Begun:
    entries = list(plan.entries())
    name = body.name or f"The paper, {plan.scale.title.lower()}, on {chosen.dataset.name}"[:100]
    asked = SweepCreate(name=name, owner=body.owner, tags=body.tags, configs=[one for _, _, one in entries])
    names = [_run_name(arm.key, trial) for arm, trial, _ in entries]
    sweep = sweeps.create(session, asked, max_runs, key=key, names=names)
    row = session.get_one(Sweep, sweep.id)
    if stored.KEY in row.spec:
        return Begun(sweep.id, is_new=False, queued=0)
    row.spec = {
        # The configurations are those of the runs; written out again they would be most of the row.
        "config": row.spec["config"],
        stored.KEY: {
            "scale": plan.scale.name, "sizes": asdict(plan.scale), "trials": plan.trials, "dataset": plan.dataset,
            "parts": list(plan.parts), "most_iterations": plan.most_iterations,
            "letters": stored.read_letters(chosen).model_dump(mode="json"),
            "table": table.model_dump(mode="json"),
            "seconds": seconds(session, plan),
            "entries": {
                run_id: [arm.key, trial] for run_id, (arm, trial, _) in zip(sweep.run_ids, entries, strict=True)
            },
        },
    }  # fmt: skip
    session.flush()
    return Begun(sweep.id, is_new=True, queued=len(entries))


def _continue(session: Session, sweep: Sweep, trials: int, max_runs: int) -> Begun:
    """Queue the unfinished and the missing runs."""
    about, plan = dict(sweep.spec[stored.KEY]), stored.plan_of(sweep)
    if trials > plan.trials:
        plan = Plan(plan.scale, trials, plan.dataset, plan.table, plan.parts, plan.most_iterations)
        about["trials"] = trials
    rows = {row.id: row for row in queries.rows(session, sweep.id)}
    # A run that somebody made longer is no trial any more; another takes its place.
    entries = {
        run_id: entry
        for run_id, entry in stored.entries_of(sweep).items()
        if run_id in rows and rows[run_id].iterations == plan.iterations(ARMS[entry[0]])
    }
    about_to_stop = [run_id for run_id in entries if runs.find_anywhere(session, run_id).requested == "stop"]
    if about_to_stop:
        number = len(about_to_stop)
        raise ConflictError(f"{number} {'run is' if number == 1 else 'runs are'} about to stop. Continue after that.")
    queued = sum(_go_on(session, runs.find_anywhere(session, run_id)) for run_id in entries)
    present = set(entries.values())
    missing = [one for one in plan.entries() if (one[0].key, one[1]) not in present]
    if len(entries) + len(missing) > max_runs:
        message = f"should make at most {max_runs:,} runs (SYNRL_MAX_SWEEP_RUNS)"
        raise InvalidError.of("trials", message, value=trials, limit={"le": max_runs})
    if missing:
        _check_table(session, TableRead.model_validate(about["table"]))
    names = [_run_name(arm.key, trial) for arm, trial, _ in missing]
    added = sweeps.add(session, sweep.id, [settings for _, _, settings in missing], names)
    for run, (arm, trial, _) in zip(added, missing, strict=True):
        entries[run.id] = (arm.key, trial)
    about["entries"] = {run_id: list(entry) for run_id, entry in entries.items()}
    sweep.spec = {**sweep.spec, stored.KEY: about}
    session.flush()
    return Begun(sweep.id, is_new=False, queued=queued + len(added))


def _check_table(session: Session, table: TableRead) -> None:
    """Refuse to add trials under another table: people rename policies, and give their names to others."""
    if table.content_hash not in (None, tables.hash_of(session, table.name)):
        raise ConflictError(
            f"The policy '{table.name}', which the first trials used, was renamed or deleted. Give it this name again "
            "on the page Policies, or begin another reproduction."
        )


def _go_on(session: Session, run: Run) -> bool:
    """Queue a run that has no result and is not waiting; return whether it was."""
    was_deleted = run.deleted_at is not None
    if was_deleted:
        trash.restore(session, run.id)
    status = RunStatus(run.status)
    before = journal.requested_state(run)
    if status == RunStatus.PAUSED or run.requested == "pause":
        runs.act(session, run, Action.RESUME)
        return True
    if status == RunStatus.STOPPED:
        runs.enqueue(session, run)
        journal.record_action(session, run, Action.RESUME, before)
        return True
    if status == RunStatus.FAILED and run.lost_workers:
        # Its workers died. What failed by its own training would fail again: it is a result.
        runs.rewind(session, run.id)
        return True
    return was_deleted and status == RunStatus.QUEUED


def _same(session: Session, plan: Plan, owner: str) -> Sweep | None:
    """Return the newest reproduction of the same experiments on the same letters, however many its trials are."""
    wanted = (plan.scale, plan.dataset, plan.table, plan.parts, plan.most_iterations, owner)
    for sweep in queries.sweeps(session):
        if stored.KEY in sweep.spec:
            known = stored.plan_of(sweep)
            if wanted == (
                known.scale, known.dataset, known.table, known.parts, known.most_iterations, sweep.owner,
            ):  # fmt: skip
                return sweep
    return None


def _run_name(arm: str, trial: int) -> str:
    return f"The paper: {arm}, trial {trial + 1}"
