"""Detect the layout of a CSV from its first lines: separator, decimal sign, header, label column.

The separator is the one under which the first lines have the same number of cells that look like cells: numbers, words
without another separator in them. A first line is a header if a word stands above a column of numbers, or above words
that repeat while it does not. Each of these is a guess that `Choices` may overrule.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from synrl_core.datasets.choices import ENCODINGS, SEPARATORS, Choices, Decimal
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.labels import check_name, is_missing, tidy
from synrl_core.datasets.limits import MIB, ReaderLimits
from synrl_core.datasets.readers import text
from synrl_core.datasets.readers.numbers import decimal_sign, is_number
from synrl_core.datasets.readers.source import Source

#: Names of columns that are taken for the label's when none is named.
USUAL = ("label", "class", "target", "species", "y")
#: Of these one is also the name of a coordinate.
_COORDINATE = "y"
_LINES, _LEAST_LINES = 200, 4
_CELLS_LOOKED_AT = 4000
#: A file of transposed samples is turned in memory, a cell a Python string.
_MOST_TURNED = 4_000_000
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*')
_UNNAMED = re.compile(r"(?:Unnamed: \d+(?:_level_\d+)?)?")
_FOREIGN = re.compile(r'[,;\t|"]')

Record = tuple[int, list[str]]


@dataclass(frozen=True)
class Layout:
    """Layout of a CSV.

    Attributes
    ----------
    choices
        Every choice that could be made from the first lines.
    encoding
        As `text.lines` takes it.
    names
        One a column, different from each other.
    label
        Place of the column that holds the class, or None.
    guessed
        Whether nobody named that column.
    header_lines
        Lines of text up to the first sample.
    unsure
        Places of columns that may turn out to be no inputs: without a name, or empty so far.
    unnamed
        Places of columns without a name.
    remarks
        What was decided.
    """

    choices: Choices
    encoding: str
    separator: str
    decimal: Decimal | None
    names: tuple[str, ...]
    label: int | None
    guessed: bool
    header: bool
    header_lines: int
    row_names: bool
    unsure: frozenset[int]
    unnamed: frozenset[int]
    remarks: tuple[str, ...]

    @property
    def label_name(self) -> str | None:
        """Name of the column that holds the class."""
        return None if self.label is None else self.names[self.label]


def records(source: Source, encoding: str, separator: str, limits: ReaderLimits, choices: Choices) -> Iterator[Record]:
    """Read a CSV row by row: (number of the line, cells)."""
    rows = csv.reader(
        text.lines(source, encoding, limits), delimiter=separator, skipinitialspace=separator != "\t", strict=True
    )
    numbered = ((rows.line_num, row) for row in _checked(source, rows))
    return _turned(source, numbered) if choices.orientation == "transposed" else numbered


def inspect(source: Source, limits: ReaderLimits, choices: Choices, *, whole: bool = False) -> Layout:
    """Detect the layout of a CSV from its first lines.

    Parameters
    ----------
    whole
        Tell the encoding from all of the file.

    Raises
    ------
    DatasetError
        When its lines hold no columns, or a column's name can't be shown.
    """
    encoding = text.encoding_of(source, choices.encoding, whole=whole)
    head = _head(text.lines(source, encoding.name, limits))
    remarks = list(encoding.remarks)
    named = _SEPARATOR_LINE.fullmatch(head[0]) if head else None
    separator = choices.separator or (named[1] if named and named[1] in SEPARATORS else _separator(head))
    if separator != ",":
        remarks.append(f"Columns are separated by {quoted(separator)}.")
    sample = list(islice(records(source, encoding.name, separator, limits, choices), max(_LEAST_LINES, len(head))))
    if not sample and head:
        sample = [(1, [])]
    return _laid_out(source, sample, encoding.name, separator, limits, choices, remarks, skip=int(named is not None))


def _laid_out(
    source: Source,
    sample: list[Record],
    encoding: str,
    separator: str,
    limits: ReaderLimits,
    choices: Choices,
    remarks: list[str],
    skip: int,
) -> Layout:
    width = _width([row for _, row in sample[skip:]])
    start, preamble, commented = _first_row(sample, skip, width)
    first = commented or (sample[start][1] if start < len(sample) else [])
    rest = [row for _, row in sample[start + (not commented) :] if any(cell.strip() for cell in row)]
    header = choices.header if choices.header is not None else bool(commented) or _is_header(first, rest)
    if preamble:
        remarks.append(f"Skipped: {preamble} line{'s' if preamble > 1 else ''} before the table.")
    row_names = header and len(rest) >= 3 and all(len(row) == len(first) + 1 for row in rest) and _names_rows(rest)
    cells = ["", *first] if row_names else first
    if not header:
        cells = [""] * width
        remarks.append("The first line is a sample and names no columns; they are called by their places.")
        rest = [row for _, row in sample[start:] if any(cell.strip() for cell in row)]
    if len(cells) < 2 or len(cells) > limits.inputs + 1:
        raise DatasetError(
            source.name, "header", f"{len(cells):,} columns", f"2 to {limits.inputs + 1:,}: a label and its values",
            "Separate columns by commas, and name them in the first line.",
        )  # fmt: skip
    unnamed = {place for place, cell in enumerate(cells) if _UNNAMED.fullmatch(cell.strip())}
    names = _names(source, cells, unnamed, limits, remarks)
    empty = {place for place in range(len(names)) if rest and not any(_cell(row, place).strip() for row in rest)}
    decimal = choices.decimal or decimal_sign(
        islice((cell for row in rest for cell in row), _CELLS_LOOKED_AT), separator
    )
    if decimal == ",":
        remarks.append("Numbers are read with a decimal comma.")
    label, guessed = _label(names, rest, choices, unnamed if header else set(), remarks)
    last = start if header and not commented else start - 1
    return Layout(
        choices=choices.filled(
            Choices(
                label_column=None if label is None else names[label],
                separator=separator,  # type: ignore[arg-type]
                decimal=decimal,
                encoding=encoding if encoding in ENCODINGS else None,
                header=header,
                orientation="as_stored",
                missing="refuse",
            )
        ),
        encoding=encoding,
        separator=separator,
        decimal=decimal,
        names=names,
        label=label,
        guessed=guessed,
        header=header,
        header_lines=sample[last][0] if 0 <= last < len(sample) else 0,
        row_names=row_names,
        unsure=frozenset((unnamed if header else set()) | empty) - {label},
        unnamed=frozenset(unnamed) if header else frozenset(),
        remarks=tuple(remarks),
    )


def _head(lines: Iterator[str]) -> list[str]:
    """Read the first lines: enough to compare, at most a mebibyte."""
    head, size = [], 0
    for line in lines:
        head.append(line)
        size += len(line)
        if len(head) >= _LINES or (size > MIB and len(head) >= _LEAST_LINES):
            break
    return head


def _separator(head: Sequence[str]) -> str:
    """Choose the separator under which lines have the same number of cells that look like cells."""
    scores = {separator: _score(_parsed(head, separator)) for separator in SEPARATORS}
    best = max(scores, key=lambda separator: scores[separator])  # the first of several that are as good
    return best if scores[best] > 0 else ","


def _parsed(head: Sequence[str], separator: str) -> list[list[str]]:
    lines = [line for line in head if line.strip() and not line.startswith("#")]
    try:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=separator != "\t"))
    except csv.Error:
        return []
    return [row[:-1] if len(row) > 1 and not row[-1].strip() else row for row in rows]


def _score(rows: list[list[str]]) -> float:
    width = _width(rows)
    if width < 2:
        return 0.0
    same = [row for row in rows if len(row) == width]
    cells = [cell for row in (same[1:] or same) for cell in row][:_CELLS_LOOKED_AT]
    clean = sum(map(_clean, cells)) / len(cells)
    return (len(same) / len(rows)) ** 2 * (0.05 + clean)


def _clean(cell: str) -> float:
    """Score how much a text looks like one cell: 1 for a number, little where a separator or quote is in it."""
    stripped = cell.strip()
    if is_number(stripped):
        return 1.0
    if not stripped or is_missing(stripped):
        return 0.6
    return 0.2 if _FOREIGN.search(stripped) else 0.8


def _width(rows: Sequence[list[str]]) -> int:
    """Return the most frequent number of cells, the larger of two as frequent."""
    counts = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _first_row(sample: Sequence[Record], skip: int, width: int) -> tuple[int, int, list[str] | None]:
    """Find the first row of the table: (its place, lines skipped before it, a header that stood in a comment)."""
    commented = None
    start = skip
    while start < len(sample) - 1:
        row = sample[start][1]
        filled = [cell for cell in row if cell.strip()]
        if not filled:
            pass
        elif row[0].startswith("#"):
            bare = [row[0].lstrip("#"), *row[1:]]
            bare = bare[1:] if len(bare) == width + 1 and not bare[0].strip() else bare
            commented = bare if len(bare) == width and not all(is_number(cell) for cell in bare) else commented
            if (
                commented
                and start + 1 < len(sample)
                and _is_header(sample[start + 1][1], [row for _, row in sample[start + 2 :]])
            ):
                # Names follow: this was a column whose name begins with '#', or a remark as wide as the table.
                commented = None
        elif width >= 2 and len(filled) == 1 and (len(row) == 1 or (width >= 3 and not is_number(filled[0]))):
            commented = None  # a title
        else:
            break
        start += 1
    skipped = sum(any(cell.strip() for cell in row) for _, row in sample[skip:start]) - bool(commented)
    return start, skipped, [cell.strip() for cell in commented] if commented else None


def _is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns and is no sample."""
    if not rest:
        return not all(is_number(cell) for cell in first)
    numbers = repeated = alone = 0
    for place, cell in enumerate(first):
        column = [one for row in rest if not is_missing(one := _cell(row, place))]
        word = tidy(cell)
        if not column or not word:
            continue
        if sum(map(is_number, column)) >= 0.8 * len(column):
            if is_number(word):
                numbers += 1
            elif not is_missing(word):
                return True  # a word above numbers
        elif word.casefold() in USUAL:
            return True
        else:
            values = [tidy(one) for one in column]
            repeated += word in values
            alone += word not in values and not is_number(word) and 2 * len(set(values)) <= len(values)
    if repeated:
        return False
    return bool(alone) or not numbers


