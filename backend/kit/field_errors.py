"""What is wrong with a value, in words: pydantic's errors as field, message, value and limit."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from backend.kit.errors import InvalidError
from backend.kit.text import unpaired_surrogate, without_surrogates
from synrl_core.config import TrainingConfig

#: Longest value that an answer repeats.
_MAX_VALUE = 200
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


def describe(error: Mapping[str, Any]) -> dict[str, Any]:
    """Say of one pydantic error which field it is about, what was given, and what is allowed."""
    if error["type"] == "json_invalid":
        reason = error.get("ctx", {}).get("error", "it can't be read")
        return {
            "field": "body",
            "message": f"should be JSON, an object in braces ({reason} at character {error['loc'][-1]})",
            "limit": {"expected": "a JSON object"},
        }
    described: dict[str, Any] = {"field": field_name(error["loc"]), "message": _sentence(error["msg"])}
    if error["type"] != "missing":
        described["value"] = shortened(error.get("input"))
    if error["type"] == "extra_forbidden":
        described["message"] = _unknown(str(error["loc"][-1]))
    context = error.get("ctx", {})
    limit = {name: context[name] for name in _LIMITS if name in context}
    if limit:
        described["limit"] = limit
    return described


def field_name(location: Sequence[str | int]) -> str:
    """Return 'config.hidden_layers[0]' for ('body', 'config', 'hidden_layers', 0)."""
    name = ""
    for part in location[1:] if len(location) > 1 and location[0] in ("body", "query", "path") else location:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return shortened_text(name)


def refuse_surrogates(data: Any, where: str = "body") -> None:
    """Refuse what was read from JSON where any text in it, a key too, has an unpaired surrogate.

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


def _unknown(name: str) -> str:
    known = [*_FIELDS_OF_A_RUN, *TrainingConfig.model_fields]
    meant = difflib.get_close_matches(name, known, n=1)
    return f"is not known{f'; did you mean {meant[0]!r}?' if meant else '; leave it out'}"


def in_words(described: Mapping[str, Any]) -> str:
    """Say what `describe` returned in a sentence."""
    given = f", not {described['value']!r}" if "limit" in described and "value" in described else ""
    return f"{described['field']}: {described['message']}{given}"


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ").strip()


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


def shortened_text(text: str) -> str:
    """Return a text as an answer may repeat it: encodable, and not longer than people read."""
    whole = without_surrogates(text)
    return whole if len(whole) <= _MAX_VALUE else f"{whole[:_MAX_VALUE]}…"
