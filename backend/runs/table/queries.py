"""Queries of the table of runs: filters, order, windows and groups of thousands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, Text, case, cast, func, or_, select
from sqlalchemy.orm import Session

from backend.db.tables import Run, StoredDataset, Sweep
from backend.kit.status import RunStatus
from backend.runs import copies
from backend.runs.listing import Filters

By = Literal["configuration", "sweep"]

#: Sweeps that a filter offers.
_MOST_SWEEPS = 200


_DATASET = Run.config["dataset"].as_string()

#: What groups can be ordered by: what of their runs decides. `_MEANS` are of what is counted, the others of all runs.
GROUP_SORTS: dict[str, Any] = {
    "name": func.min(func.lower(Run.name)),
    "status": func.min(Run.status),
    "progress": func.sum(Run.iteration) * 1.0 / func.sum(Run.iterations),
    "validation_accuracy": func.avg(Run.validation_accuracy),
    "best_validation_accuracy": func.avg(Run.best_validation_accuracy),
    "dataset_name": func.min(func.lower(Run.dataset_name)),
    "duration": func.sum(Run.training_seconds),
    "owner": func.min(func.lower(Run.owner)),
    "created_at": func.max(Run.created_at),
}
_MEANS = frozenset({"validation_accuracy", "best_validation_accuracy"})


def count(session: Session, filters: Filters) -> int:
    """Return how many runs the filters choose."""
    return session.scalar(select(func.count()).select_from(Run).where(*filters.condition())) or 0


class Group(NamedTuple):
    """Aggregates over the filtered runs of a group."""

    key: str | None
    runs: int
    copies: int
    """Runs that compute what another of the group computes; they are not in `last` and `best`."""
    sample: str
    """Id of one of them."""
    iteration: int
    iterations: int
    training_seconds: float
    last: tuple[int, float, float]
    """How many have a last accuracy, their sum and the sum of their squares; of copies one."""
    best: tuple[int, float, float]
    datasets: tuple[str, str]
    """First and last of their names, the same when there is one."""
    owners: tuple[str, str]
    created_at: datetime
    by_status: dict[RunStatus, int]


_KEYS: dict[By, Any] = {"configuration": Run.group_key, "sweep": Run.sweep_id}


def sizes(session: Session, filters: Filters, by: By, sort: str) -> list[tuple[str | None, int]]:
    """Return key and number of runs of every group, in the order of a key of `GROUP_SORTS`; the unknown last."""
    name = sort.removeprefix("-")
    if name in _MEANS:  # copies have to be told apart, which the other orders need not wait for
        runs = _ranked(filters, by, [getattr(Run, name)])
        column, key, newest = func.avg(_if_counted(runs, name)), runs.c.key, func.max(runs.c.created_at)
        grouped = select(key, func.count()).group_by(key)
    else:
        column, key, newest = GROUP_SORTS[name], _KEYS[by], func.max(Run.created_at)
        grouped = select(key, func.count()).where(*filters.condition()).group_by(key)
    direction = column.desc() if sort.startswith("-") else column.asc()
    rows = session.execute(grouped.order_by(column.is_(None), direction, newest.desc(), key))
    return [(key, count) for key, count in rows]


def groups(session: Session, filters: Filters, by: By, keys: Sequence[str | None]) -> dict[str | None, Group]:
    """Return the aggregates of some groups."""
    statuses = list(RunStatus)
    runs = _ranked(filters, by, _SUMMED, keys)
    chosen = _sums(runs).add_columns(*(func.sum(case((runs.c.status == status, 1), else_=0)) for status in statuses))
    found = {}
    for row in session.execute(chosen.group_by(runs.c.key)):
        (key, number, counted, sample, iteration, iterations, seconds, *moments, newest), counts = row[:18], row[18:]
        found[key] = Group(
            key,
            number,
            number - int(counted),
            sample,
            iteration,
            iterations,
            training_seconds=seconds,
            last=_known(moments[:3]),
            best=_known(moments[3:6]),
            datasets=(moments[6], moments[7]),
            owners=(moments[8], moments[9]),
            created_at=newest,
            by_status={status: int(number) for status, number in zip(statuses, counts, strict=True) if number},
        )
    return found


_SUMMED: Sequence[Any] = (
    Run.status, Run.iteration, Run.iterations, Run.training_seconds, Run.validation_accuracy,
    Run.best_validation_accuracy, Run.dataset_name, Run.owner,
)  # fmt: skip


def _ranked(filters: Filters, by: By, columns: Sequence[Any], keys: Sequence[str | None] | None = None) -> Subquery:
    """Return the chosen runs with their group's key and their rank among copies (1: counted)."""
    key = _KEYS[by]
    rank, _ = copies.rank_and_counted(key)
    chosen = select(key.label("key"), Run.id, Run.created_at, rank.label("rank"), *columns).where(*filters.condition())
    return (chosen if keys is None else chosen.where(_one_of(key, keys))).subquery()


