"""Events that a trainer yields. To stop a trainer, stop iterating.

Arrays have the replicate axis R where it says so. ``Step`` borrows the trainer's buffers, to cost next to
nothing at every iteration; all other events own their arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synrl_core.measuring.metrics import NAMES, MetricName
from synrl_core.networks.blocks import Block


class Step(NamedTuple):
    """One iteration was done: every synapse acted once (for gradient descent: one update)."""

    iteration: int
    loss: NDArray[np.floating]
    """(R,) loss on the current mini-batch. Borrowed: valid until the next iteration."""
    reward: NDArray[np.int8]
    """(R,) reward codes: 0 = loss did not fall (-1), 2 = loss fell (+1), 1 = no iteration yet. Borrowed."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Losses and accuracies on the whole training and validation sets, at one iteration."""

    iteration: int
    forward_passes: int
    """Batch losses computed so far, the cost that gradient-free methods share."""
    train_loss: NDArray[np.float64]
    """(R,)"""
    train_accuracy: NDArray[np.float64]
    """(R,) in 0..1"""
    validation_loss: NDArray[np.float64]
    """(R,)"""
    validation_accuracy: NDArray[np.float64]
    """(R,) in 0..1"""
    reward_rate: NDArray[np.float64]
    """(R,) share of +1 rewards since the evaluation before; NaN at iteration 0."""

    def metrics(self) -> dict[MetricName, NDArray[np.float64]]:
        """Return the (R,) values of each of `synrl_core.measuring.metrics.METRICS`, in their order."""
        return {name: getattr(self, name) for name in NAMES}


@dataclass(frozen=True, slots=True)
class ActionCounts:
    """How many synapses of each layer went down, stayed and went up since the event before."""

    iteration: int
    counts: NDArray[np.int64]
    """(layers, R, 3): down, stay, up"""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """State that decides the next actions of all synapses, at one iteration."""

    policy: NDArray[np.float64]
    """(R or 1,) + (3,) * (2h + 1), the Q table of the weights: R tables if they are adaptive."""
    bias_policy: NDArray[np.float64] | None
    """The table of the biases, as `policy`; None if they share the weights'."""
    visits: NDArray[np.int64]
    """(R,) + (3,) * (2h + 1), how often each cell was used since the start, all tables together."""
    histories: tuple[NDArray[np.uint8], ...]
    """Of each layer (R, rows, units): each synapse's last h actions as a number in base 3, oldest first."""
    rewards: NDArray[np.int64]
    """(R,) the last h rewards as a number in base 3, oldest first."""
    exploration: tuple[float, float]
    """Probability of a random next action, of weights and of biases."""
    step_size: float
    """How far the next action moves a weight."""
    temperature: tuple[float, float] = (0.0, 0.0)
    """Of the policies of weights and of biases. 0: the action of the highest value; above 0: actions are drawn."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of the weights, and of the policy's state that moves them, at one iteration."""

    iteration: int
    blocks: tuple[Block, ...]
    """Meaning of the rows of the layers: `synrl_core.networks.blocks.layers_of` groups them."""
    weights: tuple[NDArray[np.float32], ...]
    """Of each layer (R, rows, units), R replicates or the first of them."""
    behaviour: Behaviour | None
    """None for gradient descent."""

    @property
    def policy(self) -> NDArray[np.float64] | None:
        """(R or 1,) + (3,) * (2h + 1), the Q table of the weights; None for gradient descent."""
        return None if self.behaviour is None else self.behaviour.policy


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event."""

    iteration: int
    outcome: Literal["completed", "target_reached", "failed"]
    reason: str | None = None
    """For ``failed``: cause and remedy, in words for the user."""


Event = Step | Evaluation | ActionCounts | Snapshot | Finished
