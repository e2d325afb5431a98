"""Form of a run, derived from TrainingConfig: label, help, input and visibility of each field.

`fields` is data, not a layout: the script (web/new_run/page.js) draws it and keeps the address in step with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired

# pydantic reads these for the scripts' types, and before Python 3.12 takes only this TypedDict.
from typing_extensions import TypedDict

from backend.datasets.schemas import DatasetRead
from backend.policy_library.schemas import LibraryPolicy
from dashboard.components.configuration import GROUPS, symbol
from dashboard.words import count, setting
from synrl_core import datasets, policies
from synrl_core.config import TrainingConfig

#: How a parameter of the data stands in an address: data.noise=0.2.
PARAMETER_PREFIX = "data."
#: How far within a limit that is not allowed itself a number is taken to be.
_LITTLE = 1e-12


Kind = Literal["integer", "number", "choice", "switch", "layers", "text"]


class Option(TypedDict):
    """One of the allowed values of a field."""

    value: str
    label: str
    group: NotRequired[str]
    help: NotRequired[str]
    """What choosing it means, for the line below the field."""


class Field(TypedDict):
    """A field of the form: one setting."""

    key: str
    """Its own among all fields: several data sets have a parameter called noise."""
    name: str
    """As it stands in an address and in a refusal."""
    title: str
    help: str
    group: str
    kind: Kind
    default: Any
    optional: bool
    """Whether it can be left empty, which is a value of its own then."""
    range: str
    """What is allowed, in words."""
    low: NotRequired[float]
    high: NotRequired[float]
    """Smallest and largest number that is allowed, or nearly so where the limit itself is not."""
    symbol: NotRequired[str]
    unit: NotRequired[str]
    advanced: NotRequired[bool]
    applies_to: NotRequired[dict[str, list[Any]]]
    options: NotRequired[list[Option]]


def fields(available: Sequence[DatasetRead], library: Sequence[LibraryPolicy] = ()) -> list[Field]:
    """Return the fields in the order of the form: the settings, after `dataset` the parameters of each data set.

    Parameters
    ----------
    available
        The data sets that can be chosen.
    library
        The policies that can be chosen; those that ship always can.
    """
    schema = TrainingConfig.model_json_schema()["properties"]
    made: list[Field] = []
    for name, described in schema.items():
        if name == "dataset_parameters":
            made += [field for one in available if one.built_in for field in _parameters(one.id)]
            continue
        field = _field(name, described)
        if name == "dataset":
            field |= {"kind": "choice", "options": _dataset_options(available)}
        elif name in ("policy", "bias_policy"):
            empty: list[Option] = [{"value": "none", "label": "as the weights"}] if field["optional"] else []
            field |= {"kind": "choice", "options": empty + _policy_options(library)}
        made.append(field)
    return made


def groups() -> list[dict[str, str]]:
    """Return the parts of the form and their headings, in order."""
    return [{"name": name, "title": title} for name, title in GROUPS.items()]


def range_in_words(described: dict[str, Any]) -> str:
    """Describe the range of a JSON schema: 'above 0, at most 1'."""
    low, above = described.get("minimum"), described.get("exclusiveMinimum")
    high, below = described.get("maximum"), described.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    parts = [f"above {_number(above)}"] if above is not None else [f"from {_number(low)}"] if low is not None else []
    if high is not None:
        parts.append(f"at most {_number(high)}")
    if below is not None:
        parts.append(f"below {_number(below)}")
    return ", ".join(parts)


def _field(name: str, described: dict[str, Any]) -> Field:
    variants = described.get("anyOf", [described])
    core = next(one for one in variants if one.get("type") != "null")
    field: Field = {
        "key": name,
        "name": name,
        "title": described["title"],
        "help": described["description"],
        "group": described.get("group", "data"),
        "kind": _kind(core),
        "default": described.get("default"),
        "optional": any(one.get("type") == "null" for one in variants),
        "range": range_in_words(core if core.get("type") != "array" else core["items"]),
    }
    if field["kind"] == "number":
        field["low"] = core.get("minimum", core.get("exclusiveMinimum", 0) + _LITTLE)
        field["high"] = core.get("maximum", core.get("exclusiveMaximum", 1e300) - _LITTLE)
    if field["kind"] == "layers":
        field["help"] += " For two runs write 64; 32."
    if "symbol" in described:
        field["symbol"] = symbol(described["symbol"])
    if "unit" in described:
        field["unit"] = described["unit"]
    if described.get("advanced"):
        field["advanced"] = True
    if "applies_to" in described:
        field["applies_to"] = described["applies_to"]
    if "enum" in core:
        field["options"] = [{"value": value, "label": setting(value)} for value in core["enum"]]
    return field


def _kind(core: dict[str, Any]) -> Kind:
    if "enum" in core:
        return "choice"
    kinds: dict[str, Kind] = {"integer": "integer", "number": "number", "boolean": "switch", "array": "layers"}
    return kinds.get(core.get("type", ""), "text")


def _dataset_options(available: Sequence[DatasetRead]) -> list[Option]:
    titles = {"pictures": "Pictures", "boundaries": "Boundaries", "sequences": "Sequences", "tables": "Tables"}
    own: list[Option] = [
        {"value": one.id, "label": f"{one.name} ({count(one.samples)} samples)", "group": "Brought here"}
        for one in available
        if not one.built_in
    ]
    shipped: list[Option] = [
        {"value": one.id, "label": one.name, "group": titles[one.group]} for one in available if one.built_in
    ]
    return own + shipped


def _policy_options(library: Sequence[LibraryPolicy]) -> list[Option]:
    shipped: list[Option] = [
        {"value": one, "label": setting(one), "help": policies.get(one).description} for one in policies.names()
    ]
    stored: list[Option] = [
        {"value": one.name, "label": one.name, "help": one.description, "group": "Library"}
        for one in library
        if one.owner is not None and not one.archived
    ]
    return shipped + stored


def _parameters(dataset: str) -> list[Field]:
    made = []
    for name, described in datasets.parameters_schema(dataset).get("properties", {}).items():
        field = _field(f"{PARAMETER_PREFIX}{name}", described)
        field |= {"key": f"{dataset}/{name}", "group": "data", "applies_to": {"dataset": [dataset]}}
        made.append(field)
    return made


def _number(value: float) -> str:
    return (
        count(value)
        if float(value).is_integer() and abs(value) < 2**31
        else "2³² − 1"
        if value == 2**32 - 1
        else f"{value:g}"
    )
