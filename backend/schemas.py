"""What goes in and out of the API, the services and the live feed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from backend.door.identity import Role
from synrl_core.config import TrainingConfig


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the run by itself."""
        return self in (RunStatus.SUCCEEDED, RunStatus.STOPPED, RunStatus.FAILED)


class Body(BaseModel):
    """A request body: unknown fields are refused rather than passed over."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


#: PostgreSQL can't store the character U+0000 in text.
_NO_NUL = r"^[^\x00]*$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_NUL)]
Owner = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_NO_NUL)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50, pattern=_NO_NUL)]
Notes = Annotated[str, StringConstraints(max_length=20_000, pattern=_NO_NUL)]


def _distinct(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


MAX_TAGS = 20
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS), AfterValidator(_distinct)]

#: Whose runs are whose while there is no login.
DEFAULT_OWNER = "teacher"


class RunCreate(Body):
    """A run to be queued."""

    name: Name | None = Field(default=None, description="How people call it. Empty: made from the configuration.")
    owner: Owner = Field(default=DEFAULT_OWNER, description="Whose run it is: owners take turns in the queue.")
    tags: Tags = Field(default_factory=list, description="Words to find it by.")
    notes: Notes = Field(default="", description="What people want to remember of it.")
    config: TrainingConfig = Field(default_factory=TrainingConfig, description="Left-out settings take their defaults.")


class RunUpdate(Body):
    """What people may change on a run. What is left out, or null, stays."""

    name: Name | None = None
    notes: Notes | None = None
    tags: Tags | None = None
    archived: StrictBool | None = Field(default=None, description="Archived runs are kept and not listed.")


class RunExtend(Body):
    """More iterations for a run."""

    iterations: int = Field(
        ge=1,
        le=100_000_000,
        description="How many more: than were done, of a run that has ended; than were asked for, of any other.",
    )
    from_iterations: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="The run's `iterations` when this was asked for. Given, the request may be repeated: "
        "it is carried out once.",
    )


class RunClone(Body):
    """A new run like another."""

    name: Name | None = Field(default=None, description="Empty: made from the configuration.")
    owner: Owner | None = Field(default=None, description="Empty: the owner of the other.")
    changes: dict[str, Any] = Field(
        default_factory=dict, description="Settings that differ from the other run's, as in `config` of a new run."
    )


class SweepCreate(Body):
    """Runs to be queued together: `config` with every combination of `grid`, or a list of configurations."""

    name: Name | None = Field(default=None, description="How people call it. Empty: made from what varies.")
    owner: Owner = Field(default=DEFAULT_OWNER, description="Whose runs they are.")
    tags: Tags = Field(default_factory=list, description="Words to find the runs by.")
    config: TrainingConfig = Field(
        default_factory=TrainingConfig, description="What all runs share; left-out settings take their defaults."
    )
    grid: dict[str, Annotated[list[Any], Field(min_length=1, max_length=10_000)]] | None = Field(
        default=None,
        min_length=1,
        max_length=32,
        description="Values of each setting that varies; a run is queued for every combination.",
    )
    configs: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)] | None = Field(
        default=None, description="Instead of a grid: what each run changes on `config`."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> SweepCreate:
        if (self.grid is None) == (self.configs is None):
            raise ValueError("give either grid, the values of each setting, or configs, a list; not both and not none")
        return self


class RunRead(BaseModel):
    """A run as the API and the pages show it. Times are UTC."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    status: RunStatus
    owner: str = DEFAULT_OWNER
    sweep_id: str | None = Field(default=None, description="The sweep it was asked for with.")
    parent_id: str | None = Field(default=None, description="The run that it was cloned from.")
    group_key: str = Field(default="", description="Shared by runs that differ only in their seed.")
    tags: list[str] = Field(default_factory=list)
    notes: str = ""
    archived: bool = False
    requested: Literal["pause", "stop"] | None = Field(
        default=None, description="What was asked of it and it has not followed yet."
    )
    rewinds: int = Field(default=0, description="How often it was set back to iteration 0.")
    queue_position: int | None = Field(default=None, description="1 is next; null if it is not queued.")
    allowed_actions: list[str] = Field(default_factory=list, description="What who asks can do with it now.")
    config: TrainingConfig
    dataset_name: str = Field(description="What people called the data set when the run was asked for.")
    sample_shape: list[int] = Field(description="Rows and columns where a sample is a picture, else its length.")
    iteration: int = Field(description="Iterations done.")
    iterations: int = Field(description="Iterations asked for.")
    iterations_per_second: float | None = Field(description="Speed when last heard of; null before the first news.")
    forward_passes: int = Field(description="Batch losses computed so far.")
    training_seconds: float = Field(description="Seconds spent training and measuring, waiting not counted.")
    train_accuracy: float | None = Field(description="Last measured, mean over replicates, 0..1.")
    validation_accuracy: float | None = Field(description="Last measured, mean over replicates, 0..1.")
    best_validation_accuracy: float | None = Field(description="Best so far, mean over replicates, 0..1.")
    best_iteration: int | None = Field(description="Where the best was measured.")
    sparkline: list[tuple[int, float]] | None = Field(
        default=None, exclude=True, description="Validation accuracy in a few points; lists of runs show it."
    )
    created_at: datetime
    started_at: datetime | None = Field(description="When it was first given to a worker.")
    finished_at: datetime | None
    error: str | None = Field(
        description="What happened and what to do: for failed runs, and for those that the server had to pause."
    )
    dataset_hash: str | None = Field(description="SHA-256 of the data the worker trained on.")
    provenance: dict[str, Any] | None = Field(description="Versions and machine, as the worker reported them.")


