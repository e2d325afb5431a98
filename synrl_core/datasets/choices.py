"""Reader choices: settings that a person gives instead of the readers' guesses."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from synrl_core.datasets.errors import quoted

Missing = Literal["refuse", "leave_out", "keep"]
Separator = Literal[",", ";", "\t", "|", " "]
Decimal = Literal[".", ","]
Orientation = Literal["as_stored", "transposed"]
Samples = Literal["pictures", "rows", "sequences"]
ClassFolder = Literal["innermost", "outermost"]
PixelRange = Literal["type", "own"]

#: Encodings that can be chosen, with the words for a person.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Western (Windows-1252)",
    "latin-1": "Western (ISO 8859-1)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp437": "DOS (437)",
    "cp850": "DOS (850)",
    "mac-roman": "Macintosh",
    "shift_jis": "Japanese (Shift JIS)",
    "euc-jp": "Japanese (EUC)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "euc-kr": "Korean (EUC)",
}
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar |", " ": "spaces"}

_ALLOWED: dict[str, tuple[str, ...]] = {
    "separator": tuple(SEPARATORS),
    "decimal": (".", ","),
    "encoding": tuple(ENCODINGS),
    "orientation": ("as_stored", "transposed"),
    "missing": ("refuse", "leave_out", "keep"),
    "samples": ("pictures", "rows", "sequences"),
    "class_folder": ("innermost", "outermost"),
    "pixel_range": ("type", "own"),
}


class ChoiceError(ValueError):
    """An unknown choice, or an unknown value of one.

    Attributes
    ----------
    field
        Which choice.
    """

    def __init__(self, field: str, value: object, allowed: tuple[str, ...]) -> None:
        self.field, self.value, self.allowed = field, value, allowed
        super().__init__(f"{field} {quoted(str(value))} is none of: {', '.join(map(repr, allowed))}.")

    def __reduce__(self) -> tuple[type[ChoiceError], tuple[str, object, tuple[str, ...]]]:
        return type(self), (self.field, self.value, self.allowed)


@dataclass(frozen=True)
class Choices:
    """Reader choices of a file. None: the reader guesses.

    Attributes
    ----------
    label_column
        Of a CSV: name of the column that holds the class.
    separator, decimal
        Of a CSV: between cells; between a number's whole part and its fraction.
    encoding
        Of a CSV: one of `ENCODINGS`.
    header
        Of a CSV: whether the first line names the columns.
    ignored_columns
        Of a CSV: columns that are no input.
    missing
        Samples with a missing value or label: refuse the file, leave them out, or keep words such as 'None' as the
        name of a class.
    orientation
        Of a CSV: "transposed" where each column is a sample. Of pictures: "transposed" swaps rows and columns, which
        files of EMNIST need.
    samples
        Whether rows of whole numbers that could be square pictures are pictures, arrays of three axes pictures or
        sequences (samples, steps, inputs), and rows of a table with a sample and a step column steps of sequences.
    class_folder
        Of a zip with folders in folders: which one names the class.
    pixel_range
        White is the largest number of the pixels' type, or the brightest pixel of the set.

    Raises
    ------
    ChoiceError
        For a value that is none of those allowed.
    """

    label_column: str | None = None
    separator: Separator | None = None
    decimal: Decimal | None = None
    encoding: str | None = None
    header: bool | None = None
    ignored_columns: tuple[str, ...] = ()
    missing: Missing | None = None
    orientation: Orientation | None = None
    samples: Samples | None = None
    class_folder: ClassFolder | None = None
    pixel_range: PixelRange | None = None

    def __post_init__(self) -> None:
        for field, allowed in _ALLOWED.items():
            value = getattr(self, field)
            if value is not None and value not in allowed:
                raise ChoiceError(field, value, allowed)

    def filled(self, guessed: Choices) -> Choices:
        """Return these choices, completed by another's."""
        return replace(self, **{name: value for name, value in _given(guessed).items() if name not in _given(self)})


def _given(choices: Choices) -> dict[str, Any]:
    return {
        field.name: value
        for field in fields(choices)
        if (value := getattr(choices, field.name)) is not None and value != ()
    }
