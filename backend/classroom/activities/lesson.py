"""Lesson together: the class goes through a lesson at the teacher's pace, or each at their own."""

from __future__ import annotations

from collections import Counter
from typing import Any

from backend.classroom.activities.base import Activity, State
from backend.classroom.activities.schemas import BoardLesson, LessonCreate, StudentLesson, TeacherLesson
from backend.classroom.roster import Seat, Situation
from backend.kit.errors import InvalidError
from backend.lessons import service as lessons


class LessonState(State):
    """State of a lesson together."""

    phase: str = "open"
    step: int = 0
    """The teacher's, from 0."""
    steps: list[str]
    """Ids of the steps, the check last."""


class LessonTogether(Activity[LessonCreate, LessonState]):
    """A lesson together. The teacher's step is one for all; whether pages follow it is the session's pace."""

    kind = "lesson"
    settings_type, state_type = LessonCreate, LessonState

    @classmethod
    def begin(cls, settings: LessonCreate, situation: Situation) -> LessonState:
        """Return the state at the start.

        Raises
        ------
        NotFoundError
            When there is no such lesson.
        """
        del situation
        lesson = lessons.get_lesson(settings.lesson_id)
        return LessonState(steps=[step.id for step in lesson.steps] + ["check"] * bool(lesson.checks))

    def actions(self) -> list[str]:
        """Return where one can go from this step."""
        at, last = self.state.step, len(self.state.steps) - 1
        return ["next"] * (at < last) + ["back"] * (at > 0) + ["go"]

    def _act(self, action: str, value: int | None, situation: Situation) -> LessonState:
        del situation
        state = self.draft()
        last = len(state.steps) - 1
        if action == "go":
            if value is None or value > last:
                raise InvalidError.of("value", f"should be a step from 0 to {last}", value=value, limit=last)
            state.step = value
        else:
            state.step += 1 if action == "next" else -1
        return state

    # -- where students are

    def is_here(self, seat: Seat) -> bool:
        """Whether the page shows this lesson. A report stays until the next one: it may be of an earlier lesson."""
        return str(seat.position.get("address") or "").partition("?")[0].rstrip("/") == self._address

    @property
    def _address(self) -> str:
        return f"/learn/{self.settings.lesson_id}"

    def step(self, seat: Seat) -> int | None:
        """Return the step that the page reported of this lesson."""
        return seat.position.get("step") if self.is_here(seat) else None

    # -- views

    def _shared(self) -> dict[str, Any]:
        lesson_id, step = self.settings.lesson_id, self.state.step
        return {
            **self._head(),
            "lesson_id": lesson_id,
            "step": step,
            "step_id": self.state.steps[step],
            "steps": len(self.state.steps),
            "address": self._address,
        }

    def _at_step(self, situation: Situation) -> list[int]:
        counted = Counter(self.step(seat) for seat in situation.seats)
        return [counted[step] for step in range(len(self.state.steps))]

    def board(self, situation: Situation) -> BoardLesson:
        """Return the step, and how many are at each."""
        return BoardLesson(**self._shared(), at_step=self._at_step(situation))

    def student(self, seat: Seat, situation: Situation) -> StudentLesson:
        """Return the step, and the own one."""
        del situation
        return StudentLesson(**self._shared(), own_step=self.step(seat))

    def teacher(self, situation: Situation) -> TeacherLesson:
        """Return the board's view."""
        return TeacherLesson(**self._shared(), at_step=self._at_step(situation))
