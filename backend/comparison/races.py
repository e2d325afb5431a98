"""Races: policies train the same networks on the same tasks, as ordinary runs of one sweep, and are ranked."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.comparison import statistics
from backend.comparison.races_schemas import RaceCell, RaceCreate, RaceRank, RaceRead, RaceSummary, RaceTransfer
from backend.comparison.statistics import Sample
from backend.db.tables import RacePlace, Run, Sweep
from backend.kit.errors import NotFoundError
from backend.kit.status import RunStatus
from backend.policy_library import service as policy_library
from backend.runs.sweeps import queries as sweep_queries
from backend.runs.sweeps import service as sweeps
from backend.runs.sweeps.schemas import SweepCreate, SweepRead
from synrl_core import policies as shipped
from synrl_core.policies.describe import trained_on

#: Key of a sweep's spec under which it says that it is a race.
_RACE = "race"


class _Result(NamedTuple):
    """A run of a race and what it is for."""

    run: Run
    policy: str
    task: int
    step_size: float
    seed: int


def create(session: Session, body: RaceCreate, max_runs: int, *, key: str | None = None) -> RaceRead:
    """Queue the runs of a race, or none.

    Raises
    ------
    InvalidError
        When there would be too many runs, or any of them can't be trained.
    """
    entries: list[dict[str, Any]] = [
        {"policy": policy, "task": task, "step_size": step_size, "seed": seed}
        for task in range(len(body.tasks))
        for seed in body.seeds
        for policy in body.policies
        for step_size in body.step_sizes
    ]
    configs = [
        body.tasks[entry["task"]].config | {name: entry[name] for name in ("policy", "step_size", "seed")}
        for entry in entries
    ]
    config = body.config.model_copy(update={"method": "synaptic", "adaptive": False})
    name = body.name or _default_name(body)
    asked = SweepCreate(name=name, owner=body.owner, tags=body.tags, config=config, configs=configs)
    sweep = sweeps.create(session, asked, max_runs, key=key)
    stored = _find(session, sweep.id, of_race=False)
    if _RACE not in stored.spec:
        about = body.model_dump(mode="json", include={"policies", "tasks", "seeds", "step_sizes"})
        about["names"] = [task.name or _task_name(task.config) for task in body.tasks]
        about["datasets"] = [task.config.get("dataset", config.dataset) for task in body.tasks]
        about["trained_on"] = {
            policy: trained_on(policy_library.find(session, policy).lineage) for policy in body.policies
        }
        about["iterations"] = config.iterations
        about["entries"] = dict(zip(sweep.run_ids, entries, strict=True))
        stored.spec = {**stored.spec, _RACE: about}
        session.add_all(_places(session, stored, about))
        session.flush()
    return get(session, sweep.id)


def get(session: Session, race_id: str) -> RaceRead:
    """Return a race with its results so far.

    Raises
    ------
    NotFoundError
        When there is no race of this id.
    """
    stored = _find(session, race_id)
    sweep, about = sweeps.get(session, race_id), stored.spec[_RACE]
    results = [
        _Result(run, **about["entries"][run.id])
        for run in sweep_queries.runs(session, race_id)
        if run.id in about["entries"]
    ]
    cells = _cells(results, about)
    return RaceRead(
        id=sweep.id,
        name=sweep.name,
        owner=sweep.owner,
        created_at=sweep.created_at,
        policies=about["policies"],
        tasks=about["names"],
        seeds=about["seeds"],
        step_sizes=about["step_sizes"],
        forward_passes=about["iterations"],
        state=_state(sweep),
        by_status=sweep.by_status,
        cells=cells,
        ranking=_ranking(cells, results, about["policies"]),
        transfer=_transfer(cells, about.get("trained_on", {})),
    )


def listing(session: Session) -> list[RaceSummary]:
    """Return all races, newest first; those whose runs are all in the trash are left out."""
    stored = session.scalars(select(Sweep).order_by(Sweep.created_at.desc(), Sweep.id)).all()
    races = [one for one in stored if _RACE in one.spec]
    read = [(one, sweeps.get(session, one.id)) for one in races]
    return [
        RaceSummary(
            id=one.id,
            name=one.name,
            owner=one.owner,
            created_at=one.created_at,
            policies=one.spec[_RACE]["policies"],
            tasks=one.spec[_RACE]["names"],
            by_status=sweep.by_status,
        )
        for one, sweep in read
        if sweep.runs
    ]


# -- results -----------------------------------------------------------------------------------------------------


def _cells(results: Sequence[_Result], about: Mapping[str, Any]) -> list[RaceCell]:
    by_cell: dict[tuple[str, int], list[_Result]] = defaultdict(list)
    for one in results:
        by_cell[one.policy, one.task].append(one)
    known, datasets = about.get("trained_on", {}), about.get("datasets", [None] * len(about["names"]))
    return [
        _cell(policy, task, by_cell[policy, task], about["step_sizes"], is_own=dataset in known.get(policy, ()))
        for policy in about["policies"]
        for task, dataset in enumerate(datasets)
    ]


def _cell(policy: str, task: int, results: Sequence[_Result], step_sizes: Sequence[float], *, is_own: bool) -> RaceCell:
    """Judge a policy on a task at its best step size: the highest mean among those with the most ended runs."""
    ended = {size: _samples([one for one in results if one.step_size == size]) for size in step_sizes}
    known = {size: samples for size, samples in ended.items() if samples}
    complete = bool(results) and all(RunStatus(one.run.status).is_final for one in results)
    if not known:
        ids = [one.run.id for one in results]
        return RaceCell(
            policy=policy, task=task, samples=0, mean=None, deviation=None, low=None, high=None, step_size=None,
            complete=complete, bred_here=is_own, run_ids=ids,
        )  # fmt: skip
    most = max(map(len, known.values()))
    means = {size: _mean(samples) for size, samples in known.items() if len(samples) == most}
    best = max(means, key=lambda size: means[size])
    values = [one.value for one in known[best]]
    deviation, interval = statistics.deviation_of(values), statistics.interval_of(values)
    return RaceCell(
        policy=policy,
        task=task,
        samples=len(values),
        mean=means[best],
        deviation=deviation,
        low=None if interval is None else interval[0],
        high=None if interval is None else interval[1],
        step_size=best,
        complete=complete,
        bred_here=is_own,
        run_ids=[one.run.id for one in results if one.step_size == best],
    )


def _samples(results: Sequence[_Result]) -> list[Sample]:
    return [
        Sample((one.task, one.seed), one.run.validation_accuracy)
        for one in results
        if one.run.status == RunStatus.SUCCEEDED and one.run.validation_accuracy is not None
    ]


def _ranking(cells: Sequence[RaceCell], results: Sequence[_Result], policies: Sequence[str]) -> list[RaceRank]:
    """Rank policies over the tasks of which all have results, and tell which of them chance could have placed so."""
    by_policy: Mapping[str, dict[int, RaceCell]] = {
        policy: {cell.task: cell for cell in cells if cell.policy == policy and cell.mean is not None}
        for policy in policies
    }
    common = set.intersection(*(set(found) for found in by_policy.values()))
    if not common:
        return []
    samples = {
        policy: [
            sample
            for task in sorted(common)
            for sample in _samples(
                [
                    one
                    for one in results
                    if (one.policy, one.task, one.step_size) == (policy, task, found[task].step_size)
                ]
            )
        ]
        for policy, found in by_policy.items()
    }
    means = {
        policy: math.fsum(_known(found[task].mean) for task in common) / len(common)
        for policy, found in by_policy.items()
    }
    ordered = sorted(policies, key=lambda policy: -means[policy])
    first = ordered[0]
    ranks = []
    for policy in ordered:
        found = None if policy == first else statistics.difference(samples[first], samples[policy])
        low, high = (None, None) if found is None else (found.low, found.high)
        mean_low, mean_high = statistics.interval_of(_means_of_seeds(samples[policy], len(common))) or (None, None)
        ranks.append(
            RaceRank(
                policy=policy,
                mean=means[policy],
                mean_low=mean_low,
                mean_high=mean_high,
                behind=means[first] - means[policy],
                low=low,
                high=high,
                distinguishable=low is not None and high is not None and not low <= 0 <= high,
            )
        )
    return ranks


def _means_of_seeds(samples: Sequence[Sample], tasks: int) -> list[float]:
    """Return the mean over the tasks of each seed that has a result on all of them."""
    by_seed: dict[int, list[float]] = defaultdict(list)
    for one in samples:
        key: Any = one.key  # task and seed
        by_seed[key[1]].append(one.value)
    return [math.fsum(values) / tasks for values in by_seed.values() if len(values) == tasks]


def _transfer(cells: Sequence[RaceCell], trained: Mapping[str, list[str]]) -> list[RaceTransfer]:
    """Tell apart what each policy does on the tasks that it was bred on, and on others."""

    def mean_of(policy: str, *, own: bool) -> float | None:
        means = [
            cell.mean for cell in cells if (cell.policy, cell.bred_here) == (policy, own) and cell.mean is not None
        ]
        return math.fsum(means) / len(means) if means else None

    bred = dict.fromkeys(cell.policy for cell in cells if cell.bred_here)
    return [
        RaceTransfer(
            policy=policy,
            trained_on=trained[policy],
            own=mean_of(policy, own=True),
            others=mean_of(policy, own=False),
        )
        for policy in bred
    ]


# -- helpers -----------------------------------------------------------------------------------------------------


def _places(session: Session, race: Sweep, about: Mapping[str, Any]) -> list[RacePlace]:
    """Note who takes part; the places are kept when the race has ended (`backend.comparison.race_places`)."""
    return [
        RacePlace(
            race_id=race.id,
            policy=policy,
            policy_id=policy if policy in shipped.names() else policy_library.id_of(session, policy),
            owner=race.owner,
            name=race.name,
            tasks=about["names"],
            policies=len(about["policies"]),
            state="running",
            created_at=race.created_at,
        )
        for policy in about["policies"]
    ]


def _find(session: Session, race_id: str, *, of_race: bool = True) -> Sweep:
    found = sweep_queries.find(session, race_id)
    if found is None or (of_race and _RACE not in found.spec):
        raise NotFoundError(f"There is no race '{race_id[:64]}'. GET /api/v1/races lists them.")
    return found


def _state(sweep: SweepRead) -> Any:
    statuses = set(sweep.by_status)
    if not all(status.is_final for status in statuses):
        return "running"
    return "stopped" if RunStatus.STOPPED in statuses else "complete"


def _mean(samples: Sequence[Sample]) -> float:
    return math.fsum(one.value for one in samples) / len(samples)


def _known(value: float | None) -> float:
    return 0.0 if value is None else value


def _task_name(config: Mapping[str, Any]) -> str:
    layers = config.get("hidden_layers")
    shape = (
        ""
        if layers is None
        else ("-".join(map(str, layers)) if isinstance(layers, list) and layers else "no hidden layer")
    )
    others = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in config.items()
        if name not in ("dataset", "hidden_layers")
    ]
    return " · ".join(part for part in (str(config.get("dataset", "")), shape, *others) if part)[:200] or "as the race"


def _default_name(body: RaceCreate) -> str:
    return f"Race: {', '.join(body.policies)}"[:150]
