"""Make the network that a configuration asks for."""

from __future__ import annotations

from math import prod

from synrl_core.config import TrainingConfig
from synrl_core.networks.blocks import Network
from synrl_core.networks.encodings import encoding_of
from synrl_core.networks.feedforward import FeedforwardNetwork
from synrl_core.networks.recurrent import RecurrentNetwork
from synrl_core.networks.spiking import SpikingNetwork


def make_network(
    config: TrainingConfig, sample: tuple[int, ...] | int, outputs: int, replicates: int | None = None
) -> Network:
    """Describe a configuration's network; nothing is allocated.

    Parameters
    ----------
    sample
        Shape of a sample, which the data decide on: (inputs,) or a number for a vector, (height, width) for a picture,
        (steps, height, width) for a sequence.
    outputs
        Outputs of the network: the data decide on them too.
    replicates
        How many networks of this shape are computed at once; None: as the configuration says.
    """
    shape = (sample,) if isinstance(sample, int) else sample
    count = config.replicates if replicates is None else replicates
    surrogate = config.surrogate if config.method == "gradient" else "none"
    if config.architecture == "feedforward":
        sizes = (prod(shape), *config.hidden_layers, outputs)
        return FeedforwardNetwork(sizes, config.activation, count, surrogate)
    encoding = encoding_of(config, shape)
    sizes = (encoding.inputs, *config.hidden_layers, outputs)
    if config.architecture == "recurrent":
        return RecurrentNetwork(
            sizes,
            encoding,
            count,
            config.recurrent_scale,
            config.activation,
            surrogate,
            recurrent_initialisation=config.recurrent_initialisation,
        )
    return SpikingNetwork(
        sizes,
        encoding,
        count,
        config.recurrent_scale,
        config.membrane_decay,
        config.threshold,
        config.recurrent_weights,
        surrogate,
        recurrent_initialisation=config.recurrent_initialisation,
    )
