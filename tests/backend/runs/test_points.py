"""Points are stored in few chunks, and windows of long curves keep their extremes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.db.store import Store, make_engine
from backend.runs import queries as repository
from backend.runs.curves import points
from backend.runs.curves import service as curves
from backend.runs.curves.service import Window
from backend.wire import columns
from backend.wire.columns import METRICS, Columns
from backend.wire.columns import points as count_of
from backend.wire.levels import CHUNK_POINTS
from tests.backend.db.test_store import new_run
from tests.backend.runs.test_curves import measured
from tests.databases import new_database
from tests.examples import examples

#: Five full chunks and a rest.
LONG = 5 * CHUNK_POINTS + 1234


def part(whole: Columns, start: int, end: int) -> Columns:
    return {name: array[start:end] for name, array in whole.items()}


def store_in(store: Store, whole: Columns, sizes: Iterator[int]) -> None:
    start = 0
    while start < count_of(whole):
        size = next(sizes)
        with store.write() as session:
            points.append(session, "r1", part(whole, start, start + size))
        start += size


@pytest.fixture
def with_run(store: Store) -> Store:
    with store.write() as session:
        repository.add(session, new_run())
    return store


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Columns]]:
    """A run of more than 20,000 points under three seeds, one loss of which went to infinity and one to no number."""
    store = Store(make_engine(new_database(tmp_path_factory.mktemp("long") / "synrl.db")))
    whole = measured(LONG, replicates=3)
    whole["train_loss"][7000, 1] = np.inf
    whole["validation_loss"][9000:9100] = np.nan
    with store.write() as session:
        repository.add(session, new_run())
    store_in(store, whole, iter([5000] * 9))
    with store.write() as session:
        points.settle(session, "r1")
    yield store, whole
    store.close()


def test_points_that_come_one_by_one_lie_in_few_pieces(with_run: Store) -> None:
    whole = measured(700)
    with with_run.write() as session:
        for index in range(700):
            points.append(session, "r1", part(whole, index, index + 1))
    with with_run.read() as session:
        pieces = repository.chunk_index(session, "r1", None, None)
        np.testing.assert_equal(curves.points(session, "r1"), whole)
    assert len(pieces) <= 12, pieces


def test_a_long_live_run_is_full_chunks_and_a_dozen_pieces(with_run: Store) -> None:
    whole, generator = measured(2 * CHUNK_POINTS + 100), np.random.default_rng(3)
    store_in(with_run, whole, iter(generator.integers(1, 400, 1000).tolist()))
    with with_run.read() as session:
        pieces = repository.chunk_index(session, "r1", None, None)
        np.testing.assert_equal(curves.points(session, "r1"), whole)
        levels = repository.levels(session, "r1", "coarse", 0, 2**62)
    full = [piece.first_iteration for piece in pieces if piece.points == CHUNK_POINTS]
    assert full
    assert len(pieces) <= 2 + 12
    assert [piece.points == CHUNK_POINTS for piece in pieces] == sorted(p.points == CHUNK_POINTS for p in pieces)[::-1]
    assert sorted(levels) == full
    with with_run.write() as session:
        points.settle(session, "r1")
    with with_run.read() as session:
        assert [p.points for p in repository.chunk_index(session, "r1", None, None)] == [CHUNK_POINTS] * 2 + [100]
        np.testing.assert_equal(curves.points(session, "r1"), whole)


def test_points_that_are_there_are_not_stored_twice(with_run: Store) -> None:
    whole = measured(10)
    for end in (4, 10, 10):
        with with_run.write() as session:
            points.append(session, "r1", part(whole, 0, end))
    with with_run.read() as session:
        np.testing.assert_equal(curves.points(session, "r1"), whole)


@pytest.mark.parametrize("kept", [0, 1, 3000, CHUNK_POINTS, CHUNK_POINTS + 1, 6000])
def test_dropping_points_from_an_iteration_on_keeps_earlier_ones(with_run: Store, kept: int) -> None:
    whole = measured(6000)
    store_in(with_run, whole, iter([6000]))
    with with_run.write() as session:
        points.drop(session, "r1", kept * 100)
        points.append(session, "r1", part(whole, kept, kept + 2000))
    with with_run.read() as session:
        np.testing.assert_equal(curves.points(session, "r1"), part(whole, 0, kept + 2000))
        levels = repository.levels(session, "r1", "fine", 0, 2**62)
        full = [c for c in repository.chunk_index(session, "r1", None, None) if c.points == CHUNK_POINTS]
    assert sorted(levels) == [chunk.first_iteration for chunk in full]


WINDOWS = st.tuples(
    st.none() | st.integers(0, 100 * LONG), st.none() | st.integers(0, 100 * LONG), st.integers(16, 5000)
)


@settings(max_examples=examples(60), deadline=None)
@given(WINDOWS)
def test_any_window_has_its_extremes_and_no_more_points_than_asked_for(
    long_run: tuple[Store, Columns], asked: tuple[int | None, int | None, int]
) -> None:
    store, whole = long_run
    window, max_points = Window(*asked[:2]), asked[2]
    expected = window.of(whole)
    with store.read() as session:
        shown = curves.read_metrics(session, "r1", max_points, window=window)
    count = count_of(expected)
    assert len(shown.iteration) <= max_points
    assert (len(shown.iteration) == 0) == (count == 0)
    if not count:
        return
    if count <= max_points:
        assert shown.iteration == expected["iteration"].tolist()
    assert (shown.iteration[0], shown.iteration[-1]) == (expected["iteration"][0], expected["iteration"][-1])
    for name in METRICS:
        means = expected[name].mean(axis=1)
        values = [value for value in shown.values[name] if value is not None]
        finite = means[np.isfinite(means)]
        assert bool(values) == bool(len(finite)) or not np.isfinite(means).all()
        if len(finite) == count:
            np.testing.assert_allclose([min(values), max(values)], [means.min(), means.max()], rtol=1e-5)


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 60 * LONG), st.integers(30, 100))
def test_a_window_keeps_the_extremes_of_each_replicate_and_of_the_band(
    long_run: tuple[Store, Columns], first: int, percent: int
) -> None:
    store, whole = long_run
    window = Window(first, first + LONG * percent)
    expected = window.of(whole)
    with store.read() as session:
        shown = curves.read_metrics(session, "r1", 500, "all", window)
    assert shown.replicates is not None
    assert shown.deviation is not None
    assert len(shown.iteration) <= 500
    for name in ("train_accuracy", "validation_accuracy", "reward_rate"):
        each = np.array(shown.replicates[name], dtype=np.float64)
        np.testing.assert_allclose(each.min(axis=1), expected[name].min(axis=0), rtol=1e-5)
        np.testing.assert_allclose(each.max(axis=1), expected[name].max(axis=0), rtol=1e-5)
        upper = expected[name].mean(axis=1) + expected[name].std(axis=1, ddof=1)
        shown_upper = np.array(shown.values[name]) + np.array(shown.deviation[name])
        np.testing.assert_allclose(shown_upper.max(), upper.max(), rtol=1e-5)


def test_every_shown_point_was_measured_just_so(long_run: tuple[Store, Columns]) -> None:
    store, whole = long_run
    with store.read() as session:
        shown = curves.read_metrics(session, "r1", 1000, "all")
    rows = np.searchsorted(whole["iteration"], shown.iteration)
    np.testing.assert_array_equal(whole["iteration"][rows], shown.iteration)
    assert shown.replicates is not None
    third = np.array(shown.replicates["reward_rate"][2], dtype=np.float64)
    np.testing.assert_allclose(third, whole["reward_rate"][rows, 2], rtol=1e-5)


def test_action_counts_of_a_long_run_lose_no_action(long_run: tuple[Store, Columns]) -> None:
    store, whole = long_run
    with store.read() as session:
        coarse = curves.read_actions(session, "r1", 100)
        zoomed = curves.read_actions(session, "r1", 100, Window(50_000, 51_000))
    for number, layer in enumerate(coarse.layers):
        counted = [sum(layer.down), sum(layer.stay), sum(layer.up)]
        assert counted == whole["actions"][:, number].sum(axis=0).tolist()
    assert zoomed.iteration == list(range(50_000, 51_001, 100))
    assert zoomed.layers[0].up == whole["actions"][500:511, 0, 2].tolist()


def test_a_short_window_of_a_long_run_reads_only_the_pieces_it_touches(long_run: tuple[Store, Columns]) -> None:
    store, _ = long_run
    decoded: list[int] = []
    original = columns.decode

    def decode(data: bytes) -> Columns:
        found: Columns = original(data)
        decoded.append(count_of(found))
        return found

    with store.read() as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "decode", decode)
        curves.read_metrics(session, "r1", 1000, window=Window(100 * 5000, 100 * 5100))
        assert decoded == [CHUNK_POINTS]
        decoded.clear()
        curves.read_metrics(session, "r1", 200)
        # Five coarse copies and the short rest.
        assert len(decoded) == 6
        assert sum(decoded) < 0.2 * LONG


def test_numbers_are_rounded_to_six_digits_as_a_person_would() -> None:
    values = np.array([0.0, -0.0, 1.0, 0.1234564, 123456.7, 1234567.8, -9.999999e-7, 1e-300, 3e38, 1e-45])
    assert curves._column(values) == [float(f"{value:.6g}") for value in values]
    assert curves._column(np.array([np.nan, np.inf, -np.inf, 0.5])) == [None, None, None, 0.5]
