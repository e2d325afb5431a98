"""Errors that a user caused or can fix. One handler renders them as RFC 9457 problem+json."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self


class DomainError(Exception):
    """Base of errors for users: `detail` says what was refused, why, and what to do."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request can't be carried out"

    def __init_subclass__(cls, status: int | None = None, title: str | None = None) -> None:
        """Set the HTTP status and the title of a class of errors; without them its parent's hold."""
        cls.status, cls.title = status or cls.status, title or cls.title

    def __init__(self, detail: str, *, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        """One entry a field at fault: field, message, and value, limit where there are any."""


class NotFoundError(DomainError, status=404, title="Not found"):
    """The resource does not exist (any more)."""


class InvalidError(DomainError, status=422, title="A value is not allowed"):
    """A value is out of its range or contradicts another."""

    @classmethod
    def of(cls, field: str, message: str, **more: Any) -> Self:
        """Create a refusal of one field, with the value and the limit where there are any."""
        # A message that is a sentence of its own says already what was given.
        told = f", not {more['value']!r}" if "value" in more and not message.endswith(".") else ""
        return cls(f"{field}: {message}{told}", errors=[{"field": field, "message": message, **more}])


class ConflictError(DomainError, status=409, title="Not possible in this state"):
    """The state of the resource does not allow the action."""


class BusyError(DomainError, status=503, title="Not now"):
    """The action can't be done right now."""


class TooLargeError(DomainError, status=413, title="Too large"):
    """The request is larger than the server's limit."""


class ForbiddenError(DomainError, status=403, title="Not allowed"):
    """The person may not do this."""


class UnauthorizedError(DomainError, status=401, title="Sign in first"):
    """The request has no valid credentials."""


class TooManyError(DomainError, status=429, title="Too many requests"):
    """A rate limit was exceeded."""

    def __init__(self, what: str, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        super().__init__(f"{what} Try again in {self.seconds} second{'s' if self.seconds != 1 else ''}.")


class MisdirectedError(DomainError, status=421, title="Not this server"):
    """The Host header names another server."""


class LengthRequiredError(DomainError, status=411, title="Length required"):
    """The request lacks a Content-Length header."""
