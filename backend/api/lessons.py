"""/lessons: lessons, and separately their answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request

from backend.api.class_feeds import ClassroomDependency
from backend.api.routing import router_under
from backend.kit.access import requires
from backend.kit.errors import ForbiddenError
from backend.kit.identity import Role, current_person
from backend.lessons import service
from backend.lessons.schemas import Lesson, LessonAnswers, LessonSummary

router = router_under("/lessons", tags=["lessons"])

LessonId = Annotated[str, Path(max_length=80, description="The lesson, as in one-synapse.")]


@router.get("")
@requires(Role.VIEWER, seats=True)
def list_lessons() -> list[LessonSummary]:
    """Return the lessons in their order."""
    return service.list_lessons()


@router.get("/{lesson_id}")
@requires(Role.VIEWER, seats=True)
def get_lesson(lesson_id: LessonId) -> Lesson:
    """Return a lesson: steps, scenes, predictions and questions, without the answers."""
    return service.get_lesson(lesson_id)


@router.get("/{lesson_id}/answers")
@requires(Role.VIEWER, seats=True)
def get_answers(request: Request, lesson_id: LessonId, classroom: ClassroomDependency) -> LessonAnswers:
    """Return the answers of a lesson, with what makes them right. The page asks for them after a commitment.

    While a class votes on a question of the lesson, its seats are refused until the reveal.
    """
    person = current_person()
    is_known_teacher = person.is_teacher and person.signed_in
    if not is_known_teacher and classroom.hides_answers_of(lesson_id, request.headers.get("cookie")):
        raise ForbiddenError("Your class votes on a question of this lesson. The answers come with the reveal.")
    return service.get_answers(lesson_id)
