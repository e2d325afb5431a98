"""CSV: a header, one row a sample, one column the label, numbers in all others."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator
from itertools import count
from typing import NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.errors import DatasetError, shown
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.raw import RawDataset, assemble, check_name
from synrl_core.datasets.readers import whole_numbers
from synrl_core.datasets.readers.source import Readable, Source, opened

#: Names of columns that are taken for the label's when none is named.
USUAL = ("label", "class", "target", "species", "y")
_ROWS_CHECKED_AT_ONCE = 4096


class _Rows(Protocol):
    """What csv.reader returns."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


def columns(file: Readable, limits: ReaderLimits | None = None) -> tuple[str, ...]:
    """Return the names in a CSV's header, so that a page can offer them as the label's.

    Raises
    ------
    DatasetError
        When there is no usable header.
    """
    limits = limits or ReaderLimits()
    with opened(file, limits) as source:
        return _header(source, limits)[0]


def read(file: Readable, label_column: str | None = None, limits: ReaderLimits | None = None) -> RawDataset:
    """Read a CSV: UTF-8, separated by commas, semicolons or tabs, quoted as usual.

    Parameters
    ----------
    label_column
        Name of the column that holds the class. None: the one column called label, class, target, species or y.

    Raises
    ------
    DatasetError
        When a row is ragged, a value is missing, no number or not finite, or the label column is not there.
    """
    limits = limits or ReaderLimits()
    with opened(file, limits) as source:
        names, delimiter = _header(source, limits)
        label = _label_index(source, names, label_column)
        source.file.seek(0)
        next(_lines(source, limits))
        plain = whole_numbers.rows(source, delimiter, len(names), label, limits)
        if plain is None:
            source.file.seek(0)
            rows = csv.reader(_lines(source, limits), delimiter=delimiter, strict=True)
            next(rows)
            plain = _rows(source, rows, names, label, limits)
    values, labels, words = plain
    remarks = [] if delimiter == "," else [f"Columns are separated by {shown(delimiter)}."]
    inputs = tuple(name for index, name in enumerate(names) if index != label)
    return assemble(
        source.name, values, labels, (len(inputs),), limits, words=words, feature_names=inputs, remarks=remarks
    )


def _header(source: Source, limits: ReaderLimits) -> tuple[tuple[str, ...], str]:
    source.file.seek(0)
    first = next(_lines(source, limits), "")
    delimiter = max(",;\t", key=first.count)
    source.file.seek(0)
    try:
        names = tuple(
            name.strip() for name in next(csv.reader(_lines(source, limits), delimiter=delimiter, strict=True), [])
        )
    except csv.Error as error:
        raise DatasetError(
            source.name, "header", f"{error}", "names of the columns", "Check the quotes in the first line."
        ) from error
    if len(names) < 2 or len(names) > limits.inputs + 1:
        raise DatasetError(
            source.name, "header", f"{len(names):,} columns", f"2 to {limits.inputs + 1:,}: a label and its values",
            "Separate columns by commas, and name them in the first line.",
        )  # fmt: skip
    for name in names:
        check_name(source.name, "header", "column name", name, limits)
    if len(set(names)) < len(names):
        double = next(name for index, name in enumerate(names) if name in names[:index])
        raise DatasetError(
            source.name, "header", f"two columns called {shown(double)}", "different names", "Rename one of them."
        )
    if all(_is_number(name) for name in names):
        raise DatasetError(
            source.name, "header", f"numbers only ({', '.join(names[:4])} ...)", "names of the columns",
            "Add a first line that names the columns, e.g. label,x1,x2.",
        )  # fmt: skip
    return names, delimiter


def _label_index(source: Source, names: tuple[str, ...], wanted: str | None) -> int:
    if wanted is not None and wanted in names:
        return names.index(wanted)
    usual = [index for index, name in enumerate(names) if name.casefold() in USUAL]
    if wanted is None and len(usual) == 1:
        return usual[0]
    there = ", ".join(shown(name, 30) for name in names[:20]) + (
        f" ... ({len(names)} in all)" if len(names) > 20 else ""
    )
    found = "no column is plainly the label" if wanted is None else f"there is no column {shown(wanted)}"
    raise DatasetError(
        source.name, "header", found, f"the name of one of these: {there}", "Name the column that holds the class."
    )


