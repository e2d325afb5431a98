"""Schemas of activities: how each is prepared, and its views for teacher, board and student."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, StringConstraints, Tag, model_validator

from backend.kit.fields import Body

Kind = Literal["vote", "synapse", "table", "pooled", "lesson", "free"]
Varied = Literal["step_size", "exploration", "seed", "learning_rate", "discount"]

_NO_NUL = r"^[^\x00]*$"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=_NO_NUL)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=_NO_NUL)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_NO_NUL)]
#: Path and query of a page of this server.
PageAddress = Annotated[
    str,
    StringConstraints(max_length=8000, pattern=r"^/(playground|learn)[^\x00-\x20]*$"),
]
Seconds = Annotated[float, Field(ge=3, le=3600)]

#: Settings of a scene that differ from the defaults, as POST /playground/scenes takes them.
SceneSettings = Annotated[
    dict[str, Any], Field(max_length=60, description="Settings of the scene that differ from the defaults.")
]


# -- how activities are prepared ----------------------------------------------------------------------------------


class VoteCreate(Body):
    """A vote: predict, talk, predict again, reveal. Give the question, or one of a lesson."""

    kind: Literal["vote"] = "vote"
    title: Title = ""
    lesson_id: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="A lesson whose question is asked: its text, options, right answer and explanations."
    )
    question_id: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="Id of a step or check of that lesson; null: its first prediction."
    )
    question: Text | None = None
    options: Annotated[list[Short], Field(min_length=2, max_length=8)] | None = None
    right: Annotated[int, Field(ge=0, le=7)] | None = Field(default=None, description="Null: there is no right one.")
    explanations: Annotated[list[Text], Field(max_length=8)] | None = Field(
        default=None, description="One for each option, shown at the reveal."
    )
    twice: bool = Field(default=True, description="Predict, talk, predict again; false: one vote.")
    seconds: Seconds | None = Field(default=None, description="A vote closes by itself then; null: by the teacher.")

    @model_validator(mode="after")
    def _has_a_question(self) -> VoteCreate:
        if self.lesson_id is not None:
            return self
        if self.question is None or self.options is None:
            raise ValueError("a vote needs a question with options, or a lesson_id")
        if self.right is not None and self.right >= len(self.options):
            raise ValueError(f"right is {self.right}; there are {len(self.options)} options, numbered from 0 on")
        if self.explanations is not None and len(self.explanations) != len(self.options):
            raise ValueError(f"there are {len(self.explanations)} explanations for {len(self.options)} options")
        return self


class SynapseCreate(Body):
    """Be a synapse: each student moves one weight of the projected network."""

    kind: Literal["synapse"] = "synapse"
    title: Title = ""
    scene: SceneSettings | None = Field(
        default=None, description="Null: two clouds of points, and a network with a weight for everybody."
    )
    rounds: Annotated[int, Field(ge=1, le=200)] = 30
    seconds: Seconds | None = Field(
        default=20, description="A round closes by itself then; null: when all have chosen, or by the teacher."
    )
    automatic: bool = Field(default=True, description="The next round opens by itself.")
    rest_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        default=2, description="Between the lamp and the next round, where that opens by itself."
    )


class TableCreate(Body):
    """The class's own table: what they did in each situation as a policy, beside win-stay lose-shift and chance."""

    kind: Literal["table"] = "table"
    title: Title = ""
    with_simulated: bool = Field(default=False, description="Whether simulated students' moves count too.")
    scene: SceneSettings | None = Field(default=None, description="What is trained; null: that of Be a synapse.")
    iterations: Annotated[int, Field(ge=256, le=8192)] = 2048
    seeds: Annotated[int, Field(ge=2, le=10)] = 5


class PooledCreate(Body):
    """A pooled experiment: each student trains the scene with their own value of a setting, or their own seed."""

    kind: Literal["pooled"] = "pooled"
    title: Title = ""
    scene: SceneSettings = Field(default_factory=dict)
    varied: Varied = "step_size"
    values: Annotated[list[Annotated[float, Field(ge=0, le=2**32 - 1)]], Field(max_length=100)] | None = Field(
        default=None,
        description="Dealt out in turn, with another seed each time around. Null: seven step sizes from 0.001 to 1, "
        "or the seeds from 1 on.",
    )
    iterations: Annotated[int, Field(ge=256, le=8192)] = 2048
    measure: Literal["accuracy", "loss"] = Field(default="accuracy", description="Validation accuracy or loss.")
    each_starts: bool = Field(default=False, description="Students start their own run; else all start at once.")


