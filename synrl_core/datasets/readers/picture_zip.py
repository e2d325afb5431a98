"""Read a zip with one folder of pictures a class, as the original notMNIST archive.

That archive has a few files that are no pictures; such files are left out, counted and reported, and only when most
can't be read is the whole refused.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.base import blocks
from synrl_core.datasets.choices import Choices, ClassFolder
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.labels import check_name
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.raw import RawDataset, assemble
from synrl_core.datasets.readers import folders
from synrl_core.datasets.readers.archive import Member, opened_archive, read_member
from synrl_core.datasets.readers.source import Readable, Source, opened

if TYPE_CHECKING:
    from synrl_core.datasets.readers.decoding import Picture

#: How names of pictures end, in lower case.
ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".jfif")
_OTHER_ENDINGS = (".gif", ".bmp", ".tif", ".tiff", ".webp", ".svg", ".heic", ".avif", ".pgm", ".ppm", ".pnm")
_SHOWN = 5
#: Ink darker than this on a clear ground is meant for paper.
_DARK = 128
#: 16 bits that are 8 bits twice.
_TWICE = 257


def read(file: Readable, limits: ReaderLimits | None = None, *, choices: Choices | None = None) -> RawDataset:
    """Read every PNG and JPEG of an archive as grey pixels; all must have the size of the first that can be read.

    Colour becomes grey. Clear parts are laid on white where the ink is dark, else on black, alike for all pictures.
    Pictures of 16 bits keep them. What EXIF says of how a picture lies is followed.

    Raises
    ------
    DatasetError
        When the archive is cut, hostile or too large, has no pictures in folders, most can't be read, or all look the
        same.
    """
    limits = limits or ReaderLimits()
    with opened(file, limits) as source, opened_archive(source, limits) as (archive, members):
        return read_members(source, archive, members, limits, choices or Choices())


def read_members(
    source: Source, archive: zipfile.ZipFile, members: Sequence[Member], limits: ReaderLimits, choices: Choices
) -> RawDataset:
    """Read the pictures of an archive that is open; see `read`."""
    members = [member for member in members if not member.is_clutter]
    pictures = [member for member in members if member.path.lower().endswith(ENDINGS)]
    found, words = _classes(source, pictures, members, limits, choices.class_folder)
    chosen = [(member, word) for member, word in zip(pictures, found.classes, strict=True) if word is not None]
    decoded = _decode(source, archive, chosen, words, limits)
    values, ground = decoded.grey()
    remarks = [*decoded.lost_classes(words), *found.remarks]
    if others := len(members) - len(pictures):
        verb = (
            "file that is not named .png or .jpg was" if others == 1 else "files that are not named .png or .jpg were"
        )
        remarks.append(f"{others:,} {verb} left out.")
    remarks += [*decoded.remarks(len(chosen)), *ground, *_duplicates(values), *_doubtful(chosen)]
    flat = values.reshape(len(values), -1)
    labels = np.array(decoded.labels, dtype=np.int64)
    return assemble(
        source.name, flat, labels, values.shape[1:], limits, words=words, remarks=remarks, choices=choices,
        reading={} if found.level is None else {"class_folder": found.level},
        remedy="Put the pictures of each class into a folder of their own, such as A/1.png and B/2.png.",
    )  # fmt: skip


def _classes(
    source: Source, pictures: Sequence[Member], members: Sequence[Member], limits: ReaderLimits,
    chosen: ClassFolder | None,
) -> tuple[folders.Folders, tuple[str, ...]]:  # fmt: skip
    if len(pictures) > limits.samples:
        raise DatasetError(
            source.name, "table of contents", f"{len(pictures):,} pictures", f"at most {limits.samples:,}",
            "Pack fewer pictures, or raise the limit in the settings.",
        )  # fmt: skip
    found = folders.classes_of([member.path for member in pictures], chosen)
    words = sorted({word for word in found.classes if word is not None})
    if not pictures:
        raise DatasetError(
            source.name, "table of contents", f"no PNG or JPEG{_instead(members)}",
            "folders of pictures, one folder a class, such as A/1.png", "Convert the pictures to PNG.",
        )  # fmt: skip
    if not words or words == [""]:
        raise DatasetError(
            source.name, "table of contents", f"{len(pictures):,} pictures, none in a folder",
            "folders of pictures, one folder a class, such as A/1.png", "Put the pictures of each class into a folder.",
        )  # fmt: skip
    if len(words) > limits.classes:
        raise DatasetError(
            source.name, "table of contents", f"{len(words):,} folders", f"at most {limits.classes:,} classes",
            "Put all pictures of a class into one folder.",
        )  # fmt: skip
    for word in words:
        check_name(source.name, "table of contents", "folder name", word, limits)
    return found, tuple(words)


def _instead(members: Sequence[Member]) -> str:
    """Describe the files that are there in place of readable pictures."""
    kinds = Counter(f".{member.path.rpartition('.')[2].lower()}" for member in members if "." in member.path)
    named = [(ending, count) for ending, count in kinds.most_common(20) if ending in _OTHER_ENDINGS]
    named = named or kinds.most_common(2)
    return " but " + ", ".join(f"{count:,} {quoted(ending, 12)[1:-1]}" for ending, count in named[:3]) if named else ""


@dataclass
class _Decoded:
    """Buffer of decoded pictures, in the smallest number type that holds all."""

    source: Source
    count: int
    limits: ReaderLimits
    values: NDArray[Any] | None = None
    alpha: NDArray[np.uint8] | None = None
    labels: list[int] = field(default_factory=list)
    unreadable: list[tuple[str, str, str]] = field(default_factory=list)
    turned: int = 0
    cut: int = 0

    @property
    def shape(self) -> tuple[int, ...] | None:
        """(height, width) of all; None before the first."""
        return None if self.values is None else self.values.shape[1:]

    def append(self, picture: Picture, label: int) -> None:
        pixels = picture.pixels
        if self.values is None:
            if self.count * pixels.size > self.limits.values:
                raise DatasetError(
                    self.source.name, "table of contents",
                    f"{self.count:,} pictures of {pixels.shape[0]} x {pixels.shape[1]} pixels",
                    f"at most {self.limits.values:,} pixels in all", "Pack fewer or smaller pictures.",
                )  # fmt: skip
            self.values = np.empty((self.count, *pixels.shape), dtype=pixels.dtype)
        at = len(self.labels)
        if pixels.dtype == np.uint16 and self.values.dtype == np.uint8:
            # Pictures of 8 bits beside some of 16: white is white in both.
            self.values = self.values.astype(np.uint16) * _TWICE
        elif pixels.dtype == np.uint8 and self.values.dtype == np.uint16:
            pixels = pixels.astype(np.uint16) * _TWICE
        self.values[at] = pixels
        if picture.alpha is not None and self.alpha is None:
            self.alpha = np.full(self.values.shape, 255, dtype=np.uint8)
        if picture.alpha is not None and self.alpha is not None:
            self.alpha[at] = picture.alpha
        self.labels.append(label)
        self.turned += picture.turned
        self.cut += picture.cut

    def grey(self) -> tuple[NDArray[Any], list[str]]:
        """Return (samples, height, width) pixels with transparent parts on a ground, and the remarks on it."""
        assert self.values is not None  # noqa: S101 - `_decode` refuses where nothing could be read
        values = self.values[: len(self.labels)]
        if values.dtype == np.uint16 and not any((values[rows] % _TWICE).any() for rows in _runs(values)):
            values = (values // _TWICE).astype(np.uint8)
        if self.alpha is None:
            return values, []
        alpha = self.alpha[: len(values)]
        ink = total = 0.0
        for rows in _runs(values):
            through = alpha[rows] < 255
            with_clear = through.any(axis=(1, 2))
            part, weight = values[rows][with_clear], alpha[rows][with_clear].astype(np.float64)
            ink += float((part * weight).sum())
            total += float(weight.sum())
        white = 65535 if values.dtype == np.uint16 else 255
        dark = total > 0 and ink / total < _DARK * white / 255
        ground = white if dark else 0
        for rows in _runs(values):
            share = alpha[rows].astype(np.float32) / 255
            laid = values[rows] * share + ground * (1 - share)
            values[rows] = np.rint(laid).astype(values.dtype)
        on, ink_is = ("white", "dark") if dark else ("black", "light")
        return values, [f"Clear parts of pictures are laid on {on}, as the ink is {ink_is}."]

    def lost_classes(self, words: Sequence[str]) -> list[str]:
        """Name the classes without a readable picture: the most important remark."""
        there = {words[label] for label in self.labels}
        lost = Counter(word for _, _, word in self.unreadable if word not in there)
        if not lost:
            return []
        listed = ", ".join(f"{quoted(word)} ({count:,})" for word, count in sorted(lost.items())[:_SHOWN])
        return [f"No picture of these classes could be read, so they are not there: {listed}."]

    def remarks(self, count: int) -> list[str]:
        """Describe which pictures were left out, turned or cut."""
        remarks = []
        if self.unreadable:
            first = "; ".join(f"{quoted(name)}: {why}" for name, why, _ in self.unreadable[:_SHOWN])
            remarks.append(f"{len(self.unreadable):,} of {count:,} pictures can't be read and were left out ({first}).")
        if self.turned:
            remarks.append(f"{self.turned:,} pictures were turned as their EXIF says.")
        if self.cut:
            remarks.append(f"{self.cut:,} pictures have 16 bits a colour, of which 8 were read.")
        return remarks


def _decode(
    source: Source, archive: zipfile.ZipFile, chosen: Sequence[tuple[Member, str]], words: tuple[str, ...],
    limits: ReaderLimits,
) -> _Decoded:  # fmt: skip
    # Put off: it brings Pillow, which only pictures need.
    from synrl_core.datasets.readers.decoding import decode, reason

    place = {word: index for index, word in enumerate(words)}
    decoded = _Decoded(source, len(chosen), limits)
    for member, word in chosen:
        try:
            picture = decode(read_member(source, archive, member.info, limits), limits, decoded.shape)
        except DatasetError:
            raise
        except Exception as error:  # whatever a decoder makes of one damaged picture, the others are read
            decoded.unreadable.append((member.path.rpartition("/")[2], reason(error), word))
            continue
        decoded.append(picture, place[word])
    if decoded.values is None or 2 * len(decoded.unreadable) > len(chosen):
        counted = Counter(why for _, why, _ in decoded.unreadable).most_common(3)
        reasons = ", ".join(f"{count} x {why}" for why, count in counted)
        raise DatasetError(
            source.name, "pictures", f"{len(decoded.unreadable):,} of {len(chosen):,} can't be read ({reasons})",
            "PNGs or JPEGs of one size", "Convert the pictures to PNGs of one size.",
        )  # fmt: skip
    return decoded


def _duplicates(values: NDArray[Any]) -> list[str]:
    """Remark on pictures that are there more than once: one may train and the other validate."""
    sums = np.fromiter((crc32(picture) for picture in values), dtype=np.uint32, count=len(values))
    _, which, times = np.unique(sums, return_inverse=True, return_counts=True)
    alike = values[times[which] > 1]  # equal checksums are rare by chance: a real hash of these alone is quick
    copies = len(alike) - len({blake2b(picture.tobytes(), digest_size=16).digest() for picture in alike})
    if not copies:
        return []
    return [
        f"{copies:,} of {len(values):,} pictures are copies of others: samples that validate may be "
        "among those that train."
    ]


def _doubtful(chosen: Iterable[tuple[Member, str]]) -> list[str]:
    names = sorted({word for member, word in chosen if member.doubtful and not word.isascii()})
    if not names:
        return []
    return [
        f"The archive doesn't say in which letters its names are; check these: {', '.join(map(quoted, names[:5]))}."
    ]


def _runs(values: NDArray[Any]) -> Iterable[slice]:
    return blocks(len(values), int(np.prod(values.shape[1:])))
