"""Can this configuration be trained? What the configuration alone can't know: data sets, policies, this machine."""

from __future__ import annotations

from typing import Any

from backend.errors import InvalidError
from synrl_core import datasets
from synrl_core.checks import check_config
from synrl_core.config import TrainingConfig
from synrl_core.errors import ConfigError


def check(config: TrainingConfig) -> None:
    """Refuse what a worker would stumble over.

    Raises
    ------
    InvalidError
        Naming the field, the value and what is allowed.
    """
    if config.dataset not in datasets.names():
        allowed = list(datasets.names())
        raise _invalid(
            "dataset", config.dataset, {"one_of": allowed}, f"unknown data set; choose one of: {', '.join(allowed)}"
        )
    try:
        datasets.check_parameters(config.dataset, config.dataset_parameters)
    except datasets.DatasetParameterError as error:
        problem = error.problems[0]
        field = f"dataset_parameters.{problem.parameter}"
        raise _invalid(field, problem.value, problem.expected, str(error)) from error
    try:
        check_config(config)
    except ConfigError as error:
        raise _invalid(error.field, error.value, error.limit, error.message) from error


def _invalid(field: str, value: Any, limit: Any, message: str) -> InvalidError:
    shown = f"{value[:64]}…" if isinstance(value, str) and len(value) > 64 else value
    said = {"field": f"config.{field}", "message": message, "value": shown}
    if limit is not None:
        said["limit"] = limit if isinstance(limit, dict) else {"allowed": limit}
    return InvalidError(f"config.{field}: {message}, not {shown!r}", errors=[said])
