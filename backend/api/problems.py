"""Errors as RFC 9457 problem+json that names the field, the value, the limit and the remedy."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backend.errors import DomainError, TooLargeError
from backend.schemas import RunCreate
from synrl_core.config import TrainingConfig

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
        answer = problem(request, error.status, error.title, error.detail, error.errors)
        if isinstance(error, TooLargeError):
            # The rest of the body shall not come in after all.
            answer.headers["Connection"] = "close"
        return answer

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [describe(one) for one in error.errors()]
        if error.errors()[0]["type"] == "json_invalid":
            errors[0]["value"] = _shortened(error.body)
        detail = "; ".join(_in_words(one) for one in errors)
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
        reason = error.get("ctx", {}).get("error", "it can't be read")
        return {
            "field": "body",
            "message": f"should be JSON, an object in braces ({reason} at character {error['loc'][-1]})",
            "limit": {"expected": "a JSON object"},
        }
    described: dict[str, Any] = {"field": field_name(error["loc"]), "message": _sentence(error["msg"])}
    if error["type"] != "missing":
        described["value"] = _shortened(error.get("input"))
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
    return name


def _unknown(name: str) -> str:
    known = [*RunCreate.model_fields, *TrainingConfig.model_fields]
    meant = difflib.get_close_matches(name, known, n=1)
    return f"is not known{f'; did you mean {meant[0]!r}?' if meant else '; leave it out'}"


def _in_words(described: Mapping[str, Any]) -> str:
    given = f", not {described['value']!r}" if "limit" in described and "value" in described else ""
    return f"{described['field']}: {described['message']}{given}"


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
