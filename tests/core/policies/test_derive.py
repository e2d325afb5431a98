"""Policies that are derived from others act as they are said to."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synrl_core import policies
from synrl_core.policies import derive
from synrl_core.policies.describe import is_mirror_symmetric, symmetrised
from synrl_core.policies.policy import Policy, mixed_probabilities
from tests.core.policies.test_describe import tables

SEEDS = st.integers(0, 2**32 - 1)


def acts(policy: Policy) -> np.ndarray:
    """How likely each action is, (3, states)."""
    return mixed_probabilities(policy.q, policy.temperature, policy.exploration).reshape(3, -1)


@pytest.mark.parametrize("history", [1, 2, 3])
def test_counted_decisions_become_the_odds_of_the_actions(history: int) -> None:
    counts = np.zeros((3, 3**history, 3**history))
    counts[:, 0, 0] = 6, 3, 0
    policy = derive.from_counts("class", counts)
    assert (policy.history, policy.temperature) == (history, 1.0)
    np.testing.assert_allclose(acts(policy)[:, 0], np.array([6.5, 3.5, 0.5]) / 10.5)
    np.testing.assert_allclose(acts(policy)[:, 1:], 1 / 3)


def test_the_most_frequent_decision_wins_and_without_any_nothing_moves() -> None:
    counts = np.zeros((3, 3, 3))
    counts[:, 0, 0], counts[:, 1, 0], counts[:, 2, 0] = (1, 0, 4), (2, 2, 0), (3, 0, 3)
    greedy = derive.from_counts("class", counts, draws=False).greedy()
    assert greedy[:, 0].tolist() == [2, 1, 0]
    assert (greedy[:, 1:] == 1).all()


@pytest.mark.parametrize(
    ("counts", "complaint"),
    [
        (np.ones((3, 4)), "shape"),
        (np.ones((9, 9, 3)), "shape"),
        (-np.ones((3, 3, 3)), "0 or above"),
        (np.full((3, 3, 3), np.nan), "NaN"),
        (np.zeros((3, 3, 3)), "nothing was counted"),
    ],
)
def test_counts_that_make_no_table_are_refused(counts: np.ndarray, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        derive.from_counts("class", counts)


@given(tables, SEEDS, st.sampled_from([0.0, 0.5]))
def test_a_child_acts_in_each_state_as_one_of_its_parents(q: np.ndarray, seed: int, temperature: float) -> None:
    one = policies.get("win_stay_lose_shift", (q.ndim - 1) // 2)
    other = Policy("other", q, temperature=temperature)
    child = derive.crossed(one, other, seed)
    assert child.temperature == (1.0 if temperature else 0.0)
    # A greedy parent of a child that draws counts with the exploration that runs give it.
    mine = mixed_probabilities(one.q, 0.0, 0.1 if temperature else 0.0).reshape(3, -1)
    of_one = np.isclose(acts(child), mine, atol=2e-3).all(axis=0)
    of_other = np.isclose(acts(child), acts(other), atol=2e-3).all(axis=0)
    assert (of_one | of_other).all()
    assert derive.crossed(one, other, seed).q.tobytes() == child.q.tobytes()


def test_a_child_of_two_histories_ignores_what_the_shorter_one_can_not_see() -> None:
    short, long = policies.get("win_stay_lose_shift", 1), policies.get("win_stay_lose_shift", 3)
    np.testing.assert_array_equal(derive.crossed(short, long, 0).greedy(), long.greedy())


@given(tables, tables, SEEDS)
def test_symmetric_parents_have_symmetric_children_and_mutants(one: np.ndarray, other: np.ndarray, seed: int) -> None:
    mother, father = (Policy("p", symmetrised(q), temperature=0.7) for q in (one, other))
    assert is_mirror_symmetric(derive.crossed(mother, father, seed))
    assert is_mirror_symmetric(derive.mutated(mother, 1, seed))


@given(tables, SEEDS)
def test_a_mutant_favours_another_action_in_as_many_states_as_asked(q: np.ndarray, seed: int) -> None:
    policy = Policy("p", np.round(q))
    mutant = derive.mutated(policy, 2, seed)
    changed = (mutant.greedy() != policy.greedy()).sum()
    assert changed == (4 if is_mirror_symmetric(policy) else 2)


def test_more_changes_than_a_table_has_states_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 2 states"):
        derive.mutated(policies.get("win_stay_lose_shift", 1), 3, 0)


@given(tables)
def test_a_frozen_policy_takes_the_best_action_of_the_symmetric_table(q: np.ndarray) -> None:
    policy = Policy("p", q, temperature=0.4, exploration=0.2)
    np.testing.assert_array_equal(derive.frozen(policy, symmetric=False).greedy(), policy.greedy())
    np.testing.assert_array_equal(derive.frozen(policy).greedy(), symmetrised(q).argmax(axis=0))
    assert derive.frozen(policy).exploration == derive.frozen(policy).temperature == 0


def test_a_lineage_is_told_for_a_few_generations_and_without_what_is_long() -> None:
    lineage: dict[str, object] = {"made": "by hand", "visits": [1] * 2187}
    for generation in range(10):
        parent = {"name": str(generation), "lineage": derive.ancestry(lineage)}
        lineage = {"made": "crossed", "parents": [parent, parent]}
    told = json.dumps(derive.ancestry(lineage))
    assert "visits" not in told
    assert len(told) < 4000
    assert '"name": "9"' in told
