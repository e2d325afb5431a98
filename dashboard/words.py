"""Format numbers, networks and settings for people, as web/core/format.js does in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from synrl_core.config import TrainingConfig
from synrl_core.networks.architecture import make_network
from synrl_core.networks.blocks import hidden_name

STATUS_WORDS = {
    "queued": "queued",
    "running": "running",
    "paused": "paused",
    "succeeded": "finished",
    "stopped": "stopped",
    "failed": "failed",
}


def percent(share: float | None) -> str:
    """Return 0.8834 as '88.3 %'; a dash where nothing is known."""
    return "–" if share is None else f"{100 * share:.1f} %"


def number(value: float | None) -> str:
    """Return a loss in few characters: 2.303, 123.5, 12345, 9.6e33; a dash where nothing is known."""
    if value is None:
        return "–"
    size = abs(value)
    if size >= 99_999.5:
        return f"{value:.1e}".replace("e+0", "e").replace("e+", "e")
    return f"{value:.3f}" if size < 99.9995 else f"{value:.1f}" if size < 9_999.95 else f"{value:.0f}"


def count(number: float) -> str:
    """Return 20000 as '20,000'."""
    return f"{number:,.0f}"


def about(seconds: float) -> str:
    """Write a rough duration: 'about 20 s', 'about 3 min'."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} min"
    return f"about {round(seconds / 3600)} h"


def layer_names(config: TrainingConfig) -> list[str]:
    """Name each layer of synapses by the groups of units that it joins: 'input → 32', '32 → output'."""
    forward = [block for block in make_network(config, 1, 1).blocks if block.kind == "forward"]
    units = ["input", *(str(block.shape[1]) for block in forward[:-1]), "output"]
    return [f"{before} → {after}" for before, after in pairwise(units)]


def shape_words(sample_shape: Sequence[int]) -> str:
    """Describe a sample: '8 × 8 pixels', '10 steps of 5 inputs', '13 inputs'."""
    if len(sample_shape) == 3:
        steps, height, width = sample_shape
        inputs = f"{width} input{'' if width == 1 else 's'}"
        return f"{steps} steps of " + (f"{height} × {width} pixels" if height > 1 else inputs)
    return f"{' × '.join(map(str, sample_shape))} {'pixels' if len(sample_shape) == 2 else 'inputs'}"


def reads_pictures(config: TrainingConfig, sample_shape: Sequence[int]) -> bool:
    """Whether the inputs of a network are the pixels of a picture, all of them at once, and not row by row."""
    return len(sample_shape) == 2 and (config.architecture == "feedforward" or config.encoding != "rows")


def matrix_names(config: TrainingConfig) -> list[str]:
    """Name the matrices of weights that the page shows: of each layer those from below, then the recurrent ones."""
    recurrent = {block.target for block in make_network(config, 1, 1).blocks if block.kind == "recurrent"}
    names = []
    for index, name in enumerate(layer_names(config)):
        names.append(name)
        if hidden_name(index) in recurrent:
            units = config.hidden_layers[index]
            names.append(f"{units} → {units}")
    return names


def network(config: TrainingConfig) -> str:
    """Name a network by its hidden layers."""
    if not config.hidden_layers:
        return "no hidden layer"
    units = "–".join(map(str, config.hidden_layers))
    if config.architecture == "spiking":
        return f"{units} spiking"
    activation = {"relu": "ReLU"}.get(config.activation, config.activation)
    return f"{units} {activation}, recurrent" if config.architecture == "recurrent" else f"{units} {activation}"


def method(config: TrainingConfig) -> str:
    """Name the training method: a policy, or gradient descent."""
    if config.method == "gradient":
        return f"gradient descent, {config.optimizer}"
    policy = config.policy.replace("_", " ")
    return f"{policy}, adaptive" if config.adaptive else policy


#: Values that people write otherwise than programs do.
_NAMES = {"relu": "ReLU", "sgd": "SGD", "adam": "Adam", "l_p": "l_p"}


def setting(value: object) -> str:
    """Write the value of a setting as people do."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple | list):
        return ", ".join(map(setting, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {setting(inner)}" for key, inner in value.items()) or "defaults"
    return _NAMES.get(str(value), str(value).replace("_", " "))


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return '1 run', '2 runs'."""
    return f"{count(number)} {one if number == 1 else many or f'{one}s'}"
