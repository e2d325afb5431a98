"""Export all measurements of a run as CSV, JSON or NPZ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from backend.db.store import Store
from backend.exchange import csv_cells
from backend.inspection import weights
from backend.runs import queries as repository
from backend.runs import service as runs
from backend.runs.curves import service as curves
from backend.runs.schemas import RunRead
from backend.wire import columns
from backend.wire.arrays import to_npz
from backend.wire.columns import METRICS, Columns

_ALONG = ("iteration", "forward_passes", "seconds")


def as_csv(store: Store, run_id: str) -> Iterator[str]:
    """Yield the lines of a table with a row for each evaluation: every replicate of every metric in a column.

    Pieces of a long run are read as they are sent, from one view of the database.
    """
    with store.read() as session:
        run = runs.get(session, run_id)
        yield csv_cells.row(["run", "name", *_ALONG, *_columns(run.config.replicates)])
        for part in _parts(session, run_id):
            yield "".join(_lines(run, part))


def _columns(replicates: int) -> list[str]:
    return list(METRICS) if replicates == 1 else [f"{name}_{one}" for name in METRICS for one in range(replicates)]


def _parts(session: Session, run_id: str) -> Iterator[Columns]:
    for chunk in repository.chunk_index(session, run_id, None, None):
        yield columns.decode(repository.chunk_data(session, run_id, chunk.first_iteration))


def _lines(run: RunRead, part: Columns) -> Iterator[str]:
    along = [part[name].tolist() for name in _ALONG]
    # As text first: float32 has a short decimal of its own, which as a float64 it would lose.
    values = np.concatenate([part[name] for name in METRICS], axis=1).astype(np.float32)
    words = np.where(np.isfinite(values), values.astype("U16"), "").tolist()
    head = csv_cells.row([run.id, run.name])[:-2]
    for place, (iteration, passes, seconds) in enumerate(zip(*along, strict=True)):
        yield f"{head},{iteration},{passes},{round(seconds, 6)},{','.join(words[place])}\r\n"


def as_json(session: Session, run_id: str) -> dict[str, Any]:
    """Return the run, its curves with every replicate, its actions, and the iterations of its snapshots."""
    run = runs.get(session, run_id)
    measured = curves.points(session, run_id)
    count = max(curves.MIN_POINTS, columns.points(measured))
    return {
        "run": run.model_dump(mode="json"),
        "metrics": curves.metrics(measured, count, "all").model_dump(mode="json"),
        "actions": curves.actions(measured, count).model_dump(mode="json"),
        "snapshots": [one.iteration for one in weights.listing(session, run_id)],
    }


def as_npz(session: Session, run_id: str) -> bytes:
    """Return the exact arrays, and the run as JSON text under ``run``."""
    run = runs.get(session, run_id)
    measured = curves.points(session, run_id)
    return to_npz({"run": np.array(json.dumps(run.model_dump(mode="json"))), **measured})
