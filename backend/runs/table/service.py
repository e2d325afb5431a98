"""The table of runs: windows over thousands of rows, single or grouped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy.orm import Session

from backend.db.tables import Run, Sweep
from backend.kit.errors import InvalidError
from backend.runs import service as runs
from backend.runs.bulk_schemas import MOST_AT_ONCE
from backend.runs.listing import Filters
from backend.runs.schemas import RunRead
from backend.runs.table import queries as repository
from backend.runs.table.group_curves import group_curve
from backend.runs.table.queries import GROUP_SORTS, Group
from backend.runs.table.schemas import GroupRow, Named, RunFacets, RunRow, RunTable
from synrl_core.config import TrainingConfig

By = Literal["run", "configuration", "sweep"]

#: Ids that come with a group's row; of a larger group they are asked for when they are wanted.
_IDS_OF_GROUP = 50
_SHOWN = ("hidden_layers", "activation", "method", "policy", "adaptive", "optimizer", "seed")
#: Settings that a group's name says already, or that its runs don't share.
_SAID = frozenset({*_SHOWN, "dataset"})


def row(run: RunRead, depth: int = 0, copy_of: str | None = None) -> RunRow:
    """Reduce a run to the fields of a table row."""
    shown = {name: getattr(run, name) for name in RunRow.model_fields if hasattr(run, name)}
    shown["config"] = {name: getattr(run.config, name) for name in _SHOWN}
    curve = [*(run.sparkline or ())]
    if run.validation_accuracy is not None and (not curve or curve[-1][0] < run.iteration):
        curve.append((run.iteration, round(run.validation_accuracy, 3)))
    return RunRow(**shown, curve=curve, depth=depth, copy_of=copy_of)


def table(
    session: Session,
    filters: Filters,
    *,
    by: By = "run",
    sort: str = "-created_at",
    limit: int = 60,
    offset: int = 0,
    expanded: Sequence[str] = (),
) -> RunTable:
    """Return a window of the table.

    Parameters
    ----------
    by
        ``run``: a row a run. ``configuration``, ``sweep``: a row a group, followed by its runs where it is expanded.
    sort
        A column, with ``-`` before it from the largest down; rows where it is unknown come last.
    expanded
        Keys of the groups whose runs are shown.

    Raises
    ------
    InvalidError
        When there is no such column, or groups can't be sorted by it.
    """
    stored = repository.count(session, Filters())
    if by == "run":
        page = runs.listing(session, limit=limit, offset=offset, sort=sort, filters=filters)
        return RunTable(rows=[row(run) for run in page.items], total=page.total, runs=page.total, stored=stored)
    if sort.removeprefix("-") not in GROUP_SORTS:
        message = f"should be one of {', '.join(GROUP_SORTS)} where runs are grouped; with - before it from the largest"
        raise InvalidError.of("sort", message, value=sort[:100], limit={"one_of": list(GROUP_SORTS)})
    chosen = repository.count(session, filters)
    groups = repository.sizes(session, filters, by, sort)
    opened = set(expanded)
    total = len(groups) + sum(number for key, number in groups if (key or "") in opened)
    lines = _lines(groups, opened, offset, offset + limit)
    return RunTable(rows=_rows(session, filters, by, lines), total=total, runs=chosen, stored=stored)


Line = tuple[str | None, int | None]
"""A group's own row, or the row of its run at a place."""


def _lines(groups: list[tuple[str | None, int]], opened: set[str], first: int, end: int) -> list[Line]:
    """Return which rows of a table with expanded groups lie in a window."""
    lines: list[Line] = []
    at = 0
    for key, number in groups:
        inside = number if (key or "") in opened else 0
        if at >= end:
            break
        if at >= first:
            lines.append((key, None))
        lines += [(key, place) for place in range(max(0, first - at - 1), min(inside, end - at - 1))]
        at += 1 + inside
    return lines


