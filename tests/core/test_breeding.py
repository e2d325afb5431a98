"""Breeding keeps the symmetry of down and up, and ends with a policy that says how it was made."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synrl_core.breeding import BreedingConfig, RaceTask, breed, cross, mirror, mutate, race, symmetrised
from synrl_core.policies import files
from synrl_core.policy import UP, random_policy, win_stay_lose_shift


@given(history=st.integers(1, 3), seed=st.integers(0, 2**32 - 1), changes=st.integers(0, 30))
def test_children_of_symmetric_parents_are_symmetric(history: int, seed: int, changes: int) -> None:
    rng = np.random.default_rng(seed)
    tables = rng.standard_normal((2, *(3,) * (2 * history + 1)))
    mother, father = (np.argmax(symmetrised(table), axis=0) for table in tables)
    child = mutate(cross(mother, father, rng), rng, changes)
    for state in np.ndindex(child.shape):
        if mirror(state) != state:
            assert child[mirror(state)] == UP - child[state]


def test_the_better_policy_wins_the_race() -> None:
    task = RaceTask(dataset="digits", samples=300)
    wins, guesses = race([win_stay_lose_shift(), random_policy()], task, iterations=400, seeds=2, seed=0)
    assert wins < guesses


def test_the_same_configuration_breeds_the_same_policy_with_its_lineage() -> None:
    config = BreedingConfig(
        schools=("teacher",), parents=2, parent_iterations=200, tasks=(RaceTask(dataset="moons"),), generations=2,
        population=4, elite=2, race_iterations=50, race_seeds=1, final_iterations=50, final_seeds=1,
    )  # fmt: skip
    lines: list[str] = []
    policy = breed(config, commit="abc", progress=lines.append)
    assert files.to_json(policy) == files.to_json(breed(config, commit="abc"))
    assert policy.lineage["commit"] == "abc"
    assert policy.lineage["config"]["seed"] == 0
    assert len(lines) == 4
