"""What can be wrong with what the user asked for, said so that he can put it right."""

from __future__ import annotations


class ConfigError(ValueError):
    """A setting that can't work with the others or with the data, found before training.

    Attributes
    ----------
    field
        Name of the setting in `TrainingConfig`, or of the part of the data set.
    value
        What was given.
    limit
        What would be accepted, in words or as a number.
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
    """Bytes that are no checkpoint of ours, or one that doesn't fit what is asked of it."""


class NoGradientError(ValueError):
    """A gradient was asked for through an activation that has none."""