def _rows(session: Session, filters: Filters, by: Literal["configuration", "sweep"], lines: list[Line]) -> list[Any]:
    keys = list(dict.fromkeys(key for key, _ in lines))
    sums = repository.groups(session, filters, by, keys)
    ids: dict[str | None, list[str]] = {key: [] for key in keys}
    copies: dict[str, str] = {}
    for member in repository.members(session, filters, by, keys):
        ids[member.key].append(member.id)
        if member.copy_of is not None:
            copies[member.id] = member.copy_of
    # A run may come or go between the queries of one window; the next window sees it.
    shown = [ids[key][place] for key, place in lines if place is not None and place < len(ids[key])]
    found = repository.by_id(session, [*shown, *(group.sample for group in sums.values())])
    read = {run.id: run for run in runs.read_all(session, [found[run_id] for run_id in shown])}
    sweeps = repository.sweeps(session, [key for key in keys if key]) if by == "sweep" else {}
    drawn = {key: [one for one in ids[key] if one not in copies][:_IDS_OF_GROUP] for key in sums if key}
    points = repository.sparklines(session, [run_id for few in drawn.values() for run_id in few])
    rows: list[Any] = []
    for key, place in lines:
        if place is not None and place < len(ids[key]):
            run_id = ids[key][place]
            rows.append(row(read[run_id], depth=1, copy_of=copies.get(run_id)))
        elif place is None and key in sums:
            named = _sweep_words(sweeps.get(key or "")) if by == "sweep" else _words(found[sums[key].sample])
            curve = group_curve([points[run_id] for run_id in drawn.get(key or "", ()) if run_id in points])
            rows.append(_group_row(sums[key], ids[key], curve=curve, **named))
    return rows


def _group_row(group: Group, ids: list[str], **named: Any) -> GroupRow:
    last, last_deviation = _mean_and_deviation(*group.last)
    best, best_deviation = _mean_and_deviation(*group.best)
    return GroupRow(
        id=f"group:{group.key or ''}",
        key=group.key or "",
        runs=group.runs,
        copies=group.copies,
        run_ids=ids[:_IDS_OF_GROUP],
        by_status=group.by_status,
        iteration=group.iteration,
        iterations=group.iterations,
        training_seconds=group.training_seconds,
        validation_accuracy=last,
        validation_accuracy_deviation=last_deviation,
        best_validation_accuracy=best,
        best_validation_accuracy_deviation=best_deviation,
        dataset_name=_if_one(group.datasets),
        owner=_if_one(group.owners),
        created_at=group.created_at,
        **named,
    )


def _words(sample: Run) -> dict[str, Any]:
    """Describe a configuration by its name and the settings that differ from the defaults."""
    config = TrainingConfig.model_validate(sample.config)
    differs = {
        str(field.title or name): getattr(config, name)
        for name, field in TrainingConfig.model_fields.items()
        if name not in _SAID and getattr(config, name) != field.get_default(call_default_factory=True)
    }
    return {
        "name": runs.default_name(config, sample.dataset_name),
        "config": {name: getattr(config, name) for name in _SHOWN if name != "seed"},
        "differs": differs,
    }


def _sweep_words(sweep: Sweep | None) -> dict[str, Any]:
    """Describe a sweep by its name and the settings that vary in it."""
    if sweep is None:
        return {"name": "In no sweep", "config": None, "differs": {}}
    grid = sweep.spec.get("grid") or {}
    titles = {name: str(field.title or name) for name, field in TrainingConfig.model_fields.items()}
    return {
        "name": sweep.name,
        "config": None,
        "differs": {titles.get(name, name): values for name, values in grid.items()},
    }


def _if_one(ends: tuple[str, str]) -> str | None:
    return ends[0] if ends[0] == ends[1] else None


def _mean_and_deviation(number: int, total: float, squares: float) -> tuple[float | None, float | None]:
    if not number:
        return None, None
    mean = total / number
    if number == 1:
        return mean, None
    return mean, math.sqrt(max(0.0, (squares - number * mean * mean) / (number - 1)))


def ids(session: Session, filters: Filters) -> list[str]:
    """Return the ids of the runs that the filters choose, newest first, at most `MOST_AT_ONCE`."""
    return list(repository.ids(session, filters, MOST_AT_ONCE))


def facets(session: Session) -> RunFacets:
    """Return the options of the filters."""
    return RunFacets(
        owners=repository.owners(session),
        datasets=[Named(id=key, name=name) for key, name in repository.datasets(session)],
        tags=repository.tags(session),
        sweeps=[Named(id=key, name=name) for key, name in repository.newest_sweeps(session)],
    )


def stored(session: Session) -> int:
    """Return how many runs there are outside the trash."""
    return repository.count(session, Filters())
