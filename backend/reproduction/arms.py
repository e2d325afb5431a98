"""Arms of a reproduction: their training settings, and the gradient descent that each is compared with.

An arm is a row of the table. Each of its trials is one run with a split of its own; the same trial of another arm on
the same data holds back the same samples, so that differences are paired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from backend.reproduction.scales import Length
from synrl_core.config import NON_DIFFERENTIABLE

Part = Literal["784-10", "784-32-10", "activations", "shapes", "tasks", "sequences"]
PARTS: tuple[Part, ...] = get_args(Part)
#: Parts that train on the letters, notMNIST or what stands for it.
LETTERS: tuple[Part, ...] = ("784-10", "784-32-10")
#: Stand in an arm's settings for what is known when a reproduction begins: the letters, and the table.
DATA, TABLE = "{data}", "{table}"


@dataclass(frozen=True)
class Arm:
    """A row of the table.

    Attributes
    ----------
    key
        Its name for good: results are stored under it.
    settings
        Settings of its runs but for iterations, step size, seeds and replicates, which the scale has.
    length
        Which iterations of the scale.
    baseline
        Key of the gradient descent that it is compared with; None: it is one, or has none.
    chance
        Accuracy of a guess, 0..1.
    as_in_paper
        Whether the paper ran it, so that the scale's shorter runs are no repetition of it.
    """

    key: str
    part: Part
    title: str
    settings: dict[str, Any] = field(hash=False)
    length: Length
    baseline: str | None = None
    chance: float = 0.1
    as_in_paper: bool = False

    @property
    def is_gradient(self) -> bool:
        """Whether it is gradient descent."""
        return self.settings.get("method") == "gradient"


#: More samples than any of the data sets has: the whole training part at every pass.
_ALL = 10_000_000
_LETTERS: dict[str, Any] = {"dataset": DATA, "validation_fraction": 0.25}
#: Section 4 of the paper and the authors' code: batches of 5,000 kept for 5,000 iterations.
_AUTHORS: dict[str, Any] = _LETTERS | {
    "policy": TABLE, "exploration": 0.1, "batch_size": 5000, "batch_interval": 5000, "initialisation": "uniform",
    "initial_scale": 0.1, "redraw_reward": "reference", "step_size_schedule": "constant",
}  # fmt: skip
#: The paper lets the table learn on; the rates are those of its simulated boundaries.
_LEARNS: dict[str, Any] = {"adaptive": True, "learning_rate": 1e-3, "discount": 0.5}
_BEST: dict[str, Any] = _LETTERS | {
    "policy": "bred_stochastic", "exploration": 0.0, "batch_size": _ALL, "initialisation": "uniform",
    "step_size_schedule": "linear", "step_size_final_share": 0.03,
}  # fmt: skip
_DESCENT: dict[str, Any] = _LETTERS | {
    "method": "gradient", "optimizer": "sgd", "gradient_learning_rate": 0.1, "batch_size": _ALL,
}  # fmt: skip
_HALVED: dict[str, Any] = {"step_size_schedule": "switch", "step_size_final_share": 0.5}
_SMALL: dict[str, Any] = {"hidden_layers": [16], "batch_size": _ALL, "policy": "bred_stochastic", "exploration": 0.0}
_ADAM: dict[str, Any] = {"method": "gradient", "optimizer": "adam", "gradient_learning_rate": 0.01}


def _plain() -> Iterator[Arm]:
    layers: dict[str, Any] = {"hidden_layers": []}
    for key, title, settings, length in (
        ("static", "synaptic, as the paper ran it, static", _AUTHORS, "synaptic-0"),
        ("adaptive", "synaptic, as the paper ran it, adaptive", _AUTHORS | _LEARNS, "synaptic-0"),
        ("best", "synaptic, this project's best", _BEST | {"initial_scale": 1e-3}, "best-0"),
        ("gradient-paper", "gradient, the paper's first weights: uniform in ±1", _DESCENT | {"initial_scale": 1.0},
         "gradient-0"),
        ("gradient-own", "gradient, first weights of the synaptic run: uniform in ±0.1",
         _DESCENT | {"initial_scale": 0.1}, "gradient-0"),
    ):  # fmt: skip
        is_gradient = settings.get("method") == "gradient"
        baseline = None if is_gradient else "784-10 gradient-paper"
        in_paper = key in ("static", "adaptive", "gradient-paper")
        yield Arm(f"784-10 {key}", "784-10", title, settings | layers, length, baseline, as_in_paper=in_paper)  # type: ignore[arg-type]


def _hidden() -> Iterator[Arm]:
    layers: dict[str, Any] = {"hidden_layers": [32], "activation": "relu"}
    normal: dict[str, Any] = {"initialisation": "normal"}
    for key, title, settings, length in (
        ("static", "synaptic, as the paper ran it, static", _AUTHORS | _HALVED, "synaptic-32"),
        ("adaptive", "synaptic, as the paper ran it, adaptive", _AUTHORS | _HALVED | _LEARNS, "synaptic-32"),
        ("best", "synaptic, this project's best", _BEST | {"initial_scale": 1e-2}, "best-32"),
        ("gradient-paper", "gradient, normal first weights, He's deviation", _DESCENT | {"initialisation": "he_normal"},
         "gradient-32"),
        ("gradient-wide", "gradient, normal first weights, deviation 1", _DESCENT | normal | {"initial_scale": 1.0},
         "gradient-32"),
        ("gradient-own", "gradient, first weights of the synaptic run: uniform in ±0.1",
         _DESCENT | {"initial_scale": 0.1}, "gradient-32"),
    ):  # fmt: skip
        is_gradient = settings.get("method") == "gradient"
        baseline = None if is_gradient else "784-32-10 gradient-paper"
        in_paper = key in ("static", "adaptive", "gradient-paper")
        yield Arm(f"784-32-10 {key}", "784-32-10", title, settings | layers, length, baseline, as_in_paper=in_paper)  # type: ignore[arg-type]


def _pair(part: Part, name: str, settings: dict[str, Any], *, chance: float, baseline: str = "") -> Iterator[Arm]:
    """Yield the synaptic arm of a small task and, where no other baseline is named, gradient descent for as long."""
    key = f"{part} {name}"
    yield Arm(key, part, name, _SMALL | settings, "claims", baseline or f"{key} gradient", chance)
    if not baseline:
        descent = {name: value for name, value in _SMALL.items() if name not in ("policy", "exploration")}
        yield Arm(f"{key} gradient", part, f"{name}, gradient", descent | settings | _ADAM, "claims", None, chance)


def _activations() -> Iterator[Arm]:
    for name in ("relu", "tanh", "sigmoid", "identity", "step", "sign"):
        settings = {"dataset": "digits", "activation": name}
        # Thresholds have no gradient to follow: they are held against the same network with ReLU.
        baseline = "activations relu gradient" if name in NON_DIFFERENTIABLE else ""
        yield from _pair("activations", name, settings, chance=0.1, baseline=baseline)


def _shapes() -> Iterator[Arm]:
    for layers in ([], [8], [64], [16, 16], [16, 16, 16]):
        name = "-".join(map(str, (64, *layers, 10)))
        yield from _pair("shapes", name, {"dataset": "digits", "hidden_layers": layers}, chance=0.1)


def _tasks() -> Iterator[Arm]:
    for name in ("teacher", "gaussians", "circles", "moons", "xor", "spirals"):
        yield from _pair("tasks", name, {"dataset": name}, chance=0.5)


def _sequences() -> Iterator[Arm]:
    elman = {"architecture": "recurrent", "activation": "tanh", "initialisation": "he_normal"}
    ten = {"dataset_parameters": {"steps": 10}}
    fires = {"architecture": "spiking", "initialisation": "he_normal"}
    cases: tuple[tuple[str, str, dict[str, Any], float], ...] = (
        ("recurrent xor", "recurrent: delayed xor over 10 steps, Elman 8",
         {"dataset": "delayed_xor", "hidden_layers": [8], **elman, **ten}, 0.5),
        ("recurrent recall", "recurrent: recall over 10 steps, Elman 16",
         {"dataset": "recall", "hidden_layers": [16], **elman, **ten}, 0.2),
        ("spiking digits", "spiking: digits over 8 steps, 32 leaky units",
         {"dataset": "digits", "hidden_layers": [32], "steps": 8, **fires}, 0.1),
        ("spiking yin-yang", "spiking: yin-yang over 12 steps, 30 leaky units",
         {"dataset": "yin_yang", "hidden_layers": [30], "steps": 12, "architecture": "spiking",
          "initialisation": "normal", "initial_scale": 3.0}, 1 / 3),
    )  # fmt: skip
    for name, title, settings, chance in cases:
        yield Arm(f"sequences {name}", "sequences", title, _SMALL | settings, "sequences", None, chance)


ARMS: dict[str, Arm] = {
    arm.key: arm
    for make in (_plain, _hidden, _activations, _shapes, _tasks, _sequences)
    for arm in make()
}  # fmt: skip
