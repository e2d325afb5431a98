"""Breeding keeps the symmetry of down and up, and ends with a policy that says how it was made."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synrl_core.breeding.bowl import BowlConfig
from synrl_core.breeding.breeding import BreedingConfig, breed, breed_all, forward_passes, least_forward_passes
from synrl_core.breeding.operators import cross, lifted, mirror, mutate
from synrl_core.breeding.racing import RaceTask, race
from synrl_core.breeding.steps import Arrays, Steps
from synrl_core.policies import files
from synrl_core.policies.describe import symmetrised
from synrl_core.policies.policy import UP, Policy, random_policy, win_stay_lose_shift


@settings(deadline=None)
@given(history=st.integers(1, 3), seed=st.integers(0, 2**32 - 1), changes=st.integers(0, 30))
def test_children_of_symmetric_parents_are_symmetric(history: int, seed: int, changes: int) -> None:
    rng = np.random.default_rng(seed)
    tables = rng.standard_normal((2, *(3,) * (2 * history + 1)))
    mother, father = (np.argmax(symmetrised(table), axis=0) for table in tables)
    child = mutate(cross(mother, father, rng), rng, changes)
    for state in np.ndindex(child.shape):
        if mirror(state) != state:
            assert child[mirror(state)] == UP - child[state]


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shorter=st.integers(1, 3), longer=st.integers(1, 3))
def test_a_lifted_table_acts_as_before_whatever_is_older(seed: int, shorter: int, longer: int) -> None:
    longer = max(shorter, longer)
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 3, (3,) * (2 * shorter))
    tall = lifted(table, longer)
    assert tall.shape == (3,) * (2 * longer)
    actions, rewards = rng.integers(0, 3, (2, longer)).tolist()
    assert tall[(*actions, *rewards)] == table[(*actions[longer - shorter :], *rewards[longer - shorter :])]


def test_of_several_step_sizes_the_best_counts_for_each_policy() -> None:
    policies = [win_stay_lose_shift(), random_policy()]
    small, large, best = (
        race(policies, RaceTask(dataset="moons", step_sizes=sizes), iterations=100, seeds=1, seed=0)
        for sizes in ((1e-3,), (3e-2,), (1e-3, 3e-2))
    )
    assert not np.array_equal(small, large)
    np.testing.assert_array_equal(best, np.minimum(small, large))


def test_breeding_may_begin_with_a_shorter_history() -> None:
    config = BreedingConfig(
        schools=("teacher",), parents=1, parent_iterations=200, tasks=(RaceTask(dataset="moons"),), generations=1,
        first_history=1, first_generations=2, hand_written_parent=True, final_tasks=(RaceTask(dataset="xor"),),
        population=4, elite=2, race_iterations=50, race_seeds=1, final_iterations=50, final_seeds=1,
        bowl=BowlConfig(generations=0),
    )  # fmt: skip
    lines: list[str] = []
    policy = breed(config, progress=lines.append)
    assert policy.history == 2
    assert [line[:9] for line in lines[1:4]] == ["history 1", "history 1", "history 2"]
    pedigree = policy.lineage["pedigree"]
    assert policy.lineage["origin"] in policy.lineage["finalists"]
    assert len(policy.lineage["finalists"]) == config.elite
    founders = {name for name, parents in pedigree.items() if not parents}
    assert founders <= {"win-stay lose-shift", "learned on teacher, replicate 0"}
    assert {parent for parents in pedigree.values() for parent in parents} <= pedigree.keys()


def test_a_first_history_longer_than_the_history_is_refused() -> None:
    with pytest.raises(ValueError, match="first_history 3 is longer than history 2"):
        BreedingConfig(first_history=3, history=2)


def test_the_better_policy_wins_the_race() -> None:
    task = RaceTask(dataset="digits", samples=300)
    wins, guesses = race([win_stay_lose_shift(), random_policy()], task, iterations=400, seeds=2, seed=0)
    assert wins < guesses


def test_the_same_configuration_breeds_the_same_policy_with_its_lineage() -> None:
    config = BreedingConfig(
        schools=("teacher",), parents=2, parent_iterations=200, tasks=(RaceTask(dataset="moons"),), generations=2,
        population=4, elite=2, race_iterations=50, race_seeds=1, final_iterations=50, final_seeds=1,
        bowl=BowlConfig(generations=0),
    )  # fmt: skip
    lines: list[str] = []
    policy = breed(config, commit="abc", progress=lines.append)
    assert files.to_json(policy) == files.to_json(breed(config, commit="abc"))
    assert policy.lineage["commit"] == "abc"
    assert policy.lineage["config"]["seed"] == 0
    assert len(lines) == 6  # a school, two generations, two finalists, the winner


TINY = BreedingConfig(
    schools=("teacher",), parents=2, parent_iterations=60, tasks=(RaceTask(dataset="moons"), RaceTask(dataset="xor")),
    generations=3, population=4, elite=2, race_iterations=20, race_seeds=1, final_iterations=20, final_seeds=1,
    bowl=BowlConfig(generations=3, population=4, synapses=16, iterations=20, settling=5),
)  # fmt: skip


class InterruptedBreedingError(Exception):
    """A breeding that is killed."""


def recorded(config: BreedingConfig, given: list[Arrays], most: int | None = None) -> tuple[list[Policy], list[Arrays]]:
    """Breed on the results of earlier steps, killed when so many steps are recorded; return those recorded in all."""
    kept = list(given)

    def record(_: str, result: Arrays) -> None:
        if most is not None and len(kept) >= most:
            raise InterruptedBreedingError
        kept.append(result)

    steps = Steps(given, record, budget=config.budget)
    try:
        return breed_all(config, None, steps), kept
    except InterruptedBreedingError:
        return [], kept


def test_a_breeding_that_is_killed_after_any_step_ends_with_the_same_bytes() -> None:
    whole, results = recorded(TINY, [])
    expected = [files.to_json(policy) for policy in whole]
    assert len(results) == 1 + 3 * 2 + 4 + 2
    for most in range(len(results)):
        nothing, kept = recorded(TINY, [], most)
        assert (nothing, len(kept)) == ([], most)
        again, _ = recorded(TINY, kept)
        assert [files.to_json(policy) for policy in again] == expected


def test_breeding_stays_within_its_budget_and_tells_all_finalists() -> None:
    least, all_of_it = least_forward_passes(TINY), forward_passes(TINY)
    for budget in (least, (least + all_of_it) // 2, all_of_it):
        steps = Steps(budget=budget)
        finalists = breed_all(TINY.model_copy(update={"budget": budget}), None, steps)
        assert steps.forward_passes <= budget
        assert len(finalists) >= 2
        scores = [policy.lineage["score"] for policy in finalists]
        assert scores == sorted(scores)
    with pytest.raises(ValueError, match="is too small"):
        BreedingConfig.model_validate(TINY.model_dump() | {"budget": least - 1})
