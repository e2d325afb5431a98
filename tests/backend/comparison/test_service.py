"""Runs side by side: groups, differences, curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from scipy import stats

from backend.comparison import service as comparison
from backend.comparison.schemas import ComparedGroup, Comparison, ComparisonOptions
from backend.db.store import Store
from backend.db.tables import Run
from backend.kit.errors import InvalidError
from backend.kit.status import RunStatus
from tests.backend.measured import add_run

STEPS = {0.001: 0.80, 0.002: 0.90, 0.004: 0.95}


def rising(to: float, noise: float = 0.0, seed: int = 0) -> Any:
    def curve(share: NDArray[np.float64]) -> NDArray[np.float64]:
        wobble: NDArray[np.float64] = noise * np.random.default_rng(seed).standard_normal((len(share), 1))
        return to * share + wobble

    return curve


def compare(store: Store, ids: list[str], **options: Any) -> Comparison:
    with store.read() as session:
        return comparison.compare(session, ids, ComparisonOptions(**options))


@pytest.fixture
def sweep(store: Store) -> list[str]:
    """Three step sizes, five seeds each."""
    return [
        add_run(store, rising(to + 0.002 * seed), step_size=step, seed=seed, iterations=1000)
        for step, to in STEPS.items()
        for seed in range(5)
    ]


def by_label(found: Comparison) -> dict[str, ComparedGroup]:
    return {group.label: group for group in found.groups}


def test_runs_that_differ_in_their_seed_alone_are_one_group(store: Store, sweep: list[str]) -> None:
    found = compare(store, sweep)
    assert found.grouped_by == ["step_size"]
    assert [setting.name for setting in found.settings] == ["seed", "step_size"]
    groups = by_label(found)
    assert list(groups) == ["step size 0.001", "step size 0.002", "step size 0.004"]
    for (step, to), group in zip(STEPS.items(), found.groups, strict=True):
        finals = [to + 0.002 * seed for seed in range(5)]
        assert group.settings == {"step_size": step}
        assert group.samples == 5
        assert group.mean == pytest.approx(np.mean(finals), abs=1e-6)
        assert group.deviation == pytest.approx(np.std(finals, ddof=1), rel=1e-3)
        assert (group.lowest, group.highest) == pytest.approx((min(finals), max(finals)))
        assert group.curve.mean[-1] == pytest.approx(group.mean)
        assert group.difference is None


def test_a_baseline_of_the_same_seeds_is_paired(store: Store, sweep: list[str]) -> None:
    """The first seed gains a little more than the others: their differences deviate."""
    more = {0.002: 0.001, 0.004: 0.002}
    luckier = [
        add_run(store, rising(STEPS[step] + gain), step_size=step, iterations=1000) for step, gain in more.items()
    ]
    ids = [*sweep[:5], luckier[0], *sweep[6:10], luckier[1], *sweep[11:]]
    found = compare(store, ids, baseline=sweep[2])
    first, second, third = found.groups
    assert [group.is_baseline for group in found.groups] == [True, False, False]
    assert first.difference is None
    for group, to in ((second, 0.90 + 0.001 / 5), (third, 0.95 + 0.002 / 5)):
        assert group.difference is not None
        assert group.difference.method == "paired"
        assert group.difference.mean == pytest.approx(to - 0.80, abs=1e-6)


def test_other_seeds_data_or_splits_are_not_paired(store: Store) -> None:
    def runs(**settings: Any) -> list[str]:
        first = settings.pop("first", 0)
        return [
            add_run(store, rising(0.9 + 0.01 * n, 0.01, n), iterations=500, seed=first + n, **settings)
            for n in range(4)
        ]

    base = runs()
    for other in (
        runs(first=10, step_size=0.1),
        runs(split_seed=1),
        runs(dataset="iris"),
        runs(validation_fraction=0.5),
    ):
        found = compare(store, [*base, *other], baseline=base[0])
        pinned, group = found.groups
        assert group.difference is not None
        assert group.difference.method == "welch"
        interval = stats.ttest_ind(group.values, pinned.values, equal_var=False).confidence_interval(0.95)
        assert (group.difference.low, group.difference.high) == pytest.approx((interval.low, interval.high), rel=1e-3)


def test_replicates_are_samples_and_pair_by_place(store: Store) -> None:
    def spread(*to: float) -> Any:
        return lambda share: share * np.array([to])

    ids = [
        add_run(store, spread(0.8, 0.81, 0.83), replicates=3),
        add_run(store, spread(0.9, 0.92, 0.92), replicates=3, step_size=0.1),
    ]
    found = compare(store, ids, baseline=ids[0])
    group = found.groups[1]
    assert (group.samples, group.curve.samples) == (3, 3)
    assert group.difference is not None
    assert group.difference.method == "paired"
    assert group.difference.mean == pytest.approx(0.1, abs=1e-6)


def test_only_settings_that_differ_are_listed_and_unused_ones_are_empty(store: Store) -> None:
    ids = [
        add_run(store, rising(0.9)),
        add_run(store, rising(0.8), method="gradient", gradient_learning_rate=0.5),
        add_run(store, rising(0.7), dataset="spirals", dataset_parameters={"noise": 0.2}),
    ]
    settings = {setting.name: setting.values for setting in compare(store, ids).settings}
    assert settings["dataset"] == ["digits", "digits", "spirals"]
    assert settings["data.noise"] == [None, None, 0.2]
    assert settings["data.turns"] == [None, None, 1.5]
    assert settings["method"] == ["synaptic", "gradient", "synaptic"]
    assert settings["step_size"] == [0.004, None, 0.004]
    assert settings["gradient_learning_rate"] == [None, 0.5, None]
    assert "activation" not in settings


def test_groups_are_what_they_are_asked_to_be(store: Store, sweep: list[str]) -> None:
    assert [len(group.runs) for group in compare(store, sweep, group_by=["seed"]).groups] == [3] * 5
    assert [len(group.runs) for group in compare(store, sweep, group_by=[]).groups] == [1] * 15
    assert [len(group.runs) for group in compare(store, sweep, group_by=["activation"]).groups] == [15]
    with pytest.raises(InvalidError, match="'nonsense' is no setting"):
        compare(store, sweep, group_by=["nonsense"])


def test_members_come_when_asked_for(store: Store, sweep: list[str]) -> None:
    assert all(not group.members for group in compare(store, sweep).groups)
    opened = compare(store, sweep, members=[sweep[0]]).groups
    assert [len(group.members) for group in opened] == [5, 0, 0]
    assert [len(group.members) for group in compare(store, sweep, members=["all"]).groups] == [5, 5, 5]
    assert {curve.run for curve in opened[0].members} == set(sweep[:5])


def test_runs_that_stand_alone_are_called_by_their_names(store: Store) -> None:
    ids = [add_run(store, rising(0.9), name="Ada's", seed=1), add_run(store, rising(0.9), name="Ben's", step_size=0.1)]
    assert [group.label for group in compare(store, ids).groups] == ["Ada's", "Ben's"]
    twins = [add_run(store, rising(0.9), name="Twin") for _ in range(2)]
    labels = [group.label for group in compare(store, twins, group_by=[]).groups]
    assert labels == [f"Twin ({run[:6]})" for run in twins]


def test_the_best_is_the_best_of_each_sample(store: Store) -> None:
    there_and_back = add_run(store, lambda share: 0.9 * np.sin(np.pi * share))
    found = compare(store, [there_and_back], statistic="best").groups[0]
    assert found.mean == pytest.approx(0.9, abs=1e-4)
    assert compare(store, [there_and_back]).groups[0].mean == pytest.approx(0, abs=1e-6)
    loss = compare(store, [there_and_back], statistic="best", metric="validation_loss").groups[0]
    assert loss.mean == pytest.approx(0.1, abs=1e-4)


@pytest.mark.parametrize("x", ["iteration", "forward_passes", "seconds"])
def test_curves_run_over_what_was_asked_for(store: Store, x: str) -> None:
    ids = [add_run(store, rising(0.9), seconds=10), add_run(store, rising(0.9), seconds=40, seed=1)]
    curve = compare(store, ids, x=x).groups[0].curve
    assert curve.x[-1] == {"iteration": 20_000, "forward_passes": 20_001, "seconds": 40}[x]
    assert curve.x == sorted(curve.x)
    if x == "seconds":
        # After ten seconds the quick run is done and the slow one at a quarter; from there on half is left.
        at_ten = int(np.searchsorted(curve.x, 9.9))
        assert curve.mean[at_ten] == pytest.approx((0.9 * 0.99 + 0.225) / 2, abs=0.02)
        assert curve.mean[-1] == pytest.approx(0.9, abs=1e-3)


def test_smoothing_reads_all_points_however_few_are_drawn(store: Store) -> None:
    run = add_run(store, rising(0.5, noise=0.2), iterations=200_000, evaluate_every=10)
    few = compare(store, [run], smoothing=0.99, max_points=50).groups[0].curve
    many = compare(store, [run], smoothing=0.99, max_points=10_000).groups[0].curve
    assert few.smooth is not None
    assert many.smooth is not None
    assert len(few.x) <= 52
    all_of_them = dict(zip(many.x, many.smooth, strict=True))
    shared = [(value, all_of_them[x]) for x, value in zip(few.x, few.smooth, strict=True) if x in all_of_them]
    assert len(shared) > 20
    assert [one for one, _ in shared] == [other for _, other in shared]
    smooth, raw = np.array(few.smooth, dtype=float), np.array(few.mean, dtype=float)
    assert np.std(np.diff(smooth)) < 0.2 * np.std(np.diff(raw))


def test_a_long_curve_keeps_its_extremes(store: Store) -> None:
    def spike(share: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(np.abs(share - 0.3333) < 1e-6, 0.99, 0.5)

    run = add_run(store, spike, iterations=10_000, evaluate_every=1)
    curve = compare(store, [run], max_points=20).groups[0].curve
    assert len(curve.x) <= 22
    assert max(value for value in curve.mean if value is not None) == pytest.approx(0.99)


def test_runs_without_points_and_deleted_runs_are_reported(store: Store) -> None:
    empty = add_run(store, rising(0.9), done=0.0, status=RunStatus.QUEUED)
    found = compare(store, [empty, "gone", empty])
    assert found.missing == ["gone"]
    assert [run.id for run in found.runs] == [empty]
    assert compare(store, []).groups == []


def test_more_than_fifty_are_refused(store: Store) -> None:
    with pytest.raises(InvalidError, match="at most 50"):
        compare(store, [f"run{n}" for n in range(51)])


def test_the_api_gives_the_same_numbers(client: TestClient) -> None:
    store = client.app.state.store  # type: ignore[attr-defined]
    ids = [
        add_run(store, rising(0.9 + 0.01 * n, 0.01, n), iterations=500, seed=n % 2, step_size=(1 + n // 2) / 100)
        for n in range(4)
    ]
    answer = client.get(
        "/api/v1/compare",
        params={"runs": ",".join(ids), "baseline": ids[0], "smoothing": 0.5, "members": "all", "group_by": "step_size"},
    )
    assert answer.status_code == 200
    own = compare(store, ids, baseline=ids[0], smoothing=0.5, members=["all"], group_by=["step_size"])
    assert answer.json() == own.model_dump(mode="json")
    assert client.get("/api/v1/compare", params={"runs": ids[0], "smoothing": 1}).status_code == 422
    assert client.get("/api/v1/compare", params={"runs": ids[0], "metric": "beauty"}).status_code == 422


def test_copies_of_a_run_are_one_sample_and_shown_as_copies(store: Store) -> None:
    def runs(to: float, step: float) -> list[str]:
        return [
            add_run(store, rising(to + 0.01 * seed * seed), step_size=step, seed=seed, iterations=500)
            for seed in (11, 12)
        ]

    base, other = runs(0.2, 0.001), runs(0.1, 0.1)
    alone = compare(store, [*base, *other], baseline=base[0])
    copies = [*runs(0.2, 0.001), *runs(0.1, 0.1), *runs(0.1, 0.1)]
    found = compare(store, [*base, *other, *copies], baseline=base[0])
    for before, after in zip(alone.groups, found.groups, strict=True):
        assert (after.samples, after.mean, after.deviation) == (before.samples, before.mean, before.deviation)
        assert (after.values, after.difference, after.curve) == (before.values, before.difference, before.curve)
    assert [group.copies for group in alone.groups] == [0, 0]
    assert [group.copies for group in found.groups] == [2, 4]
    assert [run.copy_of for run in found.runs] == [None] * 4 + [*base, *other, *other]


def test_a_run_of_another_program_or_other_data_is_no_copy(store: Store) -> None:
    ids = [add_run(store, rising(0.8), iterations=500) for _ in range(3)]
    with store.write() as session:
        second, third = session.get(Run, ids[1]), session.get(Run, ids[2])
        assert second is not None
        assert third is not None
        second.dataset_hash, third.provenance = "1" * 64, {"synrl": "0.2.0"}
    assert [group.copies for group in compare(store, ids).groups] == [0]


def test_samples_that_do_not_deviate_give_no_interval(store: Store) -> None:
    ids = [
        add_run(store, rising(to), step_size=step, seed=seed, iterations=500)
        for step, to in ((0.001, 0.8), (0.1, 0.9))
        for seed in range(4)
    ]
    difference = compare(store, ids, baseline=ids[0]).groups[1].difference
    assert difference is not None
    assert (difference.method, difference.low, difference.high) == ("equal", None, None)
    assert difference.mean == pytest.approx(0.1, abs=1e-6)
