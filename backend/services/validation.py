"""Can this configuration be trained? What pydantic can't know: which data sets there are."""

from __future__ import annotations

from backend.errors import InvalidError
from synrl_core import datasets
from synrl_core.config import TrainingConfig


def check(config: TrainingConfig) -> None:
    """Refuse what a worker would stumble over.

    Raises
    ------
    InvalidError
        Naming the field, the value and what is allowed.
    """
    if config.dataset not in datasets.names():
        allowed = list(datasets.names())
        raise InvalidError(
            f"There is no data set '{config.dataset[:64]}'. Choose one of: {', '.join(allowed)}.",
            errors=[
                {
                    "field": "config.dataset",
                    "value": config.dataset,
                    "limit": {"one_of": allowed},
                    "message": f"unknown data set; choose one of: {', '.join(allowed)}",
                }
            ],
        )
