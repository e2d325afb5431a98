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
    read
        An input of a sample, fetched from memory: most of the time of a wide input with few units.
    """

    iteration: float
    layer: float
    product: float
    unit: float
    synapse: float
    read: float = 0.0


#: Measured by `python -m benchmarks.costs`: off by a factor of 1.1 in the median, of 2.5 at worst.
PRICES: dict[str, Prices] = {
    "static": Prices(
        iteration=2.45e-05, layer=6.94e-07, product=1.53e-11, unit=4.5e-10, synapse=4.77e-09, read=1.66e-10
    ),
    "adaptive": Prices(
        iteration=7.98e-05, layer=7.4e-09, product=1.49e-11, unit=7.97e-10, synapse=7.38e-09, read=2.45e-10
    ),
    "sequential": Prices(
        iteration=0.000121, layer=0.0, product=1.91e-11, unit=1.66e-09, synapse=5.62e-08, read=2.88e-10
    ),
    "gradient": Prices(
        iteration=2.12e-05, layer=2.01e-05, product=4.04e-11, unit=1.49e-09, synapse=2.57e-09, read=5.76e-10
    ),
    "recurrent static": Prices(
        iteration=0.0, layer=5.15e-06, product=1.74e-11, unit=4.2e-10, synapse=0.0, read=1.06e-10
    ),
    "recurrent adaptive": Prices(iteration=0.000156, layer=3.91e-06, product=1.75e-11, unit=6.88e-10, synapse=0.0),
    "recurrent sequential": Prices(
        iteration=5.88e-05, layer=5.39e-06, product=1.68e-11, unit=7.66e-10, synapse=6.22e-08
    ),
    "recurrent gradient": Prices(iteration=0.0, layer=1.85e-05, product=5.4e-11, unit=1.72e-09, synapse=0.0),
    "spiking static": Prices(iteration=0.0, layer=5.63e-06, product=2.57e-11, unit=2.8e-10, synapse=0.0),
    "spiking adaptive": Prices(
        iteration=0.0, layer=4.25e-06, product=2.07e-11, unit=4.45e-10, synapse=0.0, read=1.93e-10
    ),
    "spiking sequential": Prices(iteration=5.95e-06, layer=5.6e-06, product=1.89e-11, unit=4.94e-10, synapse=1.95e-08),
    "spiking gradient": Prices(iteration=0.0, layer=8.11e-06, product=4.98e-11, unit=1.98e-09, synapse=0.0),
}


@dataclass(frozen=True)
class Work:
    """Amounts of work in an iteration, each with a price in `Prices`."""

    layers: int
    products: int
    units: int
    synapses: int
    reads: int


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
    ) + price.read * whole.reads
    return config.iterations * seconds_of(work(config, data), PRICES[kind(config)]) + evaluations * evaluation


def seconds_of(done: Work, price: Prices) -> float:
    """Return the seconds of some work at given prices."""
    return (
        price.iteration
        + price.layer * done.layers
        + price.product * done.products
        + price.unit * done.units
        + price.synapse * done.synapses
        + price.read * done.reads
    )


def _work(config: TrainingConfig, data: DataShape, samples: int) -> Work:
    network = network_of(config, data)
    passed = network.forward_work(samples)
    return Work(
        layers=passed.layers,
        products=passed.products,
        units=passed.units,
        synapses=network.synapses,
        reads=samples * data.inputs,
    )