class LessonCreate(Body):
    """A lesson together."""

    kind: Literal["lesson"] = "lesson"
    title: Title = ""
    lesson_id: Annotated[str, Field(max_length=100)]


class FreeCreate(Body):
    """Free play with the teacher's scene: the address holds its settings, hidden and locked controls."""

    kind: Literal["free"] = "free"
    title: Title = ""
    address: PageAddress = "/playground"
    note: Annotated[str, StringConstraints(max_length=2000, pattern=_NO_NUL)] = Field(
        default="", description="What to try; shown to all."
    )


def _kind(given: Any) -> Any:
    """Return the kind of a prepared activity; a discriminator by name would not go with the bodies' validators."""
    return given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)


ActivityCreate = Annotated[
    Annotated[VoteCreate, Tag("vote")]
    | Annotated[SynapseCreate, Tag("synapse")]
    | Annotated[TableCreate, Tag("table")]
    | Annotated[PooledCreate, Tag("pooled")]
    | Annotated[LessonCreate, Tag("lesson")]
    | Annotated[FreeCreate, Tag("free")],
    Discriminator(_kind),
]


# -- what is shown of them ------------------------------------------------------------------------------------------


class _Shown(BaseModel):
    id: str
    number: int
    title: str
    phase: str
    closes_at: datetime | None = Field(default=None, description="When what is open closes by itself.")


class _OwnPart(BaseModel):
    slot: str | None = Field(default=None, description="What can be answered now; null: nothing.")


# Vote. Phases: first, first_closed, talk, second, second_closed, distribution, revealed.


class _Vote(_Shown):
    kind: Literal["vote"] = "vote"
    question: str
    options: list[str]
    twice: bool
    answered: int = Field(description="How many have answered what is open, or was last.")
    asked: int
    first: list[int] | None = Field(description="Votes for each option; null before the distribution is shown.")
    second: list[int] | None
    right: int | None = Field(description="Null before the reveal, and where there is no right one.")
    explanations: list[str] | None = Field(description="Null before the reveal.")


class BoardVote(_Vote):
    """A vote on the board."""


class StudentVote(_Vote, _OwnPart):
    """A vote on a student's page."""

    own_first: int | None
    own_second: int | None


class TeacherVote(_Vote):
    """A vote on the teacher's page: the distributions and the right answer at any time."""

    changed: list[list[int]] = Field(description="Students by first (row) and second choice (column).")


# Be a synapse. Phases: open, closed, over. Codes of moves: 0 down, 1 stay, 2 up.


class Place(BaseModel):
    """Where a weight is in the network."""

    layer: int = Field(description="0: from the inputs.")
    source: int | None = Field(description="Number of the unit that it comes from; null: it is a bias.")
    unit: int = Field(description="Number of the unit that it leads to.")


class _Synapse(_Shown):
    kind: Literal["synapse"] = "synapse"
    round: int = Field(description="From 1 on; the one that is open, or was last.")
    rounds: int
    sizes: list[int] = Field(description="Inputs, units of each hidden layer, outputs.")
    synapses: int
    chosen: int = Field(description="How many have chosen in this round.")
    asked: int


class StudentSynapse(_Synapse, _OwnPart):
    """Be a synapse on a student's page: their own weight, moves and lamps, nothing else."""

    synapse: int | None = Field(description="Number of their weight; null: they come in with the next round.")
    place: Place | None
    shared_by: int = Field(description="Students who move this weight; the majority of them decides.")
    chosen_move: int | None = Field(description="Their move of the open round.")
    last_moves: list[int] = Field(description="The weight's last two moves, the newer last; fewer at the start.")
    last_lamps: list[bool] = Field(description="The last two lamps: whether the loss fell.")
    played_for: bool = Field(description="Whether the table made the weight's last move, since nobody chose.")


class BoardSynapse(_Synapse):
    """Be a synapse on the board."""

    scene: dict[str, Any] = Field(description="As POST /playground/scenes takes it: data and network to draw.")
    taken: list[int] = Field(description="Numbers of the weights that students move.")
    weights: list[float] = Field(description="All weights now, biases first in each unit, as a tape has them.")
    losses: list[float] = Field(description="Before the first round, then after each.")
    lamps: list[bool]
    accuracy: list[float] = Field(description="Of the training points: before the first round, then after each.")
    down_stay_up: list[int] = Field(description="Moves of the last round, the table's included.")


