"""/datasets: built-in and stored data sets, and uploads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from anyio import to_thread
from fastapi import Depends, Path, Request, Response
from fastapi.requests import HTTPConnection

from backend.api.dependencies import JobsDependency, ReadSession, StoreDependency, WriteSession
from backend.api.description import multipart_body
from backend.api.multipart import Form, receive
from backend.api.routing import router_under
from backend.datasets import previews
from backend.datasets import service as datasets
from backend.datasets.reading import FIELDS, choices_of, offered
from backend.datasets.schemas import DatasetDetail, DatasetRead, DatasetUpdate, UploadPreview
from backend.datasets.uploads import Upload, Uploads
from backend.kit.access import requires
from backend.kit.errors import InvalidError
from backend.kit.identity import Role
from synrl_core.datasets import Choices

router = router_under("/datasets", tags=["datasets"])

DatasetId = Annotated[str, Path(min_length=1, max_length=200, description="Name of a data set that ships, or the id.")]


def _uploads(connection: HTTPConnection) -> Uploads:
    return cast("Uploads", connection.app.state.uploads)


UploadsDependency = Annotated[Uploads, Depends(_uploads)]


def _form(**more: str) -> dict[str, Any]:
    """Describe the body of an upload for OpenAPI."""
    files = {
        "type": "array",
        "items": {"type": "string", "format": "binary"},
        "maxItems": 2,
        "description": "One file, or the two of an IDX pair: IDX (.gz), NPZ, CSV, or a zip of folders of pictures.",
    }
    return multipart_body(files, {"upload": "Instead of files: the `upload` that a preview returned."} | FIELDS | more)


@router.get("")
@requires(Role.VIEWER)
def list_datasets(session: ReadSession) -> list[DatasetRead]:
    """Return the data sets that ship, then those that people brought, newest first."""
    return datasets.listing(session)


@router.post("/preview", openapi_extra=_form())
@requires(Role.STUDENT, takes_files=True)
async def preview_upload(request: Request, uploads: UploadsDependency) -> UploadPreview:
    """Preview files before they are saved. The answer's `upload` saves them without a second transfer, for an hour.

    `choices` says how they were read; send `upload` with other values to look again, and the same values to save.
    """
    async with _received(request, uploads) as (form, upload):
        return await to_thread.run_sync(_preview, uploads, upload, choices_of(form.fields))


@router.delete("/uploads/{token}", status_code=204)
@requires(Role.STUDENT)
def drop_upload(token: str, uploads: UploadsDependency) -> None:
    """Discard previewed files that are not going to be saved."""
    uploads.drop(uploads.find(token).folder)


@router.post(
    "",
    status_code=201,
    openapi_extra=_form(
        name="How people call it. Empty: the file's name.",
        class_names="Names of the classes in their order: 'A,B,C', or the field several times.",
    ),
    responses={200: {"model": DatasetRead, "description": "This content was here already; it is returned as it is."}},
)
@requires(Role.STUDENT, takes_files=True)
async def save_dataset(
    request: Request,
    response: Response,
    uploads: UploadsDependency,
    store: StoreDependency,
    jobs: JobsDependency,
) -> DatasetRead:
    """Save a data set. The same content is stored once."""

    def save(form: Form, upload: Upload) -> datasets.SaveResult:
        raw = uploads.read(upload, choices_of(form.fields))
        name = form.first("name") or datasets.name_from_files(upload.names)
        names = form.fields.get("class_names", [])
        class_names = datasets.split_names(names[0]) if len(names) == 1 else names
        return datasets.save(store, jobs.artifacts, raw, name=name, sources=upload.names, class_names=class_names)

    async with _received(request, uploads) as (form, upload):
        saved = await to_thread.run_sync(save, form, upload)
    uploads.drop(upload.folder)
    response.status_code = 201 if saved.is_new else 200
    response.headers["Location"] = f"/api/v1/datasets/{saved.dataset.id}"
    return saved.dataset


@router.get("/{dataset_id}")
@requires(Role.VIEWER)
def get_dataset(dataset_id: DatasetId, session: ReadSession, jobs: JobsDependency) -> DatasetDetail:
    """Return a data set with some of its samples."""
    found = datasets.get(session, dataset_id)
    return DatasetDetail(**found.model_dump(), preview=previews.read_preview(jobs.artifacts, found))


@router.patch("/{dataset_id}")
@requires(Role.STUDENT)
def update_dataset(dataset_id: DatasetId, body: DatasetUpdate, session: WriteSession) -> DatasetRead:
    """Rename a data set or its classes; the data and their runs stay as they are."""
    return datasets.rename(session, dataset_id, body.name, body.class_names)


@router.delete("/{dataset_id}", status_code=204)
@requires(Role.STUDENT)
def delete_dataset(dataset_id: DatasetId, session: WriteSession, jobs: JobsDependency) -> None:
    """Delete a data set that no run uses."""
    datasets.delete(session, jobs.artifacts, dataset_id)


@asynccontextmanager
async def _received(request: Request, uploads: Uploads) -> AsyncIterator[tuple[Form, Upload]]:
    """Receive a form. Files that came with it are removed when the block fails; those of an earlier preview stay."""
    folder = await to_thread.run_sync(uploads.begin)
    try:
        form = await receive(request, folder, uploads)
        token = form.first("upload")
        if form.names:
            yield form, uploads.complete(folder, form.names)
            return
        if token is None:
            message = "should be one file, or the two of an IDX pair"
            raise InvalidError.of("files", message)
        uploads.drop(folder)
        yield form, uploads.find(token)
    except BaseException:
        uploads.drop(folder)
        raise


def _preview(uploads: Uploads, upload: Upload, choices: Choices) -> UploadPreview:
    reading = uploads.preview(upload, choices)
    made = asdict(reading.choices) | (dict(reading.raw.reading) if reading.raw is not None else {})
    asked = reading.problem.choice if reading.problem is not None else None
    return UploadPreview(
        upload=upload.token,
        expires_at=datetime.fromtimestamp(upload.expires_at, UTC),
        files=[datasets.tidy(name) for name in upload.names],
        name=datasets.name_from_files(upload.names),
        columns=list(reading.columns),
        label_column=reading.choices.label_column,
        ignored_columns=list(choices.ignored_columns),
        choices=offered(
            {name: value for name, value in made.items() if value is not None},
            choices, is_table=reading.is_table, asked=asked,
        ),
        preview=None if reading.raw is None else previews.make_preview(reading.raw),
        problem=None if reading.problem is None else reading.problem.detail,
    )  # fmt: skip
