"""Cache of stored data sets in a worker: by content hash, from the artifacts, on its own disk and in memory."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import platformdirs

from backend.wire.artifacts import Artifacts, dataset_path
from synrl_core.datasets import Dataset, DatasetError, DatasetInfo, RawDataset, store

log = logging.getLogger(__name__)

#: Bytes of the copies on a worker's disk: those not used for longest make room for a new one.
CACHE_BYTES = 8 * 2**30
#: Environment variable with a folder for copies: then even files of this machine are copied, since it may only seem so.
CACHE_VARIABLE = "SYNRL_CACHE_DIR"


def load(content_hash: str, artifacts: Artifacts) -> Dataset:
    """Load a stored data set, ready to train; the last one stays in memory.

    Raises
    ------
    NotFoundError
        When it is no longer stored.
    DatasetError
        When what is stored is damaged.
    """
    if content_hash not in _recent:
        dataset = (
            _read_local(content_hash, artifacts) if _is_local(artifacts) else _read_cached(content_hash, artifacts)
        )
        # One, not several: it may be a gigabyte, and a worker's next run is most often on the same data.
        _recent.clear()
        _recent[content_hash] = dataset
    return _recent[content_hash]


def _is_local(artifacts: Artifacts) -> bool:
    """Return whether a copy gains nothing: the files lie on this machine's own disk."""
    return artifacts.is_local and CACHE_VARIABLE not in os.environ


_recent: dict[str, Dataset] = {}


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Return this user's folder for copies; a temporary one without a writable home."""
    given = [Path(os.environ[CACHE_VARIABLE])] if CACHE_VARIABLE in os.environ else []
    for folder in (*given, platformdirs.user_cache_path("synrl", appauthor=False), Path(tempfile.gettempdir())):
        own = folder / f"datasets-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
        try:
            own.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(own, os.W_OK):
            return own
    return Path(tempfile.mkdtemp(prefix="synrl-datasets-"))


def _read_local(content_hash: str, artifacts: Artifacts) -> Dataset:
    with artifacts.reading(dataset_path(content_hash)) as file:
        return _checked(content_hash, *store.read(file))


def _read_cached(content_hash: str, artifacts: Artifacts) -> Dataset:
    path = store.path_of(content_hash, cache_folder())
    if path.exists():
        try:
            with path.open("rb") as file:
                dataset = _checked(content_hash, *store.read(file))
            path.touch()
        except DatasetError:
            log.warning("the cached copy %s is damaged; fetching it again", path)
            path.unlink(missing_ok=True)
        else:
            return dataset
    _fetch(content_hash, artifacts, path)
    with path.open("rb") as file:
        return _checked(content_hash, *store.read(file))


def _fetch(content_hash: str, artifacts: Artifacts, path: Path) -> None:
    """Copy a data set here; whole or not at all, also when several workers of one machine fetch it at once."""
    with artifacts.reading(dataset_path(content_hash)) as source:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".fetching-")
        try:
            with os.fdopen(handle, "wb") as file:
                shutil.copyfileobj(source, file, 2**20)
            _make_room(path.parent, Path(temporary).stat().st_size)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _make_room(folder: Path, needed: int) -> None:
    copies = sorted(((path.stat().st_mtime, path) for path in folder.glob("*.npz")), reverse=True)
    kept = needed
    for _, path in copies:
        kept += path.stat().st_size
        if kept > CACHE_BYTES:
            path.unlink(missing_ok=True)


def _checked(content_hash: str, raw: RawDataset, info: DatasetInfo) -> Dataset:
    dataset = raw.dataset(info)
    store.check(content_hash, dataset.content_hash)
    return dataset
