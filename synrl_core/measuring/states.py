"""Record the states of hidden units over the steps of a sequence: spikes and membranes, or hidden states.

What a picture of a recurrent or spiking network shows: the same forward pass as in training, with all steps kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from synrl_core.config import TrainingConfig
from synrl_core.networks.architecture import make_network
from synrl_core.networks.blocks import engine_layout
from synrl_core.networks.losses import probabilities
from synrl_core.networks.recurrent import RecurrentNetwork
from synrl_core.networks.spiking import SpikingNetwork


@dataclass(frozen=True, eq=False)
class UnitStates:
    """States of the hidden units of one network while it reads some samples.

    Attributes
    ----------
    inputs
        (samples, steps, inputs) float32, as the network receives them.
    states
        Of each hidden layer (samples, steps, units) float32: the membrane before a reset, in units of the threshold,
        or the hidden state after activation.
    spikes
        Of each hidden layer (samples, steps, units) bool; None for recurrent networks.
    probabilities
        (samples, classes) float64.
    """

    inputs: NDArray[np.float32]
    states: tuple[NDArray[np.float32], ...]
    spikes: tuple[NDArray[np.bool_], ...] | None
    probabilities: NDArray[np.float64]


def unit_states(
    config: TrainingConfig,
    weights: tuple[NDArray[np.float32], ...],
    features: NDArray[np.float32],
    sample_shape: tuple[int, ...],
) -> UnitStates:
    """Compute the states of all hidden units at all steps with one replicate's weights.

    Parameters
    ----------
    weights
        Of each layer (rows, units), as a `Snapshot` holds them.
    features
        (samples, inputs) scaled as for training.
    sample_shape
        Shape of a sample, as `Dataset.sample_shape`.

    Raises
    ------
    ValueError
        When the network is feedforward: its units have no state that a step passes to the next.
    """
    network = make_network(config, sample_shape or features.shape[-1:], weights[-1].shape[1], replicates=1)
    if not isinstance(network, RecurrentNetwork | SpikingNetwork):
        raise ValueError("the units of a feedforward network have no states over time; recurrent and spiking ones do.")
    layers = engine_layout([layer[None] for layer in weights])
    arranged = network.arrange(features)
    outputs, states, spikes = _all_steps(network, layers, arranged, len(features))
    loss = "logistic" if outputs.shape[1] == 1 else config.loss
    steps = np.broadcast_to(arranged[:, 1:], (network.encoding.steps, *arranged[:, 1:].shape[1:]))
    return UnitStates(
        inputs=_by_sample(steps),
        states=tuple(map(_by_sample, states)),
        spikes=None if spikes is None else tuple(_by_sample(layer) > 0 for layer in spikes),
        probabilities=probabilities(loss, outputs)[0].T,
    )


_Steps = list[NDArray[np.float32]]


def _all_steps(
    network: RecurrentNetwork | SpikingNetwork,
    layers: tuple[NDArray[np.floating], ...],
    inputs: NDArray[np.floating],
    samples: int,
) -> tuple[NDArray[np.floating], _Steps, _Steps | None]:
    """Return the outputs and, of each layer (steps, units, samples), states and spikes."""
    if isinstance(network, RecurrentNetwork):
        elman = network.workspace(samples)
        elman.keep_all_steps()
        outputs = network.forward(layers, inputs, elman)
        return (
            outputs,
            [np.stack([step[0] for step in layer]).astype(np.float32, copy=False) for layer in elman.states],
            None,
        )
    spiking = network.workspace(samples)
    spiking.keep_all_steps()
    outputs = network.forward(layers, inputs, spiking)
    membranes = [cast("NDArray[np.float32]", 1 - gaps[:, 0]) for gaps in spiking.gaps]
    return outputs, membranes, [cast("NDArray[np.float32]", units[:, 0, 1:]) for units in spiking.units]


def _by_sample(steps: NDArray[np.floating]) -> NDArray[np.float32]:
    """Turn (steps, units, samples) into (samples, steps, units)."""
    return np.ascontiguousarray(steps.transpose(2, 0, 1), np.float32)
