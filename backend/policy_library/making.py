"""Making of policies for the library: from a class's decisions, by crossing, mutating and freezing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy.orm import Session

from backend.kit.errors import InvalidError
from backend.policy_library import service
from backend.policy_library.schemas import Origin
from backend.policy_library.service import Stored
from synrl_core.policies import derive


def add_class_policy(
    session: Session,
    name: str,
    counts: ArrayLike,
    session_id: str,
    owner: str | None = None,
    *,
    draws: bool = True,
    about: Mapping[str, Any] | None = None,
    notes: str = "",
    tags: Sequence[str] = (),
) -> Stored:
    """Store the table that a class made with its own decisions; see `backend.policy_library.service.add`.

    Parameters
    ----------
    counts
        Shape (3,) * (2h + 1) or (3, 3^h, 3^h): how often the students took each action in each state, actions along
        the first axis, codes 0, 1, 2 for -1, 0, +1; see `synrl_core.policies.derive.from_counts`.
    session_id
        Class session that the decisions were made in.
    owner
        Whose policy it is; None: the person's for whom the session works.
    draws
        Whether actions are drawn as often as the class took them, or the most frequent one is taken always.
    about
        What else the lineage tells, as JSON values: number of students, rounds, task.

    Raises
    ------
    InvalidError
        When the counts make no table, naming the fault.
    """
    counted = np.asarray(counts, dtype=np.float64)
    lineage = {
        **(about or {}),
        "made": "by a class",
        "session": session_id,
        "decisions": int(np.nansum(counted)),
        "draws": draws,
        "visits": counted.ravel().tolist(),
    }
    title = "What the class did" if draws else "What the class did most often"
    description = f"Counted from {lineage['decisions']:,} decisions of a class."
    try:
        policy = derive.from_counts(name, counted, draws=draws, title=title, description=description, lineage=lineage)
    except ValueError as error:
        raise InvalidError.of("counts", str(error)) from error
    return service.add(session, policy, Origin.CLASS, owner=owner, notes=notes, tags=list(tags))
