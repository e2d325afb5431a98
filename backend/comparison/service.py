"""Compare runs: differing settings, groups, mean curves, and differences from a baseline."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.comparison import statistics
from backend.comparison.mean_curves import MeasuredRun, column, mean_curve, rounded
from backend.comparison.schemas import (
    MOST_RUNS,
    ComparedGroup,
    ComparedRun,
    ComparedSetting,
    Comparison,
    ComparisonOptions,
    Difference,
)
from backend.comparison.statistics import Sample
from backend.kit.errors import InvalidError, NotFoundError
from backend.runs import service as runs
from backend.runs.curves import service as curves
from backend.runs.schemas import RunRead
from backend.wire.columns import Columns
from synrl_core import datasets
from synrl_core.config import TrainingConfig, applies
from synrl_core.measuring import metrics

Floats = NDArray[np.float64]

#: Settings that do not make another experiment of a run.
_SEED = "seed"
_PARAMETER = "data."
#: Values (points times replicates) beyond which a curve is read from its coarser copies where nothing is smoothed.
_MANY_VALUES = 2_000_000
_ALL = "all"


def compare(session: Session, ids: Sequence[str], options: ComparisonOptions) -> Comparison:
    """Compare runs.

    Raises
    ------
    InvalidError
        When there are more than `MOST_RUNS`, or a setting to group by is not known.
    """
    wanted = list(dict.fromkeys(one for one in ids if one))
    if len(wanted) > MOST_RUNS:
        raise InvalidError.of("runs", f"{len(wanted)} are asked for; at most {MOST_RUNS} can be compared at once")
    read, missing = _read_all(session, wanted, options)
    settings = _differing(read)
    grouped_by = _grouped_by(settings, options)
    groups = _groups(read, settings, grouped_by, options)
    key_of = {run_id: group.key for group in groups for run_id in group.runs}
    original_of = _originals(read, key_of)
    return Comparison(
        options=options,
        runs=[_compared(one, key_of[one.run.id], original_of.get(one.run.id), options) for one in read],
        missing=missing,
        settings=settings,
        grouped_by=grouped_by,
        groups=groups,
    )


# -- reading


def _read_all(session: Session, ids: Sequence[str], options: ComparisonOptions) -> tuple[list[MeasuredRun], list[str]]:
    read, missing = [], []
    for run_id in ids:
        try:
            run = runs.get(session, run_id)
        except NotFoundError:
            missing.append(run_id)
            continue
        read.append(MeasuredRun(run, *_curve(session, run, options), _settings(run)))
    return read, missing


def _curve(session: Session, run: RunRead, options: ComparisonOptions) -> tuple[Floats, Floats]:
    """Read x (points,) and y (points, replicates); one read too coarse shows the extremes, not each point."""
    expected = run.iteration // run.config.evaluate_every * run.config.replicates
    if expected > _MANY_VALUES and options.smoothing == 0:
        seen = curves.read_metrics(session, run.id, 5 * options.max_points, "all")
        each = (seen.replicates or {}).get(options.metric, [])
        x = np.array(getattr(seen, options.x), dtype=np.float64)
        return x, np.array(each, dtype=np.float64).T.reshape(len(x), -1)
    points: Columns = curves.points(session, run.id)
    if not points:
        return np.zeros(0), np.zeros((0, run.config.replicates))
    return points[options.x].astype(np.float64), points[options.metric].astype(np.float64)


def _settings(run: RunRead) -> dict[str, Any]:
    """Return the settings that apply to a run, the parameters of its data one by one."""
    config = run.config
    known: dict[str, Any] = {}
    for name in TrainingConfig.model_fields:
        if not applies(config, name):
            continue
        value = getattr(config, name)
        if name == "dataset":
            known[name] = run.dataset_name
        elif name == "dataset_parameters":
            known |= {f"{_PARAMETER}{key}": inner for key, inner in _parameters(config).items()}
        else:
            known[name] = list(value) if isinstance(value, tuple) else value
    return known


def _parameters(config: TrainingConfig) -> dict[str, Any]:
    if config.dataset not in datasets.names():
        return {}
    described = datasets.parameters_schema(config.dataset).get("properties", {})
    return {name: one.get("default") for name, one in described.items()} | config.dataset_parameters


def _differing(read: Sequence[MeasuredRun]) -> list[ComparedSetting]:
    names = dict.fromkeys(name for one in read for name in one.settings)
    found = []
    for name in names:
        values = [one.settings.get(name) for one in read]
        if len({_canonical(value) for value in values}) > 1:
            found.append(_setting(name, values))
    return found


def _setting(name: str, values: list[Any]) -> ComparedSetting:
    if name.startswith(_PARAMETER):
        return ComparedSetting(name=name, title=f"Data: {name.removeprefix(_PARAMETER)}", symbol=None, values=values)
    field = TrainingConfig.model_fields[name]
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    symbol = extra.get("symbol")
    return ComparedSetting(
        name=name, title=field.title or name, symbol=None if symbol is None else str(symbol), values=values
    )


# -- copies


def _copy_key(one: MeasuredRun) -> str:
    """Return the key that runs share if they compute the same numbers; a run that has not trained yet has no copy."""
    run = one.run
    if run.dataset_hash is None:
        return run.id
    engine = (run.provenance or {}).get("synrl")
    # The group tells runs apart whose policies have one name and different tables.
    return _canonical([run.config.model_dump(mode="json"), run.group_key, run.dataset_hash, engine])


def _without_copies(members: Sequence[MeasuredRun]) -> list[MeasuredRun]:
    """Keep one run of each set of copies: the one with the most iterations, else the first."""
    kept: dict[str, MeasuredRun] = {}
    for one in members:
        known = kept.get(_copy_key(one))
        if known is None or one.run.iteration > known.run.iteration:
            kept[_copy_key(one)] = one
    return list(kept.values())


def _originals(read: Sequence[MeasuredRun], group_of: dict[str, str]) -> dict[str, str]:
    """Return, of each run that is a copy of another one in its group, the id of that other one."""
    originals: dict[str, str] = {}
    for group in dict.fromkeys(group_of.values()):
        members = [one for one in read if group_of[one.run.id] == group]
        counted = {_copy_key(one): one.run.id for one in _without_copies(members)}
        originals |= {one.run.id: counted[_copy_key(one)] for one in members}
    return {run_id: original for run_id, original in originals.items() if run_id != original}


# -- groups


def _grouped_by(settings: Sequence[ComparedSetting], options: ComparisonOptions) -> list[str]:
    differing = [setting.name for setting in settings]
    if options.group_by is None:
        return [name for name in differing if name != _SEED]
    for name in options.group_by:
        if name not in TrainingConfig.model_fields and not name.startswith(_PARAMETER):
            raise InvalidError.of(
                "group_by", f"{name[:64]!r} is no setting; these differ: {', '.join(differing) or 'none'}"
            )
    return [name for name in differing if name in options.group_by]


def _groups(
    read: Sequence[MeasuredRun],
    settings: Sequence[ComparedSetting],
    grouped_by: Sequence[str],
    options: ComparisonOptions,
) -> list[ComparedGroup]:
    each_alone = options.group_by == []
    sorted_in: dict[str, list[MeasuredRun]] = {}
    for one in read:
        values = one.run.id if each_alone else _canonical([one.settings.get(name) for name in grouped_by])
        sorted_in.setdefault(values, []).append(one)
    members = list(sorted_in.values())
    labels = _labels(members, [setting.name for setting in settings] if each_alone else grouped_by)
    pinned = next((group for group in members if options.baseline in {one.run.id for one in group}), None)
    baseline = None if pinned is None else _samples(_without_copies(pinned), options)
    opened = set(options.members)
    return [
        _group(
            group,
            label,
            {name: group[0].settings.get(name) for name in grouped_by},
            options,
            _difference(group, baseline, options) if group is not pinned else None,
            is_baseline=group is pinned,
            with_members=_ALL in opened or bool(opened & {one.run.id for one in group}),
        )
        for group, label in zip(members, labels, strict=True)
    ]


def _group(
    members: Sequence[MeasuredRun],
    label: str,
    settings: dict[str, Any],
    options: ComparisonOptions,
    difference: Difference | None,
    *,
    is_baseline: bool,
    with_members: bool,
) -> ComparedGroup:
    counted = _without_copies(members)
    values = np.array([value for one in counted for value in _numbers(one, options)])
    known = values[np.isfinite(values)]
    return ComparedGroup(
        key=hashlib.sha256("\0".join(sorted(one.run.id for one in members)).encode()).hexdigest()[:12],
        label=label,
        settings=settings,
        runs=[one.run.id for one in members],
        values=column(values),
        samples=len(known),
        copies=len(members) - len(counted),
        mean=rounded(known.mean()) if len(known) else None,
        deviation=rounded(known.std(ddof=1)) if len(known) > 1 else None,
        lowest=rounded(known.min()) if len(known) else None,
        highest=rounded(known.max()) if len(known) else None,
        is_baseline=is_baseline,
        difference=difference,
        curve=mean_curve(counted, options),
        members=[mean_curve([one], options) for one in counted] if with_members and len(counted) > 1 else [],
    )


def _labels(groups: Sequence[Sequence[MeasuredRun]], names: Sequence[str]) -> list[str]:
    """Label groups by the settings that differ between them; single runs by their names, if these differ."""
    called = [group[0].run.name for group in groups]
    alone = all(len(group) == 1 for group in groups)
    if names and not (alone and len(set(called)) == len(called)):
        called = [_describe(group[0], names) for group in groups]
    twice = {label for label in called if called.count(label) > 1}
    return [
        f"{label} ({group[0].run.id[:6]})" if label in twice else label
        for label, group in zip(called, groups, strict=True)
    ]


def _describe(one: MeasuredRun, names: Sequence[str]) -> str:
    return ", ".join(_word(name, one.settings[name]) for name in names if one.settings.get(name) is not None) or "–"


def _word(name: str, value: Any) -> str:
    """Write a value so that it can stand alone: 'step size 0.004', but 'bred' for a policy."""
    title = _setting(name, []).title.removeprefix("Data: ").lower()
    if isinstance(value, bool):
        return title if value else f"not {title}"
    if isinstance(value, list):
        return "no hidden layer" if not value else f"{title} {'–'.join(map(str, value))}"
    if isinstance(value, str):
        return value.replace("_", " ")
    return f"{title} {value:,}" if isinstance(value, int) else f"{title} {value:g}"


# -- one number of a curve


def _numbers(one: MeasuredRun, options: ComparisonOptions) -> Floats:
    """Return the number compared of each replicate; NaN where nothing was measured."""
    if not len(one.y):
        return np.full(one.run.config.replicates, np.nan)
    if options.statistic == "final":
        last: Floats = one.y[-1]
        return last
    falling = metrics.get(options.metric).better == "lower"
    filled = np.where(np.isfinite(one.y), one.y, np.inf if falling else -np.inf)
    best: Floats = filled.min(axis=0) if falling else filled.max(axis=0)
    return np.where(np.isfinite(best), best, np.nan)


def _samples(members: Sequence[MeasuredRun], options: ComparisonOptions) -> list[Sample]:
    """Return the samples of a group. The same seed on the same split of the same data is a pair."""
    samples = []
    for one in members:
        config = one.run.config
        data = (config.dataset, _canonical(config.dataset_parameters), config.validation_fraction, config.split_seed)
        for replicate, value in enumerate(_numbers(one, options)):
            if math.isfinite(value):
                samples.append(Sample((*data, config.seed, config.replicates, replicate), float(value)))
    return samples


def _difference(
    members: Sequence[MeasuredRun], baseline: list[Sample] | None, options: ComparisonOptions
) -> Difference | None:
    if baseline is None:
        return None
    found = statistics.difference(_samples(_without_copies(members), options), baseline)
    if found is None:
        return None
    numbers = {name: rounded(getattr(found, name)) for name in ("mean", "low", "high")}
    return found.model_copy(update=numbers)


def _compared(one: MeasuredRun, group: str, original: str | None, options: ComparisonOptions) -> ComparedRun:
    values = _numbers(one, options)
    mean = float(statistics.mean(values))
    return ComparedRun(
        id=one.run.id,
        name=one.run.name,
        status=one.run.status,
        group=group,
        seed=one.run.config.seed,
        replicates=one.run.config.replicates,
        iteration=one.run.iteration,
        forward_passes=one.run.forward_passes,
        seconds=round(one.run.training_seconds, 3),
        values=column(values),
        mean=rounded(mean),
        copy_of=original,
    )


# -- small things


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
