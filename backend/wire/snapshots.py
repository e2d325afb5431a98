"""A look into a trainer as it travels to the web process and as it lies among the artifacts: named arrays."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.measuring.events import Behaviour, Snapshot

Arrays = Mapping[str, NDArray[Any]]

#: Bytes of one look on its way to the web process; what is beyond is left to the stored snapshots.
MAX_BYTES = 8 * 2**20


def pack(snapshot: Snapshot) -> bytes:
    """Write a snapshot as npz: ``weights_0`` and so on, and, where a policy acts, ``policy`` and what it knows."""
    buffer = io.BytesIO()
    # Any: numpy's stub takes its option allow_pickle for one of the arrays.
    save: Any = np.savez_compressed
    save(buffer, **_arrays(snapshot))
    return buffer.getvalue()


def unpack(data: bytes, iteration: int) -> Snapshot:
    """Read what `pack` wrote, whoever wrote it: an array of objects is refused."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return _snapshot(iteration, {name: arrays[name] for name in arrays.files})


def to_message(snapshot: Snapshot) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Return (dtype, shape, bytes) of each array, of as many replicates as fit into `MAX_BYTES`, one at least."""
    replicates = len(snapshot.weights[0])
    per_replicate = sum(layer[0].nbytes for layer in snapshot.weights) * 5 // 4
    seen = _first(snapshot, max(1, min(replicates, MAX_BYTES // per_replicate)))
    return {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in _arrays(seen).items()}


def from_message(iteration: int, message: Mapping[str, tuple[str, tuple[int, ...], bytes]]) -> Snapshot:
    """Read what `to_message` made."""
    return _snapshot(
        iteration,
        {name: np.frombuffer(data, dtype=dtype).reshape(shape) for name, (dtype, shape, data) in message.items()},
    )


def _arrays(snapshot: Snapshot) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {f"weights_{layer}": array for layer, array in enumerate(snapshot.weights)}
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
    # Snapshots of the first version hold the weights and the table alone.
    if "histories_0" not in arrays:
        return Snapshot(iteration, weights, None)
    first, last = arrays["exploration"].tolist()
    of_weights, of_biases = arrays["temperature"].tolist() if "temperature" in arrays else (0.0, 0.0)
    return Snapshot(
        iteration,
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
