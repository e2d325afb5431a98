"""/breedings: breeding of policies as jobs."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from fastapi import BackgroundTasks, Depends, Path, Response
from fastapi.requests import HTTPConnection

from backend.api.dependencies import ReadSession, WriteSession
from backend.api.routing import router_under
from backend.breeding import service as breedings
from backend.breeding.breeder import Breeder
from backend.breeding.schemas import BreedingCreate, BreedingRead
from backend.kit.access import requires
from backend.kit.identity import Role

router = router_under("/breedings", tags=["policies"])

BreedingId = Annotated[str, Path(min_length=1, max_length=64, description="Id of a breeding.")]


def _breeder(connection: HTTPConnection) -> Breeder:
    return cast("Breeder", connection.app.state.breeder)


BreederDependency = Annotated[Breeder, Depends(_breeder)]


@router.post("", status_code=201)
@requires(Role.STUDENT)
def create_breeding(
    body: BreedingCreate,
    session: WriteSession,
    breeder: BreederDependency,
    response: Response,
    afterwards: BackgroundTasks,
) -> BreedingRead:
    """Queue a breeding. Its winner and finalists go into the policy library."""
    made = breedings.create(session, body)
    response.headers["Location"] = f"/api/v1/breedings/{made.id}"
    afterwards.add_task(breeder.wake)  # when it is committed
    return made


@router.get("")
@requires(Role.VIEWER)
def list_breedings(session: ReadSession) -> list[BreedingRead]:
    """Return all breedings, newest first."""
    return breedings.listing(session)


@router.get("/{breeding_id}")
@requires(Role.VIEWER)
def get_breeding(breeding_id: BreedingId, session: ReadSession) -> BreedingRead:
    """Return a breeding with its progress."""
    return breedings.get(session, breeding_id)


@router.post("/{breeding_id}/{action}")
@requires(Role.STUDENT)
def act_on_breeding(
    breeding_id: BreedingId,
    action: Literal["pause", "resume", "stop"],
    session: WriteSession,
    breeder: BreederDependency,
    afterwards: BackgroundTasks,
) -> BreedingRead:
    """Pause, resume or stop a breeding; one that is paused goes on where it was. Asking twice does no harm."""
    afterwards.add_task(breeder.wake)
    return breedings.act(session, breeding_id, action)


@router.delete("/{breeding_id}", status_code=204)
@requires(Role.STUDENT)
def delete_breeding(breeding_id: BreedingId, session: WriteSession) -> None:
    """Delete a breeding that has ended. The policies that it bred stay."""
    breedings.delete(session, breeding_id)
