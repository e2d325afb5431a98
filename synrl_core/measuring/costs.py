"""Estimate the cost of a run before it begins: batch losses to compute, and seconds on a reference processor.

The seconds are a sum of what is done (products of weights and samples, units, synapses), each at a price that
`benchmarks/costs.py` measures. A processor twice as fast takes half as long for all of them, so one run measured
elsewhere is enough to correct the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synrl_core.checks import DataShape, network_of
from synrl_core.config import TrainingConfig


@dataclass(frozen=True)
class Prices:
    """Seconds for one of each, on the machine of docs/results.md: a virtual one, AVX2, one BLAS thread.

    Attributes
    ----------
    iteration
        Fixed cost of an iteration, however small the network is.
    layer
        Fixed cost of each layer.
    product
        A weight times a sample.
    unit
        A unit's output for a sample: activation, loss.
    synapse
        An action: lookup, exploration, move.
    """

    iteration: float
    layer: float
    product: float
    unit: float
    synapse: float


#: By network and by how it learns. Measured by `python -m benchmarks.costs`: off by a factor of 1.1 in the median, of
#: 2.3 at worst.
PRICES: dict[str, Prices] = {
    "static": Prices(iteration=2.72e-05, layer=1.38e-06, product=2.11e-11, unit=3.22e-10, synapse=4.07e-09),
    "adaptive": Prices(iteration=8.57e-05, layer=0.0, product=2.05e-11, unit=5.16e-10, synapse=6.56e-09),
    "sequential": Prices(iteration=9.09e-05, layer=0.0, product=2.45e-11, unit=1.95e-10, synapse=4.69e-08),
    "gradient": Prices(iteration=3.22e-05, layer=1.1e-05, product=4.26e-11, unit=1.02e-09, synapse=2.75e-09),
    "recurrent static": Prices(iteration=0.0, layer=3.86e-06, product=1.61e-11, unit=3.78e-10, synapse=0.0),
    "recurrent adaptive": Prices(iteration=2.28e-06, layer=4.03e-06, product=1.53e-11, unit=5.46e-10, synapse=0.0),
    "recurrent sequential": Prices(iteration=0.0, layer=5.61e-06, product=1.68e-11, unit=4.56e-10, synapse=5.48e-08),
    "recurrent gradient": Prices(iteration=0.0, layer=1.1e-05, product=4.64e-11, unit=1.51e-09, synapse=0.0),
    "spiking static": Prices(iteration=0.0, layer=5.27e-06, product=2.35e-11, unit=2.36e-10, synapse=0.0),
    "spiking adaptive": Prices(iteration=0.0, layer=5.22e-06, product=2.08e-11, unit=4.41e-10, synapse=0.0),
    "spiking sequential": Prices(iteration=2.04e-05, layer=4.47e-06, product=1.71e-11, unit=5.27e-10, synapse=0.0),
    "spiking gradient": Prices(iteration=0.0, layer=7.64e-06, product=5.37e-11, unit=1.88e-09, synapse=3.33e-09),
}


@dataclass(frozen=True)
class Work:
    """Amounts of work in an iteration, each with a price in `Prices`."""

    layers: int
    products: int
    units: int
    synapses: int


def kind(config: TrainingConfig) -> str:
    """Name the prices that hold for a configuration: of its network, and of how it learns."""
    return _of_network(config, "gradient" if config.method == "gradient" else _table(config))


def _table(config: TrainingConfig) -> str:
    return "static" if not config.adaptive else "sequential" if config.q_update == "sequential" else "adaptive"


def _of_network(config: TrainingConfig, way: str) -> str:
    return way if config.architecture == "feedforward" else f"{config.architecture} {way}"


def sizes(config: TrainingConfig, data: DataShape) -> tuple[int, ...]:
    """Units of each layer, inputs and outputs included."""
    return network_of(config, data).sizes


def synapses(config: TrainingConfig, data: DataShape) -> int:
    """Count the weights and biases of one replicate."""
    return network_of(config, data).synapses // config.replicates


def forward_passes(config: TrainingConfig, data: DataShape) -> int:
    """Count the batch losses that a run computes until its last iteration."""
    if config.method == "gradient":
        return config.iterations
    redraws = (
        (config.iterations - 1) // config.batch_interval if config.batch_size < training_samples(config, data) else 0
    )
    return config.iterations + 1 + (redraws if config.redraw_reward == "clean" else 0)


def training_samples(config: TrainingConfig, data: DataShape) -> int:
    """Count the samples that are not held back."""
    return data.samples - math.ceil(config.validation_fraction * data.samples)


def work(config: TrainingConfig, data: DataShape) -> Work:
    """Count the work of one iteration, all replicates together."""
    batch = min(config.batch_size, training_samples(config, data))
    return _work(config, data, batch)


def seconds(config: TrainingConfig, data: DataShape) -> float:
    """Estimate the seconds of a whole run, measurements included, at `PRICES`."""
    evaluations = 1 + -(-config.iterations // config.evaluate_every)
    whole = _work(config, data, data.samples)
    price = PRICES[_of_network(config, "static")]
    evaluation = (
        price.iteration + price.layer * whole.layers + price.product * whole.products + price.unit * whole.units
    )
    return config.iterations * seconds_of(work(config, data), PRICES[kind(config)]) + evaluations * evaluation


def seconds_of(done: Work, price: Prices) -> float:
    """Return the seconds of some work at given prices."""
    return (
        price.iteration
        + price.layer * done.layers
        + price.product * done.products
        + price.unit * done.units
        + price.synapse * done.synapses
    )


def _work(config: TrainingConfig, data: DataShape, samples: int) -> Work:
    network = network_of(config, data)
    passed = network.forward_work(samples)
    return Work(layers=passed.layers, products=passed.products, units=passed.units, synapses=network.synapses)
