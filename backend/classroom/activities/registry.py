"""Registry of the kinds of activities."""

from __future__ import annotations

from typing import Any

from backend.classroom.activities.base import Activity, State
from backend.classroom.activities.free import FreePlay
from backend.classroom.activities.lesson import LessonTogether
from backend.classroom.activities.pooled import PooledExperiment
from backend.classroom.activities.schemas import Kind
from backend.classroom.activities.synapse import BeASynapse
from backend.classroom.activities.table import ClassTable
from backend.classroom.activities.vote import Vote
from backend.classroom.roster import Answer

_KINDS: tuple[type[Activity[Any, Any]], ...] = (
    Vote, BeASynapse, ClassTable, PooledExperiment, LessonTogether, FreePlay,
)  # fmt: skip
#: The activities, by kind.
ACTIVITIES: dict[str, type[Activity[Any, Any]]] = {one.kind: one for one in _KINDS}


def restored(
    kind: Kind | str, id: str, number: int, title: str,  # noqa: A002
    settings: dict[str, Any], state: dict[str, Any], answers: dict[str, dict[str, Answer]],
) -> Activity[Any, Any]:  # fmt: skip
    """Restore an activity from its stored state."""
    found = ACTIVITIES[kind]
    parsed: State = found.state_type.model_validate(state)
    return found(id, number, title, found.settings_type.model_validate(settings), parsed, answers)
