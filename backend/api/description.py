"""OpenAPI description beyond what FastAPI generates: problems, forms with files, methods of an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from backend.api.access.rules import RouteTable
from backend.kit.access import Entry

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}}


class ProblemDetail(BaseModel):
    """Problem details of a refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="For people: what was refused, why, and what to do.")
    instance: str
    errors: list[dict[str, Any]] | None = Field(
        default=None, description="One a field at fault: field, message, and value and limit where there are any."
    )


def multipart_body(files: dict[str, Any], texts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Describe a form with the field ``files`` and text fields, as `openapi_extra` of a route.

    Parameters
    ----------
    files
        JSON schema of the field ``files``.
    texts
        Name -> description of each text field.
    """
    fields = {"files": files} | {
        name: {"type": "string", "description": description} for name, description in (texts or {}).items()
    }
    content = {"multipart/form-data": {"schema": {"type": "object", "properties": fields}}}
    return {"requestBody": {"required": True, "content": content}}


def install(app: FastAPI, *, signs_in: bool = False) -> None:
    """Declare for every operation that its refusals are problems and, where people sign in, that it accepts a token."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(describe())
            if signs_in:
                app.openapi_schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
                app.openapi_schema["security"] = [{"token": []}]
                _open_public_routes(app, app.openapi_schema)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _open_public_routes(app: FastAPI, document: dict[str, Any]) -> None:
    """Declare that routes without a sign-in, as of monitoring and of seats in a class, accept requests without one."""
    table = RouteTable(app)
    for path, operations in document["paths"].items():
        for method in operations:
            access = table.access(method.upper(), path)
            if access is not None and access.entry is Entry.PUBLIC:
                operations[method]["security"] = []


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """Return the methods that an address of the API has; none for one that is not described."""
    paths = app.openapi()["paths"]
    # An address that is described as it stands is none of an id's: /runs/table is no run.
    found = {path: paths[path]} if path in paths else {t: paths[t] for t in paths if _is_of(t, path)}
    return sorted({method.upper() for operations in found.values() for method in operations if method in _METHODS})


def _is_of(template: str, path: str) -> bool:
    """Return whether an address matches a route such as /runs/{run_id}/pause."""
    return re.fullmatch(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template)), path) is not None


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemDetail"] = ProblemDetail.model_json_schema(ref_template="#/components/schemas/{model}")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in schema["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            responses.pop("422", None)
            responses["4XX"] = {"description": "Refused; it says why and what to do.", "content": _PROBLEM}
            responses.setdefault("5XX", {"description": "A fault of the server.", "content": _PROBLEM})
    _without_prefixes(schema)
    return schema


def _without_prefixes(node: Any) -> None:
    """Describe pairs and triples as lists of a fixed length: some readers do not know ``prefixItems``."""
    if isinstance(node, dict):
        prefix = node.pop("prefixItems", None) if isinstance(node.get("prefixItems"), list) else None
        if prefix is not None:
            kinds = [kind for index, kind in enumerate(prefix) if kind not in prefix[:index]]
            node["items"] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        for value in node.values():
            _without_prefixes(value)
    elif isinstance(node, list):
        for value in node:
            _without_prefixes(value)
