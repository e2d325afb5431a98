"""Validation of a configuration against data sets, policies, limits and this machine's memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import pydantic
from sqlalchemy.orm import Session

from backend.datasets import service as stored_datasets
from backend.datasets.schemas import DatasetRead
from backend.db.guard import limits_of, person_of
from backend.kit import field_errors
from backend.kit.errors import InvalidError
from backend.kit.limits import Limits
from backend.policy_library import service as policy_library
from synrl_core import datasets
from synrl_core.checks import DataShape, PolicyLookup, check_config
from synrl_core.config import TrainingConfig
from synrl_core.datasets import DatasetSize
from synrl_core.errors import ConfigError
from synrl_core.measuring import costs
from synrl_core.validation_messages import did_you_mean


class NamedData(NamedTuple):
    """Name and sample shape of a run's data set."""

    name: str
    sample_shape: list[int]


def check(session: Session, config: TrainingConfig, *, find_policy: PolicyLookup | None = None) -> NamedData:
    """Refuse a configuration that a worker could not train; return name and sample shape of its data set.

    Parameters
    ----------
    find_policy
        Looks policies up by name and history; by default among those that ship and those of the library.

    Raises
    ------
    InvalidError
        Naming the field, the value and what is allowed.
    """
    shape = data_shape(session, config, find_policy=find_policy)
    stored = _stored(session, config)
    if stored is not None:
        return NamedData(stored.name, list(stored.sample_shape))
    return NamedData(config.dataset, list(shape.sample))


def data_shape(session: Session, config: TrainingConfig, *, find_policy: PolicyLookup | None = None) -> DataShape:
    """Refuse a configuration that a worker could not train, as `check` does; return the shape of the data."""
    shape, limits = shape_of_data(session, config), limits_of(session)
    try:
        find_policy = find_policy or partial(policy_library.find, session)
        check_config(config, shape, find_policy=find_policy, memory_limit=limits.run_bytes)
    except ConfigError as error:
        message = error.message.removeprefix(f"{error.field}: ")  # named by the field already
        raise _invalid(error.field, error.value, error.limit, message) from error
    if not person_of(session).is_teacher:
        _check_students(config, shape, limits)
    return shape


def shape_of_data(session: Session, config: TrainingConfig) -> DataShape:
    """Return the shape of a configuration's data; InvalidError when there are none of its name and parameters."""
    stored = _stored(session, config)
    return DataShape(*(_built_in_size(config) if stored is None else _stored_size(config, stored)))


def _stored(session: Session, config: TrainingConfig) -> DatasetRead | None:
    return None if config.dataset in datasets.names() else stored_datasets.find_stored(session, config.dataset)


def changed(config: Mapping[str, Any], changes: Mapping[str, Any], *, field: str, context: str = "") -> TrainingConfig:
    """Return a stored configuration with changes.

    Parameters
    ----------
    field
        What to call the changes in a refusal.
    context
        Which of several sets of changes this is, in words.

    Raises
    ------
    InvalidError
        When a setting is not known, or its value not allowed.
    """
    try:
        return TrainingConfig.model_validate({**config, **changes})
    except pydantic.ValidationError as error:
        errors = field_errors.describe_all(error.errors(), TrainingConfig)
        for one in errors:
            one["field"] = f"{field}.{one['field']}".removesuffix(".")
        refusal = InvalidError("; ".join(map(field_errors.in_words, errors)), errors=errors)
    raise in_context(refusal, context)


def in_context(error: InvalidError, context: str) -> InvalidError:
    """Return a refusal that names which of several configurations it is about."""
    if not context:
        return error
    return InvalidError(
        f"With {context}: {error.detail}", errors=[{**one, "combination": context} for one in error.errors or ()]
    )


def _check_students(config: TrainingConfig, data: DataShape, limits: Limits) -> None:
    parameters = costs.synapses(config, data)
    for field, value, limit in (
        ("hidden_layers", parameters, limits.parameters),
        ("iterations", config.iterations, limits.iterations),
        ("replicates", config.replicates, limits.replicates),
    ):
        if value > limit:
            what = "weights and biases" if field == "hidden_layers" else field
            raise _invalid(field, value, limit, f"a student's run has at most {limit:,} {what}")


def _built_in_size(config: TrainingConfig) -> DatasetSize:
    try:
        return datasets.size(config.dataset, config.dataset_parameters)
    except datasets.UnknownDatasetError as error:
        allowed = list(datasets.names())
        message = (
            f"there is no data set {config.dataset[:64]!r}.{did_you_mean(config.dataset, allowed)} Choose one of: "
            f"{', '.join(allowed)}, or the id of one that was brought here (listed at /datasets, and by "
            "`synrl datasets list`)"
        )
        raise _invalid("dataset", config.dataset, {"one_of": allowed}, message) from error
    except datasets.DatasetParameterError as error:
        problem = error.problems[0]
        field = f"dataset_parameters.{problem.parameter}"
        raise _invalid(field, problem.value, problem.expected, str(error)) from error


def _stored_size(config: TrainingConfig, stored: DatasetRead) -> DatasetSize:
    if config.dataset_parameters:
        message = "should be empty: data that were brought are taken as they are"
        raise _invalid("dataset_parameters", config.dataset_parameters, {"allowed": {}}, message)
    shape = tuple(stored.sample_shape)
    return DatasetSize(stored.samples, math.prod(shape), len(stored.classes), sample_shape=shape)


def _invalid(field: str, value: Any, limit: Any, message: str) -> InvalidError:
    shown = f"{value[:64]}…" if isinstance(value, str) and len(value) > 64 else value
    more = {"value": shown}
    if limit is not None:
        more["limit"] = limit if isinstance(limit, dict) else {"allowed": limit}
    return InvalidError.of(f"config.{field}", message, **more)
