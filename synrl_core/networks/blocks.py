"""State what every network offers the trainers, and describe its synapses as blocks.

All synapses that end at one group of units form a *layer*: a matrix (rows, units), one row for each source of
signals, one column for each unit. Blocks cut a layer by its rows: one row of biases, then the weights from the group
below, then, where units remember, the weights from the layer's own units one step earlier. Snapshots, bundles and
pictures store and show layers and read from the blocks which row means what, so that an architecture that adds a block
changes none of them.

The engine keeps all synapses of R replicates in one flat vector, layer after layer, each of shape (R, units, rows):
one operation on the vector acts on all synapses, and a layer with its bias is one matrix product. Outside the engine, a
layer has the shape (R, rows, units).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple, Protocol, TypeVar, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import Initialisation

Floats = NDArray[np.floating]
Health = Literal["fine", "silent", "overflow"]
"""Silent: the last hidden layer of a replicate gave no spike to any sample, so that its outputs are constants.
Overflow: states of hidden units are not finite, which the outputs of spiking networks would not show."""
BlockKind = Literal["bias", "forward", "recurrent"]
_Scalar = TypeVar("_Scalar", bound=np.generic)

#: Names of the groups of units that every network has; hidden groups are named `hidden_name`.
ONES, INPUTS, OUTPUT = "ones", "inputs", "output"


class Block(NamedTuple):
    """Synapses of one kind from one group of units to another.

    Attributes
    ----------
    name
        Unique in its network, such as ``hidden_1.forward``.
    source
        Group of units that they start at: ``ones`` (biases), ``inputs``, ``hidden_1`` and so on.
    target
        Group of units that they end at: ``hidden_1`` and so on, ``output``.
    shape
        (rows, units), the number of sources and of targets.
    kind
        ``bias``, ``forward`` (from the group below) or ``recurrent`` (from the target itself, one step earlier).
    """

    name: str
    source: str
    target: str
    shape: tuple[int, int]
    kind: BlockKind


class Layer(NamedTuple):
    """The blocks that end at one group of units, on top of each other as rows of one matrix."""

    target: str
    blocks: tuple[Block, ...]

    @property
    def rows(self) -> int:
        """Synapses that end at each unit, its bias included."""
        return sum(block.shape[0] for block in self.blocks)

    @property
    def units(self) -> int:
        """Units that the synapses end at."""
        return self.blocks[0].shape[1]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, units) of the matrix."""
        return self.rows, self.units

    def row_ranges(self) -> Iterator[tuple[Block, slice]]:
        """Yield each block with the rows that it has."""
        start = 0
        for block in self.blocks:
            yield block, slice(start, start + block.shape[0])
            start += block.shape[0]

    def block_at(self, row: int) -> Block:
        """Return the block that a row belongs to; IndexError when the layer has no such row."""
        for block, rows in self.row_ranges():
            if rows.start <= row < rows.stop:
                return block
        raise IndexError(f"layer {self.target} has rows 0 to {self.rows - 1}, not {row}")


class ForwardWork(NamedTuple):
    """Amount of work in one forward pass over some samples, all replicates together."""

    layers: int
    products: int
    """Multiplications of a weight by a signal."""
    units: int
    """Outputs of units, the network's own outputs included."""


