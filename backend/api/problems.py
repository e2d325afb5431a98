"""Errors as RFC 9457 problem+json that names the field, the value, the limit and the remedy."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backend.errors import DomainError

log = logging.getLogger(__name__)

#: Longest value that an answer repeats.
_MAX_VALUE = 200
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


def install(app: FastAPI) -> None:
    """Render every error of the app as problem+json."""

    @app.exception_handler(DomainError)
    def refused(request: Request, error: DomainError) -> JSONResponse:
        return problem(request, error.status, error.title, error.detail, error.errors)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [describe(one) for one in error.errors()]
        detail = "; ".join(f"{one['field']}: {one['message']}" for one in errors)
        return problem(request, 422, "A value is not allowed", detail, errors)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        answer = problem(request, error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        detail = "This is a fault of the server, not of your request. Its log says more; nothing was changed."
        return problem(request, 500, "Internal error", detail)


def problem(
    request: Request, status: int, title: str, detail: str, errors: Sequence[Mapping[str, Any]] | None = None
) -> JSONResponse:
    """Build a problem+json answer."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": request.url.path}
    if errors:
        content["errors"] = list(errors)
    return JSONResponse(content, status_code=status, media_type="application/problem+json")


def describe(error: Mapping[str, Any]) -> dict[str, Any]:
    """Say of one pydantic error which field it is about, what was given, and what is allowed."""
    if error["type"] == "json_invalid":
        return {
            "field": "body",
            "message": f"is not JSON ({error.get('ctx', {}).get('error', 'it can not be read')}, "
            f"character {error['loc'][-1]})",
        }
    described: dict[str, Any] = {"field": field_name(error["loc"]), "message": _sentence(error["msg"])}
    if error["type"] != "missing":
        described["value"] = _shortened(error.get("input"))
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
    return name


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ").strip()


def _shortened(value: Any) -> Any:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, str):
        return value if len(value) <= _MAX_VALUE else f"{value[:_MAX_VALUE]}…"
    if isinstance(value, bool | int | None):
        return value if not isinstance(value, int) or abs(value) < 2**63 else f"{str(value)[:20]}…"
    # NaN is no JSON, and a whole body is no help.
    return _shortened(repr(value)) if not isinstance(value, float) or value - value != 0 else value
