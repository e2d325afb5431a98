"""Bundles: export runs for another SynRL, and import them.

`backend.exchange.bundle_file` tells what is in one. Data sets are named by hash and stay where they are.

What comes in is checked whole before anything is written: the archive, the manifest, each file against it, each
configuration, each array's type and shape. Then files are written, then all rows in one transaction. A server that
is killed in between leaves files that no run names, which housekeeping removes at the next start.
"""

from __future__ import annotations

import tempfile
import threading
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from backend.datasets import service as stored_datasets
from backend.db.store import Change, ChangeKind, Store, announce
from backend.db.tables import Run, Snapshot
from backend.exchange import bundle_file as bundles
from backend.exchange.bundle_schemas import (
    FORMAT,
    MOST_RUNS,
    VERSION,
    BundledDataset,
    BundledRun,
    BundleImported,
    ImportedRun,
    Manifest,
)
from backend.kit.errors import ConflictError, InvalidError
from backend.kit.fields import DEFAULT_OWNER
from backend.kit.status import RunStatus
from backend.runs import queries as repository
from backend.runs import service as runs
from backend.runs.curves import points
from backend.runs.curves import service as curves
from backend.runs.grouping import group_key
from backend.wire.arrays import to_npz
from backend.wire.artifacts import Artifacts, snapshot_path
from synrl_core import datasets

#: What imported runs are marked with, beside what their provenance tells.
IMPORTED_TAG = "imported"

#: One at a time: a bundle may hold a gigabyte, and thirty at once must not take thirty.
_reading = threading.Lock()


# -- packing


def pack(store: Store, artifacts: Artifacts, ids: Sequence[str]) -> IO[bytes]:
    """Return a temporary file that holds the bundle, at its start; it is gone when closed.

    Raises
    ------
    NotFoundError
        When a run is not there.
    InvalidError
        When no run is named, or more than `MOST_RUNS`.
    """
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= MOST_RUNS:
        message = f"{len(wanted)} runs are named; a bundle holds 1 to {MOST_RUNS}"
        raise InvalidError.of("runs", message)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        with store.read() as session, zipfile.ZipFile(file, "w") as archive:
            _pack_into(bundles.Packer(archive), session, artifacts, wanted)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _pack_into(packer: bundles.Packer, session: Session, artifacts: Artifacts, ids: Sequence[str]) -> None:
    used: dict[str, BundledDataset] = {}
    for run_id in ids:
        row = runs.find(session, run_id)
        run = BundledRun.model_validate(
            {name: getattr(row, name) for name in BundledRun.model_fields}, from_attributes=True
        )
        built_in = run.config.dataset in datasets.names()
        used.setdefault(
            f"{run.config.dataset} {run.dataset_hash}",
            BundledDataset(
                id=run.config.dataset, name=run.dataset_name, built_in=built_in, content_hash=run.dataset_hash
            ),
        )
        packer.add(f"runs/{run_id}/{bundles.RUN}", run.model_dump_json(indent=1).encode())
        packer.add(f"runs/{run_id}/{bundles.CURVE}", to_npz(curves.points(session, run_id)), packed=True)
        for snapshot in repository.snapshots(session, run_id):
            path = f"runs/{run_id}/snapshots/{snapshot.iteration:012d}.npz"
            packer.add(path, artifacts.read(snapshot.path), packed=True)
    manifest = Manifest(
        format=FORMAT,
        version=VERSION,
        synrl=version("synrl"),
        created_at=datetime.now(UTC),
        runs=list(ids),
        datasets=list(used.values()),
        files=dict(packer.files),
    )
    packer.add(bundles.MANIFEST, manifest.model_dump_json(indent=1).encode())


# -- taking in


def import_bundle(store: Store, artifacts: Artifacts, path: Path, name: str, max_bytes: int) -> BundleImported:
    """Import the runs of a bundle, all or none.

    Parameters
    ----------
    path
        The file.
    name
        What its owner calls it.
    max_bytes
        Size of the largest file that is taken.

    Raises
    ------
    BundleError
        Naming the place in the bundle, what was found and what was expected.
    """
    with _reading, bundles.opened_bundle(path, name, max_bytes) as bundle:
        manifest, checked = bundle.check()
        with store.read() as session:
            new_ids = {one.run.id: _free_id(session, one.run.id) for one in checked}
            missing = [one for one in manifest.datasets if not _is_here(session, one)]
        written: list[str] = []
        try:
            files = list(_files(bundle, checked, new_ids))
            for target, member in files:
                written.append(target)
                artifacts.write(target, bundle.read(member))
            with store.write() as session:
                for one in checked:
                    _store(session, bundle, one, new_ids[one.run.id], manifest)
        except BaseException:
            for target in written:
                artifacts.delete(target)
            raise
        # Housekeeping of a server that has just started may have taken a file for one that nothing names.
        for target, member in files:
            if not artifacts.exists(target):
                artifacts.write(target, bundle.read(member))
    return BundleImported(
        runs=[ImportedRun(id=new_ids[one.run.id], original_id=one.run.id, name=one.run.name) for one in checked],
        missing_datasets=missing,
    )


def _free_id(session: Session, wanted: str) -> str:
    """Return the id of an imported run, or a new one if a run here has it, be it in the trash."""
    return runs.new_id() if repository.id_exists(session, wanted) else wanted


def _is_here(session: Session, dataset: BundledDataset) -> bool:
    if dataset.id in datasets.names():
        return True
    found = stored_datasets.find_stored(session, dataset.id)
    return found is not None and dataset.content_hash in (None, found.content_hash)


def _files(
    bundle: bundles.Bundle, checked: Sequence[bundles.CheckedRun], new_ids: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the target path of each snapshot and its member of the archive."""
    for one in checked:
        for iteration in one.snapshots:
            yield snapshot_path(new_ids[one.run.id], 0, iteration), bundle.snapshot(one.run.id, iteration)


def _store(session: Session, bundle: bundles.Bundle, one: bundles.CheckedRun, new_id: str, manifest: Manifest) -> None:
    if repository.id_exists(session, new_id):
        raise ConflictError(f"Run {new_id} came in by another way meanwhile. Import the bundle again.")
    repository.add(session, _row(one.run, new_id, manifest, bundle.sha256))
    measured = bundle.curve(one.run)
    if len(measured["iteration"]):
        points.append(session, new_id, measured)
    for iteration in one.snapshots:
        path, size = snapshot_path(new_id, 0, iteration), bundle.size(bundle.snapshot(one.run.id, iteration))
        repository.add_snapshot(session, Snapshot(run_id=new_id, iteration=iteration, path=path, bytes=size))
    announce(session, Change(ChangeKind.UPDATED, new_id))


def _row(run: BundledRun, new_id: str, manifest: Manifest, bundle_hash: str) -> Run:
    config = run.config.model_dump(mode="json")
    kept = run.model_dump(exclude={"id", "owner", "config", "status", "tags", "provenance"})
    origin = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "id": run.id,
        "owner": run.owner,
        "synrl": manifest.synrl,
        "bundle_sha256": bundle_hash,
    }
    return Run(
        id=new_id,
        owner=DEFAULT_OWNER,
        config=config,
        group_key=group_key(config, run.policies),
        # What still trained there stands here where it stood.
        status=run.status if run.status.is_final else RunStatus.STOPPED,
        tags=[*(tag for tag in run.tags if tag != IMPORTED_TAG), IMPORTED_TAG],
        provenance={**(run.provenance or {}), "imported": origin},
        **kept,
    )
