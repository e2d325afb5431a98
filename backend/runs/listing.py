"""Queries of the list of runs: any filter, any order, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from backend.db.tables import Run
from backend.kit.status import RunStatus

_ESCAPE = "\\"

_SETTINGS = {name: Run.config[name].as_string() for name in ("dataset", "method", "policy")}

#: What the list can be ordered by; text without regard to case.
SORTS: dict[str, Any] = {
    **{name: func.lower(getattr(Run, name)) for name in ("name", "owner", "dataset_name")},
    **_SETTINGS,
    **{
        name: getattr(Run, name)
        for name in (
            "id", "status", "iteration", "iterations", "iterations_per_second", "forward_passes", "training_seconds",
            "train_accuracy", "validation_accuracy", "best_validation_accuracy", "best_iteration", "created_at",
            "started_at", "finished_at", "archived", "sweep_id", "group_key",
        )
    },
    "duration": Run.training_seconds,
    "progress": Run.iteration * 1.0 / Run.iterations,
}  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """Filters of the list of runs; None: no restriction."""

    status: RunStatus | None = None
    owner: str | None = None
    dataset: str | None = None
    method: str | None = None
    policy: str | None = None
    tag: str | None = None
    sweep: str | None = None
    group: str | None = None
    archived: Literal["true", "false", "any"] = "any"
    search: str | None = None
    """Words that all occur in name, notes, data set, owner or tags, or begin the id."""
    in_trash: bool = False
    """Those in the trash instead of those outside."""

    def condition(self) -> list[ColumnElement[bool]]:
        """Return the SQL condition of the filters."""
        wanted: list[ColumnElement[bool]] = [Run.deleted_at.is_not(None) if self.in_trash else Run.deleted_at.is_(None)]
        if self.archived != "any":
            wanted.append(Run.archived.is_(self.archived == "true"))
        equal = {"status": Run.status, "owner": Run.owner, "sweep": Run.sweep_id, "group": Run.group_key} | _SETTINGS
        wanted += [column == getattr(self, name) for name, column in equal.items() if getattr(self, name) is not None]
        if self.tag is not None:
            # Within the list's JSON, quotes included: the same on every database.
            wanted.append(_contains(cast(Run.tags, Text), json.dumps(self.tag), exactly=True))
        wanted += [_has_word(word) for word in (self.search or "").split()]
        return wanted


def page(session: Session, filters: Filters, sort: str, *, limit: int, offset: int) -> tuple[Sequence[Run], int]:
    """Return a page of runs and how many there are in all.

    Parameters
    ----------
    sort
        A key of `SORTS`; with ``-`` before it from the largest down. Where it is unknown, runs come last.
    """
    condition = filters.condition()
    total = session.scalar(select(func.count()).select_from(Run).where(*condition)) or 0
    column, down = SORTS[sort.removeprefix("-")], sort.startswith("-")
    order = [column.desc() if down else column.asc(), Run.created_at.desc(), Run.id.desc()]
    if sort.removeprefix("-") not in ("created_at", "id", "status", "name"):
        order.insert(0, column.is_(None))
    # The order is found on narrow rows; the wide ones are fetched for the page alone.
    ids = session.scalars(select(Run.id).where(*condition).order_by(*order).limit(limit).offset(offset)).all()
    found = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(ids)))}
    return [found[run_id] for run_id in ids], total


def _has_word(word: str) -> ColumnElement[bool]:
    return or_(
        *(_contains(column, word) for column in (Run.name, Run.notes, Run.dataset_name, Run.owner)),
        _contains(cast(Run.tags, Text), json.dumps(word)[1:-1]),
        Run.id.startswith(word, autoescape=True),
    )


def _contains(column: Any, text: str, *, exactly: bool = False) -> ColumnElement[bool]:
    escaped = text.replace(_ESCAPE, _ESCAPE * 2).replace("%", rf"{_ESCAPE}%").replace("_", rf"{_ESCAPE}_")
    pattern = f"%{escaped}%"
    found: ColumnElement[bool] = (
        column.like(pattern, escape=_ESCAPE) if exactly else column.ilike(pattern, escape=_ESCAPE)
    )
    return found
