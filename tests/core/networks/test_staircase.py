"""Spikes under a constant current are counted as their steps would give them, to the last float."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from synrl_core.networks.encodings import SequenceEncoding
from synrl_core.networks.spiking import SpikingNetwork
from synrl_core.networks.staircase import SpikeCounter, spikes_of, stairs


@settings(max_examples=40, deadline=None)
@given(
    decay=st.one_of(st.just(0.0), st.floats(0, 0.999)),
    steps=st.integers(1, 40),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 2**32 - 1),
)
def test_stairs_count_what_steps_give(decay: float, steps: int, dtype: type[np.floating], seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = stairs(decay, steps, np.dtype(dtype).name)
    around = np.concatenate([edges, np.nextafter(edges, dtype(-9)), np.nextafter(edges, dtype(9))])
    drawn = rng.uniform(-2, 1.5, 3000).astype(dtype)
    currents: NDArray[np.floating] = np.concatenate([around, drawn])
    found = np.empty_like(currents)
    SpikeCounter(decay, steps, currents.shape, dtype).count(currents, found)
    np.testing.assert_array_equal(found[len(around) :], spikes_of(drawn, decay, steps))
    assert (np.abs(found - spikes_of(currents, decay, steps)) <= 1).all()
    assert (np.diff(edges) <= 0).all()


def test_a_larger_current_never_fires_less() -> None:
    """The law that makes a count of stairs enough."""
    currents = np.linspace(1.2, -4, 100_001)
    for decay in (0.0, 0.3, 0.7, 0.9, 0.99):
        for steps in (1, 5, 12, 40):
            assert (np.diff(spikes_of(currents, decay, steps)) >= 0).all()


@pytest.mark.parametrize("steps", [8, 300])
def test_a_layer_counted_at_once_gives_the_outputs_of_its_steps(steps: int) -> None:
    rng = np.random.default_rng(0)
    network = SpikingNetwork((3, 6, 2), SequenceEncoding("direct", steps, 3), 2, decay=0.85, threshold=0.7)
    layers = network.layer_views(network.initialise("normal", 1.0, rng))
    inputs = network.arrange(rng.random((50, 3)))
    at_once, by_steps = network.workspace(50), network.workspace(50)
    assert at_once.counter is not None
    by_steps.counter = None
    np.testing.assert_array_equal(network.forward(layers, inputs, at_once), network.forward(layers, inputs, by_steps))
