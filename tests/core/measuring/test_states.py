"""States of hidden units over time, held against the equations step by step in plain loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synrl_core.config import TrainingConfig
from synrl_core.measuring.judging import judge
from synrl_core.measuring.states import unit_states

STEPS, INPUTS, UNITS = 6, 3, 5
SAMPLES = np.random.default_rng(3).random((4, STEPS * INPUTS)).astype(np.float32)
SHAPE = (STEPS, 1, INPUTS)


def weights(*, recurrent: bool, scale: float = 1.0) -> tuple[NDArray[np.float32], ...]:
    """Of two hidden layers of 5 and 4 units and 3 outputs, (rows, units) each."""
    rng = np.random.default_rng(7)
    rows = [(1 + INPUTS + UNITS * recurrent, UNITS), (1 + UNITS + 4 * recurrent, 4), (1 + 4, 3)]
    return tuple((scale * rng.standard_normal(shape)).astype(np.float32) for shape in rows)


def config(**settings: Any) -> TrainingConfig:
    return TrainingConfig(hidden_layers=(UNITS, 4), **settings)


def sums(layer: NDArray[np.float32], below: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    signals = np.concatenate([[1.0], below, own])[: len(layer)]
    return signals @ layer.astype(np.float64)


@pytest.mark.parametrize("recurrent", [False, True], ids=["from below", "recurrent"])
def test_membranes_and_spikes_follow_the_equations(*, recurrent: bool) -> None:
    chosen = config(architecture="spiking", recurrent_weights=recurrent, membrane_decay=0.8, threshold=0.5)
    layers = weights(recurrent=recurrent)
    found = unit_states(chosen, layers, SAMPLES, SHAPE)
    assert found.spikes is not None
    for sample, steps in enumerate(SAMPLES.reshape(-1, STEPS, INPUTS)):
        potentials = [np.zeros(UNITS), np.zeros(4)]
        fired = [np.zeros(UNITS), np.zeros(4)]
        for step, below in enumerate(steps.astype(np.float64)):
            for place in range(2):
                potentials[place] = (
                    0.8 * potentials[place] - 0.5 * fired[place] + sums(layers[place], below, fired[place])
                )
                fired[place] = (potentials[place] > 0.5).astype(float)
                np.testing.assert_allclose(
                    found.states[place][sample, step], potentials[place] / 0.5, rtol=1e-4, atol=1e-5
                )
                np.testing.assert_array_equal(found.spikes[place][sample, step], fired[place] > 0)
                below = fired[place]
    assert 0 < np.mean(found.spikes[0]) < 1
    np.testing.assert_array_equal(found.inputs, SAMPLES.reshape(-1, STEPS, INPUTS))


def test_hidden_states_follow_the_equations_and_name_the_judged_classes() -> None:
    chosen, layers = config(architecture="recurrent", activation="tanh"), weights(recurrent=True, scale=0.6)
    found = unit_states(chosen, layers, SAMPLES, SHAPE)
    assert found.spikes is None
    for sample, steps in enumerate(SAMPLES.reshape(-1, STEPS, INPUTS)):
        states = [np.zeros(UNITS), np.zeros(4)]
        for step, below in enumerate(steps.astype(np.float64)):
            for place in range(2):
                states[place] = np.tanh(sums(layers[place], below, states[place]))
                np.testing.assert_allclose(found.states[place][sample, step], states[place], rtol=1e-4, atol=1e-5)
                below = states[place]
    judged = judge(chosen, layers, SAMPLES, np.zeros(4, np.int64), 3, SHAPE)
    np.testing.assert_array_equal(found.probabilities.argmax(axis=1), judged.named)


def test_a_constant_current_is_shown_at_every_step() -> None:
    chosen = TrainingConfig(hidden_layers=(UNITS,), architecture="spiking", encoding="direct", steps=4)
    layers = (weights(recurrent=False)[0], np.zeros((1 + UNITS, 3), np.float32))
    found = unit_states(chosen, layers, SAMPLES[:, :INPUTS], (INPUTS,))
    assert found.inputs.shape == (4, 4, INPUTS)
    np.testing.assert_array_equal(found.inputs[:, 0], found.inputs[:, 3])
    assert found.states[0].shape == (4, 4, UNITS)


@pytest.mark.parametrize("hidden", [1, 2])
def test_a_single_step_has_its_membranes_and_spikes(hidden: int) -> None:
    """Training leaves out what a single step has, where it counts spikes alone; a picture needs it."""
    chosen = TrainingConfig(
        hidden_layers=(UNITS, 4)[:hidden], architecture="spiking", encoding="direct", steps=1, threshold=0.5
    )
    first, *others = weights(recurrent=False)
    layers = (first, *others) if hidden == 2 else (first, np.zeros((1 + UNITS, 3), np.float32))
    found = unit_states(chosen, layers, SAMPLES[:, :INPUTS], (INPUTS,))
    assert found.spikes is not None
    below = SAMPLES[:, :INPUTS].astype(np.float64)
    for place in range(hidden):
        wanted = np.array([sums(layers[place], each, np.zeros(0)) for each in below]) / 0.5
        np.testing.assert_allclose(found.states[place][:, 0], wanted, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(found.spikes[place][:, 0], wanted > 1)
        below = (wanted > 1).astype(np.float64)


def test_feedforward_networks_have_no_states_over_time() -> None:
    layers = (np.zeros((1 + INPUTS, 3), np.float32),)
    with pytest.raises(ValueError, match="feedforward"):
        unit_states(TrainingConfig(hidden_layers=()), layers, SAMPLES[:, :INPUTS], (INPUTS,))
