"""Counts that are added up and folded later are those that are counted at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.learning import checkpoint
from synrl_core.learning.counting import CellCounts
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.history import packed_codes
from synrl_core.policies.policy import CODES


@given(
    groups=st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)),
    history=st.integers(1, 3),
    iterations=st.integers(0, 6),
    folds=st.sets(st.integers(0, 5)),
    seed=st.integers(0, 1000),
)
def test_folding_late_counts_the_same_as_counting_at_once(
    groups: tuple[int, int, int], history: int, iterations: int, folds: set[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    synapses = 40
    of_synapses = rng.integers(0, np.prod(groups), synapses)
    late, at_once = CellCounts(groups, history, of_synapses), CellCounts(groups, history, of_synapses)
    assert late.adds_up
    layers, replicates, _ = groups
    late_actions, at_once_actions = (np.zeros((layers, replicates, CODES), np.int64) for _ in range(2))
    for iteration in range(iterations):
        cells = rng.choice(packed_codes(history + 1), synapses).astype(np.uint8)
        rewards = rng.integers(0, CODES**history, replicates)
        late.count(cells, rewards)
        assert at_once.count_now(cells, rewards, at_once_actions).sum() == synapses
        if iteration in folds:
            late.fold(late_actions)
    late.fold(late_actions)
    late.fold(late_actions)
    np.testing.assert_array_equal(late.visits, at_once.visits)
    np.testing.assert_array_equal(late_actions, at_once_actions)
    assert late_actions.sum() == late.visits.sum() == iterations * synapses


@pytest.mark.parametrize("replicates", [1, 3])
def test_reading_counts_at_any_moment_changes_nothing(replicates: int) -> None:
    config = TrainingConfig(dataset="moons", iterations=40, evaluate_every=40, replicates=replicates)
    moons = datasets.load("moons")
    watched, alone = make_trainer(config, moons), make_trainer(config, moons)
    for _ in range(30):
        watched.step()
        alone.step()
        visits = watched.policy_visits()
        assert visits is not None
        assert visits.sum() == watched.iteration * watched.network.synapses
    assert watched.state_bytes() == alone.state_bytes()


def test_very_many_groups_are_counted_at_once() -> None:
    """Adding up would need more memory than the counts themselves."""
    counts = CellCounts((3, 500, 1), 3, np.zeros(1, np.intp))
    assert not counts.adds_up
    config = TrainingConfig(dataset="moons", hidden_layers=(2,), history=3, policy="random", replicates=200)
    trainer = make_trainer(config, datasets.load("moons"))
    for _ in range(3):
        trainer.step()
    visits = trainer.policy_visits()
    assert visits is not None
    assert visits.sum() == 3 * trainer.network.synapses
    _, arrays = checkpoint.unpack(trainer.state_bytes())
    assert arrays["action_counts"].sum() == 3 * trainer.network.synapses
