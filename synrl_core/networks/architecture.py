"""Make the network that a configuration asks for."""

from __future__ import annotations

from synrl_core.config import TrainingConfig
from synrl_core.networks.blocks import Network
from synrl_core.networks.feedforward import FeedforwardNetwork


def make_network(config: TrainingConfig, inputs: int, outputs: int, replicates: int | None = None) -> Network:
    """Describe a configuration's network; nothing is allocated.

    Parameters
    ----------
    inputs, outputs
        Numbers that a sample has, and outputs of the network: the data decide on both.
    replicates
        How many networks of this shape are computed at once; None: as the configuration says.
    """
    sizes = (inputs, *config.hidden_layers, outputs)
    return FeedforwardNetwork(sizes, config.activation, config.replicates if replicates is None else replicates)
