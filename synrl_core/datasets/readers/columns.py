"""Columns of a table that are perhaps no input: without a name, empty, or counting the rows."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.choices import Decimal
from synrl_core.datasets.labels import is_missing
from synrl_core.datasets.readers.numbers import parse

#: A column that counts the samples is remarked on from so many samples on.
_COUNTED = 8
#: Names that pixels have: a number, by itself, after such a word, or as row and column.
_PIXEL = re.compile(r"(?:pixels?|pix|px|p|x|v|att|attr|attribute|input|column)?[ _.-]*\d+(?:[ _.,x-]+\d+)?")


@dataclass
class UncertainColumn:
    """A column that is perhaps no input: unnamed, or empty in the first lines."""

    values: array[float] = field(default_factory=lambda: array("d"))
    empty: bool = True
    numbers: bool = True
    first_missing: int | None = None

    def append(self, cell: str, decimal: Decimal, line: int) -> None:
        """Add a cell of a line; text that is no number is NaN."""
        value = parse(cell, decimal)
        if is_missing(cell):
            self.first_missing = self.first_missing or line
        else:
            self.empty = False
            self.numbers &= value is not None
        self.values.append(np.nan if value is None else value)


def counts_rows(values: array[float] | NDArray[Any]) -> bool:
    """Return whether numbers are 0, 1, 2 ... or 1, 2, 3 ..."""
    column = np.asarray(values, dtype=np.float64)
    return len(column) > 1 and column[0] in (0.0, 1.0) and bool((np.diff(column) == 1).all())


def numbers_rows(place: int, values: array[float] | NDArray[Any]) -> bool:
    """Return whether a column without a name numbers the rows: it counts, or is first and has distinct whole numbers.

    pandas writes such an index for rows that were selected or shuffled.
    """
    column = np.asarray(values, dtype=np.float64)
    if counts_rows(column) or place > 0:
        return counts_rows(column)
    is_whole = bool((column >= 0).all() and (column == np.floor(column)).all())
    return len(column) > 2 and is_whole and len(np.unique(column)) == len(column)


def counting_columns(values: NDArray[Any], names: tuple[str, ...]) -> list[str]:
    """Return the names of inputs that count the samples."""
    if len(values) < _COUNTED:
        return []
    likely = np.flatnonzero((np.diff(values[:_COUNTED].astype(np.float64), axis=0) == 1).all(axis=0))
    return [names[place] for place in likely if (np.diff(values[:, place].astype(np.float64)) == 1).all()]


def named_as_pixels(names: tuple[str, ...]) -> bool:
    """Return whether columns are named as pixels are: '12', 'pixel12', 'px_3', '1x1', 'pixel_0_1'."""
    return all(_PIXEL.fullmatch(name.casefold()) for name in names)
