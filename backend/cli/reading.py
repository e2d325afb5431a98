"""Options of the commands that read a person's files: how they are read, where a guess is not what was meant."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from backend.cli.common import reporting_errors
from backend.datasets.reading import FIELDS, choices_of
from backend.kit.errors import DomainError

#: Option, field of `Choices`, and what click is told besides; help is the field's where none is given.
_OPTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("--label-column", "label_column", {}),
    ("--separator", "separator", {}),
    ("--decimal", "decimal", {}),
    ("--text-encoding", "encoding", {"help": "Of a CSV: utf-8, utf-16, cp1252, latin-1, shift_jis, gb18030 ..."}),
    (
        "--header/--no-header",
        "header",
        {"default": None, "help": "Of a CSV: whether its first line names the columns."},
    ),
    ("--leave-out", "ignored_columns", {"multiple": True, "help": "Of a CSV: a column that is no input. Repeatable."}),
    ("--missing", "missing", {}),
    (
        "--transposed",
        "orientation",
        {"flag_value": "transposed", "default": None, "help": "Samples are columns, or pictures lie on their side."},
    ),
    ("--samples", "samples", {}),
    ("--class-folder", "class_folder", {}),
    ("--pixel-range", "pixel_range", {}),
)
_PREFIX = "reading_"


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the choices of how files are read; they arrive as ``choices``.

    They are those of the API and of the page of data. `Choices` has the same names but for the encoding, which is a
    setting of networks too: ``--text-encoding``.
    """

    @wraps(command)
    def with_choices(**arguments: Any) -> None:
        given = {name: arguments.pop(_PREFIX + name) for _, name, _ in _OPTIONS}
        with reporting_errors(DomainError):
            choices = choices_of({name: _texts(value) for name, value in given.items() if value is not None})
        command(**arguments, choices=choices)

    decorated: Callable[..., None] = with_choices
    for option, name, details in reversed(_OPTIONS):
        decorated = click.option(option, _PREFIX + name, **({"help": FIELDS[name]} | details))(decorated)
    return decorated


def _texts(value: Any) -> list[str]:
    """Return an option's value as a form would have it."""
    if isinstance(value, tuple):
        return list(value)
    return [str(value).lower() if isinstance(value, bool) else value]
