"""Fields that requests of several features share: bodies, names, owners and tags."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from backend.kit.field_errors import refuse_surrogates
from synrl_core import number_parsing
from synrl_core.text_input import InputModel, read_text


def whole_characters(data: Any) -> Any:
    """Refuse unpaired surrogates: a validator for bodies that are no `Body`."""
    refuse_surrogates(data)
    return data


class Body(InputModel):
    """A request body: unknown fields are refused rather than passed over."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _has_whole_characters(cls, data: Any) -> Any:
        refuse_surrogates(data)
        return data


def _read_whole_number(value: Any) -> Any:
    return read_text(number_parsing.whole_number, value) if isinstance(value, str) else value


#: Reads a whole number in a URL as forms and bodies do: 1,000 and 1e3 are 1000; 20.0 and 1_000 are refused. It stands
#: behind the bounds, ``Annotated[int, Field(ge=0), FROM_TEXT, Query()]``: before them it would hide them from OpenAPI.
FROM_TEXT = BeforeValidator(_read_whole_number)

#: PostgreSQL can't store the character U+0000 in text.
_NO_NUL = r"^[^\x00]*$"
#: Letters of a name, a tag, and notes.
NAME_LENGTH, TAG_LENGTH, NOTES_LENGTH = 200, 50, 20_000
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH, pattern=_NO_NUL)]
Owner = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_NO_NUL)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TAG_LENGTH, pattern=_NO_NUL)]
Notes = Annotated[str, StringConstraints(max_length=NOTES_LENGTH, pattern=_NO_NUL)]


def _distinct(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


MAX_TAGS = 20
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS), AfterValidator(_distinct)]

#: Whose runs are whose while there is no login.
DEFAULT_OWNER = "teacher"