class Network(Protocol):
    """Turns weights and samples into outputs. Trainers move the weights and know nothing else of a network.

    Signals are arrays whose last axis is the samples. Buffers are made once for a number of samples by `workspace` and
    used again, so that a training loop allocates nothing.
    """

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, units of each hidden layer, outputs."""

    @property
    def replicates(self) -> int:
        """R, how many networks of this shape are computed at once."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks of one replicate, layer after layer, in the order of their rows."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The same blocks, grouped by the units that they end at."""

    @property
    def synapses(self) -> int:
        """Weights and biases of all replicates together."""

    def layer_views(self, flat: NDArray[_Scalar]) -> tuple[NDArray[_Scalar], ...]:
        """Cut a flat vector over all synapses into views (R, units, rows), one for each layer."""

    def initialise(
        self, kind: Initialisation, scale: float, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Floats:
        """Draw first weights as a flat vector."""

    def arrange(self, features: NDArray[np.floating], dtype: DTypeLike = np.float32) -> Floats:
        """Copy features (samples, ..) into the layout that `forward` reads, the samples on the last axis."""

    def workspace(self, samples: int, dtype: DTypeLike = np.float32) -> Any:
        """Allocate the buffers of a forward pass over a number of samples."""

    def forward(self, layers: tuple[Floats, ...], inputs: Floats, work: Any) -> Floats:
        """Compute the outputs before softmax, (R, outputs, samples): an array of `work`, valid until its next use.

        Parameters
        ----------
        layers
            Views of the weights, as `layer_views` cuts them.
        inputs
            As `arrange` returns them.
        work
            As `workspace` returns it, for this number of samples; overwritten.
        """

    def check_differentiable(self) -> None:
        """Raise NoGradientError when the outputs have no useful gradient with respect to the weights."""

    def backward(
        self, layers: tuple[Floats, ...], inputs: Floats, slope: Floats, work: Any, gradient: tuple[Floats, ...]
    ) -> None:
        """Compute the gradient of a loss with respect to all weights, right after `forward` on the same `work`.

        Parameters
        ----------
        slope
            (R, outputs, samples) gradient of the loss with respect to the outputs.
        gradient
            Views (R, units, rows) that receive it, one for each layer.
        """

    def forward_work(self, samples: int) -> ForwardWork:
        """Count what a forward pass over a number of samples computes."""

    def health(self, work: Any) -> Health:
        """Judge the hidden units by their last forward pass on this `work`, all replicates together."""

    def signals(self, samples: int, *, gradient: bool = False) -> int:
        """Count the numbers that a workspace for so many samples holds, with those that `backward` keeps."""


def hidden_name(layer: int) -> str:
    """Name the group of units of a hidden layer, counted from 0: ``hidden_1`` and so on."""
    return f"hidden_{layer + 1}"


def layer_blocks(source: str, target: str, fan_in: int, units: int, *, recurrent: bool = False) -> tuple[Block, ...]:
    """Describe one layer: its biases, its weights from below and, if `recurrent`, those from its own units."""
    blocks = (
        Block(f"{target}.bias", ONES, target, (1, units), "bias"),
        Block(f"{target}.forward", source, target, (fan_in, units), "forward"),
    )
    return (*blocks, Block(f"{target}.recurrent", target, target, (units, units), "recurrent")) if recurrent else blocks


def feedforward_blocks(sizes: Sequence[int]) -> tuple[Block, ...]:
    """Describe a network in which each layer sees the one below and nothing else.

    Parameters
    ----------
    sizes
        Inputs, units of each hidden layer, outputs.
    """
    groups = [INPUTS, *map(hidden_name, range(len(sizes) - 2)), OUTPUT]
    pairs = zip(groups, groups[1:], sizes, sizes[1:], strict=False)
    return tuple(block for pair in pairs for block in layer_blocks(*pair))


def layers_of(blocks: Sequence[Block]) -> tuple[Layer, ...]:
    """Group blocks by the units that they end at."""
    return tuple(Layer(target, tuple(group)) for target, group in groupby(blocks, key=lambda block: block.target))


def to_json(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Describe blocks as JSON."""
    return [block._asdict() | {"shape": list(block.shape)} for block in blocks]


def from_json(described: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    """Read what `to_json` wrote, from an untrusted file.

    Raises
    ------
    ValueError
        When it describes no blocks, or blocks that can't be rows of layers.
    """
    try:
        blocks = tuple(_block(**one) for one in described)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{str(described)[:200]} describes no blocks of a network ({error})") from error
    for layer in layers_of(blocks):
        if len({block.shape[1] for block in layer.blocks}) > 1:
            raise ValueError(f"the blocks of layer '{layer.target[:64]}' end at different numbers of units")
    return blocks


def _block(name: Any, source: Any, target: Any, shape: Any, kind: Any) -> Block:
    rows, units = shape
    named = all(isinstance(text, str) for text in (name, source, target))
    sized = all(isinstance(size, int) and size > 0 for size in (rows, units))
    if not (named and sized and kind in get_args(BlockKind)):
        raise ValueError(f"no block: {(name, source, target, shape, kind)}")
    return Block(name, source, target, (rows, units), kind)


def plain_blocks(shapes: Sequence[tuple[int, int]]) -> tuple[Block, ...]:
    """Describe layers of shapes (rows, units) as those of a feedforward network: one row of biases, then weights."""
    return feedforward_blocks([shapes[0][0] - 1, *(units for _, units in shapes)]) if shapes else ()


def cut_layers(layers: Sequence[Layer], replicates: int, flat: NDArray[_Scalar]) -> tuple[NDArray[_Scalar], ...]:
    """Cut a flat vector over all synapses into views (R, units, rows), one for each layer."""
    shapes = [(replicates, layer.units, layer.rows) for layer in layers]
    ends = np.cumsum([r * units * rows for r, units, rows in shapes])
    return tuple(part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True))


def block_views(network: Network, flat: NDArray[_Scalar]) -> Iterator[tuple[int, Block, NDArray[_Scalar]]]:
    """Yield (layer, block, view (R, units, rows of the block)) for each block of a flat vector over all synapses."""
    for index, (layer, view) in enumerate(zip(network.layers, network.layer_views(flat), strict=True)):
        for block, rows in layer.row_ranges():
            yield index, block, view[:, :, rows]


def public_layout(
    layers: Sequence[NDArray[Any]],
    dtype: type[_Scalar] = np.float32,  # type: ignore[assignment]
) -> tuple[NDArray[_Scalar], ...]:
    """Copy layers (R, units, rows) of the engine into the public shape: (R, rows, units)."""
    return tuple(np.array(layer.transpose(0, 2, 1), dtype, order="C") for layer in layers)


def engine_layout(layers: Sequence[NDArray[Any]], dtype: DTypeLike = np.float32) -> tuple[Floats, ...]:
    """Copy layers (R, rows, units) into the shape of the engine, (R, units, rows): the inverse of `public_layout`."""
    return tuple(np.array(layer.transpose(0, 2, 1), dtype, order="C") for layer in layers)
