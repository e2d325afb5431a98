"""Remarks on how a table was read: rows and columns that were left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from synrl_core.datasets.errors import quoted
from synrl_core.datasets.readers.columns import UncertainColumn, counts_rows, numbers_rows
from synrl_core.datasets.readers.layout import Layout

#: Names that a remark lists at most.
_NAMED = 5


@dataclass
class SkippedRows:
    """Numbers of rows that are no sample, by the reason."""

    blank: int = 0
    comments: int = 0
    trailing: int = 0
    """Rows that are samples, but end with a separator."""
    dropped: int = 0
    """Samples with a missing value or label."""

    def remarks(self) -> list[str]:
        """Describe the rows, a sentence for each reason."""
        reasons = (
            (self.blank, "empty row was skipped", "empty rows were skipped"),
            (self.comments, "line of comment was skipped", "lines of comment were skipped"),
            (
                self.dropped,
                "sample with a missing value or label was left out",
                "samples with a missing value or label were left out",
            ),
            (self.trailing, "line ends with a separator", "lines end with a separator"),
        )
        return [f"{count:,} {one if count == 1 else several}." for count, one, several in reasons if count]


def of_uncertain_columns(columns: Mapping[int, UncertainColumn], layout: Layout) -> list[str]:
    """Describe which uncertain columns, by their places, were left out or named."""
    remarks = []
    for place, column in columns.items():
        name = quoted(layout.names[place])
        unnamed = place in layout.unnamed
        if column.empty:
            remarks.append(f"Column {name} is empty and was left out.")
        elif unnamed and column.numbers and numbers_rows(place, column.values):
            counts = "counts" if counts_rows(column.values) else "numbers"
            remarks.append(f"Column {name} has no name and {counts} the rows: it was left out.")
        elif not column.numbers:
            remarks.append(f"Column {name} has {'no name' if unnamed else 'words'} and was left out.")
        elif unnamed:
            remarks.append(f"Column {place + 1} has no name and is called {name}.")
    return remarks


def listed(names: Iterable[str]) -> str:
    """Return the first names, quoted, with commas between them."""
    several = list(names)
    return ", ".join(map(quoted, several[:_NAMED])) + (" ..." if len(several) > _NAMED else "")
