"""/runs: create, list, look at, name, stop, delete."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import Response as RawResponse

from backend.api.dependencies import JobsDependency, ReadSession, WriteSession
from backend.schemas import Actions, Metrics, RunCreate, RunPage, RunRead, RunStatus, RunUpdate, SnapshotRead, Weights
from backend.services import curves, runs, weights

router = APIRouter(prefix="/runs", tags=["runs"])

RunId = Annotated[str, Path(min_length=1, max_length=64, description="Id of a run, as its creation returned it.")]
MaxPoints = Annotated[int, Query(ge=8, le=100_000, description="At most so many points; extremes are kept.")]


@router.post("", status_code=201)
def create_run(body: RunCreate, session: WriteSession, response: Response) -> RunRead:
    """Queue a run. It starts as soon as a worker is free."""
    run = runs.create(session, body)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.get("")
def list_runs(
    session: ReadSession,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    status: RunStatus | None = None,
) -> RunPage:
    """Return runs, newest first."""
    return runs.listing(session, limit=limit, offset=offset, status=status)


@router.get("/{run_id}")
def get_run(run_id: RunId, session: ReadSession) -> RunRead:
    """Return a run."""
    return runs.get(session, run_id)


@router.patch("/{run_id}")
def update_run(run_id: RunId, body: RunUpdate, session: WriteSession) -> RunRead:
    """Give a run another name."""
    return runs.rename(session, run_id, body.name)


@router.delete("/{run_id}", status_code=204)
def delete_run(run_id: RunId, session: WriteSession) -> None:
    """Delete a run that is not training, with all that was measured and stored of it."""
    runs.delete(session, run_id)


@router.post("/{run_id}/stop")
def stop_run(run_id: RunId, session: WriteSession) -> RunRead:
    """End a run where it is. Asking twice does no harm."""
    return runs.stop(session, run_id)


@router.get("/{run_id}/metrics")
def get_metrics(
    run_id: RunId,
    session: ReadSession,
    max_points: MaxPoints = 2000,
    replicates: Literal["mean", "all"] = "mean",
) -> Metrics:
    """Return the curves of a run."""
    runs.get(session, run_id)
    return curves.metrics(curves.points(session, run_id), max_points, replicates)


@router.get("/{run_id}/actions")
def get_actions(run_id: RunId, session: ReadSession, max_points: MaxPoints = 2000) -> Actions:
    """Return how many synapses went down, stayed and went up, by layer and over time."""
    runs.get(session, run_id)
    return curves.actions(curves.points(session, run_id), max_points)


@router.get("/{run_id}/snapshots")
def list_snapshots(run_id: RunId, session: ReadSession) -> list[SnapshotRead]:
    """Return at which iterations the weights were stored."""
    runs.get(session, run_id)
    return weights.listing(session, run_id)


@router.get("/{run_id}/snapshots/{iteration}", response_model=Weights)
def get_snapshot(
    run_id: RunId,
    iteration: Annotated[int, Path(ge=0, le=2**62)],
    session: ReadSession,
    jobs: JobsDependency,
    format: Literal["json", "npz"] = "json",  # noqa: A002 (the query parameter's name)
) -> Weights | RawResponse:
    """Return stored weights: coarse ones of replicate 0 as JSON, or the exact arrays as npz."""
    runs.get(session, run_id)
    snapshot = weights.find(session, run_id, iteration)
    if format == "npz":
        name = f"synrl-{run_id}-{iteration}.npz"
        return RawResponse(
            jobs.artifacts.read(snapshot.path),
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    return weights.load(jobs.artifacts, snapshot)