def _rows(
    source: Source, rows: _Rows, names: tuple[str, ...], label: int, limits: ReaderLimits
) -> tuple[NDArray[np.uint8] | NDArray[np.float32], NDArray[np.int64], tuple[str, ...]]:
    """Read all rows: (samples, inputs) values, (samples,) places of the labels among the words, and the words."""
    values, labels, words = array("f"), array("q"), dict[str, int]()
    inputs = len(names) - 1
    try:
        for row in rows:
            if not row:
                continue  # an empty line, as at the end of many files
            if len(row) != len(names):
                raise DatasetError(
                    source.name, f"line {rows.line_num}", f"{len(row):,} columns", f"{len(names):,}, as the header has",
                    "Fill in what is missing, or quote values that hold the separator.",
                )  # fmt: skip
            word = row.pop(label).strip()
            if word not in words:
                check_name(source.name, f"line {rows.line_num}", "class name", word, limits)
                words[word] = len(words)
            labels.append(words[word])
            if len(words) > limits.classes or len(labels) > limits.samples or len(labels) * inputs > limits.values:
                _refuse_size(source, rows.line_num, len(words), len(labels), inputs, limits)
            try:
                values.extend(map(float, row))
            except ValueError:
                _refuse_value(source, rows.line_num, names, label, row)
            if "_" in "".join(row):  # Python would read 1_0 as 10
                _refuse_value(source, rows.line_num, names, label, row)
    except csv.Error as error:
        raise DatasetError(
            source.name, f"line {rows.line_num}", f"{error}", "columns that are quoted as usual",
            "Check the quotes there.",
        ) from error  # fmt: skip
    table = np.frombuffer(values, dtype=np.float32) if values else np.zeros(0, dtype=np.float32)
    table = table.reshape(len(labels), inputs)
    _check_finite(source, table, names, label)
    return table, np.array(labels, dtype=np.int64), tuple(words)


def _refuse_size(source: Source, line: int, classes: int, samples: int, inputs: int, limits: ReaderLimits) -> NoReturn:
    if classes > limits.classes:
        raise DatasetError(
            source.name, f"line {line}", f"{classes:,} different labels so far", f"at most {limits.classes:,}",
            "Choose the column that holds the class; a number that is measured is no class.",
        )  # fmt: skip
    raise DatasetError(
        source.name, f"line {line}", f"{samples:,} samples of {inputs:,} values so far",
        f"at most {limits.samples:,} samples and {limits.values:,} values",
        "Bring fewer samples, or raise the limit in the settings.",
    )  # fmt: skip


def _refuse_value(source: Source, line: int, names: tuple[str, ...], label: int, row: list[str]) -> NoReturn:
    inputs = [name for index, name in enumerate(names) if index != label]
    column, value = next((name, value) for name, value in zip(inputs, row, strict=True) if not _is_number(value))
    raise DatasetError(
        source.name, f"line {line}, column {shown(column)}", f"{shown(value)}" if value.strip() else "nothing",
        "a number such as 0.5 or 1e-3",
        "Use a decimal point; replace words by numbers; fill in or leave out rows with missing values.",
    )  # fmt: skip


def _check_finite(source: Source, table: NDArray[np.float32], names: tuple[str, ...], label: int) -> None:
    for start in range(0, len(table), _ROWS_CHECKED_AT_ONCE):
        wrong = np.argwhere(~np.isfinite(table[start : start + _ROWS_CHECKED_AT_ONCE]))
        if len(wrong):
            row, column = (int(index) for index in wrong[0])
            inputs = [name for index, name in enumerate(names) if index != label]
            raise DatasetError(
                source.name, f"sample {start + row + 1:,}, column {shown(inputs[column])}",
                f"{table[start + row, column]}", "a finite number",
                "Fill in or leave out rows with missing values.",
            )  # fmt: skip


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _lines(source: Source, limits: ReaderLimits) -> Iterator[str]:
    """Decode line by line, each no longer than allowed."""
    file = source.file
    encoding = "utf-8-sig"
    for number in count(1):
        line = file.readline(limits.line_bytes + 1)
        if not line:
            return
        if len(line) > limits.line_bytes:
            raise DatasetError(
                source.name, f"line {number}", f"more than {limits.line_bytes:,} characters",
                f"at most {limits.line_bytes:,}", "Check that the file is a CSV with one sample a line.",
            )  # fmt: skip
        try:
            yield line.decode(encoding)
        except UnicodeDecodeError as error:
            raise DatasetError(
                source.name, f"line {number}", f"bytes that are not UTF-8 ({shown(line[error.start:error.end].hex())})",
                "text in UTF-8", "Save the file as CSV in UTF-8.",
            ) from error  # fmt: skip
        encoding = "utf-8"
