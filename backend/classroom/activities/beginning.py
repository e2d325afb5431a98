"""Beginning of an activity: its settings are checked and completed, its first state is made."""

from __future__ import annotations

import secrets
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.classroom.activities.base import Activity
from backend.classroom.activities.registry import ACTIVITIES
from backend.classroom.activities.schemas import ActivityCreate
from backend.classroom.roster import Situation
from backend.kit.errors import InvalidError
from backend.kit.field_errors import describe_all, in_words
from synrl_core.tape import Scene

_TITLES: Final = {
    "vote": "Vote",
    "synapse": "Be a synapse",
    "table": "The class's own table",
    "pooled": "Pooled experiment",
    "lesson": "Lesson together",
    "free": "Free play",
}


def past(session: Session, session_id: str, body: ActivityCreate) -> Any:
    """Read what an activity needs of those before."""
    del session, session_id, body


def begin(body: ActivityCreate, number: int, situation: Situation, before: Any) -> Activity[Any, Any]:
    """Make an activity that begins now.

    Parameters
    ----------
    before
        What `past` read.

    Raises
    ------
    InvalidError
        When its scene or lesson can't be used.
    """
    del before
    kind: Any = ACTIVITIES[body.kind]
    try:
        state = kind.begin(body, situation)
    except ValidationError as error:
        errors = describe_all(error.errors(include_url=False), Scene)
        raise InvalidError("scene: " + "; ".join(in_words(one) for one in errors), errors=errors) from error
    except ValueError as error:
        raise InvalidError.of("scene", f"{error}.") from error
    made: Activity[Any, Any] = kind(
        secrets.token_hex(6), number, body.title or _TITLES[body.kind], body, state, {}
    )  # fmt: skip
    made.prepare()
    return made
