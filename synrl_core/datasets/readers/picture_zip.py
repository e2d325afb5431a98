"""A zip of folders of PNGs, one folder a class: the layout of the original notMNIST archive.

The class is the name of the folder that a picture lies in directly. That archive has a few files that are no pictures;
such files are left out, counted and reported, and only when most can't be read is the whole refused.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections import Counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synrl_core.datasets.errors import DatasetError, shown
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.raw import RawDataset, assemble, check_name
from synrl_core.datasets.readers.archive import opened_archive, read_member
from synrl_core.datasets.readers.source import Readable, Source, opened

_SHOWN = 5
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read(file: Readable, limits: ReaderLimits | None = None) -> RawDataset:
    """Read every PNG of an archive as grey pixels; all must have the size of the first that can be read.

    Colour becomes grey, 16 bits become 8, transparency is laid on black.

    Raises
    ------
    DatasetError
        When the archive is cut, hostile or too large, has no pictures in folders, or most can't be read.
    """
    limits = limits or ReaderLimits()
    with opened(file, limits) as source, opened_archive(source, limits) as (archive, infos):
        infos = [info for info in infos if not _is_clutter(info.filename)]
        pictures = [info for info in infos if info.filename.lower().endswith(".png")]
        words = _classes(source, pictures, limits)
        values, labels, unreadable = _decode(source, archive, pictures, words, limits)
    remarks = []
    if others := len(infos) - len(pictures):
        remarks.append(f"{others:,} files that are not named .png were left out.")
    if unreadable:
        first = "; ".join(f"{shown(name)}: {why}" for name, why in unreadable[:_SHOWN])
        remarks.append(f"{len(unreadable):,} of {len(pictures):,} pictures can't be read and were left out ({first}).")
    flat = values.reshape(len(values), -1)
    return assemble(source.name, flat, labels, values.shape[1:], limits, words=words, remarks=remarks)


def _is_clutter(path: str) -> bool:
    """Whether a file was put there by an operating system and not by a person."""
    name = path.rpartition("/")[2]
    return path.startswith("__MACOSX/") or name.startswith(".") or name in {"Thumbs.db", "desktop.ini"}


def _folder(path: str) -> str:
    return path.rpartition("/")[0].rpartition("/")[2]


def _classes(source: Source, pictures: list[zipfile.ZipInfo], limits: ReaderLimits) -> tuple[str, ...]:
    if len(pictures) > limits.samples:
        raise DatasetError(
            source.name, "table of contents", f"{len(pictures):,} pictures", f"at most {limits.samples:,}",
            "Pack fewer pictures, or raise the limit in the settings.",
        )  # fmt: skip
    words = sorted({_folder(info.filename) for info in pictures})
    if not words or words == [""]:
        raise DatasetError(
            source.name, "table of contents", f"{len(pictures)} PNGs, none in a folder",
            "folders of PNGs, one folder a class, such as A/1.png", "Put the pictures of each class into a folder.",
        )  # fmt: skip
    if len(words) > limits.classes:
        raise DatasetError(
            source.name, "table of contents", f"{len(words):,} folders", f"at most {limits.classes:,} classes",
            "Put all pictures of a class into one folder.",
        )  # fmt: skip
    for word in words:
        check_name(source.name, "table of contents", "folder name", word, limits)
    return tuple(words)


def _decode(
    source: Source,
    archive: zipfile.ZipFile,
    pictures: list[zipfile.ZipInfo],
    words: tuple[str, ...],
    limits: ReaderLimits,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], list[tuple[str, str]]]:
    """Decode all: (samples, height, width) pixels, places of their classes, and (name, reason) of those left out."""
    place = {word: index for index, word in enumerate(words)}
    values: NDArray[np.uint8] | None = None
    labels: list[int] = []
    unreadable: list[tuple[str, str]] = []
    for info in pictures:
        try:
            data = read_member(source, archive, info, limits)
            pixels = _grey(data, limits, None if values is None else values.shape[1:])
        except DatasetError:
            raise
        except Exception as error:  # whatever a decoder makes of one damaged picture, the others are read
            unreadable.append((info.filename.rpartition("/")[2], _reason(error)))
            continue
        if values is None:
            values = np.empty((_checked_count(source, len(pictures), pixels, limits), *pixels.shape), dtype=np.uint8)
        values[len(labels)] = pixels
        labels.append(place[_folder(info.filename)])
    if values is None or 2 * len(unreadable) > len(pictures):
        reasons = ", ".join(f"{count} x {why}" for why, count in Counter(why for _, why in unreadable).most_common(3))
        raise DatasetError(
            source.name, "pictures", f"{len(unreadable):,} of {len(pictures):,} can't be read ({reasons})",
            "grey PNGs of one size", "Convert the pictures to PNGs of one size.",
        )  # fmt: skip
    return values[: len(labels)], np.array(labels, dtype=np.int64), unreadable


class _UnreadableError(Exception):
    """One picture can't be used; its text says why."""


def _grey(data: bytes, limits: ReaderLimits, shape: tuple[int, ...] | None) -> NDArray[np.uint8]:
    """Decode one PNG to (height, width) bytes; its size is looked at before it is unpacked."""
    if data[:8] != _SIGNATURE or data[12:16] != b"IHDR" or len(data) < 24:
        raise _UnreadableError("no PNG")
    width, height = struct.unpack(">II", data[16:24])
    if shape is not None and (height, width) != shape:
        raise _UnreadableError(f"{height} x {width} pixels where the first has {shape[0]} x {shape[1]}")
    if width * height > limits.inputs:
        raise _UnreadableError(f"{height} x {width} pixels, at most {limits.inputs:,} in all")
    with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
        return _as_bytes(picture)


def _as_bytes(picture: Image.Image) -> NDArray[np.uint8]:
    if picture.mode.startswith("I"):
        return (np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        black = Image.new("RGBA", picture.size, "black")
        picture = Image.alpha_composite(black, picture.convert("RGBA"))
    grey = picture if picture.mode == "L" else picture.convert("L")
    return np.frombuffer(grey.tobytes(), dtype=np.uint8).reshape(grey.height, grey.width)


def _checked_count(source: Source, count: int, pixels: NDArray[np.uint8], limits: ReaderLimits) -> int:
    if count * pixels.size > limits.values:
        raise DatasetError(
            source.name, "table of contents", f"{count:,} pictures of {pixels.shape[0]} x {pixels.shape[1]} pixels",
            f"at most {limits.values:,} pixels in all", "Pack fewer or smaller pictures.",
        )  # fmt: skip
    return count


def _reason(error: BaseException) -> str:
    return str(error) if isinstance(error, _UnreadableError) else f"damaged ({shown(str(error), 40)})"
