"""Plan a configuration or a sweep before it is started: its problems and its cost."""

from __future__ import annotations

import itertools
import json
import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.kit.errors import InvalidError
from backend.kit.field_errors import describe_all
from backend.runs import validation
from backend.runs.planning import queries as repository
from backend.runs.planning.schemas import Plan, PlanEstimate, PlanNetwork, PlanProblem, PlanRequest
from synrl_core.checks import DataShape, memory_needed, network_of, physical_memory
from synrl_core.config import TrainingConfig, applies
from synrl_core.measuring import costs
from synrl_core.networks.temporal import TemporalNetwork

#: Finished runs that an estimate looks at, newest first.
_REMEMBERED = 200
#: Problems that are told at once.
_MOST_PROBLEMS = 20
#: Networks that are shown at once.
_MOST_NETWORKS = 6
#: Runs are of one size if the model gives an iteration of one this much more than of the other.
_ALIKE = 1.1


class _Planned(NamedTuple):
    config: TrainingConfig
    data: DataShape


def plan(session: Session, request: PlanRequest, *, workers: int, max_runs: int) -> Plan:
    """Estimate a start. Problems are returned, not raised: somebody is still typing.

    Parameters
    ----------
    workers
        Runs that train at once.
    max_runs
        Runs that a sweep may have.
    """
    asked = math.prod(len(values) for values in request.grid.values())
    empty = [name for name, values in request.grid.items() if not values]
    if empty:
        return _refused(0, [PlanProblem(field=name, message="needs at least one value") for name in empty])
    if asked > max_runs:
        message = f"{asked:,} runs are asked for; a sweep may have at most {max_runs:,} (SYNRL_MAX_SWEEP_RUNS)"
        return _refused(asked, [PlanProblem(field="", message=message)])
    combinations = expand(request.config, request.grid)
    planned, problems = _checked(session, combinations)
    if problems:
        return _refused(len(combinations), problems)
    distinct = _distinct(planned)
    return Plan(
        runs=len(distinct),
        problems=[],
        configs=None if len(distinct) == len(combinations) else [_shortest(one.config) for one in distinct],
        estimate=_estimate(session, distinct, workers),
        networks=_networks(distinct),
    )


def seconds(session: Session, configs: Sequence[TrainingConfig], *, least: float = 0.0) -> list[float]:
    """Estimate how long runs of these configurations would train, each alone, as `plan` does.

    Parameters
    ----------
    least
        Seconds by the model below which a finished run is not learned from: a rehearsal's seconds are those of its
        start and of its evaluations, which long runs hardly have.
    """
    known = [run for run in _measured(session) if run.expected >= least]
    return [_seconds(_Planned(one, validation.shape_of_data(session, one)), known).seconds for one in configs]


