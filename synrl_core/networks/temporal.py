"""Base of networks that read sequences: their blocks, first weights, buffers, and the loop over steps.

Each hidden layer has the biases, the weights from below and, where it is recurrent, the weights from its own units one
step earlier as rows of one matrix (`synrl_core.networks.blocks`). A step passes through all layers before the next
begins, so that only the states of one step are kept, except where a gradient or a picture needs them all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import Initialisation, RecurrentInitialisation
from synrl_core.networks.blocks import (
    INPUTS,
    OUTPUT,
    Block,
    Floats,
    ForwardWork,
    Health,
    Layer,
    block_views,
    cut_layers,
    hidden_name,
    layer_blocks,
    layers_of,
)
from synrl_core.networks.encodings import SequenceEncoding
from synrl_core.networks.feedforward import draw_weights

_Scalar = TypeVar("_Scalar", bound=np.generic)
#: Bytes of a cache line, and of the widest vector.
_LINE = 64


@dataclass(frozen=True)
class TemporalNetwork(ABC):
    """A network whose hidden units have a state that one step of a sequence passes to the next: a `Network`.

    Attributes
    ----------
    sizes
        Inputs of one step, units of each hidden layer (at least one), outputs.
    encoding
        How samples become sequences.
    replicates
        R, how many networks of this shape are computed at once.
    recurrent_scale
        How much larger first recurrent weights are drawn than the others, or how many times the identity they are.
    recurrent_initialisation
        Whether first recurrent weights are drawn as the others are, or the identity.
    """

    sizes: tuple[int, ...]
    encoding: SequenceEncoding
    replicates: int = 1
    recurrent_scale: float = 1.0
    recurrent_initialisation: RecurrentInitialisation = field(default="drawn", kw_only=True)

    @property
    @abstractmethod
    def is_recurrent(self) -> bool:
        """Whether hidden units have weights from the units of their own layer."""

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks of one replicate: the biases, the weights from below and the recurrent weights of each layer."""
        hidden = len(self.sizes) - 2
        groups = [INPUTS, *map(hidden_name, range(hidden)), OUTPUT]
        return tuple(
            block
            for place, (source, target) in enumerate(pairwise(groups))
            for block in layer_blocks(
                source, target, *self.sizes[place : place + 2], recurrent=self.is_recurrent and place < hidden
            )
        )

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The blocks, layer by layer."""
        return layers_of(self.blocks)

    @cached_property
    def synapses(self) -> int:
        """Weights and biases of all replicates together."""
        return self.replicates * sum(layer.rows * layer.units for layer in self.layers)

    def layer_views(self, flat: NDArray[_Scalar]) -> tuple[NDArray[_Scalar], ...]:
        """Cut a flat vector over all synapses into views (R, units, rows), one for each layer."""
        return cut_layers(self.layers, self.replicates, flat)

    def initialise(
        self, kind: Initialisation, scale: float, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Floats:
        """Draw first weights as a flat vector, each block for its own number of sources; biases are 0."""
        flat: Floats = np.zeros(self.synapses, dtype)
        for _, block, view in block_views(self, flat):
            if block.kind == "recurrent" and self.recurrent_initialisation == "identity":
                view[...] = np.eye(view.shape[-1])
            elif block.kind != "bias":
                view[...] = draw_weights(kind, scale, rng, view.shape)
            if block.kind == "recurrent":
                view *= self.recurrent_scale
        return flat

    def arrange(self, features: NDArray[np.floating], dtype: DTypeLike = np.float32) -> Floats:
        """Turn (samples, ..) into (stored steps, inputs + 1, samples), row 0 of each step ones."""
        return self.encoding.arrange(features, dtype)

    @abstractmethod
    def workspace(self, samples: int, dtype: DTypeLike = np.float32) -> Any:
        """Allocate the buffers of a forward pass over a number of samples."""

    @abstractmethod
    def forward(self, layers: tuple[Floats, ...], inputs: Floats, work: Any) -> Floats:
        """Compute the outputs before softmax, (R, outputs, samples); see `Network.forward`."""

    @abstractmethod
    def health(self, work: Any) -> Health:
        """Judge the hidden units by their last forward pass; see `Network.health`."""

    @abstractmethod
    def check_differentiable(self) -> None:
        """Raise NoGradientError when the outputs have no useful gradient with respect to the weights."""

    def forward_work(self, samples: int) -> ForwardWork:
        """Count what a forward pass over a number of samples computes, all steps together."""
        steps, hidden = self.encoding.steps, self.layers[:-1]
        first = self.layers[0].units * (self.sizes[0] + 1)
        repeated = sum(layer.rows * layer.units for layer in hidden)
        products = steps * repeated - ((steps - 1) * first if self.encoding.is_constant else 0)
        readout = self.layers[-1].rows * self.layers[-1].units
        units = steps * sum(layer.units for layer in hidden) + self.sizes[-1]
        each = self.replicates * samples
        return ForwardWork(steps * len(hidden) + 1, each * (products + readout), each * units)

    def signals(self, samples: int, *, gradient: bool = False) -> int:
        """Count the numbers that a workspace for so many samples holds; a gradient keeps the states of all steps."""
        kept = self.encoding.steps if gradient else 1
        hidden = sum((4 + 2 * kept) * size + kept + 1 for size in self.sizes[1:-1])
        return self.replicates * (hidden + self.sizes[-1]) * samples

    def cut(self, layers: tuple[Floats, ...]) -> list[tuple[Floats, Floats]]:
        """Cut hidden layers (R, units, rows) into what comes from below, biases included, and what is recurrent."""
        below = [fan_in + 1 for fan_in in self.sizes[:-2]]
        return [(layer[:, :, :rows], layer[:, :, rows:]) for layer, rows in zip(layers, below, strict=False)]

    def backward(
        self, layers: tuple[Floats, ...], inputs: Floats, slope: Floats, work: Any, gradient: tuple[Floats, ...]
    ) -> None:
        """Backpropagate a slope through all layers and steps into `gradient`; see `Network.backward`.

        Backpropagation through time (Werbos 1990). The states of all steps are kept from the first call on.
        """
        if not work.keeps_all:
            slope = slope.copy()  # it may be the buffer of the outputs, which are computed anew
            work.keep_all_steps()
            self.forward(layers, inputs, work)
        np.matmul(slope, work.read_out.transpose(0, 2, 1), out=gradient[-1])
        top = np.matmul(layers[-1][:, :, 1:].transpose(0, 2, 1), slope)
        weights = self.cut(layers)
        from_below, from_own = zip(*self.cut(gradient), strict=True)
        for part in gradient[:-1]:
            part[...] = 0
        later: list[Floats | None] = [None] * len(weights)
        above: Floats | None
        total = np.zeros_like(work.units[0][0][:, 1:])
        for step in reversed(range(self.encoding.steps)):
            above = self._slope_of_read_out(top, step)
            for place in reversed(range(len(weights))):
                following = later[place]
                if self.is_recurrent and following is not None:
                    back = np.matmul(weights[place][1].transpose(0, 2, 1), following)
                    above = back if above is None else above + back
                local = self._slope_of_sums(above, following, work, place, step)
                later[place] = local
                if place:
                    _add(from_below[place], np.matmul(local, work.units[place - 1][step].transpose(0, 2, 1)))
                elif self.encoding.is_constant:
                    total += local
                else:
                    _add(from_below[0], np.matmul(local, inputs[step].T))
                if self.is_recurrent and step:
                    own = work.units[place][step - 1][:, 1:]
                    _add(from_own[place], np.matmul(local, own.transpose(0, 2, 1)))
                above = np.matmul(weights[place][0][:, :, 1:].transpose(0, 2, 1), local) if place else None
        if self.encoding.is_constant:
            np.matmul(total, inputs[0].T, out=from_below[0])

    @abstractmethod
    def _slope_of_read_out(self, top: Floats, step: int) -> Floats | None:
        """Return the share of a step in the slope of what the outputs read, None where they don't read it."""

    @abstractmethod
    def _slope_of_sums(self, above: Floats | None, later: Floats | None, work: Any, place: int, step: int) -> Floats:
        """Return the slope of what a layer's units add up at a step, (R, units, samples).

        Parameters
        ----------
        above
            Slope of the units' signals at this step; None: none reaches them.
        later
            Slope of what they add up one step later; None at the last step.
        """


def multiply(weights: Floats, signals: Floats, out: Floats) -> None:
    """Multiply weights (R, units, rows) by signals into (R, units, samples).

    Parameters
    ----------
    signals
        (rows, samples), the same for all replicates, or (R, rows, samples).
    """
    if signals.ndim == 2:  # one product of all replicates
        replicates, units, rows = weights.shape
        whole = weights.reshape(replicates * units, rows) if replicates > 1 else weights[0]
        np.matmul(whole, signals, out=out.reshape(replicates * units, -1))
    else:
        np.matmul(weights, signals, out=out)


def aligned(shape: tuple[int, ...], dtype: DTypeLike) -> Floats:
    """Allocate floats that begin where a cache line does, of undefined value.

    NumPy's own memory begins at any multiple of 16 bytes, so that half of all vectors lie across two lines, and adding
    in place takes a quarter longer.
    """
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    memory = np.empty(size + _LINE, np.uint8)
    start = -memory.ctypes.data % _LINE
    floats: Floats = memory[start : start + size].view(kind).reshape(shape)
    return floats


def _add(total: Floats, part: Floats) -> None:
    np.add(total, part, out=total)
