"""Errors as RFC 9457 problem+json that names the field, the value, the limit and the remedy."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, create_model
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from backend.api.description import allowed_methods
from backend.kit.errors import DomainError, TooLargeError, TooManyError
from backend.kit.field_errors import describe_all, in_words, shortened
from backend.kit.text import without_surrogates

log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Render every error of the app as problem+json."""

    @app.exception_handler(DomainError)
    def refused(request: Request, error: DomainError) -> JSONResponse:
        answer = problem(request, error.status, error.title, error.detail, error.errors)
        if isinstance(error, TooLargeError):
            # The rest of the body shall not come in after all.
            answer.headers["Connection"] = "close"
        if isinstance(error, TooManyError):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = describe_all(error.errors(), _body_model(request) or _parameters_model(request.scope.get("route")))
        if error.errors()[0]["type"] == "json_invalid":
            errors[0]["value"] = shortened(error.body)
        detail = "; ".join(in_words(one) for one in errors)
        return problem(request, 422, "A value is not allowed", detail, errors)

    @app.exception_handler(DataError)
    def unstorable(request: Request, error: DataError) -> JSONResponse:
        log.warning("%s %s: %s", request.method, request.url.path, error.orig)
        detail = (
            "A value can't be stored: a text with the character U+0000, or a number beyond 64 bits. Nothing was kept."
        )
        return problem(request, 422, "A value is not allowed", detail)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        detail, headers = str(error.detail), dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Each route knows its own methods only.
            methods = ", ".join(allowed_methods(app, request.url.path)) or headers.get("allow", "")
            headers = {"Allow": methods}
            detail = f"{request.method} is not possible here; {methods} {'are' if ',' in methods else 'is'}."
        answer = problem(request, error.status_code, HTTPStatus(error.status_code).phrase, detail)
        answer.headers.update(headers)
        return answer

    @app.exception_handler(OperationalError)
    def database(request: Request, error: OperationalError) -> JSONResponse:
        log.error("%s %s: the database refused: %s", request.method, request.url.path, error.orig)
        detail = (
            f"The database could not be used: {error.orig}. Nothing was changed. Try again in a moment; if that does "
            "not help, see that its disk has room and that no other program holds it."
        )
        answer = problem(request, 503, "The database can't be used now", detail)
        answer.headers["Retry-After"] = "5"
        return answer

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        detail = "This is a fault of the server, not of your request. Its log says more; nothing was changed."
        return problem(request, 500, "Internal error", detail)


def _body_model(request: Request) -> type[BaseModel] | None:
    """Return the model of the body that a request's route takes."""
    field = getattr(request.scope.get("route"), "body_field", None)
    annotation = getattr(getattr(field, "field_info", None), "annotation", None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


#: Models of the parameters of routes, by path and methods: each is made when the route first refuses one.
_PARAMETERS: dict[tuple[str, ...], type[BaseModel]] = {}


def _parameters_model(route: Any) -> type[BaseModel] | None:
    """Return a model of what a route takes in its path and query, so that refusals say the range and an example."""
    if (dependant := getattr(route, "dependant", None)) is None:
        return None
    key = (route.path, *sorted(route.methods or ()))
    if key not in _PARAMETERS:
        fields = {one.alias: (one.field_info.annotation, one.field_info) for one in get_flat_params(dependant)}
        named: dict[str, Any] = {name: field for name, field in fields.items() if name.isidentifier()}
        _PARAMETERS[key] = create_model("Parameters", **named)
    return _PARAMETERS[key]


class _ProblemResponse(JSONResponse):
    """A problem in JSON. It may quote refused input, so any text must be encodable."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return without_surrogates(json.dumps(content, ensure_ascii=False, allow_nan=False)).encode()


def problem(
    request: Request, status: int, title: str, detail: str, errors: Sequence[Mapping[str, Any]] | None = None
) -> JSONResponse:
    """Build a problem+json answer."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": request.url.path}
    if errors:
        content["errors"] = list(errors)
    return _ProblemResponse(content, status_code=status)
