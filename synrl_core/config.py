"""TrainingConfig: every setting of a run with its range, default, unit and source, once.

The API validates with this class, the dashboard makes its form from its JSON schema, the estimator takes its
parameters from it. The paper's symbols stand in ``json_schema_extra["symbol"]``; ``applies_to`` names the
settings (and their values) under which a setting has a meaning, so that a form can hide the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field, model_validator

from synrl_core.text_input import InputModel

Method = Literal["synaptic", "gradient"]
Activation = Literal["relu", "tanh", "sigmoid", "identity", "step", "sign"]
Architecture = Literal["feedforward", "recurrent", "spiking"]
Encoding = Literal["direct", "latency", "rate", "rows"]
Surrogate = Literal["none", "fast_sigmoid", "arctan", "straight_through"]
Loss = Literal["cross_entropy", "l_p", "logistic", "squared_error"]
Initialisation = Literal["uniform", "normal", "glorot_uniform", "he_normal"]
RecurrentInitialisation = Literal["drawn", "identity"]
Schedule = Literal["constant", "linear", "cosine", "switch"]
Optimizer = Literal["sgd", "adam"]
QUpdate = Literal["synchronous", "sequential"]
RedrawReward = Literal["clean", "reference"]

#: Activations whose derivative is zero almost everywhere: gradient descent has nothing to follow through them.
NON_DIFFERENTIABLE: tuple[Activation, ...] = ("step", "sign")

_SYNAPTIC: dict[str, list[Any]] = {"method": ["synaptic"]}
_GRADIENT: dict[str, list[Any]] = {"method": ["gradient"]}
_TEMPORAL: dict[str, list[Any]] = {"architecture": ["recurrent", "spiking"]}
_SPIKING: dict[str, list[Any]] = {"architecture": ["spiking"]}
_ADAPTIVE: dict[str, list[Any]] = {"method": ["synaptic"], "adaptive": [True]}


def _extra(
    group: str,
    *,
    symbol: str | None = None,
    unit: str | None = None,
    applies_to: dict[str, list[Any]] | None = None,
    advanced: bool = False,
    written: str | None = None,
) -> dict[str, Any]:
    """Return the metadata for a form beyond pydantic's own title, description, default and range.

    ``written`` is an example, as people write it, where the default is none.
    """
    described = {"group": group, "symbol": symbol, "unit": unit, "applies_to": applies_to, "advanced": advanced or None}
    described["written"] = written
    return {key: value for key, value in described.items() if value is not None}


class TrainingConfig(InputModel):
    """What to train, on what, how and for how long. Immutable; unknown settings are refused.

    Raises
    ------
    pydantic.ValidationError
        When a value leaves its range or two settings contradict each other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=False)

    # -- data -----------------------------------------------------------------------------------------------
    dataset: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        default="digits",
        title="Data set",
        description="The pictures or points that the network learns to tell apart.",
        json_schema_extra=_extra("data"),
    )
    dataset_parameters: dict[str, bool | int | float | str] = Field(
        default_factory=dict,
        max_length=32,
        title="Data set parameters",
        description="Settings of a generated data set, such as size, noise and seed. Empty: its defaults.",
        json_schema_extra=_extra("data", advanced=True),
    )
    validation_fraction: float = Field(
        default=0.25,
        ge=0.01,
        le=0.9,
        title="Validation share",
        description="Share of the samples held back to measure what the network does with samples it never saw.",
        json_schema_extra=_extra("data"),
    )
    split_seed: int = Field(
        default=0,
        ge=0,
        le=2**32 - 1,
        title="Split seed",
        description="Chooses which samples are held back. The split is stratified: each class gives its share.",
        json_schema_extra=_extra("data", advanced=True),
    )

    # -- network --------------------------------------------------------------------------------------------
    architecture: Architecture = Field(
        default="feedforward",
        title="Architecture",
        description="Feedforward: each sample is seen at once. Recurrent and spiking: it is read step by step, by "
        "units that remember: a state that feeds back (Elman), or a leaky membrane that fires spikes.",
        json_schema_extra=_extra("network"),
    )
    hidden_layers: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        default=(32,),
        max_length=16,
        title="Hidden layers",
        description="Units of each hidden layer, from the input on: 64-32 is two layers, 64 is one. Empty: inputs are "
        "joined to outputs directly.",
        json_schema_extra=_extra("network", unit="units", written="64-32"),
    )
    activation: Activation = Field(
        default="relu",
        title="Activation",
        description="What a hidden unit does with its input. Gradient descent trains step and sign with a surrogate "
        "derivative only.",
        json_schema_extra=_extra("network", applies_to={"architecture": ["feedforward", "recurrent"]}),
    )
    encoding: Encoding = Field(
        default="direct",
        title="Encoding",
        description="How a sample that is no sequence is read over time. Direct: as the same current at every step. "
        "Latency: each input fires once, large values early. Rate: each input fires at random, large values often. "
        "Rows: a picture row by row. Samples that are sequences are read as they are.",
        json_schema_extra=_extra("network", applies_to=_TEMPORAL),
    )
    steps: int = Field(
        default=8,
        ge=1,
        le=1000,
        title="Steps",
        description="For how many steps a sample is shown.",
        json_schema_extra=_extra(
            "network", symbol="T", unit="steps", applies_to=_TEMPORAL | {"encoding": ["direct", "latency", "rate"]}
        ),
    )
    membrane_decay: float = Field(
        default=0.9,
        ge=0,
        lt=1,
        title="Decay of the membrane",
        description="Share of its potential that a unit keeps from one step to the next.",
        json_schema_extra=_extra("network", symbol="beta", applies_to=_SPIKING),
    )
    threshold: float = Field(
        default=1.0,
        gt=0,
        le=100,
        title="Threshold",
        description="Potential above which a unit fires; a spike lowers the potential by as much.",
        json_schema_extra=_extra("network", symbol="theta", applies_to=_SPIKING),
    )
    recurrent_weights: bool = Field(
        default=False,
        title="Recurrent weights",
        description="Spiking units also get the spikes of their own layer, one step later.",
        json_schema_extra=_extra("network", applies_to=_SPIKING),
    )
    loss: Loss = Field(
        default="cross_entropy",
        title="Loss",
        description="What is to fall. The reward of all synapses is whether it did.",
        json_schema_extra=_extra("network"),
    )
    loss_exponent: float = Field(
        default=2.0,
        gt=0,
        le=16,
        title="Loss exponent",
        description="Exponent of the l_p loss, the mean of (1 - p_correct)^p.",
        json_schema_extra=_extra("network", symbol="p", applies_to={"loss": ["l_p"]}),
    )
    initialisation: Initialisation = Field(
        default="uniform",
        title="First weights",
        description="Distribution of the weights before the first iteration. Biases start at 0.",
        json_schema_extra=_extra("network", advanced=True),
    )
    initial_scale: float = Field(
        default=0.1,
        gt=0,
        le=10,
        title="Scale of the first weights",
        description="Half width of the uniform, standard deviation of the normal distribution.",
        json_schema_extra=_extra("network", applies_to={"initialisation": ["uniform", "normal"]}, advanced=True),
    )
    recurrent_initialisation: RecurrentInitialisation = Field(
        default="drawn",
        title="First recurrent weights",
        description="Drawn as the others, or the identity: each unit gets its own last state and no other's, so that "
        "it remembers to begin with (Le, Jaitly, Hinton 2015).",
        json_schema_extra=_extra("network", applies_to=_TEMPORAL, advanced=True),
    )
    recurrent_scale: float = Field(
        default=1.0,
        ge=0,
        le=10,
        title="Scale of the first recurrent weights",
        description="First weights from a layer's own units are drawn so much larger than those from below, or are so "
        "many times the identity. Below 1 where many steps make a network chaotic.",
        json_schema_extra=_extra("network", applies_to=_TEMPORAL, advanced=True),
    )

    # -- training -------------------------------------------------------------------------------------------
    method: Method = Field(
        default="synaptic",
        title="Method",
        description="Synaptic reinforcement learning, or gradient descent as the baseline.",
        json_schema_extra=_extra("training"),
    )
    iterations: int = Field(
        default=20_000,
        ge=1,
        le=100_000_000,
        title="Iterations",
        description="How often every synapse acts.",
        json_schema_extra=_extra("training", symbol="T", unit="iterations"),
    )
    batch_size: int = Field(
        default=5000,
        ge=1,
        le=10_000_000,
        title="Batch size",
        description="Samples on which the loss is measured. More than there are: all of them, and no redraw.",
        json_schema_extra=_extra("training", unit="samples"),
    )
    batch_interval: int = Field(
        default=5000,
        ge=1,
        le=100_000_000,
        title="Batch kept for",
        description="Iterations on one batch before the next is drawn.",
        json_schema_extra=_extra("training", unit="iterations"),
    )
    replicates: int = Field(
        default=1,
        ge=1,
        le=1000,
        title="Replicates",
        description="Networks trained side by side on the same split and mini-batches, each with first weights, "
        "exploration, rewards and adaptive table of its own; shown as mean with a band.",
        json_schema_extra=_extra("training", symbol="R", unit="runs"),
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        description="Start of all randomness but the split's. The same seed gives the same run.",
        json_schema_extra=_extra("training"),
    )

    # -- synaptic reinforcement learning ----------------------------------------------------------------------
    policy: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        default="bred_stochastic",
        title="Policy",
        description="The Q table that all synapses share: which action follows which actions and rewards, or how "
        "likely each is.",
        json_schema_extra=_extra("policy", symbol="Q", applies_to=_SYNAPTIC),
    )
    bias_policy: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None,
        title="Policy of the biases",
        description="Another table for the biases. Empty: they share the weights' table.",
        json_schema_extra=_extra("policy", applies_to=_SYNAPTIC, advanced=True),
    )
    history: int | None = Field(
        default=None,
        ge=1,
        le=3,
        title="History",
        description="How many past actions and rewards a synapse remembers. Empty: what the policy was made for.",
        json_schema_extra=_extra(
            "policy", symbol="h", unit="iterations", applies_to=_SYNAPTIC, advanced=True, written="2"
        ),
    )
    step_size: float = Field(
        default=4e-3,
        gt=0,
        le=1,
        title="Step size",
        description="How far one action moves a weight.",
        json_schema_extra=_extra("policy", symbol="alpha_s", applies_to=_SYNAPTIC),
    )
    step_size_schedule: Schedule = Field(
        default="linear",
        title="Step size over time",
        description="Constant, falling linearly or as a cosine to its final share, or switched to it at an iteration.",
        json_schema_extra=_extra("policy", applies_to=_SYNAPTIC),
    )
    step_size_final_share: float = Field(
        default=0.03,
        ge=0,
        le=10,
        title="Final step size (share)",
        description="Step size at the end of its schedule, as a share of the first: 0.03 is 3 %.",
        json_schema_extra=_extra(
            "policy", applies_to=_SYNAPTIC | {"step_size_schedule": ["linear", "cosine", "switch"]}
        ),
    )
    step_size_switch_at: int = Field(
        default=100_000,
        ge=1,
        le=100_000_000,
        title="Switch the step size at",
        description="Iteration from which the final share holds.",
        json_schema_extra=_extra(
            "policy", unit="iterations", applies_to=_SYNAPTIC | {"step_size_schedule": ["switch"]}
        ),
    )
    exploration: float | None = Field(
        default=None,
        ge=0,
        le=1,
        title="Exploration",
        description="Probability that a synapse acts at random instead of by its table. Empty: 0 where the policy "
        "draws its actions, else 0.1.",
        json_schema_extra=_extra("policy", symbol="epsilon", applies_to=_SYNAPTIC, written="0.1"),
    )
    exploration_schedule: Schedule = Field(
        default="constant",
        title="Exploration over time",
        description="Constant, falling linearly or as a cosine to its final share, or switched to it at an iteration.",
        json_schema_extra=_extra("policy", applies_to=_SYNAPTIC, advanced=True),
    )
    exploration_final_share: float = Field(
        default=0.1,
        ge=0,
        le=10,
        title="Final exploration (share)",
        description="Exploration at the end of its schedule, as a share of the first: 0.1 is 10 %.",
        json_schema_extra=_extra(
            "policy",
            applies_to=_SYNAPTIC | {"exploration_schedule": ["linear", "cosine", "switch"]},
            advanced=True,
        ),
    )
    exploration_switch_at: int = Field(
        default=100_000,
        ge=1,
        le=100_000_000,
        title="Switch the exploration at",
        description="Iteration from which the final share holds.",
        json_schema_extra=_extra(
            "policy",
            unit="iterations",
            applies_to=_SYNAPTIC | {"exploration_schedule": ["switch"]},
            advanced=True,
        ),
    )
    schedule_iterations: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        title="Length of the schedules",
        description="Iterations over which linear and cosine schedules fall; they stay at their end after. "
        "Empty: the run's iterations.",
        json_schema_extra=_extra("policy", unit="iterations", advanced=True, written="10000"),
    )
    bias_step_factor: float = Field(
        default=2.0,
        ge=0,
        le=100,
        title="Step factor of biases",
        description="A bias moves by this many step sizes. The authors' code uses 2.",
        json_schema_extra=_extra("policy", applies_to=_SYNAPTIC, advanced=True),
    )
    redraw_reward: RedrawReward = Field(
        default="clean",
        title="Reward after a redraw",
        description="Clean: the new batch is measured before the next action, so that the reward compares like with "
        "like. Reference: as the authors' code, the new batch's loss is compared with the old batch's.",
        json_schema_extra=_extra("policy", applies_to=_SYNAPTIC, advanced=True),
    )
    adaptive: bool = Field(
        default=False,
        title="Adaptive policy",
        description="The table learns by Q-learning while the network trains. Off: the table is static.",
        json_schema_extra=_extra("policy", applies_to=_SYNAPTIC),
    )
    learning_rate: float = Field(
        default=1e-3,
        ge=0,
        le=1,
        title="Learning rate of the table",
        description="How far one Q-learning update moves an entry towards its target.",
        json_schema_extra=_extra("policy", symbol="alpha", applies_to=_ADAPTIVE),
    )
    discount: float = Field(
        default=0.5,
        ge=0,
        lt=1,
        title="Discount",
        description="How much the table counts later rewards.",
        json_schema_extra=_extra("policy", symbol="gamma", applies_to=_ADAPTIVE),
    )
    q_update: QUpdate = Field(
        default="synchronous",
        title="Order of the updates",
        description="Synchronous: targets from the table as it stood before the iteration. Sequential: synapse after "
        "synapse, as the authors' code; slow, for comparison.",
        json_schema_extra=_extra("policy", applies_to=_ADAPTIVE, advanced=True),
    )

    # -- gradient descent, the baseline -------------------------------------------------------------------------
    optimizer: Optimizer = Field(
        default="sgd",
        title="Optimizer",
        description="Stochastic gradient descent (with momentum if set), or Adam.",
        json_schema_extra=_extra("gradient", applies_to=_GRADIENT),
    )
    surrogate: Surrogate = Field(
        default="none",
        title="Surrogate derivative",
        description="Stands for the derivative of spikes (fast sigmoid or arctan) and of step and sign units "
        "(straight-through), which have none.",
        json_schema_extra=_extra("gradient", applies_to=_GRADIENT),
    )
    gradient_learning_rate: float = Field(
        default=0.1,
        gt=0,
        le=100,
        title="Learning rate",
        description="How far a gradient moves the weights.",
        json_schema_extra=_extra("gradient", applies_to=_GRADIENT),
    )
    momentum: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        title="Momentum",
        description="Share of the last step that is kept in the next.",
        json_schema_extra=_extra("gradient", applies_to=_GRADIENT | {"optimizer": ["sgd"]}),
    )

    # -- measuring and ending -------------------------------------------------------------------------------------
    evaluate_every: int = Field(
        default=100,
        ge=1,
        le=10_000_000,
        title="Evaluate every",
        description="Iterations between two measurements on the whole training and validation sets.",
        json_schema_extra=_extra("measuring", unit="iterations"),
    )
    snapshot_every: int = Field(
        default=1000,
        ge=1,
        le=100_000_000,
        title="Snapshot every",
        description="Iterations between two stored copies of the weights and the table.",
        json_schema_extra=_extra("measuring", unit="iterations", advanced=True),
    )
    target_accuracy: float | None = Field(
        default=None,
        gt=0,
        le=1,
        title="Stop at",
        description="Validation accuracy (mean over replicates) at which the run ends early. Empty: never.",
        json_schema_extra=_extra("measuring", written="0.95"),
    )
    give_up_after: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        title="Give up after",
        description="Iteration at which a run that learns too little is ended as failed. The paper: 25,000.",
        json_schema_extra=_extra("measuring", unit="iterations", advanced=True, written="25000"),
    )
    give_up_below: float = Field(
        default=0.2,
        ge=0,
        le=1,
        title="Give up below",
        description="Training accuracy below which a run is ended as failed. The paper: 0.2.",
        json_schema_extra=_extra("measuring", advanced=True),
    )

    @model_validator(mode="after")
    def _no_gradient_through_thresholds(self) -> TrainingConfig:
        if self.method == "gradient":
            problem = no_derivative(self)
            if problem is not None:
                raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _units_that_remember(self) -> TrainingConfig:
        if self.architecture != "feedforward" and not self.hidden_layers:
            raise ValueError(
                f"hidden_layers is empty, and architecture '{self.architecture}' keeps its memory in hidden units. "
                "Give it at least one hidden layer, such as 32, or choose architecture 'feedforward'."
            )
        return self


