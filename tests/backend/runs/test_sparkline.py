"""Sparklines: updated in training, backfilled for older runs."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.db.store import Store
from backend.db.tables import MetricChunk, Run
from backend.runs import progress
from backend.runs import queries as repository
from backend.runs import service as runs
from backend.runs.curves import sparklines
from backend.runs.schemas import RunCreate
from backend.wire import columns, sparkline
from backend.wire.messages import Started


def begun(run: Run, next_point: int) -> Started:
    return Started(
        kind="started",
        lost_checkpoints=0,
        run_id=run.id,
        attempt=1,
        iteration=next_point,
        next_point=next_point,
        training_seconds=0.0,
        summary={},
        dataset_hash="",
        provenance={},
    )


STEPS = st.lists(st.integers(1, 500), max_size=200)


def measured(iterations: list[int]) -> columns.Columns:
    values = np.linspace(0.1, 0.9, len(iterations), dtype=np.float32)[:, None]
    points: dict[str, Any] = dict.fromkeys(columns.METRICS, values)
    at = np.array(iterations, dtype=np.int64)
    return points | {
        "iteration": at,
        "forward_passes": at + 1,
        "seconds": at / 1000,
        "actions": np.zeros((len(at), 2, 3), dtype=np.int64),
    }


@given(STEPS, st.integers(1, 100_000))
def test_it_holds_few_points_whatever_comes(steps: list[int], iterations: int) -> None:
    at = np.cumsum([0, *steps]).tolist()
    held: list[sparkline.Point] = []
    for iteration in at:
        held = sparkline.extended(held, [(iteration, 0.5)], iterations)
        assert len(held) <= 2 * sparkline.POINTS
    assert [point[0] for point in held] == sorted({point[0] for point in held})
    assert {point[0] for point in held} <= set(at)


def test_points_in_one_batch_or_in_many_make_the_same() -> None:
    points = [(iteration, iteration / 20_000) for iteration in range(0, 20_001, 100)]
    whole = sparkline.extended(None, points, 20_000)
    piecewise: list[sparkline.Point] = []
    for point in points:
        piecewise = sparkline.extended(piecewise, [point], 20_000)
    assert piecewise == whole
    assert sparkline.POINTS / 2 < len(whole) <= sparkline.POINTS + 1


def test_what_is_not_a_number_is_left_out() -> None:
    assert sparkline.extended(None, [(0, float("nan")), (1, 0.5), (2, float("inf"))], 2) == [(1, 0.5)]


def test_a_run_that_begins_again_forgets_what_is_to_come_again(store: Store) -> None:
    with store.write() as session:
        run = session.get(Run, runs.create(session, RunCreate()).id)
        assert run is not None
        progress.measure(run, measured([0, 5000, 10_000]))
        assert [point[0] for point in run.sparkline or ()] == [0, 5000, 10_000]
        progress.begin(run, begun(run, 6000))
        assert [point[0] for point in run.sparkline or ()] == [0, 5000]
        progress.begin(run, begun(run, 0))
        assert run.sparkline is None


@pytest.mark.parametrize("already", [None, [[0, 0.25]]])
def test_runs_without_one_get_theirs_from_their_curves(store: Store, already: list[Any] | None) -> None:
    with store.write() as session:
        run = session.get(Run, runs.create(session, RunCreate()).id)
        assert run is not None
        points = measured(list(range(0, 20_001, 100)))
        chunk = MetricChunk(
            run_id=run.id, first_iteration=0, last_iteration=20_000, points=201, data=columns.encode(points)
        )
        repository.add_chunk(session, chunk)
        run.validation_accuracy, run.finished_at, run.sparkline = 0.9, datetime.now(UTC), already
        waiting = runs.create(session, RunCreate(name="nothing measured"))
    made = sparklines.fill(store, threading.Event())
    assert made == (0 if already else 1)
    assert sparklines.fill(store, threading.Event()) == 0
    with store.read() as session:
        filled, untouched = session.get(Run, run.id), session.get(Run, waiting.id)
        assert filled is not None
        assert untouched is not None
        assert untouched.sparkline is None
        if already is None:
            assert filled.sparkline is not None
            assert filled.sparkline[0] == [0, 0.1]
            assert filled.sparkline[-1][1] > 0.8
        else:
            assert filled.sparkline == already


def test_filling_ends_when_the_server_does(store: Store) -> None:
    closing = threading.Event()
    closing.set()
    assert sparklines.fill(store, closing) == 0
