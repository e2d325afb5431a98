"""Fully connected networks of R replicates, computed class-major.

All weights and biases live in one flat vector, so that acting is one operation whatever the depth. Layer l
is a view of it of shape (R, fan_out, fan_in + 1): one row a neuron, its bias first. Samples are columns:
``inputs`` are (fan_in + 1, samples) with a row of ones on top, which makes the bias one more weight and a
layer one matrix product. The first layer of all replicates is a single product of R * fan_out rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import Activation, Initialisation

Floats = NDArray[np.floating]
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True)
class Network:
    """Shape of a multi-layer perceptron and of its R replicates; linear output.

    Attributes
    ----------
    sizes
        Inputs, units of each hidden layer, outputs.
    activation
        Of the hidden units.
    replicates
        R, how many networks of this shape are computed at once.
    """

    sizes: tuple[int, ...]
    activation: Activation = "relu"
    replicates: int = 1

    @property
    def layers(self) -> int:
        """Number of weight layers."""
        return len(self.sizes) - 1

    @property
    def shapes(self) -> tuple[tuple[int, int, int], ...]:
        """(R, fan_out, fan_in + 1) of each layer."""
        return tuple((self.replicates, fan_out, fan_in + 1) for fan_in, fan_out in pairwise(self.sizes))

    @property
    def synapses(self) -> int:
        """Weights and biases of all replicates together."""
        return sum(r * fan_out * rows for r, fan_out, rows in self.shapes)

    def layer_views(self, flat: NDArray[_Scalar]) -> tuple[NDArray[_Scalar], ...]:
        """Cut a flat vector over all synapses into views (R, fan_out, fan_in + 1), one a layer."""
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])
        return tuple(part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), self.shapes, strict=True))

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
            layer[:, :, 1:] = _draw_weights(kind, scale, rng, (replicates, fan_out, rows - 1))
        return flat

    def forward(self, layers: tuple[Floats, ...], inputs: Floats, work: Workspace) -> Floats:
        """Compute the outputs before softmax.

        Parameters
        ----------
        layers
            Views of the weights, as `layer_views` cuts them.
        inputs
            (fan_in + 1, samples), row 0 ones.
        work
            Buffers for this number of samples; overwritten.

        Returns
        -------
        (R, outputs, samples) array inside `work`, valid until its next use.
        """
        np.matmul(work.rows_of(layers[0]), inputs, out=work.first)
        for weights, sums, units, outputs in zip(layers[1:], work.sums, work.units, work.sums[1:], strict=False):
            activate(self.activation, sums, out=units[:, 1:])
            np.matmul(weights, units, out=outputs)
        return work.sums[-1]


#: Rows that a matrix product computes at once; what is left over takes as long as a whole group, or longer.
GROUP = 4
#: Rows beyond which a group that isn't full no longer matters.
MANY = 64


@dataclass(frozen=True)
class Workspace:
    """Buffers of one forward pass over a fixed number of samples: nothing is allocated while training.

    Few rows are filled up with rows of zeros to a multiple of `GROUP`: a product of 12 rows is quicker than one of 10.
    """

    network: Network
    samples: int
    dtype: DTypeLike = np.float32
    first: Floats = field(init=False, repr=False)
    """(rows, samples) of the first layer of all replicates, before activation, with the rows that fill it up."""
    sums: tuple[Floats, ...] = field(init=False, repr=False)
    """(R, units, samples) of each layer, before activation; the first one is a view of `first`."""
    units: tuple[Floats, ...] = field(init=False, repr=False)
    """(R, units + 1, samples) of each hidden layer, after activation, row 0 ones."""
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
        object.__setattr__(self, "_filled", np.zeros((padded, sizes[0] + 1), self.dtype) if fills else None)

    def rows_of(self, first_layer: Floats) -> Floats:
        """Return the first layer of all replicates as (rows, fan_in + 1), filled up where that is quicker."""
        rows = first_layer.reshape(-1, first_layer.shape[2])
        if self._filled is None:
            return rows
        self._filled[: len(rows)] = rows
        return self._filled


def activate(activation: Activation, sums: Floats, out: Floats) -> None:
    """Apply a hidden unit's activation, element by element, into `out`."""
    if activation == "relu":
        np.maximum(sums, 0, out=out)
    elif activation == "tanh":
        np.tanh(sums, out=out)
    elif activation == "sigmoid":  # by tanh, which can't overflow
        np.multiply(sums, 0.5, out=out)
        np.tanh(out, out=out)
        out += 1
        out *= 0.5
    elif activation == "identity":
        np.copyto(out, sums)
    elif activation == "step":
        np.greater(sums, 0, out=out)
    else:
        np.sign(sums, out=out)


def with_ones(features: NDArray[np.floating], dtype: DTypeLike = np.float32) -> Floats:
    """Turn (samples, inputs) into (inputs + 1, samples), C-contiguous, with a row of ones on top."""
    columns: Floats = np.empty((features.shape[1] + 1, features.shape[0]), dtype)
    columns[0] = 1
    columns[1:] = features.T
    return columns


def public_layout(
    layers: tuple[NDArray[Any], ...],
    dtype: type[_Scalar] = np.float32,  # type: ignore[assignment]
) -> tuple[NDArray[_Scalar], ...]:
    """Copy layers into the shape the world sees: (R, fan_in + 1, fan_out), row 0 the biases."""
    return tuple(np.array(layer.transpose(0, 2, 1), dtype, order="C") for layer in layers)


def _draw_weights(
    kind: Initialisation, scale: float, rng: np.random.Generator, shape: tuple[int, int, int]
) -> NDArray[np.float64]:
    """(R, fan_out, fan_in) weights; Glorot and Bengio 2010 and He et al. 2015 set their own scale."""
    _, fan_out, fan_in = shape
    if kind == "uniform":
        return rng.uniform(-scale, scale, shape)
    if kind == "normal":
        return rng.normal(0, scale, shape)
    if kind == "glorot_uniform":
        half = np.sqrt(6 / (fan_in + fan_out))
        return rng.uniform(-half, half, shape)
    return rng.normal(0, np.sqrt(2 / fan_in), shape)
