"""Write dashboard/web/types/schemas.d.ts: TypeScript types of the data that pages and server exchange.

``python -m scripts.web_types``. The types come from the OpenAPI description of the API, from the models of the
WebSocket frames, and from the data that pages carry for their scripts. A test fails while the file is out of date.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from plotly.io.json import to_json_plotly
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from backend.api.main import create_api
from backend.kit.settings import Settings
from backend.live.schemas import Frame, RunsFrame
from dashboard import ids
from dashboard.comparison.address import CompareState
from dashboard.comparison.view import ComparisonView, ConfusionsView, NetworksView
from dashboard.components import runs_grid
from dashboard.components.form import Field
from dashboard.script_data import ScriptData

FILE = Path(__file__).parent.parent / "dashboard" / "web" / "types" / "schemas.d.ts"
_HEAD = """// Types of the data that pages and server exchange. Written by `python -m scripts.web_types`, not by hand.
//
// Of what the server sends, a property that can be null can also be absent: live frames leave nulls out.
"""
#: What pages carry for their scripts, or answer them, beside the API.
_PAGE_DATA = {
    "ScriptData": ScriptData,
    "FormField": Field,
    "CompareState": CompareState,
    "ComparisonView": ComparisonView,
    "NetworksView": NetworksView,
    "ConfusionsView": ConfusionsView,
}
_REF = "#/components/schemas/"
Schema = dict[str, Any]


def text() -> str:
    """Return the file's contents."""
    return _HEAD + _element_ids() + _grid_names() + _schemas()


def _element_ids() -> str:
    """Return the type of the ids that a script may look for."""
    named = sorted(value for name, value in vars(ids).items() if name.isupper())
    parts = " | ".join(f"`${{NamedId}}{part('')}`" for part in (ids.graph, ids.now, ids.alternative, ids.title))
    return (
        f"\n/** Ids of dashboard/ids.py. */\nexport type NamedId = {' | '.join(map(json.dumps, named))};\n"
        f"\n/** An id of dashboard/ids.py, or of a part of a panel. */\nexport type ElementId = NamedId | {parts};\n"
    )


def _grid_names() -> str:
    """Return the types of the names that the columns of the grid of runs look for on the window."""
    grid = to_json_plotly(runs_grid.grid())
    functions = sorted(set(re.findall(r"\bsynrl\w+", grid)))
    components = sorted(set(re.findall(r'"cellRenderer": ?"(\w+)"', grid)))
    return (
        f"\n/** Functions that dashboard/components/runs_grid.py names. */\n"
        f"export type GridFunction = {' | '.join(map(json.dumps, functions))};\n"
        f"\n/** Renderers of cells that it names. */\n"
        f"export type GridComponent = {' | '.join(map(json.dumps, components))};\n"
    )


def _schemas() -> str:
    api = create_api(Settings()).openapi()
    schemas: dict[str, Schema] = dict(api["components"]["schemas"])
    _, frames = models_json_schema(
        [(Frame, "serialization"), (RunsFrame, "serialization")], ref_template=_REF + "{model}"
    )
    page_data: dict[str, Schema] = {}
    for name, python_type in _PAGE_DATA.items():
        page_data |= _of_type(name, python_type)
    schemas = page_data | frames["$defs"] | schemas
    sent = _reachable(schemas, _refs(_responses(api)) | {"Frame", "RunsFrame", *page_data})
    received = _reachable(schemas, _refs(_requests(api)))
    writer = _Writer(sent, exact=set(page_data))
    return "".join(f"\n{writer.declaration(name, schemas[name])}" for name in sorted(sent | received))


def _of_type(name: str, python_type: Any) -> dict[str, Schema]:
    """Return the JSON schemas of a typed dictionary and of those in it, by their names."""
    schema = TypeAdapter(python_type).json_schema(ref_template=_REF + "{model}")
    return {**schema.pop("$defs", {}), name: schema}


def _responses(api: Schema) -> list[Any]:
    return [operation.get("responses") for methods in api["paths"].values() for operation in methods.values()]


def _requests(api: Schema) -> list[Any]:
    return [operation.get("requestBody") for methods in api["paths"].values() for operation in methods.values()]


def _refs(part: Any) -> set[str]:
    """Return the names of the schemas that a part of a description refers to."""
    if isinstance(part, dict):
        own = {part["$ref"].removeprefix(_REF)} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_refs, part.values()))
    return set().union(*map(_refs, part)) if isinstance(part, list) else set()


def _reachable(schemas: dict[str, Schema], names: set[str]) -> set[str]:
    found: set[str] = set()
    new = names & schemas.keys()
    while new:
        found |= new
        new = set().union(*(_refs(schemas[name]) for name in new)) & schemas.keys() - found
    return found


class _Writer:
    """Writes JSON schemas as TypeScript.

    Parameters
    ----------
    sent
        Names of the schemas of what the server sends. It sends all properties that have a value, whereas of what it
        receives those with a default may be left out.
    exact
        Names of the schemas whose ``required`` is to be taken at its word.
    """

    def __init__(self, sent: set[str], exact: set[str]) -> None:
        self._sent = sent
        self._exact = exact

    def declaration(self, name: str, schema: Schema) -> str:
        """Return the declaration of a type."""
        if "properties" not in schema:
            return f"export type {name} = {self._type(schema, name)};\n"
        lines = [self._property(name, schema, key) for key in schema["properties"]]
        return f"export interface {name} {{\n{''.join(lines)}}}\n"

    def _property(self, owner: str, schema: Schema, key: str) -> str:
        own = schema["properties"][key]
        if owner in self._sent - self._exact:
            optional = any(one.get("type") == "null" for one in own.get("anyOf", []))
        else:
            optional = key not in schema.get("required", [])
        name = key if key.isidentifier() else json.dumps(key)
        return f"  {name}{'?' if optional else ''}: {self._type(own, owner)};\n"

    def _type(self, schema: Schema, owner: str) -> str:
        if "$ref" in schema:
            name: str = schema["$ref"].removeprefix(_REF)
            return name if owner in self._sent or name not in self._sent else f"Partial<{name}>"
        for variants in ("anyOf", "oneOf"):
            if variants in schema:
                return " | ".join(dict.fromkeys(self._type(one, owner) for one in schema[variants]))
        if "allOf" in schema:
            return " & ".join(self._type(one, owner) for one in schema["allOf"])
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema:
            return " | ".join(json.dumps(value) for value in schema["enum"])
        if schema.get("type") == "array":
            return self._array(schema, owner)
        if schema.get("type") == "object":
            return self._record(schema, owner)
        return _PLAIN.get(schema.get("type", ""), "unknown")

    def _array(self, schema: Schema, owner: str) -> str:
        if "prefixItems" in schema:
            return f"[{', '.join(self._type(one, owner) for one in schema['prefixItems'])}]"
        item = self._type(schema.get("items", {}), owner)
        return f"({item})[]" if "|" in item else f"{item}[]"

    def _record(self, schema: Schema, owner: str) -> str:
        values = schema.get("additionalProperties")
        value = self._type(values, owner) if isinstance(values, dict) else "unknown"
        keys = schema.get("propertyNames")
        return f"Record<{self._type(keys, owner) if keys else 'string'}, {value}>"


_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def main() -> None:
    """Write the file."""
    FILE.write_text(text())


if __name__ == "__main__":
    main()
