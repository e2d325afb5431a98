"""Validation messages for refused values: what is allowed, and an example, in our own words.

Sentences begin with a verb, as in "should be a whole number from 1 to 1,000, for example 5", so that who tells it can
put the name of the setting before it.
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

#: Types of pydantic's errors whose message is our own: raised by validators of ours.
_OWN = ("value_error", "assertion_error", "own")
#: What a value should be, by the type of the error and what it tells of the limit.
_SENTENCES: dict[str, str] = {
    "missing": "is missing",
    "greater_than": "should be above {gt}",
    "greater_than_equal": "should be at least {ge}",
    "less_than": "should be below {lt}",
    "less_than_equal": "should be at most {le}",
    "multiple_of": "should be a multiple of {multiple_of}",
    "finite_number": "should be a number, not infinite and not NaN",
    "string_too_short": "should have at least {min_length:,} characters",
    "string_too_long": "should have at most {max_length:,} characters",
    "too_short": "should have at least {min_length:,} entries",
    "too_long": "should have at most {max_length:,} entries",
    "literal_error": "should be {expected}",
    "enum": "should be {expected}",
    "string_unicode": "should be text of whole characters",
}
#: What a value should be, by the beginning of the type of the error.
_KINDS: dict[str, str] = {
    "int": "should be a whole number",
    "float": "should be a number",
    "decimal": "should be a number",
    "bool": "should be true or false",
    "string": "should be text",
    "bytes": "should be text",
    "list": "should be a list",
    "tuple": "should be a list",
    "set": "should be a list",
    "frozen_set": "should be a list",
    "dict": "should be an object: names with values",
    "mapping": "should be an object: names with values",
    "model": "should be an object: names with values",
    "dataclass": "should be an object: names with values",
    "path": "should be a path",
    "date": "should be a date, as in 2026-11-27",
    "time": "should be a time, as in 13:45",
    "uuid": "should be an id",
    "url": "should be an address",
    "json": "should be JSON",
    "none": "should be empty",
}
#: Singular of what lists are counted in.
_ONE = {"entries": "entry", "characters": "character"}


def sentence(error: Mapping[str, Any], allowed: str = "", known: Sequence[str] = ()) -> str:
    """Describe the error of a value.

    Parameters
    ----------
    error
        One of pydantic's ``ValidationError.errors()``.
    allowed
        What the setting takes, as `allowed_in_words` says it, if it is known.
    known
        Names among which an unknown one is looked for.
    """
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(str(error["loc"][-1]), known)
    if kind == "ambiguous_number":
        reason = str(context["reason"])
        return f"{reason}. It should be {allowed}" if allowed else reason
    if kind == "string_pattern_mismatch" and "x00" in context["pattern"]:
        return "should not have the character U+0000"
    if kind in _OWN:
        return str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    sentence = f"should be {allowed}" if allowed and kind != "missing" else _describe(kind, context)
    given = error.get("input")
    choices = _choices(context)
    close = difflib.get_close_matches(given, choices, n=1) if isinstance(given, str) and choices else []
    return f"{sentence}; did you mean {close[0]!r}?" if close else sentence


def did_you_mean(given: str, known: Sequence[str]) -> str:
    """Suggest the known name that is nearest to an unknown one: " Did you mean 'digits'?"; empty if none is near."""
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(given.casefold(), folded, n=1)
    return f" Did you mean '{folded[near[0]]}'?" if near else ""


def json_fault(error: ValueError | RecursionError) -> str:
    """Describe in our own words why a text is no JSON, from the error that ``json.loads`` raised."""
    if isinstance(error, json.JSONDecodeError):
        return f"it can't be read from line {error.lineno}, character {error.colno} on"
    return "it is no text in UTF-8" if isinstance(error, UnicodeError) else "it can't be read as a whole"


def allowed_in_words(described: Mapping[str, Any]) -> str:
    """Describe the values that a JSON schema allows: 'a number above 0 and at most 1, for example 0.004'.

    A schema may say it itself, as ``allowed``. Empty for a schema that says too little.
    """
    if "allowed" in described:
        return str(described["allowed"])
    variants = [one for one in described.get("anyOf", [described]) if one.get("type") != "null"]
    sentence = ", ".join(dict.fromkeys(filter(None, map(_allowed, variants))))
    if not sentence:
        return ""
    is_optional = len(variants) < len(described.get("anyOf", [described]))
    example = _example(described, variants)
    # An empty text, list or object is a value of its own, which may be the one that is refused.
    left_out = "or empty" if all(one.get("type") in ("integer", "number") for one in variants) else "or left out"
    return f"{sentence}{f', {left_out}' if is_optional else ''}{f', for example {example}' if example else ''}"


def range_of(described: Mapping[str, Any]) -> str:
    """Describe the range of a number: 'from 1 to 1,000', 'above 0 and at most 1'; empty if it has none."""
    low, above = described.get("minimum"), described.get("exclusiveMinimum")
    high, below = described.get("maximum"), described.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"from {number_in_words(low)} to {number_in_words(high)}"
    ends = (("above", above), ("of at least", low), ("at most", high), ("below", below))
    return " and ".join(f"{word} {number_in_words(end)}" for word, end in ends if end is not None)


def number_in_words(value: float) -> str:
    """Write a limit as people read it: 100,000,000, 0.01."""
    return f"{int(value):,}" if float(value).is_integer() and abs(value) < 2**63 else f"{value:g}"


def described_at(model: type[BaseModel], location: Sequence[str | int]) -> tuple[dict[str, Any], int] | None:
    """Find the JSON schema of a setting.

    Parameters
    ----------
    location
        Path from the model to the setting, as pydantic's errors tell it. They add the variants of a union to it.

    Returns
    -------
    tuple or None
        The schema, and how many parts of the path lead to it; None if they lead to nothing.
    """
    node = _schema(model)
    for steps, part in enumerate(location):
        inner = _inner(model, node, part)
        if inner is None:
            # What is left names a variant of a union of plain values.
            return (node, steps) if steps and "anyOf" in node else None
        node = inner
    return node, len(location)


def resolved(model: type[BaseModel], described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Resolve a reference within a model's JSON schema."""
    if "$ref" not in described:
        return described
    definition: dict[str, Any] = _schema(model)["$defs"][described["$ref"].rsplit("/", 1)[1]]
    return definition


