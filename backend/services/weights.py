"""Stored weights of a run."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from backend.artifacts import Artifacts, coarse_layers, unpack_weights
from backend.db import runs as repository
from backend.db.tables import Snapshot
from backend.errors import NotFoundError
from backend.schemas import LayerWeights, SnapshotRead, Weights


def listing(session: Session, run_id: str) -> list[SnapshotRead]:
    """Return which snapshots of a run there are."""
    return [SnapshotRead.model_validate(snapshot) for snapshot in repository.snapshots(session, run_id)]


def find(session: Session, run_id: str, iteration: int | None = None) -> Snapshot:
    """Return where a snapshot lies among the artifacts; the last one for None.

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


def load(artifacts: Artifacts, snapshot: Snapshot) -> Weights:
    """Return a snapshot's weights of replicate 0, coarse."""
    return shown(snapshot.iteration, coarse_layers(unpack_weights(artifacts.read(snapshot.path))))


def shown(iteration: int, layers: Iterable[dict[str, Any]]) -> Weights:
    """Return coarse layers as the API and the live feed send them."""
    return Weights(
        iteration=iteration,
        layers=[LayerWeights(**{**layer, "data": base64.b64encode(layer["data"]).decode()}) for layer in layers],
    )
