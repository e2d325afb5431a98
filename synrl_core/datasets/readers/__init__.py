"""Readers of the user's own data: IDX pairs, NPZ, CSV, and zips of folders of PNGs.

Each takes a path or a seekable binary file, looks at sizes before it allocates, never unpickles, writes nothing, and
gives a `RawDataset` or a `DatasetError`. `read` tells the formats apart by their contents, whatever a file is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from synrl_core.datasets.errors import DatasetError, shown
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.raw import RawDataset
from synrl_core.datasets.readers import idx, npz, picture_zip, table
from synrl_core.datasets.readers.archive import opened_archive
from synrl_core.datasets.readers.source import Readable, kind_of, opened

__all__ = ["Readable", "idx", "npz", "picture_zip", "read", "table"]


def read(
    files: Readable | Sequence[Readable], label_column: str | None = None, limits: ReaderLimits | None = None
) -> RawDataset:
    """Read a data set of any known format.

    Parameters
    ----------
    files
        One file; or the two of an IDX pair in either order; or, of an IDX pair named as MNIST's, the path of the
        pictures or of the folder that holds both.
    label_column
        Of a CSV. None: the one column called label, class, target, species or y.

    Raises
    ------
    DatasetError
        When it can't be read; the message says where and what to do.
    """
    limits = limits or ReaderLimits()
    given = list(files) if isinstance(files, Sequence) and not isinstance(files, str) else [files]
    if len(given) == 1 and isinstance(given[0], str | PathLike):
        given = _with_partner(Path(given[0]))
    if len(given) == 2:
        return idx.read(given[0], given[1], limits)
    if len(given) != 1:
        raise DatasetError(
            "the files given",
            "number",
            f"{len(given)} files",
            "one, or the two of an IDX pair",
            "Bring one data set at a time.",
        )
    file = given[0]
    with opened(file, limits) as source:
        kind = kind_of(source)
        if kind == "idx":
            raise DatasetError(
                source.name, "files", "one file of an IDX pair", "two: pictures and labels", "Bring both together."
            )
        is_npz = False
        if kind == "zip":
            with opened_archive(source, limits) as (_, infos):
                is_npz = any(info.filename.endswith(".npy") for info in infos)
    if kind == "csv":
        return table.read(file, label_column, limits)
    return npz.read(file, limits) if is_npz else picture_zip.read(file, limits)


def _with_partner(path: Path) -> list[Readable]:
    """Find the labels that belong to a file of pictures, or the one pair in a folder."""
    if path.is_dir():
        pairs = [(one, labels) for one in sorted(path.iterdir()) if (labels := idx.partner(one))]
        if len(pairs) != 1:
            there = ", ".join(shown(one.name) for one, _ in pairs) or "none"
            raise DatasetError(
                shown(path.name), "contents", f"{len(pairs)} files of pictures with labels beside them ({there})",
                "one pair, named such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz",
                "Name the file of pictures itself.",
            )  # fmt: skip
        return list(pairs[0])
    labels = idx.partner(path)
    return [path] if labels is None else [path, labels]
