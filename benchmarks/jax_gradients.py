"""``python -m benchmarks.jax_gradients``: hold our gradients against JAX's on random networks.

Backpropagation through time, surrogate derivatives of spikes, and straight-through derivatives of step and sign are
written here once more as equations that JAX differentiates. Needs JAX: ``pip install --group jax``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from synrl_core.config import Activation, Surrogate
from synrl_core.networks.blocks import Network, engine_layout
from synrl_core.networks.encodings import SequenceEncoding
from synrl_core.networks.feedforward import FeedforwardNetwork
from synrl_core.networks.recurrent import RecurrentNetwork
from synrl_core.networks.spiking import SpikingNetwork

try:
    import jax
    import jax.numpy as jnp
except ImportError as error:
    raise SystemExit("This needs JAX, which nothing else here does: pip install --group jax") from error

jax.config.update("jax_enable_x64", True)

STEPS, SAMPLES, TOLERANCE = 7, 5, 1e-10
Array = Any

_SURROGATES: dict[Surrogate, Callable[[Array], Array]] = {
    "fast_sigmoid": lambda x: 1 / (1 + 25 * jnp.abs(x)) ** 2,
    "arctan": lambda x: 1 / (1 + (jnp.pi * x) ** 2),
    "straight_through": lambda x: (jnp.abs(x) <= 1).astype(x.dtype),
}
_SMOOTH: dict[Activation, Callable[[Array], Array]] = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "identity": lambda x: x,
}


def threshold(value: Callable[[Array], Array], surrogate: Surrogate) -> Callable[[Array], Array]:
    """Return a function with jumps whose derivative is a surrogate."""

    def derivative(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
        return value(primals[0]), _SURROGATES[surrogate](primals[0]) * tangents[0]

    function: Any = jax.custom_jvp(value)
    function.defjvp(derivative)
    jumping: Callable[[Array], Array] = function
    return jumping


def activation(network: FeedforwardNetwork | RecurrentNetwork) -> Callable[[Array], Array]:
    """Return the activation of the hidden units with the derivative that training takes."""
    if network.activation in _SMOOTH:
        return _SMOOTH[network.activation]
    jumps = {"step": lambda x: (x > 0).astype(x.dtype), "sign": lambda x: jnp.where(x >= 0, 1.0, -1.0)}
    return threshold(jumps[network.activation], network.surrogate)


def outputs(network: Network, layers: list[Array], samples: Array) -> Array:
    """(samples, outputs) as the equations say; layers (rows, units), samples (samples, steps, inputs)."""
    if isinstance(network, FeedforwardNetwork):
        signals = samples[:, 0]
        for layer in layers[:-1]:
            signals = activation(network)(layer[0] + signals @ layer[1:])
        return layers[-1][0] + signals @ layers[-1][1:]
    assert isinstance(network, RecurrentNetwork | SpikingNetwork)
    hidden, sizes = layers[:-1], network.sizes[1:-1]
    states = [jnp.zeros((len(samples), size)) for size in sizes]
    membranes = [jnp.zeros((len(samples), size)) for size in sizes]
    total = jnp.zeros_like(states[-1])
    for step in range(samples.shape[1]):
        below = samples[:, step]
        for place, layer in enumerate(hidden):
            rows = below.shape[1] + 1
            sums = layer[0] + below @ layer[1:rows]
            if network.is_recurrent:
                sums = sums + states[place] @ layer[rows:]
            if isinstance(network, RecurrentNetwork):
                states[place] = activation(network)(sums)
            else:
                reset = network.threshold * jax.lax.stop_gradient(states[place])
                membranes[place] = network.decay * membranes[place] - reset + sums
                fires = threshold(lambda x: (x > 0).astype(x.dtype), network.surrogate)
                states[place] = fires(membranes[place] - network.threshold)
            below = states[place]
        total = total + states[-1]
    read = total / samples.shape[1] if isinstance(network, SpikingNetwork) else states[-1]
    return layers[-1][0] + read @ layers[-1][1:]


def difference(network: Network, rng: np.random.Generator) -> float:
    """Return the largest difference of the two gradients of a random linear function of the outputs, relative."""
    inputs = network.sizes[0]
    steps = 1 if isinstance(network, FeedforwardNetwork) else STEPS
    samples = rng.uniform(-1, 1, (SAMPLES, steps, inputs))
    shapes = [(layer.rows, layer.units) for layer in network.layers]
    layers = [rng.normal(0, 1.2 / np.sqrt(rows), (rows, units)) * 1.5 for rows, units in shapes]
    slope = rng.standard_normal((SAMPLES, network.sizes[-1]))
    theirs = jax.grad(lambda given: (outputs(network, given, samples) * slope).sum())(layers)

    ours = engine_layout([layer[None] for layer in layers], np.float64)
    arranged = network.arrange(samples.reshape(SAMPLES, -1), np.float64)
    work = network.workspace(SAMPLES, np.float64)
    found = np.array(network.forward(ours, arranged, work))[0].T
    np.testing.assert_allclose(found, outputs(network, layers, samples), rtol=1e-9, atol=1e-9)
    gradient = tuple(np.zeros_like(layer) for layer in ours)
    network.backward(ours, arranged, slope.T[None].copy(), work, gradient)
    largest = max(float(jnp.abs(part).max()) for part in theirs)
    apart = max(float(jnp.abs(mine[0].T - other).max()) for mine, other in zip(gradient, theirs, strict=True))
    return apart / max(largest, 1e-300)


def networks() -> dict[str, Network]:
    """Every kind that gradients train, of one and of two hidden layers."""
    made: dict[str, Network] = {}
    for sizes in ((4, 6, 3), (4, 6, 5, 3)):
        depth = f"{len(sizes) - 2} hidden"
        sequence = SequenceEncoding("sequence", STEPS, sizes[0])
        for kind in ("step", "sign"):
            made[f"feedforward, {kind}, straight-through, {depth}"] = FeedforwardNetwork(
                sizes, kind, 1, "straight_through"
            )
            made[f"Elman, {kind}, straight-through, {depth}"] = RecurrentNetwork(
                sizes, sequence, activation=kind, surrogate="straight_through"
            )
        for smooth in _SMOOTH:
            made[f"Elman, {smooth}, {depth}"] = RecurrentNetwork(sizes, sequence, activation=smooth)
        for surrogate in ("fast_sigmoid", "arctan"):
            for recurrent in (False, True):
                name = f"spiking{', recurrent' if recurrent else ''}, {surrogate}, {depth}"
                made[name] = SpikingNetwork(
                    sizes, sequence, decay=0.85, threshold=0.6, recurrent=recurrent, surrogate=surrogate
                )
    return made


def main() -> None:
    """Print the largest relative difference over some random networks of each kind; fail above 1e-10."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=5, help="random networks of each kind (5)")
    trials = parser.parse_args().trials
    worst = 0.0
    for name, network in networks().items():
        apart = max(difference(network, np.random.default_rng(seed)) for seed in range(trials))
        worst = max(worst, apart)
        print(f"{apart:9.1e}  {name}")
    print(f"JAX {jax.__version__}: largest relative difference {worst:.1e}")
    if worst > TOLERANCE:
        raise SystemExit(f"gradients differ by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
