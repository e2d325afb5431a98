"""Source of bytes: a path or an open file, with a display name and a checked size."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Literal

from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.limits import MIB, ReaderLimits

Readable = str | PathLike[str] | BinaryIO
Kind = Literal["idx", "zip", "csv"]

#: Marks at the beginning of a text that name its encoding.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: What a file may be.
_EXPECTED = "IDX files, an NPZ, a CSV, or a zip of pictures"
_EXPORT = "Export its table as CSV in UTF-8."
_PICTURES = "Put pictures into folders, one a class, and zip them."
_CONVERT = "Convert pictures to PNG, put them into folders, one a class, and zip them."
_NO_PICKLE = "Pickles can run code and are never read. Save with np.savez instead."
_NOT_IT = "Download the data themselves: this is what was sent instead."
_SAVEZ = "Save its arrays with np.savez('data.npz', images=..., labels=...)."
_UNPACK = "Unpack it and bring what is in it, pictures as .zip."

#: First bytes of what people bring by mistake, and what to do with it.
_STRANGERS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x93NUMPY", "a single NumPy array", "Save it with its labels: np.savez('data.npz', images=..., labels=...)."),
    (b"\x89PNG", "a single PNG picture", _PICTURES),
    (b"\xff\xd8\xff", "a single JPEG picture", _PICTURES),
    (b"GIF8", "a GIF picture", _CONVERT),
    (b"II*\x00", "a TIFF picture", _CONVERT),
    (b"MM\x00*", "a TIFF picture", _CONVERT),
    (b"RIFF", "a WebP picture, or sound", _CONVERT),
    (b"\x89HDF", "an HDF5 or MATLAB 7.3 file", _SAVEZ),
    (b"MATLAB", "a MATLAB file", _SAVEZ),
    (b"%PDF", "a PDF document", _EXPORT),
    (b"\xd0\xcf\x11\xe0", "a workbook or document of Office 2003 or older", "Save its table as CSV UTF-8."),
    (b"{\\rtf", "a document in RTF", _EXPORT),
    (b"SQLite format 3", "an SQLite database", _EXPORT),
    (b"ARROW1", "an Arrow or Feather file", _EXPORT),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"Obj\x01", "an Avro file", _EXPORT),
    *((bytes([0x80, version]), "a Python pickle", _NO_PICKLE) for version in (2, 3, 4, 5)),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Pack the folders as .zip."),
    (b"Rar!", "a RAR archive", "Pack the folders as .zip."),
    (b"BZh", "a bzip2 file", _UNPACK),
    (b"\xfd7zXZ", "an xz file", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", _UNPACK),
    (b"version https://git-lfs", "a pointer of Git LFS to the data", "Fetch the data themselves with 'git lfs pull'."),
)  # fmt: skip
#: The same for text: what its first letters are, in lower case and without space before them.
_STRANGE_TEXTS: tuple[tuple[bytes, str, str], ...] = (
    (b"<!doctype html", "a web page", _NOT_IT),
    (b"<html", "a web page", _NOT_IT),
    (b"<?xml", "an XML file", _EXPORT),
    (b"<svg", "a drawing in SVG", _PICTURES),
    (b"@relation", "an ARFF file of Weka", _EXPORT),
    (b"{", "a JSON file", "Save its records as CSV, e.g. pandas.DataFrame(records).to_csv('data.csv', index=False)."),
    (b"[{", "a JSON file", "Save its records as CSV, e.g. pandas.DataFrame(records).to_csv('data.csv', index=False)."),
    (b"[[", "a JSON file", "Save its records as CSV, e.g. pandas.DataFrame(records).to_csv('data.csv', index=False)."),
)  # fmt: skip


#: A label and sparse values by their column: ``-1 3:0.5 7:1``.
_LIBSVM = re.compile(rb"[+-]?\d+(?:\.\d+)?(?:[ \t]+\d+:[-+.\de]+){2}")
_SVMLIGHT = (b"", "a file of LIBSVM or SVMlight", f"sklearn.datasets.load_svmlight_file reads it. {_SAVEZ}")


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
        yield _sized(readable, quoted(Path(name).name) if isinstance(name, str) else "the file", limits)
        return
    name = quoted(Path(readable).name)
    try:
        file = Path(readable).open("rb")  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        raise DatasetError(
            quoted(str(readable), 300),  # with its folder: that is what is wrong with most paths
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
    """Detect the format of a file from its first bytes, whatever its name is."""
    head = _head(source)
    _refuse_strangers(source, head)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\x00\x00") and len(head) >= 4 and head[2] in range(0x08, 0x0F) and 1 <= head[3] <= 8:
        return "idx"
    if b"\x00" in head and not is_wide(head):
        before, _, _ = head.partition(b"\x00")
        if _is_text(before):
            line = 1 + before.count(b"\n")
            raise DatasetError(
                source.name, f"line {line}", "a zero byte (U+0000) within the text",
                "text", "Export the table again as CSV UTF-8; the file is damaged, or a program's own format.",
            )  # fmt: skip
        raise DatasetError(
            source.name, "first bytes", f"{quoted(head[:8].hex(' '))}, which no format known here starts with",
            _EXPECTED, "Convert the data to one of these.",
        )  # fmt: skip
    return "csv"


def _is_text(head: bytes) -> bool:
    """Whether bytes are the beginning of a table in text: a line of it, without signs of control."""
    return len(head) >= 8 and b"\n" in head and not any(byte < 32 and byte not in b"\t\r\n\x0c" for byte in head)


def is_wide(head: bytes) -> bool:
    """Whether bytes are the beginning of a text with two or four bytes a letter."""
    return wide_encoding(head) is not None or any(head.startswith(mark) for mark, name in MARKS if name != "utf-8")


def wide_encoding(head: bytes) -> str | None:
    """Tell UTF-16 without a mark by every other byte being zero, as letters and digits have it."""
    even, odd = head[0::2], head[1::2]
    for name, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(head) >= 8 and letters.count(0) == 0 and zeros.count(0) >= 0.8 * len(zeros):
            return name
    return None


def _refuse_strangers(source: Source, head: bytes) -> None:
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()[:40].lower()
    found = next((one for one in _STRANGERS if head.startswith(one[0])), None) or next(
        (one for one in _STRANGE_TEXTS if text.startswith(one[0])), None
    )
    if found is None and _LIBSVM.match(text):
        found = _SVMLIGHT
    if found is None and head[257:262] == b"ustar":
        found = (b"", "a tar archive", "Pack the folders as .zip.")
    if found is not None:
        raise DatasetError(source.name, "first bytes", f"this is {found[1]}", _EXPECTED, found[2])


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
        _refuse_strangers(source, inner)
        raise DatasetError(
            source.name, "first bytes in the gzip", quoted(inner[:8].hex(" ")), "an IDX file (00 00 ...)",
            "Only IDX files are read from gzip: unpack anything else first.",
        )  # fmt: skip
    return inner
