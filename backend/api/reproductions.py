"""/reproductions: the paper's experiments as runs of one sweep, with their table and the verdicts."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import Path, Query, Request, Response

from backend.api.datasets import UploadsDependency
from backend.api.dependencies import IdempotencyKey, ReadSession, SettingsDependency, StoreDependency
from backend.api.description import multipart_body
from backend.api.multipart import receive
from backend.api.routing import router_under
from backend.kit.access import requires
from backend.kit.errors import InvalidError
from backend.kit.identity import Role
from backend.policy_library import service as policies
from backend.policy_library.schemas import LibraryPolicy
from backend.reproduction import curves, preparation, reading, report, service, tables
from backend.reproduction.schemas import (
    FigureRead,
    Preparation,
    ReproductionCreate,
    ReproductionRead,
    ReproductionSummary,
)

router = router_under("/reproductions", tags=["reproductions"])

ReproductionId = Annotated[
    str, Path(min_length=1, max_length=64, description="Id of a reproduction, as its creation returned it.")
]

_FILE_FORM = multipart_body(
    {"type": "string", "format": "binary", "description": f"The authors' file, {tables.AUTHORS_FILE}."}
)
_CONTINUED: dict[int | str, dict[str, Any]] = {
    200: {"model": ReproductionRead, "description": "The same was asked for before: it goes on."}
}


@router.get("/preparation")
@requires(Role.VIEWER)
def prepare_reproduction(
    session: ReadSession,
    settings: SettingsDependency,
    dataset: Annotated[
        str | None,
        Query(max_length=200, description="Id of the letters. Empty: notMNIST if it is here, else glyphs."),
    ] = None,
) -> Preparation:
    """Return what a reproduction would use, what it does instead of what is missing, and what each scale costs."""
    return preparation.prepare(session, settings.workers, dataset or None)


@router.post("/table", status_code=201, openapi_extra=_FILE_FORM)
@requires(Role.STUDENT, takes_files=True)
async def bring_authors_table(request: Request, store: StoreDependency, uploads: UploadsDependency) -> LibraryPolicy:
    """Store the authors' table in the library from their file. Any other file is refused, saying what it is."""
    folder = await to_thread.run_sync(uploads.begin)
    try:
        form = await receive(request, folder, uploads)
        if len(form.names) != 1:
            raise InvalidError.of("files", f"should be one file with a table; {len(form.names)} were sent")

        def add_file() -> LibraryPolicy:
            file = folder / "0"
            policies.check_size(file.stat().st_size, form.names[0])
            with store.write() as session:
                return tables.bring(session, file.read_bytes(), form.names[0])

        return await to_thread.run_sync(add_file)
    finally:
        await to_thread.run_sync(uploads.drop, folder)


@router.post("", status_code=201, responses=_CONTINUED)
@requires(Role.STUDENT)
def start_reproduction(
    body: ReproductionCreate,
    store: StoreDependency,
    settings: SettingsDependency,
    response: Response,
    key: IdempotencyKey = None,
) -> ReproductionRead:
    """Queue the paper's experiments, or go on with those that were asked for before; `again` says which.

    They are ordinary runs of a sweep with the reproduction's id: POST /sweeps/{id}/pause, resume and stop control them.
    """
    with store.read() as session:
        needs_learning = preparation.needs_learning(session, body)
    # Between two sessions: it computes for seconds, and others want to write.
    learned = tables.learn() if needs_learning else None
    with store.write() as session:
        begun = service.start(session, body, max_runs=settings.max_sweep_runs, learned=learned, key=key)
    response.status_code = 201 if begun.is_new else 200
    response.headers["Location"] = f"/api/v1/reproductions/{begun.id}"
    with store.read() as session:
        return reading.get(session, begun.id, settings.workers)


@router.post("/{reproduction_id}/continue")
@requires(Role.STUDENT)
def continue_reproduction(
    reproduction_id: ReproductionId, store: StoreDependency, settings: SettingsDependency
) -> ReproductionRead:
    """Queue the runs of a reproduction that were stopped, paused, deleted or lost; those with a result stay."""
    with store.write() as session:
        service.go_on(session, reproduction_id, max_runs=settings.max_sweep_runs)
    with store.read() as session:
        return reading.get(session, reproduction_id, settings.workers)


@router.get("")
@requires(Role.VIEWER)
def list_reproductions(session: ReadSession) -> list[ReproductionSummary]:
    """Return all reproductions, newest first."""
    return reading.listing(session)


@router.get("/{reproduction_id}")
@requires(Role.VIEWER)
def get_reproduction(
    reproduction_id: ReproductionId, session: ReadSession, settings: SettingsDependency
) -> ReproductionRead:
    """Return a reproduction: accuracies with their intervals, differences to gradient descent, and the verdicts."""
    return reading.get(session, reproduction_id, settings.workers)


@router.get("/{reproduction_id}/figures")
@requires(Role.VIEWER)
def draw_figures(reproduction_id: ReproductionId, session: ReadSession) -> list[FigureRead]:
    """Return the curves of the networks on the letters, drawn as SVG: means over trials, with bands of deviation."""
    return curves.figures(session, reproduction_id)


@router.get("/{reproduction_id}/report", response_class=Response)
@requires(Role.VIEWER)
def export_report(
    reproduction_id: ReproductionId,
    session: ReadSession,
    settings: SettingsDependency,
    format: Annotated[  # noqa: A002 (the query parameter's name)
        report.Format,
        Query(description="html: one file that loads nothing; csv: a row for each trial; tex and md: tables."),
    ] = "html",
) -> Response:
    """Return the report, with versions, seeds, the data's hash, machine and time."""
    written = report.write(session, reproduction_id, format, settings.workers)
    headers = {"Content-Disposition": f'attachment; filename="synrl-paper-{reproduction_id}.{format}"'}
    return Response(written, media_type=f"{report.MEDIA_TYPES[format]}; charset=utf-8", headers=headers)
