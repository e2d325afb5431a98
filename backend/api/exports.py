"""/runs/{id}/export and /bundles: export and import of runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import IO, Annotated, Literal, cast

from anyio import to_thread
from fastapi import Depends, Query, Request
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse, Response, StreamingResponse

from backend.api.dependencies import PRINTABLE, JobsDependency, RunId, StoreDependency
from backend.api.description import multipart_body
from backend.api.multipart import receive
from backend.api.routing import router_under
from backend.datasets.uploads import Uploads
from backend.exchange import bundles, exports
from backend.exchange.bundle_schemas import BundleImported
from backend.kit.access import requires
from backend.kit.errors import InvalidError
from backend.kit.identity import Role
from backend.kit.text import comma_separated
from backend.runs import service as runs

router = router_under(tags=["exports"])

_BLOCK = 2**18


def _uploads(connection: HTTPConnection) -> Uploads:
    return cast("Uploads", connection.app.state.uploads)


UploadsDependency = Annotated[Uploads, Depends(_uploads)]


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@router.get("/runs/{run_id}/export", response_class=Response)
@requires(Role.VIEWER)
def export_run(
    run_id: RunId,
    store: StoreDependency,
    format: Annotated[  # noqa: A002 (the query parameter's name)
        Literal["csv", "json", "npz"],
        Query(description="csv: a row for each evaluation; json: the run, curves and actions; npz: the exact arrays."),
    ] = "csv",
) -> Response:
    """Return all measurements of a run: every evaluation of every replicate."""
    with store.read() as session:
        runs.get(session, run_id)
        headers = _attachment(f"synrl-{run_id}.{format}")
        if format == "json":
            return JSONResponse(exports.as_json(session, run_id), headers=headers)
        if format == "npz":
            data = exports.as_npz(session, run_id)
            return Response(data, media_type="application/octet-stream", headers=headers)
    return StreamingResponse(exports.as_csv(store, run_id), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/bundles", response_class=Response)
@requires(Role.VIEWER)
def export_bundle(
    store: StoreDependency,
    jobs: JobsDependency,
    runs: Annotated[
        str, Query(pattern=PRINTABLE, max_length=20_000, description="Ids of the runs, separated by commas.")
    ],
) -> Response:
    """Return runs as a zip that another SynRL imports: settings, curves, weights; data sets by their hash."""
    file = bundles.pack(store, jobs.artifacts, comma_separated(runs))
    name = f"synrl-{datetime.now(UTC):%Y%m%dT%H%M%S}.zip"
    return StreamingResponse(_sent(file), media_type="application/zip", headers=_attachment(name))


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with closing(file):
        yield from iter(lambda: file.read(_BLOCK), b"")


_FORM = multipart_body({"type": "string", "format": "binary", "description": "A bundle."})


@router.post("/bundles", status_code=201, openapi_extra=_FORM)
@requires(Role.STUDENT, takes_files=True)
async def import_bundle(
    request: Request, store: StoreDependency, jobs: JobsDependency, uploads: UploadsDependency
) -> BundleImported:
    """Import the runs of a bundle, all or none. An id that a run here has already is replaced by a new one.

    Imported runs have the tag `imported`, and their provenance tells where they come from.
    """
    folder = await to_thread.run_sync(uploads.begin)
    try:
        form = await receive(request, folder, uploads)
        if len(form.names) != 1:
            message = f"should be one bundle; {len(form.names)} files were sent"
            raise InvalidError.of("files", message)
        return await to_thread.run_sync(
            bundles.import_bundle, store, jobs.artifacts, folder / "0", form.names[0], uploads.max_bytes
        )
    finally:
        await to_thread.run_sync(uploads.drop, folder)