@functools.cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _inner(model: type[BaseModel], node: Mapping[str, Any], part: str | int) -> dict[str, Any] | None:
    for found in (resolved(model, variant) for variant in node.get("anyOf", [node])):
        if isinstance(part, int):
            inner = found.get("items") or next(iter(found.get("prefixItems", ())), None)
        else:
            inner = found.get("properties", {}).get(part) or found.get("additionalProperties")
        if isinstance(inner, dict):
            return inner
    return None


def _describe(kind: str, context: Mapping[str, Any]) -> str:
    if kind in _SENTENCES:
        values = {name: number_in_words(v) if isinstance(v, float) else v for name, v in context.items()}
        sentence = _SENTENCES[kind].format_map(values)
        for many, one in _ONE.items():
            sentence = sentence.replace(f" 1 {many}", f" 1 {one}")
        return sentence
    return next((sentence for start, sentence in _KINDS.items() if kind.startswith(start)), "can't be used here")


def _unknown(name: str, known: Sequence[str]) -> str:
    meant = difflib.get_close_matches(name, known, n=1)
    return f"is not known{f'; did you mean {meant[0]!r}?' if meant else '; leave it out'}"


def _choices(context: Mapping[str, Any]) -> list[str]:
    """Extract the words from pydantic's "'a', 'b' or 'c'"."""
    return str(context.get("expected", "")).split("'")[1::2]


def _allowed(variant: Mapping[str, Any]) -> str:
    kind = variant.get("type")
    if "enum" in variant or "const" in variant:
        return "one of " + ", ".join(map(str, variant.get("enum", [variant.get("const")])))
    if kind in ("integer", "number"):
        return " ".join(filter(None, ("a whole number" if kind == "integer" else "a number", range_of(variant))))
    if kind == "boolean":
        return "true or false"
    if kind == "string":
        return _text(variant)
    if kind == "array":
        low, high = variant.get("minItems"), variant.get("maxItems")
        least = f" of at least {low:,}" if low else ""
        length = least if high is None else f" of {f'{low:,} to' if low else 'at most'} {high:,}"
        return f"a list{length}, each {_allowed(variant.get('items', {})) or 'a value'}"
    return "an object: names with values" if kind == "object" else ""


def _text(variant: Mapping[str, Any]) -> str:
    low, high = variant.get("minLength"), variant.get("maxLength")
    if high is None:
        return "text"
    return f"text of {f'{low:,} to' if low else 'at most'} {high:,} characters"


def _example(described: Mapping[str, Any], variants: Sequence[Mapping[str, Any]]) -> str:
    if any("enum" in one or one.get("type") in ("boolean", "object") for one in variants):
        return ""
    example = described.get("written", described.get("default"))
    return "" if example in (None, "") or isinstance(example, list | dict) else str(example)
