"""Networks that read sequences: equal to plain Python in whatever form, derivatives included, and frugal."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from synrl_core.config import Surrogate, TrainingConfig
from synrl_core.errors import NoGradientError
from synrl_core.networks.architecture import make_network
from synrl_core.networks.blocks import block_views
from synrl_core.networks.encodings import SequenceEncoding
from synrl_core.networks.feedforward import FeedforwardNetwork
from synrl_core.networks.losses import LossWorkspace, Truth, output_gradient
from synrl_core.networks.recurrent import RecurrentNetwork
from synrl_core.networks.spiking import SpikingNetwork
from tests.core.temporal_oracle import made_vectors, temporal_from_vectors

SEEDS = st.integers(0, 2**32 - 1)


def network_of(vectors: dict[str, NDArray[Any]], surrogate: Surrogate = "none", replicates: int = 1) -> Any:
    sizes = tuple(vectors["shape"].tolist())
    encoding = SequenceEncoding("sequence", vectors["X"].shape[1], sizes[0])
    if vectors["kind"] == "recurrent":
        return RecurrentNetwork(sizes, encoding, replicates, 1.0, str(vectors["act"]), surrogate)  # type: ignore[arg-type]
    decay, threshold = float(vectors["beta"]), float(vectors["threshold"])
    return SpikingNetwork(sizes, encoding, replicates, 1.0, decay, threshold, bool(vectors["recurrent"]), surrogate)


def flat_weights(network: Any, vectors: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    flat: NDArray[np.float64] = np.zeros(network.synapses)
    for layer, view in enumerate(network.layer_views(flat)):
        view[:] = vectors[f"W{layer}_0"].T
    return flat


def gradients(network: Any, flat: NDArray[Any], inputs: Any, labels: NDArray[np.int64]) -> NDArray[Any]:
    work, gradient = network.workspace(len(labels), np.float64), np.full_like(flat, np.nan)
    logits = network.forward(network.layer_views(flat), inputs, work)
    loss_work = LossWorkspace(network.replicates, len(labels), np.float64)
    _, slope = output_gradient("cross_entropy", 1, logits.copy(), Truth(labels), loss_work)
    network.backward(network.layer_views(flat), inputs, slope, work, network.layer_views(gradient))
    return gradient


@settings(max_examples=20, deadline=None)
@given(
    seed=SEEDS,
    kind=st.sampled_from(["recurrent", "spiking"]),
    recurrent=st.booleans(),
    hidden=st.lists(st.integers(1, 3), min_size=1, max_size=2),
    steps=st.integers(1, 4),
    activation=st.sampled_from(["tanh", "sigmoid", "identity", "relu", "sign", "step"]),
    surrogate=st.sampled_from(["fast_sigmoid", "arctan", "straight_through"]),
    constant=st.booleans(),
)
@example(0, "recurrent", True, [3], 1, "sign", "straight_through", True).via("one step reads the current itself")
@example(2, "spiking", False, [3], 1, "tanh", "fast_sigmoid", True).via("one step needs its membranes")
def test_gradients_are_those_of_dual_numbers(
    seed: int,
    kind: str,
    recurrent: bool,
    hidden: list[int],
    steps: int,
    activation: str,
    surrogate: Surrogate,
    constant: bool,
) -> None:
    """Backward through time equals forward beside the values, with surrogates where a unit has a threshold."""
    vectors = made_vectors(
        np.random.default_rng(seed), kind, (2, *hidden, 2), activation=activation, samples=2, steps=steps,
        recurrent=recurrent or kind == "recurrent", iterations=0,
    )  # fmt: skip
    if constant:
        vectors["X"][:] = vectors["X"][:, :1]
    one = temporal_from_vectors(vectors, np.float64, surrogate=surrogate)
    if one.undecided:
        return
    network, samples = network_of(vectors, surrogate), vectors["X"]
    if constant:
        network, samples = replace(network, encoding=SequenceEncoding("direct", steps, 2)), samples[:, 0]
    found = gradients(network, flat_weights(network, vectors), network.arrange(samples, np.float64), vectors["y"])
    views = network.layer_views(found)
    for layer, unit, source in one.synapses():
        np.testing.assert_allclose(views[layer][0, unit, source], one.gradient((layer, unit, source)), atol=1e-12)


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_backpropagation_through_time_is_that_of_finite_differences(activation: Any, constant: bool) -> None:
    rng = np.random.default_rng(1)
    encoding = SequenceEncoding("direct" if constant else "sequence", 4, 2)
    network = RecurrentNetwork((2, 3, 2, 3), encoding, 2, activation=activation)
    flat = network.initialise("uniform", 1.0, rng, np.float64)
    inputs = network.arrange(rng.standard_normal((5, 2) if constant else (5, 4, 2)), np.float64)
    labels = rng.integers(0, 3, 5)

    def loss() -> float:
        logits = network.forward(network.layer_views(flat), inputs, network.workspace(5, np.float64))
        work = LossWorkspace(2, 5, np.float64)
        return float(output_gradient("cross_entropy", 1, logits.copy(), Truth(labels), work)[0].sum())

    analytic = gradients(network, flat, inputs, labels)
    numeric, nudge = np.zeros_like(flat), 1e-6
    for synapse in range(flat.size):
        flat[synapse] += nudge
        above = loss()
        flat[synapse] -= 2 * nudge
        numeric[synapse] = (above - loss()) / (2 * nudge)
        flat[synapse] += nudge
    np.testing.assert_allclose(analytic, numeric, atol=1e-7)


@settings(max_examples=25, deadline=None)
@given(
    seed=SEEDS,
    kind=st.sampled_from(["recurrent", "spiking"]),
    hidden=st.lists(st.integers(1, 5), min_size=1, max_size=2),
    steps=st.integers(1, 5),
    replicates=st.integers(1, 3),
)
def test_a_constant_current_equals_the_same_input_at_every_step(
    seed: int, kind: str, hidden: list[int], steps: int, replicates: int
) -> None:
    """In all replicates, and whichever network runs beside them."""
    rng = np.random.default_rng(seed)
    vectors = made_vectors(rng, kind, (3, *hidden, 2), steps=steps, samples=7, iterations=0)
    vectors["X"][:] = vectors["X"][:, :1]
    whole = network_of(vectors, replicates=replicates)
    direct = replace(whole, encoding=SequenceEncoding("direct", steps, 3))
    flat = whole.initialise("normal", 1.0, rng, np.float64)
    one = temporal_from_vectors(vectors, np.float64)
    for network in (whole, direct):
        samples = vectors["X"] if network is whole else vectors["X"][:, 0]
        inputs = network.arrange(samples, np.float64)
        outputs = network.forward(network.layer_views(flat), inputs, network.workspace(7, np.float64))
        for r in range(replicates):
            one.weights = [view[r].tolist() for view in network.layer_views(flat)]
            one.undecided = False
            wanted = np.array([one.outputs(sample) for sample in one.samples]).T
            if not one.undecided:
                np.testing.assert_allclose(outputs[r], wanted, atol=1e-12)


def test_a_forward_pass_allocates_nothing_however_many_steps() -> None:
    for recurrent in (False, True):
        network = SpikingNetwork((16, 32, 24, 4), SequenceEncoding("sequence", 30, 16), 2, recurrent=recurrent)
        assert forward_bytes(network) < 40_000  # NumPy reads spikes of a byte as floats, 8,192 at a time
    assert forward_bytes(RecurrentNetwork((16, 32, 24, 4), SequenceEncoding("direct", 30, 16), 2)) < 20_000


def forward_bytes(network: Any, samples: int = 500) -> int:
    """Most bytes that a forward pass takes beyond what it had; a state of these networks has 128 kB."""
    rng = np.random.default_rng(0)
    layers = network.layer_views(network.initialise("normal", 1.0, rng))
    inputs = network.arrange(rng.random((samples, network.encoding.stored_steps * 16), np.float32))
    work = network.workspace(samples)
    network.forward(layers, inputs, work)
    tracemalloc.start()
    network.forward(layers, inputs, work)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_first_weights_are_drawn_for_each_block_and_biases_are_0() -> None:
    network = RecurrentNetwork((50, 40, 30, 3), SequenceEncoding("sequence", 2, 50), recurrent_scale=0.5)
    flat = network.initialise("he_normal", 1.0, np.random.default_rng(0))
    for _, block, view in block_views(network, flat):
        deviation = {"bias": 0.0, "forward": 1.0, "recurrent": 0.5}[block.kind] * np.sqrt(2 / block.shape[0])
        assert view.std() == pytest.approx(deviation, rel=0.1)


def test_first_recurrent_weights_can_be_a_multiple_of_the_identity() -> None:
    config = TrainingConfig(
        architecture="spiking",
        hidden_layers=(5, 3),
        recurrent_weights=True,
        recurrent_scale=0.5,
        recurrent_initialisation="identity",
        replicates=2,
    )
    network = make_network(config, 4, 2)
    flat = network.initialise("he_normal", 1.0, np.random.default_rng(0))
    for _, block, view in block_views(network, flat):
        if block.kind == "recurrent":
            np.testing.assert_array_equal(view, np.broadcast_to(0.5 * np.eye(block.shape[1]), view.shape))
        elif block.kind == "forward":
            assert len(np.unique(view)) == view.size  # drawn, anew for each replicate


def test_only_hidden_layers_have_recurrent_blocks() -> None:
    encoding = SequenceEncoding("sequence", 3, 4)
    kinds = [block.kind for block in RecurrentNetwork((4, 3, 2), encoding).blocks]
    assert kinds == ["bias", "forward", "recurrent", "bias", "forward"]
    assert SpikingNetwork((4, 3, 2), encoding).blocks == FeedforwardNetwork((4, 3, 2)).blocks


def test_a_spiking_network_tells_that_it_is_silent_or_overflows() -> None:
    network = SpikingNetwork((2, 3, 2), SequenceEncoding("direct", 4, 2), replicates=2)
    work = network.workspace(5)
    inputs = network.arrange(np.ones((5, 2), np.float32))
    flat = np.zeros(network.synapses, np.float32)
    network.forward(network.layer_views(flat), inputs, work)
    assert network.health(work) == "silent"
    network.layer_views(flat)[0][0] = 1  # the other replicate stays silent
    network.forward(network.layer_views(flat), inputs, work)
    assert network.health(work) == "silent"
    network.layer_views(flat)[0][1] = 1
    network.forward(network.layer_views(flat), inputs, work)
    assert network.health(work) == "fine"
    with np.errstate(all="ignore"):
        network.forward(network.layer_views(flat * np.float32(3e38)), inputs * np.float32(1e30), work)
    assert network.health(work) == "overflow"


def test_a_unit_exactly_at_its_threshold_does_not_fire() -> None:
    network = SpikingNetwork((1, 1, 1), SequenceEncoding("direct", 1, 1), decay=0.5, threshold=1.0)
    flat = np.array([0, 1, 0, 1], np.float32)
    inputs = network.arrange(np.array([[1.0], [1.0001]], np.float32))
    outputs = network.forward(network.layer_views(flat), inputs, network.workspace(2))
    assert outputs[0, 0].tolist() == [0, 1]


def test_spikes_without_a_surrogate_have_no_gradient() -> None:
    with pytest.raises(NoGradientError, match="fast_sigmoid or arctan"):
        SpikingNetwork((1, 1, 1), SequenceEncoding("direct", 1, 1)).check_differentiable()


def test_forward_work_counts_the_product_of_a_constant_input_once() -> None:
    constant, varying = (
        RecurrentNetwork((64, 32, 10), SequenceEncoding(kind, 8, 64)).forward_work(100)
        for kind in ("direct", "sequence")
    )
    assert varying.products - constant.products == 7 * 65 * 32 * 100
    assert constant.products == (65 * 32 + 8 * 32 * 32 + 33 * 10) * 100


# -- encodings -----------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, steps=st.integers(1, 9))
def test_by_latency_each_input_above_0_fires_once_and_earlier_the_larger(seed: int, steps: int) -> None:
    values = np.random.default_rng(seed).random((6, 4)).astype(np.float32)
    values[0] = [0, 1, 0.5, 1e-9]
    found = SequenceEncoding("latency", steps, 4).arrange(values)[:, 1:]
    for sample, x in np.ndindex(*values.shape):
        times = np.flatnonzero(found[:, x, sample]).tolist()
        assert times == ([round((1 - float(values[sample, x])) * (steps - 1))] if values[sample, x] > 0 else [])


def test_by_rate_a_sample_has_the_same_spikes_wherever_it_is_read() -> None:
    values = np.random.default_rng(0).random((300, 20)).astype(np.float32)
    values[:, 0], values[:, 1] = 0, 1
    encoding = SequenceEncoding("rate", 50, 20, seed=5)
    found = encoding.arrange(values)
    np.testing.assert_array_equal(found[:, :, 40:60], encoding.arrange(values[40:60]))
    assert (SequenceEncoding("rate", 50, 20, seed=6).arrange(values) != found).mean() > 0.2
    spikes = found[:, 1:].transpose(0, 2, 1)
    assert set(np.unique(spikes)) == {0, 1}
    assert (spikes[:, :, 0] == 0).all()
    assert (spikes[:, :, 1] == 1).all()
    error = (spikes.mean(axis=0) - values) / np.sqrt(np.maximum(values * (1 - values), 1e-9) / 50)
    assert error[:, 2:].std() == pytest.approx(1, abs=0.05)
    assert abs(np.corrcoef(spikes[1:, :, 2:].ravel(), spikes[:-1, :, 2:].ravel())[0, 1] - 0.33) < 0.05


def test_by_rows_the_inputs_of_a_step_are_a_row_of_the_picture() -> None:
    pictures = np.arange(24, dtype=np.float32).reshape(2, 12)
    found = SequenceEncoding("rows", 3, 4).arrange(pictures)
    assert (found[:, 0] == 1).all()
    np.testing.assert_array_equal(found[1, 1:, 1], pictures[1, 4:8])
    sequence = SequenceEncoding("sequence", 3, 4)
    np.testing.assert_array_equal(sequence.arrange(pictures.reshape(2, 3, 4)), found)
