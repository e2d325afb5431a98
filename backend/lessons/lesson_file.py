"""Models of a lesson's file, by which an author's text is checked before anything is shown.

A file is TOML. Texts hold placeholders in braces, which are filled in from the scene and the page (`placeholders`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from backend.lessons import controls
from backend.lessons.schemas import Done, Figure
from synrl_core.tape import ITERATIONS, Scene

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Sentence = Annotated[str, Field(min_length=1, max_length=400)]
Iteration = Annotated[int, Field(ge=0, le=ITERATIONS)]
What = Literal["validation", "loss", "lamps", "deserved", "follows", "action", "cells"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Measure(_Model):
    """A measure on the tape of a scene.

    Attributes
    ----------
    what
        ``validation``: share of validation points named right at `until`; ``loss`` of the batch at `until`; ``lamps``:
        share of rewards that were on after `after`, up to `until`; ``deserved``: of the moves praised in these
        iterations the share that went downhill; ``follows``: of the decisions in these iterations the share that the
        table favours; ``action``: code of the action of `synapse` at `until`; ``cells``: how many cells of the table
        differ between `after` and `until`.
    of
        The scene, the second network beside it, or the second less the first.
    after, until
        Iterations.
    synapse
        Of ``action``.
    """

    what: What
    of: Literal["first", "second", "difference"] = "first"
    after: Iteration = 0
    until: Iteration
    synapse: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _goes_forward(self) -> Measure:
        if self.after >= self.until:
            raise ValueError(f"after ({self.after}) should be below until ({self.until})")
        return self


class Range(_Model):
    """Values from `least` on and below `below`; without a bound, all."""

    least: float | None = None
    below: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a value is in it."""
        return (self.least is None or value >= self.least) and (self.below is None or value < self.below)


class PredictionOption(_Model):
    """One outcome: right where the measure is in its range."""

    id: Id
    words: Sentence
    range: Range
    why: Sentence


class CheckOption(_Model):
    """One answer to a question of the check."""

    id: Id
    words: Sentence
    right: bool = False
    why: Sentence


def _options_differ(options: tuple[Any, ...]) -> None:
    ids = [option.id for option in options]
    if len(set(ids)) < len(ids):
        raise ValueError(f"options need ids of their own, not {', '.join(ids)}")


class PredictionFile(_Model):
    """A question about the next part of a scene, answered before it goes on."""

    question: Sentence
    figure: Figure
    measure: Measure
    right: Id
    told: Sentence
    options: tuple[PredictionOption, ...] = Field(min_length=2, max_length=5)

    @model_validator(mode="after")
    def _has_one_answer(self) -> PredictionFile:
        _options_differ(self.options)
        if self.right not in [option.id for option in self.options]:
            raise ValueError(f"right is '{self.right}', which is no option's id")
        return self


class Check(_Model):
    """A question at the end."""

    id: Id
    question: Sentence
    options: tuple[CheckOption, ...] = Field(min_length=2, max_length=5)

    @model_validator(mode="after")
    def _has_one_answer(self) -> Check:
        _options_differ(self.options)
        right = sum(option.right for option in self.options)
        if right != 1:
            raise ValueError(f"question '{self.id}' has {right} right options; it needs exactly 1")
        return self


class StepFile(_Model):
    """A step.

    Attributes
    ----------
    scene
        Settings that differ from the defaults; none: the step goes on with the scene as the learner left it.
    side
        Settings of a second network beside it.
    at
        Iteration at which the step begins; without a scene, where the page begins when the step is opened by its link.
    synapse
        The synapse that is looked at.
    show, light
        Controls that are there, and those that are lit up.
    """

    id: Id
    title: Sentence
    text: Text
    scene: dict[str, Any] | None = None
    side: dict[str, Any] | None = None
    at: Iteration = 0
    synapse: int = Field(default=1, ge=0)
    show: tuple[str, ...] | None = None
    light: tuple[str, ...] = ()
    task: str = Field(default="", max_length=400)
    done: Done | None = None
    prediction: PredictionFile | None = None

    @field_validator("show", "light")
    @classmethod
    def _are_controls(cls, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for control in given or ():
            controls.title(control)
        return given

    @model_validator(mode="after")
    def _can_be_shown(self) -> StepFile:
        if self.side is not None and self.scene is None:
            raise ValueError(f"step '{self.id}' has a second network but no scene; say which scene it stands beside")
        if self.scene is not None:
            scene = Scene(**self.scene)
            if self.synapse >= scene.synapses:
                raise ValueError(f"step '{self.id}' looks at synapse {self.synapse}; there are {scene.synapses}")
            Scene(**{**self.scene, **(self.side or {})})
        if self.prediction and (self.scene is None or self.prediction.measure.until <= self.at):
            until = self.prediction.measure.until
            raise ValueError(f"step '{self.id}' predicts iteration {until}; it needs a scene that begins before")
        if bool(self.task) != (self.done is not None):
            raise ValueError(f"step '{self.id}' needs both a task and what makes it done, or neither")
        return self


class Promise(_Model):
    """An effect that a lesson relies on, which holds in 18 of 20 seeds.

    Either the right option of the prediction of a step, or a measure of its own, with the values it may have.
    """

    step: Id
    measure: Measure | None = None
    range: Range | None = None

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Promise:
        if (self.measure is None) != (self.range is None):
            raise ValueError("a promise has both a measure and a range, or neither and means the step's prediction")
        return self


class Misconception(_Model):
    """A common misconception of students, and a remedy."""

    wrong: Sentence
    helps: Sentence


class Discussion(_Model):
    """A question for the class, with its answer."""

    question: Sentence
    answer: Sentence


class Moment(_Model):
    """A part of the lesson's time."""

    minutes: float = Field(gt=0, le=30)
    what: Sentence


class TeacherNotes(_Model):
    """The page for the teacher."""

    aims: tuple[Sentence, ...] = Field(min_length=1)
    timing: tuple[Moment, ...] = Field(min_length=1)
    say: tuple[Sentence, ...] = Field(min_length=1)
    misconceptions: tuple[Misconception, ...] = Field(min_length=1)
    discussion: tuple[Discussion, ...] = Field(min_length=1)


class LessonFile(_Model):
    """A whole lesson."""

    title: Sentence
    teaches: Sentence
    minutes: int = Field(ge=1, le=15)
    paper: Sentence
    steps: tuple[StepFile, ...] = Field(min_length=1, max_length=12)
    checks: tuple[Check, ...] = Field(min_length=1, max_length=4)
    promises: tuple[Promise, ...] = Field(min_length=1)
    teacher: TeacherNotes

    @model_validator(mode="after")
    def _fits_together(self) -> LessonFile:
        ids = [step.id for step in self.steps] + [check.id for check in self.checks]
        if len(set(ids)) < len(ids):
            raise ValueError(f"steps and checks need ids of their own, not {', '.join(ids)}")
        if self.steps[0].scene is None or self.steps[0].show is None:
            raise ValueError("the first step needs a scene and what it shows")
        if not any(step.prediction for step in self.steps):
            raise ValueError("a lesson needs a prediction")
        for promise in self.promises:
            step = next((step for step in self.steps if step.id == promise.step), None)
            if step is None or step.scene is None:
                raise ValueError(f"a promise is about step '{promise.step}', which is no step with a scene")
            if promise.measure is None and step.prediction is None:
                raise ValueError(f"the promise about step '{promise.step}' needs a measure: the step has no prediction")
        return self
