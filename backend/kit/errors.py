"""Errors that a user caused or can fix. One handler renders them as RFC 9457 problem+json."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self


class DomainError(Exception):
    """Base of errors for users: `detail` says what was refused, why, and what to do."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request can't be carried out"

    def __init__(self, detail: str, *, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        """One entry a field at fault: field, message, and value, limit where there are any."""


class NotFoundError(DomainError):
    """The resource does not exist (any more)."""

    status = 404
    title = "Not found"


class InvalidError(DomainError):
    """A value is out of its range or contradicts another."""

    status = 422
    title = "A value is not allowed"

    @classmethod
    def of(cls, field: str, message: str, **more: Any) -> Self:
        """Refuse one field: what is wrong with it, and the value and the limit where there are any."""
        told = f", not {more['value']!r}" if "value" in more else ""
        return cls(f"{field}: {message}{told}", errors=[{"field": field, "message": message, **more}])


class ConflictError(DomainError):
    """The state of the resource does not allow the action."""

    status = 409
    title = "Not possible in this state"


class BusyError(DomainError):
    """The action can't be done right now."""

    status = 503
    title = "Not now"


class TooLargeError(DomainError):
    """The request is larger than the server's limit."""

    status = 413
    title = "Too large"


class ForbiddenError(DomainError):
    """The person may not do this."""

    status = 403
    title = "Not allowed"


class UnauthorizedError(DomainError):
    """The request has no valid credentials."""

    status = 401
    title = "Sign in first"


class TooManyError(DomainError):
    """A rate limit was exceeded."""

    status = 429
    title = "Too many requests"

    def __init__(self, what: str, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        super().__init__(f"{what} Try again in {self.seconds} second{'s' if self.seconds != 1 else ''}.")


class MisdirectedError(DomainError):
    """The Host header names another server."""

    status = 421
    title = "Not this server"


class LengthRequiredError(DomainError):
    """The request lacks a Content-Length header."""

    status = 411
    title = "Length required"
