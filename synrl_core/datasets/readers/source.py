"""Where bytes come from: a path or an open file, with a name that can be shown and a size that was checked."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Literal

from synrl_core.datasets.errors import DatasetError, shown
from synrl_core.datasets.limits import MIB, ReaderLimits

Readable = str | PathLike[str] | BinaryIO
Kind = Literal["idx", "zip", "csv"]

#: First bytes of what people bring by mistake, and what to do with it.
_STRANGERS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x93NUMPY", "a single NumPy array", "Save it with its labels: np.savez('data.npz', images=..., labels=...)."),
    (b"\x89PNG", "a single PNG picture", "Put pictures into folders, one a class, and zip them."),
    (b"\xff\xd8\xff", "a JPEG picture", "Convert pictures to PNG, put them into folders, one a class, and zip them."),
    (b"\x89HDF", "an HDF5 or MATLAB 7.3 file", "Save its arrays with np.savez('data.npz', images=..., labels=...)."),
    (b"MATLAB", "a MATLAB file", "Save its arrays with np.savez('data.npz', images=..., labels=...)."),
    (b"%PDF", "a PDF document", "Export its table as CSV."),
    (b"\x80\x02", "a Python pickle", "Pickles can run code and are never read. Save with np.savez instead."),
    (b"\x80\x03", "a Python pickle", "Pickles can run code and are never read. Save with np.savez instead."),
    (b"\x80\x04", "a Python pickle", "Pickles can run code and are never read. Save with np.savez instead."),
    (b"\x80\x05", "a Python pickle", "Pickles can run code and are never read. Save with np.savez instead."),
    (b"PAR1", "a Parquet file", "Export it as CSV."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Pack the folders as .zip."),
    (b"Rar!", "a RAR archive", "Pack the folders as .zip."),
    (b"BZh", "a bzip2 file", "Unpack it, or pack it as .gz."),
    (b"\xfd7zXZ", "an xz file", "Unpack it, or pack it as .gz."),
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """An open file, its name as messages show it, and its size in bytes."""

    file: BinaryIO
    name: str
    size: int


@contextmanager
def opened(readable: Readable, limits: ReaderLimits) -> Iterator[Source]:
    """Open a path, or take a seekable binary file from its start; close only what was opened here."""
    if not isinstance(readable, str | PathLike):
        name = getattr(readable, "name", None)
        yield _sized(readable, shown(Path(name).name) if isinstance(name, str) else "the file", limits)
        return
    name = shown(Path(readable).name)
    try:
        file = Path(readable).open("rb")  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        raise DatasetError(
            shown(str(readable), 300),  # with its folder: that is what is wrong with most paths
            "opening it",
            f"{getattr(error, 'strerror', None) or error}",
            "a file that can be read",
            "Check the path and who may read it.",
        ) from error
    with file:
        yield _sized(file, name, limits)


def _sized(file: BinaryIO, name: str, limits: ReaderLimits) -> Source:
    size = file.seek(0, 2)
    file.seek(0)
    if size > limits.file_bytes:
        raise DatasetError(
            name, "size", f"{size / MIB:,.1f} MiB", f"at most {limits.file_bytes / MIB:,.1f} MiB",
            "Bring fewer samples, or raise the limit in the settings.",
        )  # fmt: skip
    if size == 0:
        raise DatasetError(name, "size", "0 bytes", "data", "Check that the file was written or sent to its end.")
    return Source(file, name, size)


def kind_of(source: Source) -> Kind:
    """Tell by its first bytes what a file is, whatever its name says."""
    head = _head(source)
    for magic, what, remedy in _STRANGERS:
        if head.startswith(magic):
            raise DatasetError(
                source.name, "first bytes", f"this is {what}", "IDX files, an NPZ, a CSV, or a zip of pictures", remedy
            )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\x00\x00") and len(head) >= 4 and head[2] in range(0x08, 0x0F) and 1 <= head[3] <= 8:
        return "idx"
    if b"\x00" in head:
        raise DatasetError(
            source.name, "first bytes", f"{shown(head[:8].hex(' '))}, which no format known here starts with",
            "IDX files, an NPZ, a CSV, or a zip of pictures", "Convert the data to one of these.",
        )  # fmt: skip
    return "csv"


def _head(source: Source) -> bytes:
    source.file.seek(0)
    head = source.file.read(512)
    source.file.seek(0)
    if not head.startswith(b"\x1f\x8b"):
        return head
    try:
        inner = gzip.GzipFile(fileobj=source.file).read(512)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            source.name, "gzip stream", f"{error}", "a whole gzip file", "Bring the file again; it was cut or damaged."
        ) from error
    finally:
        source.file.seek(0)
    if not inner.startswith(b"\x00\x00"):
        raise DatasetError(
            source.name, "first bytes in the gzip", shown(inner[:8].hex(" ")), "an IDX file (00 00 ...)",
            "Only IDX files are read from gzip: unpack anything else first.",
        )  # fmt: skip
    return inner