class TeacherSynapse(BoardSynapse):
    """Be a synapse on the teacher's page."""

    by_table: int = Field(description="Weights that the table moved in the last round.")


# The class's own table. Phases: counted, training, trained.


class Curve(BaseModel):
    """Mean of several runs, with the band of the middle 95 % confidence interval of the mean."""

    label: str
    value: float | None = Field(default=None, description="The varied setting's.")
    runs: int
    iterations: list[int]
    mean: list[float]
    low: list[float | None]
    high: list[float | None]


class _Table(_Shown):
    kind: Literal["table"] = "table"
    counts: list[list[list[int]]] = Field(
        description="(9, 4, 3): own last two moves (older * 3 + newer), last two lamps (older * 2 + newer; 1: lit), "
        "down, stay, up."
    )
    decisions: int
    done: int = Field(description="Runs that are trained.")
    of: int
    curves: list[Curve] = Field(description="Validation accuracy: the class's table, win-stay lose-shift, chance.")
    policy: str | None = Field(description="Name under which it is kept in the library.")


class BoardTable(_Table):
    """The class's table on the board."""


class StudentTable(_Table, _OwnPart):
    """The class's table on a student's page."""

    own: list[list[list[int]]] = Field(description="Counts of their own moves, as `counts`.")


class TeacherTable(_Table):
    """The class's table on the teacher's page."""

    policy_id: str | None
    scene: dict[str, Any]


# A pooled experiment. Phases: ready, running, done.


class Dot(BaseModel):
    """One result of a pooled experiment."""

    x: float
    y: float


class Group(BaseModel):
    """Results of one value: mean with its 95 % confidence interval."""

    x: float
    runs: int
    mean: float
    low: float | None
    high: float | None


class OwnRun(BaseModel):
    """A student's own run of a pooled experiment."""

    value: float
    seed: int
    status: Literal["ready", "waiting", "running", "done", "failed"]
    y: float | None
    error: str | None
    iterations: list[int]
    curve: list[float]


class _Pooled(_Shown):
    kind: Literal["pooled"] = "pooled"
    varied: Varied
    measure: Literal["accuracy", "loss"]
    values: list[float] = Field(description="Those that were dealt out, in order: the axis that results will lie on.")
    done: int
    of: int
    dots: list[Dot]
    groups: list[Group]
    curves: list[Curve]


class BoardPooled(_Pooled):
    """A pooled experiment on the board."""


class StudentPooled(_Pooled, _OwnPart):
    """A pooled experiment on a student's page."""

    own: OwnRun | None


class TeacherPooled(_Pooled):
    """A pooled experiment on the teacher's page."""

    scene: dict[str, Any]
    failed: int


# A lesson together. Phase: open.


class _Lesson(_Shown):
    kind: Literal["lesson"] = "lesson"
    lesson_id: str
    step: int = Field(description="The teacher's step, from 0.")
    step_id: str = Field(description="Its id in the lesson; check: the questions at the end.")
    steps: int
    address: str


class BoardLesson(_Lesson):
    """A lesson on the board: how many students are at each step."""

    at_step: list[int]


class StudentLesson(_Lesson, _OwnPart):
    """A lesson on a student's page."""

    own_step: int | None = Field(description="Where they were last.")


class TeacherLesson(BoardLesson):
    """A lesson on the teacher's page."""


# Free play. Phase: open.


class _Free(_Shown):
    kind: Literal["free"] = "free"
    address: str
    note: str


class BoardFree(_Free):
    """Free play on the board."""


class StudentFree(_Free, _OwnPart):
    """Free play on a student's page."""


class TeacherFree(_Free):
    """Free play on the teacher's page."""


BoardActivity = Annotated[
    BoardVote | BoardSynapse | BoardTable | BoardPooled | BoardLesson | BoardFree, Field(discriminator="kind")
]
StudentActivity = Annotated[
    StudentVote | StudentSynapse | StudentTable | StudentPooled | StudentLesson | StudentFree,
    Field(discriminator="kind"),
]
TeacherActivity = Annotated[
    TeacherVote | TeacherSynapse | TeacherTable | TeacherPooled | TeacherLesson | TeacherFree,
    Field(discriminator="kind"),
]
