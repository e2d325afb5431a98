"""Lessons service: lessons and questions without their answers, and the answers by themselves."""

from __future__ import annotations

from backend.kit.errors import NotFoundError
from backend.lessons.loader import LoadedLesson, shipped
from backend.lessons.schemas import Lesson, LessonAnswers, LessonSummary, Question, QuestionAnswer


def list_lessons() -> list[LessonSummary]:
    """Return the lessons in their order."""
    return [_summary(loaded.lesson) for loaded in shipped()]


def get_lesson(lesson_id: str) -> Lesson:
    """Return a lesson without its answers.

    Raises
    ------
    NotFoundError
        When there is no such lesson.
    """
    return loaded_lesson(lesson_id).lesson


def loaded_lesson(lesson_id: str) -> LoadedLesson:
    """Return a lesson with all that its file holds.

    Raises
    ------
    NotFoundError
        When there is no such lesson.
    """
    for loaded in shipped():
        if loaded.lesson.id == lesson_id:
            return loaded
    names = ", ".join(loaded.lesson.id for loaded in shipped())
    raise NotFoundError(f"There is no lesson '{lesson_id[:80]}'. There are: {names}.")


def get_answers(lesson_id: str) -> LessonAnswers:
    """Return the answers of a lesson.

    Raises
    ------
    NotFoundError
        When there is no such lesson.
    """
    return LessonAnswers(id=lesson_id, answers=list(loaded_lesson(lesson_id).answers.values()))


def list_questions(lesson_id: str) -> list[Question]:
    """Return the predictions and checks of a lesson in their order, without the answers.

    Raises
    ------
    NotFoundError
        When there is no such lesson.
    """
    lesson = get_lesson(lesson_id)
    predictions: list[Question] = [step.prediction for step in lesson.steps if step.prediction]
    return predictions + lesson.checks


def get_question(question_id: str) -> Question:
    """Return a question without its answer.

    Parameters
    ----------
    question_id
        Lesson and the question's own name, as in ``one-synapse/predict``.

    Raises
    ------
    NotFoundError
        When there is no such question.
    """
    lesson_id = question_id.partition("/")[0]
    for question in list_questions(lesson_id):
        if question.id == question_id:
            return question
    names = ", ".join(question.id for question in list_questions(lesson_id))
    raise NotFoundError(f"There is no question '{question_id[:80]}'. There are: {names}.")


def get_answer(question_id: str) -> QuestionAnswer:
    """Return the answer to a question, which a class is not to see before the reveal.

    Raises
    ------
    NotFoundError
        When there is no such question.
    """
    return loaded_lesson(question_id.partition("/")[0]).answers[get_question(question_id).id]


def _summary(lesson: Lesson) -> LessonSummary:
    return LessonSummary(
        id=lesson.id,
        number=lesson.number,
        title=lesson.title,
        teaches=lesson.teaches,
        minutes=lesson.minutes,
        steps=len(lesson.steps) + 1,
    )
