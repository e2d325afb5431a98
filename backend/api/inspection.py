"""/runs/{id}/...: inspection of a run, at a stored snapshot or, while it trains, as it is now."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Response
from pydantic import Field
from sqlalchemy.orm import Session

from backend.api.dependencies import JobsDependency, JudgesDependency, ReadSession, RunId, StoreDependency, WriteSession
from backend.api.routing import router_under
from backend.inspection import judging, states, weights
from backend.inspection.judging_schemas import Confusion, Judged, Mistakes
from backend.inspection.states_schemas import StatesRead
from backend.inspection.weights_schemas import PolicyRead, SnapshotRead, SynapseRead, Weights
from backend.kit.access import requires
from backend.kit.errors import NotFoundError
from backend.kit.fields import FROM_TEXT
from backend.kit.identity import Role
from backend.runs import baselines
from backend.runs import journal as log
from backend.runs import service as runs
from backend.runs.baselines_schemas import Baseline
from backend.runs.journal_schemas import LogEntry
from backend.training.runtime import Jobs
from synrl_core.measuring.events import Snapshot

router = router_under("/runs/{run_id}", tags=["runs"])

Iteration = Annotated[
    int | None,
    Query(ge=0, le=2**62, description="Of a stored snapshot. Left out: now, which for an ended run is its end."),
]
Replicate = Annotated[int, Field(ge=0, lt=1000), FROM_TEXT, Query(description="Whose, counted from 0.")]
Place = Annotated[int, Field(ge=0, le=2**31), FROM_TEXT, Path()]


@router.get("/snapshots")
@requires(Role.VIEWER)
def list_snapshots(
    run_id: RunId, session: ReadSession, from_iteration: Annotated[int, Field(ge=0, le=2**62), FROM_TEXT, Query()] = 0
) -> list[SnapshotRead]:
    """Return the iterations at which weights were stored."""
    runs.get(session, run_id)
    return weights.listing(session, run_id, from_iteration)


@router.get(
    "/snapshots/{iteration}",
    response_model=Weights,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
@requires(Role.VIEWER)
def get_snapshot(
    run_id: RunId,
    iteration: Annotated[int, Field(ge=0, le=2**62), FROM_TEXT, Path()],
    session: ReadSession,
    jobs: JobsDependency,
    format: Literal["json", "npz"] = "json",  # noqa: A002 (the query parameter's name)
    replicate: Annotated[
        int, Field(ge=0, lt=1000), FROM_TEXT, Query(description="Whose, counted from 0; npz holds all.")
    ] = 0,
) -> Weights | Response:
    """Return stored weights: coarse ones of one replicate as JSON, or the exact arrays of all as npz."""
    runs.get(session, run_id)
    snapshot = weights.find(session, run_id, iteration)
    if format == "npz":
        name = f"synrl-{run_id}-{iteration}.npz"
        return Response(
            jobs.artifacts.read(snapshot.path),
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    shown = weights.read_weights(weights.load(jobs.artifacts, snapshot), replicate)
    if shown is None:
        raise NotFoundError(f"Run '{run_id}' has no replicate {replicate}; they are counted from 0.")
    return shown


@router.get("/policy")
@requires(Role.VIEWER)
def get_policy(
    run_id: RunId, session: ReadSession, jobs: JobsDependency, iteration: Iteration = None, replicate: Replicate = 0
) -> PolicyRead:
    """Return the table of the policy, and how often each of its cells was used."""
    runs.get(session, run_id)
    snapshot, _ = _find_snapshot(session, jobs, run_id, iteration)
    policy = weights.policy(snapshot, replicate)
    if policy is None:
        raise NotFoundError(
            f"Run '{run_id}' has no table for replicate {replicate} at iteration {snapshot.iteration}. Gradient "
            "descent has none at all; the other replicates of a large network are seen in stored snapshots only: "
            "give their iteration."
        )
    return policy


@router.get("/synapses/{layer}/{input}/{unit}")
@requires(Role.VIEWER)
def get_synapse(
    run_id: RunId,
    layer: Place,
    input: Place,  # noqa: A002 (the path's word)
    unit: Place,
    session: ReadSession,
    jobs: JobsDependency,
    iteration: Iteration = None,
    replicate: Replicate = 0,
) -> SynapseRead:
    """Return one synapse: its weight, its last actions, its row of the table, and its next action.

    Layers and units count from 0; input 0 is the unit's bias, 1 the first input.
    """
    run = runs.get(session, run_id)
    snapshot, live = _find_snapshot(session, jobs, run_id, iteration)
    first = snapshot if snapshot.iteration == 0 else weights.at(session, jobs.artifacts, run_id, 0)
    return weights.synapse(snapshot, first, run.config, (layer, input, unit), replicate, live=live)


def _judged(
    run_id: RunId,
    store: StoreDependency,
    judges: JudgesDependency,
    iteration: Iteration = None,
    replicate: Replicate = 0,
) -> Judged:
    return judging.judged(store, judges, run_id, iteration, replicate)


JudgedDependency = Annotated[Judged, Depends(_judged)]


@router.get("/confusion")
@requires(Role.VIEWER)
def get_confusion(judged: JudgedDependency) -> Confusion:
    """Return the confusion matrix of the validation samples at a stored snapshot: the last when left out."""
    return judged


@router.get("/mistakes")
@requires(Role.VIEWER)
def get_mistakes(judged: JudgedDependency) -> Mistakes:
    """Return the worst mistakes on validation samples, at a stored snapshot: the last when left out."""
    return judged


@router.get("/states")
@requires(Role.VIEWER)
def get_states(
    run_id: RunId,
    store: StoreDependency,
    judges: JudgesDependency,
    iteration: Iteration = None,
    replicate: Replicate = 0,
    place: Annotated[
        int, Field(ge=0, le=2**31), FROM_TEXT, Query(description="Which validation sample, counted from 0.")
    ] = 0,
) -> StatesRead:
    """Return what the hidden units of a recurrent or spiking network do while it reads a validation sample.

    At a stored snapshot: the last when left out.
    """
    return states.states(store, judges, run_id, iteration, replicate, place)


@router.get("/log")
@requires(Role.VIEWER)
def get_log(run_id: RunId, session: ReadSession) -> list[LogEntry]:
    """Return the journal of a run, oldest first; of very many entries the newest 500."""
    runs.get(session, run_id)
    return log.listing(session, run_id)


@router.get("/baseline")
@requires(Role.VIEWER)
def get_baseline(run_id: RunId, session: ReadSession) -> Baseline:
    """Return the run of gradient descent on the same data and network, if there is one."""
    return baselines.get(session, run_id)


@router.post("/baseline")
@requires(Role.STUDENT)
def make_baseline(run_id: RunId, session: WriteSession) -> Baseline:
    """Return the run of gradient descent on the same data and network; start it if there is none."""
    return baselines.make(session, run_id)


def _find_snapshot(session: Session, jobs: Jobs, run_id: str, iteration: int | None) -> tuple[Snapshot, bool]:
    """Return a stored snapshot, or for None the newest there is, and whether it is a live one."""
    if iteration is None:
        _, live = jobs.mirrors.state(run_id)
        if live is not None:
            return live, True
    return weights.load(jobs.artifacts, weights.find(session, run_id, iteration)), False
