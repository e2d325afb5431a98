"""Compute fully connected networks of R replicates, class-major.

A layer is a view of the flat vector of synapses of shape (R, fan_out, fan_in + 1): one row for each neuron, its bias
first. Samples are columns: ``inputs`` are (fan_in + 1, samples) with a row of ones on top, which makes the bias one
more weight and a layer one matrix product. The first layer of all replicates is a single product of R * fan_out rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import Activation, Initialisation, Surrogate
from synrl_core.networks.activations import activate, check_differentiable, times_derivative
from synrl_core.networks.blocks import (
    Block,
    Floats,
    ForwardWork,
    Health,
    Layer,
    cut_layers,
    feedforward_blocks,
    layers_of,
)

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True)
class FeedforwardNetwork:
    """Shape of a multi-layer perceptron and of its R replicates, with a linear output: a `Network`.

    Attributes
    ----------
    sizes
        Inputs, units of each hidden layer, outputs.
    activation
        Of the hidden units.
    replicates
        R, how many networks of this shape are computed at once.
    surrogate
        Stands for the derivative of step and sign in backpropagation.
    """

    sizes: tuple[int, ...]
    activation: Activation = "relu"
    replicates: int = 1
    surrogate: Surrogate = "none"

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks of one replicate: the biases and the weights of each layer."""
        return feedforward_blocks(self.sizes)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The blocks, layer by layer."""
        return layers_of(self.blocks)

    @property
    def synapses(self) -> int:
        """Weights and biases of all replicates together."""
        return self.replicates * sum(layer.rows * layer.units for layer in self.layers)

    def layer_views(self, flat: NDArray[_Scalar]) -> tuple[NDArray[_Scalar], ...]:
        """Cut a flat vector over all synapses into views (R, fan_out, fan_in + 1), one for each layer."""
        return cut_layers(self.layers, self.replicates, flat)

    def initialise(
        self,
        kind: Initialisation,
        scale: float,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> Floats:
        """Draw first weights as a flat vector; biases are 0 (the reference: uniform in [-0.1, 0.1])."""
        flat: Floats = np.zeros(self.synapses, dtype)
        for layer in self.layer_views(flat):
            replicates, fan_out, rows = layer.shape
            layer[:, :, 1:] = draw_weights(kind, scale, rng, (replicates, fan_out, rows - 1))
        return flat

    def arrange(self, features: NDArray[np.floating], dtype: DTypeLike = np.float32) -> Floats:
        """Turn (samples, inputs) into (inputs + 1, samples) with a row of ones on top."""
        return with_ones(features, dtype)

    def workspace(self, samples: int, dtype: DTypeLike = np.float32) -> Workspace:
        """Allocate the buffers of a forward pass over a number of samples."""
        return Workspace(self, samples, dtype)

    def forward(self, layers: tuple[Floats, ...], inputs: Floats, work: Workspace) -> Floats:
        """Compute the outputs before softmax, (R, outputs, samples); see `Network.forward`."""
        np.matmul(work.rows_of(layers[0]), inputs, out=work.first)
        for weights, (sums, active, units, outputs) in zip(layers[1:], work.passes, strict=True):
            activate(self.activation, sums, out=active)
            np.matmul(weights, units, out=outputs)
        return work.sums[-1]

    def check_differentiable(self) -> None:
        """Raise NoGradientError when hidden units have an activation without a gradient."""
        if len(self.sizes) > 2:
            check_differentiable(self.activation, self.surrogate)

    def backward(
        self, layers: tuple[Floats, ...], inputs: Floats, slope: Floats, work: Workspace, gradient: tuple[Floats, ...]
    ) -> None:
        """Backpropagate a slope through all layers into `gradient`; see `Network.backward`."""
        for layer in range(len(layers) - 1, 0, -1):
            units, sums = work.units[layer - 1], work.sums[layer - 1]
            np.matmul(slope, units.transpose(0, 2, 1), out=gradient[layer])
            weights = layers[layer][:, :, 1:].transpose(0, 2, 1)
            if self.surrogate == "none":
                slope = np.matmul(weights, slope, out=sums)
                times_derivative(self.activation, slope, units[:, 1:], sums)
            else:  # a surrogate reads the sums
                slope = np.matmul(weights, slope)
                times_derivative(self.activation, slope, units[:, 1:], sums, self.surrogate)
        np.matmul(slope, inputs.T, out=gradient[0])

    def forward_work(self, samples: int) -> ForwardWork:
        """Count what a forward pass over a number of samples computes."""
        return ForwardWork(len(self.layers), self.synapses * samples, self.replicates * sum(self.sizes[1:]) * samples)

    def health(self, work: Workspace) -> Health:  # noqa: ARG002 (what overflows shows in the outputs)
        """Fine: only spiking networks can be silent."""
        return "fine"

    def signals(self, samples: int, *, gradient: bool = False) -> int:  # noqa: ARG002 (nothing more is kept)
        """Count the numbers that a workspace for so many samples holds."""
        return self.replicates * sum(2 * size + 1 for size in self.sizes[1:]) * samples


#: Rows that a matrix product computes at once; the rest takes as long as a whole group, or longer.
GROUP = 4
#: Rows beyond which a group that isn't full no longer matters.
MANY = 64


@dataclass(frozen=True)
class Workspace:
    """Buffers of one forward pass over a fixed number of samples: nothing is allocated while training.

    Few rows are filled up with rows of zeros to a multiple of `GROUP`: a product of 12 rows is quicker than one of 10.
    """

    network: FeedforwardNetwork
    samples: int
    dtype: DTypeLike = np.float32
    first: Floats = field(init=False, repr=False)
    """(rows, samples) of the first layer of all replicates, before activation, with the rows that fill it up."""
    sums: tuple[Floats, ...] = field(init=False, repr=False)
    """(R, units, samples) of each layer, before activation; the first one is a view of `first`."""
    units: tuple[Floats, ...] = field(init=False, repr=False)
    """(R, units + 1, samples) of each hidden layer, after activation, row 0 ones."""
    passes: tuple[tuple[Floats, Floats, Floats, Floats], ...] = field(init=False, repr=False)
    """Of each layer after the first: sums before it, the same after activation (a view), with ones, its own sums."""
    _filled: Floats | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        r, n, sizes = self.network.replicates, self.samples, self.network.sizes
        rows = r * sizes[1]
        fills = rows % GROUP != 0 and 1 < rows < MANY  # a single row is a product with a vector
        padded = -rows % GROUP + rows if fills else rows
        first = np.empty((padded, n), self.dtype)
        later = (np.empty((r, size, n), self.dtype) for size in sizes[2:])
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "sums", (first[:rows].reshape(r, sizes[1], n), *later))
        object.__setattr__(self, "units", tuple(np.ones((r, size + 1, n), self.dtype) for size in sizes[1:-1]))
        active = (units[:, 1:] for units in self.units)
        object.__setattr__(self, "passes", tuple(zip(self.sums, active, self.units, self.sums[1:], strict=False)))
        object.__setattr__(self, "_filled", np.zeros((padded, sizes[0] + 1), self.dtype) if fills else None)

    def rows_of(self, first_layer: Floats) -> Floats:
        """Return the first layer of all replicates as (rows, fan_in + 1), filled up where that is quicker."""
        rows = first_layer.reshape(-1, first_layer.shape[2])
        if self._filled is None:
            return rows
        self._filled[: len(rows)] = rows
        return self._filled


def with_ones(features: NDArray[np.floating], dtype: DTypeLike = np.float32) -> Floats:
    """Turn (samples, inputs) into (inputs + 1, samples), C-contiguous, with a row of ones on top."""
    columns: Floats = np.empty((features.shape[1] + 1, features.shape[0]), dtype)
    columns[0] = 1
    columns[1:] = features.T
    return columns


def draw_weights(
    kind: Initialisation, scale: float, rng: np.random.Generator, shape: tuple[int, int, int]
) -> NDArray[np.float64]:
    """Draw weights of a shape (R, fan_out, fan_in); Glorot and Bengio 2010 and He et al. 2015 set their own scale."""
    _, fan_out, fan_in = shape
    if kind == "uniform":
        return rng.uniform(-scale, scale, shape)
    if kind == "normal":
        return rng.normal(0, scale, shape)
    if kind == "glorot_uniform":
        half = np.sqrt(6 / (fan_in + fan_out))
        return rng.uniform(-half, half, shape)
    return rng.normal(0, np.sqrt(2 / fan_in), shape)