class Problem(BaseModel):
    """Why something was refused, as in problem+json."""

    title: str
    status: int
    detail: str


class RunsAction(Body):
    """One action on several runs."""

    action: Literal["pause", "resume", "stop", "archive", "unarchive", "tag", "untag", "delete", "restore"]
    tags: Tags = Field(default_factory=list, description="What to add (tag) or take away (untag).")
    ids: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=64)]], Field(max_length=1000)]


class RunActionResult(BaseModel):
    """What became of an action on one run: the run as it now is, or the problem. A deleted run is neither."""

    id: str
    run: RunRead | None = None
    problem: Problem | None = None


class RunsActionResults(BaseModel):
    """What became of an action, run by run, in the order asked."""

    results: list[RunActionResult]


class SweepRead(BaseModel):
    """A sweep and how far it is."""

    id: str
    name: str
    owner: str
    created_at: datetime
    runs: int = Field(description="How many it has; those in the trash are not counted.")
    by_status: dict[RunStatus, int] = Field(description="How many of them are in which status.")
    run_ids: list[str] = Field(description="In the order of the combinations.")
    spec: dict[str, Any] = Field(description="What was asked for.")


class SweepPage(BaseModel):
    """One page of a list of sweeps."""

    items: list[SweepRead]
    total: int
    limit: int
    offset: int


class RunPage(BaseModel):
    """One page of a list of runs."""

    items: list[RunRead]
    total: int
    limit: int
    offset: int


