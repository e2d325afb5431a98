"""Read IDX, the format of MNIST: one file of pictures and one of labels, plain or gzipped.

A file starts with two zero bytes, a type code and the number of dimensions; then one big-endian uint32 a dimension,
then the values, the last dimension fastest. Source: http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.choices import Choices
from synrl_core.datasets.errors import DatasetError
from synrl_core.datasets.limits import MIB, ReaderLimits
from synrl_core.datasets.raw import RawDataset, assemble
from synrl_core.datasets.readers.source import Readable, Source, opened

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_CHUNK = 2**20


@dataclass(frozen=True)
class _Header:
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def length(self) -> int:
        return 4 + 4 * len(self.shape)

    @property
    def bytes_of_values(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def read(
    images: Readable, labels: Readable, limits: ReaderLimits | None = None, *, choices: Choices | None = None
) -> RawDataset:
    """Read a pair of IDX files; which is which is seen from their dimensions.

    Parameters
    ----------
    images
        (n, height, width) pictures or (n, inputs) rows of any IDX type.
    labels
        (n,) whole numbers; or (n, columns) as QMNIST has them, of which the first is the class.

    Raises
    ------
    DatasetError
        When a file is cut, damaged, too large, not IDX, or the two don't belong together.
    """
    limits = limits or ReaderLimits()
    with opened(images, limits) as first, opened(labels, limits) as second:
        values, marks = _array(first, limits), _array(second, limits)
        if values.ndim < marks.ndim or (
            values.ndim == marks.ndim == 2 and _is_labels(first) and not _is_labels(second)
        ):
            first, second, values, marks = second, first, marks, values
        name = first.name
        remarks = []
        if marks.ndim == 2 and marks.dtype.kind in "iu" and marks.size and (values.ndim == 3 or _is_labels(second)):
            remarks.append(f"{second.name} has {marks.shape[1]} columns; the first is the class.")
            marks = marks[:, 0]
        if values.ndim not in (2, 3):
            raise DatasetError(
                name, "header", f"{values.ndim} dimensions {values.shape}", "(samples, height, width) pictures",
                "Name the file of pictures and the file of labels, one each.",
            )  # fmt: skip
        if marks.ndim != 1 or marks.dtype.kind not in "iu":
            raise DatasetError(
                second.name, "header", f"{marks.ndim} dimensions of type {marks.dtype}", "one whole number a sample",
                "Name the file of labels that belongs to the pictures.",
            )  # fmt: skip
        if len(values) != len(marks):
            raise DatasetError(
                second.name, "header", f"{len(marks):,} labels for the {len(values):,} samples of {name}",
                "as many labels as samples", "Name two files that belong together.",
            )  # fmt: skip
        flat = values.reshape(len(values), math.prod(values.shape[1:]))
        if "emnist" in name.casefold() and values.ndim == 3 and (choices or Choices()).orientation is None:
            remarks.append("EMNIST's files hold rows and columns swapped: choose 'transposed' if the pictures lie.")
        return assemble(name, flat, marks, values.shape[1:], limits, remarks=remarks, choices=choices)


def partner(images: Path) -> Path | None:
    """Return the file of labels beside a file of pictures, if it is named as MNIST or QMNIST names it."""
    named = images.name.replace("images", "labels")
    for name in (re.sub(r"idx3", "idx1", named), re.sub(r"idx3-ubyte", "idx2-int", named)):
        beside = images.with_name(name)
        if name != images.name and beside.is_file():
            return beside
    return None


def _is_labels(source: Source) -> bool:
    return "label" in source.name.casefold()


def _array(source: Source, limits: ReaderLimits) -> NDArray[Any]:
    packed = source.file.read(2) == b"\x1f\x8b"
    source.file.seek(0)
    stream: BinaryIO = gzip.GzipFile(fileobj=source.file) if packed else source.file  # type: ignore[assignment]
    try:
        header = _header(source, stream, limits)
        _check_size(source, header, limits, packed=packed)
        return _values(source, stream, header)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DatasetError(
            source.name, "gzip stream", f"{error}", "a whole gzip file", "Bring the file again; it was cut or damaged."
        ) from error


def _header(source: Source, stream: BinaryIO, limits: ReaderLimits) -> _Header:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\x00\x00" or magic[2] not in _TYPES or not 1 <= magic[3] <= 4:
        raise DatasetError(
            source.name, "first four bytes", f"'{magic.hex(' ')}'",
            "an IDX header: 00 00, a type (08 to 0e), 1 to 4 dimensions; pictures of bytes have 00 00 08 03",
            "Check that this is an IDX file and was unpacked at most once.",
        )  # fmt: skip
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise DatasetError(
            source.name, "header", f"it ends after {4 + len(sizes)} bytes", f"{4 + 4 * magic[3]} bytes of header",
            "Bring the file again; it was cut.",
        )  # fmt: skip
    shape = tuple(int(size) for size in np.frombuffer(sizes, dtype=">u4"))
    inputs = math.prod(shape[1:])
    bounds = ((shape[0], limits.samples, "samples"), (inputs, limits.inputs, "values a sample"),
              (shape[0] * inputs, limits.values, "values"))  # fmt: skip
    for size, largest, what in bounds:
        if size > largest:
            raise DatasetError(
                source.name, "header", f"{size:,} {what} declared", f"at most {largest:,}",
                "Bring fewer or smaller samples, or raise the limit in the settings.",
            )  # fmt: skip
    return _Header(np.dtype(_TYPES[magic[2]]), shape)


def _check_size(source: Source, header: _Header, limits: ReaderLimits, *, packed: bool) -> None:
    """Compare what the header declares with the file's size, before anything is allocated."""
    declared = header.length + header.bytes_of_values
    if packed and declared > limits.may_expand_to(source.size):
        raise DatasetError(
            source.name, "header", f"{declared / MIB:,.1f} MiB declared in a gzip of {source.size / MIB:,.3f} MiB",
            f"at most {limits.may_expand_to(source.size) / MIB:,.1f} MiB from that",
            "The file is cut, damaged or made to fill the memory. Bring it unpacked if it is right.",
        )  # fmt: skip
    if not packed and declared != source.size:
        raise DatasetError(
            source.name, "size", f"{source.size:,} bytes", f"{declared:,}, as its header {header.shape} declares",
            "Bring the file again; it was cut or added to.",
        )  # fmt: skip


def _values(source: Source, stream: BinaryIO, header: _Header) -> NDArray[Any]:
    buffer = np.empty(header.bytes_of_values, dtype=np.uint8)
    view, filled = buffer.data, 0
    while filled < len(buffer):
        got = stream.readinto(view[filled : filled + _CHUNK])  # type: ignore[attr-defined]
        if not got:
            raise DatasetError(
                source.name, f"byte {header.length + filled:,}", "the file ends",
                f"{header.length + len(buffer):,} bytes, as its header {header.shape} declares",
                "Bring the file again; it was cut.",
            )  # fmt: skip
        filled += got
    if stream.read(1):
        raise DatasetError(
            source.name, f"byte {header.length + len(buffer):,}", "the file goes on",
            f"its end, as its header {header.shape} declares", "Bring the file again; it was added to.",
        )  # fmt: skip
    values = buffer.view(header.dtype).reshape(header.shape)
    return buffer.reshape(header.shape) if header.dtype.itemsize == 1 and header.dtype.kind == "u" else values
