"""Buffer the samples of a CSV while it is read: rows of text become numbers, labels and remarks."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from math import isfinite
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.base import LARGEST
from synrl_core.datasets.choices import Choices, Decimal
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.labels import check_name, is_missing, tidy
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.raw import keep_digits
from synrl_core.datasets.readers import layout as layouts
from synrl_core.datasets.readers.columns import UncertainColumn, numbers_rows
from synrl_core.datasets.readers.layout import Layout
from synrl_core.datasets.readers.numbers import decimal_sign, has_thousands, parse
from synrl_core.datasets.readers.source import Source
from synrl_core.datasets.readers.table_remarks import SkippedRows, listed, of_uncertain_columns

_BLOCK_VALUES = 2**19
#: Further spellings of a missing number; a class may be called so.
_NO_NUMBER = frozenset({"-", "--", "---", ".", "..", "...", "n.a.", "N.A.", "k.A.", "missing", "Missing", "nil"})


class CommaFoundError(Exception):
    """A decimal comma was found after the lines from which the layout was detected."""


class TableRows:
    """Buffer of a CSV's samples, in the smallest number type that holds all."""

    def __init__(self, source: Source, found: Layout, label: int, limits: ReaderLimits, choices: Choices) -> None:
        ignored = {place for place, name in enumerate(found.names) if name in choices.ignored_columns}
        self._ignored = tuple(found.names[place] for place in sorted(ignored - {label}))
        self._source, self._layout, self._label, self._limits = source, found, label, limits
        self._width = len(found.names)
        self._decimal: Decimal = found.decimal or "."
        self._unsure = {place: UncertainColumn() for place in sorted(found.unsure - ignored - {label})}
        self._inputs = [p for p in range(self._width) if p != label and p not in self._unsure and p not in ignored]
        self._all = len(self._inputs) == self._width - 1
        self._missing = found.choices.missing or "refuse"
        self._values: array[float] = array("f")
        self._block: array[float] = array("d")
        self._labels: array[int] = array("q")
        self._words: dict[str, int] = {}
        self._skipped = SkippedRows()
        self._samples = 0
        self._thousands: str | None = None

    def extend(self, records: Iterable[layouts.Record]) -> None:
        """Read all samples.

        Raises
        ------
        DatasetError
            Naming line and column of what can't be used.
        """
        for line, row in records:
            if line <= self._layout.header_lines or not row:
                continue  # an empty line, as at the end of many files
            if len(row) != self._width:
                fitted = self._fit(line, row)
                if fitted is None:
                    continue
                row = fitted
            elif not row[self._label].strip() and not any(cell.strip() for cell in row):
                self._skipped.blank += 1
                continue
            self._append_row(line, row)
        self._flush()

    def table(self) -> tuple[NDArray[Any], NDArray[np.int64], tuple[str, ...], tuple[str, ...]]:
        """Return (samples, inputs) values, (samples,) places of the labels among the words, words, inputs' names."""
        table: NDArray[Any] = np.frombuffer(self._values, self._values.typecode) if self._values else np.zeros(0, "f")
        table = table.reshape(self._samples, len(self._inputs)) if self._inputs else np.zeros((self._samples, 0), "f")
        places = list(self._inputs)
        for place, column in self._unsure.items():
            if (
                column.empty
                or not column.numbers
                or (place in self._layout.unnamed and numbers_rows(place, column.values))
            ):
                continue
            if column.first_missing is not None:
                self._refuse_value(column.first_missing, place, "")
            at = int(np.searchsorted(places, place))
            table = np.insert(table.astype(np.float64), at, np.frombuffer(column.values), axis=1)
            places.insert(at, place)
        names = tuple(self._layout.names[place] for place in places)
        return table, np.array(self._labels, dtype=np.int64), tuple(self._words), names

    def remarks(self) -> list[str]:
        """Describe what was left out, and how thousands were read."""
        remarks = [*of_uncertain_columns(self._unsure, self._layout), *self._skipped.remarks()]
        if self._ignored:
            remarks.append(f"Left out as chosen: {listed(self._ignored)}.")
        if self._thousands is not None:
            value = parse(self._thousands, self._decimal) or 0.0
            remarks.append(f"Thousands are separated: {quoted(self._thousands)} is read as {value:.15g}.")
        return remarks

    def _fit(self, line: int, row: list[str]) -> list[str] | None:
        """Bring a row to as many cells as there are columns; None for one that is no sample."""
        if not any(cell.strip() for cell in row):
            self._skipped.blank += 1
            return None
        if row[0].startswith("#"):
            self._skipped.comments += 1
            return None
        if len(row) == self._width + 1 and not row[-1].strip():
            self._skipped.trailing += 1
            return row[:-1]
        if len(row) == self._width - 1 and self._width - 1 in self._layout.unnamed:
            return [*row, ""]
        expected = "as the header has" if self._layout.header else "as most lines have"
        raise DatasetError(
            self._source.name, f"line {line}", f"{len(row):,} columns", f"{self._width:,}, {expected}",
            "Fill in what is missing, quote values that hold the separator, or choose another separator.",
        )  # fmt: skip

    def _append_row(self, line: int, row: list[str]) -> None:
        place = self._place(line, row[self._label])
        if place is None:
            self._skipped.dropped += 1
            return
        if self._all:
            cells = row
            del cells[self._label]
        else:
            cells = [row[at] for at in self._inputs]
        before = len(self._block)
        if not self._quick(cells):
            del self._block[before:]
            if not self._slow(line, cells):
                del self._block[before:]
                self._skipped.dropped += 1
                return
        for at, column in self._unsure.items():
            column.append(row[at], self._decimal, line)
        self._labels.append(place)
        self._samples += 1
        if self._samples > self._limits.samples or self._samples * len(self._inputs) > self._limits.values:
            self._refuse_size(line)
        if len(self._block) >= _BLOCK_VALUES:
            self._flush()

    def _place(self, line: int, cell: str) -> int | None:
        """Return the place of a label among the words; None if its sample is to be left out."""
        place = self._words.get(cell)
        if place is not None:
            return place
        word = tidy(cell)
        if is_missing(word) and not (word and self._missing == "keep"):
            if self._missing == "leave_out":
                return None
            keep = f" If {quoted(word)} is the name of a class, choose to keep such words." if word else ""
            raise DatasetError(
                self._source.name, f"line {line}, column {quoted(self._layout.names[self._label])}",
                f"{quoted(word)}, which is no class name" if word else "no class name", "a class for every sample",
                f"Fill it in, remove the row, or choose to leave out samples with missing values.{keep}", "missing",
            )  # fmt: skip
        if word not in self._words:
            check_name(self._source.name, f"line {line}", "class name", word, self._limits)
            self._words[word] = len(self._words)
            if len(self._words) > self._limits.classes:
                raise DatasetError(
                    self._source.name, f"line {line}", f"{len(self._words):,} different labels so far",
                    f"at most {self._limits.classes:,}",
                    "Choose the column that holds the class; a number that is measured is no class.",
                )  # fmt: skip
        return self._words[word]

    def _quick(self, cells: list[str]) -> bool:
        """Read a row of plain numbers; whether it was one."""
        joined = "\x1f".join(cells)
        if "_" in joined or "n" in joined or "N" in joined:  # Python would read 1_0 as 10, and nan and inf
            return False
        if self._decimal == ",":
            if "." in joined or "'" in joined:
                return False
            cells = joined.replace(",", ".").split("\x1f") if cells else cells
        try:
            self._block.extend(map(float, cells))
        except ValueError:
            return False
        return True

    def _slow(self, line: int, cells: list[str]) -> bool:
        """Read a row number by number; False if a value is missing and its sample is to be left out."""
        for at, cell in zip(self._inputs, cells, strict=True):
            if self._layout.decimal is None and "," in cell and decimal_sign([cell], self._layout.separator) == ",":
                raise CommaFoundError
            value = parse(cell, self._decimal)
            if value is None and (is_missing(cell) or cell.strip() in _NO_NUMBER):
                if self._missing == "leave_out":
                    return False
                self._refuse_value(line, at, cell)
            if value is None or not isfinite(value):
                self._refuse_value(line, at, cell)
            if self._thousands is None and has_thousands(cell, self._decimal):
                self._thousands = cell.strip()
            self._block.append(value)
        return True

    def _flush(self) -> None:
        """Check a block of rows, and keep it in the smallest type that loses nothing."""
        inputs = len(self._inputs)
        if not inputs or not self._block:
            return
        block: NDArray[Any] = np.array(self._block).reshape(-1, inputs)
        del self._block[:]
        first = self._samples - len(block)
        if self._missing == "leave_out" and (lost := np.isnan(block).any(axis=1)).any():
            block = block[~lost]
            self._leave_out(first, lost)
        kept = keep_digits(block)
        wrong = np.argwhere(~(np.abs(kept) <= LARGEST))
        if len(wrong):
            row, column = (int(index) for index in wrong[0])
            missing = np.isnan(block[row, column])
            raise DatasetError(
                self._source.name,
                f"sample {first + row + 1:,}, column {quoted(self._layout.names[self._inputs[column]])}",
                f"{block[row, column]:g}, or a number too large for 64 bits" if np.isinf(block[row, column]) else
                f"{block[row, column]:g}", f"a number, in size at most {LARGEST:g}",
                "Fill it in, or choose to leave out samples with missing values." if missing else
                "Bring it to another unit, or remove the row.",
            )  # fmt: skip
        if kept.dtype == np.float64 and self._values.typecode == "f":
            # What was read before lost nothing: a column's deviation only grows with more rows.
            self._values = array("d", self._values)
        self._values.frombytes(kept.astype(self._values.typecode, copy=False).tobytes())

    def _leave_out(self, first: int, lost: NDArray[np.bool_]) -> None:
        rest = np.frombuffer(self._labels, dtype=np.int64)[first:][~lost]
        del self._labels[first:]
        self._labels.frombytes(rest.tobytes())
        for column in self._unsure.values():
            values = np.frombuffer(column.values)[first:][~lost].copy()
            del column.values[first:]
            column.values.frombytes(values.tobytes())
        self._samples -= int(lost.sum())
        self._skipped.dropped += int(lost.sum())

    def _refuse_size(self, line: int) -> NoReturn:
        raise DatasetError(
            self._source.name, f"line {line}", f"{self._samples:,} samples of {len(self._inputs):,} values so far",
            f"at most {self._limits.samples:,} samples and {self._limits.values:,} values",
            "Bring fewer samples, or raise the limit in the settings.",
        )  # fmt: skip

    def _refuse_value(self, line: int, place: int, cell: str) -> NoReturn:
        empty = not cell.strip()
        sign = f" (the decimal sign is {quoted(self._decimal)})" if any(letter.isdigit() for letter in cell) else ""
        remedy = "Choose the decimal sign, leave the column out, or replace words by numbers."
        if is_missing(cell) or cell.strip() in _NO_NUMBER:
            remedy = "Fill it in, or choose to leave out samples with missing values."
        elif parse(cell, self._decimal) is not None:
            sign, remedy = " that is finite", "Bring it to another unit, or remove the row."
        raise DatasetError(
            self._source.name, f"line {line}, column {quoted(self._layout.names[place])}",
            "nothing" if empty else f"{quoted(cell)}", f"a number such as 0.5 or 1e-3{sign}", remedy,
        )  # fmt: skip
