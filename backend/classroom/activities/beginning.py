"""Beginning of an activity: its settings are checked and completed, its first state is made."""

from __future__ import annotations

import secrets
from typing import Any, Final

from pydantic import ValidationError

from backend.classroom.activities.base import Activity
from backend.classroom.activities.free import FreePlay
from backend.classroom.activities.lesson import LessonTogether
from backend.classroom.activities.pooled import PooledExperiment
from backend.classroom.activities.schemas import (
    ActivityCreate,
    LessonCreate,
    PooledCreate,
    SynapseCreate,
    TableCreate,
    VoteCreate,
)
from backend.classroom.activities.synapse import BeASynapse
from backend.classroom.activities.table import ClassTable
from backend.classroom.activities.vote import Vote
from backend.classroom.roster import Situation
from backend.kit.errors import InvalidError
from backend.kit.field_errors import describe_all, in_words
from backend.lessons import service as lessons
from synrl_core.tape import Scene

_TITLES: Final = {
    "vote": "Vote",
    "synapse": "Be a synapse",
    "table": "The class's own table",
    "pooled": "Pooled experiment",
    "lesson": "Lesson together",
    "free": "Free play",
}


def begin(body: ActivityCreate, number: int, situation: Situation, past: list[BeASynapse]) -> Activity[Any, Any]:
    """Make an activity that begins now.

    Parameters
    ----------
    past
        Every Be a synapse of the session, for the class's own table.

    Raises
    ------
    InvalidError
        When its scene can't be used, or there is nothing to count.
    NotFoundError
        When there is no such lesson or question.
    """
    given = secrets.token_hex(6), number, body.title or _TITLES[body.kind]
    try:
        made = _made(body, given, situation, past)
    except ValidationError as error:
        errors = describe_all(error.errors(include_url=False), Scene)
        raise InvalidError("scene: " + "; ".join(in_words(one) for one in errors), errors=errors) from error
    except ValueError as error:
        raise InvalidError(f"This can't begin: {error}.") from error
    made.prepare()
    return made


def _made(
    body: ActivityCreate, given: tuple[str, int, str], situation: Situation, past: list[BeASynapse]
) -> Activity[Any, Any]:
    match body:
        case VoteCreate():
            body = with_question(body)
            return Vote(*given, body, Vote.begin(body, situation), {})
        case SynapseCreate():
            return BeASynapse(*given, body, BeASynapse.begin(body, situation), {})
        case TableCreate():
            return ClassTable(*given, body, ClassTable.begin(body, situation, past), {})
        case PooledCreate():
            return PooledExperiment(*given, body, PooledExperiment.begin(body, situation), {})
        case LessonCreate():
            title = given[2] if body.title else lessons.get_lesson(body.lesson_id).title
            return LessonTogether(given[0], given[1], title, body, LessonTogether.begin(body, situation), {})
        case _:
            return FreePlay(*given, body, FreePlay.begin(body, situation), {})


def with_question(body: VoteCreate) -> VoteCreate:
    """Return a vote with the question that it names of a lesson, its options, right answer and explanations.

    Raises
    ------
    NotFoundError
        When there is no such lesson or question.
    """
    if body.lesson_id is None:
        return body
    named = body.question_id or lessons.list_questions(body.lesson_id)[0].id
    question = lessons.get_question(named if "/" in named else f"{body.lesson_id}/{named}")
    answer = lessons.get_answer(question.id)
    ids = [option.id for option in question.options]
    return body.model_copy(
        update={
            "question_id": question.id,
            "question": question.question,
            "options": [option.words for option in question.options],
            "right": ids.index(answer.right),
            "explanations": [answer.explanations[option] for option in ids],
        }
    )
