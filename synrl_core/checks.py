"""Check a configuration against its data, the machine and its policies: the rules beyond pydantic's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synrl_core import policies
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset
from synrl_core.errors import ConfigError
from synrl_core.networks.architecture import make_network
from synrl_core.networks.blocks import Network
from synrl_core.networks.encodings import encoding_of
from synrl_core.policies.policy import DOWN, STAY, Policy, first_exploration

#: Where Linux says how much memory a container may use: control groups, version 2 and 1.
CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")

PolicyLookup = Callable[[str, int | None], Policy]
"""(name, wanted history or None) -> Policy; raises LookupError."""


class DataShape(NamedTuple):
    """Sizes of a data set that a configuration is checked against."""

    samples: int
    inputs: int
    classes: int
    targets: int | None = None
    """Outputs of a regression, None for classes."""
    sample_shape: tuple[int, ...] = ()
    """(height, width) of pictures, (steps, height, width) of sequences; empty: (inputs,)."""

    @property
    def sample(self) -> tuple[int, ...]:
        """Shape of a sample, as networks read it."""
        return self.sample_shape or (self.inputs,)


def data_shape(dataset: Dataset) -> DataShape:
    """Return the shape of a data set."""
    targets = None if dataset.targets is None else dataset.targets.shape[1]
    return DataShape(len(dataset.labels), dataset.features.shape[1], dataset.classes, targets, dataset.sample_shape)


def outputs(config: TrainingConfig, data: DataShape) -> int:
    """Number of outputs that a network has under this configuration: one a class, or one a target."""
    if config.loss == "logistic":
        return 1
    return data.targets if config.loss == "squared_error" and data.targets is not None else data.classes


def network_of(config: TrainingConfig, data: DataShape) -> Network:
    """Describe the network that a configuration trains on data of a shape; nothing is allocated."""
    return make_network(config, data.sample, outputs(config, data))


def check_config(
    config: TrainingConfig,
    data: DataShape | None = None,
    *,
    find_policy: PolicyLookup = policies.get,
    memory_limit: int | None = None,
) -> None:
    """Refuse a configuration that can't work, before anything is allocated. Cheap: call it when a run is submitted.

    Parameters
    ----------
    data
        Shape of the data set, if known; without it only the policies are checked.
    find_policy
        Looks policies up; by default among those that ship.
    memory_limit
        Bytes a run may use; None: the machine's memory.

    Raises
    ------
    ConfigError
        Naming field, value, limit and remedy.
    """
    if config.method == "synaptic":
        find_policies(config, find_policy)
    if data is not None:
        _check_classes(config, data)
        _check_encoding(config, data)
        _check_memory(config, data, physical_memory() if memory_limit is None else memory_limit)


def find_policies(config: TrainingConfig, find_policy: PolicyLookup = policies.get) -> tuple[Policy, Policy | None]:
    """Look up the policies of the weights and of the biases (None: shared).

    Raises
    ------
    ConfigError
        When there is none of a name, or they don't remember alike.
    """
    policy = _find("policy", config.policy, config.history, find_policy)
    _check_is_not_constant("policy", policy, config)
    bias_policy = None
    if config.bias_policy is not None:
        bias_policy = _find("bias_policy", config.bias_policy, policy.history, find_policy)
        _check_is_not_constant("bias_policy", bias_policy, config)
    _check_moves(config, policy, bias_policy)
    return policy, bias_policy


def _check_is_not_constant(field: str, policy: Policy, config: TrainingConfig) -> None:
    greedy = policy.exploration == 0 and policy.temperature == 0
    if not config.adaptive and greedy and np.ptp(policy.q) == 0:
        name = getattr(config, field)
        raise ConfigError(
            field, name, "adaptive",
            f"{field} '{name}' has one value in all its cells, so that synapses which don't explore always go down. "
            "Set adaptive, so that it can learn, or choose another policy.",
        )  # fmt: skip


def _check_moves(config: TrainingConfig, policy: Policy, bias_policy: Policy | None) -> None:
    """Refuse a run in which no synapse would ever move."""
    kinds = {policy, bias_policy or policy}
    if config.adaptive or first_exploration(config.exploration, kinds) > 0 or not all(map(never_moves, kinds)):
        return
    raise ConfigError(
        "exploration", config.exploration, 0,
        f"exploration is 0, and policy '{config.policy}' lets synapses that have not moved yet stay where they are: "
        "nothing would ever change. Take an exploration above 0, such as 0.2, or a policy that draws its actions, such "
        "as 'bred_stochastic'.",
    )  # fmt: skip


def never_moves(policy: Policy) -> bool:
    """Return whether synapses that have never moved never will: the loss is unchanged, so the reward is -1."""
    if policy.exploration > 0 or policy.temperature > 0:
        return False
    h, greedy = policy.history, policy.greedy()
    rewards = [(STAY,) * (h - lost) + (DOWN,) * lost for lost in range(h + 1)]
    return all(greedy[(STAY,) * h + seen] == STAY for seen in rewards)


def check_dataset(dataset: Dataset) -> None:
    """Refuse data that can't be learned from.

    Raises
    ------
    ConfigError
        For features or targets that aren't finite, fewer than two classes, labels out of range.
    """
    for name in ("features", "targets"):
        array = getattr(dataset, name)
        if array is not None and not np.isfinite(array).all():
            row = int(np.argwhere(~np.isfinite(array))[0, 0])
            bad = int(np.sum(~np.isfinite(array)))
            raise ConfigError(
                f"dataset.{name}", bad, 0,
                f"data set '{dataset.name}' has {bad} {name} that are NaN or infinite, the first in sample {row}; "
                "allowed are none. Drop these samples or fill the values in.",
            )  # fmt: skip
    if dataset.targets is not None:
        return
    if dataset.classes < 2 or len(np.unique(dataset.labels)) < 2:
        raise ConfigError(
            "dataset.labels", dataset.classes, 2,
            f"data set '{dataset.name}' has 1 class; at least 2 are needed, else there is nothing to tell apart. "
            "Add samples of another class.",
        )  # fmt: skip
    low, high = int(dataset.labels.min()), int(dataset.labels.max())
    if low < 0 or high >= dataset.classes:
        raise ConfigError(
            "dataset.labels", low if low < 0 else high, dataset.classes - 1,
            f"data set '{dataset.name}' has labels from {low} to {high}; {dataset.classes} classes have labels 0 to "
            f"{dataset.classes - 1}. Number the classes from 0 on.",
        )  # fmt: skip


def check_outputs(config: TrainingConfig, outputs: int, highest_label: int) -> None:
    """Refuse labels without an output of the network.

    Raises
    ------
    ConfigError
        When the highest label has no output.
    """
    classes = 2 if config.loss == "logistic" else outputs
    if highest_label >= classes:
        raise ConfigError(
            "dataset.labels", highest_label, classes - 1,
            f"the samples have classes 0 to {highest_label}, and a network of {outputs} outputs under loss "
            f"'{config.loss}' tells {classes} apart. Give it {highest_label + 1} outputs, or leave out classes from "
            f"{classes} on.",
        )  # fmt: skip


def memory_needed(config: TrainingConfig, data: DataShape) -> int:
    """Estimate the peak memory of a run in bytes: weights with their state, mini-batch, units, data."""
    network = network_of(config, data)
    batch = min(config.batch_size, data.samples)
    chunk = max(batch, min(4096, data.samples))
    signals = 2 * network.signals(chunk)
    if config.method == "gradient":
        signals += network.signals(batch, gradient=True) - network.signals(batch)
    column = data.inputs + 1
    if config.architecture != "feedforward":
        encoding = encoding_of(config, data.sample)
        column = encoding.stored_steps * (encoding.inputs + 1)
    return 40 * network.synapses + 4 * (signals + column * (2 * data.samples + batch))


def physical_memory() -> int:
    """Memory of this machine or container in bytes; 8 GiB where it is unknown."""
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        installed = 8 * 2**30
    return min([installed, *filter(None, map(_limit_in, CONTAINER_LIMITS))])


def _limit_in(file: str) -> int | None:
    """Read a limit that Linux sets on a container; None where there is none."""
    try:
        return int(Path(file).read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such file, or "max"
        return None


def _find(field: str, name: str, history: int | None, find_policy: PolicyLookup) -> Policy:
    try:
        policy = find_policy(name, history)
    except LookupError as error:
        raise ConfigError(field, name, policies.names(), f"{field}: {error.args[0]}") from error
    if history is not None and policy.history != history:
        raise ConfigError(
            field, name, policy.history,
            f"{field} '{name}' was made for a history of {policy.history}, {history} is asked for. Leave history "
            f"empty or set it to {policy.history}, or choose a policy made for {history}.",
        )  # fmt: skip
    return policy


def _check_classes(config: TrainingConfig, data: DataShape) -> None:
    if data.targets is not None and config.loss != "squared_error" and data.classes < 2:
        raise ConfigError(
            "loss", config.loss, "squared_error",
            f"loss '{config.loss}' tells classes apart, and these data have {data.targets} wanted outputs and no "
            "classes. Choose loss 'squared_error'.",
        )  # fmt: skip
    if config.loss == "logistic" and data.classes != 2:
        raise ConfigError(
            "loss", config.loss, 2,
            f"loss 'logistic' has a single output, which tells 2 classes apart; the data have {data.classes} classes. "
            "Choose loss 'cross_entropy', or data of 2 classes.",
        )  # fmt: skip


def _check_encoding(config: TrainingConfig, data: DataShape) -> None:
    if config.architecture != "feedforward" and config.encoding == "rows" and len(data.sample) == 1:
        raise ConfigError(
            "encoding", config.encoding, "direct",
            f"encoding 'rows' reads pictures row by row, and a sample of these data is a row of {data.inputs} values. "
            "Choose encoding 'direct', or data that are pictures.",
        )  # fmt: skip


def check_range(config: TrainingConfig, values: NDArray[np.floating]) -> None:
    """Refuse inputs outside the range that a spike code can encode.

    Parameters
    ----------
    values
        Inputs as the network would read them; those of a latency or a rate code are 0 to 1.

    Raises
    ------
    ConfigError
        Naming the value that is furthest off.
    """
    if config.architecture == "feedforward" or config.encoding not in ("latency", "rate") or not values.size:
        return
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        raise ConfigError(
            "encoding", config.encoding, "direct",
            f"encoding '{config.encoding}' needs inputs from 0 to 1, and these data have {low:g} to {high:g}. Choose "
            "encoding 'direct', or scale the data to 0 to 1.",
        )  # fmt: skip


def _check_memory(config: TrainingConfig, data: DataShape, limit: int) -> None:
    needed = memory_needed(config, data)
    if needed > limit:
        raise ConfigError(
            "hidden_layers", config.hidden_layers, limit,
            f"hidden_layers {list(config.hidden_layers)} with replicates {config.replicates} and batch_size "
            f"{config.batch_size} needs about {needed / 2**30:.1f} GiB of memory; there are {limit / 2**30:.1f} GiB. "
            "Take fewer units, replicates or a smaller batch.",
        )  # fmt: skip
