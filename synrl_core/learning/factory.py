"""Make trainers from configurations, and resume them from their bytes."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core import policies
from synrl_core.checks import (
    DataShape,
    PolicyLookup,
    check_config,
    check_dataset,
    check_range,
    data_shape,
    find_policies,
    memory_needed,
    network_of,
)
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset, Split, split
from synrl_core.errors import CheckpointError, ConfigError
from synrl_core.learning import checkpoint
from synrl_core.learning.data import samples_of
from synrl_core.learning.gradient import GradientTrainer
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.learning.trainer import Trainer
from synrl_core.networks.blocks import to_json
from synrl_core.policies.policy import CODES, Policy

__all__ = [
    "CheckpointError",
    "ConfigError",
    "DataShape",
    "PolicyLookup",
    "Trainer",
    "check_config",
    "check_dataset",
    "data_shape",
    "make_trainer",
    "memory_needed",
    "resume_trainer",
]


def make_trainer(
    config: TrainingConfig,
    dataset: Dataset,
    *,
    find_policy: PolicyLookup = policies.get,
    parts: Split | None = None,
) -> Trainer:
    """Make the trainer of a configuration.

    Parameters
    ----------
    dataset
        The data; ``config.dataset`` is not looked up here.
    find_policy
        Looks policies up by name and history; by default among those that ship.
    parts
        Which samples train and which validate; None: split as the configuration says.

    Raises
    ------
    ConfigError
        When configuration, data and machine don't fit, naming field, value, limit and remedy.
    """
    check_dataset(dataset)
    check_config(config, data_shape(dataset), find_policy=find_policy)
    found = find_policies(config, find_policy) if config.method == "synaptic" else None
    return _build(config, dataset, found, parts)


def resume_trainer(
    state: bytes, dataset: Dataset, *, iterations: int | None = None, parts: Split | None = None
) -> Trainer:
    """Make a trainer in the state that another had when its `state_bytes` were taken.

    Parameters
    ----------
    dataset
        The same data as then.
    iterations
        New length of the run, to extend a finished one. Schedules keep their old length: they stay at their end.

    Raises
    ------
    CheckpointError
        When the bytes are no checkpoint, or one of other data.
    """
    meta, arrays = checkpoint.unpack(state)
    try:
        return _resumed(meta, arrays, dataset, iterations, parts)
    except CheckpointError:
        raise
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise CheckpointError(
            f"the checkpoint is no whole state of a trainer ({error!r}). Take an older one, or start the run again."
        ) from error


def _resumed(
    meta: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    dataset: Dataset,
    iterations: int | None,
    parts: Split | None,
) -> Trainer:
    config = TrainingConfig.model_validate(meta["config"])
    if meta["content_hash"] != dataset.content_hash:
        raise CheckpointError(
            f"the checkpoint was made with other data than '{dataset.name}' holds now (SHA-256 "
            f"{meta['content_hash'][:12]}.. then, {dataset.content_hash[:12]}.. now). Resume with the "
            "data as they were."
        )
    if iterations is not None:
        config = _extended(config, meta, iterations)
    trainer = _build(config, dataset, _stored_policies(meta, arrays), parts)
    blocks = to_json(trainer.network.blocks)
    if meta.get("blocks", blocks) != blocks:  # absent in checkpoints of before: all networks were feedforward
        raise CheckpointError(
            f"the checkpoint holds a network of the layers {_shapes(meta['blocks'])}; this program makes one of "
            f"{_shapes(blocks)} from the same configuration. Continue the run with the program that began it, or "
            "start it again."
        )
    if meta.get("split_hash", trainer.split_hash) != trainer.split_hash:
        raise CheckpointError(
            "the checkpoint was made with other samples for training and validation than these. Resume with the same "
            "parts, or with none where the run began with none."
        )
    trainer.load_state(meta, arrays)
    return trainer


def _build(
    config: TrainingConfig, dataset: Dataset, found: tuple[Policy, Policy | None] | None, parts: Split | None
) -> Trainer:
    parts = parts or split(dataset, config.validation_fraction, config.split_seed)
    network = network_of(config, data_shape(dataset))
    inputs = dataset.inputs(parts)
    if not dataset.is_sequences:
        check_range(config, inputs.of(parts.train))
    train = samples_of(inputs, parts.train, network)
    validation = samples_of(inputs, parts.validation, network)
    trainer: Trainer
    if found is not None:
        trainer = SynapticTrainer(config, network, train, validation, *found, content_hash=dataset.content_hash)
    else:
        trainer = GradientTrainer(config, network, train, validation, content_hash=dataset.content_hash)
    trainer.split_hash = _hash_of(parts)
    return trainer


def _hash_of(parts: Split) -> str:
    """Hash the indices of the samples that train and validate."""
    digest = sha256()
    for part in (parts.train, parts.validation):
        digest.update(np.asarray(part, "<i8").tobytes() + b"|")
    return digest.hexdigest()


def _shapes(blocks: list[dict[str, Any]]) -> str:
    return ", ".join(f"{block['name']} {tuple(block['shape'])}" for block in blocks)


def _stored_policies(meta: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> tuple[Policy, Policy | None] | None:
    """Make the policies of a checkpoint from its own tables, so that no library is needed to resume."""
    if "tables" not in arrays:
        return None
    shape = (CODES,) * (2 * meta["history"] + 1)
    floors = meta["exploration_floors"]
    temperatures = meta.get("temperatures", [0.0] * len(floors))  # checkpoints from before stochastic policies
    kinds = [
        Policy("checkpoint", table.reshape(shape), exploration=floor, temperature=temperature)
        for table, floor, temperature in zip(arrays["tables"][0], floors, temperatures, strict=False)
    ]
    return kinds[0], kinds[1] if len(kinds) > 1 else None


def _extended(config: TrainingConfig, meta: dict[str, Any], iterations: int) -> TrainingConfig:
    """Lengthen the run. A run that has ended continues, one that failed does not."""
    if meta["outcome"] == "failed" or iterations < meta["iteration"]:
        raise CheckpointError(
            f"a run at iteration {meta['iteration']} (outcome: {meta['outcome'] or 'none yet'}) can't be "
            f"extended to {iterations} iterations. Failed runs can't go on; others need more iterations than done."
        )
    meta["outcome"] = None
    length = config.schedule_iterations or config.iterations
    return config.model_copy(update={"iterations": iterations, "schedule_iterations": length})
