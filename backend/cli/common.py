"""Helpers of commands that need no server: atomic file writes, errors in one line, options from settings."""

from __future__ import annotations

import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args, get_origin

import click
import pydantic

from backend.kit.field_errors import describe_all, in_words
from synrl_core import number_parsing
from synrl_core.validation_messages import allowed_in_words, json_fault


class WholeNumber(click.ParamType):  # type: ignore[type-arg]  # generic in the newest versions of click only
    """A whole number within limits, written and refused as in settings.

    Parameters
    ----------
    least, most
        Limits, inclusive; None: there is none.
    """

    name = "number"
    _kind: ClassVar[str] = "integer"

    def __init__(self, least: float | None = None, most: float | None = None) -> None:
        limits = {"minimum": least, "maximum": most}
        self._described = {"type": self._kind} | {name: value for name, value in limits.items() if value is not None}
        self._least = -math.inf if least is None else least
        self._most = math.inf if most is None else most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002 (click's name)
        """Read the text of an option, or fail with what is allowed and what was given."""
        read = self._read(value) if isinstance(value, str) else value
        if read is None or not self._least <= read <= self._most:
            # Where there is none, click has a marker of its own.
            default = param.default if param is not None and isinstance(param.default, int | float) else None
            allowed = allowed_in_words(self._described | {"default": default})
            option = "" if param is None else f"{param.opts[-1]}: "
            raise click.ClickException(f"{option}should be {allowed} (given: {value!r})")
        return read

    def _read(self, text: str) -> float | None:
        try:
            return number_parsing.whole_number(text)
        except ValueError:
            return None


class Number(WholeNumber):
    """A number within limits, written and refused as in settings."""

    _kind = "number"

    def _read(self, text: str) -> float | None:
        try:
            return number_parsing.decimal_number(text)
        except ValueError:
            return None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically: it is there whole or not at all, whenever the process or the machine ends.

    Raises
    ------
    click.ClickException
        When it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise click.ClickException(f"{path} can't be written: {error.strerror or error}.") from error


def refuse_to_overwrite(path: Path, force: bool) -> None:
    """Refuse, before any work, to replace an existing file by the result."""
    if path.exists() and not force:
        raise click.ClickException(f"{path} is there already. Choose another name, or replace it with --force.")


def read_bytes(path: Path) -> bytes:
    """Read a file, or exit with one line that says why it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path} can't be read: {error.strerror or error}.") from error


def json_object(path: Path) -> dict[str, Any]:
    """Read a file that must hold a JSON object."""
    try:
        told = json.loads(read_bytes(path))
    except ValueError as error:
        raise click.ClickException(f"{path} is no JSON: {json_fault(error)}.") from error
    if not isinstance(told, dict):
        raise click.ClickException(f"{path} must hold a JSON object with settings by name.")
    return told


@contextmanager
def reporting_errors(*kinds: type[Exception], model: type[pydantic.BaseModel] | None = None) -> Iterator[None]:
    """Report errors of these kinds, and values that a model refuses, in one line that names option and value."""
    try:
        yield
    except pydantic.ValidationError as error:
        raise click.ClickException("; ".join(map(_refusal, describe_all(error.errors(), model)))) from error
    except kinds as error:
        raise click.ClickException(str(error.args[0] if isinstance(error, LookupError) else error)) from error


def _refusal(described: dict[str, Any]) -> str:
    """Return the refusal of a model under the name of the option."""
    setting, *inner = re.split(r"(?=[.\[])", described["field"], maxsplit=1)
    return in_words({**described, "field": option_name(setting) + "".join(inner) if setting else ""})


def option_name(field: str) -> str:
    """Return the option of a setting: ``step_size`` is ``--step-size``."""
    return "--" + field.replace("_", "-")


def options_of(
    model: type[pydantic.BaseModel], leave_out: tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add an option to a command for each setting of a model, with the model's description as help.

    The values of the given options arrive as strings (flags as booleans); the model reads and checks them.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for name, field in reversed(model.model_fields.items()):
            if name in leave_out:
                continue
            text = f"{field.description or field.title or name.replace('_', ' ').capitalize()}"
            default = field.get_default(call_default_factory=True)
            flag = isinstance(default, bool)
            option = option_name(name)
            command = click.option(
                f"{option}/--no-{option[2:]}" if flag else option,
                name,
                default=None,
                metavar=None if flag else "|".join(_choices(field.annotation)) or "VALUE",
                help=f"{text}{_default_text(default)}",
            )(command)
        return command

    return decorate


def _choices(annotation: Any) -> list[str]:
    """Return the words that a setting allows, if it allows only some."""
    return list(get_args(annotation)) if get_origin(annotation) is Literal else []


def _default_text(default: Any) -> str:
    if default is None or default == {}:
        return ""
    shown = "-".join(map(str, default)) if isinstance(default, tuple) else str(default)
    return f" Default: {shown or 'none'}."


def given_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that the command line sets."""
    return {name: value for name, value in options.items() if value is not None}


def listed(text: str) -> tuple[str, ...]:
    """Split ``32,16``; an empty text, ``none`` and ``[]`` are an empty list."""
    bare = text.strip().strip("[]()").strip()
    return () if bare.lower() in ("", "none") else tuple(part.strip() for part in bare.split(",") if part.strip())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
