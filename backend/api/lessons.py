"""/lessons: lessons, and separately their answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from backend.kit.access import requires
from backend.kit.identity import Role
from backend.lessons import service
from backend.lessons.schemas import Lesson, LessonAnswers, LessonSummary

router = APIRouter(prefix="/lessons", tags=["lessons"])

LessonId = Annotated[str, Path(max_length=80, description="The lesson, as in one-synapse.")]


@router.get("")
@requires(Role.VIEWER)
def list_lessons() -> list[LessonSummary]:
    """Return the lessons in their order."""
    return service.list_lessons()


@router.get("/{lesson_id}")
@requires(Role.VIEWER)
def get_lesson(lesson_id: LessonId) -> Lesson:
    """Return a lesson: steps, scenes, predictions and questions, without the answers."""
    return service.get_lesson(lesson_id)


@router.get("/{lesson_id}/answers")
@requires(Role.VIEWER)
def get_answers(lesson_id: LessonId) -> LessonAnswers:
    """Return the answers of a lesson, with what makes them right. The page asks for them after a commitment."""
    return service.get_answers(lesson_id)