def _if_counted(runs: Subquery, name: str) -> Any:
    return case((runs.c.rank == 1, runs.c[name]))


def _sums(runs: Subquery) -> Select[Any]:
    def moments(name: str) -> list[Any]:
        counted = _if_counted(runs, name)
        return [func.count(counted), func.sum(counted), func.sum(counted * counted)]

    column = runs.c
    return select(
        column.key,
        func.count(),
        func.sum(case((column.rank == 1, 1), else_=0)),
        func.min(column.id),
        func.sum(column.iteration),
        func.sum(column.iterations),
        func.sum(column.training_seconds),
        *moments("validation_accuracy"),
        *moments("best_validation_accuracy"),
        func.min(column.dataset_name),
        func.max(column.dataset_name),
        func.min(column.owner),
        func.max(column.owner),
        func.max(column.created_at),
    )


def _known(moments: Sequence[Any]) -> tuple[int, float, float]:
    number, total, squares = moments
    return int(number), float(total or 0), float(squares or 0)


def _one_of(column: Any, keys: Sequence[str | None]) -> ColumnElement[bool]:
    known = [key for key in keys if key is not None]
    return or_(column.in_(known), column.is_(None)) if None in keys else column.in_(known)


class Member(NamedTuple):
    """A run of a group."""

    key: str | None
    id: str
    copy_of: str | None
    """The run that is counted in its place, where it is a copy."""


def members(session: Session, filters: Filters, by: By, keys: Sequence[str | None]) -> list[Member]:
    """Return the runs of some groups, in the order in which a group shows them: oldest first."""
    _, counted = copies.rank_and_counted(_KEYS[by])  # a second pass over all runs: not for the order of groups
    runs = _ranked(filters, by, [counted.label("counted")], keys)
    chosen = select(runs.c.key, runs.c.id, case((runs.c.rank > 1, runs.c.counted)))
    return [Member(*row) for row in session.execute(chosen.order_by(runs.c.created_at, runs.c.id))]


def by_id(session: Session, ids: Sequence[str]) -> dict[str, Run]:
    """Return runs by their ids."""
    return {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(ids)))}


def sparklines(session: Session, ids: Sequence[str]) -> dict[str, tuple[int, list[tuple[int, float]]]]:
    """Return iterations asked for and sparkline of runs, by id."""
    found = session.execute(select(Run.id, Run.iterations, Run.sparkline).where(Run.id.in_(ids)))
    return {run_id: (iterations, points or []) for run_id, iterations, points in found}


def sweeps(session: Session, ids: Sequence[str]) -> dict[str, Sweep]:
    """Return sweeps by their ids."""
    return {sweep.id: sweep for sweep in session.scalars(select(Sweep).where(Sweep.id.in_(ids)))}


def ids(session: Session, filters: Filters, limit: int) -> Sequence[str]:
    """Return the ids of the runs that the filters choose, newest first."""
    chosen = select(Run.id).where(*filters.condition()).order_by(Run.created_at.desc(), Run.id.desc())
    return session.scalars(chosen.limit(limit)).all()


# -- what filters can offer --------------------------------------------------------------------------------------


def owners(session: Session) -> list[str]:
    """Return the owners of all runs."""
    return list(session.scalars(select(Run.owner).where(Run.deleted_at.is_(None)).distinct().order_by(Run.owner)))


def datasets(session: Session) -> list[tuple[str, str]]:
    """Return (id, name) of the data sets of all runs, with their current names if they still exist."""
    name = func.coalesce(StoredDataset.name, func.max(Run.dataset_name))
    used = (
        select(_DATASET, name)
        .outerjoin(StoredDataset, StoredDataset.id == _DATASET)
        .where(Run.deleted_at.is_(None))
        .group_by(_DATASET, StoredDataset.name)
    )
    return sorted(((key, title) for key, title in session.execute(used)), key=lambda pair: pair[1].lower())


def tags(session: Session) -> list[str]:
    """Return the tags of all runs."""
    lists = session.scalars(select(cast(Run.tags, Text)).where(Run.deleted_at.is_(None)).distinct())
    return sorted({tag for text in lists for tag in json.loads(text)}, key=str.lower)


def newest_sweeps(session: Session) -> list[tuple[str, str]]:
    """Return (id, name) of the newest sweeps that have runs outside the trash."""
    alive = select(Run.sweep_id).where(Run.sweep_id.is_not(None), Run.deleted_at.is_(None)).distinct()
    chosen = select(Sweep.id, Sweep.name).where(Sweep.id.in_(alive))
    return [(key, name) for key, name in session.execute(chosen.order_by(Sweep.created_at.desc()).limit(_MOST_SWEEPS))]