def no_derivative(config: TrainingConfig) -> str | None:
    """Return why gradient descent can't train a configuration's hidden units, with the remedy; None where it can."""
    if config.architecture == "spiking":
        if config.surrogate in ("fast_sigmoid", "arctan"):
            return None
        return (
            f"surrogate is '{config.surrogate}', and a spike has a derivative of 0 everywhere it has one, so gradient "
            "descent gets no direction through it. Choose surrogate 'fast_sigmoid' or 'arctan', or method 'synaptic', "
            "which needs no derivative."
        )
    if not config.hidden_layers or config.activation not in NON_DIFFERENTIABLE or config.surrogate != "none":
        return None
    differentiable = [name for name in get_args(Activation) if name not in NON_DIFFERENTIABLE]
    return (
        f"activation '{config.activation}' has a derivative of 0 everywhere it has one, so gradient descent "
        f"gets no direction through it. Choose one of {', '.join(differentiable)}, surrogate 'straight_through', or "
        "method 'synaptic', which needs no derivative."
    )


#: Settings that came after configurations were first stored, each with a default that means what was before.
_LATER = (
    "architecture",
    "encoding",
    "steps",
    "membrane_decay",
    "threshold",
    "recurrent_weights",
    "recurrent_scale",
    "recurrent_initialisation",
    "surrogate",
)


def stored_form(config: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out later settings at their defaults: equal configurations are stored alike by all versions.

    Parameters
    ----------
    config
        As ``TrainingConfig.model_dump(mode="json")`` gives it, or as it was stored.
    """
    fields = TrainingConfig.model_fields
    return {name: value for name, value in config.items() if not (name in _LATER and value == fields[name].default)}


def applies(config: TrainingConfig, name: str) -> bool:
    """Return whether a setting applies to a configuration: the settings that it depends on have the right values."""
    extra = TrainingConfig.model_fields[name].json_schema_extra
    conditions = extra.get("applies_to", {}) if isinstance(extra, dict) else {}
    return all(getattr(config, other) in allowed for other, allowed in dict(conditions).items())  # type: ignore[arg-type, operator]