class RunRow(BaseModel):
    """A run in a table: what a row shows, and no more."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["run"] = "run"
    depth: int = Field(default=0, description="1 under a group.")
    id: str
    name: str
    status: RunStatus
    requested: Literal["pause", "stop"] | None
    queue_position: int | None
    allowed_actions: list[str]
    iteration: int
    iterations: int
    iterations_per_second: float | None
    training_seconds: float
    validation_accuracy: float | None
    best_validation_accuracy: float | None
    best_iteration: int | None
    curve: list[tuple[int, float]] = Field(description="Iteration, validation accuracy in 0..1, in a few points.")
    dataset_name: str
    config: dict[str, Any] = Field(description="The settings that tell one network and one method from another.")
    owner: str
    tags: list[str]
    archived: bool
    sweep_id: str | None
    created_at: datetime
    error: str | None


class GroupRow(BaseModel):
    """Runs that differ only in their seed, or of one sweep, as one row of a table."""

    kind: Literal["group"] = "group"
    id: str = Field(description="``group:`` and the key.")
    key: str = Field(description="The group key of its runs, or the sweep's id; empty: runs of no sweep.")
    name: str
    differs: dict[str, Any] = Field(description="Settings of its runs that are not the defaults, by title.")
    runs: int
    run_ids: list[str] = Field(description="At most 50; GET /runs/ids has them all.")
    by_status: dict[RunStatus, int]
    iteration: int = Field(description="Of all its runs together.")
    iterations: int = Field(description="Of all its runs together.")
    training_seconds: float = Field(description="Of all its runs together.")
    validation_accuracy: float | None = Field(description="Last measured, mean over its runs.")
    validation_accuracy_deviation: float | None = Field(description="Standard deviation over its runs, if several.")
    best_validation_accuracy: float | None = Field(description="Mean over its runs of the best of each.")
    best_validation_accuracy_deviation: float | None
    dataset_name: str | None = Field(description="Null where its runs have several.")
    config: dict[str, Any] | None = Field(description="As of a run; null for sweeps.")
    owner: str | None = Field(description="Null where its runs have several.")
    created_at: datetime = Field(description="Of its newest run.")


class RunTable(BaseModel):
    """A window of the table of runs."""

    rows: list[Annotated[RunRow | GroupRow, Field(discriminator="kind")]]
    total: int = Field(description="Rows of the whole table.")
    runs: int = Field(description="Runs that are chosen by the filters.")
    stored: int = Field(description="Runs outside the trash, whatever the filters.")


class Named(BaseModel):
    """What a filter offers: an id and how people call it."""

    id: str
    name: str


class RunFacets(BaseModel):
    """The values that runs have: what filters can offer."""

    owners: list[str]
    datasets: list[Named]
    tags: list[str]
    sweeps: list[Named] = Field(description="Newest first, at most 200.")


class Preset(BaseModel):
    """A run that is ready to start."""

    id: str
    title: str
    description: str
    seconds: int = Field(description="About how long it takes on one core of a laptop.")
    config: TrainingConfig


Column = list[float | None]


class Metrics(BaseModel):
    """Curves, column by column; all columns have one length. Null stands for not a number."""

    iteration: list[int]
    forward_passes: list[int]
    seconds: list[float]
    values: dict[str, Column] = Field(description="Mean over replicates of each metric column.")
    deviation: dict[str, Column] | None = Field(description="Standard deviation over replicates; null with one.")
    replicates: dict[str, list[Column]] | None = Field(default=None, description="Each replicate, when asked for.")


class LayerActions(BaseModel):
    """How many synapses of one layer did what, at each entry since the one before."""

    down: list[int]
    stay: list[int]
    up: list[int]


class Actions(BaseModel):
    """Action counts over time, summed over replicates."""

    iteration: list[int]
    layers: list[LayerActions]


class LayerWeights(BaseModel):
    """One layer's weights in a byte each: weight = scale * int8 / 127. Row 0 holds the biases."""

    rows: int = Field(description="Inputs of the layer and the bias: fan_in + 1.")
    columns: int = Field(description="Units of the layer: fan_out.")
    scale: float = Field(description="Largest absolute weight.")
    data: str = Field(description="rows * columns int8, row by row, base64.")


class Weights(BaseModel):
    """The weights of one replicate at one iteration."""

    iteration: int
    replicate: int = 0
    layers: list[LayerWeights] = Field(description="A layer has one scale for all its replicates.")


class PolicyRead(BaseModel):
    """The table that the synapses act by at one iteration, how often its cells were used, and where rewards stand.

    The lists are tables (3 actions, 3^h last actions, 3^h last rewards) in C order; a sequence of h codes 0, 1, 2 for
    -1, 0 (none yet), +1 is read as a number in base 3, the oldest first.
    """

    iteration: int
    replicate: int
    history: int = Field(description="h, how many past actions and rewards the table looks at.")
    table: list[float]
    bias_table: list[float] | None = Field(description="Null where biases act by the table of the weights.")
    visits: list[int] = Field(description="How often each cell was used since the start.")
    rewards: int = Field(description="The last h rewards: the place in the table where all synapses are.")
    exploration: float = Field(description="Probability of a random next action.")


