"""Stochastic tables are evolved where only the direction of the gradient counts."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synrl_core.breeding.bowl import BowlConfig, Genome, evolve, progress_rates
from synrl_core.breeding.breeding import BreedingConfig, breed
from synrl_core.breeding.operators import mirror
from synrl_core.breeding.racing import RaceTask
from synrl_core.policies import files
from synrl_core.policies.policy import UP, Policy, win_stay_lose_shift

SMALL = BowlConfig(generations=3, population=8, synapses=32, iterations=60, settling=10)


@settings(deadline=None)
@given(history=st.integers(1, 3), seed=st.integers(0, 2**32 - 1))
def test_every_vector_is_a_table_symmetric_in_down_and_up(history: int, seed: int) -> None:
    genome = Genome(history)
    vector = np.random.default_rng(seed).uniform(-3, 3, genome.size)
    shares = Policy("it", genome.table(vector), temperature=1.0).probabilities()
    by_state = np.moveaxis(shares, 0, -1)
    for state in np.ndindex(by_state.shape[:-1]):
        np.testing.assert_allclose(by_state[state], by_state[mirror(state)][::-1])


@pytest.mark.parametrize("history", [1, 2, 3])
def test_an_evolution_begins_near_the_table_it_is_given(history: int) -> None:
    greedy = win_stay_lose_shift(history).greedy()
    genome = Genome(history)
    policy = Policy("it", genome.table(genome.start(greedy)), temperature=1.0)
    shares = np.moveaxis(policy.probabilities(), 0, -1)
    for state in product(*[range(3)] * history, *[(0, UP)] * history):  # rewards are known: lost or won
        assert shares[state].argmax() == greedy[state]
        assert shares[state].max() == pytest.approx(0.6, abs=0.01)


def test_walking_straight_down_makes_progress_and_standing_still_none() -> None:
    genome = Genome(2)
    still = np.zeros(genome.size).reshape(4, -1)
    still[:, 0], still[:, 1:] = 6, -6
    explores = np.zeros((4, still.shape[1]))  # repeats nothing, undoes what lost: a (1+1) evolution strategy
    for rewards, genes in enumerate(explores):
        if rewards % 2 == 0:
            genes[:] = genome.start(win_stay_lose_shift(2).greedy()).reshape(4, -1)[rewards] * 5
    vectors = np.stack([still.ravel(), explores.ravel()])
    rates = progress_rates(
        genome.preferences(vectors), np.array([1.0, 1.0]), np.random.default_rng(0), BowlConfig(iterations=1500)
    )
    assert rates[0] == pytest.approx(0, abs=0.02)
    assert rates[1] > 0.05


def test_evolution_improves_on_where_it_began_and_repeats() -> None:
    greedy = win_stay_lose_shift(1).greedy()
    config = BowlConfig(generations=40, population=16, synapses=64, iterations=200, settling=20)
    table, rate = evolve(greedy, config, seed=3)
    again, same = evolve(greedy, config, seed=3)
    _, first = evolve(greedy, config.model_copy(update={"generations": 0}), seed=3)
    np.testing.assert_array_equal(table, again)
    assert rate == same
    assert rate > first + 0.03


def test_a_breeding_may_end_with_a_stochastic_policy() -> None:
    config = BreedingConfig(
        schools=("teacher",), parents=1, parent_iterations=200, tasks=(RaceTask(dataset="digits", samples=300),),
        generations=1, population=3, elite=1, race_iterations=30, race_seeds=1, final_iterations=300, final_seeds=1,
        bowl=BowlConfig(generations=60, population=16, synapses=64, iterations=200, settling=20),
        final_tasks=(RaceTask(dataset="digits", samples=300, step_sizes=(1e-2, 2e-2)),),
    )  # fmt: skip
    lines: list[str] = []
    policy = breed(config, progress=lines.append)
    assert policy.temperature == 1.0
    assert policy.lineage["origin"] == "history 2, evolved on the bowl, start 1"
    assert policy.lineage["score"] == min(policy.lineage["finalists"].values())
    assert any("progress rate" in line for line in lines)
    assert files.from_json(files.to_json(policy)).temperature == 1.0
