"""Loader of lessons: reads the data files, checks them, and fills in their placeholders.

Files are named by number and id, as in ``1-one-synapse.toml``; they ship with the package and are read once.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backend.kit.field_errors import describe_all, in_words
from backend.lessons.lesson_file import Check, LessonFile, StepFile, TeacherNotes
from backend.lessons.placeholders import Filler
from backend.lessons.schemas import (
    Lesson,
    LessonStep,
    Prediction,
    Question,
    QuestionAnswer,
    QuestionOption,
    StepScene,
)
from synrl_core.tape import Scene

FOLDER = Path(__file__).parent / "data"
#: Parts of the page that are always shown, beside its buttons.
ALWAYS = ("part.network", "part.surface")
_NAME = re.compile(r"^([1-9]\d*)-([a-z][a-z0-9-]*)\.toml$")


class LessonFileError(ValueError):
    """A lesson's file can't be used; the message names the file and the field."""


@dataclass(frozen=True)
class LoadedLesson:
    """A lesson that was read.

    Attributes
    ----------
    file
        What the author wrote, with placeholders.
    lesson
        What readers get, without answers.
    answers
        By the ids of questions.
    teacher
        Notes for the teacher, placeholders filled in from the first step.
    """

    file: LessonFile
    lesson: Lesson
    answers: dict[str, QuestionAnswer]
    teacher: TeacherNotes


@cache
def shipped() -> tuple[LoadedLesson, ...]:
    """Return the lessons of the package in their order.

    Raises
    ------
    LessonFileError
        When a file can't be used.
    """
    return load_folder(FOLDER)


def load_folder(folder: Path) -> tuple[LoadedLesson, ...]:
    """Read all lessons of a folder in the order of their numbers.

    Raises
    ------
    LessonFileError
        When a file can't be used, or two have one number.
    """
    loaded = sorted((load(path) for path in folder.glob("*.toml")), key=lambda one: one.lesson.number)
    numbers = [one.lesson.number for one in loaded]
    if numbers != list(range(1, len(numbers) + 1)):
        raise LessonFileError(f"{folder.name}: lessons should be numbered from 1 on without gaps, not {numbers}")
    return tuple(loaded)


def load(path: Path) -> LoadedLesson:
    """Read one lesson.

    Raises
    ------
    LessonFileError
        When its name, its syntax or a field is wrong; the message names file and field.
    """
    named = _NAME.match(path.name)
    if named is None:
        raise LessonFileError(f"{path.name}: the file of a lesson is named by number and id, as 1-one-synapse.toml")
    try:
        file = LessonFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LessonFileError(f"{path.name}: it is no TOML file in UTF-8: {error}") from error
    except ValidationError as error:
        told = "; ".join(in_words(one) for one in describe_all(error.errors(include_url=False), LessonFile))
        raise LessonFileError(f"{path.name}: {told}") from error
    try:
        return _Filling(file, number=int(named.group(1)), id_=named.group(2)).loaded()
    except ValueError as error:
        raise LessonFileError(f"{path.name}: {error}") from error


class _Filling:
    """Fills in the placeholders of a lesson, step by step."""

    def __init__(self, file: LessonFile, number: int, id_: str) -> None:
        self._file, self._number, self._id = file, number, id_
        self._answers: dict[str, QuestionAnswer] = {}

    def loaded(self) -> LoadedLesson:
        file = self._file
        last = file.steps[0]
        show: tuple[str, ...] = ()
        steps = []
        for step in file.steps:
            last = step if step.scene is not None else last
            show = show if step.show is None else step.show
            _check_lit(step, show)
            steps.append(self._step(step, last, show))
        first = _filler(file.steps[0], file.steps[0])
        lesson = Lesson(
            id=self._id,
            number=self._number,
            title=first.text(file.title),
            teaches=first.text(file.teaches),
            minutes=file.minutes,
            paper=file.paper,
            steps=steps,
            checks=[self._check(check, first) for check in file.checks],
        )
        return LoadedLesson(file, lesson, self._answers, self._teacher())

    def _teacher(self) -> TeacherNotes:
        filler = _filler(self._file.steps[0], self._file.steps[0])
        return TeacherNotes.model_validate(_filled(self._file.teacher.model_dump(), filler))

    def _step(self, step: StepFile, base: StepFile, show: tuple[str, ...]) -> LessonStep:
        filler = _filler(step, base)
        fresh = step.scene is not None
        begins = StepScene(
            scene=Scene(**(base.scene or {})).differences(),
            side=base.side,
            at=step.at if fresh or step.at else _ended(base),
            synapse=step.synapse if fresh else base.synapse,
            fresh=fresh,
        )
        try:
            return LessonStep(
                id=step.id,
                title=filler.text(step.title),
                paragraphs=[filler.text(_one_line(one), strong=True) for one in step.text.strip().split("\n\n")],
                begins=begins,
                show=list(show),
                light=list(step.light),
                task=filler.text(step.task, strong=True),
                done=step.done,
                prediction=self._prediction(step, filler),
            )
        except ValueError as error:
            raise ValueError(f"steps.{step.id}: {error}") from error

    def _prediction(self, step: StepFile, filler: Filler) -> Prediction | None:
        given = step.prediction
        if given is None:
            return None
        id_ = f"{self._id}/{step.id}"
        self._answers[id_] = QuestionAnswer(
            id=id_,
            right=given.right,
            explanations={option.id: filler.text(option.why) for option in given.options},
            told=filler.text(given.told),
            measure=given.measure.model_dump(),
            ranges={option.id: [option.range.least, option.range.below] for option in given.options},
        )
        return Prediction(
            id=id_,
            kind="prediction",
            question=filler.text(given.question),
            options=[QuestionOption(id=option.id, words=filler.text(option.words)) for option in given.options],
            figure=given.figure,
            until=given.measure.until,
        )

    def _check(self, check: Check, filler: Filler) -> Question:
        id_ = f"{self._id}/{check.id}"
        try:
            self._answers[id_] = QuestionAnswer(
                id=id_,
                right=next(option.id for option in check.options if option.right),
                explanations={option.id: filler.text(option.why) for option in check.options},
                told="",
                measure=None,
                ranges={},
            )
            return Question(
                id=id_,
                kind="check",
                question=filler.text(check.question),
                options=[QuestionOption(id=option.id, words=filler.text(option.words)) for option in check.options],
            )
        except ValueError as error:
            raise ValueError(f"checks.{check.id}: {error}") from error


def _filler(step: StepFile, base: StepFile) -> Filler:
    numbers = {"at": step.at}
    until = _ended(step) or _ended(base)
    if until:
        numbers["until"] = until
    return Filler(Scene(**(base.scene or {})), base.side, numbers, step.done)


def _filled(value: Any, filler: Filler) -> Any:
    """Fill in all texts of a value made of dicts, lists and texts."""
    if isinstance(value, str):
        return filler.text(value)
    if isinstance(value, dict):
        return {key: _filled(one, filler) for key, one in value.items()}
    return [_filled(one, filler) for one in value] if isinstance(value, list | tuple) else value


def _check_lit(step: StepFile, show: tuple[str, ...]) -> None:
    """Refuse a step that lights up a hidden control."""
    lamps = ("part.lamps",) if "part.curves" in show else ()
    for control in step.light:
        if not control.startswith("button.") and control not in (*ALWAYS, *show, *lamps):
            raise ValueError(f"steps.{step.id}.light: '{control}' is not shown; name it in show, or light another one")


def _ended(step: StepFile) -> int:
    """Return the iteration at which a step has answered; where it predicts nothing, where it began."""
    return step.prediction.measure.until if step.prediction else step.at


def _one_line(paragraph: str) -> str:
    return " ".join(paragraph.split())
