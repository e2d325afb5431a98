"""Parse text input in pydantic models: numbers and layers that forms, options and JSON carry as text."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, get_args

from pydantic import BaseModel, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from synrl_core import number_parsing

#: Parser of a text that stands for a setting's value.
TextReader = Callable[[str], Any]


def text_reader(annotation: Any) -> TextReader | None:
    """Return the parser of texts for a type; None if text is a value of it, or no parser exists."""
    wanted = str(annotation)
    if re.search(r"\b(bool|str|Path|Literal|SecretStr)\b", wanted):
        return None
    if re.search(r"\b(tuple|list)\b", wanted):
        return number_parsing.layers if re.search(r"\bint\b", wanted) else None
    if re.search(r"\bfloat\b", wanted):
        return number_parsing.decimal_number
    return number_parsing.whole_number if re.search(r"\bint\b", wanted) else None


def read_text(reader: TextReader, text: str) -> Any:
    """Parse a text as a number or as layers, within a pydantic validator.

    Raises
    ------
    pydantic_core.PydanticCustomError
        If the text is ambiguous or no number.
    """
    try:
        return reader(text)
    except number_parsing.AmbiguousNumberError as error:
        raise PydanticCustomError("ambiguous_number", "{reason}", {"reason": str(error)}) from error
    except ValueError as error:
        raise PydanticCustomError("int_parsing", "{reason}", {"reason": str(error)}) from error


@functools.cache
def _reader(model: type[BaseModel], field: str) -> TextReader | None:
    return text_reader(model.model_fields[field].annotation)


def _annotation(model: type[BaseModel], info: ValidationInfo) -> Any:
    return model.model_fields[str(info.field_name)].annotation


def _has_truth_value(value: Any) -> bool:
    return any(map(_has_truth_value, value)) if isinstance(value, list | tuple) else isinstance(value, bool)


class InputModel(BaseModel):
    """Base of models of user input: parses numbers written as text; true and false are no numbers."""

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value_as_number(cls, value: Any, info: ValidationInfo) -> Any:
        if _has_truth_value(value):
            wanted = str(_annotation(cls, info))
            takes_them = r"\[bool\b" if isinstance(value, list | tuple) else r"\bbool\b"
            if re.search(r"\b(int|float)\b", wanted) and not re.search(takes_them, wanted):
                raise ValueError("should be a number, not true or false")
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _read_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        reader = _reader(cls, str(info.field_name))
        if reader is None:
            return value
        if isinstance(value, str):
            is_none = value.strip().lower() in ("", "none") and type(None) in get_args(_annotation(cls, info))
            return None if is_none else read_text(reader, value)
        if isinstance(value, list | tuple):
            return [read_text(number_parsing.whole_number, one) if isinstance(one, str) else one for one in value]
        return value
