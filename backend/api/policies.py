"""/policies: the policy library, its files, and the tables that runs learned."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import Path, Query, Request, Response

from backend.api.datasets import UploadsDependency
from backend.api.dependencies import JobsDependency, ReadSession, RunId, StoreDependency, WriteSession
from backend.api.description import multipart_body
from backend.api.multipart import receive
from backend.api.routing import router_under
from backend.comparison import race_places
from backend.comparison.races_schemas import PolicyRace
from backend.inspection import learned
from backend.kit.access import requires
from backend.kit.errors import InvalidError
from backend.kit.identity import Role
from backend.policy_library import making
from backend.policy_library import service as policies
from backend.policy_library.schemas import (
    DerivedPolicy,
    LearnedPolicy,
    LibraryPolicy,
    LibraryPolicyDetail,
    PolicyCreate,
    PolicyUpdate,
)

router = router_under(tags=["policies"])

PolicyId = Annotated[str, Path(min_length=1, max_length=200, description="Name of a policy that ships, or the id.")]

_FILE_FORM = multipart_body(
    {
        "type": "string",
        "format": "binary",
        "description": "JSON or npz as SynRL writes them, or the JLD2 of the paper's authors.",
    },
    {"name": "How configurations name it. Empty: as in the file."},
)
_PRESENT: dict[int | str, dict[str, Any]] = {
    200: {"model": LibraryPolicy, "description": "This policy was here already, under this name."}
}


@router.get("/policies")
@requires(Role.VIEWER)
def list_policies(session: ReadSession) -> list[LibraryPolicy]:
    """Return the policies that ship, then those of the library, newest first; archived ones included."""
    return policies.listing(session)


@router.post("/policies", status_code=201, responses=_PRESENT)
@requires(Role.STUDENT)
def create_policy(body: PolicyCreate, session: WriteSession, response: Response) -> LibraryPolicy:
    """Store a policy that was written or edited. A name that is taken gets a number."""
    return _answer(response, making.create(session, body))


@router.post("/policies/derived", status_code=201, responses=_PRESENT)
@requires(Role.STUDENT)
def derive_policy(body: DerivedPolicy, session: WriteSession, response: Response) -> LibraryPolicy:
    """Cross two policies, mutate one, or freeze one, and store the child with its lineage."""
    return _answer(response, making.derive_policy(session, body))


@router.post("/policies/files", status_code=201, openapi_extra=_FILE_FORM, responses=_PRESENT)
@requires(Role.STUDENT, takes_files=True)
async def import_policy(
    request: Request, response: Response, store: StoreDependency, uploads: UploadsDependency
) -> LibraryPolicy:
    """Store the policy of a file: JSON, npz, or JLD2. A name that is taken gets a number."""
    folder = await to_thread.run_sync(uploads.begin)
    try:
        form = await receive(request, folder, uploads)
        if len(form.names) != 1:
            raise InvalidError.of("files", f"should be one file with a policy; {len(form.names)} were sent")

        def add_file() -> policies.Stored:
            file = folder / "0"
            policies.check_size(file.stat().st_size, form.names[0])
            with store.write() as session:
                return policies.import_file(session, file.read_bytes(), form.names[0], form.first("name"))

        return _answer(response, await to_thread.run_sync(add_file))
    finally:
        await to_thread.run_sync(uploads.drop, folder)


@router.get("/policies/{policy_id}")
@requires(Role.VIEWER)
def get_policy(
    policy_id: PolicyId,
    session: ReadSession,
    history: Annotated[
        int | None, Query(ge=1, le=3, description="Of a rule that ships, which is written for any.")
    ] = None,
) -> LibraryPolicyDetail:
    """Return a policy with its table, its lineage and the runs that use it."""
    return policies.get(session, policy_id, history)


@router.get("/policies/{policy_id}/races")
@requires(Role.VIEWER)
def list_races_of_policy(policy_id: PolicyId, session: ReadSession) -> list[PolicyRace]:
    """Return the races that a policy took part in, newest first, with its place, mean and interval in each."""
    return race_places.of_policy(session, policy_id)


@router.get("/policies/{policy_id}/file", response_class=Response)
@requires(Role.VIEWER)
def export_policy(
    policy_id: PolicyId,
    session: ReadSession,
    format: Annotated[Literal["json", "npz"], Query(description="json: readable; npz: NumPy's arrays.")] = "json",  # noqa: A002 (the query parameter's name)
) -> Response:
    """Return a policy as one file with its lineage, which another SynRL imports."""
    name, data = policies.export(session, policy_id, format)
    media = "application/json" if format == "json" else "application/octet-stream"
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    return Response(data, media_type=media, headers={"Content-Disposition": f'attachment; filename="{ascii_name}"'})


@router.patch("/policies/{policy_id}")
@requires(Role.STUDENT)
def update_policy(policy_id: PolicyId, body: PolicyUpdate, session: WriteSession) -> LibraryPolicy:
    """Change name, notes, tags, or whether a policy is archived. Its table never changes; its runs keep theirs."""
    return policies.update(session, policy_id, body)


@router.delete("/policies/{policy_id}", status_code=204)
@requires(Role.STUDENT)
def delete_policy(policy_id: PolicyId, session: WriteSession) -> None:
    """Delete a policy that no run uses."""
    policies.delete(session, policy_id)


@router.post("/runs/{run_id}/policy", status_code=201, responses=_PRESENT)
@requires(Role.STUDENT)
def store_learned_policy(
    run_id: RunId, body: LearnedPolicy, session: WriteSession, jobs: JobsDependency, response: Response
) -> LibraryPolicy:
    """Store the table that an adaptive run learned, or that a run of a bundle brought along, in the library."""
    return _answer(response, learned.store(session, jobs.artifacts, run_id, body))


def _answer(response: Response, stored: policies.Stored) -> LibraryPolicy:
    response.status_code = 201 if stored.is_new else 200
    response.headers["Location"] = f"/api/v1/policies/{stored.policy.id}"
    return stored.policy
