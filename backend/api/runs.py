"""/runs: create, list, look at, change, control, delete."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import Response as RawResponse

from backend.api.dependencies import IdempotencyKey, JobsDependency, ReadSession, WriteSession
from backend.db.listing import SORTS, Filters
from backend.errors import NotFoundError
from backend.schemas.bulk import RunsAction, RunsActionResults
from backend.schemas.curves import Actions, Metrics
from backend.schemas.runs import RunClone, RunCreate, RunExtend, RunPage, RunRead, RunStatus, RunUpdate
from backend.schemas.weights import SnapshotRead, Weights
from backend.services import bulk, curves, runs, trash, weights

router = APIRouter(prefix="/runs", tags=["runs"])

RunId = Annotated[str, Path(min_length=1, max_length=64, description="Id of a run, as its creation returned it.")]
MaxPoints = Annotated[
    int, Query(ge=curves.MIN_POINTS, le=100_000, description="At most so many points; extremes are kept.")
]
Iteration = Annotated[int | None, Query(ge=0, le=2**62)]


Word = Annotated[str | None, Query(max_length=200)]


def _window(from_iteration: Iteration = None, to_iteration: Iteration = None) -> curves.Window:
    """Iterations to look at, both ends included; all where left out."""
    return curves.Window(from_iteration, to_iteration)


WindowQuery = Annotated[curves.Window, Depends(_window)]


@router.post("", status_code=201)
def create_run(body: RunCreate, session: WriteSession, response: Response, key: IdempotencyKey = None) -> RunRead:
    """Queue a run. It starts as soon as a worker is free."""
    run = runs.create(session, body, key=key)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.post("/actions")
def act_on_runs(body: RunsAction, session: WriteSession) -> RunsActionResults:
    """Do one thing with several runs. What can't be done is told run by run, and hinders no other run."""
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
def list_runs(
    session: ReadSession,
    filters: Annotated[Filters, Depends(_filters)],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
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
def get_run(run_id: RunId, session: ReadSession) -> RunRead:
    """Return a run."""
    return runs.get(session, run_id)


@router.patch("/{run_id}")
def update_run(run_id: RunId, body: RunUpdate, session: WriteSession) -> RunRead:
    """Change a run's name, notes or tags, or archive it."""
    return runs.update(session, run_id, body)


@router.delete("/{run_id}", status_code=204)
def delete_run(
    run_id: RunId,
    session: WriteSession,
    purge: Annotated[bool, Query(description="Remove it for good at once, with all that was measured of it.")] = False,
) -> None:
    """Put a run that is not training into the trash. It can be restored for a while (SYNRL_TRASH_MINUTES)."""
    trash.delete(session, run_id, purge=purge)


@router.post("/{run_id}/restore")
def restore_run(run_id: RunId, session: WriteSession) -> RunRead:
    """Take a run back from the trash. Asking twice does no harm."""
    return trash.restore(session, run_id)


@router.post("/{run_id}/pause")
def pause_run(run_id: RunId, session: WriteSession) -> RunRead:
    """Have a run wait where it is; its worker is free for others. Asking twice does no harm."""
    return runs.pause(session, run_id)


@router.post("/{run_id}/resume")
def resume_run(run_id: RunId, session: WriteSession) -> RunRead:
    """Queue a paused run; it goes on where it was. Asking twice does no harm."""
    return runs.resume(session, run_id)


@router.post("/{run_id}/stop")
def stop_run(run_id: RunId, session: WriteSession) -> RunRead:
    """End a run where it is. Asking twice does no harm."""
    return runs.stop(session, run_id)


@router.post("/{run_id}/extend")
def extend_run(run_id: RunId, body: RunExtend, session: WriteSession) -> RunRead:
    """Train a run for longer, also one that has ended: it goes on where it stands."""
    return runs.extend(session, run_id, body)


@router.post("/{run_id}/rewind")
def rewind_run(run_id: RunId, session: WriteSession) -> RunRead:
    """Train a run anew from iteration 0, with the same first weights and seed. What was measured is dropped."""
    return runs.rewind(session, run_id)


@router.post("/{run_id}/clone", status_code=201)
def clone_run(
    run_id: RunId, body: RunClone, session: WriteSession, response: Response, key: IdempotencyKey = None
) -> RunRead:
    """Queue a new run like another one, with changes."""
    run = runs.clone(session, run_id, body, key=key)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.get("/{run_id}/metrics")
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
def get_actions(run_id: RunId, session: ReadSession, window: WindowQuery, max_points: MaxPoints = 2000) -> Actions:
    """Return how many synapses went down, stayed and went up, by layer and over time."""
    runs.get(session, run_id)
    return curves.read_actions(session, run_id, max_points, window)


@router.get("/{run_id}/snapshots")
def list_snapshots(
    run_id: RunId, session: ReadSession, from_iteration: Annotated[int, Query(ge=0, le=2**62)] = 0
) -> list[SnapshotRead]:
    """Return at which iterations the weights were stored."""
    runs.get(session, run_id)
    return weights.listing(session, run_id, from_iteration)


@router.get(
    "/{run_id}/snapshots/{iteration}",
    response_model=Weights,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_snapshot(
    run_id: RunId,
    iteration: Annotated[int, Path(ge=0, le=2**62)],
    session: ReadSession,
    jobs: JobsDependency,
    format: Literal["json", "npz"] = "json",  # noqa: A002 (the query parameter's name)
    replicate: Annotated[int, Query(ge=0, lt=1000, description="Whose, counted from 0; npz holds all.")] = 0,
) -> Weights | RawResponse:
    """Return stored weights: coarse ones of one replicate as JSON, or the exact arrays of all as npz."""
    runs.get(session, run_id)
    snapshot = weights.find(session, run_id, iteration)
    if format == "npz":
        name = f"synrl-{run_id}-{iteration}.npz"
        return RawResponse(
            jobs.artifacts.read(snapshot.path),
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    shown = weights.shown(weights.load(jobs.artifacts, snapshot), replicate)
    if shown is None:
        raise NotFoundError(f"Run '{run_id}' has no replicate {replicate}; they are counted from 0.")
    return shown
