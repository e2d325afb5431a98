"""Serialise snapshots of a trainer as named arrays: a message to the web process, and a stored file (npz).

``weights_0`` and so on hold the layers; ``blocks`` describes their rows as JSON, left out for a plain feedforward
network, so that its files are as they were before there were others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.wire import arrays
from backend.wire.arrays import Packed
from synrl_core.measuring.events import Behaviour, Snapshot
from synrl_core.networks.blocks import Block, from_json, layers_of, plain_blocks, to_json

Arrays = Mapping[str, NDArray[Any]]

#: Bytes of one message to the web process; replicates beyond are in the stored snapshots only.
MAX_BYTES = 8 * 2**20


def pack(snapshot: Snapshot) -> bytes:
    """Write a snapshot as npz: the layers and, where a policy acts, its table, visits and histories."""
    return arrays.to_npz(_arrays(snapshot))


def unpack(data: bytes, iteration: int) -> Snapshot:
    """Read a file of `pack`'s format.

    Raises
    ------
    ValueError, KeyError, IndexError
        When an array is missing, holds objects, or isn't shaped as the blocks say.
    """
    return _snapshot(iteration, arrays.from_npz(data))


def to_message(snapshot: Snapshot) -> dict[str, Packed]:
    """Return (dtype, shape, bytes) of each array, of as many replicates as fit into `MAX_BYTES`, one at least."""
    replicates = len(snapshot.weights[0])
    per_replicate = sum(layer[0].nbytes for layer in snapshot.weights) * 5 // 4
    seen = _first(snapshot, max(1, min(replicates, MAX_BYTES // per_replicate)))
    return {name: arrays.to_bytes(array) for name, array in _arrays(seen).items()}


def from_message(iteration: int, message: Mapping[str, Packed]) -> Snapshot:
    """Read what `to_message` made."""
    return _snapshot(iteration, {name: arrays.from_bytes(*packed) for name, packed in message.items()})


def _arrays(snapshot: Snapshot) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {f"weights_{layer}": array for layer, array in enumerate(snapshot.weights)}
    if snapshot.blocks != _plain(snapshot.weights):
        text = json.dumps(to_json(snapshot.blocks), separators=(",", ":"))
        arrays["blocks"] = np.frombuffer(text.encode(), np.uint8)
    behaviour = snapshot.behaviour
    if behaviour is None:
        return arrays
    arrays |= {f"histories_{layer}": array for layer, array in enumerate(behaviour.histories)}
    arrays |= {"policy": behaviour.policy, "visits": behaviour.visits, "rewards": behaviour.rewards}
    arrays |= {"exploration": np.array(behaviour.exploration), "step_size": np.array([behaviour.step_size])}
    if behaviour.bias_policy is not None:
        arrays["bias_policy"] = behaviour.bias_policy
    # Left out where no action is drawn: those files are as they were before there were temperatures.
    if any(behaviour.temperature):
        arrays["temperature"] = np.array(behaviour.temperature)
    return arrays


def _snapshot(iteration: int, arrays: Arrays) -> Snapshot:
    weights = _layers(arrays, "weights")
    blocks = _blocks(arrays, weights)
    # Snapshots of the first version hold the weights and the table alone.
    if "histories_0" not in arrays:
        return Snapshot(iteration, blocks, weights, None)
    first, last = arrays["exploration"].tolist()
    of_weights, of_biases = arrays["temperature"].tolist() if "temperature" in arrays else (0.0, 0.0)
    return Snapshot(
        iteration,
        blocks,
        weights,
        Behaviour(
            policy=arrays["policy"],
            bias_policy=arrays.get("bias_policy"),
            visits=arrays["visits"],
            histories=_layers(arrays, "histories"),
            rewards=arrays["rewards"],
            exploration=(first, last),
            step_size=float(arrays["step_size"][0]),
            temperature=(of_weights, of_biases),
        ),
    )


def _layers(arrays: Arrays, what: str) -> tuple[NDArray[Any], ...]:
    return tuple(arrays[f"{what}_{layer}"] for layer in range(sum(name.startswith(f"{what}_") for name in arrays)))


def _plain(weights: tuple[NDArray[Any], ...]) -> tuple[Block, ...]:
    return plain_blocks([(rows, units) for _, rows, units in (layer.shape for layer in weights)])


def _blocks(arrays: Arrays, weights: tuple[NDArray[Any], ...]) -> tuple[Block, ...]:
    """Read the blocks of a snapshot and check that the layers are shaped so."""
    blocks = from_json(json.loads(arrays["blocks"].tobytes())) if "blocks" in arrays else _plain(weights)
    described, found = [layer.shape for layer in layers_of(blocks)], [layer.shape[1:] for layer in weights]
    if described != found:
        raise ValueError(f"the layers have the shapes {found}, but the blocks describe {described}")
    return blocks


def _first(snapshot: Snapshot, replicates: int) -> Snapshot:
    """Leave out all but the first replicates."""
    weights = tuple(layer[:replicates] for layer in snapshot.weights)
    if snapshot.behaviour is None:
        return replace(snapshot, weights=weights)
    behaviour = replace(
        snapshot.behaviour,
        policy=snapshot.behaviour.policy[:replicates],
        bias_policy=None if snapshot.behaviour.bias_policy is None else snapshot.behaviour.bias_policy[:replicates],
        visits=snapshot.behaviour.visits[:replicates],
        histories=tuple(layer[:replicates] for layer in snapshot.behaviour.histories),
        rewards=snapshot.behaviour.rewards[:replicates],
    )
    return replace(snapshot, weights=weights, behaviour=behaviour)
