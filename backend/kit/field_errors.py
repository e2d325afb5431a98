"""Translate pydantic's errors into field, message, value and limit, in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from backend.kit.errors import InvalidError
from backend.kit.text import unpaired_surrogate, without_surrogates
from synrl_core.config import TrainingConfig
from synrl_core.validation_messages import allowed_in_words, described_at, resolved, sentence

#: Longest value, and longest message, that an answer repeats.
_MAX_VALUE = 200
_MAX_MESSAGE = 2000
#: Fields of a request for a run beside its settings; a test holds them equal to those of `runs.schemas.RunCreate`.
_FIELDS_OF_A_RUN = ("name", "owner", "tags", "notes", "config")
#: What pydantic tells of a limit, under its own names.
_LIMITS = (
    "gt",
    "ge",
    "lt",
    "le",
    "multiple_of",
    "min_length",
    "max_length",
    "expected",
    "pattern",
)


def describe_all(errors: Iterable[Mapping[str, Any]], model: type[BaseModel] | None = None) -> list[dict[str, Any]]:
    """Describe the errors of pydantic as `describe` does, each once: a union reports one for each of its types."""
    described: dict[tuple[str, str], dict[str, Any]] = {}
    for error in errors:
        one = describe(error, model)
        described.setdefault((one["field"], one["message"]), one)
    return list(described.values())


def describe(error: Mapping[str, Any], model: type[BaseModel] | None = None) -> dict[str, Any]:
    """Describe one error of pydantic: the field, the given value, and the allowed ones.

    Parameters
    ----------
    model
        What was validated, if it is known: then the message says all that the field takes, with an example.
    """
    if error["type"] == "json_invalid":
        place = f"; it can't be read from character {error['loc'][-1]} on" if error["loc"] else ""
        return {
            "field": "body",
            "message": f'should be JSON, an object in braces, for example {{"name": "value"}}{place}',
            "limit": {"expected": "a JSON object"},
        }
    location = _without_source(error["loc"])
    found = described_at(model, location) if model else None
    if found is not None:
        location = location[: found[1]]
    known = [*_FIELDS_OF_A_RUN, *TrainingConfig.model_fields] if model is None else _names_beside(model, location)
    described: dict[str, Any] = {
        "field": field_name(location),
        "message": shortened_text(sentence(error, allowed_in_words(found[0]) if found else "", known), _MAX_MESSAGE),
    }
    if error["type"] != "missing" and not _is_of_whole_object(error):
        described["value"] = shortened(error.get("input"))
    context = error.get("ctx", {})
    limit = {name: context[name] for name in _LIMITS if name in context}
    if limit:
        described["limit"] = limit
    return described


def _is_of_whole_object(error: Mapping[str, Any]) -> bool:
    """Return whether a validator refused several fields together: its message names them."""
    return error["type"] in ("value_error", "assertion_error") and isinstance(error.get("input"), dict | BaseModel)


def _without_source(location: Sequence[str | int]) -> Sequence[str | int]:
    """Remove the part of the request that FastAPI puts before the path to a field."""
    return location[1:] if len(location) > 1 and location[0] in ("body", "query", "path") else location


def _names_beside(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Return the field names that are allowed beside an unknown one."""
    parent = described_at(model, location[:-1]) if len(location) > 1 else None
    properties = {} if parent is None else resolved(model, parent[0]).get("properties", {})
    return [*(properties or model.model_fields), *(() if properties else TrainingConfig.model_fields)]


def field_name(location: Sequence[str | int]) -> str:
    """Return 'config.hidden_layers[0]' for ('body', 'config', 'hidden_layers', 0)."""
    name = ""
    for part in _without_source(location):
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return shortened_text(name)


def refuse_surrogates(data: Any, where: str = "body") -> None:
    """Refuse JSON in which any text, a key too, has an unpaired surrogate.

    JSON can write half a character, such as the first half of an emoji; neither a database nor an answer can hold it.

    Raises
    ------
    InvalidError
        Naming the field.
    """
    found = unpaired_surrogate(data)
    if found is None:
        return
    raise InvalidError.of(
        field_name(found) or where,
        "has half a character (an unpaired surrogate, as when a text is cut inside an emoji). Send whole characters",
    )


def in_words(described: Mapping[str, Any]) -> str:
    """Join the parts that `describe` returned into a sentence."""
    message = str(described["message"])
    is_told = "value" not in described or message.startswith(("is not known", f"{described['value']!r} "))
    given = (
        "" if is_told or isinstance(described["value"], dict | list) else f" (given: {_written(described['value'])})"
    )
    return f"{described['field']}: {message}{given}".removeprefix(": ")


def _written(value: Any) -> str:
    """Write a refused value as JSON and forms do: null and true, not None and True."""
    return json.dumps(value) if value is None or isinstance(value, bool) else repr(value)


def shortened(value: Any) -> Any:
    """Return a value as an answer may repeat it: JSON, and not longer than people read."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, str):
        return shortened_text(value)
    if isinstance(value, bool | int | None):
        return value if not isinstance(value, int) or abs(value) < 2**63 else f"{str(value)[:20]}…"
    # NaN is no JSON, and a whole body is no help.
    return shortened(repr(value)) if not isinstance(value, float) or value - value != 0 else value


def shortened_text(text: str, longest: int = _MAX_VALUE) -> str:
    """Return a text as an answer may repeat it: encodable, and not longer than people read."""
    whole = without_surrogates(text)
    return whole if len(whole) <= longest else f"{whole[:longest]}…"
