"""Reader choices of an upload: parsed from form fields, and listed with the guessed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.datasets.schemas import ReadingChoice, ReadingOption
from backend.kit.errors import InvalidError
from synrl_core.datasets import ChoiceError, Choices
from synrl_core.datasets.choices import ENCODINGS

#: What the fields are called that a form may have, with what they mean.
FIELDS = {
    "label_column": "Of a CSV: the column that holds the class.",
    "separator": "Of a CSV: comma, semicolon, tab, bar or spaces.",
    "decimal": "Of a CSV: point or comma.",
    "encoding": f"Of a CSV: one of {', '.join(ENCODINGS)}.",
    "header": "Of a CSV: true if its first line names the columns, else false.",
    "ignored_columns": "Of a CSV: a column that is no input; the field several times for several.",
    "missing": "Samples with a missing value: refuse, leave_out, or keep words such as None as a class.",
    "orientation": "as_stored; transposed where a CSV's columns are the samples, or pictures lie (EMNIST).",
    "samples": "What a sample is, where the file leaves that open: pictures, rows or sequences.",
    "class_folder": "Of a zip with folders in folders: innermost or outermost.",
    "pixel_range": "White is the largest number of the pixels' type, or the brightest of the set: type or own.",
}
#: Words for signs that are hard to type or to see.
_WORDS: dict[str, dict[str, Any]] = {
    "separator": {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "spaces": " "},
    "decimal": {"point": ".", "comma": ","},
    "header": {"true": True, "false": False},
}
_TITLES: dict[str, tuple[str, dict[str, str]]] = {
    "separator": (
        "Columns are separated by",
        {"comma": "commas", "semicolon": "semicolons", "tab": "tabs", "bar": "bars |", "spaces": "spaces"},
    ),
    "decimal": ("Decimal sign", {"point": "point: 0.5", "comma": "comma: 0,5"}),
    "encoding": ("Encoding", ENCODINGS),
    "header": ("First line", {"true": "names of the columns", "false": "a sample"}),
    "missing": (
        "Missing values",
        {"refuse": "are not expected", "leave_out": "leave the sample out", "keep": "are the name of a class"},
    ),
    "orientation": ("Orientation", {"as_stored": "as stored", "transposed": "rows and columns swapped"}),
    "samples": (
        "A sample is",
        {"pictures": "a picture", "rows": "a row of numbers", "sequences": "a sequence of steps"},
    ),
    "class_folder": ("Class is named by", {"innermost": "the innermost folder", "outermost": "the outermost folder"}),
    "pixel_range": ("White is", {"type": "what the type can hold", "own": "the brightest pixel"}),
}
_OF_TABLES = ("separator", "decimal", "encoding", "header", "missing", "orientation")
_ORIENTATION_OF_TABLES = ("Samples are", {"as_stored": "rows", "transposed": "columns"})


def choices_of(fields: Mapping[str, Sequence[str]]) -> Choices:
    """Read the choices among a form's fields; empty ones are none.

    Raises
    ------
    InvalidError
        For a value that there is not.
    """
    given: dict[str, Any] = {}
    for name in FIELDS:
        values = [value for value in fields.get(name, ()) if value]
        if not values:
            continue
        words = _WORDS.get(name, {})
        given[name] = tuple(values) if name == "ignored_columns" else words.get(values[0].lower(), values[0])
    header = given.get("header")
    if header is not None and not isinstance(header, bool):
        raise InvalidError.of("header", "should be true or false", value=header)
    try:
        return Choices(**given)
    except ChoiceError as error:
        allowed = [_word(error.field, one) for one in error.allowed]
        raise InvalidError.of(
            error.field, f"should be one of: {', '.join(allowed)}", value=error.value, limit={"allowed": allowed}
        ) from error


def offered(
    made: Mapping[str, Any], given: Choices, *, is_table: bool, asked: str | None = None
) -> list[ReadingChoice]:
    """Return the choices that matter for a file, each with what is in force.

    Parameters
    ----------
    made
        What the reader decided, by the names of `Choices`.
    asked
        A choice without which the file can't be read.
    """
    names = [name for name in _TITLES if name in made or name == asked or (is_table and name in _OF_TABLES)]
    if not is_table and asked != "missing" and given.missing is None:
        names = [name for name in names if name != "missing"]
    return [_offer(name, made.get(name), given, is_table=is_table) for name in names]


def _offer(name: str, value: Any, given: Choices, *, is_table: bool) -> ReadingChoice:
    title, options = _ORIENTATION_OF_TABLES if is_table and name == "orientation" else _TITLES[name]
    chosen = getattr(given, name)
    return ReadingChoice(
        field=name,
        title=title,
        value=_word(name, value if chosen is None else chosen),
        guessed=chosen is None,
        options=[ReadingOption(value=one, title=words) for one, words in options.items()],
    )


def _word(name: str, value: Any) -> str:
    if value is None:
        return ""
    return next((word for word, sign in _WORDS.get(name, {}).items() if sign == value), str(value))