def expand(config: dict[str, Any], grid: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Combine each value of each setting with each of the others."""
    return [config | dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _refused(runs: int, problems: list[PlanProblem]) -> Plan:
    return Plan(runs=runs, problems=problems[:_MOST_PROBLEMS], configs=None, estimate=None, networks=[])


def _networks(planned: Sequence[_Planned]) -> list[PlanNetwork]:
    """Return the networks that differ in their layers or their samples."""
    networks: list[PlanNetwork] = []
    for config, data in planned:
        trained = costs.training_samples(config, data)
        described = network_of(config, data)
        network = PlanNetwork(
            steps=described.encoding.steps if isinstance(described, TemporalNetwork) else 1,
            is_recurrent=any(block.kind == "recurrent" for block in described.blocks),
            architecture=config.architecture,
            sizes=list(costs.sizes(config, data)),
            synapses=costs.synapses(config, data),
            samples=trained,
            validation_samples=data.samples - trained,
        )
        if network not in networks:
            networks.append(network)
        if len(networks) == _MOST_NETWORKS:
            break
    return networks


def _checked(session: Session, combinations: Iterable[dict[str, Any]]) -> tuple[list[_Planned], list[PlanProblem]]:
    planned: list[_Planned] = []
    problems: dict[str, PlanProblem] = {}
    for combination in combinations:
        try:
            config = TrainingConfig.model_validate(combination)
            planned.append(_Planned(config, validation.data_shape(session, config)))
        except ValidationError as error:
            found = [_problem(one) for one in describe_all(error.errors(), TrainingConfig)]
        except InvalidError as error:
            found = [_problem(one) for one in error.errors or []]
        else:
            continue
        problems.update({one.model_dump_json(): one for one in found})
    return planned, list(problems.values())


def _problem(described: dict[str, Any]) -> PlanProblem:
    field = described["field"].removeprefix("config").removeprefix(".")
    message = described["message"]
    # A contradiction between two settings is no field's own: its message begins with the one to change.
    named = message.split(" ", 1)[0]
    if field == "" and named in TrainingConfig.model_fields:
        return PlanProblem(field=named, message=message)
    return PlanProblem(field=field, message=message, value=described.get("value"))


def _distinct(planned: Sequence[_Planned]) -> list[_Planned]:
    """Remove runs that differ only in settings that do not apply to them."""
    seen: dict[str, _Planned] = {}
    for one in planned:
        meant = {name: value for name, value in one.config.model_dump(mode="json").items() if applies(one.config, name)}
        seen.setdefault(json.dumps(meant, sort_keys=True), one)
    return list(seen.values())


def _shortest(config: TrainingConfig) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude_defaults=True)


# -- how long


class _Measured(NamedTuple):
    """A finished run: modelled seconds of an iteration, and of all; and the ratio of measured to modelled."""

    kind: str
    modelled: float
    expected: float
    factor: float


def _estimate(session: Session, planned: Sequence[_Planned], workers: int) -> PlanEstimate:
    known = _measured(session)
    each = [_seconds(one, known) for one in planned]
    longest = max(each, key=lambda one: one.seconds)
    total = sum(one.seconds for one in each)
    return PlanEstimate(
        seconds=longest.seconds,
        total_seconds=max(longest.seconds, total / workers),
        basis=longest.basis,
        basis_runs=longest.runs,
        memory_bytes=max(memory_needed(one.config, one.data) for one in planned),
        memory_available=physical_memory(),
        forward_passes=sum(costs.forward_passes(one.config, one.data) for one in planned),
        workers=workers,
        waiting=repository.queued(session),
    )


class _Seconds(NamedTuple):
    seconds: float
    basis: Any
    runs: int


def _seconds(one: _Planned, known: Sequence[_Measured]) -> _Seconds:
    """Correct the model by measured runs of this machine: of the same size if there are any, else of the same kind."""
    modelled = costs.seconds(one.config, one.data)
    an_iteration = modelled / one.config.iterations
    of_kind = [run for run in known if run.kind == costs.kind(one.config)]
    alike = [run for run in of_kind if max(run.modelled, an_iteration) < _ALIKE * min(run.modelled, an_iteration)]
    for basis, runs in (("runs_like_this", alike), ("runs_of_this_server", of_kind or known)):
        if runs:
            return _Seconds(modelled * statistics.median(run.factor for run in runs), basis, len(runs))
    return _Seconds(modelled, "model", 0)


def _measured(session: Session) -> list[_Measured]:
    found = []
    shapes: dict[str, DataShape] = {}
    for config_json, iteration, seconds in repository.finished(session, _REMEMBERED):
        try:
            config = TrainingConfig.model_validate(config_json)
            data = json.dumps([config.dataset, config.dataset_parameters], sort_keys=True)
            shape = shapes.get(data) or shapes.setdefault(data, validation.shape_of_data(session, config))
        except (ValidationError, InvalidError):
            continue  # of an earlier version, or its data are gone
        done = config.model_copy(update={"iterations": iteration})
        modelled = costs.seconds(done, shape)
        found.append(_Measured(costs.kind(config), modelled / iteration, modelled, seconds / modelled))
    return found