class SynapseRead(BaseModel):
    """One synapse at one iteration, and what it would do next."""

    iteration: int
    replicate: int
    layer: int = Field(description="0 is the layer that sees the inputs.")
    input: int = Field(description="0 is the bias, 1 the first input of the layer.")
    unit: int = Field(description="0 is the first unit of the layer.")
    live: bool = Field(description="Whether the run is training and this is its newest look, not a stored snapshot.")
    weight: float
    first_weight: float | None = Field(description="At iteration 0; null where that snapshot is not stored.")
    actions: list[int] = Field(description="The last h actions, -1, 0 or +1, oldest first; empty without a policy.")
    rewards: list[int] = Field(description="The last h rewards, -1, +1, or 0 where there was none yet, oldest first.")
    state: tuple[int, int] | None = Field(description="Its place in the table: last actions, last rewards.")
    values: list[float] = Field(description="Q of down, stay and up in that state.")
    visits: list[int] = Field(description="How often any synapse took each of them there.")
    next_action: int | None = Field(description="-1, 0 or +1: what it does unless it explores.")
    probabilities: list[float] = Field(description="Of down, stay and up, exploration included.")
    next_step: float | None = Field(description="How far a step of it would move the weight.")


class Mistake(BaseModel):
    """A validation sample whose class was named wrong."""

    sample: int = Field(description="Its place in the data set, from 0.")
    label: int
    named: int
    label_name: str = Field(description="The class that it has.")
    named_name: str = Field(description="The class that the network names.")
    certainty: float = Field(description="Probability that the network gives to the class it names, 0..1.")
    certainty_of_truth: float = Field(description="Probability that it gives to the true class, 0..1.")
    picture: str | None = Field(description="A PNG as a data URL; null where samples are no pictures.")
    values: list[float] | None = Field(description="As the network sees them, at most 64; null for pictures.")


class Confusion(BaseModel):
    """Who was taken for whom, over the validation samples, by one replicate at one iteration."""

    iteration: int
    replicate: int
    samples: int
    right: int
    classes: list[int] = Field(description="The classes shown, at most 30: those with most mistakes.")
    class_names: list[str]
    class_samples: list[int] = Field(description="How many samples each has.")
    counts: list[list[int]] = Field(description="A row for each true class, a column for each named one.")
    all_classes: int


class Mistakes(BaseModel):
    """The validation samples that were named wrong, those first whose true class seemed least likely."""

    iteration: int
    replicate: int
    samples: int
    right: int
    sample_shape: list[int] = Field(description="[height, width] of pictures, else [inputs].")
    feature_names: list[str] = Field(description="Names of the values, where they have names.")
    mistakes: list[Mistake]


class Judged(Confusion, Mistakes):
    """Both, as they are found together."""


class Baseline(BaseModel):
    """Gradient descent on the data and the network of a run, to compare with."""

    run: RunRead | None = Field(description="The run; null where there is none yet.")
    possible: bool = Field(description="Whether there can be one.")
    reason: str | None = Field(description="Why there can't be one.")


class LogEntry(BaseModel):
    """Something that happened to a run."""

    at: datetime
    iteration: int = Field(description="Where the run stood.")
    kind: str = Field(description="created, started, left, lost, taken up, mended; or what was asked: pause, stop, ..")
    words: str


class RunProgress(BaseModel):
    """What changes on a run at every moment of its training; as in `RunRead`."""

    model_config = ConfigDict(from_attributes=True)

    iteration: int
    iterations_per_second: float | None
    forward_passes: int
    training_seconds: float
    train_accuracy: float | None
    validation_accuracy: float | None
    best_validation_accuracy: float | None
    best_iteration: int | None


class Frame(BaseModel):
    """What the live feed sends. A frame with ``reset`` replaces all that a viewer holds, others add to it.

    A viewer leaves out points whose iteration it already has: a frame may overlap the one before.
    """

    reset: bool = False
    run: RunRead | None = Field(default=None, description="When more of it changed than its progress.")
    progress: RunProgress | None = None
    metrics: Metrics | None = None
    actions: Actions | None = None
    weights: Weights | None = None
    policy: PolicyRead | None = None
    measured_at: float | None = Field(default=None, description="Unix time at which the newest point was measured.")
    deleted: bool | None = Field(default=None, description="The run is gone; nothing follows.")


class RunsFrame(BaseModel):
    """What the live feed of the list of runs sends: runs that are new or have changed, ids of those deleted."""

    runs: list[RunRow]
    removed: list[str]
    queue: list[str] | None = Field(default=None, description="Ids of the queued runs in the order of their turns.")


class SnapshotRead(BaseModel):
    """A stored copy of the weights."""

    model_config = ConfigDict(from_attributes=True)

    iteration: int


