"""/races: policies that train the same networks on the same tasks, with their matrix of results."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from backend.api.dependencies import IdempotencyKey, ReadSession, SettingsDependency, WriteSession
from backend.api.routing import router_under
from backend.comparison import races
from backend.comparison.races_schemas import RaceCreate, RaceRead, RaceSummary
from backend.kit.access import requires
from backend.kit.identity import Role

router = router_under("/races", tags=["policies"])

RaceId = Annotated[str, Path(min_length=1, max_length=64, description="Id of a race, as its creation returned it.")]


@router.post("", status_code=201)
@requires(Role.STUDENT)
def create_race(
    body: RaceCreate,
    session: WriteSession,
    settings: SettingsDependency,
    response: Response,
    key: IdempotencyKey = None,
) -> RaceRead:
    """Queue a run for every policy, task, seed and step size, or none if one of them can't be trained.

    They are ordinary runs of a sweep with the race's id: POST /sweeps/{id}/pause, resume and stop control them.
    """
    race = races.create(session, body, settings.max_sweep_runs, key=key)
    response.headers["Location"] = f"/api/v1/races/{race.id}"
    return race


@router.get("")
@requires(Role.VIEWER)
def list_races(session: ReadSession) -> list[RaceSummary]:
    """Return all races, newest first."""
    return races.listing(session)


@router.get("/{race_id}")
@requires(Role.VIEWER)
def get_race(race_id: RaceId, session: ReadSession) -> RaceRead:
    """Return a race: the mean accuracy of every policy on every task with its interval, and the ranking."""
    return races.get(session, race_id)