def _names_rows(rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first cells are all different, as names or numbers of rows are, and the last ones not all empty."""
    first = [row[0] for row in rest]
    return len(set(first)) == len(first) and any(row[-1].strip() for row in rest)


def _names(
    source: Source, cells: Sequence[str], unnamed: set[int], limits: ReaderLimits, remarks: list[str]
) -> tuple[str, ...]:
    """Name each column, different from the others, on one line."""
    names: list[str] = []
    taken = {tidy(" ".join(cell.split())) for place, cell in enumerate(cells) if place not in unnamed}
    twice: list[str] = []
    for place, cell in enumerate(cells):
        name = f"column {place + 1}" if place in unnamed else tidy(" ".join(cell.split()))
        check_name(source.name, "header", "column name", name, limits)
        if name in names or (place in unnamed and name in taken):
            twice.append(name)
            name = next(
                one
                for number in range(2, len(cells) + 2)
                if (one := f"{name} ({number})") not in names and one not in taken
            )
        names.append(name)
    if twice:
        remarks.append(f"Several columns are called {', '.join(map(quoted, twice[:5]))}; the later ones got a number.")
    return tuple(names)


def _label(
    names: tuple[str, ...], rest: Sequence[Sequence[str]], choices: Choices, unnamed: set[int], remarks: list[str]
) -> tuple[int | None, bool]:
    """Choose the column that holds the class: (its place or None, whether it is a guess)."""
    if choices.label_column is not None:
        return (names.index(choices.label_column) if choices.label_column in names else None), False
    open_ = [place for place, name in enumerate(names) if name not in choices.ignored_columns]
    usual = [place for place in open_ if names[place].casefold() in USUAL]
    wordy = [place for place in open_ if place not in unnamed and _holds_words(rest, place)]
    sure = [place for place in usual if names[place].casefold() != _COORDINATE]
    if len(sure) == 1 or (len(usual) == 1 and not wordy):
        return (sure or usual)[0], True
    if not sure and len(wordy) == 1:
        # All other columns are numbers, which is what an input must be.
        remarks.append(f"Column {quoted(names[wordy[0]])} is the only one of words: it is taken for the class.")
        return wordy[0], True
    return (usual[0] if len(usual) == 1 else None), True


def _holds_words(rest: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column holds words, some of them more than once."""
    cells = [tidy(one) for row in rest if not is_missing(one := _cell(row, place))]
    words = [cell for cell in cells if not is_number(cell)]
    return 2 * len(words) > len(cells) > len(set(cells))


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _checked(source: Source, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    line = 0
    try:
        for row in rows:
            line = rows.line_num  # type: ignore[attr-defined]
            yield row
    except csv.Error as error:
        raise DatasetError(
            source.name, f"line {getattr(rows, 'line_num', line)}", str(error).replace("\t", "tab"),
            "columns that are quoted as usual", "Check the quotes there, or choose another separator.",
        ) from error  # fmt: skip


def _turned(source: Source, numbered: Iterator[Record]) -> Iterator[Record]:
    """Turn a table whose columns are samples."""
    rows: list[list[str]] = []
    cells = 0
    for line, row in numbered:
        if not any(cell.strip() for cell in row):
            continue
        if rows and len(row) != len(rows[0]):
            raise DatasetError(
                source.name, f"line {line}", f"{len(row):,} cells", f"{len(rows[0]):,}, as the first line has",
                "Fill in what is missing, or read the file as it is stored.",
            )  # fmt: skip
        rows.append(row)
        cells += len(row)
        if cells > _MOST_TURNED:
            raise DatasetError(
                source.name, f"line {line}", f"more than {_MOST_TURNED:,} cells", "fewer to be transposed",
                "Transpose the table where you made it.",
            )  # fmt: skip
    yield from enumerate((list(row) for row in zip(*rows, strict=True)), 1)