class DatasetClass(BaseModel):
    """A class of a data set."""

    name: str
    samples: int
    picture: str | None = Field(
        default=None, description="First samples side by side, a PNG as a data URL; in previews of pictures only."
    )


class DatasetRow(BaseModel):
    """A sample of a table, unscaled."""

    class_name: str
    values: list[float]


class DatasetPreview(BaseModel):
    """A data set at a glance."""

    samples: int
    sample_shape: list[int] = Field(description="[height, width] of pictures, else [inputs].")
    classes: list[DatasetClass] = Field(description="In the order of the labels; the first 20 with pictures.")
    scaling: str = Field(description="What is done to the values before they train.")
    remarks: list[str] = Field(description="What the reader decided or left out.")
    feature_names: list[str] = Field(description="Names of the inputs that `rows` shows, at most 64.")
    rows: list[DatasetRow] = Field(description="Some samples; empty for pictures.")
    points: list[tuple[float, float, int]] | None = Field(
        description="x, y, label of some samples, where a sample has two inputs."
    )


class DatasetRead(BaseModel):
    """A data set as the API and the pages show it."""

    id: str = Field(description="What a configuration names as its dataset.")
    name: str
    group: Literal["pictures", "boundaries", "tables"]
    built_in: bool
    description: str
    licence: str | None
    source: str
    citation: str | None
    samples: int
    sample_shape: list[int] = Field(description="[height, width] of pictures, else [inputs].")
    classes: list[DatasetClass]
    scaling: str | None
    remarks: list[str]
    content_hash: str | None = Field(description="SHA-256 of the data; null for those that ship.")
    files: list[str]
    bytes: int | None
    owner: str | None = Field(description="Who brought it, and may rename and delete it; null for those that ship.")
    created_at: datetime | None


class DatasetDetail(DatasetRead):
    """A data set with some of its samples."""

    preview: DatasetPreview


class DatasetUpdate(Body):
    """What people may change on a data set they brought."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = Field(
        default=None, description="Longer than 200 characters is cut."
    )
    class_names: list[str] | None = Field(default=None, description="One a class, in the classes' order.")


class UploadPreview(BaseModel):
    """What was sent, looked at and not yet saved."""

    upload: str = Field(description="Names these files when they are saved or looked at again.")
    expires_at: datetime
    files: list[str]
    name: str = Field(description="What the data set will be called if nothing else is said.")
    columns: list[str] = Field(description="Of a CSV, one of which holds the class; else empty.")
    label_column: str | None
    preview: DatasetPreview | None = Field(description="Null while no column is chosen that can be the class.")
    problem: str | None = Field(default=None, description="Why the chosen column can't be the class.")


class Me(BaseModel):
    """Who asks, and what she may do."""

    name: str
    role: Role
    signed_in: bool = Field(description="False where only this computer can reach the server: nobody signs in.")
    limits: dict[str, int] | None = Field(description="What a student's runs may take; null for the teacher.")


class PersonRead(BaseModel):
    """Somebody who joined."""

    id: str
    name: str
    role: Role
    runs: int
    created_at: datetime
    seen_at: datetime
    removed_at: datetime | None = Field(description="When she was sent out; null: she is in.")


class PersonalCode(BaseModel):
    """A personal code; shown this once."""

    name: str
    code: str


class JoinLinkCreate(Body):
    """A way in for a class."""

    role: Literal[Role.STUDENT, Role.VIEWER] = Role.STUDENT
    hours: Annotated[float, Field(gt=0, le=24 * 366)] = Field(default=8, description="The link closes by itself then.")


class JoinLinkRead(BaseModel):
    """A way in for a class: who opens /join/<code> and gives a name is in."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    role: Role
    created_at: datetime
    expires_at: datetime


class TokenCreate(Body):
    """A token to be made."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    role: Role | None = Field(default=None, description="viewer: a token that only looks. Empty: one's own role.")


class TokenRead(BaseModel):
    """A token, without what makes it one."""

    id: str
    name: str
    role: Role
    owner: str
    created_at: datetime
    used_at: datetime | None


class TokenCreated(TokenRead):
    """A token that was just made."""

    token: str = Field(description="Send it as `Authorization: Bearer ...`. It is shown this once.")
