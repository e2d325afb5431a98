"""/sweeps: groups of runs that are created, shown and controlled together."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from backend.api.dependencies import IdempotencyKey, ReadSession, SettingsDependency, WriteSession
from backend.api.routing import router_under
from backend.kit.access import requires
from backend.kit.fields import FROM_TEXT
from backend.kit.identity import Role
from backend.runs.sweeps import service as sweeps
from backend.runs.sweeps.schemas import SweepCreate, SweepPage, SweepRead
from backend.runs.transitions import Action

router = router_under("/sweeps", tags=["sweeps"])

SweepId = Annotated[str, Path(min_length=1, max_length=64, description="Id of a sweep, as its creation returned it.")]


@router.post("", status_code=201)
@requires(Role.STUDENT)
def create_sweep(
    body: SweepCreate,
    session: WriteSession,
    settings: SettingsDependency,
    response: Response,
    key: IdempotencyKey = None,
) -> SweepRead:
    """Queue a run for every combination of settings, or none if one of them can't be trained."""
    sweep = sweeps.create(session, body, settings.max_sweep_runs, key=key)
    response.headers["Location"] = f"/api/v1/sweeps/{sweep.id}"
    return sweep


@router.get("")
@requires(Role.VIEWER)
def list_sweeps(
    session: ReadSession,
    limit: Annotated[int, Field(ge=1, le=1000), FROM_TEXT, Query()] = 100,
    offset: Annotated[int, Field(ge=0, le=2**31), FROM_TEXT, Query()] = 0,
) -> SweepPage:
    """Return sweeps, newest first."""
    return sweeps.listing(session, limit=limit, offset=offset)


@router.get("/{sweep_id}")
@requires(Role.VIEWER)
def get_sweep(sweep_id: SweepId, session: ReadSession) -> SweepRead:
    """Return a sweep."""
    return sweeps.get(session, sweep_id)


@router.post("/{sweep_id}/{action}")
@requires(Role.STUDENT)
def act_on_sweep(sweep_id: SweepId, action: Literal["pause", "resume", "stop"], session: WriteSession) -> SweepRead:
    """Pause, resume or stop all runs of a sweep that allow it. Repeating an action does no harm."""
    return sweeps.act(session, sweep_id, Action(action))


@router.delete("/{sweep_id}", status_code=204)
@requires(Role.STUDENT)
def delete_sweep(
    sweep_id: SweepId,
    session: WriteSession,
    purge: Annotated[bool, Query(description="Remove its runs for good at once.")] = False,
) -> None:
    """Put all runs of a sweep into the trash, from which each can be restored for a while."""
    sweeps.delete(session, sweep_id, purge=purge)
