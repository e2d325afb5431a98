"""Fast path for tables of whole numbers, such as MNIST as CSV: three times as fast.

Only what is plain is read here: digits, one separator, ends of lines, as many columns in each line. At anything else
`rows` gives up and the ordinary reader goes through the file, so that one place says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.limits import MIB, ReaderLimits
from synrl_core.datasets.readers.source import Source

#: Whole numbers of up to seven digits are exact in float32.
_MOST_DIGITS = 7
_ZERO, _NINE, _NEWLINE = b"09\n"


def rows(
    source: Source, delimiter: str, columns: int, label: int, limits: ReaderLimits
) -> tuple[NDArray[np.uint8] | NDArray[np.float32], NDArray[np.int64], tuple[str, ...]] | None:
    """Read the lines after the current one, if all are plain and within the limits.

    Returns
    -------
    values
        (samples, columns - 1), uint8 where nothing is above 255.
    labels
        (samples,) places among the words.
    words
        The different labels, by value.
    """
    blocks: list[NDArray[Any]] = []
    labels: list[NDArray[np.int64]] = []
    different: set[int] = set()
    samples = 0
    for block in _blocks_of_lines(source):
        table = _parse(block, ord(delimiter), columns, label)
        if table is None:
            return None
        labels.append(table[:, label].astype(np.int64))
        different.update(np.unique(labels[-1]).tolist())
        samples += len(table)
        if samples > limits.samples or samples * (columns - 1) > limits.values or len(different) > limits.classes:
            return None
        values = np.delete(table, label, axis=1)
        blocks.append(values.astype(np.uint8) if values.max(initial=0) <= 255 else values)
    if not blocks:
        return None
    words = sorted(different)
    places = np.searchsorted(np.array(words), np.concatenate(labels)).astype(np.int64)
    return np.concatenate(blocks), places, tuple(map(str, words))


def _blocks_of_lines(source: Source) -> Iterator[bytes]:
    """Cut the rest of the file into blocks of about a mebibyte that end where a line ends."""
    rest = b""
    while more := source.file.read(MIB):
        block, newline, rest = (rest + more).rpartition(b"\n")
        if newline:
            yield block + newline
        elif len(rest) > 8 * MIB:
            yield rest  # no line of a plain table is that long: it will not be taken for one
            return
    if rest:
        yield rest + b"\n"


def _parse(block: bytes, delimiter: int, columns: int, label: int) -> NDArray[np.float32] | None:
    """Read a block of lines to (lines, columns), all numbers at once, or None if it is not plain."""
    signs = np.frombuffer(block.replace(b"\r\n", b"\n"), dtype=np.uint8)
    is_digit = (signs >= _ZERO) & (signs <= _NINE)
    ends = np.flatnonzero(~is_digit)
    if not len(ends) or len(ends) % columns:
        return None
    kinds = signs[ends].reshape(-1, columns)
    if (kinds[:, -1] != _NEWLINE).any() or (kinds[:, :-1] != delimiter).any():
        return None
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    # A label such as 007 is a word of its own, and not 7.
    padded = (signs[starts] == _ZERO) & (lengths > 1)
    if lengths.min() < 1 or lengths.max() > _MOST_DIGITS or padded.reshape(-1, columns)[:, label].any():
        return None
    digits = signs.astype(np.float32) - _ZERO
    numbers = digits[ends - 1]
    for place in range(2, int(lengths.max()) + 1):
        longer = np.flatnonzero(lengths >= place)
        numbers[longer] += digits[ends[longer] - place] * np.float32(10 ** (place - 1))
    return numbers.reshape(-1, columns)
