"""/runs: create, list, read, change, control, delete."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from pydantic import Field

from backend.api.dependencies import IdempotencyKey, ReadSession, RunId, WriteSession
from backend.api.routing import router_under
from backend.kit.access import requires
from backend.kit.fields import FROM_TEXT
from backend.kit.identity import Role
from backend.kit.status import RunStatus
from backend.runs import bulk, trash
from backend.runs import service as runs
from backend.runs.bulk_schemas import RunsAction, RunsActionResults
from backend.runs.curves import service as curves
from backend.runs.curves.schemas import Actions, Metrics
from backend.runs.listing import SORTS, Filters
from backend.runs.schemas import RunClone, RunCreate, RunExtend, RunPage, RunRead, RunUpdate

router = router_under("/runs", tags=["runs"])

MaxPoints = Annotated[
    int,
    Field(ge=curves.MIN_POINTS, le=100_000),
    FROM_TEXT,
    Query(description="At most so many points; extremes are kept."),
]
Iteration = Annotated[Annotated[int, Field(ge=0, le=2**62), FROM_TEXT] | None, Query()]
Word = Annotated[str | None, Query(max_length=200)]


def _window(from_iteration: Iteration = None, to_iteration: Iteration = None) -> curves.Window:
    """Range of iterations, both ends included; all where left out."""
    return curves.Window(from_iteration, to_iteration)


WindowQuery = Annotated[curves.Window, Depends(_window)]


@router.post("", status_code=201)
@requires(Role.STUDENT)
def create_run(body: RunCreate, session: WriteSession, response: Response, key: IdempotencyKey = None) -> RunRead:
    """Queue a run. It starts as soon as a worker is free."""
    run = runs.create(session, body, key=key)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.post("/actions")
@requires(Role.STUDENT)
def act_on_runs(body: RunsAction, session: WriteSession) -> RunsActionResults:
    """Apply one action to several runs. Refusals are reported run by run and do not stop the others."""
    return bulk.act_on_all(session, body)


def _filters(
    status: RunStatus | None = None,
    owner: Word = None,
    dataset: Annotated[str | None, Query(max_length=200, description="Name or id, as configurations name it.")] = None,
    method: Word = None,
    policy: Word = None,
    tag: Word = None,
    sweep: Word = None,
    group: Annotated[str | None, Query(max_length=200, description="The `group_key` of runs.")] = None,
    archived: Literal["false", "true", "any"] = "any",
    search: Annotated[
        str | None, Query(max_length=200, description="Words that occur in name, notes, data set, owner, tags or id.")
    ] = None,
) -> Filters:
    return Filters(status, owner, dataset, method, policy, tag, sweep, group, archived, search)


@router.get("")
@requires(Role.VIEWER)
def list_runs(
    session: ReadSession,
    filters: Annotated[Filters, Depends(_filters)],
    limit: Annotated[int, Field(ge=1, le=1000), FROM_TEXT, Query()] = 100,
    offset: Annotated[int, Field(ge=0, le=2**31), FROM_TEXT, Query()] = 0,
    sort: Annotated[
        str,
        Query(
            max_length=100,
            description="A column; with - before it from the largest down. Runs that have none there come last.",
            json_schema_extra={"enum": [f"{sign}{name}" for name in SORTS for sign in ("", "-")]},
        ),
    ] = "-created_at",
) -> RunPage:
    """Return runs, a page at a time, in any order; those in the trash are left out."""
    return runs.listing(session, limit=limit, offset=offset, sort=sort, filters=filters)


@router.get("/{run_id}")
@requires(Role.VIEWER)
def get_run(run_id: RunId, session: ReadSession) -> RunRead:
    """Return a run."""
    return runs.get(session, run_id)


@router.patch("/{run_id}")
@requires(Role.STUDENT)
def update_run(run_id: RunId, body: RunUpdate, session: WriteSession) -> RunRead:
    """Change a run's name, notes or tags, or archive it."""
    return runs.update(session, run_id, body)


@router.delete("/{run_id}", status_code=204)
@requires(Role.STUDENT)
def delete_run(
    run_id: RunId,
    session: WriteSession,
    purge: Annotated[bool, Query(description="Remove it for good at once, with all that was measured of it.")] = False,
) -> None:
    """Put a run that is not training into the trash. It can be restored for a while (SYNRL_TRASH_MINUTES)."""
    trash.delete(session, run_id, purge=purge)


@router.post("/{run_id}/restore")
@requires(Role.STUDENT)
def restore_run(run_id: RunId, session: WriteSession) -> RunRead:
    """Take a run back from the trash. Asking twice does no harm."""
    return trash.restore(session, run_id)


@router.post("/{run_id}/pause")
@requires(Role.STUDENT)
def pause_run(run_id: RunId, session: WriteSession) -> RunRead:
    """Pause a run where it is; its worker is free for others. Pausing twice does no harm."""
    return runs.pause(session, run_id)


@router.post("/{run_id}/resume")
@requires(Role.STUDENT)
def resume_run(run_id: RunId, session: WriteSession) -> RunRead:
    """Queue a paused run; it continues where it was. Resuming twice does no harm."""
    return runs.resume(session, run_id)


@router.post("/{run_id}/stop")
@requires(Role.STUDENT)
def stop_run(run_id: RunId, session: WriteSession) -> RunRead:
    """End a run where it is. Stopping twice does no harm."""
    return runs.stop(session, run_id)


@router.post("/{run_id}/extend")
@requires(Role.STUDENT)
def extend_run(run_id: RunId, body: RunExtend, session: WriteSession) -> RunRead:
    """Lengthen a run, also one that has ended: it continues from its last state."""
    return runs.extend(session, run_id, body)


@router.post("/{run_id}/rewind")
@requires(Role.STUDENT)
def rewind_run(run_id: RunId, session: WriteSession) -> RunRead:
    """Train a run again from iteration 0, with the same first weights and seed. Its measurements are dropped."""
    return runs.rewind(session, run_id)


@router.post("/{run_id}/clone", status_code=201)
@requires(Role.STUDENT)
def clone_run(
    run_id: RunId, body: RunClone, session: WriteSession, response: Response, key: IdempotencyKey = None
) -> RunRead:
    """Queue a new run like another one, with changes."""
    run = runs.clone(session, run_id, body, key=key)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.get("/{run_id}/metrics")
@requires(Role.VIEWER)
def get_metrics(
    run_id: RunId,
    session: ReadSession,
    window: WindowQuery,
    max_points: MaxPoints = 2000,
    replicates: Literal["mean", "all"] = "mean",
) -> Metrics:
    """Return the curves of a run, of the whole or from one iteration to another."""
    runs.get(session, run_id)
    return curves.read_metrics(session, run_id, max_points, replicates, window)


@router.get("/{run_id}/actions")
@requires(Role.VIEWER)
def get_actions(run_id: RunId, session: ReadSession, window: WindowQuery, max_points: MaxPoints = 2000) -> Actions:
    """Return how many synapses went down, stayed and went up, by layer and over time."""
    runs.get(session, run_id)
    return curves.read_actions(session, run_id, max_points, window)
