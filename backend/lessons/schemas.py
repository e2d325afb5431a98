"""Schemas of lessons for readers: a lesson and its questions without the answers, and the answers by themselves.

What gives an answer away is in `QuestionAnswer` only, so that a class can be shown a question before the answer.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Figure = Literal["network", "surface", "curves", "lamps", "inspect"]


class LessonSummary(BaseModel):
    """A lesson as the list names it."""

    id: str
    number: int = Field(description="Its place in the list, from 1 on.")
    title: str
    teaches: str = Field(description="Its one idea, in a sentence.")
    minutes: int = Field(description="About how long it takes.")
    steps: int = Field(description="How many steps it has, the check included.")


class QuestionOption(BaseModel):
    """One answer to choose."""

    id: str
    words: str


class Question(BaseModel):
    """A question with its options, without the answer."""

    id: str = Field(description="The lesson and the question's own name, as in one-synapse/predict.")
    kind: Literal["prediction", "check"]
    question: str
    options: list[QuestionOption]


class Prediction(Question):
    """A prediction that is asked for before the scene goes on."""

    figure: Figure = Field(description="The figure in which the prediction is kept beside the truth.")
    until: int = Field(description="Iteration at which the scene has answered.")


class QuestionAnswer(BaseModel):
    """The answer to a question."""

    id: str = Field(description="The question.")
    right: str = Field(description="The option that is right.")
    explanations: dict[str, str] = Field(description="Why it is so, or not, by option.")
    told: str = Field(description="What happened, in a sentence; of a prediction.")
    measure: dict[str, Any] | None = Field(description="What is measured on the tape, of a prediction.")
    ranges: dict[str, list[float | None]] = Field(description="Which values make an option right, of a prediction.")


class Done(BaseModel):
    """The learner's action that completes a step."""

    act: Literal["step", "back", "play", "choose", "change", "cell", "slow", "judge", "reach", "side"]
    times: int = 1
    iteration: int | None = Field(None, description="Of reach: the iteration that is to be shown.")
    setting: str | None = Field(None, description="Of change: the setting.")
    value: Any = Field(None, description="Of change and side: the value; none: any other one.")


class StepScene(BaseModel):
    """Where a step begins."""

    scene: dict[str, Any] = Field(description="Settings that differ from the defaults.")
    side: dict[str, Any] | None = Field(description="Settings of the second network of its own; none: there is none.")
    at: int = Field(description="Iteration at which the step begins.")
    synapse: int = Field(description="The synapse that is looked at.")
    fresh: bool = Field(description="Whether the step begins here; else the scene stays as the learner left it.")


class LessonStep(BaseModel):
    """A step of a lesson: text, scene, what is lit up, and what is to be done."""

    id: str
    title: str
    paragraphs: list[str] = Field(description="Text; words between two pairs of asterisks are strong.")
    begins: StepScene
    show: list[str] = Field(description="Controls that are there; all others are hidden.")
    light: list[str] = Field(description="Controls that are lit up.")
    task: str = Field(description="What to do, in a sentence; empty: nothing.")
    done: Done | None
    prediction: Prediction | None


class Lesson(BaseModel):
    """A lesson without its answers."""

    id: str
    number: int
    title: str
    teaches: str
    minutes: int
    paper: str = Field(description="Where the paper says so.")
    steps: list[LessonStep]
    checks: list[Question]


class LessonAnswers(BaseModel):
    """All answers of a lesson."""

    id: str
    answers: list[QuestionAnswer]
