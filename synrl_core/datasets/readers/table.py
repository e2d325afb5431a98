"""Read CSV: one row a sample, or a step of one, one column the label, numbers in the others."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.choices import Choices
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.raw import RawDataset, assemble
from synrl_core.datasets.readers import layout as layouts
from synrl_core.datasets.readers import whole_numbers
from synrl_core.datasets.readers.columns import counting_columns, named_as_pixels
from synrl_core.datasets.readers.layout import Layout
from synrl_core.datasets.readers.source import Readable, Source, opened
from synrl_core.datasets.readers.steps import columns_of_steps, fold
from synrl_core.datasets.readers.table_remarks import listed
from synrl_core.datasets.readers.table_rows import CommaFoundError, TableRows


def inspect(file: Readable, choices: Choices | None = None, limits: ReaderLimits | None = None) -> Layout:
    """Detect the layout of a CSV from its first lines, so that a page can show the guesses.

    Raises
    ------
    DatasetError
        When its lines hold no columns.
    """
    limits = limits or ReaderLimits()
    with opened(file, limits) as source:
        return layouts.inspect(source, limits, choices or Choices())


def columns(file: Readable, limits: ReaderLimits | None = None) -> tuple[str, ...]:
    """Return the names of a CSV's columns: see `inspect`."""
    return inspect(file, None, limits).names


def read(
    file: Readable,
    label_column: str | None = None,
    limits: ReaderLimits | None = None,
    *,
    choices: Choices | None = None,
) -> RawDataset:
    """Read a CSV.

    Parameters
    ----------
    label_column
        Name of the column that holds the class; short for the same choice.
    choices
        How to read it; what is None is guessed from the first lines, and remarked on where it is not as usual.

    Raises
    ------
    DatasetError
        When a row is ragged, a value is missing, no number or not finite, or no column is plainly the label.
    """
    limits, choices = limits or ReaderLimits(), choices or Choices()
    if label_column is not None:
        choices = replace(choices, label_column=label_column)
    with opened(file, limits) as source:
        found = layouts.inspect(source, limits, choices)
        try:
            plain = _plain(source, found, limits, choices)
            if plain is not None:
                return _assembled(source, found, limits, choices, *plain)
            if choices.encoding is None and found.encoding == "utf-8":
                found = layouts.inspect(source, limits, choices, whole=True)
            try:
                return _read(source, found, limits, choices)
            except CommaFoundError:
                found = layouts.inspect(source, limits, replace(choices, decimal=","), whole=True)
                return _read(source, found, limits, choices)
        except DatasetError as error:
            about_column = error.place == "labels" or "column " in error.place or "labels" in error.found
            if not found.guessed or found.label is None or not about_column:
                raise
            named = f" Column {quoted(found.label_name or '')} was taken for the class: name another if it is not."
            raise DatasetError(
                error.file, error.place, error.found, error.expected, error.remedy + named, error.choice
            ) from error


def _read(source: Source, found: Layout, limits: ReaderLimits, choices: Choices) -> RawDataset:
    rows = TableRows(source, found, _label_index(source, found), limits, choices)
    rows.extend(layouts.records(source, found.encoding, found.separator, limits, choices))
    return _assembled(source, found, limits, choices, *rows.table(), rows.remarks())


def _assembled(
    source: Source, found: Layout, limits: ReaderLimits, choices: Choices, values: NDArray[Any],
    labels: NDArray[np.int64], words: tuple[str, ...], inputs: tuple[str, ...], row_remarks: Sequence[str] = (),
) -> RawDataset:  # fmt: skip
    remarks = [*found.remarks, *row_remarks]
    places = columns_of_steps(inputs) if choices.samples in (None, "sequences") else None
    if places is not None:
        folded = fold(source.name, values, labels, inputs, places)
        return assemble(
            source.name, folded.values, folded.labels, folded.sample_shape, limits, words=words,
            feature_names=folded.names, remarks=[*remarks, folded.remark], choices=choices,
            reading=_reading(found) | {"samples": "sequences"},
        )  # fmt: skip
    if counting := counting_columns(values, inputs):
        remarks.append(
            f"Column {listed(counting)} counts the samples. As an input it gives away their order: leave it out "
            "unless it is measured."
        )
    return assemble(
        source.name, values, labels, (len(inputs),), limits, words=words, feature_names=inputs, remarks=remarks,
        choices=choices, reading=_reading(found), may_be_pictures=named_as_pixels(inputs),
        remedy="Add samples of another class, or choose another label column.",
    )  # fmt: skip


def _plain(
    source: Source, found: Layout, limits: ReaderLimits, choices: Choices
) -> tuple[NDArray[Any], NDArray[np.int64], tuple[str, ...], tuple[str, ...]] | None:
    """Read a table of plain whole numbers, if it is one: values, labels, words, names of the inputs."""
    unusual = found.unsure or found.row_names or choices.ignored_columns or choices.orientation == "transposed"
    if unusual or found.encoding.startswith(("utf-16", "utf-32")):
        return None
    label = _label_index(source, found)
    source.file.seek(0)
    if source.file.read(3) != codecs.BOM_UTF8:
        source.file.seek(0)
    for _ in range(found.header_lines):
        source.file.readline(limits.line_bytes)
    read = whole_numbers.rows(source, found.separator, len(found.names), label, limits)
    return None if read is None else (*read, tuple(name for at, name in enumerate(found.names) if at != label))


def _reading(found: Layout) -> dict[str, Any]:
    made = found.choices
    names = ("label_column", "separator", "encoding", "header", "orientation", "missing")
    return {name: getattr(made, name) for name in names} | {"decimal": made.decimal or "."}


def _label_index(source: Source, found: Layout) -> int:
    if found.label is not None:
        return found.label
    names = found.names
    there = ", ".join(quoted(name, 30) for name in names[:20]) + (
        f" ... ({len(names)} in all)" if len(names) > 20 else ""
    )
    wanted = found.choices.label_column
    what = "no column is plainly the label" if wanted is None else f"there is no column {quoted(wanted)}"
    raise DatasetError(
        source.name, "header", what, f"the name of one of these: {there}", "Name the column that holds the class."
    )
