"""Store data sets on disk under the hash of their content: one file each, written once.

A file is an uncompressed NPZ (bytes stay bytes, arrays can be read without unpacking, nothing is pickled):
``values``, ``labels``, ``offset``, ``divisor``, ``targets`` if there are any, and ``about.json`` with the names.
Version 2 says whether columns are standardised by the samples that train; version 1 has the scaling of all rows, which
stays what it is: same features, same hash.
`write` and `read` work on any binary stream, so that a file can go through a remote location; `save` and `load` work on
a folder. What is read is compared with the hash that it was asked for under.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from synrl_core.datasets.base import Dataset, DatasetInfo, group_of
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.raw import RawDataset
from synrl_core.datasets.readers.archive import DAMAGE
from synrl_core.datasets.scaling import Scaling

_VERSION = 2
_VERSIONS = (1, 2)
_EPOCH = (1980, 1, 1, 0, 0, 0)


class NotStoredError(LookupError):
    """There is no data set of this hash in the folder."""

    def __init__(self, content_hash: str) -> None:
        self.content_hash = content_hash
        super().__init__(f"no data set {quoted(content_hash, 70)} is stored here. Bring its file again.")

    def __reduce__(self) -> tuple[type[NotStoredError], tuple[str]]:
        return type(self), (self.content_hash,)


def save(data: RawDataset | Dataset, folder: Path, info: DatasetInfo | None = None) -> str:
    """Store a data set and return its content hash; what is stored already is left alone.

    The file appears whole or not at all, also when the process dies or another saves the same.

    Parameters
    ----------
    info
        What to say of it when it is loaded. Not part of the hash.
    """
    raw, info = (data, info) if isinstance(data, RawDataset) else (RawDataset.of(data), info or data.info)
    path = path_of(raw.content_hash, folder)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".writing-", suffix=".npz")
        try:
            with os.fdopen(handle, "wb") as file:
                write(raw, file, info)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return raw.content_hash


def load(content_hash: str, folder: Path, info: DatasetInfo | None = None) -> Dataset:
    """Load a stored data set, scaled and ready to train.

    Parameters
    ----------
    info
        Remarks on it, instead of those that were stored with it.

    Raises
    ------
    NotStoredError
        When the folder has none of this hash.
    DatasetError
        When the file is damaged.
    """
    path = path_of(content_hash, folder)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise NotStoredError(content_hash) from None
    with file:
        raw, stored = read(file)
    dataset = raw.dataset(info or stored)
    check(content_hash, dataset.content_hash)
    return dataset


def load_raw(content_hash: str, folder: Path) -> RawDataset:
    """Load a stored data set unscaled, for display: see `load` for the errors. The hash is not compared."""
    try:
        with path_of(content_hash, folder).open("rb") as file:
            return read(file)[0]
    except FileNotFoundError:
        raise NotStoredError(content_hash) from None


def path_of(content_hash: str, folder: Path) -> Path:
    """Return the path of the data set with this hash, stored or not.

    Raises
    ------
    NotStoredError
        When this is no hash, so that nothing outside the folder can be named.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", content_hash):
        raise NotStoredError(content_hash)
    return folder / f"{content_hash}.npz"


def check(wanted: str, found: str) -> None:
    """Compare the requested hash with the hash of the data that were read.

    Raises
    ------
    DatasetError
        When they differ.
    """
    if wanted != found:
        raise DatasetError(
            f"data set {wanted[:12]}", "contents", f"hash {found[:12]}", f"hash {wanted[:12]}",
            "The stored file was changed or damaged. Delete it and bring the data again.",
        )  # fmt: skip


def write(raw: RawDataset, file: BinaryIO, info: DatasetInfo | None = None) -> None:
    """Write a data set to a binary stream; the same data set gives the same bytes."""
    arrays: dict[str, NDArray[Any]] = {
        "values": raw.values,
        "labels": raw.labels,
        "offset": raw.scaling.offset,
        "divisor": raw.scaling.divisor,
    }
    if raw.targets is not None:
        arrays["targets"] = raw.targets
    about = {
        "version": _VERSION,
        "class_names": raw.class_names,
        "sample_shape": raw.sample_shape,
        "feature_names": raw.feature_names,
        "scaling": raw.scaling.description,
        "standardise": raw.scaling.standardise,
        "reading": dict(raw.reading),
        "remarks": raw.remarks,
        "info": asdict(info or _nameless(raw)),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("about.json", _EPOCH), json.dumps(about, indent=1))
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _EPOCH), "w", force_zip64=True) as member:
                npy.write_array(member, array, allow_pickle=False)


def read(file: BinaryIO) -> tuple[RawDataset, DatasetInfo]:
    """Read a stored data set and the remarks on it.

    Raises
    ------
    DatasetError
        When the stream holds something else, or a damaged one.
    """
    try:
        with np.load(file, allow_pickle=False) as archive:
            about = json.loads(archive["about.json"])
            if about["version"] not in _VERSIONS:
                raise ValueError(f"version {about['version']}; this SynRL reads versions up to {_VERSION}")
            raw = RawDataset(
                values=archive["values"],
                labels=archive["labels"],
                class_names=tuple(about["class_names"]),
                sample_shape=tuple(about["sample_shape"]),
                scaling=Scaling(
                    about["scaling"], archive["offset"], archive["divisor"], standardise=about.get("standardise", False)
                ),
                feature_names=tuple(about["feature_names"]),
                targets=archive.get("targets"),
                remarks=tuple(about["remarks"]),
                reading=about.get("reading", {}),
            )
            return raw, DatasetInfo(**about["info"])
    except (KeyError, TypeError, AttributeError, *DAMAGE) as error:
        raise DatasetError(
            "stored data set", "contents", quoted(str(error)), "a file written by SynRL",
            "The stored file was changed or damaged. Delete it and bring the data again.",
        ) from error  # fmt: skip


def _nameless(raw: RawDataset) -> DatasetInfo:
    return DatasetInfo(
        name=raw.content_hash[:12],
        title="Uploaded data set",
        description="",
        licence="as its owner says",
        source="uploaded",
        group=group_of(raw.sample_shape),
    )
