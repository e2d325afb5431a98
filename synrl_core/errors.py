"""Errors that a user can fix: each names the value, the limit and the remedy."""

from __future__ import annotations


class ConfigError(ValueError):
    """A setting contradicts others or the data; raised before training.

    Attributes
    ----------
    field
        Name of the setting in `TrainingConfig`, or of the part of the data set.
    value
        Value that was given.
    limit
        Accepted values, in words or as a number.
    """

    def __init__(self, field: str, value: object, limit: object, message: str) -> None:
        self.field = field
        self.value = value
        self.limit = limit
        self.message = message
        super().__init__(message)

    def __reduce__(self) -> tuple[type[ConfigError], tuple[str, object, object, str]]:
        return type(self), (self.field, self.value, self.limit, self.message)


class CheckpointError(ValueError):
    """Bytes are no checkpoint, or one of another version, network or data set."""


class NoGradientError(ValueError):
    """Gradient descent was requested for a network without a useful gradient."""
