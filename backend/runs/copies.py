"""Copies of a run: runs that compute the same numbers to the bit, and so are one sample in means and deviations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func

from backend.db.tables import Run

#: What copies share. `group_key` is of all settings but the seed, those of the split included; a run that has not
#: trained yet has no copy. `backend.comparison.service` tells copies by the same.
_SHARED = (
    Run.group_key,
    Run.config["seed"].as_string(),
    func.coalesce(Run.dataset_hash, Run.id),
    func.coalesce(Run.provenance["synrl"].as_string(), ""),
)


def rank_and_counted(group: Any) -> tuple[ColumnElement[int], ColumnElement[str]]:
    """Return two window functions: the rank of a run among its copies in a group, and the id of the one at rank 1.

    The run at rank 1 is counted: the one that is furthest, else the oldest.

    Parameters
    ----------
    group
        Column by which runs are put into groups.
    """
    window: dict[str, Any] = {
        "partition_by": (group, *_SHARED),
        "order_by": (Run.iteration.desc(), Run.created_at, Run.id),
    }
    return func.row_number().over(**window), func.first_value(Run.id).over(**window)
