"""Weights, policy and single synapses of a run, from a stored snapshot or the newest live one."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.db.tables import Snapshot as StoredSnapshot
from backend.inspection.weights_schemas import (
    LayerWeights,
    PolicyRead,
    SnapshotRead,
    SynapseRead,
    SynapseUpdate,
    WeightBlock,
    Weights,
)
from backend.kit.errors import NotFoundError
from backend.runs import queries as repository
from backend.wire import snapshots as snapshot_format
from backend.wire.artifacts import Artifacts
from synrl_core.config import TrainingConfig
from synrl_core.learning.explain import (
    Decision,
    SynapseAddress,
    all_updates,
    explain_synapse,
    history_of,
    table_of,
)
from synrl_core.measuring.events import Snapshot
from synrl_core.networks.blocks import Layer, layers_of


def listing(session: Session, run_id: str, from_iteration: int = 0) -> list[SnapshotRead]:
    """Return the snapshots of a run from an iteration on."""
    return [SnapshotRead.model_validate(one) for one in repository.snapshots(session, run_id, from_iteration)]


def find(session: Session, run_id: str, iteration: int | None = None) -> StoredSnapshot:
    """Return the path of a snapshot among the artifacts; the last one for None.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    snapshot = repository.snapshot_at(session, run_id, iteration)
    if snapshot is None:
        which = "no snapshot yet" if iteration is None else f"no snapshot at iteration {iteration}"
        raise NotFoundError(f"Run '{run_id[:64]}' has {which}. GET /api/v1/runs/{run_id[:64]}/snapshots lists them.")
    return snapshot


def load(artifacts: Artifacts, stored: StoredSnapshot) -> Snapshot:
    """Return a stored snapshot."""
    return snapshot_format.unpack(artifacts.read(stored.path), stored.iteration)


def at(session: Session, artifacts: Artifacts, run_id: str, iteration: int | None) -> Snapshot | None:
    """Return the stored snapshot of an iteration, the last one for None; None where there is none."""
    try:
        return load(artifacts, find(session, run_id, iteration))
    except NotFoundError:
        return None


def read_weights(snapshot: Snapshot, replicate: int) -> Weights | None:
    """Return the weights, a byte each, as the API and the live feed send them; None if the snapshot lacks them.

    A heatmap shows no more than 255 steps, and a byte travels light.
    """
    if replicate >= len(snapshot.weights[0]):
        return None
    described = zip(layers_of(snapshot.blocks), snapshot.weights, strict=True)
    layers = [_coarse(layer, weights, replicate) for layer, weights in described]
    return Weights(iteration=snapshot.iteration, replicate=replicate, layers=layers)


def policy(snapshot: Snapshot, replicate: int) -> PolicyRead | None:
    """Return the table of the policy; None for gradient descent, and where the snapshot lacks it."""
    behaviour = snapshot.behaviour
    if behaviour is None or replicate >= len(behaviour.visits):
        return None
    biases = behaviour.bias_policy
    return PolicyRead(
        iteration=snapshot.iteration,
        replicate=replicate,
        history=history_of(behaviour),
        table=_values(table_of(behaviour, replicate)),
        bias_table=None if biases is None else _values(table_of(behaviour, replicate, is_bias=True)),
        visits=behaviour.visits[replicate].ravel().tolist(),
        rewards=int(behaviour.rewards[replicate]),
        exploration=behaviour.exploration[0],
        bias_exploration=None if biases is None else behaviour.exploration[1],
        temperature=behaviour.temperature[0],
        bias_temperature=None if biases is None else behaviour.temperature[1],
    )


def synapse(
    snapshot: Snapshot,
    first: Snapshot | None,
    config: TrainingConfig,
    place: tuple[int, int, int],
    replicate: int,
    *,
    live: bool,
) -> SynapseRead:
    """Return one synapse and its next action.

    Parameters
    ----------
    first
        The snapshot at iteration 0, where it is stored.
    place
        Layer, input (0 is the bias) and unit.

    Raises
    ------
    NotFoundError
        When the network has no such synapse, or the snapshot not this replicate.
    """
    layer, row, unit = place
    if layer >= len(snapshot.weights):
        raise NotFoundError(f"There is no layer {layer}: this network has {len(snapshot.weights)}, counted from 0.")
    replicates, rows, units = snapshot.weights[layer].shape
    if row >= rows or unit >= units:
        raise NotFoundError(
            f"There is no synapse from input {row} to unit {unit}: layer {layer} has inputs 1 to {rows - 1}, its "
            f"biases as input 0, and units 0 to {units - 1}."
        )
    if replicate >= replicates:
        raise NotFoundError(
            f"Replicate {replicate} can't be seen at iteration {snapshot.iteration}: there are {replicates}, from 0 "
            "on. A large network shows its other replicates in stored snapshots: give their iteration."
        )
    address = SynapseAddress(replicate, layer, row, unit)
    decision = explain_synapse(snapshot, config, address)
    found = SynapseRead(
        iteration=snapshot.iteration,
        replicate=replicate,
        layer=layer,
        input=row,
        unit=unit,
        live=live,
        weight=float(snapshot.weights[layer][replicate, row, unit]),
        first_weight=None if first is None else float(first.weights[layer][replicate, row, unit]),
        actions=[],
        rewards=[],
        state=None,
        values=[],
        visits=[],
        next_action=None,
        probabilities=[],
        next_step=None,
        temperature=None,
        exploration=None,
        next_weights=[],
        updates=[],
    )
    if decision is not None:
        _fill(found, decision)
        if config.adaptive:
            found.updates = [SynapseUpdate(**one._asdict()) for one in all_updates(snapshot, config, address)]
    return found


def _fill(found: SynapseRead, decision: Decision) -> None:
    """Add the state, the probabilities and the next action under a policy."""
    found.actions, found.rewards, found.state = list(decision.actions), list(decision.rewards), decision.state
    found.values, found.visits = _values(decision.values), decision.visits.tolist()
    found.next_action, found.next_step = decision.likeliest, decision.step
    found.probabilities = decision.probabilities.tolist()
    found.temperature, found.exploration = decision.temperature, decision.exploration
    found.next_weights = list(decision.next_weights)


def _coarse(layer: Layer, weights: NDArray[np.float32], replicate: int) -> LayerWeights:
    is_finite = np.isfinite(weights)
    scale = float(np.abs(weights).max(initial=0.0, where=is_finite)) or 1.0
    shown = np.where(is_finite[replicate], weights[replicate], 0)
    codes = np.round(shown * (127.0 / scale)).astype(np.int8)
    return LayerWeights(
        rows=layer.rows,
        columns=layer.units,
        scale=scale,
        not_finite=int(np.count_nonzero(~is_finite[replicate])),
        data=base64.b64encode(codes.tobytes()).decode(),
        blocks=[WeightBlock(source=block.source, kind=block.kind, rows=block.shape[0]) for block in layer.blocks],
    )


def _values(table: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.6g}") for value in table.ravel().tolist()]
