"""Readers of the user's own data: IDX pairs, NPZ, CSV, and zips of folders of pictures.

Each takes a path or a seekable binary file, looks at sizes before it allocates, never unpickles, writes nothing, and
gives a `RawDataset` or a `DatasetError`. `read` tells the formats apart by their contents, whatever a file is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Literal

from synrl_core.datasets.choices import Choices
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.raw import RawDataset
from synrl_core.datasets.readers import idx, npz, picture_zip, table
from synrl_core.datasets.readers.archive import Member, opened_archive
from synrl_core.datasets.readers.source import Readable, Source, kind_of, opened

__all__ = ["Readable", "idx", "npz", "picture_zip", "read", "table"]


def read(
    files: Readable | Sequence[Readable],
    label_column: str | None = None,
    limits: ReaderLimits | None = None,
    *,
    choices: Choices | None = None,
) -> RawDataset:
    """Read a data set of any known format.

    Parameters
    ----------
    files
        One file; or the two of an IDX pair in either order; or, of an IDX pair named as MNIST's, the path of the
        pictures or of the folder that holds both.
    label_column
        Of a CSV, short for the same choice. None: the column that is named as one, or the only one of words.
    choices
        How to read it; what is None is guessed.

    Raises
    ------
    DatasetError
        When it can't be read; the message says where and what to do.
    """
    limits, choices = limits or ReaderLimits(), choices or Choices()
    given = list(files) if isinstance(files, Sequence) and not isinstance(files, str) else [files]
    if len(given) == 1 and isinstance(given[0], str | PathLike):
        given = _with_partner(Path(given[0]))
    if len(given) == 2:
        return idx.read(given[0], given[1], limits, choices=choices)
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
    if kind == "csv":
        return table.read(file, label_column, limits, choices=choices)
    with opened(file, limits) as source, opened_archive(source, limits) as (archive, members):
        read_members = npz.read_members if _kind_of_zip(source, members) == "npz" else picture_zip.read_members
        return read_members(source, archive, members, limits, choices)


def _kind_of_zip(source: Source, members: Sequence[Member]) -> Literal["npz", "pictures"]:
    """Tell an NPZ from a zip of pictures by what there is more of, and refuse what is neither.

    Raises
    ------
    DatasetError
        For a workbook, or data of another format that were packed.
    """
    names = [member.path.casefold() for member in members if not member.is_clutter]
    arrays = sum(name.endswith(".npy") for name in names)
    pictures = sum(name.endswith(picture_zip.ENDINGS) for name in names)
    if not pictures and not arrays:
        _refuse_packed(source, names)
    return "npz" if arrays > pictures or (arrays and not pictures) else "pictures"


#: Files that tell a zip to be a document of an office program.
_DOCUMENTS = (
    ("xl/workbook", "an Excel workbook", "Save its sheet as CSV UTF-8."),
    ("word/document.xml", "a Word document", "Save its table as CSV UTF-8."),
    ("ppt/presentation.xml", "a PowerPoint presentation", "Save its table as CSV UTF-8."),
    ("content.xml", "a document of LibreOffice", "Save its sheet as CSV in UTF-8."),
    ("index/document.iwa", "a document of Numbers or Pages", "Export its sheet as CSV."),
    ("[content_types].xml", "an office document, such as an Excel workbook", "Save its sheet as CSV UTF-8."),
)
_PACKED = (
    ((".csv", ".tsv", ".txt"), "a text"),
    (("ubyte", "ubyte.gz", "-int", "-int.gz", ".idx"), "an IDX file"),
    ((".npz",), "an NPZ"),
    ((".zip", ".tar", ".gz", ".7z", ".rar"), "an archive"),
    ((".xlsx", ".xls", ".ods"), "a workbook"),
)


def _refuse_packed(source: Source, names: list[str]) -> None:
    for start, what, remedy in _DOCUMENTS:
        if any(name.startswith(start) for name in names):
            raise DatasetError(
                source.name, "contents", f"this is {what}", "IDX files, an NPZ, a CSV, or a zip of pictures", remedy
            )
    for endings, what in _PACKED:
        if packed := [name for name in names if name.endswith(endings)]:
            raise DatasetError(
                source.name, "contents", f"{what} was packed ({', '.join(quoted(name, 40) for name in packed[:3])})",
                "folders of pictures, one folder a class", "Unpack it and bring what is in it.",
            )  # fmt: skip


def _with_partner(path: Path) -> list[Readable]:
    """Find the labels that belong to a file of pictures, or the one pair in a folder."""
    if path.is_dir():
        pairs = [(one, labels) for one in sorted(path.iterdir()) if (labels := idx.partner(one))]
        if len(pairs) != 1:
            there = ", ".join(quoted(one.name) for one, _ in pairs) or "none"
            raise DatasetError(
                quoted(path.name), "contents", f"{len(pairs)} files of pictures with labels beside them ({there})",
                "one pair, named such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz",
                "Name the file of pictures itself.",
            )  # fmt: skip
        return list(pairs[0])
    labels = idx.partner(path)
    return [path] if labels is None else [path, labels]
