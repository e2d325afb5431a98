"""Read NPZ, NumPy's archives: pictures or rows under one name, labels under another.

The authors' notMNIST.npz holds ``images`` (n, 28, 28) and ``labels`` (n,); files that went through Julia or MATLAB
have the samples last, (28, 28, n). Pickled arrays are refused before a byte of them is read.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from synrl_core.datasets.choices import Choices
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.limits import MIB, ReaderLimits
from synrl_core.datasets.raw import RawDataset, assemble
from synrl_core.datasets.readers.archive import DAMAGE, Member, opened_archive
from synrl_core.datasets.readers.source import Readable, Source, opened

#: Names under which samples and labels are looked for, in this order.
KEYS = (
    ("images", "labels"), ("X", "y"), ("x", "y"), ("data", "target"), ("data", "labels"), ("features", "labels"),
    ("data", "targets"), ("inputs", "targets"), ("inputs", "labels"), ("samples", "labels"), ("samples", "classes"),
    ("image", "label"), ("x_train", "y_train"), ("train_x", "train_y"), ("train_images", "train_labels"),
    ("train_data", "train_labels"), ("arr_0", "arr_1"),
)  # fmt: skip
#: Names of samples that are sequences (samples, steps, inputs), unless a choice says otherwise.
SEQUENCE_KEYS = (("sequences", "labels"), ("sequences", "y"))
#: Shares of red, green and blue in grey (ITU-R BT.601), as Pillow takes them for pictures.
_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)

_CHUNK = 2**20
_LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class _Member:
    info: zipfile.ZipInfo
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    offset: int


def read(file: Readable, limits: ReaderLimits | None = None, *, choices: Choices | None = None) -> RawDataset:
    """Read an NPZ with samples and labels.

    Samples are (n, height, width), (n, inputs), or the same with the samples last; a channel of 1 is dropped, so that
    (n, T, 1) and (n, 1, T) are tables of T columns. Where they are called ``sequences``, or so chosen, three axes are
    (n, steps, inputs). Channels of colour, last or first, become grey: 3, or 4 with an opacity that is left out. Labels
    are (n,) numbers or strings, (n, 1), or one column a class with a 1 (one-hot).

    Raises
    ------
    DatasetError
        When the file is cut, damaged, pickled, too large, or names and shapes don't tell what is what.
    """
    limits = limits or ReaderLimits()
    with opened(file, limits) as source, opened_archive(source, limits) as (archive, found):
        return read_members(source, archive, found, limits, choices or Choices())


def read_members(
    source: Source, archive: zipfile.ZipFile, found: Sequence[Member], limits: ReaderLimits, choices: Choices
) -> RawDataset:
    """Read the arrays of an archive that is open; see `read`."""
    try:
        members = {member.path.removesuffix(".npy"): member.info for member in found if member.path.endswith(".npy")}
        keys = _choose(source, tuple(members))
        values, labels = (_array(source, archive, members[key], limits) for key in keys)
    except DatasetError:
        raise
    except DAMAGE as error:
        raise DatasetError(
            source.name, "contents", quoted(str(error)), "a whole NPZ file",
            "Bring the file again; it was cut or damaged.",
        ) from error  # fmt: skip
    remarks = []
    if left := [key for key in members if key not in keys]:
        remarks.append(f"Not read: {', '.join(map(quoted, left[:10]))}{' ...' if len(left) > 10 else ''}.")
    labels = _flat_labels(source, keys[1], labels, remarks, limits)
    was_flat = values.ndim == 2
    guess = "sequences" if keys in SEQUENCE_KEYS else "pictures"
    kind = choices.samples or guess
    if values.ndim == 3 and kind == "sequences":
        return _sequences(source, keys[0], values, labels, limits, remarks, choices)
    values = _samples_first(source, keys[0], values, len(labels), remarks)
    flat = values.reshape(len(values), math.prod(values.shape[1:]))
    return assemble(
        source.name, flat, labels, values.shape[1:], limits, remarks=remarks, choices=choices, may_be_pictures=was_flat,
        reading={"samples": "pictures"} if values.ndim == 3 else None,
    )  # fmt: skip


def _sequences(
    source: Source,
    key: str,
    values: NDArray[Any],
    labels: NDArray[Any],
    limits: ReaderLimits,
    remarks: list[str],
    choices: Choices | None,
) -> RawDataset:
    """Stack features of sequences: (samples, steps, inputs)."""
    if values.dtype.kind not in "buif" or len(values) != len(labels):
        raise DatasetError(
            source.name, quoted(key), f"{values.dtype} of shape {values.shape} for {len(labels):,} labels",
            f"numbers of shape ({len(labels)}, steps, inputs)", "Check that samples and labels belong together.",
        )  # fmt: skip
    samples, steps, inputs = values.shape
    remarks.append(f"{quoted(key)} is read as {samples:,} sequences of {steps} steps with {inputs} inputs each.")
    return assemble(
        source.name, values.reshape(samples, -1), labels, (steps, 1, inputs), limits, remarks=remarks, choices=choices,
        reading={"samples": "sequences"},
        feature_names=tuple(f"input {place + 1} at {step + 1}" for step in range(steps) for place in range(inputs)),
    )  # fmt: skip


def _choose(source: Source, found: tuple[str, ...]) -> tuple[str, str]:
    for keys in (*SEQUENCE_KEYS, *KEYS):
        if set(keys) <= set(found):
            return keys
    by_name = {name.casefold(): name for name in found}
    for samples, labels in KEYS:
        if samples.casefold() in by_name and labels.casefold() in by_name:
            return by_name[samples.casefold()], by_name[labels.casefold()]
    raise DatasetError(
        source.name, "names of the arrays", ", ".join(map(quoted, found[:10])) or "no arrays",
        "'images' and 'labels', or 'X' and 'y'",
        "Save again: np.savez('data.npz', images=..., labels=...). For pictures in folders, use a .zip of PNGs.",
    )  # fmt: skip


def _array(source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: ReaderLimits) -> NDArray[Any]:
    """Read one array after checking that its header declares no more than the limits and the archive allow."""
    with archive.open(info) as stream:
        member = _header(source, info, stream)
        _check_size(source, member, limits)
        buffer = np.empty(math.prod(member.shape) * member.dtype.itemsize, dtype=np.uint8)
        view, filled = buffer.data, 0
        while filled < len(buffer):
            got = stream.readinto(view[filled : filled + _CHUNK])  # type: ignore[attr-defined]
            if not got:
                raise EOFError(f"{info.filename} ends after {filled} of {len(buffer)} bytes")
            filled += got
        stream.read(1)  # reaching the end is what compares the checksum
    order = member.shape[::-1] if member.fortran else member.shape
    array = buffer.view(member.dtype).reshape(order)
    return array.T if member.fortran else array


def _header(source: Source, info: zipfile.ZipInfo, stream: IO[bytes]) -> _Member:
    try:
        version = npy.read_magic(stream)
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, fortran, dtype = reader(stream, max_header_size=_LONGEST_HEADER)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise  # the archive is at fault, not the array
    except Exception as error:  # NumPy's parser of headers lets through whatever Python's tokenizer raises
        raise DatasetError(
            source.name, quoted(info.filename), f"not a NumPy array ({quoted(str(error))})",
            "an array saved by np.savez",
            "Save it again: np.savez('data.npz', images=..., labels=...).",
        ) from error  # fmt: skip
    if dtype.hasobject:
        name = info.filename.removesuffix(".npy")
        is_labels = name in {labels for _, labels in KEYS}
        how = f"{name}.astype(str)" if is_labels else f"np.stack({name}).astype(np.uint8)"
        raise DatasetError(
            source.name, quoted(info.filename), "an array of Python objects, which is a pickle", "numbers or strings",
            f"Pickles can run code and are never read. Convert it, e.g. {quoted(how)[1:-1]}, and save it.",
        )  # fmt: skip
    if dtype.kind not in "buifUS" or any(type(size) is not int or size < 0 for size in shape):
        raise DatasetError(
            source.name, quoted(info.filename), f"type {quoted(str(dtype))}, shape {shape}",
            "whole or real numbers, or strings",
            "Convert it and save again.",
        )  # fmt: skip
    return _Member(info, dtype, tuple(shape), bool(fortran), stream.tell())


def _check_size(source: Source, member: _Member, limits: ReaderLimits) -> None:
    place = quoted(member.info.filename)
    size = math.prod(member.shape) * member.dtype.itemsize
    if math.prod(member.shape) > limits.values or size > limits.may_expand_to(member.info.compress_size):
        raise DatasetError(
            source.name, place, f"{member.shape} {member.dtype} declared, {size / MIB:,.1f} MiB, "
            f"in {member.info.compress_size / MIB:,.3f} MiB",
            f"at most {limits.values:,} values and {limits.may_expand_to(member.info.compress_size) / MIB:,.1f} MiB "
            "from that", "Bring fewer or smaller samples, or raise the limit in the settings.",
        )  # fmt: skip
    if member.offset + size != member.info.file_size:
        raise DatasetError(
            source.name, place, f"{member.info.file_size:,} bytes",
            f"{member.offset + size:,}, as its header {member.shape} {member.dtype} declares", "Save the file again.",
        )  # fmt: skip


def _flat_labels(
    source: Source, key: str, labels: NDArray[Any], remarks: list[str], limits: ReaderLimits
) -> NDArray[Any]:
    """Reduce labels to one number or word a sample."""
    if labels.ndim == 2 and 1 in labels.shape:
        labels = labels.reshape(-1)
    if labels.ndim == 2 and labels.dtype.kind in "buif" and bool(((labels == 0) | (labels == 1)).all()):
        for axis in (1, 0):
            if labels.shape[axis] and (labels.sum(axis=axis) == 1).all():
                remarks.append(f"{quoted(key)} has one column a class; the place of the 1 is the class.")
                return np.asarray(labels.argmax(axis=axis))
    if labels.ndim == 2 and labels.dtype.kind in "buif":
        raise DatasetError(
            source.name, quoted(key), f"{labels.shape[1]} columns of labels, {_not_one_hot(labels)}",
            "one label a sample, or one column a class with a single 1 and else 0 in each row",
            f"If the largest of each row is its class, save {key}.argmax(axis=1).",
        )  # fmt: skip
    if labels.ndim != 1:
        raise DatasetError(
            source.name, quoted(key), f"labels of shape {labels.shape}", "one label a sample, or one column a class",
            "Save the labels as a list as long as the samples.",
        )  # fmt: skip
    if len(labels) > limits.samples:
        raise DatasetError(
            source.name, quoted(key), f"{len(labels):,} labels", f"at most {limits.samples:,}",
            "Bring fewer samples, or raise the limit in the settings.",
        )  # fmt: skip
    if labels.dtype.kind == "f":
        if lost := int(np.isnan(labels).sum()):
            raise DatasetError(
                source.name, quoted(key), f"{lost:,} labels that are missing (NaN)", "a class for every sample",
                "Fill them in, or save the samples without these.",
            )  # fmt: skip
        if not np.isfinite(labels).all() or (labels != np.floor(labels)).any() or np.abs(labels).max(initial=0) > 2**53:
            raise DatasetError(
                source.name, quoted(key), "labels that are no whole numbers", "one class a sample",
                "Number the classes or name them, e.g. labels.astype(int).",
            )  # fmt: skip
        return labels.astype(np.int64)
    if labels.dtype.kind == "S":
        return _decoded(key, labels, remarks)
    return labels.astype(np.int64) if labels.dtype.kind == "b" else labels


def _not_one_hot(labels: NDArray[Any]) -> str:
    """Describe why rows are not one-hot labels."""
    other = labels[(labels != 0) & (labels != 1)]
    if other.size:
        return f"with values such as {other.flat[0]:g}"
    return f"with {int((labels.sum(axis=1) != 1).sum()):,} rows that have no 1 or several"


def _decoded(key: str, labels: NDArray[Any], remarks: list[str]) -> NDArray[Any]:
    """Decode bytes: UTF-8 where all of them are, else the letters of Western Europe, which any bytes are."""
    try:
        return np.char.decode(labels, "utf-8", "strict")
    except UnicodeDecodeError:
        remarks.append(
            f"{quoted(key)} holds bytes that are not UTF-8; they are read as Latin-1. Check the classes' names."
        )
        return np.char.decode(labels, "latin-1", "strict")


def _samples_first(source: Source, key: str, values: NDArray[Any], samples: int, remarks: list[str]) -> NDArray[Any]:
    """Move the samples to the first axis: (n, height, width) or (n, inputs), by the number of labels."""
    if values.dtype.kind not in "buif":
        raise DatasetError(
            source.name, quoted(key), f"values of type {values.dtype}", "numbers", "Convert the samples to numbers."
        )
    shape = values.shape
    if values.ndim in (2, 3, 4) and shape[0] != samples and shape[-1] == samples:
        values = np.moveaxis(values, -1, 0)
        remarks.append(
            f"{quoted(key)} has shape {shape}: its last axis is as long as the labels and counts the samples."
        )
    if values.ndim == 4 and values.shape[0] == samples and not {3, 4}.isdisjoint((values.shape[1], values.shape[3])):
        values = _grey(values)
        remarks.append(f"{quoted(key)} has shape {shape}: colours become grey, and opacity is left out.")
    if values.ndim == 4 and 1 in (values.shape[1], values.shape[3]):
        values = values[:, 0] if values.shape[1] == 1 else values[..., 0]
    if values.ndim == 3 and 1 in values.shape[1:]:
        values = values.reshape(len(values), -1)
    if values.ndim not in (2, 3) or values.shape[0] != samples:
        raise DatasetError(
            source.name, quoted(key), f"shape {shape} for {samples:,} labels",
            f"({samples}, height, width) or ({samples}, inputs), or the samples last",
            "Check that samples and labels belong together.",
        )  # fmt: skip
    return values.astype(np.uint8) if values.dtype.kind == "b" else values


def _grey(values: NDArray[Any]) -> NDArray[Any]:
    """Convert (n, height, width, 3 or 4) or (n, 3 or 4, height, width) to grey (n, height, width) of the same type."""
    if values.shape[3] not in (3, 4):
        values = np.moveaxis(values, 1, 3)
    grey = np.empty(values.shape[:3], dtype=values.dtype)
    for at in range(len(values)):  # one picture at a time: no copy of all in floats
        weighed = values[at, :, :, :3] @ _GREY
        grey[at] = weighed if values.dtype.kind == "f" else np.rint(weighed)
    return grey
