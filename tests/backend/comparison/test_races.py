"""Races: a matrix of policies by tasks from ordinary runs, with intervals and a ranking. On both databases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pydantic
import pytest
from scipy import stats

from backend.comparison import race_places, races
from backend.comparison.races_schemas import RaceCreate, RaceRead
from backend.db.store import Store
from backend.kit.errors import InvalidError, NotFoundError
from backend.kit.status import RunStatus
from backend.runs import service as runs
from backend.runs.sweeps import service as sweeps
from backend.runs.sweeps.schemas import SweepCreate
from backend.runs.transitions import Action
from synrl_core.config import TrainingConfig

POLICIES = ["win_stay_lose_shift", "bred", "bred_stochastic", "random"]
BODY = {
    "policies": POLICIES,
    "tasks": [{"config": {"dataset": one, "hidden_layers": [4]}} for one in ("moons", "circles", "xor")],
    "seeds": [0, 1, 2, 3, 4],
    "config": {"iterations": 100},
}


def race(store: Store, **changes: object) -> RaceRead:
    with store.write() as session:
        return races.create(session, RaceCreate.model_validate(BODY | changes), 1000)


def finish(store: Store, made: RaceRead, accuracy: Callable[[str, int, float, int], float | None]) -> RaceRead:
    """Have the runs of a race succeed with an accuracy of policy, task, step size and seed; None: it waits still."""
    with store.write() as session:
        for run_id in sweeps.get(session, made.id).run_ids:
            run = runs.find(session, run_id)
            config = TrainingConfig.model_validate(run.config)
            task = ["moons", "circles", "xor"].index(config.dataset)
            value = accuracy(config.policy, task, config.step_size, config.seed)
            if value is not None:
                run.status, run.validation_accuracy = RunStatus.SUCCEEDED, value
    with store.read() as session:
        return races.get(session, made.id)


def test_a_race_of_4_policies_3_tasks_and_5_seeds_fills_its_matrix(store: Store) -> None:
    made = race(store)
    assert (len(made.cells), made.by_status, made.state) == (12, {RunStatus.QUEUED: 60}, "running")
    noise = np.random.default_rng(0).normal(0, 0.01, size=(4, 3, 5))
    values = 0.6 + 0.1 * np.arange(4)[:, None, None] + noise

    def accuracy(policy: str, task: int, _: float, seed: int) -> float:
        return float(values[POLICIES.index(policy), task, seed])

    done = finish(store, made, accuracy)
    assert done.state == "complete"
    for cell in done.cells:
        found = values[POLICIES.index(cell.policy), cell.task]
        low, high = stats.t.interval(0.95, 4, loc=found.mean(), scale=stats.sem(found))
        assert (cell.samples, cell.complete, len(cell.run_ids)) == (5, True, 5)
        np.testing.assert_allclose(
            np.array([cell.mean, cell.deviation, cell.low, cell.high], dtype=float),
            [found.mean(), found.std(ddof=1), low, high],
        )
    assert [one.policy for one in done.ranking] == POLICIES[::-1]
    assert [one.distinguishable for one in done.ranking] == [False, True, True, True]
    for place, rank in enumerate(done.ranking):
        seeds = values[3 - place].mean(axis=0)
        low, high = stats.t.interval(0.95, 4, loc=seeds.mean(), scale=stats.sem(seeds))
        np.testing.assert_allclose(
            np.array([rank.mean, rank.mean_low, rank.mean_high], dtype=float), [seeds.mean(), low, high]
        )
    paired = (values[3] - values[0]).ravel()
    low, high = stats.t.interval(0.95, 14, loc=paired.mean(), scale=stats.sem(paired))
    last = done.ranking[-1]
    np.testing.assert_allclose(np.array([last.behind, last.low, last.high], dtype=float), [paired.mean(), low, high])


def test_policies_that_chance_can_place_either_way_are_not_told_apart(store: Store) -> None:
    made = race(store, policies=["bred", "random"])
    done = finish(store, made, lambda policy, task, _, seed: 0.8 + 0.01 * ((seed + (policy == "bred") + task) % 2))
    assert len(done.ranking) == 2
    assert not any(one.distinguishable for one in done.ranking)


def test_each_policy_is_judged_at_its_best_step_size(store: Store) -> None:
    made = race(store, policies=["bred", "random"], step_sizes=[0.002, 0.01])
    best = {"bred": 0.002, "random": 0.01}
    done = finish(store, made, lambda policy, task, size, seed: (0.9 if best[policy] == size else 0.5) + 0.001 * seed)
    assert {(cell.policy, cell.step_size) for cell in done.cells} == set(best.items())


def test_a_cell_without_a_result_is_empty_and_nothing_is_ranked(store: Store) -> None:
    made = race(store, policies=["bred", "random"])
    done = finish(store, made, lambda policy, *_: 0.7 if policy == "bred" else None)
    empty = [cell for cell in done.cells if cell.policy == "random"]
    assert [(cell.mean, cell.low, cell.samples) for cell in empty] == [(None, None, 0)] * 3
    assert (done.ranking, done.state) == ([], "running")
    # Equal values say nothing of chance: no interval of no width.
    assert [cell.low for cell in done.cells if cell.policy == "bred"] == [None] * 3


def test_a_stopped_race_says_so_and_keeps_its_results(store: Store) -> None:
    made = race(store, policies=["bred"])
    finish(store, made, lambda _, task, __, seed: 0.7 if task == 0 else None)
    with store.write() as session:
        sweeps.act(session, made.id, Action.STOP)
    with store.read() as session:
        found = races.get(session, made.id)
        assert [one.id for one in races.listing(session)] == [made.id]
    assert (found.state, found.cells[0].samples) == ("stopped", 5)


def test_a_race_tells_transfer_from_the_tasks_that_a_policy_was_bred_on(store: Store) -> None:
    # `bred` ships with circles and moons in its lineage; nothing was ever bred on xor.
    done = finish(store, race(store, policies=["bred", "random"]), lambda _, task, __, seed: 0.7 + 0.1 * task)
    assert [cell.bred_here for cell in done.cells] == [True, True, False, False, False, False]
    (told,) = done.transfer
    assert {"circles", "moons"} <= set(told.trained_on)
    np.testing.assert_allclose(np.array([told.own, told.others], dtype=float), [0.75, 0.9])


def test_the_place_in_a_race_is_kept_when_its_runs_are_removed(store: Store) -> None:
    made = race(store, policies=["bred", "random"])

    def accuracy(policy: str, task: int, _: float, seed: int) -> float:
        return 0.6 + 0.2 * (policy == "bred") + 0.01 * seed

    with store.read() as session:
        (before,) = race_places.of_policy(session, "bred")
    assert (before.state, before.place, before.is_there) == ("running", None, True)
    finish(store, made, accuracy)
    with store.read() as session:
        (live,) = race_places.of_policy(session, "bred")
    with store.write() as session:
        assert race_places.keep_ended(session) == 1
        assert race_places.keep_ended(session) == 0
        sweeps.delete(session, made.id, purge=True)
    with store.read() as session:
        (kept,) = race_places.of_policy(session, "bred")
        (other,) = race_places.of_policy(session, "random")
    assert kept == live.model_copy(update={"is_there": False})
    assert (kept.state, kept.place, kept.policies, other.place) == ("complete", 1, 2, 2)
    seeds = 0.8 + 0.01 * np.arange(5)
    low, high = stats.t.interval(0.95, 4, loc=seeds.mean(), scale=stats.sem(seeds))
    np.testing.assert_allclose(np.array([kept.mean, kept.low, kept.high], dtype=float), [seeds.mean(), low, high])
    np.testing.assert_allclose(np.array([other.behind], dtype=float), 0.2)


def test_a_race_that_was_removed_before_it_ended_is_forgotten(store: Store) -> None:
    made = race(store, policies=["bred"])
    with store.write() as session:
        sweeps.delete(session, made.id, purge=True)
        assert race_places.keep_ended(session) == 0
    with store.read() as session:
        assert race_places.of_policy(session, "bred") == []


def test_a_sweep_is_no_race(store: Store) -> None:
    with store.write() as session:
        sweep = sweeps.create(session, SweepCreate(grid={"seed": [0, 1]}), 10)
    with store.read() as session:
        assert races.listing(session) == []
        with pytest.raises(NotFoundError):
            races.get(session, sweep.id)


def test_a_race_with_an_unknown_policy_queues_nothing(store: Store) -> None:
    with pytest.raises(InvalidError, match="there is no policy 'mine'"):
        race(store, policies=["bred", "mine"])
    with store.read() as session:
        assert runs.listing(session).total == 0


@pytest.mark.parametrize(
    "changes", [{"policies": ["bred", "bred"]}, {"tasks": [{"config": {"policy": "bred"}}]}, {"seeds": []}]
)
def test_what_makes_no_race_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        RaceCreate.model_validate(BODY | changes)
