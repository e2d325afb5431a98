"""Data sets: list, save, rename and delete built-in and stored ones; previews.py shows their samples."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from backend.datasets import queries as repository
from backend.datasets.schemas import DatasetClass, DatasetRead
from backend.db.store import Store
from backend.db.tables import Run, StoredDataset
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.kit.text import single_spaced
from backend.wire.artifacts import Artifacts, dataset_path
from synrl_core import datasets
from synrl_core.datasets import DatasetInfo, RawDataset
from synrl_core.datasets import store as files
from synrl_core.datasets.base import group_of
from synrl_core.datasets.built_in_previews import shipped_preview

log = logging.getLogger(__name__)

#: Characters of a data set's id: enough that two never share one.
_ID_LENGTH = 12
_NAME_LENGTH = 200
#: Runs that a refusal names.
_RUNS_NAMED = 5


class SaveResult(NamedTuple):
    """The saved data set, and whether it was new."""

    dataset: DatasetRead
    is_new: bool


def listing(session: Session) -> list[DatasetRead]:
    """Return the data sets that ship, then the stored ones, newest first."""
    return [*built_in(), *(read(one) for one in repository.newest(session))]


def built_in() -> list[DatasetRead]:
    """Return the data sets that ship."""
    return [_read_built_in(info) for info in datasets.infos()]


def get(session: Session, dataset_id: str) -> DatasetRead:
    """Return a data set.

    Raises
    ------
    NotFoundError
        When there is none of this id.
    """
    shipped = next((info for info in datasets.infos() if info.name == dataset_id), None)
    return read(_find(session, dataset_id)) if shipped is None else _read_built_in(shipped)


def save(
    store: Store, artifacts: Artifacts, raw: RawDataset, *, name: str, sources: Sequence[str],
    class_names: Sequence[str] | None = None,
) -> SaveResult:  # fmt: skip
    """Store a data set. The same content is stored once: a second time returns the stored one, under its name.

    Raises
    ------
    InvalidError
        When the class names don't fit the classes.
    """
    names = _checked_names(class_names, len(raw.class_names)) if class_names else raw.class_names
    path = dataset_path(raw.content_hash)
    while True:
        # Before the transaction: a gigabyte takes seconds to write, and others want to write to the database.
        if not artifacts.exists(path):
            with artifacts.writing(path) as file:
                files.write(raw, file, _info(raw))
        with store.write() as session:
            kept = repository.find(session, raw.content_hash[:_ID_LENGTH])
            if kept is not None:
                return SaveResult(read(kept), is_new=False)
            if not artifacts.exists(path):
                continue  # deleted by somebody since we looked
            row = _row(raw, tidy(name) or "Data set", sources, names, artifacts.size(path))
            repository.add(session, row)
            return SaveResult(read(row), is_new=True)


def rename(session: Session, dataset_id: str, name: str | None, class_names: Sequence[str] | None) -> DatasetRead:
    """Rename a data set or its classes. The data, their hash and their runs stay as they are.

    Raises
    ------
    ConflictError
        When the data set ships with SynRL.
    """
    row = _find_own(session, dataset_id)
    if class_names is not None:
        names = _checked_names(class_names, len(row.classes))
        row.classes = [one | {"name": new} for one, new in zip(row.classes, names, strict=True)]
    if name is not None:
        row.name = tidy(name) or row.name
    return read(row)


def delete(session: Session, artifacts: Artifacts, dataset_id: str) -> None:
    """Delete a data set that no run uses.

    Raises
    ------
    ConflictError
        When runs use it, with their list; or when it ships with SynRL.
    """
    row = _find_own(session, dataset_id)
    runs, total = repository.runs_on(session, dataset_id, _RUNS_NAMED)
    if total:
        named = ", ".join(f"'{run.name}' ({run.id})" for run in runs) + (" ..." if total > len(runs) else "")
        raise ConflictError(
            f"'{row.name}' is used by {total} run{'s' if total > 1 else ''}: {named}. "
            f"Delete {'them' if total > 1 else 'it'} first; without the data a run can't be repeated.{_trashed(runs)}",
            errors=[{"field": "runs", "message": run.name, "value": run.id} for run in runs],
        )
    repository.remove(session, dataset_id)
    # Inside the transaction: a concurrent save of the same data waits, and finds that the file is gone.
    artifacts.delete(dataset_path(row.content_hash))


def _trashed(runs: Sequence[Run]) -> str:
    """Describe how to remove runs that were deleted and can still be restored."""
    if all(run.deleted_at is None for run in runs):
        return ""
    return (
        " Deleted runs lie in the trash for a while, from which they can be restored; "
        "DELETE /api/v1/runs/<id>?purge=true empties it at once."
    )


def find_stored(session: Session, name: str) -> DatasetRead | None:
    """Return the stored data set that a configuration names, if it is not a built-in one."""
    row = repository.find(session, name)
    return None if row is None else read(row)


def read(row: StoredDataset) -> DatasetRead:
    """Return a stored data set as the API and the pages show it."""
    return DatasetRead(
        id=row.id,
        name=row.name,
        group=group_of(row.sample_shape),
        built_in=False,
        description=f"From {', '.join(row.files)}.",
        licence=None,
        source="brought by a user of this server",
        citation=None,
        samples=row.samples,
        sample_shape=row.sample_shape,
        classes=[DatasetClass(**one) for one in row.classes],
        scaling=row.scaling,
        remarks=row.remarks,
        content_hash=row.content_hash,
        files=row.files,
        bytes=row.bytes,
        owner=row.owner,
        created_at=row.created_at,
    )


def split_names(text: str) -> list[str]:
    """Read class names as people type them: separated by commas, or a letter each: "ABCDEFGHIJ"."""
    return [part.strip() for part in text.split(",")] if "," in text else list(text.strip())


def tidy(name: str) -> str:
    """Return a name on one printable line of at most 200 characters, spelled as it was given."""
    joined = single_spaced(name[: 10 * _NAME_LENGTH])
    return joined if len(joined) <= _NAME_LENGTH else f"{joined[: _NAME_LENGTH - 1]}…"


def name_from_files(sources: Sequence[str]) -> str:
    """Derive the name of a data set from the names of its files."""
    stem = sources[0].replace("\\", "/").rsplit("/", 1)[-1]
    for ending in (".gz", ".csv", ".npz", ".zip"):
        stem = stem[: -len(ending)] if stem.lower().endswith(ending) and len(stem) > len(ending) else stem
    return tidy(stem) or "Data set"


def _row(raw: RawDataset, name: str, sources: Sequence[str], class_names: Sequence[str], size: int) -> StoredDataset:
    counts = np.bincount(raw.labels, minlength=len(class_names))
    return StoredDataset(
        id=raw.content_hash[:_ID_LENGTH],
        content_hash=raw.content_hash,
        name=name,
        samples=len(raw.labels),
        sample_shape=list(raw.sample_shape),
        classes=[{"name": one, "samples": int(count)} for one, count in zip(class_names, counts, strict=True)],
        files=[tidy(source) for source in sources],
        scaling=raw.scaling.description,
        remarks=list(raw.remarks),
        bytes=size,
        created_at=datetime.now(UTC),
    )


def _info(raw: RawDataset) -> DatasetInfo:
    """Return the metadata in the stored file, by which errors of training name it."""
    return DatasetInfo(
        name=raw.content_hash[:_ID_LENGTH],
        title="Uploaded data set",
        description="",
        licence="as its owner says",
        source="uploaded",
        group=group_of(raw.sample_shape),
    )


def _read_built_in(info: DatasetInfo) -> DatasetRead:
    seen = shipped_preview(info.name)
    return DatasetRead(
        id=info.name,
        name=info.title,
        group=info.group,
        built_in=True,
        description=info.description,
        licence=info.licence,
        source=info.source,
        citation=info.citation or None,
        samples=seen.samples,
        sample_shape=list(seen.sample_shape),
        classes=[DatasetClass(name=one.name, samples=one.samples) for one in seen.classes],
        scaling=None,
        remarks=[],
        content_hash=None,
        files=[],
        bytes=None,
        owner=None,
        created_at=None,
    )


def _checked_names(names: Sequence[str], classes: int) -> list[str]:
    tidied = [tidy(name) for name in names]
    if len(tidied) != classes or len(set(tidied)) != len(tidied) or not all(tidied):
        message = f"should be {classes} different names, one a class, in the classes' order; {len(tidied)} were given"
        raise InvalidError.of("class_names", message, limit={"allowed": classes})
    return tidied


def _find(session: Session, dataset_id: str) -> StoredDataset:
    row = repository.find(session, dataset_id)
    if row is None:
        raise NotFoundError(f"There is no data set '{dataset_id[:64]}'. It may have been deleted.")
    return row


def _find_own(session: Session, dataset_id: str) -> StoredDataset:
    if dataset_id in datasets.names():
        raise ConflictError(f"'{dataset_id}' ships with SynRL and can't be changed or deleted.")
    return _find(session, dataset_id)
